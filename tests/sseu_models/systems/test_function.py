"""Plain functions as systems."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sseu_models.records import TEXT_MODES, Capabilities, Prompt, Question, Reply, System, SystemDownError
from sseu_models.systems.function import function_system

AUDIO = np.full(16, 0.5, np.float32)


def ask(function: Callable[..., Any], *, system_message: str | None = None, **given: Any) -> Reply:
    prompt = Prompt("test/1", "asr", "independent", system_message, "What is said?", "user file")
    question = Question("clip_0", AUDIO, "asr", "independent", prompt, seed=1)
    return asyncio.run(function_system(function, **given).answer([question]))[0]


def echo(samples: Any, rate_hz: int, prompt: str) -> str:
    return f"{samples.shape} {samples.dtype} {rate_hz} {prompt}"


def test_the_function_gets_samples_rate_and_prompt() -> None:
    assert ask(echo) == Reply(text="(16,) float32 16000 What is said?")
    assert ask(echo, rate_hz=44_100).text == "(16,) float32 44100 What is said?"
    assert ask(echo, system_message="You listen.").text == "(16,) float32 16000 You listen.\n\nWhat is said?"
    assert ask(lambda *_: "") == Reply(text="")


def test_a_function_may_work_in_place() -> None:
    def silence(samples: Any, rate_hz: int, prompt: str) -> str:
        samples[:] = 0
        return "done"

    assert ask(silence).text == "done"
    assert (AUDIO == 0.5).all()


def test_it_is_a_system_with_every_text_mode() -> None:
    system = function_system(echo)
    assert isinstance(system, System)
    assert system.id == f"function:{__name__}.echo"
    assert system.capabilities == Capabilities(16_000, modes=TEXT_MODES)


def test_an_exception_is_the_error_of_one_question_with_its_traceback() -> None:
    def divide(samples: Any, rate_hz: int, prompt: str) -> str:
        return str(1 / 0)

    error = ask(divide).error
    assert error is not None
    first, _, rest = error.partition("\n")
    assert first == f"function:{__name__}.divide raised ZeroDivisionError: division by zero"
    assert rest.startswith("Traceback")
    assert "return str(1 / 0)" in rest
    assert "sseu_models/systems/function.py" not in rest


def test_leaving_is_an_error_and_a_system_that_is_down_is_said() -> None:
    def leave(*_: Any) -> str:
        raise SystemExit(3)

    def down(*_: Any) -> str:
        raise SystemDownError("fetch the weights")

    assert "raised SystemExit: 3" in (ask(leave).error or "")
    with pytest.raises(SystemDownError, match="fetch the weights"):
        ask(down)


@pytest.mark.parametrize(("value", "name"), [(None, "NoneType"), (b"Home", "bytes")])
def test_what_is_no_string_is_named(value: object, name: str) -> None:
    error = ask(lambda *_: value).error
    assert error == f"function:{__name__}.lambda returned {name}; it must return the answer as str"


async def _asynchronous(samples: Any, rate_hz: int, prompt: str) -> str:
    return ""


class _AsynchronousCall:
    async def __call__(self, samples: Any, rate_hz: int, prompt: str) -> str:
        return ""


@pytest.mark.parametrize(
    ("function", "given", "message"),
    [
        ("hf:model", {}, "a function .* is needed, not str"),
        (lambda samples: "", {}, r"must take \(samples, rate_hz, prompt\)"),
        (lambda samples, rate_hz, prompt, more: "", {}, "missing a required argument: 'more'"),
        (_asynchronous, {}, "_asynchronous is asynchronous"),
        (_AsynchronousCall(), {}, "_AsynchronousCall is asynchronous"),
        (echo, {"rate_hz": 16}, "rate_hz is 16; a whole number of at least 1,000"),
        (echo, {"rate_hz": 16_000.0}, "rate_hz is 16000.0"),
        (echo, {"in_flight": 0}, "in_flight is 0"),
    ],
)
def test_what_cannot_be_a_system(function: Any, given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        function_system(function, **given)


class _Model:
    def __call__(self, samples: Any, rate_hz: int, prompt: str) -> str:
        return "from an object"

    def transcribe(self, samples: Any, rate_hz: int, prompt: str) -> str:
        return "from a method"


def test_objects_methods_and_partials_are_functions_too() -> None:
    def prefixed(prefix: str, samples: Any, rate_hz: int, prompt: str) -> str:
        return prefix + prompt

    assert ask(_Model()).text == "from an object"
    assert ask(_Model().transcribe).text == "from a method"
    assert ask(functools.partial(prefixed, "> ")).text == "> What is said?"
    names = [function_system(made).id for made in (_Model(), _Model().transcribe, functools.partial(prefixed, ">"))]
    assert [name.rpartition(".")[2] for name in names] == ["_Model", "transcribe", "prefixed"]


def _defined(source: str) -> Callable[..., str]:
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(source, names)
    function: Callable[..., str] = names["answer"]
    return function


def test_the_source_is_part_of_the_identity_without_a_file_too() -> None:
    first, same, other, inner = (
        function_system(_defined(f"def answer(samples, rate_hz, prompt):\n    return {value}"))
        for value in ("'a'", "'a'", "'b'", "(lambda: 'b')()")
    )
    assert first.id == other.id == "function:answer"
    assert first.settings == same.settings
    assert len({str(system.settings["source_sha256"]) for system in (first, other, inner)}) == 3
    keyed = [function_system(functools.partial(lambda *_, word: word, word=word)) for word in ("a", "b")]
    assert keyed[0].settings != keyed[1].settings
