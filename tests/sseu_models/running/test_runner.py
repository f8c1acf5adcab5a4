"""Every question once, in bounds, whatever the system does."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sseu_metric.conditions import CONDITIONS
from sseu_models.job import Job
from sseu_models.planning import PlannedClip, flatten, plan
from sseu_models.prompts import load_prompts, prompt_sha256
from sseu_models.records import TASKS, Capabilities, Mode, Question, Reply, SystemDownError, Task
from sseu_models.results.log import Answer
from sseu_models.running.clip_audio import AudioReader, ClipAudio
from sseu_models.running.runner import FirstAnswers, NothingAnsweredError, RunContext, TooManyFailedError, ask_all
from tests.sseu_models.scripted import ScriptedSystem, plain_reply, reference

JOB = Job(modes=("independent", "joint"), runs=2)
PROMPTS = load_prompts()


def clips(pairs: int = 3) -> list[PlannedClip]:
    rows = [reference(f"pair{number}", condition) for number in range(pairs) for condition in CONDITIONS]
    capabilities = Capabilities(rate_hz=None)
    return plan(rows, JOB, modes=capabilities.modes, deterministic=False)


def silent(clip: PlannedClip) -> dict[Task, ClipAudio]:
    audio = ClipAudio(np.zeros(160, np.float32), f"pcm of {clip.reference['id']}", f"sent of {clip.reference['id']}")
    return {key.task: audio for key in clip.questions}


def ask(
    system: ScriptedSystem,
    planned: list[PlannedClip],
    read_audio: AudioReader = silent,
    *,
    fail_on: int | None = None,
) -> list[Answer]:
    answers: list[Answer] = []
    asking = RunContext(system, JOB, PROMPTS, "settings", read_audio, readers=3, fail_on=fail_on)
    try:
        asyncio.run(ask_all(asking, planned, lambda answer, traceback: answers.append(answer)))
    finally:
        system.recorded = answers  # type: ignore[attr-defined]
    return answers


def test_an_answer_without_end_has_failed() -> None:
    system = ScriptedSystem(reply=lambda question: Reply(text="a" * (1_000_000 + (question.task == "asc"))))
    answers = ask(system, clips(1))
    assert {answer.task for answer in answers if answer.status == "failed"} == {"asc"}
    failed = next(answer for answer in answers if answer.task == "asc")
    assert (failed.text, failed.error) == (None, "an answer of 1,000,001 characters; at most 1,000,000 are taken")


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 7), st.integers(1, 9), st.booleans())
def test_every_question_is_answered_once_within_the_bounds(batch: int, in_flight: int, hears: bool) -> None:
    capabilities = Capabilities(rate_hz=16_000 if hears else None, batch_size=batch, in_flight=in_flight)
    system = ScriptedSystem(capabilities=capabilities)
    planned = clips()
    answers = ask(system, planned)
    wanted = Counter((row["id"], a.mode, a.task, a.run) for row, a in flatten(planned))
    assert Counter(tuple(answer.key) for answer in answers) == wanted
    assert max(system.batches) <= batch
    assert system.most_in_flight <= in_flight
    assert all((question.audio is not None) == hears for question in system.asked)


def test_in_flight_is_used() -> None:
    system = ScriptedSystem(capabilities=Capabilities(rate_hz=None, in_flight=8), delay_s=0.01)
    ask(system, clips())
    assert system.most_in_flight == 8


def test_a_batch_holds_one_kind_of_question() -> None:
    system = ScriptedSystem(capabilities=Capabilities(rate_hz=None, batch_size=5))
    ask(system, clips())
    asked = iter(system.asked)
    for size in system.batches:
        assert len({(question.mode, question.task) for question in islice(asked, size)}) == 1


def test_a_clip_is_read_once_for_all_its_questions_and_off_the_event_loop() -> None:
    read: Counter[str] = Counter()
    threads = set()

    def read_audio(clip: PlannedClip) -> dict[Task, ClipAudio]:
        read[clip.reference["id"]] += 1
        threads.add(threading.current_thread())
        return silent(clip)

    planned = clips()
    answers = ask(ScriptedSystem(), planned, read_audio)
    assert read == {clip.reference["id"]: 1 for clip in planned}
    assert threading.main_thread() not in threads
    assert all(a.pcm_sha256 == f"pcm of {a.id}" and a.sent_sha256 == f"sent of {a.id}" for a in answers)


def test_each_task_gets_its_own_audio() -> None:
    def read_audio(clip: PlannedClip) -> dict[Task, ClipAudio]:
        return {
            key.task: ClipAudio(np.full(160, len(key.task), np.float32), "pcm", f"for {key.task}")
            for key in clip.questions
        }

    system = ScriptedSystem()
    answers = ask(system, clips(), read_audio)
    assert all(question.audio is not None and question.audio[0] == len(question.task) for question in system.asked)
    assert all(answer.sent_sha256 == f"for {answer.task}" for answer in answers)


def test_a_system_without_audio_input_heard_nothing() -> None:
    def read_audio(clip: PlannedClip) -> dict[Task, ClipAudio]:
        raise AssertionError("nothing is decoded")

    answers = ask(ScriptedSystem(capabilities=Capabilities(rate_hz=None)), clips(1), read_audio)
    assert {(answer.pcm_sha256, answer.sent_sha256) for answer in answers} == {(None, None)}


def test_an_answer_says_what_it_answers() -> None:
    system = ScriptedSystem(
        reply=lambda q: replace(plain_reply(q), finish_reason="length", input_tokens=3, output_tokens=4)
    )
    answers = ask(system, clips(1))
    answer = next(answer for answer in answers if answer.task == "asc" and answer.run == 1)
    assert (answer.system, answer.settings_sha256) == ("scripted:one", "settings")
    assert answer.prompt_sha256 == prompt_sha256(PROMPTS.find("independent", "asc", "*"))
    assert (answer.text, answer.finish_reason) == ("Scene: Home", "length")
    assert (answer.input_tokens, answer.output_tokens) == (3, 4)
    assert answer.latency_s is not None


def test_seeds_do_not_depend_on_the_batch() -> None:
    seeds = []
    for size in (1, 4):
        system = ScriptedSystem(capabilities=Capabilities(rate_hz=None, batch_size=size))
        ask(system, clips(1))
        seeds.append({(q.clip_id, q.mode, q.task, q.seed) for q in system.asked})
    assert seeds[0] == seeds[1]


def test_a_failed_request_is_recorded_as_failed_and_the_rest_goes_on() -> None:
    def reply(question: Question) -> Reply:
        return Reply(error="HTTP 500 " + "x" * 10_000) if question.task == "asr" else plain_reply(question)

    answers = ask(ScriptedSystem(reply=reply), clips(1))
    failed = [answer for answer in answers if answer.status == "failed"]
    assert {answer.task for answer in failed} == {"asr"}
    assert all(answer.text is None and len(answer.error or "") == 500 for answer in failed)
    assert {answer.status for answer in answers if answer.task != "asr"} == {"ok"}


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        ((), "it has 0 scores, 6 are needed: one for each label"),
        ((1.0,) * 5, "it has 5 scores, 6 are needed"),
        ((float("nan"),) * 6, "scores that are no finite numbers, such as nan"),
        ((0.5,) * 5 + (float("inf"),), "scores that are no finite numbers, such as inf"),
        (("a",) * 6, "scores that are no finite numbers, such as 'a'"),
        ((None,) * 6, "scores that are no finite numbers, such as None"),
    ],
)
def test_impossible_scores_are_failures(scores: tuple[Any, ...], message: str) -> None:
    system = ScriptedSystem(reply=lambda question: Reply(scores=scores))
    answers = ask(system, clips(1))
    assert {answer.status for answer in answers} == {"failed"}
    assert message in next(a.error or "" for a in answers if a.task == "asc")
    assert "it has scores where a text is needed" in next(a.error or "" for a in answers if a.task == "asr")


def test_words_in_the_mode_likelihood_are_failures() -> None:
    """Scored as names they would pass for the likelihoods that the mode promises."""
    rows = [reference("pair0", condition) for condition in CONDITIONS]
    job = Job(modes=("likelihood",), runs=1)
    modes: dict[Mode, tuple[Task, ...]] = {"likelihood": TASKS["likelihood"]}
    planned = plan(rows, job, modes=modes, deterministic=False)
    words = ScriptedSystem(
        reply=lambda question: plain_reply(question) if question.task == "asc" else Reply(text="Dog")
    )
    answers = ask(words, planned)
    assert {(one.task, one.status, one.text) for one in answers} == {("asc", "ok", None), ("at", "failed", None)}
    problem = "it has words where scores are needed: the mode likelihood asks for one score for each label"
    said = f"the reply of scripted:one cannot be used: {problem}"
    assert {one.error for one in answers if one.task == "at"} == {said}


@pytest.mark.parametrize("score", [float("nan"), None])
def test_a_tagger_whose_scores_are_all_impossible_ends_the_run_over_both_tasks(score: Any) -> None:
    tasks: tuple[Task, ...] = ("asc", "at")
    system = ScriptedSystem(
        reply=lambda question: Reply(scores=(score,) * (6 if question.task == "asc" else 18)),
        capabilities=Capabilities(rate_hz=16_000, modes={"independent": tasks, "joint": ("all",)}),
    )
    tagged = [one for one in ask(system, clips(4)) if one.task in tasks]
    assert {one.task for one in tagged[:20]} == set(tasks)
    first = FirstAnswers(20)
    for one in tagged[:19]:
        first.check(one)
    with pytest.raises(NothingAnsweredError, match="the first 20 questions failed in the same way: the reply of"):
        first.check(tagged[19])


def test_it_stops_after_so_many_failures_and_keeps_the_answers() -> None:
    system = ScriptedSystem(reply=lambda question: Reply(error="HTTP 503"))
    with pytest.raises(TooManyFailedError, match="3 requests failed, the last with: HTTP 503"):
        ask(system, clips(), fail_on=3)
    assert 3 <= len(system.recorded) <= 3 + system.capabilities.in_flight  # type: ignore[attr-defined]


def answer(error: str | None = None, finish_reason: str | None = None) -> Answer:
    status = "ok" if error is None else "failed"
    hashes = (None, None)
    return Answer(
        *("clip", *hashes, "joint", "all", 0, "system", "prompt", "settings", status),
        text=None if error else "x",
        error=error,
        finish_reason=finish_reason,
    )


ALIKE = [f"422 (no field 'seed' in request req-{number:08x}, {number} ms)" for number in range(20)]


def test_first_answers_that_fail_alike_but_for_numbers_end_the_run() -> None:
    first = FirstAnswers(20)
    first.check(answer(finish_reason="content_filter"))  # does not count
    for error in ALIKE[:-1]:
        first.check(answer(error))
    first.check(answer(finish_reason="content_filter"))
    with pytest.raises(NothingAnsweredError, match=r"^the first 20 questions failed in the same way: 422 \(no field"):
        first.check(answer(ALIKE[-1]))


@pytest.mark.parametrize(
    "other",
    [
        None,
        "400 (no field 'seed' in request req-00000001, 1 ms)",
        "422 (no field 'top_p' in request req-00000001, 1 ms)",
    ],
)
@pytest.mark.parametrize("place", [0, 5, 19])
def test_one_answer_or_another_error_among_the_first_lets_the_run_go_on(other: str | None, place: int) -> None:
    first = FirstAnswers(20)
    for error in [*ALIKE[:place], other, *ALIKE[place:], *ALIKE]:
        first.check(answer(error))


def test_a_system_that_is_down_ends_the_run_and_earlier_answers_are_kept() -> None:
    calls = Counter[str]()

    def reply(question: Question) -> Reply:
        calls["all"] += 1
        if calls["all"] > 10:
            raise SystemDownError("http://localhost:1/v1: connection refused; start the server")
        return plain_reply(question)

    system = ScriptedSystem(reply=reply, capabilities=Capabilities(rate_hz=16_000, in_flight=3))
    with pytest.raises(SystemDownError, match="start the server"):
        ask(system, clips())
    assert len(system.recorded) == 10  # type: ignore[attr-defined]


def test_audio_that_cannot_be_read_ends_the_run_with_its_message() -> None:
    def read_audio(clip: PlannedClip) -> dict[Task, ClipAudio]:
        raise ValueError(f"{clip.reference['id']}: its FLAC bytes cannot be decoded")

    with pytest.raises(ValueError, match=r"pair0_\S+: its FLAC bytes cannot be decoded"):
        ask(ScriptedSystem(), clips(1), read_audio)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (RuntimeError("CUDA error: device-side assert"), "failed with RuntimeError: CUDA error: device-side assert"),
        (None, "returned NoneType for 1 questions; its `answer` must return a list with one Reply for each"),
        ("Home", "returned str for 1 questions"),
        ([], "returned a list of 0 for 1 questions"),
    ],
)
def test_a_system_that_breaks_is_named(given: Any, message: str) -> None:
    class Breaking(ScriptedSystem):
        async def answer(self, questions: object) -> list[Reply]:
            if isinstance(given, Exception):
                raise given
            return given  # type: ignore[no-any-return]

    with pytest.raises(SystemDownError, match=f"scripted:one {message}"):
        ask(Breaking(), clips(1))


def test_a_batch_is_recorded_whole_before_the_run_stops() -> None:
    system = ScriptedSystem(
        reply=lambda q: Reply(error="HTTP 500") if q.seed % 5 == 0 else plain_reply(q),
        capabilities=Capabilities(rate_hz=None, batch_size=6),
    )
    with pytest.raises(TooManyFailedError):
        ask(system, clips(), fail_on=1)
    assert len(system.recorded) == sum(system.batches)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "values",
    [{"text": 5}, {"text": "a", "output_tokens": 12.0}, {"text": "a", "finish_reason": 1}, {"error": b"x"}, {}],
)
def test_a_reply_of_another_shape_cannot_be_made(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="repl"):
        Reply(**values)  # type: ignore[arg-type]


def test_what_a_system_raises_is_the_error_of_the_question_alone_also_in_a_batch() -> None:
    def reply(question: Question) -> Reply:
        if question.clip_id == "pair1_0" and question.task == "asr":
            raise ValueError(f"boom {question.seed}")
        return plain_reply(question)

    system = ScriptedSystem(reply=reply, capabilities=Capabilities(rate_hz=16_000, batch_size=6))
    kept: dict[Any, str] = {}
    asking = RunContext(system, JOB, PROMPTS, "settings", silent)
    asyncio.run(ask_all(asking, clips(), lambda answer, traceback: kept.update({answer.key: traceback})))
    assert {(key.id, key.task) for key, traceback in kept.items() if traceback} == {("pair1_0", "asr")}
    traceback = next(filter(None, kept.values()))
    assert traceback.count("Traceback") == 1
    assert "in _replies" not in traceback
    assert 'raise ValueError(f"boom {question.seed}")' in traceback
    failed = [one for one in ask(system, clips()) if one.error]
    assert {one.error.partition("boom")[0] for one in failed if one.error} == {"scripted:one raised ValueError: "}


@pytest.mark.parametrize("returned", [None, "Scene: Home", {"text": "Scene: Home"}])
def test_what_is_no_reply_is_named(returned: Any) -> None:
    answers = ask(ScriptedSystem(reply=lambda question: returned), clips(1))
    what = f"scripted:one returned {type(returned).__name__} for a question"
    wanted = "its `answer` must return a Reply for each, such as Reply(text=...)"
    assert {answer.error for answer in answers} == {f"{what}; {wanted}"}
