"""The samples of a row: decoded without torch or torchcodec, and checked against the row's own hash."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sseu_dataset.mixing import pcm_sha256
from sseu_dataset.records import RATE_HZ, DatasetError
from sseu_dataset.rows.stored import FETCH_AGAIN

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def load_audio(row: Mapping[str, Any], rate_hz: int | None = None) -> NDArray[np.float32]:
    """Decode the samples of a row from `load`: mono, full scale 1.

    Args:
        row: A row with its audio as bytes.
        rate_hz: Sampling rate to resample to (soxr VHQ); 44,100 Hz by default.

    Returns:
        float32, shape (441000,) or (10 * rate_hz,).

    Raises:
        DatasetError: The row carries no audio bytes, or they are not the row's own (`pcm_sha256`).
    """
    return resample(full_scale_1(read_pcm(row)), rate_hz or RATE_HZ)


def full_scale_1(pcm: NDArray[np.int16]) -> NDArray[np.float32]:
    """16-bit samples on the scale from -1 to 1; exact."""
    import numpy as np

    return pcm.astype(np.float32) / np.float32(32768)


def resample(samples: NDArray[np.float32], rate_hz: int) -> NDArray[np.float32]:
    """Samples of 44,100 Hz at another rate (soxr VHQ): float32, shape (n * rate_hz / 44100,), or the same object."""
    if rate_hz == RATE_HZ:
        return samples
    import soxr

    resampled: NDArray[np.float32] = soxr.resample(samples, RATE_HZ, rate_hz, quality="VHQ")
    return resampled


def read_pcm(row: Mapping[str, Any]) -> NDArray[np.int16]:
    """The samples of a row, checked against its `pcm_sha256`: int16, shape (441000,).

    Raises:
        DatasetError: As `decode_pcm`, or the samples are not the row's own.
    """
    return read_hashed_pcm(row)[0]


def read_hashed_pcm(row: Mapping[str, Any]) -> tuple[NDArray[np.int16], str]:
    """The samples of a row as `read_pcm` gives them, with the SHA-256 that was computed from them (`pcm_sha256`).

    Raises:
        DatasetError: As `read_pcm`.
    """
    samples = decode_pcm(row)
    return samples, check_pcm(row, samples)


def check_pcm(row: Mapping[str, Any], samples: NDArray[np.int16]) -> str:
    """The SHA-256 of samples, which has to be the row's.

    Raises:
        DatasetError: It is not.
    """
    if (found := pcm_sha256(samples)) != row["pcm_sha256"]:
        raise DatasetError(
            f"{row['id']}: its audio is not the row's own: the samples have the SHA-256 {found[:12]}, the row says "
            f"{str(row['pcm_sha256'])[:12]}; {FETCH_AGAIN}"
        )
    return found


def decode_pcm(row: Mapping[str, Any]) -> NDArray[np.int16]:
    """The samples of a row as they are stored, whatever its `pcm_sha256` says: int16, shape (n,).

    Raises:
        DatasetError: The row carries no audio bytes, or they are not 16-bit mono FLAC or WAV at 44,100 Hz.
    """
    import soundfile

    audio = row.get("audio")
    data = audio.get("bytes") if isinstance(audio, Mapping) else None
    if data is None:
        raise DatasetError(
            f"{row['id']}: no audio bytes. Load it with sseu_dataset.load, or cast the column to Audio(decode=False); "
            "rows of the layout `stems` are mixed as they are read, and no longer after concatenate_datasets with "
            "other datasets, with_format, rename_column and the like: load the configuration `all` instead of "
            "concatenating, or build the full layout; a dataset published without audio is filled by `sseu build "
            "--recipe hf://datasets/<owner>/<name>@<tag>/recipe.parquet --vctk DIR --desed DIR --maestro DIR "
            "--out sseu-bench`, which compares every clip with the published hashes"
        )
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            form = (file.format, file.subtype, file.channels, file.samplerate)
            if form[0] not in ("FLAC", "WAV") or form[1:] != ("PCM_16", 1, RATE_HZ):
                raise DatasetError(f"{row['id']}: {form} instead of 16-bit mono FLAC or WAV at {RATE_HZ} Hz")
            samples: NDArray[np.int16] = file.read(dtype="int16")
            return samples
    except soundfile.LibsndfileError as error:
        raise DatasetError(f"{row['id']}: its FLAC bytes cannot be decoded ({error.error_string})") from error


def full_scale_samples(samples: NDArray[np.int16]) -> int:
    """Number of samples at either end of 16 bits, which is what clipping leaves."""
    import numpy as np

    return int(np.count_nonzero((samples == 32767) | (samples == -32768)))
