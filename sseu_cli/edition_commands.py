"""`sseu edition new | build | reveal | check`: a build that nobody has seen, committed to before it is revealed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import sseu_dataset
from sseu_cli import errors, options
from sseu_cli.command import Group
from sseu_cli.dataset_commands import print_build
from sseu_cli.options import FOLDER, option
from sseu_dataset.editions.edition import edition_path, settings_of
from sseu_dataset.parallel import keep_freed_memory

if TYPE_CHECKING:
    from sseu_dataset.records import RuleName


@click.group(cls=Group)
def edition() -> None:
    """Mixtures that nobody has heard, by a secret seed that is committed to before."""


_seed_option = option("--seed-file", type=FOLDER, metavar="FILE", help="NAME.seed, while the edition is sealed.")


@edition.command(
    examples="""
  sseu edition new spring.2027
  sseu edition new spring.2027.diverse --rule diverse --out editions
""",
)
@click.argument("name")
@option("--rule", type=options.OneOf(["paper", "diverse"]), default="paper", help="What chooses the speech (paper).")
@option("--out", type=FOLDER, default=Path(), metavar="DIR", help="Folder of both files (default: this one).")
def new(name: str, rule: RuleName, out: Path) -> None:
    """Draw a secret seed and commit to it.

    NAME.edition.json states name, rule, version and the SHA-256 of these with the seed, and is published before
    anything runs; NAME.seed holds the seed.
    """
    public, secret = sseu_dataset.new_edition(name, out, rule=rule)
    commitment = sseu_dataset.read_edition(public).commitment
    click.echo(f"{public}: publish this now, where its day can be proved; its commitment is {commitment}")
    click.echo(f"{secret}: keep this secret, with a copy: without it nobody can build or reveal the edition")


@edition.command(
    resumes=True,
    examples="""
  sseu edition build spring.2027 --seed-file spring.2027.seed --vctk VCTK-Corpus-0.92 --desed DESED \\
      --maestro MAESTRO_Real_development --out spring.2027
once it is revealed
  sseu edition build spring.2027.edition.json --vctk ... --desed ... --maestro ...
""",
)
@click.argument("name", metavar="NAME")
@_seed_option
@options.corpora_options
@option("--out", type=FOLDER, metavar="DIR", help="Folder to make (default: the edition's name).")
@option("--allow-partial", is_flag=True, help="Leave out what is missing or broken; the result is named partial.")
@options.threads_option
def build(name: str, seed_file: Path | None, out: Path | None, **others: Any) -> int:
    """Build an edition, named by its .edition.json.

    Nothing is built unless name, rule, version and seed fit the commitment, and this is the edition's version.
    """
    settings = settings_of(name, seed_file)
    if missing := [f"--{corpus}" for corpus in ("vctk", "desed", "maestro") if others[corpus] is None]:
        raise ValueError(f"{', '.join(missing)} missing: an edition is built from the three corpora")
    folder = out if out is not None else Path(str(settings.edition))
    keep_freed_memory()
    result = sseu_dataset.build(folder, settings=settings, announce=click.echo, **others)
    code = print_build(result, None)
    if sseu_dataset.read_edition(name).seed is None:
        click.echo(f"{folder}: keep it secret: recipe and manifest hold the seed, the rows every transcript and label")
    return code


@edition.command(
    examples="""
  sseu edition reveal spring.2027 --seed-file spring.2027.seed
""",
)
@click.argument("name", metavar="NAME")
@option("--seed-file", type=FOLDER, required=True, metavar="FILE", help="The secret file, NAME.seed.")
def reveal(name: str, seed_file: Path) -> None:
    """Write the seed into the public file.

    Whoever has the corpora can then build and check the edition.
    """
    revealed, was_sealed = sseu_dataset.reveal_edition(name, seed_file)
    what = "revealed; publish this file again" if was_sealed else "is revealed already, nothing was changed"
    click.echo(f"{edition_path(name)}: {what}")
    click.echo(f"seed {revealed.seed}")
    line = f"{revealed.name}|{revealed.rule}|{revealed.version}|{revealed.seed}"
    click.echo(f'commitment {revealed.commitment}; check with: printf %s "{line}" | sha256sum')


@edition.command(
    examples="""
what the folder alone shows
  sseu edition check spring.2027 --edition spring.2027.edition.json
every draw, text, label and sample
  sseu edition check spring.2027 --edition spring.2027.edition.json --vctk VCTK-Corpus-0.92 --desed DESED \\
      --maestro MAESTRO_Real_development
before it is revealed
  sseu edition check spring.2027 --edition spring.2027.edition.json --seed-file spring.2027.seed
""",
)
@click.argument("folder", type=FOLDER)
@option("--edition", "name", required=True, metavar="FILE", help="The .edition.json, as it was published.")
@_seed_option
@options.corpora_options
@options.threads_option
def check(folder: Path, name: str, **others: Any) -> int:
    """Prove that a folder is an edition's build.

    It says what was proved, what the corpora would prove, and what no check can.
    """
    found = sseu_dataset.check_edition(folder, name, **others)
    for title, sentences in (("proved", found.proved), ("WRONG", found.faults), ("not checked", found.remaining)):
        for sentence in sentences:
            click.echo(f"{title}: {sentence}")
    outcome = "is not proved to be" if found.faults else "is, as far as checked,"
    click.echo(f"{folder} {outcome} the edition {found.edition.name} ({found.edition.state})")
    return errors.FAILED if found.faults else errors.DONE
