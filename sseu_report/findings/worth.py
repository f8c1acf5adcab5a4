"""What each system's scores are worth: beside its floors, and within the corpora (`sseu_metric.floors`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sseu_metric.floors import FLOOR_NAMES
from sseu_metric.text_table import percent
from sseu_report.naming import metric_names

if TYPE_CHECKING:
    from sseu_models.results.scores_file import SkillRecord, WithinCorpus
    from sseu_report.entries import Entry

_SAME = 1e-6  # in percent


@dataclass(frozen=True)
class Worth:
    """The scores of a system in one mode beside their floors.

    Attributes:
        mode: How the system was asked.
        sentence: What can be concluded of its averages, in words.
        scores: `wer`, `macc` and `map` on average, in percent.
        skill: For each metric and floor the floor and the skill above it, on average.
        within_corpus: MAP with each event ranked within the corpora that annotate it; None where none is named.
        by_corpus: Each metric on the clips whose background is from a corpus.
    """

    mode: str
    sentence: str
    scores: Mapping[str, float]
    skill: Mapping[str, Mapping[str, SkillRecord]]
    within_corpus: WithinCorpus | None
    by_corpus: Mapping[str, Mapping[str, float]]


def find_worth(entry: Entry) -> tuple[Worth, ...]:
    """What the scores of an entry are worth, in every mode with an average above a floor."""
    found = []
    for mode, scores in entry.modes.items():
        skill = {
            metric: averages
            for metric, floors in scores.skill.items()
            if (averages := {floor: by_key["all"] for floor, by_key in floors.items() if "all" in by_key})
        }
        values = {metric: value for metric in skill if (value := scores.value(metric)) is not None}
        if values:
            sentence = _sentence(values, skill, metric_names(scores.asr_unit))
            found.append(Worth(mode, sentence, values, skill, scores.within_corpus, scores.by_corpus))
    return tuple(found)


def _sentence(
    values: Mapping[str, float], skill: Mapping[str, Mapping[str, SkillRecord]], names: Mapping[str, str]
) -> str:
    parts = [
        f"{names[metric]} {percent(values[metric])} {_verdict(one)} {FLOOR_NAMES[floor]} ({percent(one.floor)})"
        for metric, floors in skill.items()
        if metric in values
        for floor, one in floors.items()
    ]
    return "; ".join(parts)


def _verdict(one: SkillRecord) -> str:
    if one.skill is None:
        return "cannot be told from the truth by"
    if abs(one.skill) < _SAME:
        return "is that of"
    if one.interval is None:
        return "stands without an interval beside"
    if one.interval.low > 0:
        return "is better than"
    return "is worse than" if one.interval.high < 0 else "cannot be told from"
