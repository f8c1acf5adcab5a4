"""`sseu plan`: how much must be asked to see a difference, from a pilot result and the dataset's own clusters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from sseu_metric.normalisers import Unit
from sseu_metric.tasks import METRICS
from sseu_metric.text_table import aligned
from sseu_models.planning import order_pairs, plan
from sseu_models.results.scoring import score_answers
from sseu_report.comparability import refuse_lite
from sseu_report.entries import ResultLike, ScoredEntry, read_entries, score_entries
from sseu_report.naming import metric_names, printable

if TYPE_CHECKING:
    from sseu_metric.power import Power
    from sseu_metric.rows import Rows
    from sseu_models.records import Mode

_SHARES = (0.25, 0.5, 1.0)
_RUNS = (1, 3)


@dataclass(frozen=True)
class PlannedSize:
    """So many pairs and runs, and how often they show the wanted difference."""

    pairs: int
    runs: int
    power: Power


@dataclass(frozen=True)
class RunPlan:
    """What a comparison of two systems like the pilot can see; `print` shows it.

    Attributes:
        pilot: Name of the pilot, untrusted text.
        mode: How it was asked.
        metric: `wer`, `macc` or `map`.
        visible: The difference in points that the whole dataset shows with about the wanted power.
        runs: Runs of that.
        visible_power: How often it is found, simulated.
        difference: The wanted difference in points; None where none was given.
        wanted: The wanted power in percent.
        sizes: Power of several numbers of pairs and runs, smallest first; empty without a wanted difference.
        repeats: Correlation of the pilot's answers to one question; None of a single run.
        left_out: Conditions (for mACC scenes in them) of which the pilot has no answer; nothing is said of them.
        asr_unit: What errors of transcripts are counted in.
    """

    pilot: str
    mode: str
    metric: str
    visible: float
    runs: int
    visible_power: Power
    difference: float | None
    wanted: float
    sizes: tuple[PlannedSize, ...]
    repeats: float | None
    left_out: tuple[str, ...] = ()
    asr_unit: Unit = "word"

    @property
    def enough(self) -> PlannedSize | None:
        """The first size that has the wanted power; None if none has."""
        return next((size for size in self.sizes if size.power.percent >= self.wanted), None)

    def __str__(self) -> str:
        """The plan as text."""
        name = metric_names(self.asr_unit)[self.metric]
        lines = [f"two systems like {printable(self.pilot)}, {self.mode} {name}, both asked the same questions"]
        if self.sizes:
            rows: list[Sequence[str]] = [("pairs", "runs", "finds it", "95 % interval")]
            for size in self.sizes:
                found = size.power.interval
                rows.append(
                    (
                        f"{size.pairs:,}",
                        str(size.runs),
                        f"{size.power.percent:.0f} %",
                        f"{found.low:.0f} to {found.high:.0f} %",
                    )
                )
            lines += [f"a difference of {self.difference:g} points, simulated {self.sizes[0].power.trials} times each:"]
            lines.append(aligned(rows).rstrip("\n"))
            if self.enough is None:
                lines.append(f"not even the whole dataset finds {self.difference:g} points in {self.wanted:g} %")
            else:
                lines.append(f"enough for {self.wanted:g} %: {self.enough.pairs:,} pairs, runs: {self.enough.runs}")
        seen = self.visible_power
        lines.append(
            f"the whole dataset (runs: {self.runs}) finds {self.visible:.1f} points of {name} in about "
            f"{self.wanted:g} % of comparisons: simulated {seen.percent:.0f} %, 95 % interval "
            f"{seen.interval.low:.0f} to {seen.interval.high:.0f} %"
        )
        if self.repeats is None and self.runs > 1:
            lines.append("how much runs differ is not known from one run; answers of runs are taken as independent")
        if self.left_out:
            lines.append(f"left out, since the pilot has no answer there: {', '.join(self.left_out)}")
        return "\n".join(lines)


def plan_comparison(
    pilot: ResultLike,
    *,
    metric: str = "wer",
    difference: float | None = None,
    power: float = 80.0,
    data: str | None = None,
    trials: int = 100,
    progress: bool = False,
) -> RunPlan:
    """How many pairs and runs show a difference between two systems like a pilot, and what the whole dataset can show.

    The simulated test is that of `compare`, on the speakers, sentences, recordings and scenes of the dataset.

    Args:
        pilot: A results folder or a run; a part of the dataset will do (`--limit 100`).
        metric: `wer`, `macc` or `map`.
        difference: The wanted difference in points.
        power: The wanted power in percent.
        data: Dataset folder or Hub repository; by default where the pilot was made from.
        trials: Simulated comparisons of each size.
        progress: Show a bar on a terminal.

    Raises:
        ValueError: A number is out of range, the pilot is no results folder, a lite result, was not asked this task, or
            tells nothing about its spread.
    """
    from tqdm import tqdm

    from sseu_metric.power import SimulatedComparison

    if difference is not None and not 0 < difference < 100:
        raise ValueError(f"difference is {difference:g} points; more than 0 and less than 100 is needed")
    if not 5 < power < 100:
        raise ValueError(f"power is {power:g} %; more than 5 (what chance finds) and less than 100 is needed")
    if trials < 20:
        raise ValueError(f"trials is {trials}; at least 20 are needed")
    entries = read_entries([pilot])
    refuse_lite(entries, "a plan")
    scored = score_entries(entries, data=data, progress=progress)[0]
    task = METRICS.get(metric, "")
    mode = next((mode for mode, scores in scored.scores.items() if task in scores.tables), None)
    if mode is None:
        raise ValueError(f"{scored.entry.folder} has no {metric}: it was not asked that task")
    simulated = SimulatedComparison(scored.scores[mode], metric)
    questions = _all_questions(scored, mode, task)
    many = 1 if scored.entry.result.deterministic else _RUNS[-1]
    chosen = [(share, runs) for share in _SHARES for runs in _RUNS if runs <= many and difference is not None]
    pairs, sizes = order_pairs(scored.dataset.references), []
    total = trials * (len(chosen) + 3)
    with tqdm(total=total, desc="simulating", disable=None if progress else True, leave=False) as bar:
        for share, runs in chosen:
            some = pairs[: round(share * len(pairs))]
            part = simulated.on(_of_pairs(questions, some))
            found = part.power(difference or 0.0, runs=runs, trials=trials, tick=bar.update)
            sizes.append(PlannedSize(len(some), runs, found))
        whole = simulated.on(questions)
        visible, visible_power = whole.visible(power / 100, runs=many, trials=trials, tick=bar.update)
    return RunPlan(
        pilot=scored.entry.name,
        mode=mode,
        metric=metric,
        visible=visible,
        runs=many,
        visible_power=visible_power,
        difference=difference,
        wanted=power,
        sizes=tuple(sizes),
        repeats=simulated.repeats if simulated.runs > 1 else None,
        left_out=whole.left_out,
        asr_unit=scored.entry.asr_unit,
    )


def _all_questions(scored: ScoredEntry, mode: str, task: str) -> Rows:
    """Every question of the dataset in the pilot's mode, unanswered: their words, labels and clusters."""
    result = scored.entry.result
    job = replace(result.job, limit=None, shard=None, runs=1, modes=cast("tuple[Mode, ...]", (mode,)))
    clips = plan(scored.dataset.references, job, modes=result.modes, deterministic=True)
    return score_answers(clips, {}, normalizer=scored.entry.normalizer)[mode].tables[task]


def _of_pairs(rows: Rows, pairs: Sequence[str]) -> Rows:
    import numpy as np

    return rows.take(np.isin(rows["pair"].astype(str), list(pairs)))
