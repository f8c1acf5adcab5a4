"""One evaluation from start to end: dataset, system and job in, a results folder out.

    load -> plan -> (ask what has no answer yet -> log) -> score -> scores.json, result.json

The shell around the runner: it opens files, shows progress and writes; `run_model.py` only parses arguments.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sseu_dataset.parallel import worker_count
from sseu_dataset.records import CLIP_S, RATE_HZ
from sseu_metric.normalisers import DEFAULT_NORMALISER
from sseu_models.answer_log import FILE_NAME as ANSWERS
from sseu_models.answer_log import Answer, AnswerLog, Key, read_log, settle
from sseu_models.answer_scores import describe, score_answers
from sseu_models.job import ClipAsks, Job, Reference, plan, read_references
from sseu_models.prompts import PromptSet, load_prompts, prompt_sha256
from sseu_models.records import Json, System, Task, Traits
from sseu_models.results_folder import (
    RESULT,
    SCORES,
    Result,
    asked_conditions,
    check_log,
    check_same,
    job_of,
    job_record,
    packages,
    read_result,
    references_sha256,
    with_answers,
    write_file,
)
from sseu_models.runner import Asking, ask_all
from sseu_models.systems import make_system, source_of

if TYPE_CHECKING:
    import numpy as np
    from datasets import Dataset
    from numpy.typing import NDArray

    from sseu_models.frontends import Frontend

Announce = Callable[[str], None]


@dataclass(frozen=True)
class Request:
    """What a user asks for.

    Attributes:
        system: A name, see `systems.FORMS`; or a system of one's own.
        data: Dataset folder or Hub repository.
        out: Results folder.
        settings: Of the system.
        job: What to ask.
        revision: Of the Hub repository.
        frontend: See `frontends.make_frontend`.
        prompts: A prompt file in place of ours.
        embedder: For the scores, see `sseu_metric.make_embedder`.
        normalizer: For the scores.
        score: Write scores.json.
        fail_on: Stop at so many failed requests.
        workers: Threads that decode and resample; the cores by default.
        engine: `local`, or `ray` for copies of the system on a Ray cluster.
        actors: Number of copies on Ray.
        gpus_per_actor: GPUs of each.
    """

    system: str | System
    data: str
    out: Path
    settings: Mapping[str, Json] = field(default_factory=dict)
    job: Job = field(default_factory=Job)
    revision: str | None = None
    frontend: str | None = None
    prompts: Path | None = None
    embedder: str | None = None
    normalizer: str = DEFAULT_NORMALISER
    score: bool = True
    fail_on: int | None = None
    workers: int | None = None
    engine: str = "local"
    actors: int | None = None
    gpus_per_actor: float = 0.0


@dataclass(frozen=True)
class Opened:
    """Dataset, prompts, front end and system of a request, before anything is asked."""

    rows: Dataset
    references: list[Reference]
    prompts: PromptSet
    frontend: Frontend
    system: System
    source: dict[str, str]
    dataset: dict[str, Any]


def open_request(request: Request) -> Opened:
    """Load and check everything but the system itself, which is made and not started.

    Raises:
        DatasetError: The dataset cannot be loaded, or is not what its manifest says.
        ValueError: Unknown system, setting, front end or prompt file.
    """
    from sseu_dataset.loading import load, load_manifest
    from sseu_models.frontends import make_frontend

    prompts = load_prompts(request.prompts)
    rows = load(request.data, "all", request.revision)
    references = read_references(rows)
    system = request.system
    if isinstance(system, str):
        system = _make_system(request, system, references)
    manifest = load_manifest(request.data, request.revision)
    dataset = {
        "version": manifest.version,
        "recipe": manifest.recipe,
        "fingerprint": manifest.fingerprints["all"],
        "pairs": manifest.pairs,
        "references_sha256": references_sha256(references),
    }
    source = source_of(request.system) if isinstance(request.system, str) else {}
    return Opened(rows, references, prompts, make_frontend(request.frontend or "none", rows), system, source, dataset)


def _make_system(request: Request, spec: str, references: list[Reference]) -> System:
    if request.engine == "local":
        return make_system(spec, request.settings, references)
    if request.engine != "ray":
        raise ValueError(f"unknown engine {request.engine!r}; there are local, ray")
    from sseu_models.ray_engine import RaySystem

    return RaySystem(spec, request.settings, references, actors=request.actors, gpus_per_actor=request.gpus_per_actor)


def evaluate(request: Request, *, announce: Announce = lambda _: None, progress: bool = True) -> Result:
    """Ask every question that has no answer yet, then score.

    Raises:
        ValueError: Something in the request is wrong, or the folder holds answers that were made differently.
        SystemDownError: The system cannot answer.
        TooManyFailedError: `fail_on` requests failed.
        OSError: The disk is full, or the folder cannot be written; what was answered is kept.
    """
    _check_request(request)
    opened = open_request(request)
    request.out.mkdir(parents=True, exist_ok=True)
    stored = read_result(request.out) if (request.out / RESULT).exists() else None
    log_path = request.out / ANSWERS
    if stored is None and log_path.exists() and log_path.stat().st_size:
        raise ValueError(f"{request.out}: there is an {ANSWERS} without its {RESULT}; choose another --out")
    if stored is not None and (finished := _finished(request, opened, stored)) is not None:
        announce("every question has its answer already")
        result, clips, answers = finished
    else:
        result, clips, answers = asyncio.run(_ask(request, opened, stored, announce, progress))
    if request.score:
        result = _score(request, result, clips, answers, stored, progress)
    write_file(request.out / RESULT, result.to_json())
    return result


def _check_request(request: Request) -> None:
    """Refuse now what would otherwise be refused when every question has been asked."""
    from sseu_metric.embedders import EmbedderError, make_embedder
    from sseu_metric.normalisers import normaliser_version

    worker_count(request.workers)
    if request.fail_on is not None and request.fail_on < 1:
        raise ValueError(f"fail-on is {request.fail_on}; at least 1 is needed")
    normaliser_version(request.normalizer)
    with suppress(ImportError, EmbedderError):  # a system that only transcribes needs no embedder
        make_embedder(request.embedder)


_Answered = tuple[Result, list[ClipAsks], dict[Key, Answer]]


def _finished(request: Request, opened: Opened, stored: Result) -> _Answered | None:
    """The state of a folder in which nothing is left to ask, found without starting the system; else None."""
    modes: Any = stored.modes
    try:
        traits = opened.system.traits
    except (ValueError, RuntimeError):  # known after `start` only
        traits = Traits(rate_hz=None, modes=modes, deterministic=stored.deterministic, family=stored.family)
    settings = {**stored.settings, **opened.system.settings}
    try:
        clips = plan(opened.references, request.job, modes=traits.modes, deterministic=traits.deterministic)
        result = _make_result(request, opened, traits, settings)
        check_same(request.out, stored, result)
    except ValueError:  # `_ask` says what is wrong, once the system has said what it is
        return None
    asked = asked_conditions(clips)
    answers = _read_answers(request.out, result, asked)
    if any(key not in answers or answers[key].status != "ok" for key in asked):
        return None
    return with_answers(result, request.out / ANSWERS, asked, answers), clips, answers


def _read_answers(out: Path, result: Result, asked: Mapping[Key, str]) -> dict[Key, Answer]:
    path = out / ANSWERS
    if not path.exists():
        return {}
    answers = settle(read_log(path))
    check_log(path, result, answers.values(), asked)
    return answers


async def _ask(
    request: Request, opened: Opened, stored: Result | None, announce: Announce, progress: bool
) -> _Answered:
    with AnswerLog(request.out / ANSWERS) as log:
        try:
            await opened.system.start()
            return await _ask_started(request, opened, stored, log, announce, progress)
        finally:
            await opened.system.close()


async def _ask_started(
    request: Request, opened: Opened, stored: Result | None, log: AnswerLog, announce: Announce, progress: bool
) -> _Answered:
    from tqdm import tqdm

    system = opened.system
    traits = system.traits
    if traits.max_audio_s is not None and traits.max_audio_s < CLIP_S:
        raise ValueError(
            f"{system.id} hears at most {traits.max_audio_s:g} s of a clip, these have {CLIP_S} s; it would answer "
            "about a part. Choose a system that hears them whole, or one that states how it crops"
        )
    clips = plan(opened.references, request.job, modes=traits.modes, deterministic=traits.deterministic)
    result = _make_result(request, opened, traits, system.settings)
    if stored is not None:
        check_same(request.out, stored, result)
    asked = asked_conditions(clips)
    pending = _pending(clips, _read_answers(request.out, result, asked))
    write_file(request.out / RESULT, replace(result, incomplete=["not finished"]).to_json())
    questions = sum(len(clip.asks) for clip in pending)
    announce(f"{system.id}: {questions} questions to ask, {len(asked) - questions} answered already")
    failures: Counter[str] = Counter()
    with tqdm(total=questions, desc="asking", unit="answer", disable=None if progress else True, smoothing=0.05) as bar:

        def record(answer: Answer) -> None:
            log.append(answer)
            if answer.error is not None:
                failures[answer.error] += 1
                bar.set_postfix(failed=failures.total(), refresh=False)
            bar.update()

        asking = Asking(
            system=system,
            job=request.job,
            prompts=opened.prompts,
            settings_sha256=result.settings_sha256,
            read_audio=_reader(opened, traits),
            audio_per_task=opened.frontend.per_task,
            readers=worker_count(request.workers),
            fail_on=request.fail_on,
        )
        await ask_all(asking, pending, record)
    for error, count in failures.most_common(5):
        announce(f"failed {count} times: {error}")
    answers = _read_answers(request.out, result, asked)
    return with_answers(result, request.out / ANSWERS, asked, answers), clips, answers


def _pending(clips: Sequence[ClipAsks], answers: Mapping[Key, Answer]) -> list[ClipAsks]:
    """The clips with the questions that have no answer."""

    def is_open(clip: ClipAsks, mode: str, task: str, run: int) -> bool:
        answer = answers.get(Key(clip.reference["id"], mode, task, run))
        return answer is None or answer.status != "ok"

    remaining = [
        replace(clip, asks=tuple(ask for ask in clip.asks if is_open(clip, ask.mode, ask.task, ask.run)))
        for clip in clips
    ]
    return [clip for clip in remaining if clip.asks]


def _reader(opened: Opened, traits: Traits) -> Callable[[ClipAsks, Task], NDArray[np.float32]]:
    """Row -> front end (44.1 kHz) -> resampled to the system's rate (soxr VHQ)."""

    def read(clip: ClipAsks, task: Task) -> NDArray[np.float32]:
        samples = opened.frontend(opened.rows[clip.index], task)
        if traits.rate_hz in (None, RATE_HZ):
            return samples
        import soxr

        resampled: NDArray[np.float32] = soxr.resample(samples, RATE_HZ, traits.rate_hz, quality="VHQ")
        return resampled

    return read


def _make_result(request: Request, opened: Opened, traits: Traits, settings: Mapping[str, Json]) -> Result:
    told = {}
    for mode in request.job.modes:
        for task in traits.modes.get(mode, ()):
            prompt = opened.prompts.find(mode, task, traits.family)
            told[f"{mode}/{task}"] = {
                "id": prompt.id,
                "sha256": prompt_sha256(prompt),
                "source": prompt.source,
            }
    return Result(
        system=opened.system.id,
        settings=json.loads(json.dumps({**settings, **opened.source}, default=dict)),
        deterministic=traits.deterministic,
        modes={mode: list(tasks) for mode, tasks in traits.modes.items()},
        family=traits.family,
        frontend={"name": opened.frontend.name, "sha256": opened.frontend.sha256},
        prompts={"set": opened.prompts.id, "told": told},
        dataset=opened.dataset,
        data=request.data,
        revision=request.revision,
        packages=packages(),
        job=job_record(request.job),
    )


def _score(
    request: Request,
    result: Result,
    clips: Sequence[ClipAsks],
    answers: Mapping[Key, Answer],
    stored: Result | None,
    progress: bool,
) -> Result:
    """Write scores.json, unless the one that is there was made from the same answers in the same way."""
    scoring = {
        "embedder": request.embedder,
        "normalizer": request.normalizer,
        "answers_sha256": result.answers["sha256"],
        "packages": packages(),
    }
    path = request.out / SCORES
    made = None if stored is None or not path.exists() else {**scoring, "scores_sha256": _file_sha256(path)}
    if stored is None or made != stored.scoring or stored.job != result.job:
        scores = score_answers(
            clips, answers, embedder=request.embedder, normalizer=request.normalizer, progress=progress
        )
        described = describe(scores, clips, answers, normalizer=request.normalizer)
        write_file(path, json.dumps(described, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    return replace(result, scoring={**scoring, "scores_sha256": _file_sha256(path)})


def _file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def score_folder(
    folder: Path,
    *,
    data: str | None = None,
    embedder: str | None = None,
    normalizer: str | None = None,
    progress: bool = True,
) -> Result:
    """Score the answers of a results folder, as `evaluate` does, without its system.

    Args:
        folder: The results folder.
        data: Where the dataset is now; by default where the answers were made from.
        embedder: See `sseu_metric.make_embedder`; by default the one it was scored with.
        normalizer: One of `sseu_metric.normalisers.NORMALISERS`; by default the one it was scored with.
        progress: Show bars on a terminal.

    Raises:
        ValueError: It is no results folder, its log is damaged, or the dataset is not the one that was asked about.
    """
    stored = read_result(folder)
    clips, answers = read_answers(folder, stored, data=data)
    asked = asked_conditions(clips)
    result = with_answers(stored, folder / ANSWERS, asked, answers)
    embedder = embedder or stored.scoring.get("embedder")
    normalizer = normalizer or stored.scoring.get("normalizer") or DEFAULT_NORMALISER
    request = Request(stored.system, stored.data, folder, embedder=embedder, normalizer=normalizer)
    result = _score(request, result, clips, answers, None, progress)
    write_file(folder / RESULT, result.to_json())
    return result


def read_answers(folder: Path, stored: Result, *, data: str | None = None) -> tuple[list[ClipAsks], dict[Key, Answer]]:
    """The plan of a results folder and the answers that count in it.

    Raises:
        ValueError: The log is damaged, or the dataset is not the one that was asked about.
    """
    from sseu_dataset.loading import load, load_manifest

    place, revision = (stored.data, stored.revision) if data is None else (data, None)
    references = read_references(load(place, "all", revision))
    manifest = load_manifest(place, revision)
    found = {
        "version": manifest.version,
        "recipe": manifest.recipe,
        "fingerprint": manifest.fingerprints["all"],
        "references_sha256": references_sha256(references),
    }
    differing = [name for name, value in found.items() if stored.dataset[name] != value]
    if differing:
        lines = [f"  {name}: {stored.dataset[name]!r:.40} there, {found[name]!r:.40} in {place}" for name in differing]
        raise ValueError("\n".join([f"{folder} was asked about another dataset; give it with --data", *lines]))
    clips = plan(references, job_of(stored), modes=stored.modes, deterministic=stored.deterministic)  # type: ignore[arg-type]
    pcm = {row["id"]: row["pcm_sha256"] for row in references}
    asked = asked_conditions(clips)
    answers = _read_answers(folder, stored, asked)
    for answer in answers.values():
        if answer.pcm_sha256 != pcm[answer.id]:
            raise ValueError(
                f"{folder / ANSWERS}: {answer.id} was heard as {answer.pcm_sha256[:12]}, the dataset has "
                f"{pcm[answer.id][:12]}; give the dataset that was asked about with --data"
            )
    return clips, answers
