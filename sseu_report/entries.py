"""Results folders as the report reads them: scores from `scores.json`, and the answers where they are needed.

An `Entry` is one results folder. Its `scores` are what `scores.json` says; `score_entries` computes them again from the
answers, so that a changed file is noticed, or takes them from the user's cache (`caching`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from sseu_metric.normalisers import Unit, unit_of
from sseu_metric.tasks import METRICS
from sseu_models.kinds import NO_FRONTEND, Kind, hears_the_clip, kind_of, may_be_ranked
from sseu_models.results.folder import SCORES, log_change, packages, read_result, read_scores
from sseu_models.results.log import FILE_NAME as ANSWERS
from sseu_models.results.logged_answers import LoggedAnswers
from sseu_models.results.opened_dataset import OpenedDataset, open_dataset, own_revision
from sseu_report.caching.answer_scores import AnswerScores, Plan, cache_of, plan_of, score_log
from sseu_report.caching.result_cache import ResultCache
from sseu_report.display_names import display_name

if TYPE_CHECKING:
    from sseu_metric.scores import Scores
    from sseu_models.job import Key
    from sseu_models.planning import PlannedClip
    from sseu_models.results.log import Answer
    from sseu_models.results.records import Result
    from sseu_models.results.scores_file import ModeScores, ScoresFile


class HasFolder(Protocol):
    """Something that lies in a results folder, such as `sseu_models.Run`."""

    @property
    def folder(self) -> Path:
        """The results folder."""


ResultLike: TypeAlias = str | Path | HasFolder
"""A results folder, or a run that lies in one."""


@dataclass(frozen=True)
class Entry:
    """One results folder.

    Attributes:
        folder: Its place.
        name: Its name in tables and plots; unique in a report.
        result: Its `result.json`.
        scores: Its `scores.json`.
    """

    folder: Path
    name: str
    result: Result
    scores: ScoresFile

    @property
    def modes(self) -> Mapping[str, ModeScores]:
        """The scores of each mode the system was asked in."""
        return {str(mode): scores for mode, scores in self.scores.modes.items()}

    @property
    def conditions(self) -> tuple[str, ...]:
        """The conditions of the dataset, from `+inf` down."""
        return self.result.dataset.conditions

    @property
    def kind(self) -> Kind:
        """What kind of thing was asked."""
        return kind_of(self.result.system, self.result.frontend.name)

    @property
    def is_ranked(self) -> bool:
        """Whether it takes part in the ranking."""
        return may_be_ranked(self.kind)

    @property
    def is_control(self) -> bool:
        """Whether its answers cannot depend on the audio: a control or baseline, or the references themselves."""
        return not hears_the_clip(self.result.system, self.result.frontend.name)

    @property
    def limitations(self) -> tuple[str, ...]:
        """Why its scores are not scores of the whole benchmark, and stand in parentheses; empty if they are."""
        return self.result.limitations

    @property
    def normalizer(self) -> str:
        """Name of the text normaliser it was scored with."""
        return self.result.normalizer

    @property
    def asr_unit(self) -> Unit:
        """What errors of transcripts are counted in."""
        return unit_of(self.normalizer)

    def runs(self, mode: str, metric: str) -> list[dict[str, float]]:
        """For each run the metric in each condition that has a score, in percent; empty if it was not asked."""
        scores = self.modes.get(mode)
        if scores is None:
            return []
        runs = [
            {condition: values[metric] for condition, values in run.by_condition.items() if metric in values}
            for run in scores.by_run
        ]
        return runs if any(runs) or METRICS[metric] in scores.counts else []


@dataclass(frozen=True)
class ScoredEntry:
    """An entry with the answers behind its scores.

    Attributes:
        entry: The entry; its scores, and what they lack, are computed from the answers.
        dataset: The dataset it is about.
        clips: The questions that were asked.
        answers: The answer that counts for each question.
        scores: By mode, a record per answer.
        tampered: Where `scores.json` differs from the answers, or these from those of the run; None where nothing does.
        made_by: Where the file differs but is unchanged since it was made: the package versions that made it, if others
            are installed here; else None.
        cache: Where what follows from these answers alone is kept; nowhere for a copy with other values.
    """

    entry: Entry
    dataset: OpenedDataset
    clips: Sequence[PlannedClip]
    answers: Mapping[Key, Answer]
    scores: Mapping[str, Scores]
    tampered: str | None = None
    made_by: str | None = None
    cache: ResultCache = field(default=ResultCache(), init=False, repr=False, compare=False)

    @property
    def disagreement(self) -> str | None:
        """A sentence about `tampered`, with the remedy; None where nothing differs."""
        if self.tampered is None:
            return None
        if self.tampered.startswith(ANSWERS):
            return f"{self.entry.name}: the answers were changed after the run ({self.tampered}). Restore the file."
        what = "scores.json differs from the answers"
        if self.made_by is not None:
            what = f"scores.json was made with {self.made_by}, and the packages installed here give other scores"
        return f"{self.entry.name}: {what} ({self.tampered}). Make it again with: sseu score {self.entry.folder}."


def read_entries(results: Sequence[ResultLike], *, names: Mapping[str, str] | None = None) -> list[Entry]:
    """The entries of a report, in the order given; equal names get the folder's name appended.

    Args:
        results: Results folders, or runs that lie in one.
        names: Names of one's own, by id of the system (`display_names.read_names`).

    Raises:
        ValueError: A folder is no results folder, has no `scores.json`, or is given twice; a name is of no result.
    """
    folders = [folder_of(result) for result in results]
    resolved = [folder.resolve() for folder in folders]
    if len(set(resolved)) < len(resolved):
        raise ValueError(f"a results folder is given twice: {', '.join(map(str, folders))}")
    found = [(folder, read_result(folder), read_scores(folder)) for folder in folders]
    ids = [id_of(result) for _, result, _ in found]
    if unknown := [one for one in names or () if one not in ids]:
        raise ValueError(f"a name is given for {', '.join(unknown)}, but the results are of {', '.join(ids)}")
    shown = [(names or {}).get(one) or name_of(result) for one, (_, result, _) in zip(ids, found, strict=True)]
    return [
        Entry(folder, name if shown.count(name) == 1 else f"{name} ({folder.name})", result, scores)
        for name, (folder, result, scores) in zip(shown, found, strict=True)
    ]


def folder_of(result: ResultLike) -> Path:
    """The results folder."""
    return Path(result) if isinstance(result, str | Path) else result.folder


def name_of(result: Result) -> str:
    """The name of a system in tables (`display_names.display_name`)."""
    return display_name(result.system, result.frontend.name)


def id_of(result: Result) -> str:
    """The id of the system, with the front end where there is one."""
    frontend = result.frontend.name
    return result.system if frontend == NO_FRONTEND else f"{result.system} + {frontend}"


def score_entries(entries: Sequence[Entry], *, data: str | None = None, progress: bool = False) -> list[ScoredEntry]:
    """Score the answers of entries again, each with its own embedder and normaliser.

    Each dataset is opened once, however many entries are about it.

    Args:
        entries: From `read_entries`.
        data: Where the dataset is now; by default where each entry's answers were made from.
        progress: Show a bar on a terminal.

    Raises:
        DatasetError: The dataset is not at hand.
        ValueError: A log is damaged, or the dataset is not the one that was asked about.
    """
    from tqdm import tqdm

    places = [(data or entry.result.data, own_revision(entry.result, data)) for entry in entries]
    opened = {place: open_dataset(*place) for place in dict.fromkeys(places)}
    plans: dict[str, Plan] = {}
    bar = tqdm(
        list(zip(entries, places, strict=True)),
        desc="scoring",
        unit="result",
        disable=None if progress else True,
        leave=False,
    )
    return [_score(entry, opened[place], plans, progress) for entry, place in bar]


def _score(entry: Entry, dataset: OpenedDataset, plans: dict[str, Plan], progress: bool) -> ScoredEntry:
    from sseu_models.results.scores_file import ScoresFile

    plan = plan_of(entry.folder, entry.result, dataset, plans)
    cache = cache_of(entry.folder, entry.result, dataset)
    found = cache.get("scores", AnswerScores, lambda: score_log(entry.folder, entry.result, dataset, plan, progress))
    scores = ScoresFile.model_validate_json(found.described)
    tampered = log_change(entry.folder, entry.result)
    tampered = tampered or _difference(entry.scores.json_values(), scores.json_values(), SCORES)
    result = entry.result.replace(dataset=dataset.identity, incomplete=found.incomplete)
    scored = ScoredEntry(
        entry=replace(entry, result=result, scores=scores),
        dataset=dataset,
        clips=plan.clips,
        answers=LoggedAnswers(entry.folder / ANSWERS, plan.numbers, found.places),
        scores=found.scores,
        tampered=tampered,
        made_by=None if tampered is None else _other_versions(entry),
    )
    object.__setattr__(scored, "cache", cache)
    return scored


def _other_versions(entry: Entry) -> str | None:
    """The versions that made `scores.json`, where they differ from those here and the file is unchanged since."""
    scoring = entry.result.scoring
    if scoring is None:
        return None
    with (entry.folder / SCORES).open("rb") as file:
        unchanged = hashlib.file_digest(file, "sha256").hexdigest() == scoring.scores_sha256
    others = [
        f"{name} {scoring.packages[name]} (here {version})"
        for name, version in packages().items()
        if unchanged and scoring.packages.get(name, version) != version
    ]
    return ", ".join(others) or None


def _difference(stored: Any, computed: Any, place: str) -> str | None:
    """Where two JSON values first differ; numbers may differ by 1e-6, as sums of other machines do."""
    if isinstance(stored, Mapping) and isinstance(computed, Mapping):
        for key in sorted({*stored, *computed}):
            if key not in stored or key not in computed:
                return f"{place}: {key!r} is {'missing' if key in computed else 'unexpected'}"
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
