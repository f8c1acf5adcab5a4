"""Whether a dataset folder follows from an edition's commitment and seed, and what it takes to know the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from sseu_dataset.building.verify import verify
from sseu_dataset.editions.edition import Edition, check_edition_version, read_edition, seed_of
from sseu_dataset.manifest import read_manifest
from sseu_dataset.pairing import draw_order
from sseu_dataset.recipe import FILE_NAME as RECIPE
from sseu_dataset.recipe import read_recipe
from sseu_dataset.records import DatasetError, Recipe, Settings

_MAX_SHOWN = 10


@dataclass(frozen=True)
class EditionCheck:
    """The result of `check_edition`.

    Attributes:
        edition: The edition as its file says.
        proved: What was proved, one sentence each.
        faults: What does not follow from the edition, one sentence each; empty if all that was checked holds.
        remaining: What was not checked or cannot be, and what it takes.
    """

    edition: Edition
    proved: tuple[str, ...]
    faults: tuple[str, ...]
    remaining: tuple[str, ...]


def check_edition(
    folder: str | Path,
    edition: str | Path,
    *,
    seed_file: str | Path | None = None,
    vctk: str | Path | None = None,
    desed: str | Path | None = None,
    maestro: str | Path | None = None,
    workers: int | None = None,
    progress: bool = True,
) -> EditionCheck:
    """Check that a dataset folder is the build of an edition.

    Without the corpora: that name, rule, version and seed fit the commitment, that settings and version are the
    edition's, that the order of the pairs follows from the seed, and that the clips are those of recipe and manifest.
    With them, that every pair, text, label and sample is what seed and corpora give.

    Args:
        folder: The dataset folder.
        edition: The edition's public file, or its name.
        seed_file: The secret file, while the edition is sealed.
        vctk: The folder VCTK was unpacked into.
        desed: The folder of the DESED public evaluation set.
        maestro: The folder of the MAESTRO-Real development set.
        workers: Number of threads; the available cores by default.
        progress: Show progress bars on standard error, if that is a terminal.

    Raises:
        DatasetError: The edition is sealed and no seed is given, its file or the seed's is invalid or of another
            version, the folder is no build, or only some of the corpora are given.
        CorpusError: The corpora do not hold the recipe's files.
    """
    found = read_edition(edition)
    folder = Path(folder)
    seed = seed_of(found, seed_file)
    check_edition_version(found)
    made = read_manifest(folder)
    if made.settings is None:
        raise DatasetError(f"{folder}: its mixtures were made elsewhere (recipe imported), so it is of no edition")
    recipe = read_recipe(folder / RECIPE)
    proved = [f"name, rule, version and seed fit the commitment {found.commitment}"]
    when = (
        f"when the commitment was published: compare {found.commitment[:12]}... with where the organiser published it"
    )
    remaining = [f"{when}, and its day with that of the results"]
    stated = {"the recipe": recipe.settings, "the manifest": made.settings}
    faults = [fault for name, one in stated.items() for fault in _differences(name, one, found, seed)]
    faults += [
        f"{name} is of version {version}, the edition of {found.dataset_version}"
        for name, version in (("the recipe", recipe.version), ("the manifest", made.version))
        if version != found.dataset_version
    ]
    if faults:
        return EditionCheck(found, tuple(proved), tuple(faults), tuple(remaining))
    proved.append(f"the folder says that it is the edition {found.name}: its seed, rule {found.rule}, {made.version}")
    if (place := _misplaced(recipe)) is not None:
        faults.append(f"the order of the pairs does not follow from the seed, from {place} on")
    else:
        proved.append(f"the order of its {len(recipe.pairs)} pairs follows from the seed")
    folders = {"vctk": vctk, "desed": desed, "maestro": maestro}
    verified = verify(folder, **folders, workers=workers, progress=progress)
    wrong = [*verified.problems, *(f"{row}: its samples are not the sources'" for row in verified.differing or ())]
    faults += wrong[:_MAX_SHOWN]
    if len(wrong) > _MAX_SHOWN:
        faults.append(f"and {len(wrong) - _MAX_SHOWN} more: sseu verify lists them")
    if not wrong:
        proved.append(f"its {verified.rows} clips agree with recipe and manifest")
    if verified.differing is None:
        remaining.insert(
            0,
            "which speech lies where on which background, and every text, label and sample: give --vctk, --desed and "
            "--maestro",
        )
    elif not wrong:
        proved.append("every pair, text, label and sample is what the seed gives of these corpora")
    if recipe.reasons:
        remaining.insert(0, f"the complete official corpora: this build is {recipe.name} ({'; '.join(recipe.reasons)})")
    return EditionCheck(found, tuple(proved), tuple(faults), tuple(remaining))


def _differences(name: str, stated: Settings, edition: Edition, seed: str) -> Iterator[str]:
    """How settings differ from the edition's; a seed is not repeated."""
    expected = edition.settings(seed)
    for field in fields(Settings):
        one, other = getattr(stated, field.name), getattr(expected, field.name)
        if one != other:
            values = "" if field.name == "seed" else f": {one} instead of {other}"
            yield f"{name} has another {field.name} than the edition {edition.name}{values}"


def _misplaced(recipe: Recipe) -> str | None:
    """The first pair that is not where the seed puts it; None if all are."""
    stated = [pair.pair_id for pair in recipe.pairs]
    drawn = draw_order(recipe.settings.seed, stated)
    return next((one for one, other in zip(stated, drawn, strict=True) if one != other), None)
