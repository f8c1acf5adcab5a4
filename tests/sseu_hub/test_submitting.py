"""Hazards: a result that may not be submitted is sent, or something private is sent with it."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sseu_hub import submitting
from sseu_hub.submission import read_submission
from sseu_hub.submitting import Prepared, prepare_submission
from sseu_models.job import Job
from sseu_models.records import Capabilities
from sseu_models.results.folder import read_scores
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request
from tests.sseu_hub.made_scores import made_scores
from tests.sseu_models.running.conftest import mark_stopped
from tests.sseu_models.scripted import ScriptedSystem

LOCAL = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def run(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole result."""
    out = tmp_path_factory.mktemp("run") / "result"
    evaluate(Request(ScriptedSystem(), str(built), out, embedder="exact", job=Job(runs=2)), progress=False)
    return out


@pytest.fixture
def result(run: Path, tmp_path: Path) -> Path:
    """A copy to be spoilt."""
    return Path(shutil.copytree(run, tmp_path / "result"))


def prepared(folder: Path, **options: Any) -> Prepared:
    asked: dict[str, Any] = {"date": "2026-01-02", "dataset": "lab/sseu-bench", "allow_custom": True, "progress": False}
    return prepare_submission(folder, "lab/model", **asked | options)


@pytest.fixture(autouse=True)
def local_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", LOCAL)


def test_a_whole_result_becomes_a_submission_without_local_paths(result: Path, built: Path, tmp_path: Path) -> None:
    made = prepared(result)
    assert made.folder.startswith("results/lab--model/2026-01-02-")
    for name, data in made.files.items():
        (tmp_path / name).write_bytes(data)
        text = gzip.decompress(data) if name.endswith(".gz") else data
        assert str(built).encode() not in text
        assert str(tmp_path).encode() not in text
    submission = read_submission(tmp_path)
    assert submission.model == "lab/model"
    assert submission.result.data == "lab/sseu-bench"
    assert submission.result.answers.sha256 == submission.answers_sha256
    assert submission.stated == read_scores(result)
    assert prepared(result).files == made.files


def test_scores_on_a_custom_dataset_are_shown_in_parentheses_and_the_model_page_says_so(result: Path) -> None:
    made = prepared(result)
    lines = made.lines()
    assert f"  independent wer: ({made.scores.modes['independent'].wer:.2f}) %" in lines
    (reason,) = made.result.limitations
    assert reason.startswith("partial dataset (VCTK speakers")
    assert f"  scores in parentheses are not scores of the whole benchmark: {reason}" in lines
    note = submitting._note(made.result, "independent", made.scores.modes["independent"])
    assert note.endswith(f"; not a score of the whole benchmark: {reason}")


def change_json(name: str, change: Callable[[dict[str, Any]], Any]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        values = json.loads((folder / name).read_text())
        change(values)
        (folder / name).write_text(json.dumps(values))

    return spoil


def cut_log(folder: Path) -> None:
    log = folder / "answers.jsonl"
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-1]))
    mark_stopped(folder)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            change_json("scores.json", lambda v: v["modes"]["independent"].update(wer=0.0)),
            "differs from the answers .* Make it again with: sseu score .* Then submit again",
        ),
        (cut_log, "1 of [0-9]+ questions have no answer"),
        (
            change_json("result.json", lambda v: v.update(system="control:majority")),
            "cannot be submitted: control:majority is of the kind baseline, which the board does not take",
        ),
        (
            change_json("result.json", lambda v: v["frontend"].update(name="oracle-speech")),
            "front end oracle-speech .* kind oracle",
        ),
        (
            change_json("result.json", lambda v: v["frontend"].update(name="silence")),
            "the front end silence .* kind control",
        ),
        (
            change_json("result.json", lambda v: v.update(incomplete=["shard 1 of 2"])),
            "is incomplete: shard 1 of 2; comp",
        ),
        (change_json("result.json", lambda v: v["job"].update(limit=2)), "that this job does not ask for"),
    ],
)
def test_what_may_not_be_submitted_is_refused(result: Path, spoil: Callable[[Path], None], message: str) -> None:
    spoil(result)
    if spoil is cut_log:  # its own scores fit it, only an answer is missing
        from sseu_models.results.folder_scoring import score_folder

        score_folder(result, embedder="exact", progress=False)
    with pytest.raises(ValueError, match=message):
        prepared(result)


def test_a_system_that_did_not_hear_the_clips_is_refused(built: Path, tmp_path: Path) -> None:
    deaf = ScriptedSystem(capabilities=Capabilities(rate_hz=None))
    evaluate(Request(deaf, str(built), tmp_path / "out", embedder="exact", job=Job(runs=2)), progress=False)
    with pytest.raises(ValueError, match="out cannot be submitted: scripted:one did not hear the clips"):
        prepared(tmp_path / "out")


def test_other_builds_are_refused_and_allowed_only_with_a_hub_on_this_machine(
    result: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match="is of the recipe partial, so scores on it are not scores on SSEU-Bench"):
        prepared(result, allow_custom=False)
    monkeypatch.setenv("HF_ENDPOINT", "https://huggingface.co")
    with pytest.raises(
        ValueError, match=r"--allow-custom is for a Hub on this machine, not for https://huggingface\.co"
    ):
        prepared(result)
    monkeypatch.setenv("HF_ENDPOINT", "http://localhost.evil.example")
    with pytest.raises(ValueError, match="--allow-custom is for a Hub on this machine"):
        prepared(result)


def test_the_dataset_s_hub_id_is_needed(result: Path) -> None:
    with pytest.raises(ValueError, match="say with --dataset which Hub dataset it is"):
        prepared(result, dataset=None)


def test_answers_that_are_the_references_are_refused(result: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert submitting.is_ground_truth(made_scores({"joint": {"wer": 0.0, "macc": 100.0, "map": 100.0}}))
    assert not submitting.is_ground_truth(made_scores({"joint": {"wer": 0.0, "macc": 100.0, "map": 99.9}}))
    assert not submitting.is_ground_truth(made_scores({"independent": {"wer": 0.0}}))
    monkeypatch.setattr(submitting, "is_ground_truth", lambda scores: True)
    with pytest.raises(ValueError, match="every answer is the reference itself"):
        prepared(result)


def test_other_samples_than_the_published_are_refused(result: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = prepared(result)
    theirs = SimpleNamespace(fingerprints={"all": "0" * 64})
    monkeypatch.setattr(submitting, "load_manifest", lambda repo, tag: theirs)
    with pytest.raises(
        ValueError, match=r"lab/sseu-bench v1\.0\.0rc1 has the fingerprint 000000000000, the answers are about"
    ):
        submitting.submit(made, "lab/results", leaderboard_only=True, announce=print)
