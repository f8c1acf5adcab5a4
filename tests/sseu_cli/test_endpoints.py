"""`sseu run` against a server that rejects everything, or parts: where it stops, its exit code, what it prints."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sseu_cli.conftest import Done, Sseu
from tests.sseu_models.systems.api.stub_server import StubServer

pytest.importorskip("openai", reason="the extra `openai` is not installed")

PATIENT = """
import sys
from sseu_models.running import progress
from sseu_cli.main import main
progress.LINE_EVERY_S = 0.1
sys.exit(main(sys.argv[1:]))
"""
LINE = re.compile(
    r"asking: \d+ of 18 done, \d+\.\d\d a second, \d+ failed, (\d\d:\d\d left|no answer since the last line)"
)


@pytest.fixture(scope="module")
def running() -> Iterator[StubServer]:
    with StubServer() as server:
        yield server


@pytest.fixture
def server(running: StubServer, monkeypatch: pytest.MonkeyPatch) -> StubServer:
    """At its defaults."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    running.reset()
    return running


def words(server: StubServer, data: Path, out: Path, *more: str) -> list[str]:
    """The words of a command of 18 questions, more with `--limit`."""
    system = f"api:stub-audio@{server.url}"
    return [
        *("run", "--system", system, "--data", str(data), "--out", str(out)),
        *("--runs", "1", "--limit", "1", "--embedder", "exact", *more),
    ]


def test_a_run_whose_first_requests_are_all_rejected_alike_stops_with_4(
    sseu: Sseu, server: StubServer, built: Path, tmp_path: Path
) -> None:
    server.set(always="422")
    command = words(server, built, tmp_path / "out", "--runs", "6", "--setting", "in_flight=4")
    for _ in range(2):  # the same command begins anew: nothing was answered
        done = sseu(*command)
        assert done.returncode == 4, done.stderr
        assert "the first 20 questions failed in the same way: 422 (status 422 on demand" in done.stderr
        assert "WER" not in done.stdout + done.stderr
        assert 20 <= server.stats()["requests"] <= 24
        server.set(always="422")
    server.set(always="ok")
    assert sseu(*command).returncode == 0
    server.set(always="422")
    assert sseu(*command, "--modes", "independent,joint").returncode == 3  # of a run with answers failures are kept
    assert server.stats()["requests"] > 24


def test_what_was_never_answered_has_no_figures(sseu: Sseu, server: StubServer, built: Path, tmp_path: Path) -> None:
    server.set(always="422")
    out = tmp_path / "out"
    done = sseu(*words(server, built, out))
    assert done.returncode == 3
    [failures] = re.findall("failed requests: .*", done.stdout)  # of one kind, whatever the request's id
    assert re.fullmatch(r"failed requests: 18, with: 422 \(status 422 on demand, .* request req-\w{8}\)", failures)
    reported = sseu("report", out, "--out", tmp_path / "report")
    assert "stub-audio: WER is undefined: no answer" in reported.stdout
    for shown in (done, sseu("score", out)):
        assert "WER is undefined: no answer" in shown.stdout
        rows = re.findall(r"^independent (?:WER|mACC|mAP)(.*)$", shown.stdout, re.MULTILINE)
        assert rows
        assert not re.search(r"\d", "".join(rows)), shown.stdout


@pytest.mark.parametrize("opening", ["400", "401", "404", "422", "quota"])
def test_a_question_at_the_start_that_is_rejected_ends_with_4(
    sseu: Sseu, server: StubServer, built: Path, tmp_path: Path, opening: str
) -> None:
    server.set(opening=opening)
    done = sseu(*words(server, built, tmp_path / "out"))
    assert (done.returncode, server.stats()["requests"]) == (4, 0)
    assert re.search(r"error: api:stub-audio at http://\S+: 4\d\d", done.stderr)


def test_a_content_filter_is_an_answer_and_is_never_asked_again(
    sseu: Sseu, server: StubServer, built: Path, tmp_path: Path
) -> None:
    server.set(always="filter-azure")
    command = words(server, built, tmp_path / "out")
    assert sseu(*command, "--runs", "2").returncode == 0
    assert server.stats()["requests"] == 36
    again = sseu(*command, "--runs", "2")
    assert (again.returncode, server.stats()["requests"]) == (0, 36)
    assert "every question has its answer already" in again.stdout


def test_a_request_is_fitted_to_a_strict_server_and_the_record_says_how(
    sseu: Sseu, server: StubServer, built: Path, tmp_path: Path
) -> None:
    server.set(
        refused_fields=["presence_penalty", "seed"],
        known_fields=["chat_template_kwargs"],
        length_field="max_completion_tokens",
    )
    out, extra = tmp_path / "out", {"chat_template_kwargs": {"enable_thinking": False}}
    fitted = ["--setting", "omit=presence_penalty,seed", "--setting", f"extra_body={json.dumps(extra)}"]
    assert sseu(*words(server, built, out, *fitted)).returncode == 0
    settings = json.loads((out / "result.json").read_text())["settings"]
    assert settings["presence_penalty"] == settings["seed"] == "server default"
    assert (settings["extra_body"], settings["length_field"]) == (extra, "max_completion_tokens")
    assert "every question has its answer already" in sseu(*words(server, built, out, *fitted)).stdout
    assert sseu(*words(server, built, out, *fitted, "--runs", "2")).returncode == 0
    other = sseu(*words(server, built, out, *fitted[:2], "--runs", "3"))
    assert other.returncode == 2
    assert "setting extra_body" in other.stderr


@pytest.mark.parametrize("shape", ["null", "null-length", "thinking-alone"])
def test_an_empty_answer_is_never_asked_again(
    sseu: Sseu, server: StubServer, built: Path, tmp_path: Path, shape: str
) -> None:
    server.set(always=shape)
    command = words(server, built, tmp_path / "out")
    first, again = sseu(*command), sseu(*command)
    assert (first.returncode, again.returncode, server.stats()["requests"]) == (0, 0, 18)
    assert ("cut at the length limit: 18 of 18" in first.stdout) == (shape != "null")
    logged = [json.loads(line) for line in (tmp_path / "out" / "answers.jsonl").read_text().splitlines()]
    assert {(line["status"], line["text"]) for line in logged} == {("ok", "")}


def test_without_a_terminal_a_line_a_minute_says_how_far_it_is(server: StubServer, built: Path, tmp_path: Path) -> None:
    server.set(delay_s=0.1, script=["400"])
    command = [sys.executable, "-c", PATIENT, *words(server, built, tmp_path / "out", "--setting", "in_flight=2")]
    done: Done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 3, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("asking")]
    assert len(lines) > 3
    assert all(LINE.fullmatch(line) for line in lines), done.stderr
    assert "1 failed" in lines[-1]
    assert "\r" not in done.stderr


def test_on_a_terminal_there_is_a_bar_instead(server: StubServer, built: Path, tmp_path: Path) -> None:
    server.set(delay_s=0.1)
    command = [sys.executable, "-c", PATIENT, *words(server, built, tmp_path / "out", "--setting", "in_flight=2")]
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 100, 0, 0))
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
    os.close(ours)
    assert process.returncode == 0
    assert b"18/18" in shown
    assert b"a second" not in shown


def _read(terminal: int) -> bytes:
    """The next bytes; none at its end, which Linux reports as an error."""
    try:
        return os.read(terminal, 65_536)
    except OSError:
        return b""
