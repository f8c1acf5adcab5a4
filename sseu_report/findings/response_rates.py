"""How the answers came: how many could be read, were empty, refused, unreadable or missing, per condition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sseu_metric.conditions import ordered
from sseu_metric.rows import Rows
from sseu_metric.wer import runaway
from sseu_models.records import TASKS
from sseu_models.results.log import Answer, Key
from sseu_report.entries import ScoredEntry

UNREAD = ("empty", "refused", "unparsed", "missing")
"""The statuses of an answer without a value, see `sseu_metric.answer_values.ParseStatus`."""


@dataclass(frozen=True)
class AnswerRates:
    """How the answers to one task in one mode came, in one condition or in all.

    Attributes:
        mode: How it was asked.
        task: `asr`, `asc` or `at`.
        condition: Its name; None for all together.
        asked: Number of questions, over all runs.
        statuses: How many came in which status.
        failed: Of the missing ones, those whose request failed; the others were never asked.
        runaway: ASR answers with more errors than reference words.
    """

    mode: str
    task: str
    condition: str | None
    asked: int
    statuses: Mapping[str, int]
    failed: int
    runaway: int

    def share(self, status: str) -> float:
        """Of the questions, in percent."""
        return 100 * self.statuses.get(status, 0) / self.asked

    @property
    def read(self) -> float:
        """Share of the questions with an answer in which a value was found, percent."""
        return 100 - sum(self.share(status) for status in UNREAD)

    def lines(self) -> Iterator[str]:
        """What is printed."""
        where = "all conditions" if self.condition is None else self.condition
        unread = "".join(f", {self.share(name):.1f} {name}" for name in UNREAD if self.statuses.get(name))
        failed = f" ({self.failed} failed requests)" if self.failed else ""
        runaways = f", {self.runaway} runaway" if self.runaway else ""
        yield f"{self.mode} {self.task}, {where}: {self.read:.1f} % of {self.asked} read{unread}{failed}{runaways}"


def find_answer_rates(scored: ScoredEntry) -> tuple[AnswerRates, ...]:
    """For every mode and task: all conditions together, then each."""
    found = []
    for mode, scores in scored.scores.items():
        for task, rows in scores.tables.items():
            found.append(_rates(mode, task, None, rows, scored.answers))
            for condition in ordered(rows["condition"].tolist()):
                part = rows.take(rows["condition"] == condition)
                found.append(_rates(mode, task, condition, part, scored.answers))
    return tuple(found)


def _rates(mode: str, task: str, condition: str | None, rows: Rows, answers: Mapping[Key, Answer]) -> AnswerRates:
    missing = rows.take(rows["status"] == "missing")
    asked_as = "all" if TASKS[mode] == ("all",) else task  # type: ignore[index]
    keys = [Key(name, mode, asked_as, run) for name, run in zip(missing["id"], missing["run"].tolist(), strict=True)]
    return AnswerRates(
        mode=mode,
        task=task,
        condition=condition,
        asked=len(rows),
        statuses=dict(sorted(Counter(map(str, rows["status"].tolist())).items())),
        failed=sum(key in answers for key in keys),
        runaway=int(runaway(rows["counts"]).sum()) if task == "asr" else 0,
    )
