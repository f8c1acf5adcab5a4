"""Audio ablation: a system's answers compared with those it gives to silence or to another pair's audio.

A model that ignores the audio gives the same answers and loses nothing. Two values show it: the share of unchanged
answers and the paired change of each metric. A change whose interval contains 0 is flagged. A model that samples also
changes its answers between runs on the same clip; that share is shown beside.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from sseu_metric.scores import Scores
from sseu_metric.significance import Comparison, compare
from sseu_metric.text_table import points, points_range, score_cell
from sseu_models.job import Key
from sseu_models.kinds import CONTROL_FRONTENDS, HIDING_FRONTENDS
from sseu_models.results.folder import asked_conditions, check_unchanged, read_result
from sseu_models.results.folder_scoring import open_result_dataset, read_answers, with_limits
from sseu_models.results.log import Answer
from sseu_models.results.opened_dataset import dataset_difference
from sseu_models.results.scoring import score_answers
from sseu_models.results.terminal import METRIC_NAMES, in_parentheses

if TYPE_CHECKING:
    from sseu_models.results.records import Result

Scored = tuple[Mapping[Key, Answer], Mapping[str, Scores]]
"""The answers that count, and their scores by mode."""


@dataclass(frozen=True)
class Change:
    """The change of one metric in one mode.

    Attributes:
        mode: The mode.
        comparison: Control minus run, in percentage points.
    """

    mode: str
    comparison: Comparison

    @property
    def flagged(self) -> bool:
        """Whether the interval contains 0, or nothing gives one: no evidence that the audio matters."""
        interval = self.comparison.interval
        return interval is None or interval.low <= 0 <= interval.high


@dataclass(frozen=True)
class AudioAblation:
    """A run compared with its control run.

    Attributes:
        system: Id of the system.
        control: `silence` or `shuffled`.
        unchanged: For each mode and task, the share of equal raw answers, 0 to 1.
        changes: The change of every metric that both runs have.
        repeated: The same between two of the system's own runs on the same clip; empty if it was asked once. For a
            system that uses the audio `unchanged` is hardly larger.
        unanswered: Questions without an answer in one of the two; they count as empty answers in the changes.
        limitations: Why the scores of either run are not scores of the whole benchmark, by name of the run.
    """

    system: str
    control: str
    unchanged: Mapping[str, float]
    changes: tuple[Change, ...]
    repeated: Mapping[str, float]
    unanswered: int
    limitations: Mapping[str, tuple[str, ...]]

    def lines(self) -> Iterator[str]:
        """The comparison as text for a terminal."""
        yield f"{self.system}, {self.control} instead of the audio"
        for name, share in self.unchanged.items():
            own = f"; {100 * self.repeated[name]:.1f} % between runs on the same audio" if name in self.repeated else ""
            yield f"  {name:<18} {100 * share:5.1f} % of the answers are the same{own}"
        if self.unanswered:
            yield f"  {self.unanswered} questions have no answer on one side: finish both runs first"
        for change in self.changes:
            found = change.comparison
            why = "no interval" if found.interval is None else "contains 0"
            flag = f"  <- {why}: no evidence that it uses the audio" if change.flagged else ""
            text = f"{points(found.difference):>6} points"
            if found.interval is not None:
                text += f", 95 % {points_range(found.interval.low, found.interval.high)}"
            shown = score_cell(text, whole=not any(self.limitations.values()))
            yield f"  {change.mode + ' ' + found.name:<18} {shown}{flag}"
        yield from (f"  {line}" for line in in_parentheses(self.limitations) if self.changes)


def ablate(run: Path, control: Path, *, data: str | None = None) -> AudioAblation:
    """Compare a run with its control.

    Args:
        run: Results folder.
        control: Results folder of the same system with the front end `silence` or `shuffled`.
        data: Where the dataset is now; by default where it was.

    Raises:
        ValueError: The two are not a run and its control, or they were not asked the same.
    """
    first, second = read_result(run), read_result(control)
    _check_pair(run, first, control, second)
    opened = open_result_dataset(first, data)
    clips, answers = read_answers(run, first, opened)
    _, others = read_answers(control, second, opened)
    check_unchanged(run, first)
    check_unchanged(control, second)
    embedder, normalizer = first.embedder, first.normalizer
    ours, theirs = (
        (some, score_answers(clips, some, embedder=embedder, normalizer=normalizer)) for some in (answers, others)
    )
    limitations = {
        name: with_limits(result, clips, some, opened).limitations
        for name, result, some in (("run", first, answers), ("control", second, others))
    }
    return compare_with_control(first.system, second.frontend.name, ours, theirs, asked_conditions(clips), limitations)


def compare_with_control(
    system: str,
    control: str,
    run: Scored,
    ablated: Scored,
    asked: Collection[Key],
    limitations: Mapping[str, tuple[str, ...]],
) -> AudioAblation:
    """Compare a run with its control, which answered the same questions.

    Args:
        system: Name of the system.
        control: Front end of the control run.
        run: Answers and scores of the ordinary run.
        ablated: Those of the control run.
        asked: Every question.
        limitations: Limitations of either run, see `AudioAblation`.
    """
    (answers, ours), (others, theirs) = run, ablated
    changes = tuple(
        Change(mode, compare(theirs[mode], scores, metric))
        for mode, scores in ours.items()
        for metric in METRIC_NAMES
        if scores.value(metric) is not None and theirs[mode].value(metric) is not None
    )
    unanswered = sum(
        key not in answers or key not in others or "failed" in (answers[key].status, others[key].status)
        for key in asked
    )
    unchanged = _equal_shares((key, answer, others[key]) for key, answer in answers.items() if key in others)
    runs: defaultdict[Key, list[Answer]] = defaultdict(list)
    for key, answer in answers.items():
        runs[key._replace(run=0)].append(answer)
    repeated = _equal_shares((key, *pair) for key, answered in runs.items() for pair in combinations(answered, 2))
    return AudioAblation(system, control, unchanged, changes, repeated, unanswered, limitations)


def _check_pair(run: Path, first: Result, control: Path, second: Result) -> None:
    if second.frontend.name not in HIDING_FRONTENDS:
        raise ValueError(
            f"{control}: its front end is {second.frontend.name!r}; a control run has --frontend silence or shuffled"
        )
    if first.frontend.name in CONTROL_FRONTENDS:
        raise ValueError(f"{run} is a control run itself; give the ordinary run first")
    for name in ("system", "settings", "prompts", "job"):
        if getattr(first, name) != getattr(second, name):
            raise ValueError(f"{run} and {control} differ in their {name}; repeat the control with the same options")
    if (difference := dataset_difference(first, second)) is not None:
        raise ValueError(f"{run} and {control} were asked about different datasets: {difference}")


def _equal_shares(pairs: Iterable[tuple[Key, Answer, Answer]]) -> dict[str, float]:
    """For each mode and task, the share of pairs with equal contents among those in which both are answers."""
    equal: defaultdict[str, list[bool]] = defaultdict(list)
    for key, one, other in pairs:
        if one.status == other.status == "ok":
            equal[f"{key.mode} {key.task}"].append((one.text, one.scores) == (other.text, other.scores))
    return {name: sum(flags) / len(flags) for name, flags in equal.items()}
