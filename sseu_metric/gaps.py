"""Gaps: WER by gender and accent of the speakers and by sentence.

WER of a group is that of its clips, averaged as WER is: over conditions, then over runs. Its sampling error is that of
leaving out clusters (jackknife.py), which have the sizes that they have in the group; so a group of three speakers has
the degrees of freedom of three. What is grouped by sentence holds the sentences fixed. Groups share sentences and
recordings, whose part of the errors cancels in their difference: with d_a the scaled deviation of a group's replicate

    V_gap = sum over factors of sign * sum over clusters of (d_a - d_b)^2, and at least the largest of a single factor,

which is V of jackknife.py where the other group stays as it is. The degrees of freedom are Satterthwaite's of the two
groups. The largest of many gaps is large by selection too: intervals of gaps hold for all pairs of groups at once, as
each has the level 1 - 0.05 / pairs (Bonferroni).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np

from .averages import average_replicates
from .clusters import grouping_column
from .floors import commonest
from .intervals import LEVEL, Interval, possible
from .jackknife import NO_VARIANCE, Jackknife, SamplingError, combined_freedom
from .metrics import counts_of
from .replicates import ratio_replicates
from .scores import Scores, with_runs
from .worst_speakers import MIN_SPEAKERS, WorstSpeakers, find_worst_speakers

if TYPE_CHECKING:
    from numpy.typing import NDArray

GROUPINGS = ("gender", "accent", "sentence")
"""The columns by which WER is shown."""
MIN_GROUP = 4
"""Groups of fewer speakers take no part in gaps: their WER is that of these persons."""


@dataclass(frozen=True)
class Group:
    """WER of the clips of some speakers, or of one sentence.

    Attributes:
        name: Of the group, as the dataset has it; of a sentence its commonest spelling.
        speakers: How many speakers its clips are by; 0 where none is named.
        words: Reference words of its clips, over all conditions and runs.
        wer: In percent, averaged as WER.
        interval: 95 % interval, of this group alone; None where it is not known.
        unknown: Why not, in words, such as `one speaker only`.
    """

    name: str
    speakers: int
    words: int
    wer: float
    interval: Interval | None
    unknown: str | None


@dataclass(frozen=True)
class Gap:
    """The WER of one group minus that of another.

    Attributes:
        worse: Name of the group with the higher WER.
        better: Name of the other.
        speakers: How many speakers each of them has.
        points: The difference in percentage points.
        interval: Its 95 % interval, which holds for all pairs of groups at once.
        alone: Its 95 % interval as if it had been the only pair.
    """

    worse: str
    better: str
    speakers: tuple[int, int]
    points: float
    interval: Interval
    alone: Interval


@dataclass(frozen=True)
class Grouping:
    """WER by the values of a column.

    Attributes:
        groups: From the highest WER down.
        largest: The largest gap between groups of `MIN_GROUP` speakers or more whose error is known; None where there
            are not two.
        pairs: How many pairs of such groups there are.
        differing: How many of them differ, all at once.
    """

    groups: tuple[Group, ...]
    largest: Gap | None
    pairs: int
    differing: int


@dataclass(frozen=True)
class Gaps:
    """Who is understood worse than others, in one mode.

    Attributes:
        groupings: By `gender`, `accent` and `sentence`, as far as the references name two groups.
        worst: The worst tenth of the speakers; None where fewer than `MIN_SPEAKERS` are named.
        left_out: Why a grouping, a group or the worst tenth is missing, in words.
    """

    groupings: Mapping[str, Grouping]
    worst: WorstSpeakers | None
    left_out: tuple[str, ...]


def find_gaps(scores: Scores) -> Gaps | None:
    """WER by groups of clips, and of the worst speakers.

    Args:
        scores: Of a single mode.

    Returns:
        None where WER has no value.
    """
    if scores.value("wer") is None:
        return None
    groupings, left_out = {}, []
    for column in GROUPINGS:
        parts, why = _parts(scores, column)
        left_out += why
        if len(parts) > 1:
            groupings[column] = _grouping(parts)
        elif not why:
            left_out.append(f"{column}: the references name {'one' if parts else 'none'}")
    worst = find_worst_speakers(scores)
    if worst is None:
        left_out.append(f"worst tenth of the speakers: the references name fewer than {MIN_SPEAKERS}")
    return Gaps(groupings, worst, tuple(left_out))


@dataclass(frozen=True)
class Part:
    """WER of a group of clips, with what its error needs.

    Attributes:
        name: Of the group.
        speakers: How many speakers its clips are by.
        words: Its reference words.
        jackknife: With the sizes that clusters have in the group.
        runs: WER of each run, in percent.
        replicates: WER without each cluster, the mean over runs.
    """

    name: str
    speakers: int
    words: int
    jackknife: Jackknife
    runs: Sequence[float]
    replicates: NDArray[np.float64]

    @property
    def wer(self) -> float:
        """In percent."""
        return fmean(self.runs)

    @cached_property
    def error(self) -> SamplingError | None:
        """The sampling error by leaving out clusters, without that of the runs; None where it is not known."""
        return self.jackknife.error_of(self.replicates, self.wer)

    @cached_property
    def deviations(self) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """For each factor the deviations whose squares add up to its part of V, and to its V alone."""
        factors = self.jackknife.factors
        found = []
        for factor, weights, values in zip(
            factors, self.jackknife.crossed, self.jackknife.split(self.replicates - self.wer), strict=True
        ):
            used = np.where(factor.coefficients > 0, values, 0.0)
            found.append((np.sqrt(np.abs(weights)) * used, np.sqrt(factor.coefficients) * used))
        return found

    def group(self) -> Group:
        """WER with its interval."""
        error = with_runs(self.error, self.runs)
        interval = None if error is None else possible("wer", error.interval(self.wer))
        unknown = None if error else self.jackknife.unknown(self.replicates, self.wer)
        return Group(self.name, self.speakers, self.words, self.wer, interval, unknown)


def error_of_difference(one: Part, other: Part) -> SamplingError | None:
    """The sampling error of the difference of two groups, without that of the runs; see the module's docstring.

    None where that of a group is not known, or no cluster changes the difference.
    """
    if one.error is None or other.error is None:
        return None
    together, singles = 0.0, []
    for factor, ours, theirs in zip(one.jackknife.factors, one.deviations, other.deviations, strict=True):
        together += factor.sign * float(((ours[0] - theirs[0]) ** 2).sum())
        if len(factor.names) == 1:
            singles.append(float(((ours[1] - theirs[1]) ** 2).sum()))
    variance = max(together, *singles)
    errors = (one.error, other.error)
    freedom = combined_freedom(
        np.array([error.variance for error in errors]), np.array([error.degrees_of_freedom for error in errors])
    )
    return SamplingError(variance, freedom) if variance > NO_VARIANCE else None


def _parts(scores: Scores, column: str) -> tuple[list[Part], list[str]]:
    """The groups of a column whose WER is defined in every run and condition, and why others are left out."""
    rows, jackknife = scores.tables["asr"], scores.jackknife("asr").without(column)
    if not jackknife.factors:
        return [], [f"{column}: the references name neither speakers nor recordings"]
    names, found, left_out = grouping_column(rows, column), [], []
    errors, words = counts_of("wer", rows)
    cells = {key: (rows["run"] == key[0]) & (rows["condition"] == key[1]) for key in scores.cells("wer")}
    for name in sorted(set(names.tolist()) - {""}):
        mask = names == name
        shown = commonest(rows["sentence"][mask].tolist()) if column == "sentence" else name
        by_run: dict[int, list[float]] = {}
        replicates = {}
        for (run, condition), cell in cells.items():
            part = mask & cell
            if not words[part].sum():
                break
            by_run.setdefault(run, []).append(100 * int(errors[part].sum()) / int(words[part].sum()))
            replicates[run, condition] = ratio_replicates(jackknife.take(part), errors[part], words[part])
        if len(replicates) < len(cells):
            left_out.append(f"{column} {shown}: no words in every condition")
            continue
        speakers = len(set(rows["speaker"][mask].tolist()) - {""})
        own = jackknife.of_part(mask, words.astype(np.float64))
        means = [fmean(values) for values in by_run.values()]
        found.append(Part(shown, speakers, int(words[mask].sum()), own, means, average_replicates(replicates)))
    return found, left_out


def _grouping(parts: Sequence[Part]) -> Grouping:
    ranked = sorted(parts, key=lambda part: (-part.wer, part.name))
    known = [part for part in ranked if part.speakers >= MIN_GROUP and part.error is not None]
    pairs = len(known) * (len(known) - 1) // 2
    gaps = [gap for worse, better in combinations(known, 2) if (gap := _gap(worse, better, pairs)) is not None]
    largest = max(gaps, key=lambda gap: gap.points, default=None)
    differing = sum(gap.interval.low > 0 for gap in gaps)
    return Grouping(tuple(part.group() for part in ranked), largest, pairs, differing)


def _gap(worse: Part, better: Part, pairs: int) -> Gap | None:
    """None where no cluster changes the difference."""
    points = worse.wer - better.wer
    by_run = [a - b for a, b in zip(worse.runs, better.runs, strict=True)]
    error = with_runs(error_of_difference(worse, better), by_run)
    if error is None:
        return None
    interval = error.interval(points, 1 - (1 - LEVEL) / pairs)
    return Gap(worse.name, better.name, (worse.speakers, better.speakers), points, interval, error.interval(points))
