"""A reviewed table from free-text names to the labels: the second reading of what a model named.

The text embedder gives every name a nearest label, right or not. The table says what a person reads in the commonest
names, each with a reason, and that a name means no label of ours; of other names it knows nothing. It is no scoring
rule: the headline is the embedder's, and matching.py sets one beside the other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from .labels import EVENTS, SCENES
from .match_names_events import EVENT_GROUPS
from .match_names_others import OTHER_SOUNDS
from .match_names_scenes import SCENE_GROUPS

VERSION = "1"
"""Of the table; it changes with every name, label or rule of folding."""

_OF_TASK = {"asc": (SCENES, SCENE_GROUPS), "at": (EVENTS, (*EVENT_GROUPS, *OTHER_SOUNDS))}
_ELSEWHERE = {
    "asc": "names a sound, which is no place",
    "at": "names a place, which is no sound",
}
_BEGINNING = re.compile(r"(?:(?:an?|the|some) |(?:sounds?|noises?) of )+(?=.)")
_END = re.compile(r"(?<=.)(?: (?:sounds?|noises?)|的?声音?)$")
_PLURAL = re.compile(r"(?<=[a-z]{3})(?<!s)s\b")


class Meaning(NamedTuple):
    """What the table says about a name.

    Attributes:
        labels: One label; both directions for a train that names none; empty for no label of ours.
        reason: Why.
    """

    labels: tuple[str, ...]
    reason: str


def names_of(task: str) -> Iterator[tuple[str, Meaning]]:
    """Every name of the table with its meaning, as written; the labels themselves are not among them.

    Args:
        task: `asc` or `at`.
    """
    for labels, reason, names in _OF_TASK[task][1]:
        for name in names.split(";"):
            yield " ".join(name.split()), Meaning(labels, reason)


def meaning_of(task: str, name: str) -> Meaning | None:
    """What a name means as a scene (`asc`) or an event (`at`); None where the table does not know it.

    Case, blanks, articles, "sound of ...", "... noise" and the plural make no difference. A label means itself.
    """
    return _table(task).get(fold_name(name))


def fold_name(name: str) -> str:
    """The form in which names are compared."""
    text = " ".join(unicodedata.normalize("NFKC", name).casefold().split()).strip(" .!\"'")
    begins = _BEGINNING.match(text)
    return _PLURAL.sub("", _END.sub("", text[begins.end() :] if begins else text))


@cache
def _table(task: str) -> Mapping[str, Meaning]:
    other = "at" if task == "asc" else "asc"
    found = {fold_name(name): Meaning((), _ELSEWHERE[task]) for name, _ in names_of(other)}
    found |= {fold_name(name): Meaning((), _ELSEWHERE[task]) for name in _OF_TASK[other][0]}
    found |= {fold_name(name): meaning for name, meaning in names_of(task)}
    return found | {fold_name(label): Meaning((label,), "the label itself") for label in _OF_TASK[task][0]}
