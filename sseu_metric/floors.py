"""What a score is worth: floors that need no understanding of a clip, and how far a score is above them.

On the official labels 17 of the 18 events are annotated in one of the two corpora only, and Home is DESED. So telling
the corpora apart has a score, and an answer that follows from the scene alone has a bound. The floors here are those of
the references at hand, over the same rows as the score, so that both vary together:

`sentence`: the commonest sentence as the answer to every clip (WER). It is not the best constant answer.
`beginning`: the words with the lowest WER as the answer to every clip, among all sentences and their beginnings (WER).
    Both are held fixed in intervals: what is left without one of a few sentences says nothing about them.
`corpus`: the commonest scene of the clip's corpus (mACC); every event that this corpus annotates, all equal (mAP).
`scene`: every event by its share among the clips of the scene (mAP). It is nearly the highest that a ranking of clips
    by their scene alone can have: on the official labels 29.7513, and the best of all orders 29.7516.

    skill = 100 * (score - floor) / (ceiling - floor)

Clips that a floor does not tell apart share a rank. Ranking them in random order gives a little more on average, as a
lucky start counts for more than an unlucky one: `ap_by_lot`, 15.66 instead of 14.71 on the official labels.

The ceiling is the ground truth through the same embedder: WER 0, mACC and mAP 100, since the cosine of a label is 1
with itself and lower with every other label.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Any

from .intervals import Interval, possible
from .normalisers import BLANK
from .rows import Rows
from .scores import MIN_RUNS, Replicates, Scores
from .tasks import task_of_metric

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FLOORS: Mapping[str, tuple[str, ...]] = {
    "wer": ("sentence", "beginning"),
    "macc": ("corpus",),
    "map": ("corpus", "scene"),
}
"""The floors of each metric; the first is the one that its skill is above."""

FLOOR_NAMES: Mapping[str, str] = {
    "sentence": "always the commonest sentence",
    "beginning": "always the best beginning of a sentence",
    "corpus": "knowing the corpus alone",
    "scene": "knowing the scene alone",
}
"""How each floor is written in tables and plots."""

_SENTENCES = 100

CEILINGS: Mapping[str, float] = {"wer": 0.0, "macc": 100.0, "map": 100.0}
"""Every metric of the ground truth, in percent."""


def commonest(names: Iterable[str]) -> str:
    """The name that occurs most often, the first in alphabetical order where several do; "" of none."""
    counts = Counter(filter(None, names))
    return min(counts, key=lambda name: (-counts[name], name), default="")


def commonest_sentence(transcripts: Iterable[str]) -> str:
    """The sentence that is said most often, whatever its spelling and punctuation, as it is most often written."""
    texts = Counter(filter(None, transcripts))
    spoken = {text: "".join(filter(str.isalnum, text.casefold())) for text in texts}
    said: Counter[str] = Counter()
    for text, count in texts.items():
        said[spoken[text]] += count
    most = min(said, key=lambda words: (-said[words], words), default="")
    return commonest(text for text in texts.elements() if spoken[text] == most)


def best_beginning(said: Sequence[str]) -> str:
    """The beginning of a sentence, or the whole of one, that has the fewest errors as the answer to every clip.

    Args:
        said: The normalised reference of each clip. Of more than `_SENTENCES` distinct ones the commonest give
            beginnings; each is held against all.
    """
    import numpy as np
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cdist

    counts = Counter(said)
    texts = sorted(counts, key=lambda text: (-counts[text], text))
    numbers = {word: number for number, word in enumerate(dict.fromkeys(" ".join(texts).split()))}
    if not numbers:
        return ""
    coded = [[numbers[word] for word in text.split()] for text in texts]
    blank = numbers.get(BLANK)  # between the characters of two words: a beginning ends with a word
    beginnings = list(
        dict.fromkeys(
            tuple(one[:end])
            for one in coded[:_SENTENCES]
            for end in range(len(one) + 1)
            if end in (0, len(one)) or blank not in one or one[end] == blank
        )
    )
    weights = np.array([counts[text] for text in texts])
    errors = [int(cdist([one], coded, scorer=Levenshtein.distance, dtype=np.int32)[0] @ weights) for one in beginnings]
    words, best = list(numbers), beginnings[int(np.argmin(errors))]
    return " ".join(words[number] for number in best)


def ap_by_lot(positives: int, clips: int) -> float:
    """Expected AP of a class whose clips are ranked at random, in [0, 1].

    A positive at rank k has 1 + (k - 1) (m - 1) / (n - 1) positives up to there, on average:
    AP = (H_n + (n - H_n) (m - 1) / (n - 1)) / n with the harmonic number H_n.

    Args:
        positives: Clips with the event, m, at least 1.
        clips: All clips that are ranked, n.
    """
    harmonic = sum(1 / rank for rank in range(1, clips + 1))
    share = (positives - 1) / (clips - 1) if clips > 1 else 0.0
    return (harmonic + (clips - harmonic) * share) / clips


def shares_by(groups: NDArray[np.object_], truth: NDArray[np.bool_]) -> dict[str, NDArray[np.float64]]:
    """For each group of clips the share in which each event is present.

    Args:
        groups: The group of each clip, shape (n,).
        truth: The events of each clip, shape (n, classes).

    Returns:
        Group -> shape (classes,), in [0, 1].
    """
    return {name: truth[groups == name].mean(axis=0) for name in sorted(set(groups.tolist()))}


def floor_of(scores: Scores, metric: str, floor: str) -> Scores | None:
    """The scores of the answers of a floor to the same questions.

    Args:
        scores: Of a single mode.
        metric: `wer`, `macc` or `map`.
        floor: One of `FLOORS[metric]`.

    Returns:
        None where a reference does not name what the floor needs: its corpus, or its scene.
    """
    task = task_of_metric(metric)
    rows = scores.tables[task]
    if task != "asr" and not rows[floor].all():
        return None
    columns = _ANSWERS[task](rows, floor, scores)
    columns |= {name: values for name, values in rows.columns.items() if name not in columns and name != "status"}
    columns["status"] = rows["status"].copy()
    columns["status"][:] = "answered"
    return scores.answered_with(task, Rows(columns))


def _sentence(rows: Rows, floor: str, scores: Scores) -> dict[str, NDArray[Any]]:
    from .normalisers import normalise
    from .wer import count_word_errors

    texts = rows["sentence"].tolist()
    rule = (scores.normalizer or "").split(" ")[0]
    *said, always = normalise([*texts, commonest_sentence(texts)], rule)
    if floor == "beginning":
        always = best_beginning(said)
    return {"counts": count_word_errors(said, [always] * len(said))}


def _scene(rows: Rows, floor: str, scores: Scores) -> dict[str, NDArray[Any]]:
    import numpy as np

    answer = {name: commonest(rows["scene"][rows[floor] == name].tolist()) for name in set(rows[floor].tolist())}
    answers = np.array([answer[name] for name in rows[floor]], dtype=object)
    return {"hit": answers == rows["scene"]}


def _events(rows: Rows, floor: str, scores: Scores) -> dict[str, NDArray[Any]]:
    return {"confidences": event_confidences_of(rows, floor)}


def event_confidences_of(rows: Rows, floor: str) -> NDArray[np.float64]:
    """The answers of a floor of mAP, shape (rows, classes); `truth` may be soft."""
    import numpy as np

    shares = shares_by(rows[floor], rows["truth"])
    of_row = np.array([shares[name] for name in rows[floor]], dtype=np.float64)
    return of_row if floor == "scene" else (of_row > 0).astype(float)


_ANSWERS: Mapping[str, Callable[[Rows, str, Scores], dict[str, Any]]] = {"asr": _sentence, "asc": _scene, "at": _events}


@dataclass(frozen=True)
class Skill:
    """A score beside a floor, as an average over conditions or in one of them.

    Attributes:
        floor: The metric of the floor's answers, in percent.
        floor_interval: Its 95 % interval; None where it is held fixed, or nothing tells how much it varies.
        skill: Share of the way from the floor to the ceiling, in percent; negative below the floor, None where the
            floor is the ceiling.
        interval: 95 % interval of the skill, in which score and floor vary together, at most 100; None where nothing
            tells how much it varies, and of answers that are the fixed floor.
    """

    floor: float
    floor_interval: Interval | None
    skill: float | None
    interval: Interval | None


def find_skill(
    scores: Scores, metric: str, floor: str, replicates: Replicates | None = None
) -> dict[str, Skill] | None:
    """The skill of a system above a floor, by condition and on average (key `all`).

    Args:
        scores: Of a single mode.
        metric: `wer`, `macc` or `map`.
        floor: One of `FLOORS[metric]`.
        replicates: `scores.replicates(metric)`; without them there are no intervals.

    Returns:
        None where the references do not name what the floor needs; nothing for a condition without a score.
    """
    import numpy as np

    floors = floor_of(scores, metric, floor)
    if floors is None:
        return None
    if metric == "wer" and np.array_equal(scores.tables["asr"]["counts"], floors.tables["asr"]["counts"]):
        replicates = None  # the floor itself, which is held fixed, has no other interval than that of the floor
    below = None if replicates is None or metric == "wer" else floors.replicates(metric)
    found = {}
    for key, chosen in (("all", None), *((condition, (condition,)) for condition in scores.conditions(metric))):
        if (means := scores.run_means(metric, chosen)) and (base := floors.value(metric, chosen)) is not None:
            found[key] = _skill(metric, means, base, chosen, floors, replicates, below)
    return found


def _skill(
    metric: str,
    means: list[float],
    base: float,
    chosen: Collection[str] | None,
    floors: Scores,
    replicates: Replicates | None,
    below: Replicates | None,
) -> Skill:
    import numpy as np

    way = CEILINGS[metric] - base
    skill = 100 * (fmean(means) - base) / way if way else None
    floor_interval = None
    low: NDArray[np.float64] = np.asarray(base)
    if below is not None:
        low = below.average(chosen)
        error = floors.error_of(metric, below, chosen)
        floor_interval = None if error is None else possible(metric, error.interval(base))
    if skill is None or replicates is None:
        return Skill(base, floor_interval, skill, None)
    left = np.where(low == CEILINGS[metric], np.nan, CEILINGS[metric] - low)
    error = replicates.jackknife.error_of(100 * (replicates.average(chosen) - low) / left, skill)
    if error is not None and len(means) >= MIN_RUNS:
        error = error.plus((100 * stdev(means) / way) ** 2 / len(means), len(means) - 1)
    interval = None if error is None else error.interval(skill).within(-math.inf, 100.0)
    return Skill(base, floor_interval, skill, interval)
