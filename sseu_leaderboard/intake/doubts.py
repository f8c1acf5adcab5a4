"""What makes a submission's scores doubtful, found from its answers: reasons that stand beside the scores.

Nothing here proves a forgery, and who avoids these rules by noise of the right size is not found: the references are
public. What they find is the lazy one: references with a few words changed, and another entry's answers respelt.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from sseu_hub.submission import equals_ground_truth
from sseu_leaderboard.intake.verified import AVERAGE, FINITE_AVERAGE, BoardCell, BoardFactor, Cells, jackknife_of
from sseu_metric.conditions import finite, ordered
from sseu_metric.scores import Scores
from sseu_models.job import Key
from sseu_models.results.log import Answer
from sseu_report.naming import TASK_METRICS, condition_name

if TYPE_CHECKING:
    from sseu_metric.rows import Rows

Factors: TypeAlias = Mapping[str, Mapping[str, tuple[BoardFactor, ...]]]

PRINTS = 256
"""Maximum number of questions of a mode and task whose answers are compared with those of other entries."""
_NEAR_TRUTH = 1.0  # points of mACC and mAP
_NEAR_WORDS, _NEAR_ANSWERS = 0.1, 0.95  # a tenth of the words, in so many of the answers at the lowest SNR
_HARD_DB = -5.0  # at easier SNRs a good recogniser makes as few errors
_LETTERS, _SPAN = re.compile(r"[\W_]+"), 5
_MAX_LETTERS = 1_000


def truth_flags(scores: Mapping[str, Scores], cells: Cells) -> tuple[str, ...]:
    """Why a submission is not ranked: its answers are the references, or almost.

    Args:
        scores: By mode.
        cells: Its cells on the board.
    """
    equal, near = [], []
    for mode, metrics in cells.items():
        for task, metric in TASK_METRICS.items():
            if metric not in metrics:
                continue
            value = metrics[metric][AVERAGE].value
            if equals_ground_truth(metric, value):
                equal.append(f"{mode} {task}")
            elif _almost(scores[mode].tables["asr"]) if metric == "wer" else value >= 100 - _NEAR_TRUTH:
                near.append(f"{mode} {task}")
    said = {"equals the ground truth": equal, "equals the ground truth but for a few words": near}
    return tuple(f"{what}: {', '.join(where)}" for what, where in said.items() if where)


def _almost(rows: Rows) -> bool:
    """Whether nearly all transcripts at the lowest SNR are nearly right, as no recogniser's are."""
    conditions = finite(ordered(set(rows["condition"].tolist())))
    if not conditions or float(conditions[-1]) > _HARD_DB:
        return False
    counts = rows["counts"][rows["condition"] == conditions[-1]]
    errors, words = counts[:, :3].sum(axis=1), counts[:, 3]
    return bool((errors <= _NEAR_WORDS * words).mean() >= _NEAR_ANSWERS)


def wer_marks(cells: Cells, factors: Factors) -> dict[str, dict[str, tuple[str, ...]]]:
    """Mode -> metric -> reasons, where the WER at the lowest SNR is not above that at the highest, beyond its interval.

    Where nothing tells how much a score varies, the scores themselves are compared.
    """
    marks: dict[str, dict[str, tuple[str, ...]]] = {}
    for mode, metrics in cells.items():
        columns = metrics.get("wer", {})
        conditions = ordered({*columns} - {AVERAGE, FINITE_AVERAGE})
        snrs = finite(conditions)
        if not snrs or snrs[-1] == conditions[0]:
            continue
        ends = (conditions[0], snrs[-1])
        easy, hard = (columns[name] for name in ends)
        if _rise(easy, hard, factors[mode]["wer"]) <= 0:
            said = (
                f"{cell.value:.1f} at {condition_name(name)}" for cell, name in zip((easy, hard), ends, strict=True)
            )
            marks[mode] = {"wer": (f"WER does not rise with the noise beyond its interval: {', '.join(said)}",)}
    return marks


def _rise(easy: BoardCell, hard: BoardCell, factors: Sequence[BoardFactor]) -> float:
    """The lower end of the interval of the rise in points; the rise itself if nothing tells how much it varies."""
    rise = hard.value - easy.value
    if not easy.replicates or not hard.replicates:
        return rise
    error = jackknife_of(factors).error_of(hard.without - easy.without, rise)
    return rise if error is None else error.interval(rise).low


def answer_prints(asked: Mapping[Key, str], answers: Mapping[Key, Answer]) -> dict[str, dict[str, tuple[int, ...]]]:
    """Mode -> task -> a 32-bit print of the first answer to each of `PRINTS` questions at the lowest SNR, or fewer.

    The prints of two answers are equal with about the probability with which a run of five letters of one of them is
    in both (min-wise hashing; Broder, 1997). Two honest systems rarely agree at the lowest SNR; respelling, spaces and
    case change no print, a few other words change few. Every entry of a version has the same questions.

    Args:
        asked: Every question with its condition.
        answers: The answer to each.
    """
    found: dict[str, dict[str, list[tuple[bytes, Key]]]] = {}
    hard = finite(ordered(set(asked.values())))[-1:]
    for key, condition in asked.items():
        if condition in hard and key.run == 0:
            order = hashlib.sha256(key.id.encode()).digest()
            found.setdefault(key.mode, {}).setdefault(key.task, []).append((order, key))
    return {
        mode: {task: tuple(_print(answers[key]) for _, key in sorted(keys)[:PRINTS]) for task, keys in tasks.items()}
        for mode, tasks in found.items()
    }


def _print(answer: Answer) -> int:
    """The print of an answer; 0 of an empty one, which is like no other."""
    if answer.scores is not None:
        spans: Iterable[str] = [" ".join(f"{score:.2f}" for score in answer.scores)]
    else:
        letters = _LETTERS.sub("", (answer.text or "")[:_MAX_LETTERS].casefold())
        spans = {letters[at : at + _SPAN] for at in range(max(1, len(letters) - _SPAN + 1))} - {""}
    hashes = (int.from_bytes(hashlib.blake2b(span.encode(), digest_size=4).digest()) for span in spans)
    return min(hashes, default=0)
