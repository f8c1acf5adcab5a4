"""The log survives what happens to files."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sseu_models.results.log import Answer, AnswerLog, first_success, parse_line, read_log

ANSWER = Answer("a", "0" * 64, "1" * 64, "joint", "all", 0, "s", "p", "t", "ok", text="hello")
FAILED = replace(ANSWER, status="failed", text=None, error="HTTP 500")


@given(
    st.text(st.characters(exclude_categories=())),
    st.none() | st.integers(0, 10**9),
    st.none() | st.floats(0, 1e6, allow_nan=False),
)
def test_any_text_comes_back(text: str, tokens: int | None, latency_s: float | None) -> None:
    answer = replace(ANSWER, text=text, output_tokens=tokens, latency_s=latency_s)
    line = answer.to_line()
    assert line.count(b"\n") == 1
    assert parse_line(line, "here") == answer


def test_a_megabyte_and_scores_come_back(tmp_path: Path) -> None:
    answers = [
        replace(ANSWER, text="word " * 200_000),
        replace(ANSWER, run=1, text=None, scores=(0.1, -2.0, 1e-300)),
        replace(FAILED, run=2),
    ]
    with AnswerLog(tmp_path / "answers.jsonl") as log:
        for answer in answers:
            log.append(answer)
    assert list(read_log(tmp_path / "answers.jsonl")) == answers


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_line_cut_anywhere_is_cut_off_and_the_rest_is_kept(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "answers.jsonl"
    lines = [replace(ANSWER, run=run, text="x" * run * 40_000).to_line() for run in range(4)]
    whole = b"".join(lines)
    cut = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:cut])
    complete = whole[:cut].count(b"\n")
    assert len(list(read_log(path))) == complete
    with AnswerLog(path) as log:
        log.append(FAILED)
    assert [answer.run for answer in read_log(path)] == [*range(complete), 0]
    path.unlink()


@pytest.mark.parametrize("sent_sha256", ["1" * 64, None])
def test_a_clip_that_was_not_heard_is_written_as_null(sent_sha256: str | None) -> None:
    answer = replace(ANSWER, pcm_sha256=None, sent_sha256=sent_sha256)
    values = json.loads(answer.to_line())
    assert (values["pcm_sha256"], values["sent_sha256"]) == (None, sent_sha256)
    assert parse_line(answer.to_line(), "here") == answer


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda values: values.pop("pcm_sha256"), r"unknown keys \[\], missing keys \['pcm_sha256'\]"),
        (lambda values: values.pop("sent_sha256"), r"unknown keys \[\], missing keys \['sent_sha256'\]"),
        (lambda values: values.update(sent_sha256=None), "pcm_sha256 without sent_sha256; what was not sent was not"),
        (lambda values: values.update(sent_sha256=5), "sent_sha256 is 5"),
    ],
)
def test_the_hashes_are_always_there_and_belong_together(change: Callable[[Any], Any], message: str) -> None:
    values = json.loads(ANSWER.to_line())
    change(values)
    with pytest.raises(ValueError, match=f"here: {message}"):
        parse_line(json.dumps(values).encode(), "here")


def test_an_answer_counts_once_and_before_failures() -> None:
    assert first_success([FAILED, ANSWER, ANSWER, FAILED])[ANSWER.key] == ANSWER
    assert first_success([FAILED])[ANSWER.key] == FAILED


def test_two_different_answers_to_one_question_are_refused() -> None:
    with pytest.raises(ValueError, match=r"two different answers to .*; delete the line that the system did not write"):
        first_success([FAILED, ANSWER, replace(ANSWER, text="second")])


def test_two_runs_cannot_write_to_one_log(tmp_path: Path) -> None:
    with AnswerLog(tmp_path / "answers.jsonl"), pytest.raises(ValueError, match="another run is writing to it"):
        AnswerLog(tmp_path / "answers.jsonl")
    AnswerLog(tmp_path / "answers.jsonl").__exit__(None, None, None)


def test_a_full_disk_is_said_and_its_line_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "answers.jsonl"
    with AnswerLog(path) as log:
        log.append(ANSWER)
        write, free_bytes = log._file.write, [10, 0]

        def half(line: bytes) -> int:
            if not (free := free_bytes.pop(0)):
                raise OSError(errno.ENOSPC, "No space left")
            return write(line[:free]) or 0

        full = {"write": staticmethod(half), "name": str(path), "close": log._file.close, "fileno": log._file.fileno}
        monkeypatch.setattr(log, "_file", type("Full", (), full)())
        with pytest.raises(OSError, match="No space left"):
            log.append(replace(ANSWER, run=1))
        with pytest.raises(OSError, match="an earlier line could not be written whole"):
            log.append(replace(ANSWER, run=2))
    assert len(list(read_log(path))) == 1
    with AnswerLog(path) as log:
        log.append(replace(ANSWER, run=1))
    assert len(list(read_log(path))) == 2


def line(**values: object) -> bytes:
    return json.dumps({**json.loads(ANSWER.to_line()), **values}).encode()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"<html>", "f line 3: not JSON"),
        (b"[" * 100_000, "f line 3: not JSON"),
        (b"[1]", "an object is needed"),
        (b"{}", "missing keys .*'id'"),
        (line(extra=1), "unknown keys .*'extra'"),
        (line(run="0"), "run is '0'"),
        (line(run=True), "run is True"),
        (line(text=3), "text is 3"),
        (line(status="fine"), "status 'fine' with 1"),
        (line(status="failed"), "status 'failed' with 1"),
        (line(scores=[1.0]), "status 'ok' with 2"),
        (line(scores=[float("nan")]), "no finite number"),
        (line(scores=["1"]), "no finite number"),
        (line(scores=[10**400]), "no finite number"),
    ],
)
def test_a_broken_line_is_refused_by_place(text: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_line(text, "f line 3")


def test_a_broken_line_in_the_middle_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_bytes(ANSWER.to_line() + b"{half\n" + ANSWER.to_line())
    with pytest.raises(ValueError, match=r"answers.jsonl line 2: not JSON"):
        list(read_log(path))
