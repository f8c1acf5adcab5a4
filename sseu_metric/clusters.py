"""What makes answers alike: the clusters that the jackknife of each task leaves out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .conditions import SPEECH_ALONE
from .jackknife import Jackknife, make_jackknife
from .rows import Rows

_FACTORS = {"asr": ("speaker", "sentence", "recording"), "asc": ("recording",), "at": ("recording",)}
_STRATA = {"asr": "condition", "asc": "scene", "at": "scene"}  # of the questions of a lite run


def jackknife_of(rows: Rows, task: str) -> Jackknife:
    """The jackknife of the answers to one task.

    Words vary by speaker, sentence and recording, which are crossed; scenes and events by recording, within the scene.
    What is named where there is none of it follows the clip: words in background alone vary as scenes and events do,
    events in speech alone as words do. A column without any value is left out; a row without one is a cluster of its
    own.

    Args:
        rows: The rows of the task, of any conditions and runs: all rows of a cluster are left out together.
        task: `asr`, `asc` or `at`.
    """
    own = np.array([name or f"row {number}" for number, name in enumerate(rows["id"])], dtype=object)
    factors = _FACTORS["asr" if (rows["condition"] == SPEECH_ALONE).all() else task]
    columns = {name: values for name in factors if (values := grouping_column(rows, name)).any()}
    filled = {name: np.where(values == "", own, values) for name, values in columns.items()} or {"row": own}
    words = rows["counts"][:, 3] if task == "asr" else np.zeros(len(rows))
    strata, sizes = (np.full(len(rows), "", dtype=object), words) if words.any() else (rows["scene"], words + 1)
    return make_jackknife(
        {name: values.tolist() for name, values in filled.items()}, strata.tolist(), sizes.astype(float)
    )


def pair_jackknife_of(rows: Rows, task: str) -> Jackknife:
    """The jackknife that leaves out pairs of speech and background: what varies if the corpora are paired anew."""
    own = [
        pair or name or f"row {number}"
        for number, (pair, name) in enumerate(zip(rows["pair"], rows["id"], strict=True))
    ]
    strata = [""] * len(rows) if task == "asr" else rows["scene"].tolist()
    return make_jackknife({"pair": own}, strata, np.ones(len(rows)))


def question_jackknife_of(rows: Rows, task: str) -> Jackknife:
    """The jackknife that leaves out the questions of a lite run (lite.py), for the distance to the score on all."""
    made = make_jackknife({"question": rows["id"].tolist()}, rows[_STRATA[task]].tolist(), np.ones(len(rows)))
    drawn = np.ones(len(made.factors[0].sizes))
    drawn[made.of_row[0]] = rows["drawn"]
    return replace(made, factors=(replace(made.factors[0], drawn=drawn),))


def missing_factors(rows: Rows, task: str) -> tuple[str, ...]:
    """The factors that not every reference names: some of their share of the sampling error is missing."""
    return tuple(name for name in _FACTORS[task] if not grouping_column(rows, name).all())


def grouping_column(rows: Rows, name: str) -> NDArray[np.object_]:
    """A grouping column; "" where a row has no value."""
    if name == "sentence":  # as spoken: spelling and punctuation of a shared text differ between speakers' files
        spoken = {text: "".join(filter(str.isalnum, text.casefold())) for text in set(rows["sentence"].tolist())}
        return np.array([spoken[text] for text in rows["sentence"]], dtype=object)
    if name != "recording":
        return np.asarray(rows[name])
    # Speech alone has no recording, but belongs to a pair that has one in its other conditions.
    of_pair = {pair: found for pair, found in zip(rows["pair"], rows["recording"], strict=True) if found and pair}
    names = [found or of_pair.get(pair, "") for pair, found in zip(rows["pair"], rows["recording"], strict=True)]
    return np.array(names, dtype=object)
