"""Control answers that need no model: the upper bound and the floors that every table should show.

Each function takes references (or dataset rows) and returns one prediction for each. They are scored like any other
answers: on the label counts of the official corpora no answer and all events give an mAP of 8.13 (the mean prevalence),
one scene for all a mACC of 16.67, knowing the corpus alone a mACC of 33.3 and an mAP of 14.7 (floors.py).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .conditions import SPEECH_ALONE
from .floors import commonest, commonest_sentence
from .labels import EVENTS, SCENES

Predictions = list[dict[str, Any]]
References = Sequence[Mapping[str, Any]]


def ground_truth(references: References) -> Predictions:
    """The references, word for word: WER 0, mACC 100, mAP 100 with every embedder (the paper's upper bound)."""
    return [
        {
            "transcript": row.get("transcript") or "",
            "scene": _name(row.get("scene"), SCENES),
            "events": [_name(event, EVENTS) for event in row.get("events") or []],
        }
        for row in references
    ]


_PARAPHRASES = {
    "Home": "inside a house",
    "Restaurant": "a busy cafe",
    "City Center": "downtown street",
    "Grocery Store": "supermarket",
    "Metro Station": "underground train platform",
    "Residential Area": "quiet neighbourhood street",
    "Alarm Bell Ringing": "a ringing alarm",
    "Blender": "kitchen mixer",
    "Cat": "a cat meowing",
    "Dishes": "clattering plates",
    "Dog": "a dog barking",
    "Electric Shaver Toothbrush": "electric razor buzzing",
    "Frying": "sizzling in a pan",
    "Running Water": "water flowing from a tap",
    "Vacuum Cleaner": "hoover",
    "Birds Singing": "birds chirping",
    "Brakes Squeaking": "squealing brakes",
    "Car": "a passing automobile",
    "Children Voices": "kids talking and playing",
    "Footsteps": "someone walking",
    "Large Vehicle": "a truck or bus",
    "Metro Approaching": "a subway train arriving",
    "Metro Leaving": "a subway train departing",
    "Wind Blowing": "gusts of wind",
}


def paraphrased_truth(references: References) -> Predictions:
    """The references, labels in other words: how much an embedder loses to wording alone."""
    return [
        row
        | {
            "scene": _PARAPHRASES.get(row["scene"], ""),
            "events": [_PARAPHRASES[event] for event in row["events"]],
        }
        for row in ground_truth(references)
    ]


def no_answer(references: References) -> Predictions:
    """An empty answer: WER 100, mACC 0, mAP the mean prevalence of the classes."""
    return [{"transcript": "", "scene": "", "events": []} for _ in references]


def majority_scene(references: References) -> Predictions:
    """The most frequent scene for every clip (ties: the first in label order), no words, no events."""
    counts = Counter(_name(row.get("scene"), SCENES) for row in references)
    commonest = max(SCENES, key=lambda name: (counts[name], -SCENES.index(name)))
    return [{"transcript": "", "scene": commonest, "events": []} for _ in references]


def all_events(references: References) -> Predictions:
    """Every event for every clip: mAP the mean prevalence of the classes."""
    return [{"transcript": "", "scene": "", "events": list(EVENTS)} for _ in references]


def uniform_random(references: References, seed: int = 0) -> Predictions:
    """A scene drawn for each clip, and each event with probability one half; no words.

    Draws are SHA-256 of the seed and the row's id (or position), so that no row affects another.
    """
    predictions = []
    for number, row in enumerate(references):
        digest = hashlib.sha256(f"{seed}|random|{row.get('id') or number}".encode()).digest()
        bits = int.from_bytes(digest[8:16], "big")
        predictions.append(
            {
                "transcript": "",
                "scene": SCENES[int.from_bytes(digest[:8], "big") * len(SCENES) >> 64],
                "events": [event for place, event in enumerate(EVENTS) if bits >> place & 1],
            }
        )
    return predictions


def always_one_sentence(references: References) -> Predictions:
    """The commonest sentence for every clip; no scene, no events."""
    sentence = commonest_sentence(row.get("transcript") or "" for row in references)
    return [{"transcript": sentence, "scene": "", "events": []} for _ in references]


def known_corpus(references: References, top_k: int | None = None) -> Predictions:
    """The commonest scene of the clip's corpus, and every event that this corpus annotates; no words.

    Args:
        references: With `background_corpus`.
        top_k: Name the commonest events alone, that many.

    Raises:
        ValueError: A row does not name its corpus.
    """
    return _by_group(references, "background_corpus", top_k, scores=False)


def known_scene(references: References, top_k: int | None = None) -> Predictions:
    """The scene, and every event by its share among the clips of that scene; no words.

    Args:
        references: With `scene`.
        top_k: Name the commonest events of the scene instead, that many: as a language model can answer.

    Raises:
        ValueError: A row does not name its scene.
    """
    return _by_group(references, "scene", top_k, scores=True)


def known_prevalence(references: References, top_k: int | None = None) -> Predictions:
    """The commonest scene and every event by its share among all clips; no words.

    Args:
        references: Of any kind.
        top_k: Name the commonest events instead, that many: as a language model can answer.
    """
    return _by_group(references, None, top_k, scores=True)


def _by_group(references: References, column: str | None, top_k: int | None, *, scores: bool) -> Predictions:
    """Answers that follow from the group of a clip, such as its corpus; clips without background have none."""
    truth = ground_truth(references)
    groups = [_group(row, column, number) for number, row in enumerate(references)]
    answers = {}
    for group in dict.fromkeys(filter(None, groups)):
        rows = [one for one, of in zip(truth, groups, strict=True) if of == group]
        counts = Counter(event for row in rows for event in row["events"])
        ranked = sorted(counts, key=lambda name: (-counts[name], EVENTS.index(name)))
        answers[group] = {"transcript": "", "scene": commonest(row["scene"] for row in rows), "events": ranked[:top_k]}
        if scores and top_k is None:
            answers[group] |= {"event_scores": [counts[name] / len(rows) for name in EVENTS]}
    return [answers[group] if group else no_answer([row])[0] for group, row in zip(groups, references, strict=True)]


def _group(row: Mapping[str, Any], column: str | None, number: int) -> str:
    if row.get("condition") == SPEECH_ALONE:
        return ""
    value = "every clip" if column is None else row.get(column)
    if value is None or value == "":
        raise ValueError(f"reference {number} does not name its {column}, from which this control answers")
    return _name(value, SCENES)


CONTROLS: Mapping[str, Callable[..., Predictions]] = {
    "ground-truth": ground_truth,
    "paraphrased-truth": paraphrased_truth,
    "no-answer": no_answer,
    "majority": majority_scene,
    "all-events": all_events,
    "random": uniform_random,
    "sentence": always_one_sentence,
    "prevalence": known_prevalence,
    "corpus": known_corpus,
    "scene": known_scene,
}
"""The controls by name. The first line of each docstring describes it in `sseu systems list`."""


def _name(value: Any, labels: tuple[str, ...]) -> str:
    return "" if value is None else labels[value] if isinstance(value, int) else str(value)
