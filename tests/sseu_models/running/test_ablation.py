"""Audio ablation tells a system that uses the audio from one that does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sseu_metric.labels import EVENTS, SCENES
from sseu_models.job import Job
from sseu_models.records import Question, Reply
from sseu_models.running.ablation import ablate
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request
from tests.sseu_models.scripted import ScriptedSystem, plain_reply


def hears(question: Question) -> Reply:
    """An answer that depends on the samples."""
    assert question.audio is not None
    energy = int(abs(question.audio).sum() * 1000)
    return Reply(
        text=f"Transcript: {'please call' if energy else ''} w{energy}\nScene: {SCENES[energy % 6]}\n"
        f"Events: {EVENTS[energy % 18]}"
    )


@pytest.fixture
def make(built: Path, tmp_path: Path) -> Any:
    def make(name: str, reply: Any, frontend: str | None = None, runs: int = 1, **values: Any) -> Path:
        job = Job(modes=("joint",), runs=runs)
        system = ScriptedSystem(reply=reply)
        request = Request(system, str(built), tmp_path / name, job=job, frontend=frontend, embedder="exact", **values)
        evaluate(request, progress=False)
        return tmp_path / name

    return make


def test_a_deaf_system_repeats_itself_and_is_flagged(make: Any) -> None:
    check = ablate(make("run", plain_reply), make("silence", plain_reply, "silence"))
    assert (check.unchanged, check.repeated) == ({"joint all": 1.0}, {})
    assert {change.comparison.metric for change in check.changes} == {"wer", "macc", "map"}
    assert all(change.flagged and change.comparison.difference == 0 for change in check.changes)
    assert "no evidence that it uses the audio" in "\n".join(check.lines())


def test_a_system_that_listens_changes_its_answers(make: Any) -> None:
    check = ablate(make("run", hears), make("silence", hears, "silence"))
    assert check.unchanged["joint all"] < 0.1
    assert check.control == "silence"
    assert any(change.comparison.difference != 0 for change in check.changes)


def test_a_system_that_samples_is_measured_against_itself(make: Any) -> None:
    def sampled(question: Question) -> Reply:
        return Reply(text=f"Transcript: w{question.seed % 2}\nScene: Home\nEvents: Dog")

    check = ablate(make("run", sampled, runs=3), make("silence", sampled, "silence", runs=3))
    assert check.unchanged == {"joint all": 1.0}  # the seeds are the same
    assert 0.2 < check.repeated["joint all"] < 0.8
    share = f"{100 * check.repeated['joint all']:.1f}"
    assert f"100.0 % of the answers are the same; {share} % between runs on the same audio" in "\n".join(check.lines())


def test_the_share_between_runs_is_over_all_pairs_of_runs(make: Any) -> None:
    counted: dict[str, int] = {}

    def third_differs(question: Question) -> Reply:
        number = counted[question.clip_id] = counted.get(question.clip_id, -1) + 1
        return Reply(text="Transcript: a\nScene: Home\nEvents: Dog" if number % 3 < 2 else "Transcript: b")

    check = ablate(make("run", third_differs, runs=3), make("silence", plain_reply, "silence", runs=3))
    assert check.repeated == {"joint all": pytest.approx(1 / 3)}


def test_a_pair_that_is_none_is_refused(make: Any) -> None:
    run, silence = make("run", plain_reply), make("silence", plain_reply, "silence")
    with pytest.raises(ValueError, match="its front end is 'none'; a control run has"):
        ablate(run, run)
    with pytest.raises(ValueError, match="is a control run itself"):
        ablate(silence, silence)


def test_failed_requests_are_not_taken_for_listening(make: Any) -> None:
    failing = make("silence", lambda question: Reply(error=f"{question.clip_id} was not heard"), "silence")
    check = ablate(make("run", plain_reply), failing)
    assert check.unanswered > 0
    assert f"{check.unanswered} questions have no answer on one side" in "\n".join(check.lines())


def test_changes_on_a_partial_dataset_are_in_parentheses_and_what_never_answered_has_none(make: Any) -> None:
    def silent(question: Question) -> Reply:
        return Reply(error=f"{question.clip_id} was not heard")

    run = make("run", plain_reply)
    check = ablate(run, make("silence", plain_reply, "silence"))
    lines = list(check.lines())
    assert all("(" in line and "points" in line for line in lines if line.startswith("  joint WER"))
    assert sum("points" in line for line in lines) == 3
    (reason,) = check.limitations["run"]
    assert check.limitations["control"] == (reason,)
    assert lines[-1] == f"  scores in parentheses are not scores of the whole benchmark: {reason}"
    never = ablate(run, make("never", silent, "silence"))
    assert never.changes == ()
    assert never.unanswered > 0
    assert not any("points" in line or "parentheses" in line for line in never.lines())
