"""The answers that count in a log, each read when it is asked for: those of a whole result take more than 100 MB."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sseu_models.job import Key
from sseu_models.results.log import Answer, parse_line

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ABSENT = -1
"""In place of a line: the question has no answer."""


class LoggedAnswers(Mapping[Key, Answer]):
    """The answers of a log that was read and checked before."""

    def __init__(self, log: Path, numbers: Mapping[Key, int], places: NDArray[np.int64]) -> None:
        """Name the lines.

        Args:
            log: The file.
            numbers: All questions of a plan, numbered from 0; one object for any number of results.
            places: For each question the number of bytes before its line (`log.read_lines`), or `ABSENT`.
        """
        self._log, self._numbers, self._places = log, numbers, places

    def __getitem__(self, key: Key) -> Answer:
        """The answer to a question.

        Raises:
            KeyError: It has none.
            ValueError: The log was changed since it was checked.
        """
        place = int(self._places[self._numbers[key]])
        if place == ABSENT:
            raise KeyError(key)
        with self._log.open("rb") as file:
            file.seek(place)
            line = file.readline()
        with suppress(ValueError):
            answer = parse_line(line, str(self._log))
            if answer.key == key:
                return answer
        raise ValueError(f"{self._log} was changed while it was read; start again when nothing writes to it")

    def __contains__(self, key: object) -> bool:
        """Whether a question has an answer."""
        number = self._numbers.get(key)  # type: ignore[call-overload]
        return number is not None and self._places[number] != ABSENT

    def __iter__(self) -> Iterator[Key]:
        """The questions with an answer, in the order of the plan."""
        return (key for key, number in self._numbers.items() if self._places[number] != ABSENT)

    def __len__(self) -> int:
        """How many have one."""
        return int((self._places != ABSENT).sum())
