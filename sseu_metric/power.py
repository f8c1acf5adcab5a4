"""How large a difference a comparison can see, by simulating the very test that `compare` is.

A pilot result gives the questions with their real clusters, the rates of each condition (and scene), and how much they
vary. Two systems are drawn around it: an answer is wrong, or a scene hit, with the logit of its cell's rate plus normal
effects of its clusters (speakers, sentences and recordings for words, recordings else); an event's score is a normal
variable that is higher where the event is, plus an effect of the recording. Half of the variance of the effects is
common to both systems, as what is hard for one is for the other; their size is chosen such that the pilot's own
sampling error comes out. System B differs by the wanted points in every condition. Each trial compares the two, and the
power is the share of trials that find the difference at p < 0.05, with its binomial interval (Clopper and Pearson).

What a run repeats: of a system that was asked several times, the correlation of its answers to one question. The part
of it that the clusters explain is counted twice, so further runs help at least as much as simulated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .intervals import Interval
from .rows import Rows
from .scores import Scores
from .significance import compare
from .simulated_answers import Floats, draw_confidences, draw_hits, draw_words, precision_by_height
from .tasks import task_of_metric

POWERED_METRICS = ("wer", "macc", "map")
LEVEL = 0.05
_Z = 1.96
_SHARED = 0.5
_LEAST, _MOST = 0.002, 0.998
_STEPS, _SEVERAL = 8, 6  # of a bisection, to 0.01; simulated data sets behind one step


@dataclass(frozen=True)
class Power:
    """How often a difference is found.

    Attributes:
        found: Trials that find it.
        trials: All trials.
    """

    found: int
    trials: int

    @property
    def percent(self) -> float:
        """The share that finds it."""
        return 100 * self.found / self.trials

    @property
    def interval(self) -> Interval:
        """95 % interval of the share, in percent (Clopper and Pearson)."""
        from scipy.special import betaincinv

        k, n = self.found, self.trials
        low = 0.0 if k == 0 else float(betaincinv(k, n - k + 1, 0.025))
        high = 1.0 if k == n else float(betaincinv(k + 1, n - k, 0.975))
        return Interval.rounded(100 * low, 100 * high)


class SimulatedComparison:
    """Comparisons of two systems that exist only as numbers, on the questions of a pilot."""

    def __init__(self, pilot: Scores, metric: str) -> None:
        """Learn rates and spread from a pilot.

        Args:
            pilot: Scores of one system in one mode.
            metric: `wer`, `macc` or `map`.

        Raises:
            ValueError: Another metric, it has no value, or nothing tells how much it varies.
        """
        if metric not in POWERED_METRICS:
            raise ValueError(f"no simulation of {metric!r}; there are {', '.join(POWERED_METRICS)}")
        if (value := pilot.value(metric)) is None:
            raise ValueError(f"the pilot has no {metric}: ask it that task first")
        task = task_of_metric(metric)
        rows = pilot.tables[task]
        first = rows.take(rows["run"] == rows["run"].min())
        self.metric, self.runs = metric, len(np.unique(rows["run"]))
        self._base = Scores({task: first}, normalizer=pilot.normalizer)
        replicates = self._base.replicates(metric)
        error = self._base.error_of(metric, replicates)
        if error is None:
            why = replicates.jackknife.unknown(replicates.average(), value)
            raise ValueError(
                f"the pilot's {metric} tells nothing about its spread ({why}); take another or larger pilot"
            )
        names = _cell_names(metric, first)
        self._number = {name: number for number, name in enumerate(dict.fromkeys(names))}
        self._cell = np.array([self._number[name] for name in names])
        self._rates = _cell_rates(metric, pilot, first, self._cell)
        self.repeats = _repeated(metric, rows, self._cell, self._rates)
        self._curves: dict[float, tuple[Floats, Floats]] = {}
        self.spread = self._fit_spread(error.variance)
        self.left_out: tuple[str, ...] = ()

    def on(self, questions: Rows) -> SimulatedComparison:
        """The same systems asked other questions, such as those of the whole dataset; `left_out` has no rate."""
        other = object.__new__(SimulatedComparison)
        vars(other).update(vars(self))
        other._curves = {}
        names = _cell_names(self.metric, questions)
        other.left_out = tuple(dict.fromkeys(" at ".join(name[::-1]) for name in names if name not in self._number))
        rows = questions.take(np.array([name in self._number for name in names]))
        rows = Rows({**rows.columns, "status": np.full(len(rows), "answered", dtype=object)})
        other._base = Scores({task_of_metric(self.metric): rows}, normalizer=self._base.normalizer)
        other._cell = np.array([self._number[name] for name in names if name in self._number])
        return other

    def power(
        self, difference: float, *, runs: int = 1, trials: int = 100, seed: int = 0, tick: Callable[[], Any] = int
    ) -> Power:
        """How often B's being worse or better by `difference` points is found.

        Args:
            difference: In points, above 0.
            runs: How often each question is asked.
            trials: Simulated comparisons.
            seed: Of the simulation.
            tick: Called after each trial.
        """
        generator = np.random.default_rng(seed)
        found = 0
        for _ in range(trials):
            p = compare(*self._two(difference, runs, generator), self.metric).p
            found += p is not None and p < LEVEL
            tick()
        return Power(found, trials)

    def visible(
        self, wanted: float = 0.8, *, runs: int = 1, trials: int = 100, seed: int = 0, tick: Callable[[], Any] = int
    ) -> tuple[float, Power]:
        """The difference in points that is found with about the wanted power, and its power in new trials.

        Args:
            wanted: The power, between 0 and 1.
            runs: How often each question is asked.
            trials: Simulated comparisons of each of the two steps towards it, and of the last one.
            seed: Of the simulation.
            tick: Called after each of 3 * `trials` comparisons.
        """
        from scipy.special import ndtri

        generator = np.random.default_rng(seed)
        halves = []
        for _ in range(max(trials // 4, 8)):
            interval = compare(*self._two(0.0, runs, generator), self.metric).interval
            halves += [] if interval is None else [(interval.high - interval.low) / 2]
        aim = (_Z + float(ndtri(wanted))) / _Z
        difference = aim * float(np.mean(halves))
        for step in (1, 2):  # power is near a probit line in the difference
            found = self.power(difference, runs=runs, trials=trials, seed=seed + step, tick=tick)
            reached = float(ndtri(np.clip(found.found / trials, 1 / trials, 1 - 1 / trials)))
            difference *= (aim * _Z / max(_Z + reached, 0.5)) ** (1 / step)
        return difference, self.power(difference, runs=runs, trials=trials, seed=seed + 3, tick=tick)

    def _two(self, difference: float, runs: int, generator: np.random.Generator) -> tuple[Scores, Scores]:
        common = self._effects(generator)
        both = []
        for points in (0.0, difference):
            own = self._effects(generator)
            effects = _SHARED**0.5 * common + (1 - _SHARED) ** 0.5 * own
            both.append(self._answers(self._moved(points), effects * self.spread, runs, generator))
        return both[0], both[1]

    def _moved(self, points: float) -> Floats:
        """Rates that are so many points higher on average, or lower where there is no room above."""
        for sign in (1, -1):
            low, high = 0.0, 1.0
            for _ in range(40):
                step = (low + high) / 2
                moved = np.clip(self._rates + sign * step, _LEAST, _MOST)
                short = abs(moved.mean() - self._rates.mean()) < points / 100
                low, high = (step, high) if short else (low, step)
            if high < 1:
                return np.asarray(moved)
        raise ValueError(f"a difference of {points:g} points: the pilot's {self.metric} has no room for it")

    def _effects(self, generator: np.random.Generator) -> Floats:
        """Effects of the clusters of variance 1 for each row, shape (rows,); for events (rows, classes)."""
        task = task_of_metric(self.metric)
        shape = (self._base.tables[task]["truth"].shape[1],) if task == "at" else ()
        jackknife = self._base.jackknife(task)
        parts = [
            generator.standard_normal((len(factor.sizes), *shape))[of_row]
            for factor, of_row in zip(jackknife.singles, jackknife.of_row, strict=False)
        ]
        return np.asarray(sum(parts) / len(parts) ** 0.5)

    def _answers(self, rates: Floats, effects: Floats, runs: int, generator: np.random.Generator) -> Scores:
        task = task_of_metric(self.metric)
        rows = self._base.tables[task]
        of_row = rates[self._cell]
        if task == "at":
            draw = draw_confidences(rows["truth"], np.interp(of_row, *self._curve()), effects, generator)
        else:
            scale = (1 + 0.346 * self.spread**2) ** 0.5  # keeps the mean rate (logistic-normal approximation)
            draw = (draw_words if task == "asr" else draw_hits)(rows, of_row, effects, scale, generator)
        first = draw()
        tables = []
        for run in range(runs):
            again = generator.random(len(rows)) < self.repeats**0.5
            payload = {name: _where(again, value, draw()[name]) for name, value in first.items()}
            tables.append(Rows({**rows.columns, **payload, "run": np.full(len(rows), run)}))
        if runs == 1:
            return self._base.answered_with(task, tables[0])
        return Scores({task: reduce(add, tables)}, normalizer=self._base.normalizer)

    def _curve(self) -> tuple[Floats, Floats]:
        """`precision_by_height` of these questions at the spread, computed once for each."""
        if self.spread not in self._curves:
            self._curves[self.spread] = precision_by_height(
                self._base.tables["at"]["truth"], (1 + self.spread**2) ** 0.5
            )
        return self._curves[self.spread]

    def _fit_spread(self, variance: float) -> float:
        """The standard deviation of the effects at which the simulated sampling error is the pilot's."""
        low, high = 0.0, 3.0
        for _ in range(_STEPS):
            self.spread = (low + high) / 2
            generator = np.random.default_rng(0)
            found = []
            for _ in range(_SEVERAL):
                effects = self._effects(generator) * self.spread
                scores = self._answers(self._rates, effects, 1, generator)
                error = scores.error_of(self.metric, scores.replicates(self.metric))
                found.append(0.0 if error is None else error.variance)
            low, high = (self.spread, high) if np.mean(found) < variance else (low, self.spread)
        return self.spread


def _cell_names(metric: str, rows: Rows) -> list[tuple[str, str]]:
    """Condition, and for scenes the scene, of each row: where these are equal, so is the rate."""
    scenes = rows["scene"] if metric == "macc" else np.full(len(rows), "", dtype=object)
    return list(zip(rows["condition"].tolist(), scenes.tolist(), strict=True))


def _where(mask: NDArray[np.bool_], one: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    return np.where(mask if one.ndim == 1 else mask[:, np.newaxis], one, other)


def _cell_rates(metric: str, pilot: Scores, first: Rows, cell: NDArray[np.int64]) -> Floats:
    """The rate of each cell: of word errors, of hits; of a condition the mean average precision; in [0, 1]."""
    rows = pilot.tables[task_of_metric(metric)]
    rates = np.zeros(int(cell.max()) + 1)
    for number in range(len(rates)):
        one = int(np.flatnonzero(cell == number)[0])
        mask = rows["condition"] == first["condition"][one]
        if metric == "macc":
            mask &= rows["scene"] == first["scene"][one]
            rates[number] = rows["hit"][mask].mean()
        elif metric == "wer":
            rates[number] = rows["counts"][mask, :3].sum() / max(rows["counts"][mask, 3].sum(), 1)
        else:
            rates[number] = (pilot.value("map", (first["condition"][one],)) or 0.0) / 100
    return np.clip(rates, _LEAST, _MOST)


def _repeated(metric: str, rows: Rows, cell: NDArray[np.int64], rates: Floats) -> float:
    """Correlation of the outcomes of one question in two runs, within cells; 0 where none is known, or none varies."""
    runs = np.unique(rows["run"])
    if len(runs) < 2:
        return 0.0
    if metric == "map":
        outcomes = [rows["confidences"][rows["run"] == run].ravel() for run in runs]
    else:
        if metric == "wer":
            outcome = rows["counts"][:, :3].sum(axis=1) / np.maximum(rows["counts"][:, 3], 1)
        else:
            outcome = rows["hit"].astype(float)
        by_run = [outcome[rows["run"] == run] for run in runs]
        outcomes = [np.clip(one, 0, 1) - rates[cell] if len(one) == len(cell) else one for one in by_run]
    if any(len(one) != len(outcomes[0]) or not np.std(one) for one in outcomes):
        return 0.0
    correlations = np.corrcoef(np.stack(outcomes))
    return float(np.clip(correlations[np.triu_indices(len(runs), 1)].mean(), 0, 1))
