"""`sseu board serve | export | reference | withdraw | supersede`: the leaderboard on this machine, and its entries."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import click

from sseu_cli import options
from sseu_cli.command import Group
from sseu_cli.options import FOLDER, option


@click.group(cls=Group)
def board() -> None:
    """Serve the leaderboard on this machine, and say what became of its entries."""


@board.command(
    examples="""
a folder of submissions, to which accepted uploads are added
  sseu board serve --results submissions --references references --accept
a dataset of submissions on the Hub
  sseu board serve --results-repo my-lab/sseu-results --references references
""",
)
@option("--references", type=FOLDER, required=True, metavar="DIR", help="Folder of `sseu board reference`.")
@option("--results", type=FOLDER, metavar="DIR", help="Folder of submissions: <model>/<date>-<hash>/.")
@option("--results-repo", metavar="OWNER/NAME", help="Or the dataset of submissions on the Hub.")
@option("--accept", is_flag=True, help="Store accepted uploads in --results.")
@option("--cache", type=FOLDER, metavar="DIR", help="Folder of scored submissions (default: beside --references).")
@options.embedder_option
@option("--allow-custom", is_flag=True, help="Serve a dataset that is not the benchmark.")
@option("--every-s", type=float, default=300.0, metavar="S", help="Seconds between looks for submissions (300).")
@option("--host", help="Address to listen on (default: this machine only).")
@option("--port", type=click.IntRange(0, 65535), metavar="N", help="TCP port.")
def serve(references: Path, **settings: Any) -> None:
    """Serve the leaderboard until Ctrl-C; every submission is scored here once."""
    from sseu_leaderboard import serve_board

    with contextlib.suppress(KeyboardInterrupt):
        serve_board(references, **settings)


@board.command(
    examples="""
  sseu board export --results-repo my-lab/sseu-results --references references --out board
""",
)
@option("--references", type=FOLDER, required=True, metavar="DIR", help="Folder of `sseu board reference`.")
@option("--results", type=FOLDER, metavar="DIR", help="Folder of submissions: <model>/<date>-<hash>/.")
@option("--results-repo", metavar="OWNER/NAME", help="Or the dataset of submissions on the Hub.")
@option("--out", type=FOLDER, required=True, metavar="DIR", help="Folder for index.html and board.json.")
@option("--cache", type=FOLDER, metavar="DIR", help="Folder of scored submissions (default: beside --references).")
@options.embedder_option
@option("--allow-custom", is_flag=True, help="Take a dataset that is not the benchmark.")
def export(references: Path, out: Path, **settings: Any) -> None:
    """Write the leaderboard as HTML and JSON that need no server."""
    from sseu_leaderboard import export_board

    for path in export_board(references, out, **settings):
        click.echo(path)


@board.command(
    examples="""
  sseu board reference sseu-bench references
  sseu board reference my-lab/sseu-bench references
an edition, sealed or revealed (docs/editions.md)
  sseu board reference spring.2027 references --edition spring.2027.edition.json
""",
)
@click.argument("data", metavar="DIR|REPO")
@click.argument("folder", type=FOLDER)
@options.edition_option
def reference(data: str, folder: Path, edition: Path | None) -> None:
    """Make what the board scores with: the rows of a dataset without their audio.

    Of a repository on the Hub that is every published version; each gets a file, and a ranking of its own.
    """
    from sseu_leaderboard import write_references

    held = write_references(data, folder, click.echo, edition=edition)
    for version in held.versions:
        state = f", an edition that is {held.editions[version].state}" if version in held.editions else ""
        click.echo(f"{folder}: {held.statuses[version].sentence(version)}{state}")


def _where(command: Any) -> Any:
    """The options that say where the submissions are."""
    repo = option("--results-repo", metavar="OWNER/NAME", help="Or the dataset of submissions on the Hub.")
    return option("--results", type=FOLDER, metavar="DIR", help="Folder of submissions.")(repo(command))


@board.command(
    examples="""
  sseu board withdraw my-lab--my-model/2026-03-04-0123abcd --why "wrong checkpoint" --results-repo my-lab/sseu-results
""",
)
@click.argument("submission", metavar="ID")
@option("--why", required=True, metavar="TEXT", help="The reason, in a line; readers of the board see it.")
@_where
def withdraw(submission: str, why: str, **where: Any) -> None:
    """Take a submission out of the ranking; ID is its folder, <model>/<date>-<hash>.

    It stays among the results and is shown on request, with the reason. The token of the Hub must be allowed to write
    to the dataset.
    """
    from sseu_leaderboard import withdraw

    click.echo(f"{submission}: {withdraw(submission, why, **where).sentence}")


@board.command(
    examples="""
  sseu board supersede my-lab--my-model/2026-03-04-0123abcd my-lab--my-model/2026-05-01-89abcdef --results submissions
""",
)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@_where
def supersede(old: str, new: str, **where: Any) -> None:
    """Rank the submission NEW in the place of OLD; both are folders, <model>/<date>-<hash>."""
    from sseu_leaderboard import supersede

    click.echo(f"{old}: {supersede(old, new, **where).sentence}")
