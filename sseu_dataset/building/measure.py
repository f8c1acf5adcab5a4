"""Two SNR definitions that take longer than the build, `active` and `loudness`, added to a finished folder.

`active` is the utterance's active speech level (ITU-T P.56) over the background's mean power, `loudness` the
difference of integrated loudness (ITU-R BS.1770). Each signal is measured once, in the `+inf` and `-inf` rows; in a
mixture the background's level is lower by the SNR.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sseu_dataset.building.level_measures import active_speech_level_db, loudness_lufs
from sseu_dataset.building.shards import replace_columns, shard_paths, sizes_bytes
from sseu_dataset.describing import card
from sseu_dataset.files import locked, write_atomically
from sseu_dataset.manifest import FILE_NAME, check_version, read_manifest
from sseu_dataset.mixing import energy
from sseu_dataset.parallel import ordered_map, worker_count
from sseu_dataset.recipe import FILE_NAME as RECIPE
from sseu_dataset.recipe import read_recipe
from sseu_dataset.records import RATE_HZ, DatasetError, Recipe
from sseu_dataset.rows.samples import read_pcm

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DEFINITIONS = ("active", "loudness")
_DECIMALS = 4
_DRAFTS = ".measuring"


def measure(
    folder: str | Path, definitions: Sequence[str] = DEFINITIONS, *, workers: int | None = None, progress: bool = True
) -> list[str]:
    """Fill the columns `snr_active_db` and `snr_loudness_db` of every mixture.

    Files are replaced atomically, one by one, from drafts in the hidden folder `.measuring`: an interrupted run leaves
    a valid folder, and the next run completes it and removes the drafts.

    Args:
        folder: A finished dataset folder.
        definitions: `active` (ITU-T P.56), `loudness` (ITU-R BS.1770), or both.
        workers: Number of threads; the available cores by default.
        progress: Show a progress bar on standard error, if that is a terminal.

    Returns:
        All definitions the folder has been measured by, earlier runs included.

    Raises:
        DatasetError: The folder is not a finished dataset, another process is measuring it, or a definition is unknown.
        ImportError: The extra `measure` is not installed.
    """
    unknown = [name for name in definitions if name not in DEFINITIONS]
    if unknown or not definitions:
        raise DatasetError(f"unknown SNR definitions {unknown}; choose from {', '.join(DEFINITIONS)}")
    folder = Path(folder)
    found = read_manifest(folder)
    check_version(found, str(folder))
    if found.imported is not None:
        raise DatasetError(f"{folder}: imported mixtures have no SNRs to measure: the two signals are not known")
    workers = worker_count(workers)
    taken = f"{folder}: another process is measuring it; wait for it"
    with locked(folder / RECIPE, taken), _drafts_folder(folder) as drafts:  # the recipe, since it is never replaced
        manifest = read_manifest(folder)
        recipe = read_recipe(folder / RECIPE)

        def measure_block(paths: list[Path]) -> dict[str, float]:
            return _measure_block(paths, drafts, recipe, definitions)

        blocks = shard_paths(folder / "data", recipe.settings.conditions, len(recipe.pairs))
        gains_db: dict[str, float] = {}
        results = ordered_map(
            measure_block, blocks, workers=workers, title="measuring", unit="block", progress=progress
        )
        with closing(results):
            for gains in results:
                gains_db |= gains
        measured = [name for name in DEFINITIONS if name in definitions or name in manifest.measured]
        manifest = replace(manifest, measured=measured)
        text = card.make_card(recipe, manifest, gains_db, sizes_bytes(folder / "data"))  # the files' sizes have changed
        write_atomically(folder / card.CARD, text)
        write_atomically(folder / FILE_NAME, manifest.to_json())
    return measured


@contextmanager
def _drafts_folder(folder: Path) -> Iterator[Path]:
    """An empty folder on the dataset's file system, hidden from `datasets`; removed at the end."""
    drafts = folder / _DRAFTS
    if drafts.exists():
        shutil.rmtree(drafts)
    drafts.mkdir()
    try:
        yield drafts
    finally:
        shutil.rmtree(drafts)


def _measure_block(paths: list[Path], drafts: Path, recipe: Recipe, definitions: Sequence[str]) -> dict[str, float]:
    """Measure one block of pairs and replace the files of its finite conditions; the gain of each pair."""
    import pyarrow.parquet as pq

    speech_rows = pq.read_table(paths[0]).to_pylist()
    background_rows = pq.read_table(paths[-1]).to_pylist()
    at_0_db: dict[str, list[float | None]] = {name: [] for name in definitions}
    for speech_row, background_row in zip(speech_rows, background_rows, strict=True):
        onset = round(speech_row["speech_onset_s"] * RATE_HZ)
        length = round(speech_row["speech_duration_s"] * RATE_HZ)
        speech = read_pcm(speech_row)[onset : onset + length]
        background = read_pcm(background_row)[: round(background_row["background_duration_s"] * RATE_HZ)]
        for name in definitions:
            try:
                at_0_db[name].append(_SNR_AT_0_DB[name](speech, background))
            except ValueError as error:
                raise DatasetError(f"{speech_row['pair_id']}: {error}") from error
    for snr_db, path in zip(recipe.settings.snrs_db, paths[1:-1], strict=True):
        columns = {
            f"snr_{name}_db": [None if value is None else round(value + snr_db, _DECIMALS) + 0.0 for value in values]
            for name, values in at_0_db.items()
        }
        replace_columns(path, columns, drafts / f"{path.parent.name}-{path.name}")
    return {row["pair_id"]: row["gain_db"] for row in speech_rows}


def _active_snr_db(speech: NDArray[np.int16], background: NDArray[np.int16]) -> float:
    background_db = 10 * math.log10(energy(background) / len(background) / 32768**2)
    return active_speech_level_db(speech, RATE_HZ) - background_db


def _loudness_snr_db(speech: NDArray[np.int16], background: NDArray[np.int16]) -> float | None:
    """The difference of both loudnesses; None where a signal is so quiet or low-pitched that every block is gated."""
    speech_lufs, background_lufs = loudness_lufs(speech, RATE_HZ), loudness_lufs(background, RATE_HZ)
    return None if speech_lufs is None or background_lufs is None else speech_lufs - background_lufs


_SNR_AT_0_DB: dict[str, Any] = {"active": _active_snr_db, "loudness": _loudness_snr_db}
