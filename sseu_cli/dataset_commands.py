"""`sseu build`, `import`, `verify`, `measure`, `standin`, `download`: the dataset folder and what it is made from."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import click

import sseu_dataset
from sseu_cli import errors, options
from sseu_cli.command import Command
from sseu_cli.options import FOLDER, numbers_of, option, words_of
from sseu_dataset.building.build import check_request
from sseu_dataset.building.measure import DEFINITIONS
from sseu_dataset.parallel import keep_freed_memory
from sseu_dataset.planning.sources import Corpora
from sseu_dataset.records import RuleName

if TYPE_CHECKING:
    from sseu_dataset.records import Layout, SourceIssue

_CORPORA = ("vctk", "desed", "maestro")
_SOURCES = (*_CORPORA, "speech", "background", "speech_licence", "background_licence")
_SHOWN, _SHOWN_PROBLEMS = 10, 50
_LAYOUT = "Store every mixture (full, the default), or the two signals of each pair (stems)."
_CUSTOM = "Deviations from the paper (the result is named custom)"
_TABLES = "Other corpora, by table (docs/tables.md; the result is named custom)"


@click.command(
    cls=Command,
    resumes=True,
    examples="""
from corpora that are already on disk
  sseu build --vctk VCTK-Corpus-0.92 --desed DESED --maestro MAESTRO_Real_development --out sseu-bench
fetch the corpora first (15 GB; continues where it was stopped)
  sseu build --download corpora --out sseu-bench
rebuild exactly somebody's benchmark and compare the samples
  sseu build --recipe theirs/recipe.parquet --vctk ... --desed ... --maestro ... --out mine
no sentence twice (SSEU-Bench D1)
  sseu build --recipe-name diverse --vctk ... --desed ... --maestro ... --out sseu-bench-d1
other SNRs (the result is named custom)
  sseu build --snrs 15,0,-15 --vctk ... --desed ... --maestro ... --out other
other speech or backgrounds, which a table describes
  sseu build --speech speech.tsv --speech-licence "CC BY 4.0" --desed ... --maestro ... --out other
""",
)
@options.corpora_options
@options.table_options(_TABLES)
@option("--speech-licence", metavar="TEXT", section=_TABLES, help="Licence of the speech of the table.")
@option("--background-licence", metavar="TEXT", section=_TABLES, help="Licence of the backgrounds of the table.")
@option("--out", type=FOLDER, default=Path("sseu-bench"), metavar="DIR", help="Folder to make (default: sseu-bench).")
@option("--download", type=FOLDER, metavar="DIR", help="Fetch the corpora that are not given into DIR.")
@option("--recipe", metavar="FILE", help="Rebuild exactly this recipe.parquet, here or at hf://datasets/ORG/NAME.")
@option(
    "--recipe-name",
    "rule",
    type=options.OneOf(get_args(RuleName)),
    help="paper: one long utterance in each clip (default); diverse: several short ones, no sentence twice.",
)
@option("--layout", type=options.OneOf(["full", "stems"]), default="full", help=_LAYOUT)
@option("--allow-partial", is_flag=True, help="Leave out what is missing or broken; the result is named partial.")
@options.threads_option
@option("--pairs", type=int, metavar="N", section=_CUSTOM, help="The first N backgrounds in draw order.")
@option("--snrs", "snrs_db", type=numbers_of, metavar="DB,DB", section=_CUSTOM, help="SNRs in dB (10,5,0,-5,-10).")
@option("--speech-min-s", type=float, metavar="S", section=_CUSTOM, help="Shortest speech in seconds (8; tables 1).")
@option("--speech-max-s", type=float, metavar="S", section=_CUSTOM, help="Longest speech in seconds (10.0).")
@option("--seed", type=int, metavar="N", section=_CUSTOM, help="Seed of every draw (0).")
def build(
    out: Path,
    download: Path | None,
    recipe: str | None,
    layout: Layout,
    allow_partial: bool,
    workers: int | None,
    **others: Any,
) -> int:
    """Build the benchmark from the licensed corpora into a folder.

    Bit for bit the same on every x86-64 machine. The result is a complete Hub repository: Parquet with FLAC, a dataset
    card, the recipe and a manifest with the hash of every source file and every clip.
    """
    keep_freed_memory()
    given = {name: value for name in _SOURCES if (value := others.pop(name)) is not None}
    corpora = Corpora(**given)
    if corpora.absent and download is None:
        missing = ", ".join(f"--{name}" for name in corpora.absent)
        raise ValueError(
            f"{missing} missing: give the three corpora, or --download DIR to fetch them, or tables of others with "
            "--speech and --background"
        )
    changes = {name: value for name, value in others.items() if value is not None}
    request: dict[str, Any] = {
        "settings": dataclasses.replace(corpora.settings(changes.get("rule", "paper")), **changes) if changes else None,
        "recipe": recipe,
        "layout": layout,
        "allow_partial": allow_partial,
        "workers": workers,
    }
    if corpora.absent and download is not None:  # this takes hours: what is wrong with the command is said before
        check_request(out, corpora=corpora, **request)
        given |= _fetch(download, corpora.absent)
    return print_build(sseu_dataset.build(out, announce=click.echo, **request, **given), recipe)


def _fetch(folder: Path, names: Sequence[str]) -> dict[str, Path]:
    """Download the named corpora; the folder of each."""
    from sseu_dataset.download.archives import OFFICIAL
    from sseu_dataset.download.corpora import download as download_corpora

    wanted = [archive for archive in OFFICIAL if archive.corpus in names]
    return download_corpora(folder, announce=click.echo, archives=wanted)


def print_build(result: sseu_dataset.BuildResult, recipe: str | None) -> int:
    """Say what a build made and found; the exit code."""
    from sseu_metric.result_tables import label_counts_text  # slow to load

    remedy = "warning: left out, though a corpus or table names it; restore it and build into another --out"
    _print_issues(remedy, result.issues.problems, err=True)
    _print_issues("excluded by rule", result.issues.excluded)
    _print_issues("noted", result.issues.notes)
    made = result.manifest
    click.echo(f"{result.folder}: {len(made.pcm_sha256)} clips, recipe {made.recipe}, version {made.version}")
    for reason in made.reasons:
        click.echo(f"  {made.recipe}: {reason}")
    click.echo(label_counts_text(result.label_counts))
    click.echo(f"fingerprint {made.fingerprints['all']}")
    if result.differing_rows is None:
        return errors.DONE
    total, different = len(made.pcm_sha256), len(result.differing_rows)
    click.echo(f"{total - different} of {total} clips have the samples and references of the manifest beside {recipe}")
    for row in result.differing_rows[:_SHOWN]:
        click.echo(f"  differs: {row}")
    return errors.FAILED if different else errors.DONE


def _print_issues(title: str, issues: Sequence[SourceIssue], *, err: bool = False) -> None:
    if issues:
        click.echo(f"{title}: {len(issues)}", err=err)
    for issue in issues[:_SHOWN]:
        click.echo(f"  {issue.path}: {issue.reason}", err=err)
    if len(issues) > _SHOWN:
        more = f"  and {len(issues) - _SHOWN} more" + ("" if title == "noted" else ", see excluded.tsv")
        click.echo(more, err=err)


@click.command(
    "import",
    cls=Command,
    examples="""
a table and its files, read by a map that says which column is which (docs/import.md)
  sseu import mixtures.csv --audio wav --map map.toml --out imported
then as with any dataset
  sseu run --system control:majority --data imported --out results/majority
""",
)
@click.argument("table", type=FOLDER)
@option("--audio", type=FOLDER, required=True, metavar="DIR", help="Folder of the audio files in the table.")
@option("--map", "mapping", type=FOLDER, required=True, metavar="FILE", help="Which column and label is which (TOML).")
@option("--out", type=FOLDER, required=True, metavar="DIR", help="Folder to make.")
@options.threads_option
def import_table(table: Path, audio: Path, mapping: Path, out: Path, workers: int | None) -> None:
    """Turn ready mixtures and their table into a dataset folder.

    CSV, tabs, semicolons or JSON lines. Samples are taken as they are; a line, label or file that is not understood is
    named, and then nothing is written. The recipe is named imported: scores are not scores on SSEU-Bench.
    """
    result = sseu_dataset.import_mixtures(
        out, table, audio=audio, mapping=mapping, workers=workers, announce=click.echo
    )
    made = result.manifest
    click.echo(
        f"{out}: {len(made.pcm_sha256)} clips of {made.pairs} pair{'s' * (made.pairs != 1)}, recipe {made.recipe}"
    )
    if made.imported is not None:
        for note in made.imported.notes:
            click.echo(f"  {note}")
        clipped = made.imported.clipped_samples
        click.echo(f"  {len(clipped)} clips have samples at full scale, {sum(clipped.values())} in all")
    click.echo(f"fingerprint {made.fingerprints['all']}")


@click.command(
    cls=Command,
    examples="""
the folder alone: files, rows, hashes, the card
  sseu verify sseu-bench
every text, label and sample against the corpora
  sseu verify sseu-bench --vctk VCTK-Corpus-0.92 --desed DESED --maestro MAESTRO_Real_development
the same of a dataset whose sources a table describes
  sseu verify other --speech speech.tsv --background background.tsv
""",
)
@click.argument("folder", type=FOLDER)
@options.corpora_options
@options.table_options()
@options.threads_option
def verify(folder: Path, **sources: Any) -> int:
    """Check a dataset folder, alone or against its sources.

    With the corpora or tables that it was built from, every text and label is read again, every clip is mixed again,
    and all are compared.
    """
    keep_freed_memory()
    found = sseu_dataset.verify(folder, **sources)
    imported = sseu_dataset.load_manifest(folder).imported is not None
    for problem in found.problems[:_SHOWN_PROBLEMS]:
        click.echo(f"wrong: {problem}")
    differing = found.differing or {}
    for row, difference in list(differing.items())[:_SHOWN_PROBLEMS]:
        extent = f"{difference.samples} samples, by at most {difference.max_steps} steps of 16 bits"
        click.echo(f"differs from its sources: {row}: {extent}")
    if found.problems or differing:
        against = "" if found.differing is None else f", {len(differing)} clips differ from their sources"
        click.echo(f"{folder}: {len(found.problems)} problems{against}")
        return errors.FAILED
    compared = ", and each text, label and sample is what the corpora give" if found.differing is not None else ""
    with_what = "its manifest" if imported else "recipe and manifest"
    click.echo(f"{folder}: {found.rows} clips agree with {with_what}{compared}")
    return errors.DONE


@click.command(
    cls=Command,
    resumes=True,
    examples="""
  sseu measure sseu-bench
  sseu measure sseu-bench --definitions active
""",
)
@click.argument("folder", type=FOLDER)
@option("--definitions", type=words_of, metavar="NAME,NAME", help="active,loudness (default: both).")
@options.threads_option
def measure(folder: Path, definitions: tuple[str, ...] | None, workers: int | None) -> None:
    """Add SNRs of other definitions to a dataset folder.

    active: speech level after ITU-T P.56; loudness: after ITU-R BS.1770 (extra measure).
    """
    measured = sseu_dataset.measure(folder, definitions or DEFINITIONS, workers=workers)
    click.echo(f"{folder}: {', '.join(measured)} measured")


@click.command(
    cls=Command,
    examples="""
  sseu standin --out corpora
  sseu build --vctk corpora/VCTK-Corpus-0.92 --desed corpora/DESED --maestro corpora/MAESTRO_Real_development
""",
)
@option("--out", type=FOLDER, required=True, metavar="DIR", help="Folder to make.")
@option("--size", type=options.OneOf(["demo", "full"]), default="demo", help="A small set (default) or official size.")
def standin(out: Path, size: Literal["demo", "full"]) -> None:
    """Make synthetic corpora in the official layouts.

    To try everything without a licence; needs the extra demo.
    """
    from sseu_dataset.standin.corpora import WHAT_IS_SYNTHETIC, make_standin

    click.echo(WHAT_IS_SYNTHETIC)
    make_standin(out, size)
    click.echo(f"{out}: stand-in corpora ({size})")


@click.command(
    cls=Command,
    resumes=True,
    examples="""
all three (15 GB)
  sseu download corpora
one of them
  sseu download corpora --only desed
""",
)
@click.argument("folder", type=FOLDER)
@option("--only", type=options.OneOf(_CORPORA), multiple=True, help="This corpus; may be repeated (default: all).")
def download(folder: Path, only: tuple[str, ...]) -> None:
    """Fetch, check and unpack the corpora.

    Their licences are shown first; what is there is not fetched again.
    """
    for name, place in _fetch(folder, only or _CORPORA).items():
        click.echo(f"--{name} {place}")
