"""How far the systems' mAP, their order and the floors depend on the labels (`sseu_metric.label_ceiling`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from math import isnan
from typing import TYPE_CHECKING

from sseu_metric.floors import FLOOR_NAMES
from sseu_metric.text_table import percent, points
from sseu_report.by_condition import clips_sha256
from sseu_report.entries import ScoredEntry

if TYPE_CHECKING:
    from sseu_metric.label_ceiling import LabelScores, Relevances
    from sseu_metric.label_rules import LabelCounts
    from sseu_models.results.opened_dataset import OpenedDataset

CEILING = "the dataset's labels as answers"


@dataclass(frozen=True)
class ModeLabels:
    """MAP of a system in one mode under other labels.

    Attributes:
        mode: How the system was asked.
        sentence: Its range, and which floors it is above, in words.
        scores: By rule, in percent.
        above: For each floor under how many rules it is above; only where the same clips were asked in all conditions.
    """

    mode: str
    sentence: str
    scores: LabelScores
    above: Mapping[str, int]


@dataclass(frozen=True)
class LabelTie:
    """Two systems whose order by mAP another rule of labels turns over.

    Attributes:
        mode: How both were asked.
        first: The system with the higher mAP under the dataset's labels.
        second: The other.
        difference: First minus second under these, in points.
        lowest: The least difference under any rule; below 0.
        rule: Under which.
    """

    mode: str
    first: str
    second: str
    difference: float
    lowest: float
    rule: str


@dataclass(frozen=True)
class LabelChanges:
    """What other labels do to scores of events.

    Attributes:
        rules: Every rule that was tried, in words; the scores follow in this order.
        counts: Pairs of clip and event, clips without an event, and events, under each.
        differing: Clips whose events in the dataset are not those of its own rule.
        floors: Of the clips that were asked: `corpus`, `scene`, and `labels`, the dataset's labels as answers.
        systems: For each system its modes.
        pairs: How many pairs of systems were compared, over all modes.
        ties: Those whose order is turned over.
    """

    rules: tuple[str, ...]
    counts: tuple[LabelCounts, ...]
    differing: int
    floors: Mapping[str, LabelScores]
    systems: Mapping[str, Sequence[ModeLabels]]
    pairs: int
    ties: Sequence[LabelTie]


def find_label_changes(systems: Sequence[ScoredEntry]) -> LabelChanges | str | None:
    """MAP of every system under every rule.

    Args:
        systems: Entries about one dataset.

    Returns:
        None where no system has mAP; why there is nothing to say, where the dataset lacks a column.
    """
    from sseu_metric.label_ceiling import Relevances
    from sseu_metric.label_rules import LABEL_COLUMNS, RULES

    asked = [one for one in systems if any(part.value("map") is not None for part in one.scores.values())]
    if not asked:
        return None
    dataset = asked[0].dataset
    if lacking := [name for name in LABEL_COLUMNS if name not in dataset.rows.column_names]:
        return f"no scores under other labels: the dataset lacks the columns {', '.join(lacking)}"
    rows = _rows_by_pair(dataset)
    relevances = Relevances.of(rows)
    found = {
        (one.entry.name, mode): under
        for one in asked
        for mode, under in one.cache.get("labels", _UnderRules, partial(_score, one, relevances)).modes.items()
    }
    shown: dict[str, list[ModeLabels]] = {}
    for (name, mode), under in found.items():
        above: dict[str, int] = {
            floor: sum(a > b for a, b in zip(under.own.by_rule, under.floors[floor].by_rule, strict=True))
            for floor in ("corpus", "scene")
            if floor in under.floors
        }
        shown.setdefault(name, []).append(ModeLabels(mode, _sentence(under.own, above), under.own, above))
    pairs, ties = _ties(found)
    return LabelChanges(
        rules=tuple(map(str, RULES)),
        counts=tuple(relevances.counts().values()),
        differing=_differing(list(rows.values())),
        floors=next(iter(found.values())).floors,
        systems=shown,
        pairs=pairs,
        ties=ties,
    )


def _rows_by_pair(dataset: OpenedDataset) -> dict[str, Mapping[str, object]]:
    """A row with background of each pair, without its audio."""
    from sseu_metric.conditions import SPEECH_ALONE
    from sseu_metric.label_rules import LABEL_COLUMNS

    chosen: dict[str, int] = {}
    for number, row in enumerate(dataset.references):
        if row["condition"] != SPEECH_ALONE:
            chosen.setdefault(row["pair_id"], number)
    columns = dataset.rows.select_columns(list(LABEL_COLUMNS)).select(list(chosen.values()))
    return dict(zip(chosen, columns.with_format("arrow")[:].to_pylist(), strict=True))


def _differing(rows: Sequence[Mapping[str, object]]) -> int:
    from sseu_metric.label_rules import AS_LABELLED, events_under

    return sum(events_under(row, AS_LABELLED) != sorted(row["events"]) for row in rows)  # type: ignore[call-overload]


@dataclass(frozen=True)
class _ModeUnderRules:
    """MAP in a mode, the floors of the clips that were asked, of which each condition has the same, and their hash."""

    own: LabelScores
    floors: Mapping[str, LabelScores]
    clips: str


@dataclass(frozen=True)
class _UnderRules:
    """Those of a system, by mode."""

    modes: Mapping[str, _ModeUnderRules]


def _score(one: ScoredEntry, relevances: Relevances) -> _UnderRules:
    from sseu_metric.label_ceiling import floors_under_rules, map_under_rules

    found = {}
    for mode, part in one.scores.items():
        if (own := map_under_rules(part, relevances)) is not None:
            floors = floors_under_rules(next(iter(part.cells("map").values())), relevances)
            found[mode] = _ModeUnderRules(own, floors, clips_sha256(part.tables["at"]))
    return _UnderRules(found)


def _ties(found: Mapping[tuple[str, str], _ModeUnderRules]) -> tuple[int, list[LabelTie]]:
    """How many pairs answered the same clips in the same mode, and those whose order a rule turns over."""
    from sseu_metric.label_rules import AS_LABELLED, RULES

    official, pairs, ties = RULES.index(AS_LABELLED), 0, []
    for one, other in combinations(found, 2):
        if one[1] != other[1] or found[one].clips != found[other].clips:
            continue
        pairs += 1
        first, second = sorted((one, other), key=lambda key: -found[key].own.by_rule[official])
        both = zip(found[first].own.by_rule, found[second].own.by_rule, RULES, strict=True)
        differences = [(a - b, str(rule)) for a, b, rule in both if not isnan(a - b)]
        lowest, rule = min(differences)
        if lowest < 0:
            official_points = found[first].own.by_rule[official] - found[second].own.by_rule[official]
            ties.append(LabelTie(first[1], first[0], second[0], official_points, lowest, rule))
    return pairs, ties


def _sentence(under: LabelScores, above: Mapping[str, int]) -> str:
    from sseu_metric.label_rules import AS_LABELLED, RULES

    by_value = sorted((value, str(rule)) for value, rule in zip(under.by_rule, RULES, strict=True) if not isnan(value))
    (low, lowest), (high, highest) = by_value[0], by_value[-1]
    text = (
        f"mAP {percent(under.by_rule[RULES.index(AS_LABELLED)])} lies between {percent(low)} ({lowest}) and "
        f"{percent(high)} ({highest}) by what counts as present"
    )
    for floor, count in above.items():
        name = FLOOR_NAMES[floor]
        if count in (0, len(by_value)):
            text += f"; it is {f'above {name} by every rule' if count else f'above {name} by no rule'}"
        else:
            text += f"; it is above {name} by {count} of {len(by_value)} rules: a tie"
    return text


def tie_notes(a: ScoredEntry, b: ScoredEntry) -> list[str]:
    """Which order of two systems, asked with the same questions, another rule of labels turns over, in sentences.

    Nothing where the dataset lacks what the rules need; a lite run estimates mAP with the dataset's labels alone.
    """
    if any(one.entry.result.job.lite is not None for one in (a, b)):
        return []
    found = find_label_changes([a, b])
    return [f"{tie_text(tie)}." for tie in found.ties] if isinstance(found, LabelChanges) else []


def tie_text(tie: LabelTie) -> str:
    """Why two systems are tied, in a sentence."""
    return (
        f"{tie.first} and {tie.second}, {tie.mode}, are tied: {points(tie.difference)} points of mAP with the labels "
        f"of the dataset, {points(tie.lowest)} with {tie.rule}"
    )
