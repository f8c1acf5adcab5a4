"""`sseu report` and `sseu compare`: results to look at, and whether one is better than another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sseu_cli import options
from sseu_cli.command import Command
from sseu_cli.options import FOLDER, option, words_of


@click.command(
    cls=Command,
    examples="""
  sseu report results/* --out report
the paper's systems in the same tables, and what other embedders would say
  sseu report results/* --reported --embedders exact,paper
names of your own: lines such as "hf:lab/model" = "Ours"
  sseu report results/* --names names.toml
of thirty systems, these two in colour
  sseu report results/* --highlight whisper-small,Qwen2-Audio-7B-Instruct
""",
)
@click.argument("folders", type=FOLDER, nargs=-1, required=True, metavar="FOLDER...")
@option("--out", type=FOLDER, default=Path("report"), metavar="DIR", help="Folder to make (default: report).")
@options.data_option
@option("--clips", type=int, default=72, metavar="N", help="Clips on the page (72).")
@option("--embedders", type=words_of, metavar="A,B", help="Other embedders to score with, side by side.")
@option("--reported", is_flag=True, help="Put the paper's published scores into the tables.")
@option("--highlight", type=words_of, metavar="A,B", help="Systems to tell apart in plots, whatever their rank.")
@option("--names", type=FOLDER, metavar="FILE", help="TOML file with names for systems, by id.")
def report(
    folders: tuple[Path, ...],
    out: Path,
    embedders: tuple[str, ...] | None,
    highlight: tuple[str, ...] | None,
    names: Path | None,
    **settings: Any,
) -> None:
    """Write tables, curves, findings and a page of results."""
    import sseu_report  # here and below: other commands begin sooner
    from sseu_report.display_names import read_names

    own = None if names is None else read_names(names)
    settings |= {"embedders": embedders or (), "highlight": highlight or (), "names": own}
    click.echo(str(sseu_report.report(folders, out, **settings)))


@click.command(
    cls=Command,
    examples="""
is A better than B, and how sure is that?
  sseu compare results/a results/b
are we where the paper is?
  sseu compare results/qwen2-audio --paper Qwen2-Audio-Instruct
""",
)
@click.argument("folders", type=FOLDER, nargs=-1, required=True, metavar="FOLDER...")
@options.data_option
@option("--paper", metavar="NAME", help="Compare with a system of the paper, such as Kimi-Audio.")
@option("--cells", is_flag=True, help="Each condition too, with Holm's correction.")
def compare(folders: tuple[Path, ...], data: str | None, paper: str | None, cells: bool) -> None:
    """Compare two results, or one with the paper.

    Shows differences with intervals and p values: two systems on the same clips, or one and the published scores.
    """
    import sseu_report

    if paper and cells:
        raise click.UsageError("--cells compares two results; it does not go with --paper")
    if len(folders) != (1 if paper else 2):
        raise click.UsageError("give two results folders, or one and --paper NAME")
    if paper:
        click.echo(str(sseu_report.compare_with_paper(folders[0], paper, data=data, progress=True)))
    else:
        click.echo(str(sseu_report.compare(*folders, data=data, cells=cells, progress=True)))


@click.command(
    cls=Command,
    examples="""
what can the whole benchmark see, for systems like this one?
  sseu plan results/a --metric wer
how many pairs and runs show two points of mAP in nine of ten comparisons?
  sseu plan results/a --metric map --difference 2 --power 90
""",
)
@click.argument("pilot", type=FOLDER)
@options.data_option
@option("--metric", type=options.OneOf(["wer", "macc", "map"]), default="wer", help="What differs (wer).")
@option("--difference", type=float, metavar="POINTS", help="The difference to be seen.")
@option("--power", type=float, default=80.0, metavar="PERCENT", help="In how many comparisons it is to be seen (80).")
@option("--trials", type=int, default=100, metavar="N", help="Simulated comparisons of each size (100).")
def plan(pilot: Path, **settings: Any) -> None:
    """How many pairs and runs show a difference; from a pilot result.

    Simulates the test of `sseu compare` on the dataset's own speakers, sentences and recordings.
    """
    import sseu_report

    click.echo(str(sseu_report.plan_comparison(pilot, progress=True, **settings)))
