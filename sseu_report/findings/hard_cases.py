"""Hard cases: clips that most systems miss, because of the recording, the place, or a wrong label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from sseu_metric.labels import EVENTS, SCENES
from sseu_metric.rows import Rows
from sseu_report.entries import ScoredEntry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HARD_WER = 50.0
"""A transcript with a WER above it, in percent, is a miss."""

MIN_SYSTEMS = 2
"""Fewer answers tell an error of one system from a hard clip by nothing."""


@dataclass(frozen=True)
class HardCase:
    """A clip that systems miss in one task.

    Attributes:
        task: `asr`, `asc` or `at`.
        id: Id of the mixture.
        pair: Id of its pair.
        condition: Its condition.
        reference: The transcript, the scene, or the events.
        missed_by: Names of the systems that miss it.
        answered: Number of systems that gave an answer.
    """

    task: str
    id: str
    pair: str
    condition: str
    reference: str
    missed_by: tuple[str, ...]
    answered: int


def find_hard_cases(scored: Sequence[ScoredEntry], mode: str) -> tuple[HardCase, ...]:
    """The clips that more than half of the systems miss, those missed by the largest share first.

    A system misses a clip where its answers to it are no hits (`hits`); over several runs: by the summed errors in ASR,
    in more than half of the runs in ASC and AT. Missing answers count neither way; what is not ranked takes no part,
    nor do clips without annotated events in AT, nor clips that fewer than `MIN_SYSTEMS` answered.

    Args:
        scored: The entries of a report.
        mode: How the systems were asked.
    """
    import numpy as np

    judged: dict[str, dict[str, dict[str, bool]]] = {}
    described: dict[tuple[str, str], tuple[str, str, str]] = {}
    for one in scored:
        if not one.entry.is_ranked or mode not in one.scores:
            continue
        for task, rows in one.scores[mode].tables.items():
            rows = can_hit(rows.take(np.array([status != "missing" for status in rows["status"]])), task)
            if not len(rows):
                continue
            names, first, missed = _misses(task, rows)
            for name, row, flag in zip(names, first, missed, strict=True):
                judged.setdefault(task, {}).setdefault(name, {})[one.entry.name] = flag
                if (task, name) not in described:
                    described[task, name] = (rows["pair"][row], rows["condition"][row], _reference(task, rows, row))
    found = []
    for task, clips in judged.items():
        hard = [
            HardCase(task, name, *described[task, name], tuple(who for who, flag in flags.items() if flag), len(flags))
            for name, flags in clips.items()
            if len(flags) >= MIN_SYSTEMS and 2 * sum(flags.values()) > len(flags)
        ]
        hard.sort(key=lambda case: (-len(case.missed_by) / case.answered, -case.answered, case.id))
        found += hard
    return tuple(found)


def in_turn(cases: Sequence[HardCase]) -> list[str]:
    """The ids of the first case of each task, of the second, and so on, each once."""
    by_task: dict[str, list[str]] = {}
    for case in cases:
        by_task.setdefault(case.task, []).append(case.id)
    turns = zip_longest(*by_task.values())
    return list(dict.fromkeys(name for turn in turns for name in turn if name is not None))


def can_hit(rows: Rows, task: str) -> Rows:
    """The rows that can be hit: in AT, those of clips with annotated events."""
    import numpy as np

    return rows.take(np.asarray(rows["truth"].any(axis=1))) if task == "at" else rows


def hits(rows: Rows, task: str) -> NDArray[np.bool_]:
    """Whether each answer is a hit, shape (n,).

    In ASR: its word errors are at most `HARD_WER` percent of the reference words; in ASC: the arg-max of eq. (1) is the
    scene; in AT: `hits_events`.
    """
    import numpy as np

    if task == "asr":
        return np.asarray(100 * rows["counts"][:, :3].sum(axis=1) <= HARD_WER * rows["counts"][:, 3])
    if task == "asc":
        return rows["hit"].astype(bool)
    return hits_events(rows["truth"], rows["confidences"])


def hits_events(truth: NDArray[np.bool_], confidences: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether at least one of a clip's k annotated events is among the k highest confidences.

    Args:
        truth: Shape (n, classes).
        confidences: Shape (n, classes).

    Returns:
        Shape (n,); False where no event is annotated, and where a tie decides.
    """
    import numpy as np

    best = np.where(truth, confidences, -np.inf).max(axis=1)
    # Classes at least as confident as the best annotated one, itself included: at most k of them is a hit.
    places = (confidences >= best[:, np.newaxis]).sum(axis=1)
    found: NDArray[np.bool_] = truth.any(axis=1) & (places <= truth.sum(axis=1))
    return found


def _misses(task: str, rows: Rows) -> tuple[list[str], list[int], list[bool]]:
    """The clips, the first row of each, and whether it is missed over the runs."""
    import numpy as np

    names, first, of_row = np.unique(rows["id"].astype(str), return_index=True, return_inverse=True)
    if task == "asr":
        errors = np.bincount(of_row, weights=rows["counts"][:, :3].sum(axis=1))
        missed = 100 * errors > HARD_WER * np.bincount(of_row, weights=rows["counts"][:, 3])
    else:
        missed = 2 * np.bincount(of_row, weights=~hits(rows, task)) > np.bincount(of_row)
    return names.tolist(), first.tolist(), missed.tolist()


def _reference(task: str, rows: Rows, row: int) -> str:
    if task == "asr":
        return str(rows["sentence"][row])
    if task == "asc":
        return SCENES[int(rows["reference"][row])]
    return ", ".join(name for name, true in zip(EVENTS, rows["truth"][row], strict=True) if true)
