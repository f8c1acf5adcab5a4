"""Answers read from the log one by one: the same as all at once, and a log that changes meanwhile."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sseu_models.job import Key
from sseu_models.results.log import Answer, first_success, first_successes, read_lines, read_log
from sseu_models.results.logged_answers import ABSENT, LoggedAnswers

KEYS = [Key(f"clip-{number}", "independent", "asr", 0) for number in range(4)]


def answer(key: Key, text: str | None) -> Answer:
    status, error = ("failed", "timeout") if text is None else ("ok", None)
    return Answer(
        key.id, None, None, key.mode, key.task, key.run, "some:system", "0" * 64, "1" * 64, status, text, error=error
    )


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A failure and its later success, a failure, nothing about the last clip, and half a line."""
    path = tmp_path / "answers.jsonl"
    said = [(0, None), (1, "größer"), (0, "again"), (2, None)]
    lines = b"".join(answer(KEYS[number], text).to_line() for number, text in said)
    path.write_bytes(lines + b'{"id":"clip-3"')
    return path


def logged(path: Path) -> LoggedAnswers:
    numbers = {key: number for number, key in enumerate(KEYS)}
    places = np.full(len(KEYS), ABSENT)
    for key, (place, _) in first_successes(read_lines(path)).items():
        places[numbers[key]] = place
    return LoggedAnswers(path, numbers, places)


def test_each_is_the_answer_that_counts(log: Path) -> None:
    found = logged(log)
    assert dict(found) == first_success(read_log(log))
    assert list(found) == KEYS[:3]
    assert len(found) == 3
    assert found[KEYS[0]].text == "again"


def test_what_has_no_answer_is_not_there(log: Path) -> None:
    found = logged(log)
    other = KEYS[0]._replace(run=7)
    assert KEYS[2] in found
    for key in (KEYS[3], other):
        assert key not in found
        assert found.get(key) is None


def test_a_log_that_changes_meanwhile_is_refused(log: Path) -> None:
    found = logged(log)
    lines = log.read_bytes().splitlines(keepends=True)
    message = "was changed while it was read; start again when nothing writes to it"
    log.write_bytes(b"".join(reversed(lines)))
    with pytest.raises(ValueError, match=message):
        found[KEYS[0]]
    log.write_bytes(lines[1] * 9)
    with pytest.raises(ValueError, match=message):
        LoggedAnswers(log, {KEYS[0]: 0}, np.zeros(1, dtype=np.int64))[KEYS[0]]
