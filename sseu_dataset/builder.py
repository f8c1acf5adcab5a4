"""The build: plan, mix, write, and only then put the folder in its place.

corpora -> plan (recipe) -> pairs -> mixtures -> rows -> blocks of Parquet -> card, manifest -> the folder

Everything is written below `<out>.partial/.dataset`, the samples in a hidden folder that `datasets` does not look into.
The last two steps rename that data folder and then the whole folder, so a half-written dataset is never loadable. A
block of pairs that was written whole is kept when the build is stopped at any moment; the same command goes on there.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from sseu_dataset import card, manifest, recipe
from sseu_dataset.folder_lock import locked
from sseu_dataset.header_cache import default_cache
from sseu_dataset.parallel import ordered_map, worker_count
from sseu_dataset.plan import Corpora, Effort, Plan, plan_build, plan_rebuild
from sseu_dataset.records import DatasetError, Finding, Findings, Pair, Settings
from sseu_dataset.rendering import encode_flac, render, to_rows
from sseu_dataset.shards import PAIRS_PER_SHARD, Journal, read_journal, shard_paths, write_block, write_text
from sseu_dataset.utterance_store import UtteranceStore

# Hidden names, so that `load_dataset("<out>.partial")` finds nothing, neither samples nor our own tables.
_DATASET, _JOURNALS, _HIDDEN_DATA = ".dataset", ".journals", ".data"


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
        recipe_file: Rebuild exactly this recipe instead of drawing one.
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
    out = Path(out)
    if recipe_file is not None and settings is not None:
        raise DatasetError("a recipe fixes all settings: give one or the other")
    effort = Effort(worker_count(workers), progress, header_cache or default_cache())
    corpora = Corpora(Path(vctk), Path(desed), Path(maestro))
    with closing(UtteranceStore()) as utterances:
        if recipe_file is not None:
            plan = plan_rebuild(corpora, recipe.read_recipe(Path(recipe_file)), effort=effort)
        else:
            plan = plan_build(
                corpora, settings or Settings(), allow_partial=allow_partial, effort=effort, utterances=utterances
            )
        recipe_sha256 = recipe.recipe_sha256(plan.recipe)
        announce(
            f"{len(plan.recipe.pairs)} pairs, {len(plan.recipe.settings.conditions)} conditions, "
            f"recipe {plan.recipe.name}"
        )

        resumed_pairs = len(plan.recipe.pairs)
        if not _is_finished(out, recipe_sha256):
            with _work_folder(out, recipe_sha256, announce) as work:
                resumed_pairs = _fill(work, plan, recipe_sha256, effort, utterances)
                (work / _DATASET).replace(out)
    shutil.rmtree(_work_path(out), ignore_errors=True)
    made = manifest.read_manifest(out)
    differing = _compare(Path(recipe_file), made) if recipe_file is not None else None
    return BuildResult(out, made, plan.findings, resumed_pairs, differing)


def _is_finished(out: Path, recipe_sha256: str) -> bool:
    """Whether `out` holds this very build already; raises where it holds anything else."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return False
    if out.is_dir() and (out / manifest.FILE_NAME).exists():
        if manifest.read_manifest(out).recipe_sha256 == recipe_sha256:
            return True
        raise DatasetError(f"{out} holds a build of another recipe; give another --out or remove it")
    raise DatasetError(f"{out} is not empty; give another --out or remove it")


def _work_path(out: Path) -> Path:
    return out.with_name(out.name + ".partial")


@contextmanager
def _work_folder(out: Path, recipe_sha256: str, announce: Callable[[str], None]) -> Iterator[Path]:
    """`<out>.partial`, for this process alone, continuing only a build of the same recipe."""
    work = _work_path(out)
    (work / _DATASET).mkdir(parents=True, exist_ok=True)
    (work / _JOURNALS).mkdir(exist_ok=True)
    taken = f"{work}: another build is writing here; wait for it or give another --out"
    with locked(work / "recipe.sha256", taken) as file:
        begun = file.read()
        if not begun:
            file.write(recipe_sha256)
            file.flush()
        elif begun != recipe_sha256:
            raise DatasetError(
                f"{work} is an unfinished build of another recipe (other settings, or the corpora have changed); "
                "remove it or give another --out"
            )
        else:
            announce(f"continuing the unfinished build in {work}")
        yield work


def _fill(work: Path, plan: Plan, recipe_sha256: str, effort: Effort, utterances: UtteranceStore) -> int:
    """Write every missing block, then what describes them; the number of pairs that were there already."""
    folder = work / _DATASET
    data = folder / "data" if (folder / "data").exists() else folder / _HIDDEN_DATA
    pairs = plan.recipe.pairs
    blocks = [pairs[first : first + PAIRS_PER_SHARD] for first in range(0, len(pairs), PAIRS_PER_SHARD)]
    shards = shard_paths(data, plan.recipe.settings.conditions, len(pairs))
    journal_paths = [work / _JOURNALS / f"{number:05d}.json" for number in range(len(blocks))]
    journals = [read_journal(path, data) for path in journal_paths]
    missing = [number for number, journal in enumerate(journals) if journal is None]
    todo = [pair for number in missing for pair in blocks[number]]

    def rows_of(pair: Pair) -> list[dict[str, Any]]:
        return to_rows(pair, render(plan, pair, utterances), plan.recipe, encode_flac)

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
    _describe(folder, plan, recipe_sha256, [journal for journal in journals if journal is not None])
    if data.name == _HIDDEN_DATA:
        data.rename(folder / "data")
    return len(pairs) - len(todo)


def _describe(folder: Path, plan: Plan, recipe_sha256: str, journals: list[Journal]) -> None:
    """Recipe, list of exclusions, card, figure and, last, the manifest."""
    recipe.write_recipe(plan.recipe, folder / recipe.FILE_NAME)
    excluded = sorted((*plan.findings.excluded, *plan.findings.problems), key=lambda finding: finding.path)
    write_text(folder / "excluded.tsv", _excluded_table(excluded))
    pcm_sha256 = {row: sha256 for journal in journals for row, sha256 in journal.pcm_sha256.items()}
    gains_db = {pair: gain for journal in journals for pair, gain in journal.gain_db.items()}
    made = manifest.make_manifest(plan.recipe, recipe_sha256, pcm_sha256, excluded=len(excluded))
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


def _excluded_table(findings: list[Finding]) -> str:
    """Tab separated: path, reason."""
    rows = [("path", "reason"), *((finding.path, finding.reason) for finding in findings)]
    return "".join("\t".join(" ".join(cell.split()) for cell in row) + "\n" for row in rows)


def _compare(recipe_file: Path, made: manifest.Manifest) -> list[str] | None:
    """Rows whose samples differ from the manifest that lies beside the recipe, if one does."""
    if not (recipe_file.parent / manifest.FILE_NAME).exists():
        return None
    published = manifest.read_manifest(recipe_file.parent).pcm_sha256
    rows = made.pcm_sha256.keys() | published.keys()
    return sorted(row for row in rows if made.pcm_sha256.get(row) != published.get(row))
