"""`sseu run`, `score`, `merge`, `ablate`: what they print and the exit codes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sseu_cli.main import main
from sseu_models.prompts import PROMPT_SETS
from tests.sseu_cli.conftest import Sseu, assert_refused, sseu_process
from tests.sseu_models.systems.api.stub_server import StubServer

MODES = ("--modes", "independent,joint,cot", "--embedder", "exact")


@pytest.fixture(scope="module")
def truth(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("results") / "truth"
    assert main(["run", "--system", "control:ground-truth", "--data", str(built), *MODES, "--out", str(out)]) == 0
    return out


def test_ground_truth_is_perfect_in_every_mode_and_finishes_at_once_when_repeated(
    sseu: Sseu, truth: Path, built: Path
) -> None:
    scores = json.loads((truth / "scores.json").read_text())
    for mode in scores["modes"].values():
        assert (mode["wer"], mode["macc"], mode["map"]) == (0, 100, 100)
    again = sseu("run", "--system", "control:ground-truth", "--data", built, *MODES, "--out", truth)
    assert again.returncode == 0
    assert "every question has its answer already" in again.stdout
    assert re.search(r"^joint mACC +\(100\.00\)", again.stdout, re.MULTILINE)
    assert "  joint, cot: average over 10, 5, 0, -5, -10 (WER, mACC, mAP)\n" in again.stdout


def test_a_file_is_no_results_folder(sseu: Sseu, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    done = sseu("run", "--system", "control:no-answer", "--data", tmp_path, "--out", tmp_path / "notes.txt")
    assert_refused(done, "notes.txt is a file; choose another --out")


def test_scoring_later_gives_the_same_file(sseu: Sseu, truth: Path) -> None:
    before = (truth / "scores.json").read_bytes()
    assert sseu("score", truth, "--embedder", "exact").returncode == 0
    assert (truth / "scores.json").read_bytes() == before


def test_a_dry_run_counts_and_asks_nothing(sseu: Sseu, built: Path, tmp_path: Path) -> None:
    out = tmp_path / "none"
    done = sseu(
        "run", "--system", "control:no-answer", "--data", built, "--modes", "independent,cot", "--conditions=-10",
        "--out", out, "--dry-run", "--prices", "2.5,32,10",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "independent asr" in done.stdout
    assert "no audio sent" in done.stdout
    assert "USD" not in done.stdout  # nothing costs, whatever the prices
    assert "add --estimate-from N" in done.stdout
    assert not out.exists()
    measured = sseu(
        "run", "--system", "control:no-answer", "--data", built, "--modes", "independent,cot", "--conditions=-10",
        "--out", out, "--dry-run", "--estimate-from", "2",
    )  # fmt: skip
    assert measured.returncode == 0, measured.stderr
    assert re.search(
        r"about \d+\.\d (s|min|h) on one copy of the system \(real-time factor \d+\.\d{3}\)", measured.stdout
    )
    assert re.search(
        r"a question: independent asr \d+\.\d\d s, .*, cot all .* s \(from 2 of each kind\)", measured.stdout
    )
    assert "GPU" not in measured.stdout
    priced = sseu(
        "run", "--system", "control:no-answer", "--data", built, "--out", out, "--dry-run", "--estimate-from", "1",
        "--gpu-price-per-hour", "2.5",
    )  # fmt: skip
    assert re.search(r"\nabout (less than )?[\d.]+ GPU hours, \d+\.\d\d USD at 2\.50 USD an hour each\n", priced.stdout)
    assert not out.exists()


@pytest.mark.long
def test_killed_and_continued_is_as_if_nothing_had_happened(built: Path, tmp_path: Path) -> None:
    """Kill -9 while a real recogniser answers; the same command continues."""
    pytest.importorskip("pocketsphinx", reason="the recogniser is part of the demo extra")
    command = [
        sys.executable, "-m", "sseu_cli", "run", "--system", "asr:pocketsphinx", "--setting", "grammar=sentences",
        "--data", str(built), "--conditions=+inf,0", "--embedder", "exact", "--out",
    ]  # fmt: skip
    log = tmp_path / "killed" / "answers.jsonl"
    process = subprocess.Popen([*command, str(log.parent)], stdout=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 60
    while process.poll() is None and (not log.exists() or log.read_bytes().count(b"\n") < 1):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for out in (log.parent, tmp_path / "whole"):
        done = subprocess.run([*command, str(out)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert (log.parent / "scores.json").read_bytes() == (tmp_path / "whole" / "scores.json").read_bytes()
    assert log.read_bytes().count(b"\n") == (tmp_path / "whole" / "answers.jsonl").read_bytes().count(b"\n")


def test_a_folder_of_something_else_is_left_alone(sseu: Sseu, built: Path, tmp_path: Path) -> None:
    other = tmp_path / "report"
    other.mkdir()
    (other / "report.json").write_text("{}")
    done = sseu("run", "--system", "control:no-answer", "--data", built, "--out", other)
    assert_refused(done, f"{other}: not empty, and no results folder (there is no result.json in it); choose another")
    assert [path.name for path in other.iterdir()] == ["report.json"]


def test_a_missing_engine_is_wrong_input_and_nothing_was_done(
    sseu: Sseu, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sseu_metric.extras.find_spec", lambda package: None)
    done = sseu("run", "--system", "control:no-answer", "--data", built, "--engine", "ray", "--out", tmp_path / "out")
    assert_refused(done, "--engine ray needs the package ray; install it with: pip install '.[ray]'")
    assert "what was done before is kept" not in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--system", "gpt"], "unknown system 'gpt'. It must be one of:\n  api:<model>@<base-url>"),
        (["--system", "asr:whisper"], "or asr:pocketsphinx"),
        (["--system", "control:truth"], "truth"),
        (["--system", "control:no-answer", "--modes", "both"], "unknown mode 'both'"),
        (["--system", "control:no-answer", "--conditions", "-3"], "condition -3: the dataset has +inf, 10, 5"),
        (["--system", "control:no-answer", "--setting", "colour=red"], "colour"),
        (["--system", "control:no-answer", "--prompts", "none.toml"], "none.toml: no such prompt file"),
        (["--system", "control:no-answer", "--frontend", "nowhere:f"], "nowhere"),
        (["--system", "control:no-answer", "--actors", "2"], "actors and gpus-per-actor are for --engine ray"),
        (["--system", "control:no-answer", "--engine", "dask"], "unknown engine 'dask' (there are local, ray)"),
        (["--system", "control:no-answer", "--engine", "rai"], "unknown engine 'rai'; did you mean 'ray'?"),
        (["--system", "control:no-answer", "--shard", "100/100"], "there are only 9 pairs to ask about, fewer than sh"),
        (
            ["--system", "hff:m", "--data", "/nowhere"],
            "unknown system 'hff:m'; did you mean 'hf:m'? It must be one of:",
        ),
        (["--system", "control:no-answer", "--prompts", "project2"], "did you mean 'project-2'?"),
        (["--system", "majority"], "did you mean 'control:majority'? It must be one of:\n"),
        (["--system", "control:no-answer", "--data", "/nowhere/at/all"], "/nowhere/at/all"),
        (["score", "/nowhere"], "not a results folder"),
        (["merge", "/nowhere", "--out", "/tmp/none"], "not a results folder"),
        (["ablate", "/nowhere", "/nowhere"], "not a results folder"),
        (["--system", "x", "--setting", "colour"], "NAME=VALUE is needed"),
        (["--system", "x", "--shard", "one"], "I/N is needed"),
        (["--system", "x", "--prices", "cheap"], "TEXT,AUDIO,OUT in USD"),
        (["--system", "x", "--prices", "1,2"], "TEXT,AUDIO,OUT in USD"),
        (["--system", "x", "--prices", "1,2,nan"], "TEXT,AUDIO,OUT in USD per million tokens is needed"),
        (["--system", "x", "--prices", "1,2,3"], "--prices goes with --dry-run"),
        (["--system", "x", "--estimate-from", "3"], "--estimate-from goes with --dry-run"),
        (["--system", "x", "--dry-run", "--estimate-from", "0"], "--estimate-from 0: at least 1 is needed"),
        (["--system", "x", "--dry-run", "--gpu-price-per-hour", "2"], "goes with --dry-run --estimate-from N"),
        (["--system", "x", "--gpu-price-per-hour", "nan"], "'nan': USD per hour of one GPU is needed"),
        (["--system", "x", "--gpu-price-per-hour", "free"], "'free': USD per hour of one GPU is needed"),
        (["--system", "x", "--overwrite", "--restart-changed"], "give one of them"),
        (["--system", "x", "--setting", "a=1", "--setting", "a=2"], "--setting a: given more than once"),
    ],
)
def test_wrong_input_is_one_message_and_exit_code_2(
    sseu: Sseu, words: list[str], message: str, built: Path, tmp_path: Path
) -> None:
    if words[0] == "--system":
        words = ["run", *words, "--out", str(tmp_path / "out")]
        words += [] if "--data" in words else ["--data", str(built)]
    assert_refused(sseu(*words), message)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("control:no-answer --frontend leaving:f", 2, "cannot be imported (SystemExit: no licence)"),
        ("asr:pocketsphinx --frontend late:enhance", 2, ": failed with SystemExit: 7"),
        ("python:leaving:make", 2, "cannot be imported (SystemExit: no licence)"),
        ("python:late:make", 2, "python:late:make: cannot be made (SystemExit: 0)"),
        ("worker:file.py", 1, "worker:file cannot start: the worker exited with status 4"),
    ],
)
def test_a_users_file_that_calls_exit_is_one_message(
    words: str, code: int, message: str, built: Path, tmp_path: Path
) -> None:
    (tmp_path / "leaving.py").write_text("import sys\nsys.exit('no licence')\n")
    (tmp_path / "file.py").write_text("import sys\nSETTINGS = {}\nsys.exit(4)\n")
    (tmp_path / "late.py").write_text(
        "import sys\ndef enhance(samples, rate_hz): sys.exit(7)\ndef make(): sys.exit(0)\n"
    )
    place = ("--data", built, "--out", tmp_path / "out")
    assert_refused(sseu_process("run", "--system", *words.split(), *place, cwd=tmp_path), message, code)


def test_blanks_between_modes_are_no_part_of_them(sseu: Sseu, built: Path, tmp_path: Path) -> None:
    words = ("--modes", "independent, joint", "--limit", "1", "--embedder", "exact", "--out", tmp_path / "out")
    done = sseu("run", "--system", "control:majority", "--data", built, *words)
    assert done.returncode == 0, done.stderr
    assert "joint mACC" in done.stdout


def test_a_place_that_takes_no_folder_is_wrong_input(sseu: Sseu, built: Path) -> None:
    done = sseu("run", "--system", "control:majority", "--data", built, "--out", "/proc/sseu")
    assert_refused(done, "/proc/sseu: no folder can be made there; choose another --out")


def test_a_package_that_is_not_installed_is_wrong_input(
    sseu: Sseu, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ctranslate2", None)
    done = sseu("run", "--system", "asr:faster-whisper:tiny.en", "--data", built, "--out", tmp_path / "out")
    assert_refused(done, "needs the package ctranslate2; install it with: pip install '.[asr]'")


@pytest.mark.parametrize("ignores_ctrl_c", [False, True])
def test_sigterm_ends_a_run_as_ctrl_c_does(built: Path, tmp_path: Path, ignores_ctrl_c: bool) -> None:
    (tmp_path / "slow.py").write_text(
        "import asyncio, time\n"
        "from sseu_models.records import Capabilities\n"
        "class Slow:\n"
        "    id, settings, capabilities = 'slow', {}, Capabilities(rate_hz=None)\n"
        "    async def start(self): pass\n"
        "    async def answer(self, questions):\n"
        "        print('asked', flush=True)\n"
        "        while True:\n"  # mostly inside the task when the signal comes
        "            time.sleep(0.02)\n"
        "            await asyncio.sleep(0)\n"
        "    async def close(self): print('closed', flush=True)\n"
    )
    words = ("run", "--system", "python:slow:Slow", "--data", str(built), "--out", str(tmp_path / "out"))
    command = [sys.executable, "-m", "sseu_cli", *words]
    if ignores_ctrl_c:  # as a shell starts jobs in the background of a script
        command = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh", *command]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert any("asked" in line for line in process.stdout)
        process.terminate()
        said, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert error.endswith("interrupted; the same command continues\n")
    assert "closed" in said


def test_a_class_that_calls_exit_in_answer_is_shown_with_one_traceback(built: Path, tmp_path: Path) -> None:
    (tmp_path / "late.py").write_text(
        "import sys\n"
        "from sseu_models.records import Capabilities\n"
        "class Late:\n"
        "    id, settings, capabilities = 'late', {}, Capabilities(rate_hz=None)\n"
        "    async def start(self): pass\n"
        "    async def answer(self, questions): sys.exit(0)\n"
        "    async def close(self): pass\n"
    )
    words = ("run", "--system", "python:late:Late", "--data", built, "--out", tmp_path / "out")
    done = sseu_process(*words, cwd=tmp_path)
    assert done.returncode == 4
    assert done.stderr.count("Traceback") == 1
    assert 'late.py", line 6, in answer' in done.stderr
    assert "questions failed in the same way: late raised SystemExit: 0" in done.stderr
    assert "in answer" in (tmp_path / "out" / "errors.log").read_text()


def test_a_merge_with_an_embedder_that_cannot_answer_leaves_no_folder(
    sseu: Sseu, truth: Path, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part, out = tmp_path / "part", tmp_path / "whole"
    command = ("--system", "control:ground-truth", "--data", built, "--shard", "1/1", "--no-score", "--out", part)
    assert sseu("run", *command).returncode == 0
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert_refused(sseu("merge", part, "--out", out, "--embedder", "paper"), "OPENAI_API_KEY", 1)
    assert not out.exists()
    assert sseu("merge", part, "--out", out, "--embedder", "exact").returncode == 0


def test_a_folder_that_cannot_be_written_is_said(sseu: Sseu, built: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = sseu("run", "--system", "control:no-answer", "--data", built, "--out", tmp_path / "file")
    assert_refused(done, f"{tmp_path / 'file'} is a file; choose another --out\n", 2)


def test_failed_requests_end_with_3_and_are_asked_again(sseu: Sseu, built: Path, tmp_path: Path) -> None:
    with StubServer(always="500") as server:
        command = (
            "--system", f"api:stub-audio@{server.url}", "--setting", "retries=0", "--data", built, "--runs", "1",
            "--limit", "1", "--embedder", "exact", "--out", tmp_path / "out",
        )  # fmt: skip
        stopped = sseu("run", *command, "--fail-on", "2")
        assert stopped.returncode == 3
        assert "requests failed, the last with: " in stopped.stderr
        failed = sseu("run", *command)
        assert failed.returncode == 3
        assert "incomplete: 18 of 18 questions have no answer" in failed.stdout
        server.set(always="ok")
        done = sseu("run", *command)
        assert done.returncode == 0
        assert "18 questions to ask, 0 answered already" in done.stdout


def test_an_endpoint_that_refuses_the_key_ends_with_4_and_one_that_is_down_with_1(
    sseu: Sseu, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with StubServer(api_key="right") as server:
        url = server.url
        monkeypatch.setenv("MY_KEY", "sk-secret-wrong")
        command = ("--system", f"api:stub-audio@{url}", "--data", built, "--out", tmp_path / "out")
        refused = sseu("run", *command, "--setting", "api_key_env=MY_KEY")
        assert_refused(refused, "401", 4)
        assert "sk-secret-wrong" not in refused.stderr + refused.stdout
        assert server.stats()["requests"] <= 2
    down = sseu("run", *command)
    assert_refused(down, url, 1)
    assert "the same command continues" in down.stderr


def test_a_full_disk_while_logging_loses_nothing_that_was_answered(sseu: Sseu, built: Path, tmp_path: Path) -> None:
    import resource

    command = ("--system", "control:no-answer", "--data", built, "--embedder", "exact", "--out", tmp_path / "out")
    limit = 20_000
    full = sseu_process("run", *command, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    assert full.returncode == 1
    assert "answers.jsonl" in full.stderr
    assert "File too large" in full.stderr or "No space left" in full.stderr
    kept = (tmp_path / "out" / "answers.jsonl").read_bytes().count(b"\n")
    done = sseu("run", *command)
    assert done.returncode == 0, done.stderr
    assert f"{kept} answered already" in done.stdout


MOODY = """
import itertools
from sseu_models.records import Capabilities, Reply

class Moody:
    id, settings, calls = "moody", {}, itertools.count()
    capabilities = Capabilities(rate_hz=None, deterministic=True)

    async def start(self): pass
    async def answer(self, questions): return [Reply(text=str(next(self.calls))) for _ in questions]
    async def close(self): pass
"""


def test_a_false_claim_stops_a_run_and_the_message_names_the_way_out(
    sseu: Sseu, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "moody.py").write_text(MOODY)
    monkeypatch.chdir(tmp_path)
    command = ("run", "--system", "python:moody:Moody", "--data", built, "--embedder", "exact", "--out", "out")
    refused = sseu(*command)
    assert_refused(refused, "moody states that equal questions get equal answers, but one asked twice got two: ")
    assert "--not-deterministic" in refused.stderr
    assert sseu(*command, "--not-deterministic", "--runs", "2").returncode == 0


def test_all_prompts_are_a_run_with_each_set(sseu: Sseu, built: Path, tmp_path: Path) -> None:
    out = tmp_path / "all"
    command = ("run", "--system", "control:random", "--data", built, "--limit", "3", "--prompts", "all", "--out", out)
    dry = sseu(*command, "--dry-run")
    assert [line for line in dry.stdout.splitlines() if line.startswith("prompts ")] == [
        "prompts project-1",
        "prompts project-2",
        "prompts project-3",
    ]
    assert not out.exists()
    done = sseu(*command, "--embedder", "exact")
    assert done.returncode == 0, done.stderr
    sets = [json.loads((out / name / "result.json").read_text())["prompts"]["set"] for name in PROMPT_SETS]
    assert sets == list(PROMPT_SETS)
    again = sseu(*command, "--embedder", "exact")
    assert again.stdout.count("every question has its answer already") == 3
    one = sseu(*command[:-1], out / "project-1")
    assert_refused(one, "project-1 holds the results of one run; --prompts all makes a folder for each prompt set")
