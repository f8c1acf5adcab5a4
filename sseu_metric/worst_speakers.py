"""The speakers that are understood worst: WER of a tenth of them.

The worst tenth are the speakers with the highest WER, all speakers alike, the last one counted in part. Chosen by the
very answers that it is measured on, their WER is in part bad luck; so it stands beside the WER that the speakers who
are worst in one half of their clips have in the other. Replicates choose anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np

from .intervals import Interval, possible
from .jackknife import Jackknife
from .metrics import counts_of
from .scores import Scores, with_runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORST_SHARE = 0.1
"""Share of the speakers that are the worst."""
MIN_SPEAKERS = 10
"""Fewer speakers have no worst tenth."""


@dataclass(frozen=True)
class WorstSpeakers:
    """WER of the tenth of the speakers with the highest WER, all speakers alike.

    Attributes:
        speakers: How many speakers there are.
        wer: In percent.
        interval: 95 % interval; None where it is not known.
        chosen_apart: WER of the worst tenth in the half of their clips by which they were not chosen; speakers of one
            clip have no part; None where fewer than `MIN_SPEAKERS` have two.
        apart_interval: 95 % interval of that.
        median: WER of the median speaker.
    """

    speakers: int
    wer: float
    interval: Interval | None
    chosen_apart: float | None
    apart_interval: Interval | None
    median: float


def find_worst_speakers(scores: Scores) -> WorstSpeakers | None:
    """WER of the worst tenth of the speakers, of a single mode.

    Returns:
        None where fewer than `MIN_SPEAKERS` are named, or one has no words in a condition.
    """
    rows, jackknife = scores.tables["asr"], scores.jackknife("asr")
    names = sorted(set(rows["speaker"].tolist()) - {""})
    if len(names) < MIN_SPEAKERS:
        return None
    errors, words = counts_of("wer", rows)
    place = {name: number for number, name in enumerate(names)}
    speaker = np.array([place.get(name, -1) for name in rows["speaker"]])
    half = _halves(rows["speaker"].tolist(), rows["pair"].tolist())
    sums: dict[int, NDArray[np.float64]] = {}
    cells = Counter(run for run, _ in scores.cells("wer"))
    for run, condition in scores.cells("wer"):
        cell = (rows["run"] == run) & (rows["condition"] == condition) & (speaker >= 0)
        parts = [
            _by_speaker(jackknife.take(part), speaker[part], len(names), errors[part], words[part])
            for part in (cell, cell & (half == 0), cell & (half == 1))
        ]
        sums[run] = sums.get(run, 0.0) + np.array(parts)
    runs = np.array([total / cells[run] for run, total in sums.items()])  # runs, parts, speakers, 1 + replicates
    whole, first, second = runs[:, 0], runs[:, 1], runs[:, 2]
    if np.isnan(whole[..., 0]).any():
        return None
    wer, interval = _with_interval(jackknife, np.array([_mean_of_worst(run, run) for run in whole]))
    apart, apart_interval = None, None
    if (~np.isnan(runs[0, 1:, :, 0]).any(axis=0)).sum() >= MIN_SPEAKERS:
        crossed = [(_mean_of_worst(a, b) + _mean_of_worst(b, a)) / 2 for a, b in zip(first, second, strict=True)]
        apart, apart_interval = _with_interval(jackknife, np.array(crossed))
    median = float(np.median(whole[..., 0].mean(axis=0)))
    return WorstSpeakers(len(names), wer, interval, apart, apart_interval, median)


def _halves(speakers: Sequence[str], pairs: Sequence[str]) -> NDArray[np.int64]:
    """0 or 1 for each row: the pairs of each speaker by turns, in the order of their names."""
    half: dict[tuple[str, str], int] = {}
    count: dict[str, int] = {}
    for speaker, pair in sorted(set(zip(speakers, pairs, strict=True))):
        half[speaker, pair] = count.get(speaker, 0) % 2
        count[speaker] = count.get(speaker, 0) + 1
    return np.array([half[key] for key in zip(speakers, pairs, strict=True)])


def _by_speaker(
    jackknife: Jackknife,
    speaker: NDArray[np.int64],
    speakers: int,
    errors: NDArray[np.integer],
    words: NDArray[np.integer],
) -> NDArray[np.float64]:
    """WER of each speaker in percent, in column 0, and its replicates; shape (speakers, 1 + replicates)."""
    top, bottom = (np.bincount(speaker, weights=one, minlength=speakers)[:, np.newaxis] for one in (errors, words))
    parts = [(top, bottom)]
    for factor, of_row in zip(jackknife.factors, jackknife.of_row, strict=True):
        clusters = len(factor.sizes)
        cells = speaker * clusters + of_row
        lost = (
            np.bincount(cells, weights=one, minlength=speakers * clusters).reshape(speakers, clusters)
            for one in (errors, words)
        )
        parts.append((top - next(lost), bottom - next(lost)))
    tops, bottoms = (np.concatenate(both, axis=1) for both in zip(*parts, strict=True))
    return np.asarray(np.divide(100 * tops, bottoms, out=np.full(tops.shape, np.nan), where=bottoms > 0))


def _mean_of_worst(chosen_by: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of `values` over the tenth of the rows where `chosen_by` is highest, in each column.

    Rows that are NaN in either have no part; the last of the tenth counts with what is left of it.
    """
    usable = ~(np.isnan(chosen_by) | np.isnan(values))
    order = np.argsort(np.where(usable, -chosen_by, np.inf), axis=0, kind="stable")
    share = WORST_SHARE * usable.sum(axis=0)
    weights = np.clip(share - np.arange(len(values))[:, np.newaxis], 0.0, 1.0)
    ranked = np.take_along_axis(np.where(usable, values, 0.0), order, axis=0)
    return np.asarray((weights * ranked).sum(axis=0) / weights.sum(axis=0))


def _with_interval(jackknife: Jackknife, runs: NDArray[np.float64]) -> tuple[float, Interval | None]:
    """The mean over runs in column 0, and its interval from the replicates in the others."""
    means = runs[:, 0].tolist()
    value = fmean(means)
    error = with_runs(jackknife.error_of(runs[:, 1:].mean(axis=0), value), means)
    return value, None if error is None else possible("wer", error.interval(value))
