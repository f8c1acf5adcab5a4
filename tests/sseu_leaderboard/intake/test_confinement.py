"""Hazards: an upload that uses up memory or time ends its own process and nothing else."""

from __future__ import annotations

import gzip
import json
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from sseu_leaderboard.intake.check import verify
from sseu_leaderboard.intake.confinement import Bounds, CheckFailedError, IntakeError, Scorer, verify_confined
from sseu_leaderboard.intake.reference import BoardReference
from sseu_metric.exact_embedder import ExactEmbedder
from tests.sseu_hub.made_submissions import edit, read_lines
from tests.sseu_metric.test_openai_embedder import Server, status


def test_it_gives_what_verify_gives(folder: Path, reference: BoardReference, scorer: Scorer) -> None:
    assert verify_confined(folder, scorer) == verify(
        folder, {reference.dataset.version: reference}, embedder=ExactEmbedder(), allow_custom=True
    )


def test_a_refusal_crosses_the_border(folder: Path, scorer: Scorer) -> None:
    edit(folder, "scores.json", lambda values: values["modes"]["joint"].update(wer=1.0))
    with pytest.raises(ValueError, match=r"joint wer average is 1\.0 there"):
        verify_confined(folder, scorer)


def test_time_is_bounded(folder: Path, scorer: Scorer) -> None:
    with pytest.raises(ValueError, match="checking it takes longer than 0 s"):
        verify_confined(folder, replace(scorer, bounds=Bounds(wall_s=0.05)))


def test_processor_time_is_bounded(folder: Path, scorer: Scorer) -> None:
    _fill(folder, lines=200_000, bytes_each=600)
    with pytest.raises(ValueError, match=r"^checking it takes more than 1 s of processor time"):
        verify_confined(folder, replace(scorer, bounds=Bounds(cpu_s=1)))


def test_memory_is_bounded(folder: Path, scorer: Scorer) -> None:
    _fill(folder, lines=3_000, bytes_each=120_000)
    with pytest.raises(ValueError, match="it needs more memory than a complete result does"):
        verify_confined(folder, replace(scorer, bounds=Bounds(memory_bytes=300 << 20)))


def _fill(folder: Path, *, lines: int, bytes_each: int) -> None:
    """Well-formed answers about clips that do not exist, in a small file."""
    line = read_lines(folder)[0]
    with gzip.open(folder / "answers.jsonl.gz", "wb", compresslevel=1) as file:
        head, tail = json.dumps({**line, "id": "ID", "text": "a" * bytes_each}).encode().split(b"ID")
        for number in range(lines):
            file.write(b"%sclip %d%s\n" % (head, number, tail))


def test_a_board_without_its_embedder_blames_nobody(folder: Path, scorer: Scorer) -> None:
    with pytest.raises(IntakeError, match="unknown embedder 'none-such'"):
        verify_confined(folder, replace(scorer, embedder="none-such"))


def test_an_unforeseen_failure_is_a_refusal(
    folder: Path, scorer: Scorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'Traceback\n  /home/secret\nKeyError: secret' >&2\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(
        CheckFailedError, match=r"the check failed unexpectedly \(KeyError\); please tell the board's maintainer"
    ):
        verify_confined(folder, scorer)


def test_the_check_gets_no_secret_but_those_of_its_embedder(
    folder: Path, scorer: Scorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, hook = tmp_path / "environment.json", tmp_path / "hook"
    hook.mkdir()
    lines = "import json, os", f"json.dump(dict(os.environ), open({str(out)!r}, 'w'))"
    (hook / "usercustomize.py").write_text("\n".join(lines))
    (hook / "sitecustomize.py").write_text("\n".join(lines))
    monkeypatch.setenv("PYTHONPATH", str(hook))
    secrets = {"HF_TOKEN", "OPENAI_API_KEY", "OPENAI_ORG_ID", "MY_KEY", "GATEWAY_KEY"}
    for name in secrets:
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("HF_HOME", "/models")
    verify_confined(folder, scorer)
    found = json.loads(out.read_text())
    assert (secrets & found.keys(), found["HF_HOME"]) == (set(), "/models")
    monkeypatch.setenv("SSEU_EMBEDDER_KEY_ENV", "GATEWAY_KEY")
    out.unlink()
    with Server() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        server.script = [status(401)]  # the first request ends it; a closed port would be tried again
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        with pytest.raises(IntakeError, match="the key is refused"):
            verify_confined(folder, replace(scorer, embedder="paper"))
        server.shutdown()
    assert server.requests[0]["key"] == "Bearer secret"
    assert secrets & json.loads(out.read_text()).keys() == {"OPENAI_API_KEY", "OPENAI_ORG_ID", "GATEWAY_KEY"}
