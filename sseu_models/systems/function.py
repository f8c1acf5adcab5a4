"""A plain Python function as a system: `sseu_models.run(my_function, "sseu-bench")`.

The function is called once per question, in a thread, with the samples, their rate and the prompt, and returns the
answer's text. Whatever it raises becomes the error of that question, with its traceback; the next one is asked.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from sseu_models.records import TEXT_MODES, Capabilities, Json, Question, Reply, SystemDownError
from sseu_models.systems.code_identity import code_identity
from sseu_models.user_modules import reply_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    AnswerFunction: TypeAlias = Callable[[NDArray[np.float32], int, str], str]

RATE_HZ = 16_000
"""The rate at which a function gets its audio unless it asks for another; what most models want."""


class FunctionSystem:
    """A function `(samples, rate_hz, prompt) -> str` as a `System`; made by `function_system`."""

    def __init__(self, function: AnswerFunction, capabilities: Capabilities) -> None:
        """Use `function_system`, which checks the function."""
        self.id = f"function:{_name(function)}"
        self.settings: Mapping[str, Json] = code_identity(function)
        self.capabilities = capabilities
        self._function = function

    async def start(self) -> None:
        """Nothing to load: the function has what it needs."""

    async def answer(self, questions: Sequence[Question]) -> list[Reply]:
        """Call the function once per question, in a thread.

        Raises:
            SystemDownError: The function raised it, to say that no other question can be answered either.
        """
        return [await asyncio.to_thread(self._answer, question) for question in questions]

    async def close(self) -> None:
        """Nothing to release."""

    def _answer(self, question: Question) -> Reply:
        assert question.audio is not None  # `capabilities` asks for it
        prompt = "\n\n".join(part for part in (question.prompt.system, question.prompt.user) if part is not None)
        try:
            # A copy: the samples serve the other tasks of the clip too, and a function may work in place.
            text: object = self._function(question.audio.copy(), self.capabilities.rate_hz or RATE_HZ, prompt)
        except SystemDownError:
            raise
        except (Exception, SystemExit) as error:
            return reply_of(self.id, error)
        if not isinstance(text, str):
            return Reply(error=f"{self.id} returned {type(text).__name__}; it must return the answer as str")
        return Reply(text=text)


def function_system(
    function: AnswerFunction, *, rate_hz: int = RATE_HZ, deterministic: bool = False, in_flight: int = 1
) -> FunctionSystem:
    """Make a system of a function.

    Args:
        function: Called with the samples (float32, shape (n,), full scale 1), their rate in Hz and the prompt (the
            system message, if there is one, an empty line, and the user's text); returns the answer's text, which may
            be empty.
        rate_hz: Rate to which audio is resampled before the call, at least 1,000.
        deterministic: Whether equal questions always get equal answers; one run is enough then.
        in_flight: Maximum number of calls at a time, in threads.

    Raises:
        ValueError: It is not callable with three arguments, is asynchronous, or a number is out of range.

    Example:
        >>> system = function_system(lambda samples, rate_hz, prompt: "Scene: Home")
        >>> system.id
        'function:lambda'
    """
    if not callable(function):
        raise ValueError(f"a function (samples, rate_hz, prompt) -> str is needed, not {type(function).__name__}")
    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__):
        raise ValueError(f"{_name(function)} is asynchronous; a plain function is needed (it is called in a thread)")
    try:
        inspect.signature(function).bind(None, rate_hz, "")
    except TypeError as error:
        raise ValueError(f"{_name(function)} must take (samples, rate_hz, prompt): {error}") from error
    except ValueError:
        pass  # some built-in and compiled callables state no signature
    for name, value, least in (("rate_hz", rate_hz, 1_000), ("in_flight", in_flight, 1)):
        if type(value) is not int or value < least:
            raise ValueError(f"{name} is {value!r}; a whole number of at least {least:,} is needed")
    capabilities = Capabilities(rate_hz, deterministic=deterministic, modes=TEXT_MODES, in_flight=in_flight)
    return FunctionSystem(function, capabilities)


def _name(function: Callable[..., Any]) -> str:
    """Module and name; `lambda` for one, and no module for what was written in a notebook or script."""
    if isinstance(function, functools.partial):
        function = function.func
    named = function if hasattr(function, "__qualname__") else type(function)
    name = named.__qualname__.rpartition("<locals>.")[2].strip("<>")
    module = getattr(named, "__module__", None)
    return name if module in (None, "__main__") else f"{module}.{name}"
