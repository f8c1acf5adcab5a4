"""The command `sseu`: its groups, and what happens with the words of a command line."""

from __future__ import annotations

import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from sseu_cli.board_commands import board
from sseu_cli.command import Group
from sseu_cli.dataset_commands import build, download, import_table, measure, standin, verify
from sseu_cli.edition_commands import edition
from sseu_cli.errors import EXIT_CODES, INTERRUPTED, NO_READER, explain
from sseu_cli.hub_commands import hub, publish, submit
from sseu_cli.metric_commands import metric
from sseu_cli.report_commands import compare, plan, report
from sseu_cli.run_commands import ablate, merge, run, score
from sseu_cli.system_commands import systems
from sseu_dataset import __version__
from sseu_dataset.published.versions import WithdrawnWarning

_TITLES = {
    "Data in": (build, import_table, verify, measure, edition, standin, download),
    "Systems and their scores": (run, score, merge, ablate, systems),
    "Results to look at": (report, compare, plan),
    "Metric": (metric,),
    "Hub and leaderboard": (publish, submit, board, hub),
}
_NOTES = {
    "Examples": (
        "sseu build --vctk VCTK-Corpus-0.92 --desed DESED --maestro MAESTRO_Real_development --out sseu-bench",
        "sseu run --system hf:Qwen/Qwen2-Audio-7B-Instruct --data sseu-bench --modes independent,joint,cot",
        "sseu report results/* --out report",
        "sseu COMMAND --help",
    ),
    "Exit codes": tuple(f"{code:<4} {meaning}" for code, meaning in EXIT_CODES.items()),
    "Shell completion": ('bash: eval "$(_SSEU_COMPLETE=bash_source sseu)"    (zsh: zsh_source, fish: fish_source)',),
}


@click.group(
    cls=Group,
    titles=_TITLES,
    notes=_NOTES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, prog_name="sseu-bench", message="%(prog)s %(version)s", help="Show the version.")
def sseu() -> None:
    """SSEU-Bench: build it, let systems answer it, score, compare and publish what they say."""


def main(words: Sequence[str] | None = None) -> int:
    """Run a command line; the exit code.

    Args:
        words: What stands after `sseu`; by default the arguments of this process.
    """
    plain = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
        if category is WithdrawnWarning:
            click.echo(f"warning: {message}", err=True)
        else:
            plain(message, category, *place, **more)

    with warnings.catch_warnings(), _ended_like_ctrl_c():
        warnings.showwarning = show
        return _run(words)


@contextmanager
def _ended_like_ctrl_c() -> Iterator[None]:
    """SIGTERM, as `kill` and batch systems send it, ends a command as Ctrl-C does: with a word, everything closed."""
    if threading.current_thread() is not threading.main_thread():  # which alone may say so
        yield
        return
    ours, before = os.getpid(), signal.getsignal(signal.SIGTERM)

    def end(number: int, frame: object) -> None:
        if os.getpid() != ours:  # a process that was forked here ends at once
            os._exit(128 + number)
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a job in the background of a script
            _interrupt_loop()
        else:
            signal.raise_signal(signal.SIGINT)

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


def _interrupt_loop() -> None:
    """Raise `KeyboardInterrupt`, but not inside a task, whose own exception it would become.

    asyncio does this for SIGINT alone, and only where SIGINT is not ignored.
    """
    import asyncio

    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        raise KeyboardInterrupt from None
    loop.call_soon_threadsafe(_interrupt)


def _interrupt() -> None:
    raise KeyboardInterrupt


def _run(words: Sequence[str] | None) -> int:
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None:  # closed by the caller (`>&-`): no file of ours may take its number
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 - lives as long as the process
            os.dup2(getattr(sys, name).fileno(), descriptor)
    try:
        return _run_words(words)
    except OSError as error:  # of an output, which no command was needed for
        return explain(error, {}, resumes=False)


def _run_words(words: Sequence[str] | None) -> int:
    try:
        code = sseu.main(words, prog_name="sseu", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except SystemExit:  # click's own end of a help page that nobody reads
        if type(sys.stdout) is click.utils.PacifyFlushWrapper:
            return NO_READER
        raise
    except click.Abort:
        click.echo("interrupted", err=True)
        return INTERRUPTED
    return int(code or 0)
