"""The build: plan, mix, write, and only then put the folder in its place.

    corpora -> plan (recipe) -> pairs -> mixtures -> rows -> Parquet -> card, Croissant, manifest -> the folder

Everything is written below `<out>.partial/.dataset`, the samples in a hidden folder that `datasets` does not look into.
The last two steps rename that data folder and then the whole folder, so a half-written dataset is never loadable. A
complete block of pairs is kept when the build is stopped at any moment; the same command continues there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sseu_dataset.building.fill import fill
from sseu_dataset.building.render import label_columns
from sseu_dataset.building.work_folder import (
    DATASET,
    absolute,
    check_output_folder,
    is_finished,
    remove,
    remove_leftover,
    work_folder,
    work_path,
)
from sseu_dataset.corpora.headers import default_cache
from sseu_dataset.corpora.utterances import UtteranceCache
from sseu_dataset.files import sync_folder
from sseu_dataset.manifest import FILE_NAME as MANIFEST
from sseu_dataset.manifest import Manifest, read_manifest
from sseu_dataset.parallel import worker_count
from sseu_dataset.planning.exclusions import count_excluded, excluded_table
from sseu_dataset.planning.plan import Execution, plan_build
from sseu_dataset.planning.rebuild import plan_rebuild, refuse_differences
from sseu_dataset.planning.sources import Corpora, check_complete, find_roots
from sseu_dataset.recipe import EXCLUDED, PublishedRecipe, read_published, recipe_sha256
from sseu_dataset.records import DatasetError, Layout, Settings, SourceIssues
from sseu_metric.label_rules import LabelCounts, LabelRule


@dataclass(frozen=True)
class BuildResult:
    """What a build made and what it found.

    Attributes:
        folder: The dataset folder, as it was given.
        manifest: The folder's manifest.
        issues: What is missing, broken, excluded or unusual in the corpora; empty for a rebuild from a recipe.
        resumed_pairs: Number of pairs that an earlier, interrupted build had finished.
        differing_rows: Ids of rows whose samples or references differ from those of the manifest beside the recipe;
            None where there was no such manifest.
        label_counts: What other rules would make of the backgrounds' labels (`sseu_metric.label_rules`).
    """

    folder: Path
    manifest: Manifest
    issues: SourceIssues
    resumed_pairs: int
    differing_rows: list[str] | None
    label_counts: Mapping[LabelRule, LabelCounts]


def build(
    out: str | Path,
    *,
    vctk: str | Path | None = None,
    desed: str | Path | None = None,
    maestro: str | Path | None = None,
    speech: str | Path | None = None,
    background: str | Path | None = None,
    speech_licence: str | None = None,
    background_licence: str | None = None,
    settings: Settings | None = None,
    recipe: str | Path | None = None,
    layout: Layout = "full",
    allow_partial: bool = False,
    workers: int | None = None,
    progress: bool = True,
    header_cache: str | Path | None = None,
    announce: Callable[[str], None] = lambda _: None,
) -> BuildResult:
    """Build the benchmark from the three corpora, or from tables that describe others, into the folder `out`.

    Args:
        out: A folder that does not exist yet or is empty. If it already holds an equal build, nothing is done.
        vctk: The folder VCTK 0.92 (or 0.80) was unpacked into.
        desed: The folder of the DESED public evaluation set.
        maestro: The folder of the MAESTRO-Real development set.
        speech: A table of other speech, in place of VCTK (docs/tables.md); it names the result `custom`.
        background: A table of other backgrounds, in place of DESED and MAESTRO-Real.
        speech_licence: The licence of that speech; with `recipe` it is known.
        background_licence: The licence of those backgrounds; with `recipe` it is known.
        settings: Deviations from the paper's settings; they name the result `custom`. By default the paper's, but with
            a table of speech recordings of 1 to 10 s.
        recipe: Rebuild exactly this recipe instead of drawing one: a file, or
            `hf://datasets/<owner>/<name>[@<tag>]/recipe.parquet`.
        layout: `full` stores every mixture; `stems` the two signals of each pair, from which `load` mixes them.
        allow_partial: Leave out what is missing or broken and name the result `partial`.
        workers: Number of threads; the available cores by default. The result does not depend on it.
        progress: Show progress bars on standard error, if that is a terminal.
        header_cache: File that remembers the headers of audio files between builds.
        announce: Called with one line for each stage.

    Raises:
        CorpusError: A corpus is missing, incomplete or broken, or says otherwise than the recipe.
        DatasetError: `out` is not empty or holds another build, or the recipe cannot be read or is not that of the
            manifest beside it.
        OSError: The disk is full or not writable; once that is fixed, the same command continues.
    """
    corpora = Corpora.of(
        vctk=vctk,
        desed=desed,
        maestro=maestro,
        speech=speech,
        background=background,
        speech_licence=speech_licence,
        background_licence=background_licence,
    )
    published = check_request(
        out,
        corpora=corpora,
        settings=settings,
        recipe=recipe,
        layout=layout,
        allow_partial=allow_partial,
        workers=workers,
    )
    folder = absolute(out)
    check_complete(corpora, None if published is None else published.recipe)
    if published is not None:
        corpora = corpora.of_recipe(published.recipe)
    execution = Execution(worker_count(workers), progress, Path(header_cache or default_cache()))
    with closing(UtteranceCache()) as utterances:
        if published is not None:
            _announce_missing(published, announce)
            plan = plan_rebuild(corpora, published.recipe, execution=execution)
            refuse_differences(corpora, published.recipe, execution=execution)
        else:
            plan = plan_build(
                corpora,
                settings or corpora.settings(),
                allow_partial=allow_partial,
                execution=execution,
                utterances=utterances,
            )
        excluded = published.excluded if published is not None else None
        if excluded is None:
            excluded = excluded_table(plan.issues)
        sha256 = recipe_sha256(plan.recipe)
        pairs, conditions = plan.recipe.pairs, plan.recipe.settings.conditions
        announce(f"{len(pairs)} pair{'s' * (len(pairs) != 1)}, {len(conditions)} conditions, recipe {plan.recipe.name}")
        for table in plan.recipe.tables:
            announce(f"{table.role} by the table {table.name}, licence: {table.licence}")

        resumed_pairs = len(pairs)
        if is_finished(folder, sha256, layout):
            remove_leftover(work_path(folder), sha256, layout)
        else:
            with work_folder(folder, sha256, layout, announce) as work:
                resumed_pairs = fill(work, plan, sha256, excluded, layout, execution, utterances)
                (work / DATASET).replace(folder)
                sync_folder(folder.parent)
                remove(work)
    made = read_manifest(folder)
    differing = None
    if published is not None and published.manifest is not None:
        old, new = published.manifest.row_hashes, made.row_hashes
        differing = sorted(row for row in old.keys() | new.keys() if old.get(row) != new.get(row))
    label_counts = count_labels({pair.pair_id: label_columns(pair.background) for pair in pairs})
    return BuildResult(Path(out), made, plan.issues, resumed_pairs, differing, label_counts)


def check_request(
    out: str | Path,
    *,
    corpora: Corpora,
    settings: Settings | None,
    recipe: str | Path | None,
    layout: Layout = "full",
    allow_partial: bool,
    workers: int | None,
) -> PublishedRecipe | None:
    """Find what is wrong with a call of `build` before hours of work; no file of a corpus is read.

    The arguments are those of `build`; `corpora` are those that exist already.

    Returns:
        The recipe to rebuild and the files beside it; None if one is to be drawn.

    Raises:
        CorpusError: A folder does not hold its corpus, or a table cannot be used.
        DatasetError: Arguments exclude each other, the licence of a table is missing, the recipe cannot be read, or
            `out` cannot be built into.
        ValueError: Fewer than one worker.
    """
    if recipe is not None and settings is not None:
        raise DatasetError("a recipe determines all settings: give either a recipe or settings, not both")
    if recipe is not None and allow_partial:
        raise DatasetError("a recipe determines every source file: leave out --allow-partial, or --recipe")
    worker_count(workers)
    folder = absolute(out)
    check_output_folder(folder)
    find_roots(corpora)
    if recipe is None:
        corpora.tables()
        return None
    published = read_published(recipe)
    corpora.of_recipe(published.recipe)
    if published.excluded is not None:
        listed, made = count_excluded(published.excluded), published.manifest
        if made is not None and made.excluded != listed:
            raise DatasetError(
                f"{EXCLUDED} beside the recipe lists {listed} files, {MANIFEST} says {made.excluded}; fetch both again"
            )
    is_finished(folder, recipe_sha256(published.recipe), layout)
    return published


def count_labels(backgrounds: Mapping[str, Mapping[str, Any]]) -> dict[LabelRule, LabelCounts]:
    """What every rule makes of the labels of backgrounds, each once (`label_columns`)."""
    from sseu_metric.label_ceiling import Relevances  # loads NumPy

    return Relevances.of(backgrounds).counts()


def _announce_missing(published: PublishedRecipe, announce: Callable[[str], None]) -> None:
    if published.manifest is None:
        announce(f"no {MANIFEST} beside the recipe: the samples cannot be compared with the published ones")
    if published.excluded is None:
        announce(f"no {EXCLUDED} beside the recipe: which source files were left out is unknown")
