"""What `result.json` and `scores.json` hold, as typed records: the one place that checks them, whoever wrote the file.

A record is checked when it is read and when it is made. Unknown and missing fields, values of another type, numbers
that are not finite and names that nobody knows are refused by field. Files from elsewhere are read by the same models;
how large such a file may be, its reader bounds before (`sseu_hub.submission_json`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, TypeAlias, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveInt,
    ValidationError,
)

from sseu_metric.conditions import snr_db_of
from sseu_models.job import Job
from sseu_models.records import TASKS, Mode, Task

SCHEMA_VERSION: Literal[1] = 1
"""Raised when a field of either file changes its name or meaning."""

# Keys of mappings are `str` to readers, who loop over names, and one of these names to the validator.
Metric: TypeAlias = Annotated[str, Field(pattern="^(wer|wer_capped|macc|map)$")]
ModeName: TypeAlias = Annotated[str, Field(pattern=f"^({'|'.join(TASKS)})$")]
TaskName: TypeAlias = Annotated[str, Field(pattern="^(asr|asc|at)$")]
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


class Record(BaseModel):
    """A part of a file: frozen, without conversions between types, without unknown fields."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    def json_values(self) -> dict[str, Any]:
        """The record as JSON values; what was never set stays out."""
        return self.model_dump(mode="json", exclude_unset=True)

    def to_json(self) -> str:
        """The text of the file."""
        return json.dumps(self.json_values(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    def replace(self, **values: Any) -> Self:
        """A copy with other values, which are checked like those of a new record."""
        kept = {name: getattr(self, name) for name in self.model_fields_set}
        return type(self)(**{**kept, **values})


class PromptTemplate(Record):
    """One prompt: its id, the hash of its text (`prompts.prompt_sha256`), and where it comes from."""

    id: str
    sha256: Sha256
    source: str


class Prompts(Record):
    """The prompts a system was given: id of the set, and by `mode/task` the template."""

    set: str
    templates: Mapping[str, PromptTemplate]


class FrontendIdentity(Record):
    """What changed the audio: a built-in name or `module:function`, and the hash of its code."""

    name: str
    sha256: Sha256


class DatasetIdentity(Record):
    """Which dataset the questions are about.

    Attributes:
        version: Version of the benchmark.
        recipe: `paper`, `partial` or `custom`.
        fingerprint: Hash of all samples, from the manifest.
        references_sha256: Hash of what answers are scored against (`job.references_sha256`).
        pairs: Number of pairs of speech and background.
        conditions: The conditions each pair exists in, from `+inf` down.
    """

    version: str
    recipe: Literal["paper", "partial", "custom"]
    fingerprint: Sha256
    references_sha256: Sha256
    pairs: PositiveInt
    conditions: tuple[Condition, ...]


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
        by_condition: For each condition, how many questions have which status (`ok`, `failed`, `missing`).
        cut_short: Answers that ended at the system's length limit.
        input_tokens: Tokens the system read, as it counts them.
        output_tokens: Tokens it wrote.
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

    @property
    def missing(self) -> int:
        """Questions without an answer, failed or never asked."""
        return self.asked - self.ok


NO_ANSWERS = AnswerSummary(
    sha256=hashlib.sha256(b"").hexdigest(),
    asked=0,
    ok=0,
    failed=0,
    by_condition={},
    cut_short=0,
    input_tokens=0,
    output_tokens=0,
)
"""Of a run that has asked nothing yet."""


class Result(Record):
    """`result.json`: how the answers came, everything needed to check a claim (DESIGN section 4).

    Attributes:
        system: Id of the system.
        settings: Its settings, everything that may change an answer.
        deterministic: Whether it says that equal questions get equal answers; it is then asked once.
        modes: The modes it can answer, and the tasks in each.
        family: The family of models whose prompts it was given; `*` for the general ones.
        frontend: What changed the audio.
        prompts: The prompts it was given.
        dataset: The dataset the questions are about.
        data: Where that dataset was read, a folder or a Hub repository.
        revision: Revision of the Hub repository that was asked for.
        job: What was asked.
        scoring: How `scores.json` was made; None where the answers were not scored.
        answers: What the log holds; nothing while the first questions are asked.
        incomplete: Why the result is not the whole benchmark; empty if it is.
        packages: Versions of the packages that took part in asking.
        schema_version: Version of this form.
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
    incomplete: tuple[str, ...] = ()
    schema_version: Literal[1]

    @property
    def settings_sha256(self) -> str:
        """What stands beside every answer: the hash of everything but prompt and audio that decides it."""
        values = {
            "system": self.system,
            "settings": self.settings,
            "frontend": self.frontend.json_values(),
            "seed": self.job.seed,
        }
        return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    @property
    def runs(self) -> int:
        """How often each question is asked."""
        return 1 if self.deterministic else self.job.runs

    @property
    def embedder(self) -> str | None:
        """The embedder the answers were scored with; None for the default and where they were not."""
        return None if self.scoring is None else self.scoring.embedder

    @property
    def normalizer(self) -> str | None:
        """The normaliser the answers were scored with; None where they were not."""
        return None if self.scoring is None else self.scoring.normalizer


class IntervalRecord(Record):
    """A 95 % interval in percent, and how many resamples had no value."""

    low: float
    high: float
    left_out: NonNegativeInt = 0


class Average(Record):
    """What the average of a metric is over.

    Attributes:
        conditions: The conditions it is the plain mean of, from `+inf` down.
        finite: The mean over the dataset's finite conditions, as in Table 2 of the paper, in percent; None where one
            of them was not asked.
    """

    conditions: tuple[Condition, ...]
    finite: float | None


class LeftOut(Record):
    """Classes without a reference row, over which no mean is formed."""

    scenes: tuple[str, ...]
    events: tuple[str, ...]


class EmbedderIdentity(Record):
    """The text embedder behind mACC and mAP."""

    id: str
    revision: str | None
    dimension: int | None


class _Values(Record):
    """The metrics that were asked, in percent."""

    wer: float | None = None
    wer_capped: float | None = None
    macc: float | None = None
    map: float | None = None

    def value(self, metric: Metric) -> float | None:
        """A metric in percent: the mean over runs of the plain mean over conditions; None where it was not asked."""
        found: float | None = getattr(self, metric)
        return found


class RunScores(_Values):
    """The metrics of one run."""

    run: NonNegativeInt
    by_condition: Mapping[Condition, Mapping[Metric, float]]


class ModeScores(_Values):
    """The scores of one mode, all in percent (`sseu_metric.summarise`).

    Attributes:
        pooled: Each metric over all answers together.
        by_condition: Each metric in each condition.
        by_corpus: Each metric on the clips whose background is from a corpus.
        by_scene: Recall of each scene.
        by_event: Average precision of each event.
        left_out: Classes without reference rows.
        intervals: For each metric the interval of the average (`all`) and of each condition.
        resampled_by: For each metric what the intervals resample.
        counts: For each task how many answers there are, and how many in which status.
        complete: Whether every question has an answer.
        embedder: The text embedder; None where only scores per label were given.
        normalizer: Name and version of the text normaliser; None without ASR.
        by_run: The metrics of each run.
        averages: For each metric what its average is over.
    """

    pooled: Mapping[Metric, float | None]
    by_condition: Mapping[Condition, Mapping[Metric, float]]
    by_corpus: Mapping[str, Mapping[Metric, float]]
    by_scene: Mapping[str, float]
    by_event: Mapping[str, float]
    left_out: LeftOut
    intervals: Mapping[Metric, Mapping[str, IntervalRecord]]
    resampled_by: Mapping[Metric, str]
    counts: Mapping[TaskName, Mapping[str, NonNegativeInt]]
    complete: bool
    embedder: EmbedderIdentity | None
    normalizer: str | None
    by_run: tuple[RunScores, ...]
    averages: Mapping[Metric, Average]


class NoiseProbe(Record):
    """Words heard where nobody speaks: ASR asked on `-inf`, outside WER."""

    asked: NonNegativeInt
    answered: NonNegativeInt
    words: NonNegativeInt
    with_words: NonNegativeInt


class ScoresFile(Record):
    """`scores.json`: the metrics of each mode, a pure function of the answers."""

    modes: Mapping[ModeName, ModeScores]
    noise_probe: NoiseProbe | None = None
    schema_version: Literal[1]


_R = TypeVar("_R", bound=Record)


def parse_record(kind: type[_R], text: str | bytes, where: str, remedy: str = "") -> _R:
    """The record in the text of a file.

    Args:
        kind: Class of the record, such as `Result`.
        text: Content of the file.
        where: The file, for messages.
        remedy: What to do where it is broken; ends the message.

    Raises:
        ValueError: One message with file, field and value, and the remedy.
    """
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise ValueError(f"{where}: {first_error(error)}{remedy and f'; {remedy}'}") from None


def first_error(error: ValidationError) -> str:
    """The first thing that is wrong with a file: the field, what is wrong and what stands there.

    A file of another version has fields of its own, so its version is named first.
    """
    errors = error.errors(include_url=False)
    broken = next((one for one in errors if one["loc"] == ("schema_version",)), errors[0])
    message = broken["msg"].removeprefix("Value error, ").removesuffix(".")
    if broken["type"] == "json_invalid":
        return f"not JSON ({message.removeprefix('Invalid JSON: ')})"
    if broken["loc"] == ("schema_version",):
        given = "none" if broken["type"] == "missing" else repr(broken["input"])[:40]
        return f"schema_version is {given}, this version of the project reads {SCHEMA_VERSION}"
    field = " -> ".join(str(part)[:60] for part in broken["loc"]) or "the file"
    value = "" if broken["type"] == "missing" else f", not {broken['input']!r:.60}"
    more = f" ({len(errors) - 1} more like it)" if len(errors) > 1 else ""
    return f"{field}: {message[:1].lower()}{message[1:]:.200}{value}{more}"
