"""Entries whose answers are another's up to spelling and a few words, found from their prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from sseu_leaderboard.intake.verified import Verified
from sseu_report.naming import TASK_METRICS, shortened

Marks: TypeAlias = dict[str, dict[str, tuple[str, ...]]]
"""mode -> metric -> reasons to doubt a score."""

SHARED: Mapping[str, float] = {"asr": 0.7, "asc": 0.98, "at": 0.9, "all": 0.7}
"""From this share of equal prints on two entries are marked. Two sentences of 25 words that differ in two words share
about 0.7; of two honest systems at -10 dB few answers are equal. Scenes are few, so honest systems often agree."""
_MIN_ANSWERED = 0.5  # of the compared questions: two systems that say nothing are no copies


def copy_marks(entries: Sequence[Verified]) -> list[Marks]:
    """For each entry why its scores are doubtful: whose answers its answers are.

    Both are marked, since who copied whom is unknown. Submissions of one system that differ in their prompts alone may
    well be equal, and are not marked.
    """
    found: list[Marks] = [{} for _ in entries]
    groups: dict[tuple[str, str, str], list[int]] = {}
    for number, one in enumerate(entries):
        for mode, tasks in one.prints.items():
            for task in tasks:
                groups.setdefault((one.version, mode, task), []).append(number)
    for (_, mode, task), numbers in groups.items():
        for number, (share, other) in _nearest([entries[number] for number in numbers], mode, task).items():
            theirs = entries[numbers[other]]
            said = (
                f"{share:.0%} of its answers at the lowest SNR equal those of {shortened(theirs.system)}, submission "
                f"{theirs.sha256[:8]}, up to spelling and a few words"
            )
            metrics = [TASK_METRICS[task]] if task in TASK_METRICS else list(TASK_METRICS.values())
            marks = found[numbers[number]].setdefault(mode, {})
            marks.update({metric: (*marks.get(metric, ()), said) for metric in metrics})
    return found


def _nearest(entries: Sequence[Verified], mode: str, task: str) -> dict[int, tuple[float, int]]:
    """By number of each entry whose answers are another's: the share of equal prints, and the other's number."""
    import numpy as np

    length = max(len(one.prints[mode][task]) for one in entries)
    prints = np.zeros((len(entries), length), dtype=np.uint32)
    for number, one in enumerate(entries):
        prints[number, : len(one.prints[mode][task])] = one.prints[mode][task]
    systems = np.unique([one.asked_sha256 for one in entries], return_inverse=True)[1]
    answered = prints != 0
    found: dict[int, tuple[float, int]] = {}
    for number, mine in enumerate(prints):
        both = (answered & answered[number]).sum(axis=1)
        equal = ((prints == mine) & answered[number]).sum(axis=1)
        compared = (both >= _MIN_ANSWERED * length) & (systems != systems[number])
        shares = np.where(compared, equal / np.maximum(both, 1), 0)
        other = int(shares.argmax())
        if shares[other] >= SHARED[task]:
            found[number] = (float(shares[other]), other)
    return found
