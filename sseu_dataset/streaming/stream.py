"""An endless or finite stream of mixtures for training, the same whatever the number of workers.

Row i of a seed is a pure function of both and of the sources: utterance, background, SNR and onset are SHA-256 draws
of seed and i (`pairing.draw`), uniform and independent. So a stream is continued at any row, and its workers share
nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sseu_dataset.building.render import Span, absent, background_columns, speech_columns
from sseu_dataset.corpora.audio import read_clip
from sseu_dataset.corpora.utterances import UtteranceCache
from sseu_dataset.mixing import mix, pcm_sha256
from sseu_dataset.pairing import draw
from sseu_dataset.records import CLIP_SAMPLES, VERSION, CorpusError, Recipe
from sseu_dataset.rows.remixed import finite_condition
from sseu_dataset.rows.stored import plain_features
from sseu_dataset.rows.wav import encode_wav
from sseu_dataset.schema import features, mixture_id
from sseu_dataset.streaming.exclusion import without
from sseu_dataset.streaming.sources import BackgroundClip, SpeechRecording, check_sources
from sseu_metric.conditions import BACKGROUND_ALONE, SPEECH_ALONE, condition_of

if TYPE_CHECKING:
    import numpy as np
    from datasets import IterableDataset
    from numpy.typing import NDArray

SNR_STEP_DB = 0.01
"""SNRs of a range are drawn in this step, so that a condition names its SNR exactly."""

CACHE_BYTES = 1 << 30
"""Temporary disk that each iteration may fill with sources as they were decoded, so that each is decoded once."""


def mixtures(
    speech: Sequence[SpeechRecording],
    background: Sequence[BackgroundClip],
    snr_db: tuple[float, float] | Sequence[float] = (-10, 10),
    seed: int = 0,
    *,
    exclude: str | Path | Recipe | None,
    exclude_speakers: bool = True,
    start: int = 0,
    stop: int | None = None,
) -> MixtureStream:
    """A stream of mixtures of speech and background, without those of a benchmark.

    Args:
        speech: The recordings to draw from (`read_speech`).
        background: The backgrounds to draw from (`read_backgrounds`).
        snr_db: A tuple of two SNRs in dB, the ends of a range from which each row's is drawn uniformly, or a list of
            SNRs, among which `math.inf` is speech alone and `-math.inf` background alone.
        seed: Seed of every draw.
        exclude: The benchmark that training must not hear: its folder, its `recipe.parquet`, such a file on the Hub
            (`hf://datasets/<owner>/<name>@<tag>/recipe.parquet`), or a recipe. None excludes nothing.
        exclude_speakers: Leave out the benchmark's speakers too, not only their utterances in it.
        start: The first row.
        stop: The row before which the stream ends; None for an endless one.

    Raises:
        CorpusError: A source is missing, broken, too long, or has no text.
        DatasetError: The benchmark cannot be read, or nothing is left without it.
        ValueError: An SNR, a row number, an id or a label is not possible.
    """
    if not speech or not background:
        raise ValueError(f"{len(speech)} recordings of speech and {len(background)} backgrounds: give one of each")
    if start < 0 or (stop is not None and stop <= start):
        raise ValueError(f"rows from {start} to {stop}: there are none; the first is 0 or later, and before the end")
    snrs_db = possible_snrs_db(snr_db)
    check_sources(speech, background)
    if exclude is not None:
        speech, background = without(exclude, speech, background, exclude_speakers=exclude_speakers)
    return MixtureStream(
        speech=tuple(sorted(speech, key=lambda item: item.utterance.utterance_id)),
        background=tuple(sorted(background, key=lambda item: item.background.background_id)),
        snrs_db=snrs_db,
        seed=seed,
        start=start,
        stop=stop,
    )


def possible_snrs_db(snr_db: tuple[float, float] | Sequence[float]) -> tuple[float, ...]:
    """The SNRs that a range (a tuple of two) or a list stands for.

    Raises:
        ValueError: It is empty or neither, or an SNR in it is not possible.
    """
    if isinstance(snr_db, list) and snr_db:
        for value in snr_db:
            if value not in (float("inf"), -float("inf")):
                finite_condition(value)
        return tuple(float(value) + 0.0 for value in snr_db)
    if not isinstance(snr_db, tuple) or len(snr_db) != 2 or not snr_db[0] <= snr_db[1]:
        raise ValueError(f"SNRs of {snr_db!r}: give a range as a tuple such as (-10, 10), or a list such as [0, 5]")
    low, high = snr_db
    for end in snr_db:
        finite_condition(end)
    steps = range(int((high - low) / SNR_STEP_DB + 1e-6) + 1)
    return tuple(float(condition_of(low + step * SNR_STEP_DB)) for step in steps)


@dataclass(frozen=True)
class MixtureStream:
    """Rows as the benchmark has them, made while they are read; `mixtures` checks what it is made of.

    In a PyTorch `DataLoader` each worker makes its own part of the rows; with `batch_size=None` they arrive in order
    whatever the number of workers. Import torch before the stream is made.

    Attributes:
        speech: The recordings, sorted by id.
        background: The backgrounds, sorted by id.
        snrs_db: The SNRs, drawn with equal probability.
        seed: Seed of every draw.
        start: The first row.
        stop: The row before which it ends; None for an endless stream.
        step: Distance between two rows (`shards`).
    """

    speech: tuple[SpeechRecording, ...]
    background: tuple[BackgroundClip, ...]
    snrs_db: tuple[float, ...]
    seed: int
    start: int = 0
    stop: int | None = None
    step: int = 1

    def __post_init__(self) -> None:
        """Make it an iterable data set for PyTorch, if that is loaded."""
        if (torch_data := sys.modules.get("torch.utils.data")) is not None:
            torch_data.IterableDataset.register(type(self))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """The rows in order; in a worker of a PyTorch `DataLoader` those of the worker."""
        first, step = self.start, self.step
        if (worker := _torch_worker()) is not None:
            first, step = first + worker[0] * step, step * worker[1]
        indices = count(first, step) if self.stop is None else range(first, self.stop, step)
        with closing(UtteranceCache(CACHE_BYTES)) as cache:
            for index in indices:
                yield self._row(index, cache.read)

    def shards(self, number: int) -> list[MixtureStream]:
        """The stream dealt out to `number` streams: the rows 0, n, 2n, ... of it, then 1, n + 1, ...

        Raises:
            ValueError: Fewer than one.
        """
        if number < 1:
            raise ValueError(f"{number} shards; at least 1 is needed")
        return [replace(self, start=self.start + shard * self.step, step=self.step * number) for shard in range(number)]

    def to_dataset(self, shards: int = 1) -> IterableDataset:
        """The stream as a `datasets.IterableDataset`.

        Args:
            shards: The number of workers of the `DataLoader`, 1 without workers: so the rows arrive in order. With
                fewer workers than shards whole shards follow each other, and the first of an endless stream never ends.
        """
        import datasets

        return datasets.IterableDataset.from_generator(
            _one_after_another, features=plain_features(), gen_kwargs={"streams": self.shards(shards)}
        )

    def row(self, index: int) -> dict[str, Any]:
        """One row (columns of `schema.features`), its audio as the bytes of a WAV file.

        Raises:
            CorpusError: A source cannot be read.
        """
        return self._row(index, read_clip)

    def _row(self, index: int, read: Callable[[Path, int], NDArray[np.int16]]) -> dict[str, Any]:
        speech = self._drawn(self.speech, "utterance", index)
        background = self._drawn(self.background, "background", index)
        snr_db = self._drawn(self.snrs_db, "snr", index)
        condition = condition_of(snr_db)
        is_mixed = condition not in (SPEECH_ALONE, BACKGROUND_ALONE)
        try:
            voice = read(speech.path, 0)
            noise = read(background.path, background.background.offset_s)
        except CorpusError as error:
            raise CorpusError(f"row {index} of the stream: {error}") from error
        onset = draw(self.seed, "stream onset", str(index)) * (CLIP_SAMPLES - len(voice) + 1) >> 64
        made = mix(voice, noise, onset, [snr_db if is_mixed else 0.0])
        pcm = made.pcm[1 if is_mixed else 0 if condition == SPEECH_ALONE else 2]
        placement = made.placement
        span = Span(speech.utterance, placement.speech_onset, placement.speech_end)
        spoken = speech_columns([span], placement)
        behind = background_columns(background.background, placement)
        licences = [speech.licence] * (condition != BACKGROUND_ALONE)
        licences += [background.licence] * (condition != SPEECH_ALONE)
        pair_id = f"stream{self.seed}_{index}"
        row_id = mixture_id(pair_id, condition)
        row = {
            "id": row_id,
            "pair_id": pair_id,
            "audio": {"bytes": encode_wav(pcm), "path": f"{row_id}.wav"},
            "condition": condition,
            "snr_db": snr_db if is_mixed else None,
            **(absent(spoken) if condition == BACKGROUND_ALONE else spoken),
            **(absent(behind) if condition == SPEECH_ALONE else behind),
            "gain_db": made.gain_db,
            "snr_clip_db": made.snrs_db[0].clip if is_mixed else None,
            "snr_overlap_db": made.snrs_db[0].overlap if is_mixed else None,
            "snr_active_db": None,
            "snr_loudness_db": None,
            "licence": " + ".join(dict.fromkeys(licences)),
            "pcm_sha256": pcm_sha256(pcm),
            "recipe": "custom",
            "version": VERSION,
        }
        return {name: row[name] for name in features()}

    def _drawn(self, items: Sequence[Any], what: str, index: int) -> Any:
        return items[draw(self.seed, f"stream {what}", str(index)) * len(items) >> 64]


def _one_after_another(streams: Sequence[MixtureStream]) -> Iterator[dict[str, Any]]:
    return chain.from_iterable(streams)


def _torch_worker() -> tuple[int, int] | None:
    """Number of this worker of a PyTorch `DataLoader`, and of all; None outside, and where rows are dealt out already.

    `datasets` gives each worker shards of its own.
    """
    torch_data, datasets = sys.modules.get("torch.utils.data"), sys.modules.get("datasets")
    worker = None if torch_data is None else torch_data.get_worker_info()
    if worker is None or (datasets is not None and isinstance(worker.dataset, datasets.IterableDataset)):
        return None
    return worker.id, worker.num_workers
