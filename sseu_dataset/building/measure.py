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
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sseu_dataset.building.level_measures import active_speech_level_db, loudness_lufs
from sseu_dataset.building.shards import blocks_of, replace_columns, shard_paths, sizes_bytes
from sseu_dataset.building.stored_pairs import StoredPair, read_pairs
from sseu_dataset.describing import card
from sseu_dataset.files import locked, write_atomically
from sseu_dataset.manifest import FILE_NAME, check_version, read_manifest
from sseu_dataset.mixing import energy
from sseu_dataset.parallel import ordered_map, worker_count
from sseu_dataset.recipe import FILE_NAME as RECIPE
from sseu_dataset.recipe import read_recipe
from sseu_dataset.records import RATE_HZ, DatasetError
from sseu_dataset.rows.samples import check_pcm
from sseu_dataset.schema import config_name

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
        gains_db: dict[str, float] = {}
        results = ordered_map(
            lambda stored: _measure_pair(stored, definitions),
            read_pairs(folder, recipe, manifest.layout),
            workers=workers,
            title="measuring",
            unit="pair",
            progress=progress,
            total=len(recipe.pairs),
        )
        with closing(results):
            finite = [config_name(condition) for condition in recipe.settings.conditions[1:-1]]
            shards = shard_paths(folder / "data", finite, len(recipe.pairs))
            for pairs, paths in zip(blocks_of(recipe.pairs), shards, strict=True):
                block = list(islice(results, len(pairs)))
                gains_db |= {one.pair_id: one.gain_db for one in block}
                for snr_db, path in zip(recipe.settings.snrs_db, paths, strict=True):
                    columns = {name: [one.at(name, snr_db) for one in block] for name in definitions}
                    draft = drafts / f"{path.parent.name}-{path.name}"
                    replace_columns(path, {f"snr_{name}_db": values for name, values in columns.items()}, draft)
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


@dataclass(frozen=True)
class _Measured:
    """The SNRs of a pair's row at 0 dB, by definition; None where a signal has no such level."""

    pair_id: str
    gain_db: float
    at_0_db: dict[str, float | None]

    def at(self, definition: str, snr_db: float) -> float | None:
        value = self.at_0_db[definition]
        return None if value is None else round(value + snr_db, _DECIMALS) + 0.0


def _measure_pair(stored: StoredPair, definitions: Sequence[str]) -> _Measured:
    speech_row, background_row = stored.rows[0], stored.rows[-1]
    speech, background = stored.ends()
    check_pcm(speech_row, speech)
    check_pcm(background_row, background)
    onset = round(speech_row["speech_onset_s"] * RATE_HZ)
    length = round(speech_row["speech_duration_s"] * RATE_HZ)
    speech = speech[onset : onset + length]
    background = background[: round(background_row["background_duration_s"] * RATE_HZ)]
    try:
        at_0_db = {name: _SNR_AT_0_DB[name](speech, background) for name in definitions}
    except ValueError as error:
        raise DatasetError(f"{stored.pair.pair_id}: {error}") from error
    return _Measured(stored.pair.pair_id, speech_row["gain_db"], at_0_db)


def _active_snr_db(speech: NDArray[np.int16], background: NDArray[np.int16]) -> float:
    background_db = 10 * math.log10(energy(background) / len(background) / 32768**2)
    return active_speech_level_db(speech, RATE_HZ) - background_db


def _loudness_snr_db(speech: NDArray[np.int16], background: NDArray[np.int16]) -> float | None:
    """The difference of both loudnesses; None where a signal is so quiet or low-pitched that every block is gated."""
    speech_lufs, background_lufs = loudness_lufs(speech, RATE_HZ), loudness_lufs(background, RATE_HZ)
    return None if speech_lufs is None or background_lufs is None else speech_lufs - background_lufs


_SNR_AT_0_DB: dict[str, Any] = {"active": _active_snr_db, "loudness": _loudness_snr_db}
