"""One evaluation from start to end: from dataset, system and job to a results folder.

    load -> plan -> (ask what has no answer yet -> log) -> score -> scores.json, result.json

The shell around the runner: it opens files, shows progress and writes; `sseu run` only parses arguments.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from sseu_dataset.files import UNFINISHED, write_atomically
from sseu_dataset.parallel import worker_count
from sseu_dataset.records import CLIP_S, RATE_HZ
from sseu_models.gpu_prices import gpus_in_use
from sseu_models.job import Key
from sseu_models.planning import PlannedClip, flatten, plan
from sseu_models.prompts import prompt_sha256
from sseu_models.records import Capabilities, Json
from sseu_models.results.folder import (
    ERRORS,
    RESULT,
    SCORES,
    check_same,
    check_unchanged,
    keep_traceback,
    packages,
    read_result,
)
from sseu_models.results.folder_scoring import read_logged, scores_json, with_answers, with_scores
from sseu_models.results.log import FILE_NAME as ANSWERS
from sseu_models.results.log import Answer, AnswerLog, read_log
from sseu_models.running.claims import check_deterministic
from sseu_models.running.clip_audio import clip_reader
from sseu_models.running.progress import Progress
from sseu_models.running.request import OpenedRequest, Request, check_request, open_request
from sseu_models.running.resume import check_restart, check_same_system, keep_valid, unanswered
from sseu_models.running.run_to_end import run_to_end
from sseu_models.running.runner import (
    FirstAnswers,
    RunContext,
    TooManyFailedError,
    ask_all,
    call_system,
    failure_kind,
)
from sseu_models.systems.content import public_value

if TYPE_CHECKING:
    from pathlib import Path

    from sseu_models.results.records import Result

Announce = Callable[[str], None]


def evaluate(request: Request, *, announce: Announce = lambda _: None, progress: bool = True) -> Result:
    """Ask every question that has no answer yet, then score.

    Raises:
        ValueError: Something in the request is wrong, or the folder holds answers to other questions or settings.
        ImportError, EmbedderError: The embedder that the scores will need is not available; nothing was asked.
        SystemDownError: The system cannot answer.
        TooManyFailedError: `fail_on` requests failed.
        NothingAnsweredError: The first requests all failed in the same way.
        OSError: The disk is full, or the folder cannot be written; what was answered is kept.
    """
    check_request(request)
    _check_folder(request.out)
    opened = open_request(request)
    try:
        request.out.mkdir(parents=True, exist_ok=True)
    except FileNotFoundError:  # of a file system that takes no folders, such as /proc
        raise ValueError(f"{request.out}: no folder can be made there; choose another --out") from None
    stored = read_result(request.out) if (request.out / RESULT).exists() else None
    log_path = request.out / ANSWERS
    if stored is None and log_path.exists() and log_path.stat().st_size:
        raise ValueError(f"{request.out}: there is an {ANSWERS} without its {RESULT}; choose another --out")
    anew = request.overwrite or request.restart_changed
    if stored is not None and not anew and (finished := _finished(opened, stored)) is not None:
        announce("every question has its answer already")
        result, clips, answers = finished
    else:
        result, clips, answers = run_to_end(_ask(opened, stored, announce, progress))
    result = with_answers(result, log_path, clips, answers, opened.dataset)
    if request.score:
        result = _score(opened, result, clips, answers, stored, progress)
    write_atomically(request.out / RESULT, result.to_json())
    return result


def _check_folder(out: Path) -> None:
    """Refuse a folder of something else; what a start that was stopped early has left is taken."""
    ours = {RESULT, ANSWERS, SCORES, ERRORS, f".{ANSWERS}.lock", RESULT + UNFINISHED}
    if out.is_dir() and not (out / RESULT).exists() and any(path.name not in ours for path in out.iterdir()):
        raise ValueError(f"{out}: not empty, and no results folder (there is no {RESULT} in it); choose another --out")


class _Answered(NamedTuple):
    """The answers that count of a run, with its plan and its result so far."""

    result: Result
    clips: list[PlannedClip]
    answers: dict[Key, Answer]


def _finished(opened: OpenedRequest, stored: Result) -> _Answered | None:
    """The state of a folder in which nothing is left to ask, found without starting the system; else None.

    Raises:
        ValueError: The folder holds answers of another run, by what the system says before it starts (its weights).
    """
    modes: Any = stored.modes
    try:
        capabilities = _capabilities(opened)
    except (ValueError, RuntimeError):  # known after `start` only
        capabilities = Capabilities(rate_hz=None, modes=modes, deterministic=stored.deterministic, family=stored.family)
    out = opened.request.out
    try:
        clips = _plan(opened, capabilities)
        result = _make_result(opened, capabilities, {**stored.settings, **opened.system.settings})
        result = result.replace(speed=stored.speed)
    except ValueError:  # `_ask` says what is wrong, once the system has said what it is
        return None
    if not _any_success(out / ANSWERS):
        return None
    check_same(out, stored, result)
    answers = read_logged(out, result, clips)
    check_unchanged(out, stored)
    return None if unanswered(clips, answers) else _Answered(result, clips, answers)


def _any_success(log: Path) -> bool:
    return log.exists() and any(answer.status == "ok" for answer in read_log(log))


async def _ask(opened: OpenedRequest, stored: Result | None, announce: Announce, progress: bool) -> _Answered:
    path = opened.request.out / ANSWERS
    with AnswerLog(path) as log:
        try:
            if stored is not None and opened.request.restart_changed and _any_success(path):
                check_same_system(opened.request.out, stored, opened.system.id)
            await call_system(opened.system, "start")
            # Failures alone: a system that was fixed meanwhile may start over.
            if stored is not None and (opened.request.overwrite or not _any_success(path)):
                log.clear()
                for name in (RESULT, SCORES, ERRORS):
                    (opened.request.out / name).unlink(missing_ok=True)
                stored = None
            return await _ask_started(opened, stored, log, announce, progress)
        finally:
            await call_system(opened.system, "close")


async def _ask_started(
    opened: OpenedRequest, stored: Result | None, log: AnswerLog, announce: Announce, progress: bool
) -> _Answered:
    from tqdm import tqdm

    from sseu_models.results.records import Speed

    request, system, capabilities = opened.request, opened.system, _capabilities(opened)
    if capabilities.max_audio_s is not None and capabilities.max_audio_s < CLIP_S:
        raise ValueError(
            f"{system.id} takes at most {capabilities.max_audio_s:g} s of a clip, these have {CLIP_S} s; it would "
            "answer about a part. Choose a system that takes them whole, or one that states how it crops"
        )
    clips = _plan(opened, capabilities)
    result = _make_result(opened, capabilities, system.settings)
    if stored is not None and request.restart_changed:
        check_restart(request.out, opened.dataset.references, stored, result, clips)
        announce(keep_valid(log, request.out / ANSWERS, result, clips))
        (request.out / SCORES).unlink(missing_ok=True)
    elif stored is not None:
        check_same(request.out, stored, result)
    logged = read_logged(request.out, result, clips)
    if stored is not None and not request.restart_changed:
        check_unchanged(request.out, stored)
    pending = unanswered(clips, logged)
    if request.score and _needs_embedder(clips, capabilities):
        from sseu_metric.embedders import make_embedder

        make_embedder(request.embedder)
    result = result.replace(speed=None if stored is None else stored.speed)
    write_atomically(request.out / RESULT, result.replace(incomplete=("not finished",)).to_json())
    asked, left = (sum(len(clip.questions) for clip in some) for some in (clips, pending))
    announce(f"{system.id}: {left} questions to ask, {asked - left} answered already")
    failures: Counter[str] = Counter()
    example_of: dict[str, str] = {}
    tracebacks: set[str] = set()
    came, begun_s = 0, time.monotonic()
    any_answer = any(answer.status == "ok" for answer in logged.values())
    first = FirstAnswers(0 if any_answer else request.give_up_after)
    async with Progress(left, shown=progress) as shown:

        def record(answer: Answer, traceback: str) -> None:
            nonlocal came
            came += answer.error is None
            safe = log.append(answer)
            if traceback and traceback not in tracebacks:
                tracebacks.add(traceback)
                keep_traceback(request.out, answer, traceback)
                if len(tracebacks) == 1:
                    tqdm.write(f"{traceback}(kept in {request.out / ERRORS})", file=sys.stderr)
            if answer.error is not None:
                kind = failure_kind(answer.error)
                failures[kind] += 1
                example_of.setdefault(kind, answer.error)
            shown.count(safe, failed=answer.error is not None)
            first.check(answer)

        context = RunContext(
            system=system,
            job=request.job,
            prompts=opened.prompts,
            settings_sha256=result.settings_sha256,
            read_audio=clip_reader(opened.dataset.rows, opened.frontend, capabilities.rate_hz or RATE_HZ),
            readers=worker_count(request.workers),
            fail_on=request.fail_on,
        )
        try:
            if capabilities.deterministic and pending:
                await check_deterministic(context, clips, logged, record)
                pending = unanswered(clips, read_logged(request.out, result, clips))
            await ask_all(context, pending, record)
            shown.count(log.sync(), failed=False)
        except TooManyFailedError as too_many:
            kept = f"; the traceback is in {request.out / ERRORS}" if tracebacks else ""
            raise type(too_many)(f"{too_many}{kept}") from None
    if came:
        speed = Speed(answers=came, wall_s=time.monotonic() - begun_s, gpus=gpus_in_use())
        result = result.replace(speed=speed.plus(result.speed))
    for kind, count in failures.most_common(5):
        announce(f"failed requests: {count}, with: {example_of[kind]}")
    return _Answered(result, clips, read_logged(request.out, result, clips))


def _capabilities(opened: OpenedRequest) -> Capabilities:
    """What the system states, unless the user knows better.

    Raises:
        ValueError, RuntimeError: It is not started, and says so only then.
    """
    stated = opened.system.capabilities
    return replace(stated, deterministic=False) if opened.request.not_deterministic else stated


def _plan(opened: OpenedRequest, capabilities: Capabilities) -> list[PlannedClip]:
    references = opened.dataset.references
    return plan(references, opened.request.job, modes=capabilities.modes, deterministic=capabilities.deterministic)


def _needs_embedder(clips: Sequence[PlannedClip], capabilities: Capabilities) -> bool:
    """Whether scenes or events will be scored from text; what cannot transcribe is a classifier and gives scores."""
    writes = "asr" in capabilities.modes.get("independent", ())
    return any(
        key.task == "all" or (writes and key.mode == "independent" and key.task != "asr") for _, key in flatten(clips)
    )


def _make_result(opened: OpenedRequest, capabilities: Capabilities, settings: Mapping[str, Json]) -> Result:
    from sseu_models.results.record import SCHEMA_VERSION
    from sseu_models.results.records import FrontendIdentity, Prompts, PromptTemplate, Result

    request, templates = opened.request, {}
    for mode in request.job.modes:
        for task in capabilities.modes.get(mode, ()):
            prompt = opened.prompts.find(mode, task, capabilities.family)
            templates[f"{mode}/{task}"] = PromptTemplate(
                id=prompt.id, sha256=prompt_sha256(prompt), source=prompt.source
            )
    return Result(
        system=opened.system.id,
        settings=json.loads(json.dumps(public_value({**settings, **opened.source}), default=dict)),
        deterministic=capabilities.deterministic,
        modes={mode: tuple(tasks) for mode, tasks in capabilities.modes.items()},
        family=capabilities.family,
        frontend=FrontendIdentity(name=opened.frontend.name, sha256=opened.frontend.sha256),
        prompts=Prompts(set=opened.prompts.id, templates=templates),
        dataset=opened.dataset.identity,
        data=request.data,
        revision=request.revision,
        packages=packages(),
        job=request.job,
        schema_version=SCHEMA_VERSION,
    )


def _score(
    opened: OpenedRequest,
    result: Result,
    clips: Sequence[PlannedClip],
    answers: Mapping[Key, Answer],
    stored: Result | None,
    progress: bool,
) -> Result:
    """Write scores.json, unless the one that is there was made from the same answers in the same way."""
    path, embedder, normalizer = opened.request.out / SCORES, opened.request.embedder, opened.normalizer
    same = stored is not None and (stored.job, stored.limitations) == (result.job, result.limitations)
    if stored is not None and same and path.exists():
        kept = with_scores(result, path.read_bytes(), embedder=embedder, normalizer=normalizer)
        if kept.scoring == stored.scoring:
            return kept
    scores = scores_json(
        result, opened.dataset, clips, answers, embedder=embedder, normalizer=normalizer, progress=progress
    )
    write_atomically(path, scores)
    return with_scores(result, scores, embedder=embedder, normalizer=normalizer)
