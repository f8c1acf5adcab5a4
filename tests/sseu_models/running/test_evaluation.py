"""A results folder from start to end: resumed, extended, refused, sharded, scored again."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soxr

from sseu_dataset.loading import load
from sseu_dataset.rows.samples import load_audio
from sseu_models.job import Job
from sseu_models.records import Capabilities, Question, Reply, SystemDownError
from sseu_models.results.folder import read_result, read_scores
from sseu_models.results.folder_scoring import score_folder
from sseu_models.results.log import read_log
from sseu_models.results.terminal import answer_lines
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request
from tests.sseu_models.running.conftest import JOB, PART, Run, mark_stopped
from tests.sseu_models.scripted import ScriptedSystem, plain_reply

QWEN = Capabilities(rate_hz=16_000, in_flight=4, family="qwen2-audio")


def test_a_run_is_complete_and_says_what_it_was(run: Run, tmp_path: Path) -> None:
    system = ScriptedSystem(settings={"temperature": 0.5})
    result = run(system, job=replace(JOB, conditions=None))
    assert (system.started, system.closed) == (1, 1)
    assert result.incomplete == ()
    assert result.answers.ok == result.answers.asked == len(list(read_log(tmp_path / "out" / "answers.jsonl")))
    assert read_result(tmp_path / "out") == result
    assert set(result.settings) == {"temperature", "source_sha256", "packages"}
    assert result.dataset.recipe in ("partial", "custom")
    assert set(result.prompts.templates) == {"independent/asr", "independent/asc", "independent/at", "joint/all"}
    scores = read_scores(tmp_path / "out")
    assert set(scores.modes) == {"independent", "joint"}
    assert [run.run for run in scores.modes["joint"].by_run] == [0, 1]


def test_the_system_hears_what_the_dataset_holds(run: Run, built: Path) -> None:
    system = ScriptedSystem()
    run(system, job=Job(limit=1), score=False)
    row = next(row for row in load(built) if row["id"] == system.asked[0].clip_id)
    expected = soxr.resample(load_audio(row), 44_100, 16_000, quality="VHQ")
    assert system.asked[0].audio is not None
    assert np.array_equal(system.asked[0].audio, expected)
    assert expected.shape == (160_000,)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_run_stopped_anywhere_continues_to_the_same_scores(run: Run, tmp_path: Path, share: float) -> None:
    whole = run(ScriptedSystem(), "whole")
    run(ScriptedSystem(), "broken")
    log = tmp_path / "broken" / "answers.jsonl"
    content = log.read_bytes()
    log.write_bytes(content[: int(len(content) * share)])  # as kill -9 leaves it, in the middle of a line
    mark_stopped(tmp_path / "broken")
    kept = sum(line.endswith(b"\n") for line in log.read_bytes().splitlines(keepends=True))
    system = ScriptedSystem()
    result = run(system, "broken")
    assert len(system.asked) == whole.answers.asked - kept
    assert result.answers.ok == whole.answers.ok
    assert (tmp_path / "broken" / "scores.json").read_bytes() == (tmp_path / "whole" / "scores.json").read_bytes()


def test_a_run_that_was_killed_while_its_result_was_written_continues(run: Run, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "result.json.partial").write_text('{"system": ')
    (tmp_path / "out" / "answers.jsonl").touch()
    assert run(ScriptedSystem()).incomplete == (PART,)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"answers.jsonl", ".answers.jsonl.lock", "result.json", "scores.json"}


def test_a_finished_run_starts_no_system(run: Run) -> None:
    first = run(ScriptedSystem())
    again = ScriptedSystem()
    assert run(again) == first
    assert (again.started, again.asked) == (0, [])


def test_failures_are_asked_again_and_never_scored_as_answers(run: Run, tmp_path: Path) -> None:
    def failing(question: Question) -> Reply:
        return Reply(error="HTTP 500") if question.task == "asr" else plain_reply(question)

    result = run(ScriptedSystem(reply=failing))
    failed = result.answers.failed
    assert failed > 0
    assert result.incomplete == (f"{failed} of {result.answers.asked} questions have no answer", PART)
    counts = read_scores(tmp_path / "out").modes["independent"].counts["asr"]
    assert counts["missing"] == counts["answers"] == failed
    again = ScriptedSystem()
    assert run(again).incomplete == (PART,)
    assert len(again.asked) == failed


def test_answers_on_the_log_survive_a_system_that_goes_down(run: Run) -> None:
    calls: list[Question] = []

    def dying(question: Question) -> Reply:
        calls.append(question)
        if len(calls) > 20:
            raise SystemDownError("down")
        return plain_reply(question)

    dead = ScriptedSystem(reply=dying)
    with pytest.raises(SystemDownError):
        run(dead, score=False)
    assert dead.closed == 1
    again = ScriptedSystem()
    whole = run(again, score=False)
    assert len(again.asked) == whole.answers.asked - 20


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"system": ScriptedSystem(settings={"temperature": 0.7})},
            "setting temperature: not set in the folder, 0.7 requested",
        ),
        ({"system": ScriptedSystem(id="scripted:two")}, "system: scripted:one in the folder, scripted:two requested"),
        ({"job": replace(JOB, seed=1)}, "seed: 0 in the folder, 1 requested"),
        ({"system": ScriptedSystem(capabilities=QWEN)}, r"prompt independent/asr: project/asr-1 \w+ in the folder"),
        ({"frontend": "silence"}, "front end: none .* in the folder, silence .* requested"),
        ({"job": replace(JOB, modes=("joint",))}, r"does not ask for \(\d+ of independent asr"),
        ({"job": replace(JOB, runs=1)}, "this job does not ask for"),
    ],
)
def test_answers_made_differently_are_not_mixed(run: Run, change: dict[str, Any], message: str) -> None:
    run(ScriptedSystem(), score=False)
    system = change.pop("system", ScriptedSystem())
    with pytest.raises(ValueError, match=message):
        run(system, **change, score=False)


def test_a_folder_grows_with_its_job(run: Run, tmp_path: Path) -> None:
    first = run(ScriptedSystem(), job=replace(JOB, limit=1, runs=1), score=False)
    assert first.incomplete == ("limited to 1 pair", PART)
    more = ScriptedSystem()
    result = run(more, job=JOB, score=False)
    assert len(more.asked) == result.answers.asked - first.answers.asked
    assert result.incomplete == (PART,)


def test_another_dataset_is_refused(run: Run, built: Path, tmp_path: Path) -> None:
    run(ScriptedSystem(), score=False)
    path = tmp_path / "out" / "result.json"
    stored = json.loads(path.read_text())
    stored["dataset"]["fingerprint"] = "f" * 64
    path.write_text(json.dumps(stored))
    with pytest.raises(ValueError, match=r"dataset fingerprint: f{64} in the folder"):
        run(ScriptedSystem(), score=False)


def test_a_system_that_hears_only_a_part_is_refused(run: Run) -> None:
    system = ScriptedSystem(capabilities=Capabilities(rate_hz=16_000, max_audio_s=5.0))
    with pytest.raises(ValueError, match="scripted:one takes at most 5 s of a clip"):
        run(system)
    assert system.asked == []


def test_scores_are_a_pure_function_of_the_answers(run: Run, tmp_path: Path) -> None:
    run(ScriptedSystem())
    scores = (tmp_path / "out" / "scores.json").read_bytes()
    log = tmp_path / "out" / "answers.jsonl"
    lines = [json.loads(line) for line in log.read_bytes().splitlines()]
    for number, line in enumerate(lines):
        line["latency_s"] = number
    log.write_text("".join(json.dumps(line) + "\n" for line in reversed(lines)))
    with pytest.raises(ValueError, match=r"answers\.jsonl has the SHA-256 \w{64}, .* changed after the run; restore"):
        score_folder(tmp_path / "out", progress=False)
    with pytest.raises(ValueError, match="changed after the run"):
        run(ScriptedSystem())
    mark_stopped(tmp_path / "out")
    score_folder(tmp_path / "out", embedder="exact", progress=False)
    assert (tmp_path / "out" / "scores.json").read_bytes() == scores


def test_answers_about_other_samples_are_refused(run: Run, tmp_path: Path) -> None:
    run(ScriptedSystem(), score=False)
    log = tmp_path / "out" / "answers.jsonl"
    line, rest = log.read_bytes().split(b"\n", 1)
    values = json.loads(line) | {"pcm_sha256": "e" * 64}
    log.write_bytes(json.dumps(values).encode() + b"\n" + rest)
    name = f"{values['id']}/{values['mode']}/{values['task']}/{values['run']}"
    message = (
        rf"the answer {re.escape(name)} is about samples with the SHA-256 e{{64}}, the dataset's clip has \w{{64}}:"
    )
    with pytest.raises(ValueError, match=message):
        score_folder(tmp_path / "out", embedder="exact", progress=False)
    with pytest.raises(ValueError, match=message):
        run(ScriptedSystem())
    with pytest.raises(ValueError, match=message):
        run(ScriptedSystem(), job=replace(JOB, runs=3))


def test_answers_of_a_system_that_heard_nothing_are_not_mixed_in(run: Run, tmp_path: Path) -> None:
    whole = run(ScriptedSystem(), score=False)
    log = tmp_path / "out" / "answers.jsonl"
    line, rest = log.read_bytes().split(b"\n", 1)
    values = json.loads(line) | {"pcm_sha256": None, "sent_sha256": None}
    log.write_bytes(json.dumps(values).encode() + b"\n" + rest)
    count = whole.answers.asked - 1
    with pytest.raises(ValueError, match=f"{count} answers are of a system that heard the clip and 1 of one that did"):
        run(ScriptedSystem())


def test_a_missing_embedder_shows_before_the_questions(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sseu_metric.extras.find_spec", lambda package: None)
    system = ScriptedSystem()
    with pytest.raises(ImportError, match="needs the package openai; install it with: pip install"):
        run(system, embedder="openai:any")
    assert system.asked == []
    transcriber = ScriptedSystem(capabilities=Capabilities(rate_hz=16_000, modes={"independent": ("asr",)}))
    assert run(transcriber, job=Job(), embedder="openai:any").incomplete == ()


def test_classifiers_need_no_embedder(run: Run, tmp_path: Path) -> None:
    system = ScriptedSystem(
        reply=lambda q: Reply(scores=tuple(range(6 if q.task == "asc" else 18))),
        capabilities=Capabilities(rate_hz=48_000, deterministic=True, modes={"independent": ("asc", "at")}),
    )
    run(system, job=Job(), embedder="openai:unreachable")
    scores = read_scores(tmp_path / "out").modes["independent"]
    assert scores.embedder is None
    assert None not in (scores.macc, scores.map)
    assert scores.wer is None


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("result.json", None, r"there is an answers.jsonl without its result.json"),
        ("result.json", "{", "result.json: Invalid JSON"),
        ("result.json", '{"schema_version": 99}', r"schema_version is 99, this version of the project reads 1"),
        ("result.json", '{"schema_version": 1}', r"result.json: system: Field required"),
        ("answers.jsonl", "{}\n", r"answers.jsonl line 1: .*missing keys .*; delete line 1 .* or choose another --out"),
    ],
)
def test_broken_folders_are_refused(run: Run, tmp_path: Path, name: str, content: str | None, message: str) -> None:
    run(ScriptedSystem(), score=False)
    path = tmp_path / "out" / name
    path.unlink() if content is None else path.write_text(content)
    with pytest.raises(ValueError, match=message):
        run(ScriptedSystem(), score=False)


class Unstarted(ScriptedSystem):
    """What it can is known after `start` only, and its settings grow."""

    def __getattribute__(self, name: str) -> Any:
        started = object.__getattribute__(self, "started")
        if name == "capabilities" and not started:
            raise ValueError("not started")
        if name == "settings" and started:
            return {**object.__getattribute__(self, "settings"), "dtype": "float32"}
        return object.__getattribute__(self, name)


def test_a_finished_run_of_a_system_that_says_what_it_can_when_it_starts(run: Run) -> None:
    first = run(Unstarted(), score=False)
    again = Unstarted()
    assert run(again, score=False) == first
    assert again.started == 0
    with pytest.raises(ValueError, match="setting temperature: not set in the folder, 1 requested"):
        run(Unstarted(settings={"temperature": 1}), score=False)


def test_a_start_that_wrote_nothing_leaves_a_usable_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "answers.jsonl").touch()
    assert run(ScriptedSystem(), score=False).incomplete == (PART,)


def test_edited_scores_are_not_trusted(run: Run, tmp_path: Path) -> None:
    run(ScriptedSystem())
    path = tmp_path / "out" / "scores.json"
    honest = path.read_bytes()
    path.write_bytes(honest.replace(b'"macc"', b'"edited"', 1))
    run(ScriptedSystem())
    assert path.read_bytes() == honest


def test_a_result_cannot_claim_another_dataset(run: Run, built: Path, tmp_path: Path) -> None:
    run(ScriptedSystem(), score=False)
    path = tmp_path / "out" / "result.json"
    content = path.read_text()
    for name in ("version", "recipe", "fingerprint"):
        stored = json.loads(content)
        stored["dataset"][name] = "custom" if name == "recipe" else "f" * 64
        path.write_text(json.dumps(stored))
        with pytest.raises(
            ValueError, match=f"another dataset than {built}; .*\n  {name}: '\\w+' in the result, '.+' in"
        ):
            score_folder(tmp_path / "out", embedder="exact", progress=False)


def test_a_part_of_the_conditions_is_no_complete_result(run: Run) -> None:
    finite = ("10", "5", "0", "-5", "-10")
    result = run(ScriptedSystem(), "finite", job=Job(conditions=finite, runs=1), score=False)
    assert result.incomplete == ("only the conditions 10, 5, 0, -5, -10",)
    joint = run(
        ScriptedSystem(), "joint", job=Job(modes=("joint",), conditions=finite, runs=1, limit=1000), score=False
    )
    assert joint.incomplete == ()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"embedder": "nope"}, "unknown embedder 'nope'"),
        ({"normalizer": "nope"}, "unknown normaliser 'nope'"),
        ({"workers": 0}, "0 workers"),
        ({"fail_on": 0}, "fail-on is 0; at least 1"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_asked(run: Run, change: dict[str, Any], message: str) -> None:
    system = ScriptedSystem()
    with pytest.raises(ValueError, match=message):
        run(system, **change)
    assert system.started == 0


@pytest.mark.parametrize("method", ["start", "close"])
def test_a_system_that_ends_the_process_is_named(run: Run, method: str) -> None:
    async def leave(*arguments: Any) -> None:
        raise SystemExit(0)

    system = ScriptedSystem()
    setattr(system, method, leave)
    with pytest.raises(SystemDownError, match=f"scripted:one failed with SystemExit: 0; fix its `{method}`"):
        run(system, score=False)
    again = ScriptedSystem()
    assert run(again, score=False).incomplete == (PART,)
    assert bool(again.asked) == (method != "close")  # its answers were kept


def test_the_source_of_a_users_system_is_a_setting(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "own_source.py").write_text("from tests.sseu_models.scripted import ScriptedSystem as Mine\n")
    request = Request("python:own_source:Mine", str(built), tmp_path / "out", job=Job(limit=1), embedder="exact")
    assert len(str(evaluate(request, progress=False).settings["source_sha256"])) == 64
    (tmp_path / "own_source.py").write_text(
        "from tests.sseu_models.scripted import ScriptedSystem as Mine  # changed\n"
    )
    with pytest.raises(ValueError, match="setting source_sha256: "):
        evaluate(request, progress=False)


def test_where_nothing_was_answered_no_speed_is_stated(run: Run) -> None:
    result = run(ScriptedSystem(reply=lambda question: Reply(error=f"HTTP 500 {question.task}")), score=False)
    assert (result.answers.ok, result.speed) == (0, None)


def test_the_speed_counts_answers_alone(run: Run) -> None:
    def reply(question: Question) -> Reply:
        return Reply(error="HTTP 500") if question.task == "asr" else plain_reply(question)

    result = run(ScriptedSystem(reply=reply), score=False)
    assert result.speed is not None
    assert result.speed.answers == result.answers.ok < result.answers.asked


def test_a_restart_of_the_system_is_told_and_kept(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def reply(question: Question) -> Reply:
        return replace(plain_reply(question), restarted="it exited with status 1" if question.task == "asr" else None)

    result = run(ScriptedSystem(reply=reply))
    asked = sum(answer.task == "asr" for answer in read_log(tmp_path / "out" / "answers.jsonl"))
    assert result.answers.restarted == asked > 0
    assert f"answers for which the system had to be restarted: {asked} of {result.answers.ok}" in "".join(
        answer_lines(result)
    )
    told = "the system was restarted for this answer: it exited with status 1"
    assert told in (tmp_path / "out" / "errors.log").read_text()
    assert capsys.readouterr().err.count(told) == 1


def test_an_exception_in_ones_own_class_is_kept_and_the_next_question_is_asked(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def reply(question: Question) -> Reply:
        if question.task == "asc":
            raise ValueError("boom")
        return plain_reply(question)

    result = run(ScriptedSystem(reply=reply), score=False)
    assert 0 < result.answers.failed < result.answers.asked == result.answers.ok + result.answers.failed
    assert 'raise ValueError("boom")' in (tmp_path / "out" / "errors.log").read_text()
    assert capsys.readouterr().err.count("ValueError: boom") == 1
