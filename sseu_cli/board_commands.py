"""`sseu board serve | reference`: the leaderboard on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from sseu_cli.help_pages import Group
from sseu_cli.options import FOLDER


@click.group(cls=Group)
def board() -> None:
    """Serve the leaderboard on this machine."""


@board.command(
    examples="""
  sseu board reference sseu-bench references.jsonl
  sseu board reference my-lab/sseu-bench references.jsonl
""",
)
@click.argument("data", metavar="DIR|REPO")
@click.argument("file", type=FOLDER)
def reference(data: str, file: Path) -> None:
    """Make the file that the board scores with: the rows of a dataset without their audio."""
    from sseu_leaderboard.intake.reference import write_reference

    written = write_reference(data, file)
    dataset = written.dataset
    click.echo(f"{file}: {len(written.rows)} rows of {dataset.pairs} pairs, recipe {dataset.recipe}")
