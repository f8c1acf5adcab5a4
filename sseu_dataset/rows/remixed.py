"""A pair of a finished dataset at an SNR it was not built at: from its stems, or from the two rows at its ends.

From the stems (layout `stems`) it is what a build at the dataset's SNRs and this one would have made. The rows at the
ends were rounded once when the dataset was built. With a = 10 ** (gain / 20) of the further attenuation, 1 where
none is needed, and r = 10 ** (-SNR / 20), a sample therefore differs from the sources mixed directly by at most
a * (1 + r) / 2 + 1 / 2 steps of 16 bits, which never exceeds the bound of `loading.stems`, 1 + r / 2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any

from sseu_dataset.mixing import (
    PEAK_LIMIT,
    SNR_TOLERANCE_DB,
    Placement,
    SnrDb,
    amplitude_ratio,
    measure_snrs_db,
    mix,
    pcm_sha256,
)
from sseu_dataset.records import MAX_SNR_DB, RATE_HZ, DatasetError
from sseu_dataset.rows.flac import encode_flac
from sseu_dataset.rows.mixed import PairStems
from sseu_dataset.rows.samples import read_pcm
from sseu_dataset.schema import features, mixture_id
from sseu_metric.conditions import condition_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_OF_SPEECH, _OF_BACKGROUND = ("speech_onset_s", "speech_duration_s", "gain_db"), ("background_duration_s",)
_UNMEASURED = ("snr_active_db", "snr_loudness_db")


def finite_condition(snr_db: float) -> str:
    """The condition of a finite SNR in dB.

    Raises:
        ValueError: It is no number, not finite, beyond `MAX_SNR_DB`, or has more digits than a condition.
    """
    if isinstance(snr_db, bool) or not isinstance(snr_db, Real):
        raise ValueError(f"an SNR of {snr_db!r} is not a number; give it in dB, such as -5 or 7.5")
    snr_db = float(snr_db)
    if not math.isfinite(snr_db):
        raise ValueError(
            f"an SNR of {snr_db} dB is not finite; the ends, speech alone and background alone, are rows of the dataset"
        )
    if abs(snr_db) > MAX_SNR_DB:
        raise ValueError(
            f"an SNR of {snr_db:g} dB exceeds -{MAX_SNR_DB} to {MAX_SNR_DB} dB, which is what 16 bits can hold"
        )
    condition = condition_of(snr_db)
    if float(condition) != snr_db:
        raise ValueError(f"an SNR of {snr_db!r} dB has more digits than the name of a condition; give {condition}")
    return condition


@dataclass(frozen=True)
class Remix:
    """A pair at another SNR: its samples, int16, shape (441000,), the gain of the pair in dB, and the SNR measured."""

    pcm: NDArray[np.int16]
    gain_db: float
    snr: SnrDb


def from_stems(stems: PairStems, built_snrs_db: Sequence[float], snr_db: float) -> Remix:
    """A pair at `snr_db`, attenuated as little as that SNR and those of the build allow.

    Raises:
        ValueError: A signal has no energy in the mixture.
    """
    # The attenuation depends on the loudest background only, that at the lowest SNR.
    made = mix(stems.speech, stems.background, stems.onset_samples, [snr_db, min(built_snrs_db)])
    return Remix(made.pcm[1], made.gain_db, made.snrs_db[0])


def from_ends(speech_row: Mapping[str, Any], background_row: Mapping[str, Any], snr_db: float) -> Remix:
    """A pair at `snr_db` from its rows `+inf` and `-inf`.

    Raises:
        DatasetError: The rows are not those of a build, or not their own.
        ValueError: A signal has no energy in the mixture.
    """
    if unknown := [
        name
        for row, names in ((speech_row, _OF_SPEECH), (background_row, _OF_BACKGROUND))
        for name in names
        if row[name] is None
    ]:
        raise DatasetError(
            f"{speech_row['pair_id']}: its rows do not say how it was mixed ({', '.join(unknown)} is null), as those "
            "of a build do; it cannot be mixed at another SNR"
        )
    pcm, attenuation = _mix(read_pcm(speech_row), read_pcm(background_row), snr_db)
    gain_db = round(speech_row["gain_db"] + 20 * math.log10(attenuation), 6) + 0.0
    return Remix(pcm[1], gain_db, measure_snrs_db(pcm, _placement(speech_row, background_row))[0])


def remixed_row(
    speech_row: Mapping[str, Any], background_row: Mapping[str, Any], snr_db: float, remix: Callable[[], Remix]
) -> dict[str, Any]:
    """The row of a pair at `snr_db`, which `finite_condition` accepts.

    Args:
        speech_row: The pair's row `+inf`.
        background_row: The pair's row `-inf`.
        snr_db: The SNR in dB.
        remix: Mixes it (`from_stems`, `from_ends`).

    Raises:
        DatasetError: 16-bit samples cannot hold both signals at this SNR, or as `remix`.
    """
    pair_id, condition = speech_row["pair_id"], condition_of(snr_db)
    fault = ""
    try:
        made = remix()
        if abs(made.snr.clip - snr_db) > SNR_TOLERANCE_DB:
            fault = f"it came out as {made.snr.clip} dB"
    except DatasetError:
        raise
    except ValueError as error:
        fault = str(error)
    if fault:
        raise DatasetError(
            f"{pair_id}: 16-bit samples cannot hold it at an SNR of {condition} dB ({fault}); choose one nearer to 0"
        )
    row_id = mixture_id(pair_id, condition)
    licences = dict.fromkeys([speech_row["licence"], background_row["licence"]])
    changed = {
        "id": row_id,
        "audio": {"bytes": encode_flac(made.pcm), "path": f"{row_id}.flac"},
        "condition": condition,
        "snr_db": snr_db,
        "gain_db": made.gain_db,
        "snr_clip_db": made.snr.clip,
        "snr_overlap_db": made.snr.overlap,
        **dict.fromkeys(_UNMEASURED),
        "licence": " + ".join(licences),
        "pcm_sha256": pcm_sha256(made.pcm),
        "recipe": "custom",
    }
    # What a row lacks is null, an empty text or an empty list in it: of the other columns one of the two says it.
    return {
        name: changed[name]
        if name in changed
        else speech_row[name]
        if speech_row[name] not in (None, "", [])
        else background_row[name]
        for name in features()
    }


def _mix(speech: NDArray[np.int16], background: NDArray[np.int16], snr_db: float) -> tuple[NDArray[np.int16], float]:
    """Speech alone, mixture and background alone, int16, shape (3, 441000), and the attenuation that they share."""
    import numpy as np

    voice = speech.astype(np.float64)
    mixed = background * amplitude_ratio(-snr_db)
    mixed += voice
    peak = max(float(mixed.max()), -float(mixed.min()))
    attenuation = min(1.0, PEAK_LIMIT / peak)
    scaled = np.stack([voice, mixed, background])
    if attenuation < 1.0:
        scaled *= attenuation
    return np.rint(scaled).astype(np.int16), attenuation


def _placement(speech_row: Mapping[str, Any], background_row: Mapping[str, Any]) -> Placement:
    onset_s = speech_row["speech_onset_s"]
    return Placement(
        speech_onset=round(onset_s * RATE_HZ),
        speech_end=round((onset_s + speech_row["speech_duration_s"]) * RATE_HZ),
        background_end=round(background_row["background_duration_s"] * RATE_HZ),
    )
