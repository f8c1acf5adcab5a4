"""Clips that most systems miss: a bad recording, a hard place, or a label to look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sseu_metric.labels import EVENTS, SCENES
from sseu_metric.rows import Rows
from sseu_report.entries import ScoredEntry, is_control
from sseu_report.naming import shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HARD_WER = 50.0
"""A clip whose WER is above counts as missed."""


@dataclass(frozen=True)
class HardCase:
    """A clip that systems fail in one task.

    Attributes:
        task: `asr`, `asc` or `at`.
        id: Of the mixture.
        pair: Of its pair.
        condition: Its name.
        reference: The transcript, the scene, or the events.
        failed: The systems that fail it.
        answered: How many systems gave an answer.
    """

    task: str
    id: str
    pair: str
    condition: str
    reference: str
    failed: tuple[str, ...]
    answered: int

    def lines(self) -> Iterator[str]:
        """What is printed."""
        yield (
            f"{self.task} {shown(self.id)} ({self.condition}): {len(self.failed)} of {self.answered} systems fail; "
            f"{shown(self.reference)}"
        )


def find_hard_cases(scored: Sequence[ScoredEntry], mode: str, *, most: int | None = None) -> tuple[HardCase, ...]:
    """The clips that more than half of the systems fail, those failed by the largest share first.

    A system fails a clip in ASR if its errors are more than `HARD_WER` percent of the reference words, in ASC if it
    misses the scene, in AT if none of the k annotated events is among its k highest confidences (an event that ties
    across that border is not); over the runs: summed errors in ASR, more than half of the runs in ASC and AT. Answers
    that never came do not count for or against; controls take no part, nor do clips without annotated events in AT.

    Args:
        scored: The entries of a report.
        mode: How they were asked.
        most: Cases per task; all by default.
    """
    import numpy as np

    judged: dict[str, dict[str, dict[str, bool]]] = {}
    described: dict[tuple[str, str], tuple[str, str, str]] = {}
    for one in scored:
        if is_control(one.entry) or mode not in one.scores:
            continue
        for task, rows in one.scores[mode].tables.items():
            rows = rows.take(np.array([status != "missing" for status in rows["status"]]))
            if task == "at":
                rows = rows.take(np.asarray(rows["truth"].any(axis=1)))
            if not len(rows):
                continue
            names, first, failed = _failures(task, rows)
            for name, row, flag in zip(names, first, failed, strict=True):
                judged.setdefault(task, {}).setdefault(name, {})[one.entry.name] = flag
                if (task, name) not in described:
                    described[task, name] = (rows["pair"][row], rows["condition"][row], _reference(task, rows, row))
    found = []
    for task, clips in judged.items():
        hard = [
            HardCase(task, name, *described[task, name], tuple(who for who, flag in flags.items() if flag), len(flags))
            for name, flags in clips.items()
            if 2 * sum(flags.values()) > len(flags)
        ]
        hard.sort(key=lambda case: (-len(case.failed) / case.answered, -case.answered, case.id))
        found += hard[:most]
    return tuple(found)


def _failures(task: str, rows: Rows) -> tuple[list[str], list[int], list[bool]]:
    """The clips, for each the first row that has it, and whether it is failed."""
    import numpy as np

    names, first, of_row = np.unique(rows["id"].astype(str), return_index=True, return_inverse=True)
    if task == "asr":
        errors = np.bincount(of_row, weights=rows["counts"][:, :3].sum(axis=1))
        failed = 100 * errors > HARD_WER * np.bincount(of_row, weights=rows["counts"][:, 3])
    else:
        missed = ~rows["hit"] if task == "asc" else ~hits_events(rows["truth"], rows["confidences"])
        failed = 2 * np.bincount(of_row, weights=missed) > np.bincount(of_row)
    return names.tolist(), first.tolist(), failed.tolist()


def hits_events(truth: NDArray[np.bool_], confidences: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether one of the k true events is surely among the k highest confidences, k being their number.

    Args:
        truth: Shape (n, classes).
        confidences: Shape (n, classes).

    Returns:
        Shape (n,); False where there are no true events, and where a tie decides.
    """
    import numpy as np

    best = np.where(truth, confidences, -np.inf).max(axis=1)
    # Classes at least as high as the best true one, itself among them: at most k may stand there.
    places = (confidences >= best[:, np.newaxis]).sum(axis=1)
    hits: NDArray[np.bool_] = truth.any(axis=1) & (places <= truth.sum(axis=1))
    return hits


def _reference(task: str, rows: Rows, row: int) -> str:
    if task == "asr":
        return str(rows["sentence"][row])
    if task == "asc":
        return SCENES[int(rows["reference"][row])]
    return ", ".join(name for name, true in zip(EVENTS, rows["truth"][row], strict=True) if true)
