"""The design of `--lite`: which questions stand for all, and with what probability each of them was to be asked.

A question is a task about a clip in one condition. Every sample is systematic: pairs in an order, each with an expected
number of questions, of which every whole number is taken after a drawn start; the conditions take turns. So each
question of a pair has the probability expected / conditions, and conditions, recordings and scenes have their share.

- ASR: every pair alike, by sentence and speaker.
- ASC: equally many questions a scene, by recording; a scene of few clips gives all it has, the others take the rest.
- AT: expected number proportional to the square root of the sum of 1 / n over the events of the clip, with n the clips
  that have the event: mAP weighs all events alike, and the rare ones decide its error.

The tasks do not share equally: scenes and above all rare events need more questions than words for the same error.
Draws are SHA-256 of ids, so all systems get the same questions about a dataset. A pure function of the rows.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sseu_dataset.pairing import draw
from sseu_metric.conditions import counts_for, snr_db_of

_SHARES = {"asr": 1 / 7, "asc": 3 / 7, "at": 3 / 7}
"""Of all questions: with these 2,450 keep the errors of WER, mACC and mAP alike, below two points."""

Row = Mapping[str, Any]
Probabilities = dict[tuple[str, str], float]


def choose_questions(rows: Sequence[Row], questions: int) -> Probabilities:
    """The questions of a lite run about a dataset.

    Args:
        rows: All rows of the dataset, with `id`, `pair_id`, `condition`, `scene`, `events`, `transcript`, `speaker_id`
            and `source_recording_id`.
        questions: How many there are about all three tasks together; where the dataset has fewer, all are chosen.

    Returns:
        (row id, task) of every question that is chosen -> the probability with which it was to be, in (0, 1].
    """
    samplers: Mapping[str, Callable[[_Cells, float], Probabilities]] = {"asr": _asr, "asc": _asc, "at": _at}
    found: Probabilities = {}
    for task, size in task_sizes(questions).items():
        found |= samplers[task](_cells(rows, task), size)
    return found


def task_sizes(questions: int) -> dict[str, float]:
    """Expected questions of each task."""
    return {task: share * questions for task, share in _SHARES.items()}


_Cells = Mapping[str, Sequence[Row]]
"""The rows of each pair that count for a task, from the highest SNR down."""


def _cells(rows: Sequence[Row], task: str) -> _Cells:
    by_pair: defaultdict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: -snr_db_of(row["condition"])):
        if counts_for(task, row["condition"]):
            by_pair[row["pair_id"]].append(row)
    return by_pair


def _asr(cells: _Cells, size: float) -> Probabilities:
    def place(pair: str) -> tuple[Any, ...]:
        row = cells[pair][0]
        return row["transcript"], row["speaker_id"] or "", draw(0, "lite", "asr", pair)

    expected = _scaled(dict.fromkeys(sorted(cells, key=place), 1.0), cells, size)
    return _systematic("asr", expected, cells)


def _asc(cells: _Cells, size: float) -> Probabilities:
    by_scene: defaultdict[int, list[str]] = defaultdict(list)
    for pair, rows in cells.items():
        by_scene[rows[0]["scene"]].append(pair)
    left, found = size, Probabilities()
    smallest_first = sorted(by_scene, key=lambda scene: sum(len(cells[pair]) for pair in by_scene[scene]))
    for number, scene in enumerate(smallest_first):
        share = left / (len(by_scene) - number)
        in_order = sorted(by_scene[scene], key=lambda pair: _by_recording("asc", cells, pair))
        expected = _scaled(dict.fromkeys(in_order, 1.0), cells, share)
        left -= sum(expected.values())
        found |= _systematic("asc", expected, cells)
    return found


def _at(cells: _Cells, size: float) -> Probabilities:
    clips = Counter(event for rows in cells.values() for event in set(rows[0]["events"]))
    in_order = sorted(cells, key=lambda pair: (cells[pair][0]["scene"], *_by_recording("at", cells, pair)))
    weights = {
        pair: math.sqrt(math.fsum(1 / clips[event] for event in set(cells[pair][0]["events"])) or 1 / len(cells))
        for pair in in_order
    }
    return _systematic("at", _scaled(weights, cells, size), cells)


def _by_recording(task: str, cells: _Cells, pair: str) -> tuple[str, int]:
    return cells[pair][0]["source_recording_id"] or "", draw(0, "lite", task, pair)


def _scaled(weights: Mapping[str, float], cells: _Cells, size: float) -> dict[str, float]:
    """Expected questions of each pair, proportional to its weight, at most its rows; `size` in all if there are."""
    expected: dict[str, float] = {}
    left = dict(weights)
    while left:
        scale = (size - math.fsum(expected.values())) / math.fsum(left.values())
        full = [pair for pair, weight in left.items() if weight * scale >= len(cells[pair])]
        if not full:
            expected |= {pair: weight * scale for pair, weight in left.items()}
            break
        for pair in full:
            expected[pair] = float(len(cells[pair]))
            del left[pair]
    return {pair: expected[pair] for pair in weights}


def _systematic(task: str, expected: Mapping[str, float], cells: _Cells) -> Probabilities:
    """Every whole number that the running sum of `expected` passes after a drawn start takes a row of its pair."""
    start = draw(0, "lite", task, "start", *expected) / 2**64
    turn = draw(0, "lite", task, "turn", *expected) >> 32
    found, total, taken = Probabilities(), start, 0
    for pair, number in expected.items():
        total += number
        rows = cells[pair]
        hits = len(rows) if number == len(rows) else min(max(math.floor(total) - taken, 0), len(rows))
        for hit in range(taken, taken + hits):
            found[rows[(hit + turn) % len(rows)]["id"], task] = number / len(rows)
        taken += hits
    return found
