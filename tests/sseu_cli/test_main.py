"""The command line as a whole: help, versions, what was probably meant, exit codes, and the three scripts."""

from __future__ import annotations

import errno
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from sseu_cli.command import Command, walk
from sseu_cli.errors import EXIT_CODES, explain
from sseu_cli.main import sseu as program
from sseu_dataset.download.archives import DownloadError
from sseu_dataset.records import VERSION
from sseu_metric import EmbedderError
from sseu_models.records import RejectedError, SystemDownError
from sseu_models.running.runner import NothingAnsweredError, TooManyFailedError
from tests.sseu_cli.conftest import Sseu, sseu_process

PROJECT = Path(__file__).resolve().parents[2]
COMMANDS = [(words, command) for words, command in walk(program, ()) if isinstance(command, Command)]
LEAVES = [" ".join(words) for words, _ in COMMANDS]
HEAVY = ("numpy", "datasets", "pyarrow", "huggingface_hub", "pydantic", "scipy", "torch", "evaluate", "soundfile")


def test_every_command_is_on_the_first_page(sseu: Sseu) -> None:
    shown = sseu("--help").stdout
    for words, _ in COMMANDS:
        assert f"\n  {words[0]} " in shown
    for code, meaning in EXIT_CODES.items():
        assert f"{code:<4} {meaning}\n" in shown


@pytest.mark.parametrize("words", LEAVES)
def test_every_command_has_examples_of_itself(sseu: Sseu, words: str) -> None:
    done = sseu(*words.split(), "--help")
    assert done.returncode == 0
    assert "None:" not in done.stdout
    assert re.search(rf"^  .*sseu {words}\b", done.stdout.partition("\nExamples:\n")[2], re.MULTILINE)


@pytest.mark.parametrize("words", LEAVES)
def test_examples_of_a_command_are_aligned(sseu: Sseu, words: str) -> None:
    shown = sseu(*words.split(), "--help").stdout.partition("\nExamples:\n")[2]
    assert len({len(indent) for indent in re.findall(r"^( +)sseu ", shown, re.MULTILINE)}) <= 1


@pytest.mark.parametrize(("words", "command"), COMMANDS, ids=LEAVES)
def test_examples_parse(words: tuple[str, ...], command: Command) -> None:
    text = re.sub(r"\\\n *", "", command.examples)
    lines = re.findall(r"^  .*?\bsseu (.*?)(?: {8}.*|\)\")?$", text, re.MULTILINE)
    assert len(lines) == sum(line.startswith("  ") for line in text.splitlines())
    for given in map(shlex.split, lines):
        place: click.Command = program
        while isinstance(place, click.Group):
            place = place.commands[given.pop(0)]
        place.make_context("sseu", [word.replace("$$", "1") for word in given])


def test_help_loads_no_heavy_library() -> None:
    """What makes `--help` slow is what it imports; seconds would depend on the machine."""
    code = (
        "import json, sys\nfrom sseu_cli.main import main\nmain(['run', '--help'])\n"
        f"print(json.dumps([name for name in {HEAVY} if name in sys.modules]), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert json.loads(done.stderr) == []


def test_the_version_is_that_of_the_benchmark(sseu: Sseu) -> None:
    assert sseu("--version").stdout == f"sseu-bench {VERSION}\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("biuld", "No such command 'biuld'. Did you mean 'build'?"),
        ("metric scor", "No such command 'scor'. Did you mean 'score'?"),
        ("build --vtck x", "No such option '--vtck'. Did you mean '--vctk'?"),
        ("standin --out x --size dmo", "; did you mean 'demo'?"),
        ("run --system x --normalizer whisper-englisch", "; did you mean 'whisper-english'?"),
        ("run --system x --modes independent,jiont", "unknown mode 'jiont'; did you mean 'joint'?"),
        ("score", "Missing argument 'FOLDER'"),
        ("report", "Missing argument 'FOLDER...'"),
        ("run", "Missing option '--system'"),
        ("compare x --paper Kimi-Audio --cells", "--cells compares two results"),
        ("compare x", "give two results folders, or one and --paper NAME"),
    ],
)
def test_what_was_meant_is_said(sseu: Sseu, words: str, message: str) -> None:
    done = sseu(*words.split())
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (ValueError("no such thing"), 2, "error: no such thing"),
        (ImportError("install it"), 2, "error: install it"),
        (SystemDownError("no answer"), 1, "error: no answer"),
        (EmbedderError("no key"), 1, "error: no key"),
        (DownloadError("no network"), 1, "error: no network"),
        (TooManyFailedError("40 requests failed"), 3, "error: 40 requests failed"),
        (NothingAnsweredError("all failed"), 4, "error: all failed"),
        (RejectedError("422"), 4, "error: 422"),
        (KeyboardInterrupt(), 130, "interrupted; the same command continues"),
        (
            OSError(errno.ENOSPC, "No space left on device"),
            1,
            "error: here: No space left on device; free some disk space, then run the same command again: it continues",
        ),
        (
            OSError(errno.EDQUOT, "Quota exceeded", "there"),
            1,
            "error: there: Quota exceeded; free some of your disk quota",
        ),
        (PermissionError(errno.EACCES, "Permission denied", "there"), 1, "choose a folder that you may write to"),
        (FileNotFoundError(errno.ENOENT, "No such file", "there"), 1, "there: No such file; check the path; if it was"),
        (OSError("odd"), 1, "error: here: odd; fix this, then run the same command again: it continues"),
        (TimeoutError("timed out"), 1, "error: here: timed out; check the network, then run the same command again"),
    ],
)
def test_each_error_has_its_code_and_message(
    capsys: pytest.CaptureFixture[str], error: BaseException, code: int, message: str
) -> None:
    assert explain(error, {"out": Path("here")}, resumes=True) == code
    assert message in capsys.readouterr().err
    assert code in EXIT_CODES


@pytest.mark.parametrize("fault", [RuntimeError("bug"), KeyError("bug"), RecursionError("bug"), TypeError("bug")])
def test_a_fault_of_ours_is_not_hidden(fault: BaseException) -> None:
    with pytest.raises(type(fault)):
        explain(fault, {}, resumes=False)


def test_a_reader_that_has_seen_enough_ends_quietly() -> None:
    script = f"{sys.executable} -m sseu_cli run --help | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", script], capture_output=True, text=True, cwd=PROJECT)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("script", "words", "usage"),
    [
        ("build_dataset.py", ["--help"], "Usage: sseu build "),
        ("build_dataset.py", ["verify", "--help"], "Usage: sseu verify "),
        ("run_model.py", ["--help"], "Usage: sseu run "),
        ("run_model.py", ["hearing", "--help"], "Usage: sseu ablate "),
        ("run_model.py", ["report", "--help"], "Usage: sseu report "),
        ("push_to_hub.py", ["--help"], "Usage: sseu publish "),
        ("push_to_hub.py", ["dataset", "--help"], "Usage: sseu publish dataset "),
        ("push_to_hub.py", ["submit", "--help"], "Usage: sseu submit "),
    ],
)
def test_the_scripts_are_the_commands(script: str, words: list[str], usage: str) -> None:
    done = subprocess.run([sys.executable, str(PROJECT / script), *words], capture_output=True, text=True)
    assert (done.returncode, done.stdout.startswith(usage)) == (0, True), done.stderr


def test_the_module_is_the_command() -> None:
    assert sseu_process("build").returncode == 2
