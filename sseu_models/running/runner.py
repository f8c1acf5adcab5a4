"""The runner: every question of a plan reaches the system once, and every answer the log.

    plan -> decode and resample (threads) -> batches (bounded queue) -> system (bounded in flight) -> `record`

It knows neither scores nor files. Whatever happens, what `record` has taken is kept; nothing is asked twice at a time.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from sseu_models.job import Ask, ClipAsks, Job, seed_of
from sseu_models.prompts import PromptSet, prompt_sha256
from sseu_models.records import LABELS, Prompt, Question, Reply, System, SystemDownError, Task
from sseu_models.results.log import MAX_SCORE, Answer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_ERROR_CHARACTERS = 500
_TRACEBACK = "\nTraceback (most recent call last):"


class TooManyFailedError(RuntimeError):
    """More requests failed than the caller tolerates."""


@dataclass(frozen=True)
class Asking:
    """What does not change between questions.

    Attributes:
        system: Who is asked; started.
        job: For the seeds.
        prompts: What it is told.
        settings_sha256: Goes with every answer.
        read_audio: The samples of a clip for a task, at the system's rate; called in threads.
        audio_per_task: The front end reads the task, so a clip is prepared for each.
        readers: Threads that decode and resample.
        fail_on: Stop at so many failed requests; None goes on.
        give_up_after: Stop where the first so many questions all failed with the same error; None goes on.
    """

    system: System
    job: Job
    prompts: PromptSet
    settings_sha256: str
    read_audio: Callable[[ClipAsks, Task], NDArray[np.float32]]
    audio_per_task: bool = False
    readers: int = 2
    fail_on: int | None = None
    give_up_after: int | None = None


Recorder: TypeAlias = Callable[[Answer, str], Any]
"""Takes each answer as it comes, and the traceback behind its error; empty where there is none."""

_Item = tuple[ClipAsks, Ask, Question]


async def ask_all(asking: Asking, clips: Sequence[ClipAsks], record: Recorder) -> None:
    """Ask every question of the clips and pass each answer to `record` as it comes.

    Raises:
        SystemDownError: The system cannot answer any more; answers still on their way are dropped.
        TooManyFailedError: `fail_on` requests have failed, or the first `give_up_after` questions failed alike.
        ValueError: A clip cannot be read or the front end failed; the message names it.
    """
    batches: asyncio.Queue[list[_Item] | None] = asyncio.Queue(maxsize=2)
    failed, last = 0, ""
    first_errors: list[str | None] = []
    consumers = asking.system.capabilities.in_flight
    told = _Told(asking)

    async def produce() -> None:
        async with aclosing(_batches(asking, clips, told)) as made:
            async for batch in made:
                await batches.put(batch)
        for _ in range(consumers):
            await batches.put(None)

    async def consume() -> None:
        nonlocal failed, last
        while (batch := await batches.get()) is not None:
            begun_s = time.perf_counter()
            replies = await _replies(asking.system, [question for _, _, question in batch])
            latency_s = round(time.perf_counter() - begun_s, 4)
            for (clip, ask, question), reply in zip(batch, replies, strict=True):
                answer = _answer(asking, clip, ask, told.sha256(question.prompt), reply, latency_s)
                record(answer, _traceback_of(reply))
                if answer.error is not None:
                    failed, last = failed + 1, answer.error
                if len(first_errors) < (asking.give_up_after or 0):
                    first_errors.append(answer.error)
                    _check_first(first_errors, asking)
            if asking.fail_on is not None and failed >= asking.fail_on:
                raise TooManyFailedError(f"{failed} requests failed, the last with: {last}")

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(produce())
            for _ in range(consumers):
                group.create_task(consume())
    except* Exception as errors:
        raise _first(errors) from None


def _check_first(errors: Sequence[str | None], asking: Asking) -> None:
    if len(errors) == asking.give_up_after and errors[0] is not None and len(set(errors)) == 1:
        raise TooManyFailedError(
            f"the first {len(errors)} questions failed with the same error: {errors[0]}. Fix it and run again"
        )


def _traceback_of(reply: Reply) -> str:
    """The traceback that follows the error of a system's own code."""
    _, head, traceback = (reply.error or "").partition(_TRACEBACK)
    return head.strip("\n") + traceback


async def call_system(system: System, method: str, *arguments: Any) -> Any:
    """What a method of a system returns.

    Raises:
        SystemDownError: Whatever it raises, under the system's name; `sys.exit` in a user's system counts too.
    """
    try:
        return await getattr(system, method)(*arguments)
    except SystemDownError:
        raise
    except (Exception, SystemExit) as error:
        raise SystemDownError(
            f"{system.id} failed with {type(error).__name__}: {error}; mend its `{method}`"
        ) from error


async def _replies(system: System, questions: list[Question]) -> list[Reply]:
    """What a system answers, one reply for each question."""
    replies = await call_system(system, "answer", questions)
    if not isinstance(replies, list) or len(replies) != len(questions):
        count = len(replies) if isinstance(replies, list) else type(replies).__name__
        raise SystemDownError(f"{system.id} gave {count} replies to {len(questions)} questions; mend its `answer`")
    return replies


def _first(error: BaseException) -> BaseException:
    """The first error of a group that ended it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


class _Told:
    """The prompt of each mode and task, and its hash, looked up once."""

    def __init__(self, asking: Asking) -> None:
        self._prompts = asking.prompts
        self._family = asking.system.capabilities.family
        self._found: dict[tuple[str, str], Prompt] = {}
        self._hashes: dict[Prompt, str] = {}

    def prompt(self, ask: Ask) -> Prompt:
        key = (ask.mode, ask.task)
        if key not in self._found:
            self._found[key] = self._prompts.find(ask.mode, ask.task, self._family)
        return self._found[key]

    def sha256(self, prompt: Prompt) -> str:
        if prompt not in self._hashes:
            self._hashes[prompt] = prompt_sha256(prompt)
        return self._hashes[prompt]


async def _batches(asking: Asking, clips: Sequence[ClipAsks], told: _Told) -> AsyncGenerator[list[_Item], None]:
    """Questions of one mode and task together, so that a batch's answers are of like length."""
    size = asking.system.capabilities.batch_size
    waiting: defaultdict[tuple[str, str], list[_Item]] = defaultdict(list)
    async with aclosing(_heard(asking, clips)) as heard:
        async for clip, audio in heard:
            for ask in clip.asks:
                samples = audio.get(ask.task if asking.audio_per_task else "all")
                clip_id = clip.reference["id"]
                seed = seed_of(asking.job, clip_id, ask)
                question = Question(clip_id, samples, ask.task, ask.mode, told.prompt(ask), seed)
                batch = waiting[ask.mode, ask.task]
                batch.append((clip, ask, question))
                if len(batch) == size:
                    yield waiting.pop((ask.mode, ask.task))
    for batch in waiting.values():
        yield batch


async def _heard(
    asking: Asking, clips: Sequence[ClipAsks]
) -> AsyncGenerator[tuple[ClipAsks, dict[Task, NDArray[np.float32]]], None]:
    """Each clip with its samples, read ahead in threads; one entry, `all`, unless the front end reads the task."""
    if asking.system.capabilities.rate_hz is None:
        for clip in clips:
            yield clip, {}
        return

    def read(clip: ClipAsks) -> dict[Task, NDArray[np.float32]]:
        tasks: list[Task] = list(dict.fromkeys(ask.task for ask in clip.asks)) if asking.audio_per_task else ["all"]
        return {task: asking.read_audio(clip, task) for task in tasks}

    loop = asyncio.get_running_loop()
    pool = ThreadPoolExecutor(asking.readers, "read-audio")
    ahead: deque[tuple[ClipAsks, asyncio.Future[dict[Task, NDArray[np.float32]]]]] = deque()
    upcoming = iter(clips)
    try:
        while True:
            for clip in islice(upcoming, 2 * asking.readers - len(ahead)):
                ahead.append((clip, loop.run_in_executor(pool, read, clip)))
            if not ahead:
                return
            clip, audio = ahead.popleft()
            yield clip, await audio
    finally:
        for _, future in ahead:  # nobody waits for them any more, whatever becomes of them
            future.add_done_callback(lambda done: done.cancelled() or done.exception())
        pool.shutdown(wait=False, cancel_futures=True)


def _answer(asking: Asking, clip: ClipAsks, ask: Ask, told_sha256: str, reply: Reply, latency_s: float) -> Answer:
    error = reply.error
    if reply.scores is not None:
        labels = len(LABELS.get(ask.task, ()))
        if not labels or len(reply.scores) != labels or not all(abs(score) < MAX_SCORE for score in reply.scores):
            error = f"{labels} finite scores are needed for {ask.task}, not {reply.scores!r}"
    return Answer(
        id=clip.reference["id"],
        pcm_sha256=clip.reference["pcm_sha256"],
        mode=ask.mode,
        task=ask.task,
        run=ask.run,
        system=asking.system.id,
        prompt_sha256=told_sha256,
        settings_sha256=asking.settings_sha256,
        status="ok" if error is None else "failed",
        text=reply.text,
        scores=None if error is not None or reply.scores is None else tuple(map(float, reply.scores)),
        error=None if error is None else error.partition(_TRACEBACK)[0][:_ERROR_CHARACTERS],
        finish_reason=reply.finish_reason,
        latency_s=latency_s,
        input_tokens=reply.input_tokens,
        output_tokens=reply.output_tokens,
    )
