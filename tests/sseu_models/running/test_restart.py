"""Starting anew, and keeping what is still valid after a change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sseu_models.job import Job
from sseu_models.prompts import load_prompts
from sseu_models.records import Capabilities, Question, Reply, SystemDownError
from sseu_models.results.folder import read_scores
from sseu_models.results.log import read_log
from tests.sseu_models.running.conftest import JOB, Run
from tests.sseu_models.scripted import ScriptedSystem, plain_reply

PROMPTS = Path(__file__).parents[3] / "sseu_models" / "prompt_sets" / "project-1.toml"


def other_reply(question: Question) -> Reply:
    return Reply(text=f"Scene: Restaurant ({question.task})")


def test_overwrite_deletes_what_was_there(run: Run, tmp_path: Path) -> None:
    run(ScriptedSystem(), "out")
    (tmp_path / "out" / "errors.log").write_text("an old traceback")
    with pytest.raises(ValueError, match="setting temperature: not set in the folder, 1 requested"):
        run(ScriptedSystem(settings={"temperature": 1}), "out")
    again = ScriptedSystem(settings={"temperature": 1}, reply=other_reply)
    result = run(again, "out", overwrite=True)
    assert len(again.asked) == result.answers.asked == result.answers.ok
    assert {answer.text for answer in read_log(tmp_path / "out" / "answers.jsonl")} <= {
        f"Scene: Restaurant ({task})" for task in ("asr", "asc", "at", "all")
    }
    assert not (tmp_path / "out" / "errors.log").exists()


def test_nothing_is_deleted_for_a_system_that_does_not_start(run: Run, tmp_path: Path) -> None:
    class Broken(ScriptedSystem):
        async def start(self) -> None:
            raise SystemDownError("no such server")

    run(ScriptedSystem(), "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    with pytest.raises(SystemDownError, match="no such server"):
        run(Broken(), "out", overwrite=True)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_after_a_changed_prompt_only_its_questions_are_asked_again(run: Run, tmp_path: Path) -> None:
    first = run(ScriptedSystem(), "out")
    text = PROMPTS.read_text(encoding="utf-8")
    old = load_prompts().find("independent", "asr", "*").user
    changed = tmp_path / "changed.toml"
    changed.write_text(
        text.replace(old, old + " Please.").replace("project-1", "mine").replace("project/asr-1", "mine/asr-1"),
        encoding="utf-8",
    )
    assert load_prompts(changed).find("independent", "asr", "*").user == old + " Please."
    with pytest.raises(ValueError, match="prompt independent/asr"):
        run(ScriptedSystem(), "out", prompts=changed)
    again = ScriptedSystem()
    result = run(again, "out", prompts=changed, restart_changed=True)
    assert {(question.mode, question.task) for question in again.asked} == {("independent", "asr")}
    assert result.answers.ok == first.answers.ok
    fresh = run(ScriptedSystem(), "fresh", prompts=changed)
    assert result.answers.by_condition == fresh.answers.by_condition
    assert (tmp_path / "out" / "scores.json").read_bytes() == (tmp_path / "fresh" / "scores.json").read_bytes()


@pytest.mark.parametrize(
    ("system", "job"), [(ScriptedSystem(settings={"weights": "others"}), JOB), (ScriptedSystem(), None)]
)
def test_after_changed_code_or_another_seed_nothing_is_kept(run: Run, system: ScriptedSystem, job: Job | None) -> None:
    run(ScriptedSystem(), "out")
    result = run(system, "out", restart_changed=True, job=job or replace(JOB, seed=1))
    assert len(system.asked) == result.answers.asked == result.answers.ok


def test_where_nothing_has_changed_nothing_is_asked(run: Run) -> None:
    first = run(ScriptedSystem(), "out")
    again = ScriptedSystem()
    assert run(again, "out", restart_changed=True).answers.ok == first.answers.ok
    assert again.asked == []


def test_edited_answers_are_not_kept(run: Run, tmp_path: Path) -> None:
    run(ScriptedSystem(reply=plain_reply), "out")
    log = tmp_path / "out" / "answers.jsonl"
    log.write_text(log.read_text().replace("Home", "Park"))
    with pytest.raises(ValueError, match="changed after the run"):
        run(ScriptedSystem(), "out", restart_changed=True)


def test_answers_of_another_system_are_not_thrown_away(run: Run, tmp_path: Path) -> None:
    run(ScriptedSystem(), "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    other = ScriptedSystem(id="scripted:two")
    with pytest.raises(ValueError, match=r"holds the answers of scripted:one, not of scripted:two.*--overwrite"):
        run(other, "out", restart_changed=True)
    assert (other.started, other.asked) == (0, [])
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


@pytest.mark.parametrize(
    "job",
    [
        replace(JOB, limit=1),
        replace(JOB, runs=1),
        replace(JOB, modes=("independent",)),
        replace(JOB, conditions=("0",)),
    ],
    ids=["fewer pairs", "fewer runs", "fewer modes", "fewer conditions"],
)
def test_a_smaller_job_throws_no_answers_away(run: Run, tmp_path: Path, job: Job) -> None:
    run(ScriptedSystem(), "out")
    before = (tmp_path / "out" / "answers.jsonl").read_bytes()
    with pytest.raises(ValueError, match="holds answers that this job does not ask for"):
        run(ScriptedSystem(settings={"top_k": 3}), "out", restart_changed=True, job=job)
    assert (tmp_path / "out" / "answers.jsonl").read_bytes() == before


def test_what_the_changed_system_cannot_answer_any_more_is_dropped(run: Run, tmp_path: Path) -> None:
    run(ScriptedSystem(), "out")
    capabilities = Capabilities(rate_hz=16_000, modes={"independent": ("asr",), "joint": ("all",)})
    result = run(ScriptedSystem(capabilities=capabilities), "out", restart_changed=True)
    assert result.answers.ok == result.answers.asked
    assert {answer.task for answer in read_log(tmp_path / "out" / "answers.jsonl")} == {"asr", "all"}


def test_a_restarted_folder_shows_no_scores_of_before(run: Run, tmp_path: Path) -> None:
    def down(question: Question) -> Reply:
        raise SystemDownError("no such server")

    run(ScriptedSystem(), "out")
    changed = ScriptedSystem(settings={"temperature": 1}, reply=down)
    with pytest.raises(SystemDownError, match="no such server"):
        run(changed, "out", restart_changed=True)
    with pytest.raises(ValueError, match="not scored"):
        read_scores(tmp_path / "out")
