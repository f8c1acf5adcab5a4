"""The rows of a folder of the layout `stems`: its mixtures are made as a row's audio is read."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from sseu_dataset.corpora.utterances import UtteranceCache
from sseu_dataset.mixing import Gains, amplitude_ratio, mix_one
from sseu_dataset.records import CLIP_SAMPLES, RATE_HZ, DatasetError
from sseu_dataset.rows.samples import decode_pcm
from sseu_dataset.rows.stored import FETCH_AGAIN
from sseu_dataset.rows.wav import encode_wav
from sseu_dataset.schema import config_name
from sseu_metric.conditions import BACKGROUND_ALONE, SPEECH_ALONE, finite, snr_db_of

if TYPE_CHECKING:
    import numpy as np
    from datasets import Dataset
    from numpy.typing import NDArray


class PairStems(NamedTuple):
    """What determines the mixtures of a pair (`mixing.mix_one`): both signals before gain, int16, and their gains."""

    speech: NDArray[np.int16]
    background: NDArray[np.int16]
    onset_samples: int
    gains: Gains

    def mixture(self, condition: str) -> NDArray[np.int16]:
        """The samples of a condition, int16, shape (441000,)."""
        return mix_one(self.speech, self.background, self.onset_samples, self.gains, snr_db_of(condition))

    def parts(self, condition: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Speech and background in a condition, float64, shape (441000,); their rounded sum is the mixture."""
        import numpy as np

        speech, background = np.zeros((2, CLIP_SAMPLES))
        snr_db = snr_db_of(condition)
        if snr_db > -math.inf:
            speech[self.onset_samples : self.onset_samples + len(self.speech)] = self.speech
            speech *= self.gains.speech
        if snr_db < math.inf:
            background[: len(self.background)] = self.background
            background *= self.gains.background
        if math.isfinite(snr_db):
            background *= amplitude_ratio(-snr_db)
        return speech, background


class MixedAudio(dict[str, Any]):
    """The audio of a row, `bytes` (WAV) and `path`, that knows the stems it was mixed of."""

    def __init__(self, values: Mapping[str, Any], stems: StemsOfPairs, pair_id: str) -> None:
        super().__init__(values)
        self._stems, self._pair_id = stems, pair_id

    def pair_stems(self) -> PairStems:
        """The stems of the row's pair."""
        return self._stems.of(self._pair_id)

    @property
    def snrs_db(self) -> list[float]:
        """The finite SNRs that the dataset was built at."""
        return self._stems.snrs_db


class StemsOfPairs:
    """The stems of a dataset; as a transform of its rows (`Dataset.with_transform`) it mixes their audio.

    It can be pickled and used in threads; each process keeps the speech that it has decoded.

    Args:
        stems: The configuration `stems`, its audio as bytes.
        conditions: The conditions of the dataset.
        place: The dataset's stems, for messages.

    Raises:
        DatasetError: A stem is there twice, or lacks its audio.
    """

    def __init__(self, stems: Dataset, conditions: list[str], place: str) -> None:
        import pyarrow.compute as pc

        self._rows, self._place = stems, place
        self._conditions = {config_name(condition): condition for condition in conditions}
        self._cache: UtteranceCache | None = None
        self._process = 0
        signals, names, sha256s = stems["signal"][:], stems["id"][:], stems["speech_sha256"][:]
        keys = [
            pair_id if signal == "background" else sha256
            for signal, pair_id, sha256 in zip(signals, names, sha256s, strict=True)
        ]
        self._numbers = {key: number for number, key in enumerate(keys)}
        is_null = pc.is_null(pc.struct_field(stems.data["audio"], "bytes")).to_pylist()
        self._without_audio = {key for key, absent in zip(keys, is_null, strict=True) if absent}
        for number, (signal, name) in enumerate(zip(signals, names, strict=True)):
            if self._numbers[keys[number]] != number:
                raise DatasetError(f"{place}: the {signal} {name} is there twice; {FETCH_AGAIN}")
        heard = {signal for signal, absent in zip(signals, is_null, strict=True) if not absent}
        for signal, name, absent in zip(signals, names, is_null, strict=True):
            if absent and signal in heard:  # a published copy lacks all audio of a signal
                raise DatasetError(f"{place}: the {signal} {name} has no audio; {FETCH_AGAIN}")

    def __getstate__(self) -> dict[str, Any]:
        """Without what was decoded."""
        return self.__dict__ | {"_cache": None, "_process": 0}

    @property
    def snrs_db(self) -> list[float]:
        """The finite SNRs in dB."""
        return [snr_db_of(condition) for condition in finite(self._conditions.values())]

    def check_complete(self, rows: Dataset) -> None:
        """Check that the stems of all rows are there.

        Raises:
            DatasetError: One is missing.
        """
        speech = self._rows["speech_sha256"][:]
        for pair_id, utterance_id in zip(rows["pair_id"][:], rows["utterance_id"][:], strict=True):
            if (number := self._numbers.get(pair_id)) is None:
                raise DatasetError(f"{self._place}: the background {pair_id} is missing; {FETCH_AGAIN}")
            if speech[number] not in self._numbers:
                raise DatasetError(f"{self._place}: the speech {utterance_id} is missing; {FETCH_AGAIN}")

    def of(self, pair_id: str) -> PairStems:
        """The stems of a pair.

        Raises:
            DatasetError: They cannot be decoded.
        """
        row = self._row(pair_id)
        return PairStems(self._speech(row), self._decode(row), onset_of(row), gains_of(row))

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """A batch of rows with their audio mixed; audio that somebody has put there since (`Dataset.map`) stays."""
        if None in batch.get("audio", ()):
            if "id" not in batch:
                raise DatasetError(
                    f"{self._place}: audio is mixed by the column id; keep it: select_columns(['id', 'audio'])"
                )
            batch["audio"] = [
                self._audio(row_id) if audio is None else audio
                for row_id, audio in zip(batch["id"], batch["audio"], strict=True)
            ]
        return batch

    def _audio(self, row_id: str) -> MixedAudio | None:
        """The audio of a row; None where a published copy lacks a stem that it needs."""
        pair_id, _, name = row_id.rpartition("_snr_")
        condition = self._conditions.get(f"snr_{name}")
        if condition is None or pair_id not in self._numbers:
            raise DatasetError(f"{self._place}: no stems of a row {row_id}; leave the column id as `load` gave it")
        row = self._row(pair_id)
        needs_speech, needs_background = condition != BACKGROUND_ALONE, condition != SPEECH_ALONE
        needed = [row["speech_sha256"]] * needs_speech + [pair_id] * needs_background
        if not self._without_audio.isdisjoint(needed):
            return None
        speech = self._speech(row) if needs_speech else None
        background = self._decode(row) if needs_background else None
        pcm = mix_one(speech, background, onset_of(row), gains_of(row), snr_db_of(condition))
        return MixedAudio({"bytes": encode_wav(pcm), "path": f"{row_id}.wav"}, self, pair_id)

    def _row(self, key: str) -> dict[str, Any]:
        row: dict[str, Any] = self._rows[self._numbers[key]]
        return row

    def _speech(self, background_row: Mapping[str, Any]) -> NDArray[np.int16]:
        """The speech of a pair, decoded at its first use in this process only."""
        if self._cache is None or self._process != os.getpid():  # a fork must not write to its parent's file
            self._cache, self._process = UtteranceCache(), os.getpid()
        sha256 = background_row["speech_sha256"]
        return self._cache.kept(sha256, lambda: self._decode(self._row(sha256)))

    def _decode(self, row: Mapping[str, Any]) -> NDArray[np.int16]:
        try:
            samples = decode_pcm(row)
        except DatasetError as error:
            raise DatasetError(f"{self._place}: {row['signal']} {error}; {FETCH_AGAIN}") from error
        return samples


def onset_of(background_row: Mapping[str, Any]) -> int:
    """Where the speech of a pair starts, in samples."""
    onset_s: float = background_row["speech_onset_s"]
    return round(onset_s * RATE_HZ)


def gains_of(background_row: Mapping[str, Any]) -> Gains:
    """The gains of a pair."""
    return Gains(background_row["speech_gain"], background_row["background_gain"])


def with_mixtures(rows: Dataset, stems: Dataset, conditions: list[str], place: str) -> Dataset:
    """Rows whose audio is null with their mixtures as audio, each made when it is read.

    Args:
        rows: Rows of the layout `stems`, as they are stored.
        stems: The configuration `stems`, as it is stored.
        conditions: The conditions of the dataset.
        place: The dataset's stems, for messages.

    Raises:
        DatasetError: A stem is missing, there twice, or lacks its audio.
    """
    import datasets

    undecoded = datasets.Audio(decode=False)
    found = StemsOfPairs(stems.cast_column("audio", undecoded), conditions, place)
    found.check_complete(rows)
    return rows.cast_column("audio", undecoded).with_transform(found)
