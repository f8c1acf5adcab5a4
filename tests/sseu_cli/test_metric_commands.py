"""`sseu metric score`, `compare`, `match`, `install`: what they print and their exit codes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sseu_metric.answer_files import compare_files, score_file
from tests.sseu_cli.conftest import Sseu, assert_refused, sseu_process
from tests.sseu_metric.test_answer_files import answers


def test_a_file_is_scored_as_a_table_or_as_json(sseu: Sseu, tmp_path: Path) -> None:
    path = answers(tmp_path / "a.jsonl")
    table = sseu("metric", "score", path, "--embedder", "exact", "--no-intervals")
    assert (table.returncode, table.stdout.startswith("percent ")) == (0, True)
    assert not re.search(r"\d to -?\d", table.stdout)  # no interval
    found = sseu("metric", "score", path, "--embedder", "exact", "--json")
    assert json.loads(found.stdout) == score_file(path, embedder="exact")


def test_an_answer_is_read_from_the_terminal_or_a_file(sseu: Sseu, tmp_path: Path) -> None:
    shown = sseu("metric", "read", "--mode", "at", "Only speech is present.")
    assert (shown.returncode, shown.stdout.splitlines()[-1].split()[:4]) == (0, ["at", "(none)", "plain", "no"])
    path = tmp_path / "answer.txt"
    path.write_bytes(b"\xef\xbb\xbfScene: <Home>\nEvents: Dog")
    shown = sseu("metric", "read", "--file", path)
    assert "asc   Home  labelled  label at a line's start" in shown.stdout
    assert_refused(sseu("metric", "read"), "give the answer either as TEXT or with --file")


def test_an_answer_that_is_no_utf8_text_is_refused_with_the_place(sseu: Sseu, tmp_path: Path) -> None:
    path = tmp_path / "answer.txt"
    path.write_bytes(b"Scene: \xff")
    message = f"{path}: byte 8 of 8 (0xff) is not UTF-8 text; save the answer as UTF-8"
    assert_refused(sseu("metric", "read", "--file", path), message)


def test_an_answer_may_come_from_standard_input_or_begin_with_a_dash(sseu: Sseu) -> None:
    for words in (("-",), ("--file", "-")):
        shown = sseu_process("metric", "read", "--mode", "at", *words, input="- Dog")
        assert (shown.returncode, shown.stdout.splitlines()[-1].split()[:2]) == (0, ["at", "Dog"])
    assert sseu("metric", "read", "--mode", "at", "--", "- Dog").stdout.splitlines()[-1].split()[:2] == ["at", "Dog"]
    assert_refused(sseu("metric", "read", "- Dog"), "A text that begins with a dash needs -- before it.")
    closed = subprocess.run(
        ["/bin/sh", "-c", f"{sys.executable} -m sseu_cli metric read - <&-"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (closed.returncode, closed.stderr) == (
        2,
        "error: standard input is closed; give the answer as TEXT or name a file with --file\n",
    )


def test_two_files_are_compared_as_a_table_or_as_json(sseu: Sseu, tmp_path: Path) -> None:
    a = answers(tmp_path / "a.jsonl")
    table = sseu("metric", "compare", a, a, "--embedder", "exact", "--config", "asc")
    assert (table.returncode, f"A: {a}" in table.stdout) == (0, True)
    found = sseu("metric", "compare", a, a, "--embedder", "exact", "--config", "asc", "--json")
    expected = compare_files(a, a, embedder="exact", configuration="asc")
    shown = json.loads(found.stdout)
    assert shown["comparisons"][0]["p"] == expected.comparisons[0].p
    assert (shown["embedder"], shown["counts"]) == (expected.embedder, list(expected.counts))


def test_a_name_is_read_by_the_table_and_by_the_embedder(sseu: Sseu) -> None:
    known = sseu("metric", "match", "the sound of Dogs", "--embedder", "exact")
    assert known.returncode == 0
    assert known.stdout.splitlines()[:4] == [
        "scene  table     no label: names a sound, which is no place",
        "       embedder  Home 0.000; Restaurant 0.000; City Center 0.000",
        "event  table     Dog: the label itself",
        "       embedder  Alarm Bell Ringing 0.000; Blender 0.000; Cat 0.000",
    ]
    assert known.stdout.endswith("\nembedder: exact\ntable of names: version 1\n")
    unknown = sseu("metric", "match", "zorgon", "--embedder", "exact")
    assert unknown.stdout.count("unknown to the table\n") == 2
    blank = sseu("metric", "match", " ", "--embedder", "exact")
    assert (blank.returncode, blank.stdout) == (2, "")
    assert blank.stderr == "error: the name is blank; give the name of a scene or of a sound\n"


def test_wrong_input_is_one_message_and_exit_code_2(sseu: Sseu, tmp_path: Path) -> None:
    (tmp_path / "broken.jsonl").write_text('\n{"prediction": null}\n')
    for words, message in (
        (("score",), "give FILE, or both --predictions and --references"),
        (("score", tmp_path / "none.jsonl"), "none.jsonl: No such file or directory"),
        (("score", tmp_path / "broken.jsonl"), 'line 2: an object with "prediction" and "reference" is needed'),
        (("score", tmp_path / "broken.jsonl", "--config", "ast"), "; did you mean 'at'?"),
        (("compare", tmp_path / "broken.jsonl"), "Missing argument 'B.jsonl'"),
    ):
        assert_refused(sseu("metric", *words), message)


def test_the_module_is_installed_and_removed(sseu: Sseu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done is tested in test_install.py and, for real, in test_wheel.py."""
    there = iter([True, False])
    monkeypatch.setattr("sseu_metric.install.install", lambda: tmp_path)
    monkeypatch.setattr("sseu_metric.install.module_folder", lambda: tmp_path)
    monkeypatch.setattr("sseu_metric.install.remove", lambda: next(there))
    assert sseu("metric", "install").stdout.startswith(f'evaluate.load("sseu") now takes {tmp_path}\n')
    assert sseu("metric", "install", "--remove").stdout == f"removed {tmp_path}\n"
    assert sseu("metric", "install", "--remove").stdout == f"not installed: {tmp_path} does not exist\n"
