"""The runner: sends every question of a plan to the system once and passes every answer on.

    plan -> decode and resample (threads) -> batches (bounded queue) -> system (bounded in flight) -> `record`

It knows neither scores nor files. Whatever happens, what `record` has taken is kept; no question is in flight twice.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any, TypeAlias

from sseu_models.job import Job, Key
from sseu_models.planning import PlannedClip, seed_of
from sseu_models.private_paths import without_paths
from sseu_models.prompts import PromptSet, prompt_sha256
from sseu_models.records import Question, Reply, System, SystemDownError, Task, score_problem
from sseu_models.results.log import Answer
from sseu_models.running.clip_audio import NO_AUDIO, AudioReader, ClipAudio
from sseu_models.systems.seeding import seeded_for
from sseu_models.user_modules import reply_of

_ERROR_CHARACTERS = 500
_TRACEBACK = "\nTraceback (most recent call last):"


# What differs between two failures of one kind: numbers, ids, times, and long words such as echoes of the audio.
_VARYING = re.compile(r"\S*\d\S*|\S{24,}")


def failure_kind(error: str) -> str:
    """What failures of one kind have in common: an HTTP status, and the words without numbers and ids."""
    status, _, words = error.partition(" ")
    return f"{status} {_VARYING.sub('#', words)}"


MAX_ANSWER_CHARACTERS = 1_000_000
"""A longer answer has failed: what floods is not read, and 10 s of audio say less."""


class TooManyFailedError(RuntimeError):
    """More requests failed than the caller tolerates."""


class NothingAnsweredError(TooManyFailedError):
    """The first requests all failed in the same way, so it is to be expected that all of them will."""


class FirstAnswers:
    """A watch on the first answers of a run, over all its tasks and modes."""

    def __init__(self, count: int) -> None:
        """Watch the first `count` answers."""
        self._count = self._left = count
        self._kind = ""

    def check(self, answer: Answer) -> None:
        """Take the next answer. One that a content filter stopped does not count, neither way.

        Raises:
            NothingAnsweredError: It is the last of them, and all failed with the same status and words.
        """
        error = answer.error
        if not self._left or answer.finish_reason == "content_filter":
            return
        kind = failure_kind(error) if error else ""
        if not kind or kind != (self._kind or kind):
            self._left = 0
            return
        self._kind, self._left = kind, self._left - 1
        if not self._left:
            raise NothingAnsweredError(
                f"the first {self._count} questions failed in the same way: {error}. Fix it and run again"
            )


@dataclass(frozen=True)
class RunContext:
    """What does not change between questions.

    Attributes:
        system: The system, started.
        job: The job, for the seeds of the questions.
        prompts: The prompt set.
        settings_sha256: Hash of the system's settings; goes with every answer.
        read_audio: The audio of a clip, at the system's rate (`clip_audio.clip_reader`); not called for a system
            without audio input.
        readers: Threads that decode and resample.
        fail_on: Stop after this many failed requests; None never stops.
    """

    system: System
    job: Job
    prompts: PromptSet
    settings_sha256: str
    read_audio: AudioReader
    readers: int = 2
    fail_on: int | None = None


Recorder: TypeAlias = Callable[[Answer, str], Any]
"""Takes each answer as it comes, and what else there is to keep of it: the traceback or full text of its error.

What it raises ends the run.
"""

_Item = tuple[Key, ClipAudio, Question]
_AudioByTask = Mapping[Task, ClipAudio]


async def ask_all(context: RunContext, clips: Sequence[PlannedClip], record: Recorder) -> None:
    """Ask every question of the clips and pass each answer to `record` as it comes.

    Raises:
        SystemDownError: The system cannot answer any more; answers still on their way are dropped.
        TooManyFailedError: `fail_on` requests have failed.
        ValueError: A clip cannot be read or the front end failed; the message names it.
    """
    consumers = context.system.capabilities.in_flight
    # As many batches wait as are in flight: answers that come at one moment find the next questions ready.
    batches: asyncio.Queue[list[_Item] | None] = asyncio.Queue(maxsize=1 + consumers)
    failed, last = 0, ""
    hash_of = cache(prompt_sha256)

    async def produce() -> None:
        async with aclosing(_batches(context, clips)) as made:
            async for batch in made:
                await batches.put(batch)
        for _ in range(consumers):
            await batches.put(None)

    async def consume() -> None:
        nonlocal failed, last
        while (batch := await batches.get()) is not None:
            begun_s = time.perf_counter()
            replies = await _replies(context.system, [question for _, _, question in batch])
            latency_s = round(time.perf_counter() - begun_s, 4)
            for (key, audio, question), reply in zip(batch, replies, strict=True):
                answer = _answer(context, key, audio, hash_of(question.prompt), reply, latency_s)
                record(answer, _traceback_of(reply))
                if answer.error is not None:
                    failed, last = failed + 1, answer.error
            if context.fail_on is not None and failed >= context.fail_on:
                raise TooManyFailedError(f"{failed} requests failed, the last with: {last}")

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(produce())
            for _ in range(consumers):
                group.create_task(consume())
    except ExceptionGroup as errors:  # not `except*`: early 3.11 wraps what is raised there in a group again
        raise errors.exceptions[0] from None


def _traceback_of(reply: Reply) -> str:
    """What the folder's `errors.log` holds: a traceback, an error that names folders of this machine, a restart."""
    if reply.error is None:
        return f"the system was restarted for this answer: {reply.restarted}\n" if reply.restarted else ""
    error, head, traceback = reply.error.partition(_TRACEBACK)
    return head.strip("\n") + traceback or (error + "\n" if without_paths(error) != error else "")


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
        raise SystemDownError(f"{system.id} failed with {type(error).__name__}: {error}; fix its `{method}`") from error


async def _replies(system: System, questions: list[Question]) -> list[Reply]:
    """One reply for each question; what a system raises is the error of the question that makes it do so."""
    raised = False
    try:
        with seeded_for(system, questions):
            replies: Any = await system.answer(questions)
    except SystemDownError:
        raise
    except (Exception, SystemExit) as error:
        if "CUDA error" in str(error):  # every later call on the device fails too
            raise SystemDownError(f"{system.id} failed with {type(error).__name__}: {error}; run it again") from error
        raised, replies = True, [reply_of(system.id, error)]
    if raised and len(questions) > 1:  # each alone finds the one
        return [reply for question in questions for reply in await _replies(system, [question])]
    if not isinstance(replies, list) or len(replies) != len(questions):
        what = f"a list of {len(replies)}" if isinstance(replies, list) else type(replies).__name__
        raise SystemDownError(
            f"{system.id} returned {what} for {len(questions)} questions; its `answer` must return a list with one "
            "Reply for each"
        )
    return [reply if isinstance(reply, Reply) else Reply(error=_no_reply(system, reply)) for reply in replies]


def _no_reply(system: System, returned: object) -> str:
    return (
        f"{system.id} returned {type(returned).__name__} for a question; its `answer` must return a Reply for each, "
        "such as Reply(text=...)"
    )


async def _batches(context: RunContext, clips: Sequence[PlannedClip]) -> AsyncGenerator[list[_Item], None]:
    """Questions of one mode and task together, so that a batch's answers are of like length."""
    capabilities = context.system.capabilities
    find_prompt = cache(context.prompts.find)
    waiting: defaultdict[tuple[str, str], list[_Item]] = defaultdict(list)
    async with aclosing(_with_audio(context, clips)) as clips_with_audio:
        async for clip, audio_by_task in clips_with_audio:
            for key in clip.questions:
                audio = audio_by_task[key.task]
                prompt = find_prompt(key.mode, key.task, capabilities.family)
                question = Question(key.id, audio.samples, key.task, key.mode, prompt, seed_of(context.job, key))
                batch = waiting[key.mode, key.task]
                batch.append((key, audio, question))
                if len(batch) == capabilities.batch_size:
                    yield waiting.pop((key.mode, key.task))
    for batch in waiting.values():
        yield batch


async def _with_audio(
    context: RunContext, clips: Sequence[PlannedClip]
) -> AsyncGenerator[tuple[PlannedClip, _AudioByTask], None]:
    """Each clip with its audio, read ahead in threads."""
    if context.system.capabilities.rate_hz is None:
        for clip in clips:
            yield clip, {key.task: NO_AUDIO for key in clip.questions}
        return

    loop = asyncio.get_running_loop()
    pool = ThreadPoolExecutor(context.readers, "read-audio")
    ahead: deque[tuple[PlannedClip, asyncio.Future[_AudioByTask]]] = deque()
    upcoming = iter(clips)
    try:
        while True:
            for clip in islice(upcoming, 2 * context.readers - len(ahead)):
                ahead.append((clip, loop.run_in_executor(pool, context.read_audio, clip)))
            if not ahead:
                return
            clip, audio = ahead.popleft()
            yield clip, await audio
    finally:
        for _, future in ahead:  # nobody waits for them any more, whatever becomes of them
            future.add_done_callback(lambda done: done.cancelled() or done.exception())
        pool.shutdown(wait=False, cancel_futures=True)


def _answer(
    context: RunContext, key: Key, audio: ClipAudio, prompt_hash: str, reply: Reply, latency_s: float
) -> Answer:
    error = reply.error
    if error is None and (problem := score_problem(reply.scores, key.mode, key.task)):
        error = f"the reply of {context.system.id} cannot be used: {problem}"
    text = reply.text if error is None else None
    if text is not None and len(text) > MAX_ANSWER_CHARACTERS:
        error = f"an answer of {len(text):,} characters; at most {MAX_ANSWER_CHARACTERS:,} are taken"
        text = None
    return Answer(
        **key._asdict(),
        pcm_sha256=audio.pcm_sha256,
        sent_sha256=audio.sent_sha256,
        system=context.system.id,
        prompt_sha256=prompt_hash,
        settings_sha256=context.settings_sha256,
        status="ok" if error is None else "failed",
        text=text,
        scores=None if error is not None or reply.scores is None else tuple(map(float, reply.scores)),
        error=None if error is None else without_paths(error.partition(_TRACEBACK)[0])[:_ERROR_CHARACTERS],
        finish_reason=reply.finish_reason,
        latency_s=latency_s,
        input_tokens=reply.input_tokens,
        output_tokens=reply.output_tokens,
        restarted=None if reply.restarted is None else without_paths(reply.restarted),
    )
