"""A submission: the folder in which a result with its answers travels to the leaderboard.

    results/<model id with dashes>/<date, UTC>-<first 8 digits of the answers' SHA-256>/
        result.json         how the answers came (`sseu_models.results.folder.Result`)
        scores.json         what the submitter's own scoring gave
        answers.jsonl.gz    every answer, one gzip stream of JSON lines (`sseu_models.results.log.Answer`)
        submission.json     the model's Hub id

Whoever reads one trusts nothing in it: `read_submission` bounds time and memory, checks every type, and refuses what is
not a submission with a `ValueError` that says why and shows no path. It says nothing yet about what the answers are
worth: `check_answers` holds them against the reference, and scoring follows.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from sseu_hub.client import HUB_NAME, check_repo_id
from sseu_hub.submission_json import check_result, check_text, open_limited, read_json, shown
from sseu_metric.labels import EVENTS, SCENES
from sseu_models.job import Key, PlannedClip, Reference, plan
from sseu_models.records import TASKS
from sseu_models.results.folder import RESULT, SCORES, asked_conditions, check_log
from sseu_models.results.log import Answer, parse_line

if TYPE_CHECKING:
    from sseu_models.results.records import Result

ANSWERS_GZ = "answers.jsonl.gz"
SUBMISSION = "submission.json"
MODEL_FOLDER = f"{HUB_NAME}(?:--{HUB_NAME})?"
"""Pattern of a model's folder: its id with two dashes, which no id contains, for the slash."""
_SHA256 = re.compile(r"[0-9a-f]{64}")
_BLOCK = 1 << 16
SCHEMA = 1
_SCORE_COUNTS = {"asc": len(SCENES), "at": len(EVENTS)}


@dataclass(frozen=True)
class Limits:
    """How much of a submission is read; the defaults hold all modes and conditions in five runs.

    Attributes:
        json_bytes: Of result.json, scores.json and submission.json each.
        packed_bytes: Of answers.jsonl.gz.
        unpacked_bytes: Of the answers in it.
        line_bytes: Of one answer with everything beside it.
        answers: Lines.
        runs: Of every question.
    """

    json_bytes: int = 1 << 20
    packed_bytes: int = 64 << 20
    unpacked_bytes: int = 384 << 20
    line_bytes: int = 128 << 10
    answers: int = 300_000
    runs: int = 20


@dataclass(frozen=True)
class Submission:
    """What a submission says; well formed, but not believed.

    Attributes:
        model: Id of the model on the Hub; None where nothing names it (an upload of result and answers alone).
        result: Its `result.json`. The embedder and the data it names are never to be opened.
        stated: Its `scores.json`; None where there is none.
        answers: By question; every one has the status `ok`.
        answers_sha256: Of the unpacked answers.
    """

    model: str | None
    result: Result
    stated: Mapping[str, Any] | None
    answers: Mapping[Key, Answer]
    answers_sha256: str


def read_submission(folder: Path, limits: Limits | None = None) -> Submission:
    """Read a submission's folder within limits.

    Args:
        folder: With result.json and answers.jsonl.gz; scores.json and submission.json may be missing.
        limits: By default those of `Limits`.

    Raises:
        ValueError: Something is missing, too large, damaged, of the wrong type or out of its range; the message names
            file, line and remedy, never a path.
    """
    limits = limits or Limits()
    result = check_result(read_json(folder / RESULT, limits.json_bytes), limits.runs)
    stated = read_json(folder / SCORES, limits.json_bytes) if (folder / SCORES).exists() else None
    if stated is not None:
        from sseu_models.results.records import ScoresFile, parse_record

        again = "make it with this version: sseu score FOLDER"
        stated = parse_record(ScoresFile, json.dumps(stated), SCORES, again).json_values()
    model = None
    if (folder / SUBMISSION).exists():
        values = read_json(folder / SUBMISSION, limits.json_bytes)
        if set(values) != {"schema", "model"} or values["schema"] != SCHEMA:
            raise ValueError(f"{SUBMISSION}: schema and model are needed and nothing else, not {shown(list(values))}")
        model = check_repo_id(values["model"], "model")
    digest = hashlib.sha256()
    answers = _read_answers(folder / ANSWERS_GZ, limits, digest)
    return Submission(model, result, stated, answers, digest.hexdigest())


def folder_of(model: str, date: str, answers_sha256: str) -> str:
    """Where a submission lies in the results dataset.

    Args:
        model: Id on the Hub; its slash becomes two dashes, which no id may hold.
        date: Of the submission, UTC, `YYYY-MM-DD`.
        answers_sha256: Of the unpacked answers.
    """
    return f"results/{check_repo_id(model, 'model').replace('/', '--')}/{date}-{answers_sha256[:8]}"


def pack(model: str, result: Result, stated: Mapping[str, Any], answers: Sequence[Answer]) -> dict[str, bytes]:
    """The files of a submission, by name; the same input gives the same bytes with the same zlib.

    Raises:
        ValueError: The model's id is none.
    """
    heads = {RESULT: json.loads(result.to_json()), SCORES: stated, SUBMISSION: {"schema": SCHEMA, "model": model}}
    check_repo_id(model, "model")
    files = {
        name: (json.dumps(values, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
        for name, values in heads.items()
    }
    return files | {ANSWERS_GZ: gzip.compress(answer_lines(answers), mtime=0)}


def answer_lines(answers: Sequence[Answer]) -> bytes:
    """The unpacked log of a submission."""
    return b"".join(answer.to_line() for answer in answers)


def check_answers(submission: Submission, references: Sequence[Reference]) -> list[PlannedClip]:
    """What was to be asked, after every answer was found to belong to it, and none to be missing.

    Args:
        submission: From `read_submission`.
        references: The rows of the dataset without audio (`sseu_models.job.read_references`).

    Returns:
        The plan, for `sseu_models.results.scoring.score_answers`.

    Raises:
        ValueError: Clips that were not heard as the reference has them (both hashes are given), unknown ids, questions
            without an answer, or a job that leaves out a part of the benchmark.
    """
    result = submission.result
    check_whole_job(result)
    pcm = {row["id"]: row["pcm_sha256"] for row in references}
    for answer in submission.answers.values():
        if answer.id not in pcm:
            raise ValueError(f"{ANSWERS_GZ}: {shown(answer.id)} is no clip of the benchmark")
        if answer.pcm_sha256 != pcm[answer.id]:
            raise ValueError(
                f"{ANSWERS_GZ}: {answer.id} was heard as {answer.pcm_sha256}, the benchmark has {pcm[answer.id]}; "
                "build or load the dataset anew and check it with: build_dataset.py verify"
            )
    clips = plan(references, result.job, modes=result.modes, deterministic=result.deterministic)
    asked = asked_conditions(clips)
    check_log(Path(ANSWERS_GZ), result, submission.answers.values(), asked)
    missing = [key for key in asked if key not in submission.answers]
    if missing:
        raise ValueError(
            f"{ANSWERS_GZ}: {len(missing)} of {len(asked)} questions have no answer, the first is "
            f"{'/'.join(map(str, missing[0]))}; continue the run with the command that began it"
        )
    return clips


def check_whole_job(result: Result) -> None:
    """Refuse a job that asks less than the benchmark.

    Raises:
        ValueError: It is limited to some pairs, a shard, or some conditions.
    """
    job = result.job
    if job.limit is not None:
        raise ValueError(f"only {job.limit} pairs were asked about (--limit); the leaderboard takes whole results")
    if job.shard is not None:
        raise ValueError("this is a shard; put the shards together with: sseu merge")
    if job.conditions not in (None, "all") and not set(result.dataset.conditions) <= set(job.conditions or ()):
        raise ValueError(
            f"only the conditions {', '.join(job.conditions or ())} were asked about; leave --conditions out"
        )


def _read_answers(path: Path, limits: Limits, digest: Any) -> dict[Key, Answer]:
    answers: dict[Key, Answer] = {}
    with open_limited(path, limits.packed_bytes) as file:
        for number, line in enumerate(_lines(file, limits), 1):
            digest.update(line)
            if number > limits.answers:
                raise ValueError(f"{ANSWERS_GZ}: more than {limits.answers} answers; a whole result has fewer")
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
        raise ValueError(f"{place}: its text is no Unicode (lone surrogates)") from None
    except OverflowError:
        raise ValueError(f"{place}: a number is out of range") from None
    if answer.status != "ok":
        raise ValueError(f"{place}: status {answer.status}; a submission holds answers only")
    if answer.task not in TASKS.get(answer.mode, ()):  # type: ignore[call-overload]
        raise ValueError(f"{place}: no task {answer.task!r:.40} in the mode {answer.mode!r:.40}")
    if not 0 <= answer.run < limits.runs:
        raise ValueError(f"{place}: run {shown(answer.run)}; 0 to {limits.runs - 1} are taken")
    if answer.scores is not None and len(answer.scores) != _SCORE_COUNTS.get(answer.task):
        raise ValueError(f"{place}: {len(answer.scores)} scores for the task {answer.task}")
    if not all(_SHA256.fullmatch(text) for text in (answer.pcm_sha256, answer.prompt_sha256, answer.settings_sha256)):
        raise ValueError(f"{place}: a hash is not 64 hexadecimal digits")
    for name in ("latency_s", "input_tokens", "output_tokens"):
        value = getattr(answer, name)
        if value is not None and not 0 <= value < 1e12:  # also false for NaN
            raise ValueError(f"{place}: {name} is {shown(value)}")
    return answer


def _lines(file: BinaryIO, limits: Limits) -> Iterator[bytes]:
    """The lines of one gzip stream, never more unpacked than a block and a line."""
    unpacker = zlib.decompressobj(wbits=31)
    packed, rest, total = b"", b"", 0
    try:
        while not unpacker.eof:
            packed = packed or file.read(_BLOCK)
            block = unpacker.decompress(packed, _BLOCK)
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
        raise ValueError(f"{ANSWERS_GZ}: cut off; upload it again")
    if unpacker.unused_data or file.read(1):
        raise ValueError(f"{ANSWERS_GZ}: something follows the gzip stream; one stream is needed")
    if rest:
        raise ValueError(f"{ANSWERS_GZ}: its last line has no end")
