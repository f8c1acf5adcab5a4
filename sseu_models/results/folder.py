"""A results folder: `answers.jsonl` (what was said), `scores.json` (what it is worth), `result.json` (how it came).

`result.json` is written before the first question, so that a stopped run knows what it was, and again at the end. A
folder grows: the same command continues it, a larger job extends it. Whatever would mix answers that were made
differently is refused by name.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sseu_metric.conditions import ordered
from sseu_models.job import FINITE, ClipAsks, Job, flatten
from sseu_models.results.log import FILE_NAME as ANSWERS
from sseu_models.results.log import Answer, Key
from sseu_models.results.scoring import averages

RESULT, SCORES = "result.json", "scores.json"
SCHEMA = 1
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
_SHOWN = 8
DATASET_KEYS = ("version", "recipe", "fingerprint", "references_sha256")
_OBJECTS = ("settings", "modes", "frontend", "prompts", "dataset", "job", "scoring", "answers", "packages")
_NEEDED = {
    "frontend": ("name", "sha256"),
    "prompts": ("set", "templates"),
    "dataset": (*DATASET_KEYS, "pairs"),
    "job": ("modes", "conditions", "runs", "limit", "shard", "probe_noise", "seed"),
}


@dataclass(frozen=True)
class Result:
    """Everything needed to check a claim (DESIGN section 4).

    Attributes:
        system: Id of the system.
        settings: Its own.
        deterministic: It was asked once.
        modes: What it can answer.
        family: Whose prompts it got.
        frontend: Name and SHA-256 of what changed the audio.
        prompts: Id of the set; for each mode and task the prompt's id, hash and source.
        dataset: Version, recipe, fingerprint, number of pairs, and the SHA-256 of what is scored against.
        data: Where the audio was read (a folder or a Hub repository).
        revision: Of the Hub repository, as it was asked for.
        job: What was asked.
        scoring: Embedder and normaliser asked for, hashes of the answers and of scores.json, versions.
        answers: SHA-256 of the log, how many questions were asked, answered and failed, tokens and latency.
        incomplete: Why the result is not the whole benchmark; empty if it is.
        packages: Versions that took part in asking.
        schema: Of this file.
    """

    system: str
    settings: Mapping[str, Any]
    deterministic: bool
    modes: Mapping[str, Sequence[str]]
    family: str
    frontend: Mapping[str, str]
    prompts: Mapping[str, Any]
    dataset: Mapping[str, Any]
    data: str
    job: Mapping[str, Any]
    revision: str | None = None
    scoring: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    incomplete: Sequence[str] = ()
    packages: Mapping[str, str] = field(default_factory=dict)
    schema: int = SCHEMA

    @property
    def settings_sha256(self) -> str:
        """What stands beside every answer: the hash of system, settings, front end and seed."""
        return settings_sha256(self.system, self.settings, self.frontend, self.job["seed"])

    def to_json(self) -> str:
        """The text of the file."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"


def settings_sha256(system: str, settings: Mapping[str, Any], frontend: Mapping[str, str], seed: int) -> str:
    """SHA-256 of everything beside prompt and audio that decides an answer."""
    values = {"system": system, "settings": settings, "frontend": frontend, "seed": seed}
    return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def job_record(job: Job) -> dict[str, Any]:
    """A job as JSON values."""
    return json.loads(json.dumps(asdict(job)))  # type: ignore[no-any-return]  # tuples become lists


def job_of(result: Result) -> Job:
    """The job of a stored result."""
    values = dict(result.job)
    for name in ("modes", "conditions", "shard"):
        if values[name] is not None:
            values[name] = tuple(values[name])
    return Job(**values)


def packages() -> dict[str, str]:
    """The versions of the installed packages that can change a figure."""
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
        ValueError: It is no results folder, or one of another schema.
    """
    values = _read_json(folder / RESULT, f"{folder}: no results folder", f"the run's answers are in {ANSWERS}")
    try:
        result = Result(**values)
    except TypeError as error:
        raise ValueError(f"{folder / RESULT}: not a result ({error})") from None
    for name in _OBJECTS:
        value = getattr(result, name)
        missing = [key for key in _NEEDED.get(name, ()) if not isinstance(value, dict) or key not in value]
        if not isinstance(value, dict) or missing:
            raise ValueError(f"{folder / RESULT}: not a result ({name} is {value!r:.60}, missing {missing})")
    return result


def read_scores(folder: Path) -> dict[str, Any]:
    """The content of `scores.json`.

    A file of an older version does not say what its averages are over; that follows from its runs and is filled in.

    Raises:
        ValueError: There is none, or it is broken or of another schema.
    """
    remedy = f"make it with: python run_model.py score {folder}"
    scores = _read_json(folder / SCORES, f"{folder}: not scored; {remedy}", remedy)
    try:
        for figures in scores["modes"].values():
            if "averages" not in figures:
                figures["averages"] = averages(figures["by_run"])
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"{folder / SCORES}: not scores ({type(error).__name__}: {error}); {remedy}") from None
    return scores


def _read_json(path: Path, absent: str, broken: str) -> dict[str, Any]:
    """The object in a file of this version's schema; the last two say what to do where there is none."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(f"{absent} (there is no {path.name} in it)") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: not JSON ({error}); {broken}") from None
    schema = values.get("schema") if isinstance(values, dict) else None
    if schema != SCHEMA:
        raise ValueError(f"{path}: schema {schema!r}, this version reads {SCHEMA}")
    return values  # type: ignore[no-any-return]


def write_file(path: Path, text: str) -> None:
    """Write a small file so that a kill leaves the old one or the new one."""
    unfinished = path.with_name(path.name + ".partial")
    unfinished.write_text(text, encoding="utf-8")
    os.replace(unfinished, path)


def check_same(folder: Path, stored: Result, asked: Result) -> None:
    """Refuse to put answers of one kind beside answers of another.

    Raises:
        ValueError: System, settings, front end, prompts, dataset or seed differ; each difference is named.
    """
    mine, theirs = _identity(asked), _identity(stored)
    differing = [name for name in sorted({*mine, *theirs}) if mine.get(name, "-") != theirs.get(name, "-")]
    differing = [name for name in differing if not name.startswith("prompt ") or name in mine.keys() & theirs.keys()]
    if differing:
        lines = [f"  {name}: {theirs.get(name, '-')} there, {mine.get(name, '-')} now" for name in differing[:_SHOWN]]
        raise ValueError(
            "\n".join([f"{folder} holds answers that were made differently; choose another --out", *lines])
        )


def _identity(result: Result) -> dict[str, str]:
    """Everything that must be equal, by name, in short."""
    values = {"system": result.system, "seed": result.job["seed"]}
    values |= {f"setting {name}": value for name, value in result.settings.items()}
    values |= {"front end": f"{result.frontend['name']} {result.frontend['sha256'][:12]}"}
    values |= {
        f"prompt {name}": f"{told['id']} {told['sha256'][:12]}" for name, told in result.prompts["templates"].items()
    }
    values |= {f"dataset {name}": result.dataset[name] for name in DATASET_KEYS}
    return {name: str(value) for name, value in values.items()}


def asked_conditions(clips: Sequence[ClipAsks]) -> dict[Key, str]:
    """Every question of a plan, with the condition of its clip."""
    return {Key(row["id"], ask.mode, ask.task, ask.run): row["snr"] for row, ask in flatten(clips)}


def check_log(path: Path, result: Result, answers: Iterable[Answer], asked: Mapping[Key, str]) -> None:
    """Refuse a log whose answers are not all of this result, or that holds more than is asked for now.

    Raises:
        ValueError: Says which answer differs in what, or what the job leaves out.
    """
    told = {name: prompt["sha256"] for name, prompt in result.prompts["templates"].items()}
    settings = result.settings_sha256
    outside: dict[tuple[str, str], int] = {}
    for answer in answers:
        expected = {
            "system": result.system,
            "settings_sha256": settings,
            "prompt_sha256": told.get(f"{answer.mode}/{answer.task}", answer.prompt_sha256),
        }
        for name, value in expected.items():
            if getattr(answer, name) != value:
                raise ValueError(
                    f"{path}: the answer {'/'.join(map(str, answer.key))} was made with {name} "
                    f"{getattr(answer, name)!r:.60}, this run has {value!r:.60}; choose another --out"
                )
        if answer.key not in asked:
            part = (answer.mode, answer.task)
            outside[part] = outside.get(part, 0) + 1
    if outside:
        parts = ", ".join(f"{count} of {mode} {task}" for (mode, task), count in outside.items())
        raise ValueError(
            f"{path} holds answers that are not asked for now ({parts}): give at least the same modes, conditions, "
            "runs and limit, or choose another --out"
        )


def with_answers(result: Result, log: Path, asked: Mapping[Key, str], answers: Mapping[Key, Answer]) -> Result:
    """The result with what its log holds, and why it is incomplete if it is."""
    import numpy as np

    counted = [answers[key] for key in asked if key in answers]
    by_condition: dict[str, Counter[str]] = {}
    for key, condition in asked.items():
        status = answers[key].status if key in answers else "missing"
        by_condition.setdefault(condition, Counter())[status] += 1
    ok = [answer for answer in counted if answer.status == "ok"]
    latencies_s = [answer.latency_s for answer in ok if answer.latency_s is not None]
    with log.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    job = result.job
    incomplete = []
    if len(ok) < len(asked):
        incomplete.append(f"{len(asked) - len(ok)} of {len(asked)} questions have no answer")
    if job["limit"] is not None and job["limit"] < result.dataset["pairs"]:
        incomplete.append(f"limited to {job['limit']} pairs")
    if job["shard"] is not None:
        incomplete.append(f"shard {job['shard'][0]} of {job['shard'][1]}")
    if job["conditions"] is not None and not _needed_conditions(job["modes"], result.modes) <= {*job["conditions"]}:
        incomplete.append(f"only the conditions {', '.join(job['conditions'])}")
    summary: dict[str, Any] = {
        "sha256": sha256,
        "asked": len(asked),
        "ok": len(ok),
        "failed": len(counted) - len(ok),
        "by_condition": {name: dict(by_condition[name]) for name in ordered(by_condition)},
        "cut_short": sum(answer.finish_reason == "length" for answer in ok),
        "input_tokens": sum(answer.input_tokens or 0 for answer in ok),
        "output_tokens": sum(answer.output_tokens or 0 for answer in ok),
    }
    if latencies_s:
        median, late = np.percentile(latencies_s, [50, 95])
        summary |= {"latency_median_s": round(float(median), 3), "latency_95_s": round(float(late), 3)}
    return replace(result, answers=summary, incomplete=incomplete)


def _needed_conditions(modes: Sequence[str], tasks: Mapping[str, Sequence[str]]) -> set[str]:
    """The conditions that the paper asks in these modes."""
    needed = set(FINITE)
    for task in {task for mode in modes for task in tasks.get(mode, ())}:
        needed |= {"asr": {"+inf"}, "asc": {"-inf"}, "at": {"-inf"}}.get(task, set())
    return needed
