"""How much of a score is the wording of the question: the spread over prompt sets beside that over runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev, variance

from sseu_metric.intervals import Interval
from sseu_metric.normalisers import Unit
from sseu_metric.scores import MIN_RUNS, Scores
from sseu_metric.tasks import metric_names
from sseu_metric.text_table import percent
from sseu_report.entries import ScoredEntry, name_of
from sseu_report.prompt_sets import by_system, together

_METRICS = ("wer", "macc", "map")


@dataclass(frozen=True)
class PromptSpread:
    """A metric of one system in one mode, asked with several prompt sets of equal content.

    Attributes:
        system: Name of the system.
        mode: How it was asked.
        metric: `wer`, `macc` or `map`.
        by_set: The average of each prompt set, in percent.
        mean: Their mean.
        over_prompts: Sample standard deviation of these averages, in points; a part of it is that of their runs.
        over_runs: Standard deviation of the runs of one set, in points, over all sets; None for a single run.
        interval: 95 % interval of the mean, with the spread over prompts and runs in it; None where nothing tells how
            much it varies, or there are too few sets.
        limitations: Why the scores are not scores of the whole benchmark.
        asr_unit: What errors of transcripts are counted in.
    """

    system: str
    mode: str
    metric: str
    by_set: Mapping[str, float]
    mean: float
    over_prompts: float
    over_runs: float | None
    interval: Interval | None
    limitations: Sequence[str]
    asr_unit: Unit = "word"

    @property
    def sentence(self) -> str:
        """What can be concluded, in words."""
        names = f"{self.system}, {self.mode}: {metric_names(self.asr_unit)[self.metric]}"
        lowest, highest = min(self.by_set.values()), max(self.by_set.values())
        if lowest == highest:
            return f"{names} does not depend on the wording, or the prompt is not read"
        text = f"{names} is {percent(lowest)} to {percent(highest)} by the wording of the prompt"
        if self.over_runs is None:
            return f"{text}; with one run nothing tells how much of that is chance"
        if self.over_prompts > self.over_runs:
            return f"{text}, more than between runs of one prompt"
        return f"{text}, no more than between runs of one prompt"


def find_prompt_spreads(scored: Sequence[ScoredEntry]) -> tuple[PromptSpread, ...]:
    """The spread of every system among the entries that was asked with several prompt sets and nothing else changed."""
    found = []
    for group in by_system(scored):
        whole = together(group)
        sets = [one.entry.result.prompts.set for one in group]
        for mode, scores in whole.scores.items():
            parts = dict(zip(sets, (one.scores[mode] for one in group), strict=True))
            found += [
                spread
                for metric in _METRICS
                if (spread := _spread(name_of(whole.entry.result), mode, metric, parts, scores, whole)) is not None
            ]
    return tuple(found)


def _spread(
    name: str, mode: str, metric: str, parts: Mapping[str, Scores], scores: Scores, whole: ScoredEntry
) -> PromptSpread | None:
    by_set = {one: value for one, part in parts.items() if (value := part.value(metric)) is not None}
    if len(by_set) < len(parts):
        return None
    runs = [part.run_means(metric) for part in parts.values()]
    several = all(len(means) > 1 for means in runs)
    interval = scores.intervals(metric)["all"] if len(parts) >= MIN_RUNS else None
    return PromptSpread(
        system=name,
        mode=mode,
        metric=metric,
        by_set=by_set,
        mean=fmean(by_set.values()),
        over_prompts=stdev(by_set.values()),
        over_runs=fmean(variance(means) for means in runs) ** 0.5 if several else None,
        interval=interval,
        limitations=whole.entry.limitations,
        asr_unit=whole.entry.asr_unit,
    )
