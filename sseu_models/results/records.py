"""What `result.json` holds, as typed records: the one place that checks it, whoever wrote the file.

A record is checked when it is read and when it is made. Unknown and missing fields, values of another type, numbers
that are not finite and unknown names are refused by field.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal, Self, TypeAlias

from pydantic import (
    AfterValidator,
    Field,
    JsonValue,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from sseu_dataset.records import CLIP_S, OFFICIAL, RecipeName, check_name
from sseu_metric.conditions import ordered, snr_db_of
from sseu_metric.normalisers import normaliser_for
from sseu_models.job import Job
from sseu_models.records import TASKS, Mode, Task
from sseu_models.results.record import Record

if TYPE_CHECKING:
    from sseu_dataset.manifest import Manifest

Status: TypeAlias = Annotated[str, Field(pattern="^(ok|failed|missing)$")]


def _known_condition(name: str) -> str:
    snr_db_of(name)
    return name


def _known_tasks(modes: Mapping[Mode, tuple[Task, ...]]) -> Mapping[Mode, tuple[Task, ...]]:
    for mode, tasks in modes.items():
        if unknown := [task for task in tasks if task not in TASKS[mode]]:
            raise ValueError(f"the mode {mode} has no task {unknown[0]}; it has {', '.join(TASKS[mode])}")
    return modes


def _finite_numbers(settings: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    json.dumps(settings, allow_nan=False)
    return settings


Condition: TypeAlias = Annotated[str, AfterValidator(_known_condition)]
Sha256: TypeAlias = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class PromptTemplate(Record):
    """One prompt: its id, the hash of its text (`prompts.prompt_sha256`), and where it comes from."""

    id: str
    sha256: Sha256
    source: str


class Prompts(Record):
    """The prompts of a run: id of the set, and the template of each `mode/task`."""

    set: str
    templates: Mapping[str, PromptTemplate]


class FrontendIdentity(Record):
    """The front end of a run: a built-in name or `module:function`, and the hash of its code."""

    name: str
    sha256: Sha256


class DatasetIdentity(Record):
    """Which dataset the questions are about.

    Attributes:
        version: Version of the benchmark.
        recipe: `paper`, `partial`, `custom` or `imported`; `paper` needs the paper's pairs and conditions.
        fingerprint: Hash of all samples and references, from the manifest.
        pcm_fingerprint: Hash of the samples alone: equal where two label versions have one audio.
        pairs: Number of pairs of speech and background.
        conditions: The conditions each pair exists in, from `+inf` down.
        reasons: Why the recipe is not `paper`; empty if it is.
        language: Language of the speech, a BCP 47 tag; it decides how transcripts are scored
            (`sseu_metric.normalisers.normaliser_for`).
    """

    version: str
    recipe: RecipeName
    fingerprint: Sha256
    pcm_fingerprint: Sha256
    pairs: PositiveInt
    conditions: tuple[Condition, ...]
    reasons: tuple[str, ...] = ()
    language: str = "en"

    @property
    def limitations(self) -> tuple[str, ...]:
        """Why scores on it are not scores on a benchmark of this project; empty if they are."""
        if self.recipe in OFFICIAL:
            return ()
        return (f"{self.recipe} dataset" + (f" ({'; '.join(self.reasons)})" if self.reasons else ""),)

    @model_validator(mode="after")
    def _check_name(self) -> Self:
        check_name(self.recipe, self.pairs, self.conditions)
        return self

    @classmethod
    def of(cls, manifest: Manifest) -> Self:
        """The identity of the dataset that a manifest describes."""
        return cls(
            version=manifest.version,
            recipe=manifest.recipe,
            fingerprint=manifest.fingerprints["all"],
            pcm_fingerprint=manifest.pcm_fingerprint,
            pairs=manifest.pairs,
            conditions=ordered(manifest.conditions),
            reasons=tuple(manifest.reasons),
            **({} if manifest.language == "en" else {"language": manifest.language}),
        )


class Scoring(Record):
    """How `scores.json` was made.

    Attributes:
        embedder: The text embedder asked for; None for the default.
        normalizer: Name of the text normaliser.
        answers_sha256: Hash of the log that was scored.
        scores_sha256: Hash of `scores.json`.
        packages: Versions of the packages that took part in scoring.
    """

    embedder: str | None
    normalizer: str
    answers_sha256: Sha256
    scores_sha256: Sha256
    packages: Mapping[str, str]


class AnswerSummary(Record):
    """What the log holds.

    Attributes:
        sha256: Hash of the log.
        asked: Questions of the job.
        ok: Questions with an answer.
        failed: Questions whose every request failed.
        by_condition: For each condition, the number of questions with each status (`ok`, `failed`, `missing`).
        cut_short: Answers that ended at the system's length limit.
        restarted: Answers for which the system had to be started again.
        input_tokens: Tokens of the requests, as the system counts them.
        output_tokens: Tokens of the answers, likewise.
        latency_median_s: Median time from request to answer; None where no answer came.
        latency_95_s: 95th percentile of it.
    """

    sha256: Sha256
    asked: NonNegativeInt
    ok: NonNegativeInt
    failed: NonNegativeInt
    by_condition: Mapping[Condition, Mapping[Status, NonNegativeInt]]
    cut_short: NonNegativeInt
    input_tokens: NonNegativeInt
    output_tokens: NonNegativeInt
    latency_median_s: NonNegativeFloat | None = None
    latency_95_s: NonNegativeFloat | None = None
    restarted: NonNegativeInt = 0

    @property
    def missing(self) -> int:
        """Questions without an answer, failed or never asked."""
        return self.asked - self.ok


NO_ANSWERS = AnswerSummary(
    sha256=hashlib.sha256(b"").hexdigest(),
    by_condition={},
    **dict.fromkeys(("asked", "ok", "failed", "cut_short", "input_tokens", "output_tokens"), 0),
)
"""The summary of an empty log."""


class Speed(Record):
    """How fast the questions were asked, in the sessions that ran to their end; what a kill cut off is not in it.

    Attributes:
        answers: Answers that came; a failure is none, but its time counts.
        wall_s: Wall time from the first question to the last answer, without the start of the system.
        gpus: CUDA's names of the GPUs on which the runner's own process computed; empty where it is not known, or where
            sessions differ.
    """

    answers: PositiveInt
    wall_s: PositiveFloat
    gpus: tuple[str, ...] = ()

    def plus(self, other: Speed | None) -> Speed:
        """Both sessions together."""
        if other is None:
            return self
        gpus = self.gpus if self.gpus == other.gpus else ()
        return Speed(answers=self.answers + other.answers, wall_s=self.wall_s + other.wall_s, gpus=gpus)

    def __str__(self) -> str:
        """Answers a second and the real-time factor: seconds of work per second of audio."""
        return (
            f"{self.answers / self.wall_s:,.2f} answers a second, real-time factor "
            f"{self.wall_s / (self.answers * CLIP_S):.4f}"
        )


class Result(Record):
    """`result.json`: how the answers came, everything needed to check a claim (DESIGN section 4).

    Attributes:
        system: Id of the system.
        settings: Everything that may change its answers.
        deterministic: Whether it states that equal questions get equal answers; each is then asked once.
        modes: The modes it can answer, and the tasks in each.
        family: The model family whose prompts it got; `*` for the general ones.
        frontend: What changed the audio.
        prompts: The prompts it got.
        dataset: The dataset the questions are about.
        data: Where that dataset was read, a folder or a Hub repository.
        revision: Requested revision of the Hub repository.
        job: What was asked.
        scoring: How `scores.json` was made; None where the answers were not scored.
        answers: What the log holds.
        speed: How fast they came; None where no session ran to its end.
        incomplete: Why it does not answer its whole dataset; empty if it does.
        packages: Versions of the packages that took part in asking.
        schema_version: Version of the schema.
    """

    system: str
    settings: Annotated[Mapping[str, JsonValue], AfterValidator(_finite_numbers)]
    deterministic: bool
    modes: Annotated[Mapping[Mode, tuple[Task, ...]], AfterValidator(_known_tasks)]
    family: str
    frontend: FrontendIdentity
    prompts: Prompts
    dataset: DatasetIdentity
    data: str
    revision: str | None
    job: Job
    packages: Mapping[str, str]
    scoring: Scoring | None = None
    answers: AnswerSummary = NO_ANSWERS
    speed: Speed | None = None
    incomplete: tuple[str, ...] = ()
    schema_version: Literal[1]

    @property
    def limitations(self) -> tuple[str, ...]:
        """Why its scores are not scores of the whole benchmark of the paper; empty if they are.

        This alone decides whether a score is shown in parentheses (`sseu_metric.text_table.score_cell`).
        """
        return (*self.incomplete, *self.dataset.limitations)

    @property
    def settings_sha256(self) -> str:
        """The hash of everything but prompt and audio that decides an answer; stored with every answer."""
        frontend = self.frontend.json_values()
        values = {"system": self.system, "settings": self.settings, "frontend": frontend, "seed": self.job.seed}
        return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    @property
    def asked_sha256(self) -> str:
        """The hash of what was asked of which system, prompts aside: results that share it differ in these alone."""
        names = {"system", "settings", "frontend", "job", "modes", "family"}
        values = [self.dataset.fingerprint, self.model_dump(mode="json", include=names)]
        return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    @property
    def runs(self) -> int:
        """How often each question is asked."""
        return 1 if self.deterministic or self.job.lite is not None else self.job.runs

    @property
    def embedder(self) -> str | None:
        """The embedder the answers were scored with; None for the default and where they were not."""
        return None if self.scoring is None else self.scoring.embedder

    @property
    def normalizer(self) -> str:
        """The normaliser the answers were scored with; where they were not, that of the dataset's language."""
        return normaliser_for(self.dataset.language) if self.scoring is None else self.scoring.normalizer
