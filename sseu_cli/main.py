"""The command `sseu`: its groups, and what happens with the words of a command line."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from sseu_cli import (
    board_commands,
    dataset_commands,
    hub_commands,
    metric_commands,
    report_commands,
    run_commands,
    system_commands,
)
from sseu_cli.errors import EXIT_CODES, INTERRUPTED
from sseu_cli.help_pages import Group

_TITLES = {
    "Data in": ("build", "verify", "measure", "standin", "download"),
    "Systems and their scores": ("run", "score", "merge", "ablate", "systems"),
    "Results to look at": ("report", "compare"),
    "Metric": ("metric",),
    "Hub and leaderboard": ("publish", "submit", "board", "hub"),
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


def _print_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        from sseu_dataset.records import VERSION

        click.echo(f"sseu-bench {VERSION}")
        context.exit()


@click.group(
    cls=Group,
    titles=_TITLES,
    notes=_NOTES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Show the version."
)
def sseu() -> None:
    """SSEU-Bench: build it, let systems answer it, score, compare and publish what they say."""


for _command in (
    dataset_commands.build,
    dataset_commands.verify,
    dataset_commands.measure,
    dataset_commands.standin,
    dataset_commands.download,
    run_commands.run,
    run_commands.score,
    run_commands.merge,
    run_commands.ablate,
    system_commands.systems,
    report_commands.report,
    report_commands.compare,
    metric_commands.metric,
    hub_commands.publish,
    hub_commands.submit,
    board_commands.board,
    hub_commands.hub,
):
    sseu.add_command(_command)


def main(words: Sequence[str] | None = None) -> int:
    """Run a command line; the exit code.

    Args:
        words: What stands after `sseu`; by default the arguments of this process.
    """
    try:
        code = sseu.main(None if words is None else list(words), prog_name="sseu", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        click.echo("interrupted", err=True)
        return INTERRUPTED
    return int(code or 0)
