"""Results folders as the report reads them: cheap figures from `scores.json`, and the answers where they are needed.

An `Entry` is one results folder. Its `scores` are what `scores.json` says; `score_entry` computes them anew from the
answers, which a tampered file does not survive.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sseu_metric.normalisers import DEFAULT_NORMALISER
from sseu_metric.scores import Scores
from sseu_models.job import ClipAsks
from sseu_models.kinds import hears_the_clip
from sseu_models.results.folder import SCORES, packages, read_result, read_scores
from sseu_models.results.folder_scoring import open_result_dataset, read_answers
from sseu_models.results.log import Answer, Key
from sseu_models.results.records import Result
from sseu_models.results.scoring import describe, score_answers


@dataclass(frozen=True)
class Entry:
    """One results folder.

    Attributes:
        folder: Where it lies.
        name: How tables call it: the system's id, with the front end where there is one; unique in a report.
        result: Its `result.json`.
        scores: Its `scores.json`: `modes` -> mode -> `sseu_metric.summarise` with `by_run`.
    """

    folder: Path
    name: str
    result: Result
    scores: Mapping[str, Any]

    @property
    def complete(self) -> bool:
        """Whether it answers the whole of its dataset; what is not is marked wherever it is shown."""
        return not self.result.incomplete

    @property
    def marked_name(self) -> str:
        """The name, marked if the result is incomplete."""
        return self.name if self.complete else f"{self.name} (incomplete)"


@dataclass(frozen=True)
class ScoredEntry:
    """An entry with everything behind its figures.

    Attributes:
        entry: The entry; its figures are those computed here.
        clips: What was asked.
        answers: The answer that counts for each question.
        scores: By mode, a record per answer.
        tampered: `scores.json` says something else than the answers; what and where, else None.
        made_by: Of such a file that is as its scoring left it: the versions that made it, where others are installed
            here and may be why it differs; else None.
    """

    entry: Entry
    clips: Sequence[ClipAsks]
    answers: Mapping[Key, Answer]
    scores: Mapping[str, Scores]
    tampered: str | None
    made_by: str | None = None

    @property
    def disagreement(self) -> str | None:
        """What a reader must know of a `scores.json` that does not say what the answers say; else None."""
        if self.tampered is None:
            return None
        what = "scores.json does not say what the answers say"
        if self.made_by is not None:
            what = f"scores.json was made by {self.made_by}, and what is installed here finds something else"
        again = f"python run_model.py score {self.entry.folder}"
        return f"{self.entry.name}: {what} ({self.tampered}). To make it anew: {again}."


def read_entries(folders: Sequence[Path]) -> list[Entry]:
    """The entries of a report, in the order given; equal names get the folder's name behind them.

    Raises:
        ValueError: A folder is no results folder, has no `scores.json`, or is given twice.
    """
    resolved = [folder.resolve() for folder in folders]
    if len(set(resolved)) < len(resolved):
        raise ValueError(f"a results folder is given twice: {', '.join(map(str, folders))}")
    found = [(folder, read_result(folder), read_scores(folder).json_values()) for folder in folders]
    names = [_name(result) for _, result, _ in found]
    return [
        Entry(folder, name if names.count(name) == 1 else f"{name} ({folder.name})", result, figures)
        for name, (folder, result, figures) in zip(names, found, strict=True)
    ]


def _name(result: Result) -> str:
    frontend = result.frontend.name
    return result.system if frontend == "none" else f"{result.system} + {frontend}"


def is_control(entry: Entry) -> bool:
    """Whether it is no system that listens: a control of ours, or a run on silent or shuffled audio."""
    return not hears_the_clip(entry.result.system, entry.result.frontend.name)


def score_entry(entry: Entry, *, data: str | None = None, progress: bool = False) -> ScoredEntry:
    """Compute an entry's figures anew from its answers, with its own embedder and normaliser.

    Args:
        entry: From `read_entries`.
        data: Where the dataset is now; by default where the answers were made from.
        progress: Show bars on a terminal.

    Raises:
        ValueError: The log is damaged, or the dataset is not the one that was asked about.
    """
    opened = open_result_dataset(entry.folder, entry.result, data=data)
    clips, answers = read_answers(entry.folder, entry.result, opened)
    embedder = entry.result.embedder
    normalizer = entry.result.normalizer or DEFAULT_NORMALISER
    scores = score_answers(clips, answers, embedder=embedder, normalizer=normalizer, progress=progress)
    conditions = opened.identity.conditions
    figures = describe(scores, clips, answers, conditions=conditions, normalizer=normalizer).json_values()
    tampered = _difference(entry.scores, figures, "scores.json")
    return ScoredEntry(
        entry=Entry(entry.folder, entry.name, entry.result, figures),
        clips=clips,
        answers=answers,
        scores=scores,
        tampered=tampered,
        made_by=None if tampered is None else _other_versions(entry),
    )


def _other_versions(entry: Entry) -> str | None:
    """The versions that made `scores.json`, where they are others than here and nobody has changed the file since."""
    scoring, here = entry.result.scoring, packages()
    if scoring is None:
        return None
    with (entry.folder / SCORES).open("rb") as file:
        unchanged = hashlib.file_digest(file, "sha256").hexdigest() == scoring.scores_sha256
    if not unchanged:
        return None
    made = scoring.packages
    others = [
        f"{name} {made[name]} (here {version})" for name, version in here.items() if made.get(name, version) != version
    ]
    return ", ".join(others) or None


def _difference(stored: Any, computed: Any, place: str) -> str | None:
    """Where two JSON values first differ; numbers may differ by 1e-6, which another machine's sums may."""
    if isinstance(stored, Mapping) and isinstance(computed, Mapping):
        for key in sorted({*stored, *computed}):
            if key not in stored or key not in computed:
                return f"{place}: {key!r} is {'missing' if key in computed else 'too much'}"
            if found := _difference(stored[key], computed[key], f"{place}, {key}"):
                return found
        return None
    if isinstance(stored, list) and isinstance(computed, list) and len(stored) == len(computed):
        for number, (one, other) in enumerate(zip(stored, computed, strict=True)):
            if found := _difference(one, other, f"{place}, {number}"):
                return found
        return None
    if isinstance(stored, int | float) and isinstance(computed, int | float):
        return None if abs(stored - computed) <= 1e-6 else f"{place}: {stored} there, {computed} from the answers"
    return None if stored == computed else f"{place}: {stored!r:.60} there, {computed!r:.60} from the answers"
