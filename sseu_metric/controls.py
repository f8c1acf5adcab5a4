"""Control answers that need no model: the upper bound and the floors that every table should show.

Each function takes references (or dataset rows) and returns one prediction for each. They are scored like any other
answers: on the label counts of the official corpora no answer and all events give an mAP of 8.13 (the mean prevalence),
one scene for all a mACC of 16.67.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

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


CONTROLS: Mapping[str, Callable[..., Predictions]] = {
    "ground-truth": ground_truth,
    "paraphrased-truth": paraphrased_truth,
    "no-answer": no_answer,
    "majority": majority_scene,
    "all-events": all_events,
    "random": uniform_random,
}
"""The controls by name. The first line of each docstring describes it in `sseu systems list`."""


def _name(value: Any, labels: tuple[str, ...]) -> str:
    return "" if value is None else labels[value] if isinstance(value, int) else str(value)
