"""The build: plan, mix, write, and only then put the folder in its place.

corpora -> plan (recipe) -> pairs -> mixtures -> rows -> blocks of Parquet -> card, manifest -> the folder

Everything is written below `<out>.partial/.dataset`, the samples in a hidden folder that `datasets` does not look into.
The last two steps rename that data folder and then the whole folder, so a half-written dataset is never loadable. A
block of pairs that was written whole is kept when the build is stopped at any moment; the same command goes on there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from sseu_dataset import manifest, recipe
from sseu_dataset.building import card
from sseu_dataset.building.plan import (
    Corpora,
    Effort,
    Plan,
    check_folders,
    count_excluded,
    excluded_table,
    plan_build,
    plan_rebuild,
)
from sseu_dataset.building.render import encode_flac, render, to_rows
from sseu_dataset.building.shards import PAIRS_PER_SHARD, Journal, read_journal, shard_paths, write_block, write_text
from sseu_dataset.building.utterances import UtteranceStore
from sseu_dataset.building.work_folder import (
    DATASET,
    JOURNALS,
    absolute,
    check_place,
    is_finished,
    remove,
    remove_leftover,
    work_folder,
    work_path,
)
from sseu_dataset.corpora.headers import default_cache
from sseu_dataset.parallel import ordered_map, worker_count
from sseu_dataset.records import CorpusError, DatasetError, Findings, Pair, Settings

_HIDDEN_DATA = ".data"  # so that `load_dataset("<out>.partial")` finds no samples


@dataclass(frozen=True)
class BuildResult:
    """What a build made: the folder, its manifest, and what the corpora were found to hold.

    `resumed_pairs` were already there from an earlier start; `differing_rows` are the rows whose samples are not those
    of the manifest beside the recipe that was rebuilt (None where there was nothing to compare with).
    """

    folder: Path
    manifest: manifest.Manifest
    findings: Findings
    resumed_pairs: int
    differing_rows: list[str] | None


def build(
    out: Path | str,
    *,
    vctk: Path | str,
    desed: Path | str,
    maestro: Path | str,
    settings: Settings | None = None,
    recipe_file: Path | str | None = None,
    allow_partial: bool = False,
    workers: int | None = None,
    progress: bool = True,
    header_cache: Path | None = None,
    announce: Callable[[str], None] = lambda _: None,
) -> BuildResult:
    """Build the benchmark from the three corpora into the folder `out`.

    Args:
        out: A folder that does not exist yet or is empty. Where an equal build is already finished, nothing is done.
        vctk: The folder VCTK 0.92 (or 0.80) was unpacked into.
        desed: The folder of the DESED public evaluation set.
        maestro: The folder of the MAESTRO-Real development set.
        settings: Deviations from the paper's recipe; they name the result `custom`.
        recipe_file: Rebuild exactly this recipe, here or on the Hub (`recipe.local_recipe`), instead of drawing one.
        allow_partial: Leave out what is missing or broken and name the result `partial`.
        workers: Number of threads; the cores of the machine by default. The result does not depend on it.
        progress: Show progress bars on standard error.
        header_cache: Where headers of audio files are remembered.
        announce: Called with one line for each stage.

    Raises:
        CorpusError: A corpus is missing, incomplete or broken.
        DatasetError: `out` is not empty, holds another build, or the recipe cannot be read.
        OSError: The disk is full or may not be written; the same command continues once that is mended.
    """
    folders = {"vctk": Path(vctk), "desed": Path(desed), "maestro": Path(maestro)}
    published = check_request(
        out,
        folders=folders,
        settings=settings,
        recipe_file=recipe_file,
        allow_partial=allow_partial,
        workers=workers,
    )
    asked, out = Path(out), absolute(out)
    effort = Effort(worker_count(workers), progress, header_cache or default_cache())
    corpora = Corpora(**folders)
    with closing(UtteranceStore()) as utterances:
        if published is not None:
            _announce_missing(published, announce)
            plan = plan_rebuild(corpora, published.recipe, effort=effort)
        else:
            plan = plan_build(
                corpora, settings or Settings(), allow_partial=allow_partial, effort=effort, utterances=utterances
            )
        excluded = published.excluded if published is not None else None
        if excluded is None:
            excluded = excluded_table(plan.findings)
        recipe_sha256 = recipe.recipe_sha256(plan.recipe)
        announce(
            f"{len(plan.recipe.pairs)} pairs, {len(plan.recipe.settings.conditions)} conditions, "
            f"recipe {plan.recipe.name}"
        )

        resumed_pairs = len(plan.recipe.pairs)
        if is_finished(out, recipe_sha256):
            remove_leftover(work_path(out), recipe_sha256)
        else:
            with work_folder(out, recipe_sha256, announce) as work:
                resumed_pairs = _fill(work, plan, recipe_sha256, excluded, effort, utterances)
                (work / DATASET).replace(out)
                remove(work)
    made = manifest.read_manifest(out)
    differing = _compare(published.manifest, made) if published is not None and published.manifest is not None else None
    return BuildResult(asked, made, plan.findings, resumed_pairs, differing)


def check_request(
    out: Path | str,
    *,
    folders: Mapping[str, Path],
    settings: Settings | None,
    recipe_file: Path | str | None,
    allow_partial: bool,
    workers: int | None,
) -> recipe.Published | None:
    """Find what is wrong with a call of `build` before hours of work; no file of a corpus is read.

    The arguments are those of `build`; `folders` are those of `vctk`, `desed` and `maestro` that are there already.

    Returns:
        The recipe to rebuild and what lies beside it; None where one is to be drawn.

    Raises:
        CorpusError: A folder does not hold its corpus.
        DatasetError: Arguments that exclude each other, a recipe that cannot be read, or `out` cannot be built into.
        ValueError: Fewer than one worker.
    """
    if recipe_file is not None and settings is not None:
        raise DatasetError("a recipe fixes all settings: give one or the other")
    if recipe_file is not None and allow_partial:
        raise DatasetError("a recipe fixes every source file: leave out --allow-partial, or --recipe")
    worker_count(workers)
    out = absolute(out)
    check_place(out)
    check_folders(folders)
    if recipe_file is None:
        return None
    published = recipe.read_published(recipe_file)
    if published.excluded is not None:
        count_excluded(published.excluded)
    is_finished(out, recipe.recipe_sha256(published.recipe))
    return published


def _announce_missing(published: recipe.Published, announce: Callable[[str], None]) -> None:
    if published.manifest is None:
        announce(f"no {manifest.FILE_NAME} beside the recipe: the samples will not be compared with its maker's")
    if published.excluded is None:
        announce(f"no {recipe.EXCLUDED} beside the recipe: which source files were left out is not known")


def _fill(work: Path, plan: Plan, recipe_sha256: str, excluded: str, effort: Effort, utterances: UtteranceStore) -> int:
    """Write every missing block, then what describes them; the number of pairs that were there already."""
    folder = work / DATASET
    data = folder / "data" if (folder / "data").exists() else folder / _HIDDEN_DATA
    pairs = plan.recipe.pairs
    blocks = [pairs[first : first + PAIRS_PER_SHARD] for first in range(0, len(pairs), PAIRS_PER_SHARD)]
    shards = shard_paths(data, plan.recipe.settings.conditions, len(pairs))
    journal_paths = [work / JOURNALS / f"{number:05d}.json" for number in range(len(blocks))]
    journals = [read_journal(path, data) for path in journal_paths]
    missing = [number for number, journal in enumerate(journals) if journal is None]
    todo = [pair for number in missing for pair in blocks[number]]

    def rows_of(pair: Pair) -> list[dict[str, Any]]:
        try:
            mixtures = render(plan, pair, utterances)
        except CorpusError as error:
            raise CorpusError(f"{pair.pair_id}: {error}") from error
        except ValueError as error:
            raise DatasetError(f"{pair.pair_id}: {error}") from error
        return to_rows(pair, mixtures, plan.recipe, encode_flac)

    with closing(
        ordered_map(
            rows_of,
            todo,
            total=len(todo),
            workers=effort.workers,
            title="mixing",
            unit="pair",
            progress=effort.progress,
        )
    ) as rendered:
        for number in missing:
            journals[number] = write_block(
                data,
                shards[number],
                journal_paths[number],
                plan.recipe.settings.conditions,
                islice(rendered, len(blocks[number])),
            )
    _describe(folder, plan, recipe_sha256, excluded, [journal for journal in journals if journal is not None])
    if data.name == _HIDDEN_DATA:
        data.rename(folder / "data")
    return len(pairs) - len(todo)


def _describe(folder: Path, plan: Plan, recipe_sha256: str, excluded: str, journals: list[Journal]) -> None:
    """Recipe, list of exclusions, card, figure and, last, the manifest."""
    recipe.write_recipe(plan.recipe, folder / recipe.FILE_NAME)
    write_text(folder / recipe.EXCLUDED, excluded)
    pcm_sha256 = {row: sha256 for journal in journals for row, sha256 in journal.pcm_sha256.items()}
    gains_db = {pair: gain for journal in journals for pair, gain in journal.gain_db.items()}
    made = manifest.make_manifest(plan.recipe, recipe_sha256, pcm_sha256, excluded=count_excluded(excluded))
    card.write_figure(plan.recipe, gains_db, folder / card.FIGURE)
    write_text(folder / "README.md", card.make_card(plan.recipe, made, gains_db, _sizes_bytes(journals)))
    write_text(folder / manifest.FILE_NAME, made.to_json())


def _sizes_bytes(journals: list[Journal]) -> Counter[str]:
    """The size of the Parquet files of each configuration."""
    sizes: Counter[str] = Counter()
    for journal in journals:
        for name, size in journal.file_sizes.items():
            sizes[name.split("/")[0]] += size
            sizes["all"] += size
    return sizes


def _compare(published: manifest.Manifest, made: manifest.Manifest) -> list[str]:
    """Rows whose samples differ from those of the manifest that lies beside the recipe."""
    rows = made.pcm_sha256.keys() | published.pcm_sha256.keys()
    return sorted(row for row in rows if made.pcm_sha256.get(row) != published.pcm_sha256.get(row))
