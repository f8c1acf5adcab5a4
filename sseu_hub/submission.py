"""A submission: the folder in which a result and its answers are sent to the leaderboard.

    results/<model id, with -- for />/<date, UTC>-<first 8 digits of the answers' SHA-256>/
        result.json         how the answers came (`sseu_models.results.records.Result`)
        scores.json         the submitter's own scores (`sseu_models.results.records.ScoresFile`)
        answers.jsonl.gz    every answer, one gzip stream of JSON lines (`sseu_models.results.log.Answer`)
        submission.json     the model's id on the Hub (`SubmissionFile`)

Its files are untrusted: `read_submission` bounds time and memory, checks every type, and refuses anything else with a
`ValueError` that says why and shows no path. `check_answers` then compares the answers with the reference; their scores
are computed after that.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal

from pydantic import AfterValidator

from sseu_hub.client import HUB_NAME, check_repo_id
from sseu_hub.untrusted_json import check_text, open_limited, read_json_text, shorten
from sseu_metric.labels import EVENTS, SCENES
from sseu_models.job import Key
from sseu_models.planning import PlannedClip, Reference, plan
from sseu_models.records import TASKS
from sseu_models.results.folder import RESULT, SCORES, asked_conditions, check_log, why_incomplete
from sseu_models.results.log import Answer, parse_line
from sseu_models.results.record import Record, parse_record
from sseu_models.results.records import Result
from sseu_models.results.scores_file import ScoresFile

ANSWERS_GZ = "answers.jsonl.gz"
SUBMISSION = "submission.json"
MODEL_FOLDER = f"{HUB_NAME}(?:--{HUB_NAME})?"
"""Pattern of a model's folder: its id with two dashes, which no id contains, for the slash."""
GROUND_TRUTH: Mapping[str, float] = {"wer": 0.0, "macc": 100.0, "map": 100.0}
"""The scores of the references themselves, in percent."""
_GROUND_TRUTH_MARGIN = 0.005  # percentage points: a rounding away from no error at all
_SHA256 = re.compile(r"[0-9a-f]{64}")
_BLOCK_BYTES = 1 << 16
_SCORE_COUNTS = {"asc": len(SCENES), "at": len(EVENTS)}
_MAX_NAME_LENGTH = 200


@dataclass(frozen=True)
class Limits:
    """How much of a submission is read; the defaults suffice for all modes and conditions in five runs.

    Attributes:
        json_bytes: Size of result.json, scores.json and submission.json each.
        packed_bytes: Size of answers.jsonl.gz.
        unpacked_bytes: Size of the answers in it.
        line_bytes: Size of one answer with its other fields.
        answers: Number of answers.
        runs: Number of runs.
    """

    json_bytes: int = 1 << 20
    packed_bytes: int = 64 << 20
    unpacked_bytes: int = 384 << 20
    line_bytes: int = 128 << 10
    answers: int = 300_000
    runs: int = 20


class SubmissionFile(Record):
    """`submission.json`: what a submission says beside its result.

    Attributes:
        model: Id of the model on the Hub, `owner/name` or `name`.
        schema_version: Version of this form.
    """

    model: Annotated[str, AfterValidator(lambda model: check_repo_id(model, "model"))]
    schema_version: Literal[1]


@dataclass(frozen=True)
class Submission:
    """The contents of a submission: well formed, but not yet checked against the benchmark.

    Attributes:
        model: Id of the model on the Hub; None if nothing names it (an upload of result and answers alone).
        result: Its `result.json`. The embedder and the dataset it names must never be opened.
        stated: Its `scores.json`; None if there is none.
        answers: By question; all have the status `ok`.
        answers_sha256: SHA-256 of the unpacked answers.
    """

    model: str | None
    result: Result
    stated: ScoresFile | None
    answers: Mapping[Key, Answer]
    answers_sha256: str


def read_submission(folder: Path, limits: Limits | None = None) -> Submission:
    """Read a submission's folder within limits.

    Args:
        folder: Its result.json and answers.jsonl.gz; scores.json and submission.json may be missing.
        limits: By default those of `Limits`.

    Raises:
        ValueError: Something is missing, too large, damaged, of the wrong type or out of its range; the message names
            file, line and remedy, never a path.
    """
    limits = limits or Limits()
    result = parse_record(Result, read_json_text(folder / RESULT, limits.json_bytes), RESULT)
    names = [result.system, result.family, result.prompts.set, result.frontend.name]
    if any(len(name) > _MAX_NAME_LENGTH for name in names):
        raise ValueError(f"{RESULT}: a name is longer than {_MAX_NAME_LENGTH} characters")
    if result.job.runs > limits.runs:
        raise ValueError(f"{RESULT}: {result.job.runs} runs, at most {limits.runs} are allowed")
    stated, model = None, None
    if (folder / SCORES).exists():
        remedy = "make it with this version: sseu score FOLDER"
        stated = parse_record(ScoresFile, read_json_text(folder / SCORES, limits.json_bytes), SCORES, remedy)
    if (folder / SUBMISSION).exists():
        text = read_json_text(folder / SUBMISSION, limits.json_bytes)
        model = parse_record(SubmissionFile, text, SUBMISSION).model
    digest = hashlib.sha256()
    answers = _read_answers(folder / ANSWERS_GZ, limits, digest)
    return Submission(model, result, stated, answers, digest.hexdigest())


def folder_of(model: str, date: str, answers_sha256: str) -> str:
    """The folder of a submission in the results dataset.

    Args:
        model: Id on the Hub; its slash becomes two dashes, which no id contains.
        date: Date of the submission, UTC, `YYYY-MM-DD`.
        answers_sha256: SHA-256 of the unpacked answers.

    Raises:
        ValueError: The model's id is none.
    """
    return f"results/{check_repo_id(model, 'model').replace('/', '--')}/{date}-{answers_sha256[:8]}"


def pack(model: str, result: Result, stated: ScoresFile, answers: Sequence[Answer]) -> dict[str, bytes]:
    """The files of a submission by name; equal input gives equal bytes with the same zlib.

    Raises:
        ValueError: The model's id is none.
    """
    records = {RESULT: result, SCORES: stated, SUBMISSION: SubmissionFile(model=model, schema_version=1)}
    files = {name: record.to_json().encode() for name, record in records.items()}
    return files | {ANSWERS_GZ: gzip.compress(answer_lines(answers), mtime=0)}


def write_submission(folder: Path, files: Mapping[str, bytes]) -> bool:
    """Write a submission into a folder of submissions, completely or not at all.

    Args:
        folder: Its folder, as `folder_of` names it; made with those above it.
        files: From `pack`.

    Returns:
        False if these answers are there already, of whatever date; nothing is written then.

    Raises:
        OSError: It cannot be written.
    """
    if any(folder.parent.glob(f"[0-9]*-{folder.name.rsplit('-', 1)[1]}")):
        return False
    partial = folder.with_name(f".partial-{folder.name}")
    partial.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (partial / name).write_bytes(data)
    partial.rename(folder)
    return True


def answer_lines(answers: Sequence[Answer]) -> bytes:
    """The unpacked answers of a submission."""
    return b"".join(answer.to_line() for answer in answers)


def check_answers(submission: Submission, references: Sequence[Reference]) -> list[PlannedClip]:
    """Check that the answers are complete and belong to the benchmark's clips, and return the questions.

    Args:
        submission: From `read_submission`.
        references: The rows of the dataset without audio (`sseu_models.planning.read_references`).

    Returns:
        The plan, for `sseu_models.results.scoring.score_answers`.

    Raises:
        ValueError: A clip had other samples than the reference's (both hashes are given), an id is unknown, a question
            has no answer, or the job leaves out a part of the benchmark.
    """
    result = submission.result
    known = {row["id"] for row in references}
    if unknown := next((answer.id for answer in submission.answers.values() if answer.id not in known), None):
        raise ValueError(f"{ANSWERS_GZ}: {shorten(unknown)} is no clip of the benchmark")
    clips = plan(references, result.job, modes=result.modes, deterministic=result.deterministic)
    asked = asked_conditions(clips)
    missing = [key for key in asked if key not in submission.answers]
    if missing:
        raise ValueError(
            f"{ANSWERS_GZ}: {len(missing)} of {len(asked)} questions have no answer, the first is "
            f"{'/'.join(map(str, missing[0]))}; continue the run with the command that began it"
        )
    check_complete(result, references, asked)
    check_log(Path(ANSWERS_GZ), result, submission.answers.values(), clips)
    return clips


def check_complete(result: Result, references: Sequence[Reference], asked: Mapping[Key, str]) -> None:
    """Refuse a job that leaves out a part of the benchmark.

    Args:
        result: The result.
        references: All rows of the dataset.
        asked: The questions with their conditions (`asked_conditions`).

    Raises:
        ValueError: The job is limited, a shard, or leaves out conditions.
    """
    reasons = why_incomplete(result, references, asked, unanswered=0)
    if reasons:
        raise ValueError(
            f"the result is incomplete: {'; '.join(reasons)}; run the system without --limit and --conditions, and put "
            "shards together with: sseu merge"
        )


def equals_ground_truth(metric: str, value: float) -> bool:
    """Whether a score in percent is the references' own, which no system reaches at -10 dB."""
    return abs(value - GROUND_TRUTH[metric]) <= _GROUND_TRUTH_MARGIN


def _read_answers(path: Path, limits: Limits, digest: Any) -> dict[Key, Answer]:
    answers: dict[Key, Answer] = {}
    with open_limited(path, limits.packed_bytes) as file:
        for number, line in enumerate(_lines(file, limits), 1):
            digest.update(line)
            if number > limits.answers:
                raise ValueError(f"{ANSWERS_GZ}: more than {limits.answers} answers; a complete result has fewer")
            answer = _parse_answer(line, f"{ANSWERS_GZ} line {number}", limits)
            if answer.key in answers:
                raise ValueError(f"{ANSWERS_GZ} line {number}: {'/'.join(map(str, answer.key))} is answered twice")
            answers[answer.key] = answer
    if not answers:
        raise ValueError(f"{ANSWERS_GZ}: no answers")
    return answers


def _parse_answer(line: bytes, place: str, limits: Limits) -> Answer:
    try:
        answer = parse_line(line, place)
        check_text(place, answer.id, answer.system)
        (answer.text or "").encode()  # lone surrogates are legal JSON and no text
    except UnicodeEncodeError:
        raise ValueError(f"{place}: its text is not Unicode (lone surrogates)") from None
    except OverflowError:
        raise ValueError(f"{place}: a number is out of range") from None
    if answer.status != "ok":
        raise ValueError(f"{place}: status {answer.status}; a submission has successful answers only")
    if answer.task not in TASKS.get(answer.mode, ()):
        raise ValueError(f"{place}: no task {answer.task!r:.40} in the mode {answer.mode!r:.40}")
    if not 0 <= answer.run < limits.runs:
        raise ValueError(f"{place}: run {shorten(answer.run)}; 0 to {limits.runs - 1} are allowed")
    if answer.scores is not None and len(answer.scores) != _SCORE_COUNTS.get(answer.task):
        raise ValueError(f"{place}: {len(answer.scores)} scores for the task {answer.task}")
    hashes = (answer.pcm_sha256, answer.sent_sha256, answer.prompt_sha256, answer.settings_sha256)
    if not all(text is None or _SHA256.fullmatch(text) for text in hashes):
        raise ValueError(f"{place}: a hash is not 64 hexadecimal digits")
    for name in ("latency_s", "input_tokens", "output_tokens"):
        value = getattr(answer, name)
        if value is not None and not 0 <= value < 1e12:  # also false for NaN
            raise ValueError(f"{place}: {name} is {shorten(value)}")
    return answer


def _lines(file: BinaryIO, limits: Limits) -> Iterator[bytes]:
    """The lines of one gzip stream; at most a block and a line of it are unpacked at a time."""
    unpacker = zlib.decompressobj(wbits=31)
    packed, rest, total = b"", b"", 0
    try:
        while not unpacker.eof:
            packed = packed or file.read(_BLOCK_BYTES)
            block = unpacker.decompress(packed, _BLOCK_BYTES)
            if not packed and not block:
                break
            packed = unpacker.unconsumed_tail
            total += len(block)
            if total > limits.unpacked_bytes:
                raise ValueError(f"{ANSWERS_GZ}: unpacks to more than {limits.unpacked_bytes} bytes")
            *whole, rest = (rest + block).split(b"\n")
            if max(len(rest), *map(len, whole), 0) > limits.line_bytes:
                raise ValueError(f"{ANSWERS_GZ}: an answer is longer than {limits.line_bytes} bytes")
            yield from (line + b"\n" for line in whole)
    except zlib.error as error:
        raise ValueError(f"{ANSWERS_GZ}: not gzip, or damaged ({error}); upload it again") from None
    if not unpacker.eof:
        raise ValueError(f"{ANSWERS_GZ}: truncated; upload it again")
    if unpacker.unused_data or file.read(1):
        raise ValueError(f"{ANSWERS_GZ}: there are data after the gzip stream; one stream is needed")
    if rest:
        raise ValueError(f"{ANSWERS_GZ}: its last line has no line break")
