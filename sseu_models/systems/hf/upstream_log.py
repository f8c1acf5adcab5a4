"""What transformers only logs, although answers would be wrong, becomes an error.

Such as a tokenizer "with an incorrect regex pattern", or a model that without peft "will perform incorrectly". Missing
weights, which it logs too, are named by `loading.from_pretrained`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

from sseu_models.systems.hf.loading import WrongModelError

_WRONG = re.compile(r"\bincorrect", re.IGNORECASE)


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(" ".join(record.getMessage().split()))


@contextmanager
def heeded() -> Iterator[list[str]]:
    """Collect the warnings of transformers, whatever its verbosity, and refuse those after which answers are wrong.

    Yields:
        The warnings so far.

    Raises:
        WrongModelError: At the end, for the first such warning; it is quoted whole.
    """
    import transformers

    upstream, listener = logging.getLogger("transformers"), _Listener()
    level = upstream.level
    transformers.logging.warning_once.cache_clear()  # what was said once in this process is said again
    upstream.addHandler(listener)
    upstream.setLevel(min(level, logging.WARNING) if level else logging.WARNING)
    try:
        yield listener.said
    finally:
        upstream.removeHandler(listener)
        upstream.setLevel(level)
    for text in listener.said:
        if _WRONG.search(text):
            raise WrongModelError(f"transformers would go on, but warns: {text}")
