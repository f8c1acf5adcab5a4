"""How far mAP and its floors depend on the labels: the same answers held against other labels.

The confidences that were computed stay, only the truth is replaced (label_rules.py), so many rules cost little more
than one. A class without a clip under a rule is left out of its mean, as always. Scenes come from folders and words
from texts: mACC and WER have no such rule.

Soft-label AP needs no threshold: each clip counts with its soft value g, from 0 to 1,

    AP = sum over distinct scores, from high to low, of precision * gain,
    precision = sum of g above / clips above, gain = g of this score / sum of g,

which is AP where g is 0 or 1. (A clip of g = 0.3 counts like ten clips of the same score, three of them positive.)

The *label ceiling* is the score of the dataset's own labels, given as answers: what nobody can exceed who is right by
one rule and held against another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np

from .classification import average_precisions
from .floors import event_confidences_of
from .intervals import Interval, possible
from .label_rules import RULES, LabelCounts, LabelRule, Row, events_by_rule, soft_relevances
from .labels import EVENTS
from .metrics import annotating_corpora
from .replicates import mean_average_precision_replicates
from .rows import Rows
from .scores import Replicates, Scores, with_runs

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Relevances:
    """The labels of every pair under every rule of `RULES`, and last its soft ones.

    Attributes:
        place: Position of each pair.
        values: In [0, 1], shape (pairs, rules + 1, classes).
    """

    place: Mapping[str, int]
    values: NDArray[np.float32]

    @classmethod
    def of(cls, rows: Mapping[str, Row]) -> Relevances:
        """From a row with background of each pair, by its id."""
        values = np.zeros((len(rows), len(RULES) + 1, len(EVENTS)), dtype=np.float32)
        for number, row in enumerate(rows.values()):
            for place, events in enumerate(events_by_rule(row)):
                values[number, place, events] = 1
            for event, soft in soft_relevances(row).items():
                values[number, -1, event] = soft
        return cls({pair: number for number, pair in enumerate(rows)}, values)

    def counts(self) -> dict[LabelRule, LabelCounts]:
        """What each rule makes of the pairs."""
        return {
            rule: LabelCounts(int(labels.sum()), int((~labels.any(axis=1)).sum()), int(labels.any(axis=0).sum()))
            for rule, labels in zip(RULES, self.values.swapaxes(0, 1), strict=False)
        }

    def of_clips(self, pairs: Sequence[str]) -> NDArray[np.float32]:
        """Those of the clips of some pairs, shape (clips, rules + 1, classes)."""
        return self.values[[self.place[pair] for pair in pairs]]


@dataclass(frozen=True)
class LabelScores:
    """MAP against other labels, in percent.

    Attributes:
        by_rule: Under each rule of `RULES`.
        soft: Soft-label mAP.
        soft_interval: Its 95 % interval; None where it is not known, or for floors.
        within_corpus: By rule, with each class ranked within the corpora that annotate it in the dataset; empty where
            none is named, or for floors.
    """

    by_rule: tuple[float, ...]
    soft: float
    soft_interval: Interval | None = None
    within_corpus: tuple[float, ...] = ()


def map_under_rules(scores: Scores, relevances: Relevances) -> LabelScores | None:
    """MAP of the answers of a mode under every rule, averaged as mAP is; None where mAP has no value."""
    if scores.value("map") is None:
        return None
    by_run: dict[int, list[NDArray[np.float64]]] = {}
    within: dict[int, list[NDArray[np.float64]]] = {}
    soft = {}
    for (run, condition), rows in scores.cells("map").items():
        given = relevances.of_clips(rows["pair"].tolist())
        by_run.setdefault(run, []).append(_means(given, rows["confidences"]))
        within.setdefault(run, []).append(_means(given[:, :-1], rows["confidences"], annotating_corpora(rows)))
        mask = (scores.tables["at"]["run"] == run) & (scores.tables["at"]["condition"] == condition)
        part = scores.jackknife("at").take(mask)
        soft[run, condition] = mean_average_precision_replicates(
            part, given[:, -1].astype(np.float64), rows["confidences"]
        )
    runs = np.array([np.mean(cells, axis=0) for cells in by_run.values()])
    replicates = Replicates(scores.jackknife("at"), soft)
    means = runs[:, -1].tolist()
    error = with_runs(replicates.jackknife.error_of(replicates.average(), fmean(means)), means)
    interval = None if error is None else possible("map", error.interval(fmean(means)))
    *values, soft_value = runs.mean(axis=0).tolist()
    ranked = np.mean([np.mean(cells, axis=0) for cells in within.values()], axis=0)
    inside = () if np.isnan(ranked).all() else tuple(ranked.tolist())
    return LabelScores(tuple(values), soft_value, interval, inside)


def floors_under_rules(rows: Rows, relevances: Relevances) -> dict[str, LabelScores]:
    """The floors of the labels of each rule, and the label ceiling.

    Args:
        rows: Each clip once, such as those of one condition.
        relevances: Of their pairs.

    Returns:
        `corpus`, `scene` (floors.py), as far as the references name them, and `labels`: the rows' own truth as answers.
    """
    given = relevances.of_clips(rows["pair"].tolist())
    found = {}
    for floor in ("corpus", "scene"):
        if rows[floor].any():
            answers = [
                event_confidences_of(Rows({**rows.columns, "truth": one}), floor) for one in given.swapaxes(0, 1)
            ]
            values = [float(_means(given[:, [n]], one)[0]) for n, one in enumerate(answers)]
            found[floor] = LabelScores(tuple(values[:-1]), values[-1])
    *values, soft = _means(given, rows["truth"].astype(np.float64)).tolist()
    return found | {"labels": LabelScores(tuple(values), soft)}


def _means(
    given: NDArray[np.float32], confidences: NDArray[np.float64], ranked: NDArray[np.bool_] | None = None
) -> NDArray[np.float64]:
    """MAP in percent under each rule, NaN where no class occurs.

    Args:
        given: Relevances, shape (clips, rules, classes).
        confidences: Shape (clips, classes).
        ranked: The clips that each class is ranked among, shape (clips, classes); all by default.
    """
    total, count = np.zeros(given.shape[1]), np.zeros(given.shape[1])
    for number in range(len(EVENTS)):
        clips = np.ones(len(given), dtype=bool) if ranked is None else ranked[:, number]
        if clips.any():
            truths = np.ascontiguousarray(given[clips, :, number].T)
            precisions = average_precisions(truths, confidences[clips, number])
            total += np.nan_to_num(precisions)
            count += ~np.isnan(precisions)
    return np.asarray(np.divide(100 * total, count, out=np.full(len(count), np.nan), where=count > 0))
