"""A results folder: `answers.jsonl` (raw outputs), `scores.json` (metrics), `result.json` (run metadata).

Where a system's own code raised, `errors.log` holds the tracebacks.

`result.json` is written before the first question, so that a stopped run can be identified, and again at the end. The
same command continues a folder, a larger job extends it. Answers of another system, prompt, setting, front end or
dataset are never mixed in; each difference is named.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from sseu_metric.conditions import ordered
from sseu_models.job import Key
from sseu_models.planning import PlannedClip, Reference, flatten, plan
from sseu_models.records import score_problem
from sseu_models.results.log import FILE_NAME as ANSWERS
from sseu_models.results.log import Answer

if TYPE_CHECKING:
    from pydantic import JsonValue

    from sseu_models.results.records import AnswerSummary, DatasetIdentity, Result
    from sseu_models.results.scores_file import ScoresFile

RESULT, SCORES, ERRORS = "result.json", "scores.json", "errors.log"
_PACKAGES = (
    "sseu-bench",
    "numpy",
    "soxr",
    "soundfile",
    "rapidfuzz",
    "whisper-normalizer",
    "openai",
    "torch",
    "transformers",
)
_MAX_SHOWN = 8


def packages() -> dict[str, str]:
    """The versions of the installed packages that can change a score."""
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def read_result(folder: Path) -> Result:
    """The result of a folder.

    Raises:
        ValueError: Not a results folder, or its `result.json` is damaged or of another version.
    """
    from sseu_models.results.record import parse_record
    from sseu_models.results.records import Result

    text = _read(folder / RESULT, f"{folder}: not a results folder (it has no {RESULT}); `sseu run` makes one")
    remedy = f"the answers are in {ANSWERS}; restore {RESULT}, or run again into another folder"
    return parse_record(Result, text, str(folder / RESULT), remedy)


def read_scores(folder: Path) -> ScoresFile:
    """The scores of a folder.

    Raises:
        ValueError: It was not scored, or its `scores.json` is damaged or of another version.
    """
    from sseu_models.results.record import parse_record
    from sseu_models.results.scores_file import ScoresFile

    remedy = f"make it with: sseu score {folder}"
    text = _read(folder / SCORES, f"{folder}: not scored (it has no {SCORES}); {remedy}")
    return parse_record(ScoresFile, text, str(folder / SCORES), remedy)


def _read(path: Path, absent: str) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise ValueError(absent) from None


def keep_traceback(folder: Path, answer: Answer, traceback: str) -> None:
    """Add the traceback behind a failed answer, or why a system was restarted, to the folder's `errors.log`."""
    with (folder / ERRORS).open("a", encoding="utf-8") as file:
        file.write(f"{'/'.join(map(str, answer.key))}: {answer.error or 'answered'}\n{traceback}\n")


def check_same(folder: Path, stored: Result, requested: Result) -> None:
    """Refuse to mix the answers in a folder with those of another run.

    Raises:
        ValueError: System, settings, front end, prompts, dataset or seed differ; each difference is named.
    """
    before, now = _identity(stored), _identity(requested)
    optional = {name for name in before.keys() ^ now.keys() if name.startswith("prompt ")}  # a job may add modes
    differing = [
        f"  {name}: {before.get(name, 'not set')} in the folder, {now.get(name, 'not set')} requested"
        for name in sorted((before.keys() | now.keys()) - optional)
        if before.get(name) != now.get(name)
    ]
    if differing:
        head = f"{folder} holds answers of a run that differs from the requested one; choose another --out"
        raise ValueError("\n".join([head, *differing[:_MAX_SHOWN]]))


def _identity(result: Result) -> dict[str, str]:
    """Everything that must be equal, by name, in short."""
    return {
        "system": result.system,
        "seed": str(result.job.seed),
        "front end": f"{result.frontend.name} {result.frontend.sha256[:12]}",
        **dict(_by_name("setting", result.settings)),
        **{f"prompt {name}": f"{one.id} {one.sha256[:12]}" for name, one in result.prompts.templates.items()},
        **{f"dataset {name}": value for name, value in samples_identity(result.dataset).items()},
    }


def _by_name(name: str, value: JsonValue | Mapping[str, JsonValue]) -> Iterator[tuple[str, str]]:
    """Settings and what they hold, by name: `setting weights sha256`."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _by_name(f"{name} {key}", item)
    else:
        yield name, str(value)


def samples_identity(dataset: DatasetIdentity) -> dict[str, str]:
    """What decides whether answers are about the same samples and are scored against the same references."""
    names = ("version", "recipe", "fingerprint")
    return {name: getattr(dataset, name) for name in names}


def asked_conditions(clips: Sequence[PlannedClip]) -> dict[Key, str]:
    """Every question of a plan, with the condition of its clip."""
    return {key: row["condition"] for row, key in flatten(clips)}


def check_log(path: Path, result: Result, answers: Iterable[Answer], clips: Sequence[PlannedClip]) -> None:
    """Refuse a log whose answers are not all of this result and about these clips, or that holds more than is asked.

    Raises:
        ValueError: Says which answer differs in what, or what the job leaves out.
    """
    templates, settings = result.prompts.templates, result.settings_sha256
    pcm = {key: row["pcm_sha256"] for row, key in flatten(clips)}
    heard: Counter[bool] = Counter()
    outside = []
    for answer in answers:
        if answer.key not in pcm:
            outside.append(answer.key)
        expected = {"system": result.system, "settings_sha256": settings}
        if template := templates.get(f"{answer.mode}/{answer.task}"):
            expected["prompt_sha256"] = template.sha256
        for name, value in expected.items():
            if (found := getattr(answer, name)) != value:
                raise ValueError(
                    f"{path}: the answer {'/'.join(map(str, answer.key))} has {name} {found!r:.60}, this run has "
                    f"{value!r:.60}; choose another --out"
                )
        if answer.status == "ok" and (problem := score_problem(answer.scores, answer.mode, answer.task)):
            raise ValueError(
                f"{path}: the answer {'/'.join(map(str, answer.key))} cannot be used: {problem}; correct the "
                "system and run it into another --out"
            )
        if answer.key in pcm and answer.pcm_sha256 not in (None, pcm[answer.key]):
            raise ValueError(
                f"{path}: the answer {'/'.join(map(str, answer.key))} is about samples with the SHA-256 "
                f"{answer.pcm_sha256}, the dataset's clip has {pcm[answer.key]}: the answers are about another "
                "dataset, or were edited; run the system on this dataset into another --out"
            )
        heard[answer.pcm_sha256 is not None] += 1
    refuse_outside(path, outside)
    if len(heard) > 1:
        raise ValueError(
            f"{path}: {heard[True]} answers are of a system that heard the clip and {heard[False]} of one that did not "
            "(pcm_sha256 is null): the answers are of two runs, or were edited; run the system into another --out"
        )


def refuse_outside(path: Path, keys: Iterable[Key]) -> None:
    """Refuse a log with answers to questions that a job does not ask.

    Raises:
        ValueError: There are any; the message counts them by mode and task.
    """
    if outside := Counter(f"{key.mode} {key.task}" for key in keys):
        parts = ", ".join(f"{count} of {name}" for name, count in outside.items())
        raise ValueError(
            f"{path} holds answers that this job does not ask for ({parts}): give at least the same modes, conditions, "
            "runs and limit, or choose another --out"
        )


def log_change(folder: Path, result: Result) -> str | None:
    """How the log differs from the one that the result describes, in words; a run that was stopped describes none."""
    log = folder / ANSWERS
    if not result.answers.asked or not log.exists() or (found := log_sha256(log)) == result.answers.sha256:
        return None
    return f"{ANSWERS} has the SHA-256 {found}, {RESULT} states {result.answers.sha256}"


def check_unchanged(folder: Path, result: Result) -> None:
    """Check that the log is the one that the result describes.

    Raises:
        ValueError: It is another one.
    """
    if (change := log_change(folder, result)) is not None:
        raise ValueError(
            f"{folder}: {change}: the answers were changed after the run; restore the file, or run the system into "
            "another --out"
        )


def log_sha256(log: Path) -> str:
    """The hash of a log; that of an empty one where there is none."""
    try:
        with log.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return hashlib.sha256().hexdigest()


def summarise_log(log: Path, asked: Mapping[Key, str], answers: Mapping[Key, Answer]) -> AnswerSummary:
    """Summarise the answers to what was asked (`asked_conditions`), with the hash of the log."""
    import numpy as np

    from sseu_models.results.records import AnswerSummary

    by_condition: dict[str, Counter[str]] = {}
    for key, condition in asked.items():
        status = answers[key].status if key in answers else "missing"
        by_condition.setdefault(condition, Counter())[status] += 1
    counted = [answers[key] for key in asked if key in answers]
    ok = [answer for answer in counted if answer.status == "ok"]
    latencies_s = [answer.latency_s for answer in ok if answer.latency_s is not None]
    median_s, late_s = np.percentile(latencies_s, [50, 95]) if latencies_s else (None, None)
    return AnswerSummary(
        sha256=log_sha256(log),
        asked=len(asked),
        ok=len(ok),
        failed=len(counted) - len(ok),
        by_condition={name: dict(by_condition[name]) for name in ordered(by_condition)},
        cut_short=sum(answer.finish_reason == "length" for answer in ok),
        input_tokens=sum(answer.input_tokens or 0 for answer in ok),
        output_tokens=sum(answer.output_tokens or 0 for answer in ok),
        latency_median_s=None if median_s is None else round(float(median_s), 3),
        restarted=sum(answer.restarted is not None for answer in ok),
        latency_95_s=None if late_s is None else round(float(late_s), 3),
    )


def why_incomplete(
    result: Result, references: Sequence[Reference], asked: Mapping[Key, str], unanswered: int
) -> tuple[str, ...]:
    """Why a result is not the whole benchmark in its modes; empty if it is.

    What was `asked` (`asked_conditions`) is compared with what the same modes ask of the whole dataset: every pair,
    every condition that counts.
    """
    job = result.job
    whole_job = replace(job, conditions=None, limit=None, shard=None, probe_noise=False, runs=result.runs, lite=None)
    whole = asked_conditions(plan(references, whole_job, modes=result.modes, deterministic=result.deterministic))
    left_out = whole.keys() - asked.keys()
    reasons = []
    if unanswered:
        reasons.append(f"{unanswered} of {len(asked)} questions have no answer")
    if left_out and job.limit is not None and job.limit < result.dataset.pairs:
        reasons.append(f"limited to {job.limit} pair{'s' if job.limit > 1 else ''}")
    if left_out and job.shard is not None:
        reasons.append(f"shard {job.shard[0]} of {job.shard[1]}")
    if job.lite is not None:
        reasons.append(f"lite: an estimate from {len(asked):,} of {len(whole):,} questions")
        return tuple(reasons)
    parts = [{(key.mode, key.task, condition) for key, condition in some.items()} for some in (whole, asked)]
    if parts[0] - parts[1]:
        reasons.append(f"only the conditions {', '.join(ordered(asked.values()))}")
    if left_out and len(reasons) == bool(unanswered):
        reasons.append(f"{len(left_out)} of {len(whole)} questions were not asked")
    return tuple(reasons)
