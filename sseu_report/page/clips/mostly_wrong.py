"""What most systems got wrong about a clip, in sentences; controls do not count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from sseu_report.page.clips.records import AnswerView, TaskView

_MAX_WORDS = 8
"""Words of a sentence that are named."""


def mostly_wrong(answers: Sequence[AnswerView], voters: Collection[int]) -> list[str]:
    """A sentence for each task in which most answers are wrong in the same place.

    Args:
        answers: Of all systems about one clip, in every mode.
        voters: The systems that count, as in `AnswerView.system`.
    """
    views = [view for answer in answers if answer.system in voters for view in answer.tasks]
    found = [
        _words([view for view in views if view.task == "asr"]),
        _scene([view for view in views if view.task == "asc"]),
        _events([view for view in views if view.task == "at"]),
    ]
    return [sentence for sentence in found if sentence]


def _words(views: Sequence[TaskView]) -> str:
    """The words of the reference that more than half of the answers lose, with what is said most often instead."""
    lost: Counter[int] = Counter()
    instead: dict[int, Counter[str]] = {}
    reference: dict[int, str] = {}
    for view in views:
        steps = [step for step in view.alignment if step[0] != "inserted"]
        for place, (kind, word, said) in enumerate(steps):
            reference[place] = word
            if kind != "equal":
                lost[place] += 1
                instead.setdefault(place, Counter())[said] += 1
    places = sorted(place for place, count in lost.items() if 2 * count > len(views))
    if not places:
        return ""
    words = [f"“{reference[place]}”{_as(instead[place])}" for place in places[:_MAX_WORDS]]
    more = f" and {len(places) - _MAX_WORDS} more" if len(places) > _MAX_WORDS else ""
    return f"Words that more than half of {len(views)} answers lose: {', '.join(words)}{more}."


def _as(said: Counter[str]) -> str:
    word, count = said.most_common(1)[0]
    return f" ({count} say “{word}”)" if word and count > 1 else ""


def _scene(views: Sequence[TaskView]) -> str:
    wrong = [view for view in views if view.outcome != "hit"]
    if 2 * len(wrong) <= len(views):
        return ""
    said = Counter(label.label for view in wrong for label in view.ranking if label.rank == 1 and not label.true)
    most = f"; {said.most_common(1)[0][1]} say {said.most_common(1)[0][0]}" if said else ""
    return f"The scene is wrong or open in {len(wrong)} of {len(views)} answers{most}."


def _events(views: Sequence[TaskView]) -> str:
    """The annotated events that more than half of the answers do not rank among the first k."""
    missed: Counter[str] = Counter()
    for view in views:
        true = [label for label in view.ranking if label.true]
        missed.update(label.label for label in true if label.rank > len(true))
    silent = sum(not view.ranking for view in views)  # they name nothing, so they miss every event
    names = sorted(name for name, count in missed.items() if 2 * (count + silent) > len(views))
    if names:
        return f"Events that more than half of {len(views)} answers miss: {', '.join(names)}."
    return f"{silent} of {len(views)} answers name no event." if 2 * silent > len(views) else ""
