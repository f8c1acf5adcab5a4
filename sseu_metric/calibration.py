"""Calibration: whether events that a system gives 30 % are there in 30 % of the cases.

For systems that give probabilities: classifiers' scores, used as they are, and log-probabilities of the mode
`likelihood`, of scenes as shares of the six labels, of events each by itself. With p the probabilities, y the truth
(1 or 0), B bins of equal width and n answers (of events: clips times classes), over all conditions of a run

    ECE = 100 * sum over bins of |sum of p - sum of y| / n,     Brier = mean of (p - y)^2.

Of scenes p and y of the ECE are those of the label with the highest probability (Guo et al., 2017, "On calibration of
modern neural networks", ICML, eq. (3)), and the Brier score is the sum over the six labels (Brier, 1950). Beside it
stands the Brier score of shares: of a forecast that gives each label its share of the clips, whatever it hears.

Confidences of eq. (1) to (3) of the paper are no probabilities: cosines of names go through a softmax or a sigmoid of
fixed steepness, so that eq. (1) never exceeds e / (e + 5 / e) = 59.6 % and eq. (2) never leaves 26.9 to 73.1 %, however
sure the system is. There is no ECE of them; `NoProbabilities` says what they do instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from .conditions import ordered
from .intervals import Interval
from .replicates import cluster_weights
from .rows import Rows
from .scores import Scores, with_runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .jackknife import Jackknife

BINS = 15
"""Of equal width from 0 to 1; a value on a border is in the bin below it, as in scikit-learn's `calibration_curve`."""
_SUM = 1e-3  # how far probabilities of scenes may add up to something else than 1


@dataclass(frozen=True)
class Bin:
    """The answers whose probability lies in a bin.

    Attributes:
        low: Its lower border, in [0, 1].
        high: Its upper border.
        answers: How many answers are in it, over all runs.
        confidence: Their mean probability, in [0, 1].
        observed: The share of them that is true, in [0, 1].
        interval: 95 % interval of the share; None where it is not known.
    """

    low: float
    high: float
    answers: int
    confidence: float
    observed: float
    interval: Interval | None


@dataclass(frozen=True)
class Calibration:
    """How far probabilities are from what happens.

    Attributes:
        task: `asc` or `at`.
        reading: How the scores were read: `as given` or `log-probabilities`.
        answers: Clips (`at`: times classes), over all conditions and runs.
        ece: Expected calibration error in percentage points.
        ece_interval: Its 95 % interval; None where it is not known.
        brier: Brier score: 0 is best; at most 2 for `asc`, 1 for `at`.
        brier_interval: Likewise.
        brier_of_shares: Of a forecast that knows the shares of the labels alone.
        by_condition: ECE in each condition.
        bins: The bins that hold answers: the reliability curve.
    """

    task: str
    reading: str
    answers: int
    ece: float
    ece_interval: Interval | None
    brier: float
    brier_interval: Interval | None
    brier_of_shares: float
    by_condition: Mapping[str, float]
    bins: tuple[Bin, ...]


@dataclass(frozen=True)
class NoProbabilities:
    """Why answers have no calibration.

    Attributes:
        task: `asc` or `at`.
        reason: In words, with the numbers that show it.
    """

    task: str
    reason: str


Found: TypeAlias = Calibration | NoProbabilities


def find_calibration(scores: Scores, task: str) -> Found | None:
    """The calibration of the answers to a task; answers that never came have no part.

    Args:
        scores: Of a single mode.
        task: `asc` or `at`.

    Returns:
        None where the task was not asked, or never answered.
    """
    rows = scores.tables.get(task)
    if rows is None:
        return None
    answered = rows["status"] != "missing"
    given = np.array([names is None for names in rows["names"]], dtype=bool)
    if not answered.any():
        return None
    if not given[answered].all():
        return NoProbabilities(task, _why_names_have_none(task, rows.take(answered & ~given)))
    asked = rows.take(answered)
    read = _probabilities(task, asked)
    if isinstance(read, str):
        return NoProbabilities(task, read)
    reading, probabilities = read
    jackknife = scores.jackknife(task).take(answered)
    runs = [_Run.of(task, asked, probabilities, asked["run"] == run) for run in sorted(set(asked["run"].tolist()))]
    samples = [run.replicates(jackknife) for run in runs]

    def averaged(values: list[float], of: int) -> Interval | None:
        error = jackknife.error_of(np.mean([sample[of] for sample in samples], axis=0), fmean(values))
        error = with_runs(error, values)
        return None if error is None else error.interval(fmean(values))

    eces, briers = [run.ece for run in runs], [run.brier for run in runs]
    ece_interval, brier_interval = averaged(eces, 0), averaged(briers, 1)
    conditions = ordered(filter(None, asked["condition"].tolist()))
    return Calibration(
        task=task,
        reading=reading,
        answers=sum(len(run.predicted) for run in runs),
        ece=fmean(eces),
        ece_interval=ece_interval and ece_interval.within(0, 100),
        brier=fmean(briers),
        brier_interval=brier_interval and brier_interval.within(0, 2),
        brier_of_shares=_brier_of_shares(task, asked),
        by_condition={one: _Run.of(task, asked, probabilities, asked["condition"] == one).ece for one in conditions},
        bins=_bins(_Run.of(task, asked, probabilities, np.ones(len(asked), dtype=bool)), jackknife),
    )


def _probabilities(task: str, rows: Rows) -> tuple[str, NDArray[np.float64]] | str:
    """How scores are read, and the probabilities; or why they are none."""
    scores = rows["confidences"].astype(np.float64)
    low, high = float(scores.min()), float(scores.max())
    if set(rows["mode"].tolist()) == {"likelihood"} and high <= 0:
        if task == "at":
            return "log-probabilities", np.exp(scores)
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        return "log-probabilities", shares / shares.sum(axis=1, keepdims=True)
    if low < 0 or high > 1:
        return f"its scores are from {low:.3g} to {high:.3g}, and probabilities from 0 to 1"
    totals = scores.sum(axis=1)
    if task == "asc" and np.abs(totals - 1).max() > _SUM:
        return f"its scores of the scenes add up to {totals.min():.3g} to {totals.max():.3g}, and probabilities to 1"
    return "as given", scores


def _why_names_have_none(task: str, rows: Rows) -> str:
    confidences = rows["confidences"]
    named = confidences.any(axis=1)
    if not named.any():
        return "it named nothing"
    if task == "asc":
        highest = 100 * confidences[named].max(axis=1)
        right = 100 * rows["hit"][named].mean()
        return (
            f"it names a scene, and the softmax of eq. (1) gives that {highest.min():.1f} to {highest.max():.1f} % "
            f"whether right or wrong, while {right:.1f} % are right"
        )
    truth, values = rows["truth"][named], 100 * confidences[named]
    return (
        f"it names events, and the sigmoid of eq. (3) gives {values[truth].mean():.1f} % on average to those that are "
        f"there and {values[~truth].mean():.1f} % to those that are not, while {100 * truth.mean():.1f} % are there"
        if truth.any()
        else f"it names events, and the sigmoid of eq. (3) gives {values.mean():.1f} % on average, while none are there"
    )


@dataclass(frozen=True)
class _Run:
    """The answers of some rows: `predicted`, `happened` and `of_row` (n,), `squares` by row."""

    predicted: NDArray[np.float64]
    happened: NDArray[np.bool_]
    place: NDArray[np.int64]
    squares: NDArray[np.float64]
    mask: NDArray[np.bool_]

    @classmethod
    def of(cls, task: str, rows: Rows, probabilities: NDArray[np.float64], mask: NDArray[np.bool_]) -> _Run:
        part, values = rows.take(mask), probabilities[mask]
        if task == "asc":
            truth = np.eye(values.shape[1])[part["reference"]]
            # The highest probability; where several are, none of them is right, as in mACC.
            return cls(values.max(axis=1), part["hit"], np.arange(len(part)), ((values - truth) ** 2).sum(axis=1), mask)
        place = np.repeat(np.arange(len(part)), values.shape[1])
        squares = ((values - part["truth"]) ** 2).mean(axis=1)
        return cls(values.ravel(), part["truth"].ravel(), place, squares, mask)

    @property
    def bin_of(self) -> NDArray[np.int64]:
        return np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], self.predicted)

    @property
    def ece(self) -> float:
        gaps = np.bincount(self.bin_of, weights=self.predicted - self.happened, minlength=BINS)
        return float(100 * np.abs(gaps).sum() / len(self.predicted))

    @property
    def brier(self) -> float:
        return float(self.squares.mean())

    def sums(self, jackknife: Jackknife, values: Any) -> NDArray[np.float64]:
        """The sum of values in each bin without each cluster, shape (bins, replicates)."""
        part, bins = jackknife.take(self.mask), self.bin_of
        found = []
        for factor, of_row in zip(part.factors, part.of_row, strict=True):
            weights = cluster_weights(factor, of_row)
            size = len(weights.weights)
            cells = bins * size + weights.of_row[self.place]
            by_cluster = np.bincount(cells, weights=values, minlength=BINS * size).reshape(BINS, size)
            found.append(by_cluster @ weights.weights)
        return np.concatenate(found, axis=1)

    def replicates(self, jackknife: Jackknife) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """ECE and Brier score without each cluster, shape (replicates,)."""
        ones = self.sums(jackknife, np.ones(len(self.predicted))).sum(axis=0)
        gaps = self.sums(jackknife, self.predicted - self.happened)
        squares = self.sums(jackknife, self.squares[self.place]).sum(axis=0)
        whole = np.where(ones > 0, ones, np.nan)
        return 100 * np.abs(gaps).sum(axis=0) / whole, squares / whole


def _bins(run: _Run, jackknife: Jackknife) -> tuple[Bin, ...]:
    edges = np.linspace(0, 1, BINS + 1)
    bins = run.bin_of
    counts = np.bincount(bins, minlength=BINS)
    ones = run.sums(jackknife, np.ones(len(bins)))
    shares = run.sums(jackknife, run.happened.astype(np.float64)) / np.where(ones > 0, ones, np.nan)
    found = []
    for number in np.flatnonzero(counts).tolist():
        inside = bins == number
        observed = float(run.happened[inside].mean())
        # In percent, as the least variance that counts is in squared points.
        error = jackknife.error_of(100 * shares[number], 100 * observed)
        interval = None
        if error is not None:
            wide = error.interval(100 * observed).within(0, 100)
            interval = Interval(wide.low / 100, wide.high / 100)
        confidence = float(run.predicted[inside].mean())
        found.append(
            Bin(float(edges[number]), float(edges[number + 1]), int(counts[number]), confidence, observed, interval)
        )
    return tuple(found)


def _brier_of_shares(task: str, rows: Rows) -> float:
    if task == "asc":
        shares = np.bincount(rows["reference"]) / len(rows)
        return float(1 - (shares**2).sum())
    shares = rows["truth"].mean(axis=0)
    return float((shares * (1 - shares)).mean())
