"""`sseu_models.run`: a system, a dataset and what to ask; scores and answers as Python values."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sseu_metric.labels import EVENTS, SCENES
from sseu_metric.predictions import as_prediction
from sseu_models.job import Job, Key
from sseu_models.planning import Reference, flatten
from sseu_models.records import Json, Mode, System
from sseu_models.results.folder import ERRORS, read_result, read_scores
from sseu_models.results.folder_scoring import open_result_dataset, read_answers
from sseu_models.results.log import Answer
from sseu_models.results.terminal import answer_lines, score_lines
from sseu_models.running.evaluation import Announce, evaluate
from sseu_models.running.request import Request

if TYPE_CHECKING:
    import pandas as pd

    from sseu_models.results.records import Result
    from sseu_models.results.scores_file import ModeScores
    from sseu_models.systems.function import AnswerFunction

GIVE_UP_AFTER = 5
"""A function that fails in the same way on this many first questions is not asked further."""


@dataclass(frozen=True)
class AnswerRecord:
    """A question with its answer and the clip's references.

    Attributes:
        id: Id of the clip.
        condition: SNR in dB as the dataset names it, `+inf` or `-inf`.
        mode: `independent`, `joint`, `cot` or `likelihood`.
        task: `asr`, `asc`, `at`, or `all` for one answer to all three.
        run: Number of the run, from 0.
        status: `ok`, `failed`, or `missing` where the question was never asked.
        text: The raw answer; None for scores and failures.
        scores: A classifier's scores in label order; None for texts and failures.
        error: Why there is no answer.
        transcript: The transcript parsed from the text; None where none was asked or found.
        scene: The parsed scene, likewise.
        events: The parsed events, likewise.
        true_transcript: The reference transcript; empty without speech.
        true_scene: The annotated scene; None without a background.
        true_events: The annotated events.
        latency_s: Time from request to answer.
    """

    id: str
    condition: str
    mode: str
    task: str
    run: int
    status: str
    text: str | None
    scores: tuple[float, ...] | None
    error: str | None
    transcript: str | None
    scene: str | None
    events: tuple[str, ...] | None
    true_transcript: str
    true_scene: str | None
    true_events: tuple[str, ...]
    latency_s: float | None


@dataclass(frozen=True)
class Run:
    """A finished run; `print(run)` shows its scores as a table.

    Attributes:
        folder: The results folder, for `sseu_report.report` and the commands of `sseu`.
        result: Content of `result.json`: system, settings, prompts, dataset, and why the result is incomplete if it is.
        scores: For each mode its scores: `run.scores["joint"].wer`, `.by_condition["0"]["wer"]`, `.intervals`, ...
    """

    folder: Path
    result: Result
    scores: Mapping[str, ModeScores]

    def answers(self) -> list[AnswerRecord]:
        """Every question with its answer, in the order in which they were asked.

        Raises:
            ValueError: The log is damaged, or the dataset is no longer where it was.
        """
        opened = open_result_dataset(self.result)
        clips, answers = read_answers(self.folder, self.result, opened)
        return [_record(row, key, answers.get(key)) for row, key in flatten(clips)]

    def to_pandas(self) -> pd.DataFrame:
        """The answers as a table, a row for each; the columns are the fields of `AnswerRecord`."""
        import pandas as pd

        return pd.DataFrame([asdict(record) for record in self.answers()], columns=list(AnswerRecord.__annotations__))

    def lines(self) -> Iterator[str]:
        """How much was answered, and the table of scores."""
        yield from answer_lines(self.result)
        yield from score_lines(read_scores(self.folder))

    def __str__(self) -> str:
        """The lines as one text."""
        return "\n".join(self.lines())


def run(
    system: str | System | AnswerFunction,
    data: str | Path = "sseu-bench",
    *,
    modes: Mode | Sequence[Mode] = ("independent",),
    conditions: str | Sequence[str] | None = None,
    runs: int = 3,
    limit: int | None = None,
    lite: int | None = None,
    seed: int = 0,
    out: str | Path | None = None,
    settings: Mapping[str, Json] | None = None,
    frontend: str | None = None,
    prompts: str | Path | None = None,
    revision: str | None = None,
    embedder: str | None = None,
    normalizer: str | None = None,
    not_deterministic: bool = False,
    workers: int | None = None,
    progress: bool = True,
) -> Run:
    """Let a system answer the benchmark and score what it says; the same as `sseu run`.

    Works in scripts and in notebooks. With a folder given as `out` every answer is kept as it comes: the same call
    continues a run that was stopped, asks again what failed, and finds at once that a finished run is finished.

    Args:
        system: A name as on the command line (`hf:openai/whisper-small`, `control:majority`, ...; `sseu systems list`
            shows them), an object with the methods of `sseu_models.System`, or a plain function
            `(samples, rate_hz, prompt) -> str`: float32 samples, shape (n,), full scale 1, at 16 kHz.
        data: Dataset folder or Hub repository.
        modes: One or some of `independent`, `joint`, `cot`, `likelihood`.
        conditions: Only these, such as `"0"` or `("0", "-5")`; `all` adds speech alone and background alone to joint
            and cot.
        runs: How often each question is asked; a deterministic system is asked once.
        limit: The first so many pairs only, from each scene in proportion to its number of pairs.
        lite: About so many questions chosen to stand for all (2,450 estimate each metric within about two points), each
            asked once; the scores are estimates of those of the whole benchmark, with intervals.
        seed: For sampling.
        out: Results folder; None for a temporary one that is removed with the returned `Run`.
        settings: Settings of the system, where it is a name.
        frontend: What changes the audio first: `module:function`, `oracle-speech`, `silence`, ...
        prompts: A prompt file in place of the project's prompts.
        revision: Tag or commit of a Hub repository.
        embedder: Text embedder for scenes and events: None for the default, `exact`, `paper`, ...
        normalizer: Text normaliser of transcripts; None for that of the dataset's language.
        not_deterministic: Ask every question in each run, although the system states that equal questions get equal
            answers.
        workers: Threads that decode and resample; the number of cores by default.
        progress: Show what is going on.

    Returns:
        The finished run. `run.result.answers` counts what failed, `run.result.incomplete` says what is missing.

    Raises:
        ValueError: An argument is wrong, or `out` holds answers of a different run.
        SystemDownError: The system cannot answer anything.
        TooManyFailedError: The first questions all failed in the same way; the traceback, if there is one, was printed
            and is in the results folder's `errors.log`.
        ImportError: A package is missing; the message says how to install it.
        EmbedderError: The embedder cannot answer.
    """
    from sseu_models.systems.function import function_system

    function = None if isinstance(system, str | System) else system
    folder = Path(tempfile.mkdtemp(prefix="sseu-run-")) if out is None else Path(out)
    request = Request(
        system=function_system(function) if function is not None else cast("str | System", system),
        data=str(data),
        out=folder,
        settings=dict(settings or {}),
        job=Job(
            modes=cast("tuple[Mode, ...]", _names(modes)),
            conditions=None if conditions is None else "all" if conditions == "all" else _names(conditions),
            runs=runs,
            limit=limit,
            lite=lite,
            seed=seed,
        ),
        revision=revision,
        frontend=frontend,
        prompts=None if prompts is None else Path(prompts),
        embedder=embedder,
        normalizer=normalizer,
        not_deterministic=not_deterministic,
        give_up_after=Request.give_up_after if function is None else GIVE_UP_AFTER,
        workers=workers,
    )
    announce: Announce = print if progress else lambda line: None
    try:
        result = evaluate(request, announce=announce, progress=progress)
    except BaseException:
        if out is None and not (folder / ERRORS).exists():
            shutil.rmtree(folder, ignore_errors=True)
        raise
    finished = Run(folder, result, read_scores(folder).modes)
    if out is None:
        announce(f"results in {folder}, as long as this run is in memory; give `out` to keep them")
        weakref.finalize(finished, shutil.rmtree, folder, ignore_errors=True)
    return finished


def _names(given: str | Sequence[str]) -> tuple[str, ...]:
    """A single name stands for itself, not for its letters."""
    return (given,) if isinstance(given, str) else tuple(given)


def load_run(folder: str | Path) -> Run:
    """The run in a results folder, whoever made it (`sseu run`, `run`, `sseu merge`).

    Raises:
        ValueError: Not a results folder, or not scored.
    """
    place = Path(folder)
    return Run(place, read_result(place), read_scores(place).modes)


def _record(row: Reference, key: Key, answer: Answer | None) -> AnswerRecord:
    text = None if answer is None else answer.text
    mode: Any = "joint" if key.task == "all" else key.task
    parsed: Mapping[str, Any] = {} if text is None else as_prediction(text, mode)
    scene, events = parsed.get("scene"), parsed.get("events")
    return AnswerRecord(
        **key._asdict(),
        condition=row["condition"],
        status="missing" if answer is None else answer.status,
        text=text,
        scores=None if answer is None else answer.scores,
        error=None if answer is None else answer.error,
        transcript=parsed.get("transcript"),
        scene=scene,
        events=None if events is None else tuple(events),
        true_transcript=row["transcript"],
        true_scene=None if row["scene"] is None else SCENES[row["scene"]],
        true_events=tuple(EVENTS[event] for event in row["events"]),
        latency_s=None if answer is None else answer.latency_s,
    )
