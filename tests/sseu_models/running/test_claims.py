"""A system that states that it is deterministic is asked a few questions twice before the run."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sseu_models.job import Job
from sseu_models.planning import flatten, plan
from sseu_models.records import TASKS, Capabilities, Question, Reply
from sseu_models.results.log import read_log
from sseu_models.running.claims import BrokenClaimError, questions_to_repeat
from tests.sseu_models.running.conftest import PART, Run, mark_stopped
from tests.sseu_models.scripted import ScriptedSystem, plain_reply, reference

CLAIMS = Capabilities(rate_hz=16_000, deterministic=True, batch_size=3)


def counting() -> Callable[[Question], Reply]:
    """Another transcript at each call, as from a model that samples."""
    numbers = itertools.count()

    def reply(question: Question) -> Reply:
        return Reply(text=f"Spoken text: {next(numbers)}") if question.task == "asr" else plain_reply(question)

    return reply


def test_a_claim_that_holds_costs_a_few_questions(run: Run, tmp_path: Path) -> None:
    system = ScriptedSystem(capabilities=CLAIMS)
    result = run(system)
    assert result.deterministic
    assert result.incomplete == (PART,)
    log = list(read_log(tmp_path / "out" / "answers.jsonl"))
    assert len(log) == len({answer.key for answer in log}) == result.answers.asked
    assert len(system.asked) == result.answers.asked + 2 * 4  # two questions of each of four tasks once more


def test_a_broken_claim_stops_before_the_run_and_says_what_to_do(run: Run, tmp_path: Path) -> None:
    system = ScriptedSystem(capabilities=CLAIMS, reply=counting())
    message = (
        r"scripted:one states that equal questions get equal answers, but one asked twice got two: "
        r"\S+_snr_0, independent asr: 'Spoken text: \d+' and 'Spoken text: \d+'\. "
        r"Make it deterministic \(temperature 0, .*\), or ask every question in each run, with --not-deterministic"
    )
    with pytest.raises(BrokenClaimError, match=message):
        run(system)
    assert len(system.asked) == 2 * 2 * 4
    assert not (tmp_path / "out" / "scores.json").exists()


def test_without_the_claim_every_run_is_asked_in_the_same_folder(run: Run) -> None:
    with pytest.raises(BrokenClaimError):
        run(ScriptedSystem(capabilities=CLAIMS, reply=counting()))
    result = run(ScriptedSystem(capabilities=CLAIMS, reply=counting()), not_deterministic=True)
    assert not result.deterministic
    assert result.runs == 2
    assert result.incomplete == (PART,)


def test_other_answers_than_those_in_the_folder_show_other_weights(run: Run, tmp_path: Path) -> None:
    run(ScriptedSystem(capabilities=CLAIMS))
    log = tmp_path / "out" / "answers.jsonl"
    log.write_text("".join(log.read_text().splitlines(keepends=True)[:-5]))
    mark_stopped(tmp_path / "out")
    others = ScriptedSystem(capabilities=CLAIMS, reply=lambda question: Reply(text="Scene: Restaurant"))
    with pytest.raises(BrokenClaimError, match=r"answers a question of this folder differently now: .* choose another"):
        run(others)
    assert run(ScriptedSystem(capabilities=CLAIMS)).incomplete == (PART,)


def test_scores_may_differ_by_rounding_and_no_more(run: Run) -> None:
    def drifting(step: float) -> ScriptedSystem:
        calls = itertools.count()
        capabilities = replace(CLAIMS, modes={"independent": ("asc",)})
        return ScriptedSystem(
            capabilities=capabilities, reply=lambda question: Reply(scores=tuple(next(calls) * step for _ in range(6)))
        )

    job = Job(limit=2)
    assert run(drifting(1e-10), "rounding", job=job).answers.failed == 0
    with pytest.raises(BrokenClaimError, match=r"independent asc: \[0\.\d+, .* and \["):
        run(drifting(1e-3), "larger", job=job)


def test_a_failure_contradicts_nothing_and_is_asked_again(run: Run) -> None:
    once = {"failed": False}

    def reply(question: Question) -> Reply:
        if not once["failed"]:
            once["failed"] = True
            return Reply(error="HTTP 500")
        return plain_reply(question)

    assert run(ScriptedSystem(capabilities=replace(CLAIMS, batch_size=1), reply=reply)).incomplete == (PART,)


def test_the_hardest_clips_are_chosen() -> None:
    rows = [reference(pair, condition) for pair in "abc" for condition in ("+inf", "0", "-10", "-inf")]
    clips = plan(rows, Job(modes=("independent", "joint")), modes=TASKS, deterministic=True)
    chosen = [(key.mode, key.task, row["condition"]) for row, key in flatten(questions_to_repeat(clips))]
    assert sorted(chosen) == [
        ("independent", "asc", "-inf"),
        ("independent", "asc", "-inf"),
        ("independent", "asr", "-10"),
        ("independent", "asr", "-10"),
        ("independent", "at", "-inf"),
        ("independent", "at", "-inf"),
        ("joint", "all", "-10"),
        ("joint", "all", "-10"),
    ]
