"""Words and events that are named where there are none.

Words: where nobody speaks every word is invented. Events: what a name means is read in the table of names
(`match_table`), not by the embedder, which finds a nearest label for everything; a name counts where none of the labels
that it means is annotated in the clip, and two names for one label count once. Of names that mean no label of ours, or
that the table does not know, nothing can be said: they do not count, so the number is a lower bound for what is not
there, and an upper one for what is there and was not annotated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from .conditions import ordered
from .labels import EVENTS
from .match_table import meaning_of
from .references import Reference, key_columns, row_condition
from .rows import Rows
from .scores import Scores
from .wer import count_word_errors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def count_absent_events(names: Sequence[Sequence[str]], truth: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many events each answer names that are not annotated in its clip.

    Args:
        names: For each answer what it names.
        truth: The events of each clip, shape (n, 18).

    Returns:
        Shape (n,).
    """
    import numpy as np

    meanings: dict[tuple[str, ...], set[tuple[int, ...]]] = {}
    counts = np.zeros(len(truth), dtype=np.int64)
    for number, (named, present) in enumerate(zip(names, truth, strict=True)):
        key = tuple(named)
        if key not in meanings:
            found = (meaning_of("at", name) for name in key)
            meanings[key] = {tuple(map(EVENTS.index, one.labels)) for one in found if one is not None and one.labels}
        counts[number] = sum(not present[list(labels)].any() for labels in meanings[key])
    return counts


def find_hallucinated_events(scores: Scores, *, intervals: bool = True) -> dict[str, Any] | None:
    """How many events the answers of one mode name per clip that are not annotated in it.

    Returns:
        `per_clip` (that was answered), averaged as mAP, `by_condition`, and with `intervals` the 95 % intervals; None
        where no answer is in words, or none came in a condition of a run.
    """
    rows = scores.tables.get("at")
    if rows is None or "names" not in rows.columns or scores.unanswered("map"):
        return None
    rows = rows.take(rows["status"] != "missing")
    if None in (named := rows["names"].tolist()):
        return None
    counted = Rows({**rows.columns, "absent": count_absent_events(named, rows["truth"])})
    return _per_clip(replace(scores, tables={"at": counted}), "events_per_clip", intervals)


def invented_scores(task: str, named: Sequence[Any], references: Sequence[Reference], runs: Sequence[int]) -> Scores:
    """The scores of answers about clips that have nothing of what was asked for.

    Args:
        task: `asr`, or `at`.
        named: The normalised transcripts; for `at` the names in each answer.
        references: The clips: background alone, or for `at` speech alone.
        runs: The run of each answer.

    Returns:
        Of the metric `words_per_clip`, or `events_per_clip`.
    """
    import numpy as np

    conditions = [row_condition(row, number) for number, row in enumerate(references)]
    columns: dict[str, Any] = key_columns(references, conditions)
    columns |= {"run": np.array(runs), "mode": np.full(len(runs), "", dtype=object)}
    columns["status"] = np.full(len(runs), "answered", dtype=object)
    if task == "asr":
        columns["counts"] = count_word_errors([""] * len(named), named)
    else:
        truth = np.zeros((len(named), len(EVENTS)), dtype=bool)
        columns |= {"truth": truth, "absent": count_absent_events(named, truth)}
    return Scores({task: Rows(columns)})


def find_invented(scores: Scores) -> dict[str, Any]:
    """What is named where there is none of it (`invented_scores`).

    Returns:
        `answered` (clips), `named` (all words or events), `with_any` (answers that have one), `per_clip` and its
        `interval`, None where nothing tells how much it varies.
    """
    ((task, rows),) = scores.tables.items()
    counts = rows["counts"][:, 2] if task == "asr" else rows["absent"]
    found = _per_clip(scores, "words_per_clip" if task == "asr" else "events_per_clip", intervals=True)
    return {
        "answered": len(rows),
        "named": int(counts.sum()),
        "with_any": int((counts > 0).sum()),
        "per_clip": None if found is None else found["per_clip"],
        "interval": None if found is None else found["intervals"]["all"],
    }


def _per_clip(scores: Scores, metric: str, intervals: bool) -> dict[str, Any] | None:
    if (value := scores.value(metric)) is None:
        return None
    by_condition = scores.by("condition")
    found: dict[str, Any] = {
        "per_clip": value,
        "by_condition": {name: by_condition[name].value(metric) for name in ordered(filter(None, by_condition))},
    }
    if intervals:
        by_key = scores.intervals(metric)
        found["intervals"] = {key: None if one is None else asdict(one) for key, one in by_key.items()}
    return found
