"""`sseu_models.run`: in scripts and in running event loops, with functions that work and functions that do not."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import sseu_models
from sseu_metric.labels import EVENTS, SCENES
from sseu_models.running.run import GIVE_UP_AFTER, AnswerRecord
from tests.sseu_models.scripted import ScriptedSystem

Samples = NDArray[np.float32]


def at_home(samples: Samples, rate_hz: int, prompt: str) -> str:
    assert rate_hz == 16_000
    assert samples.shape == (160_000,)
    return "Scene: Home" if prompt else ""


def test_a_function_is_run_scored_and_its_answers_are_records(built: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run = sseu_models.run(at_home, str(built), limit=2, runs=1, embedder="exact")
    printed = capfd.readouterr().out
    assert f"results in {run.folder}, as long as this run is in memory" in printed
    assert run.result.incomplete == ("limited to 2 pairs",)
    assert run.scores["independent"].wer == 100
    assert "independent WER" in str(run)
    records = run.answers()
    assert len(records) == run.result.answers.asked == 2 * 18
    scene = next(record for record in records if record.task == "asc")
    assert (scene.status, scene.text, scene.scene, scene.transcript) == ("ok", "Scene: Home", "Home", None)
    assert scene.true_scene in SCENES
    assert {event for record in records for event in record.true_events} <= {*EVENTS}
    table = run.to_pandas()
    assert list(table.columns) == list(AnswerRecord.__annotations__)
    assert len(table) == len(records)


def test_a_temporary_folder_goes_with_its_run_and_a_given_one_stays(built: Path, tmp_path: Path) -> None:
    run = sseu_models.run("control:majority", built, limit=1, embedder="exact", progress=False)
    folder = run.folder
    assert (folder / "scores.json").exists()
    del run
    gc.collect()
    assert not folder.exists()
    kept = sseu_models.run(
        "control:majority", built, limit=1, embedder="exact", progress=False, out=str(tmp_path / "a")
    )
    assert kept.folder == tmp_path / "a"
    assert sseu_models.load_run(kept.folder) == kept


def test_a_running_event_loop_is_no_obstacle(built: Path) -> None:
    async def cell() -> sseu_models.Run:
        return sseu_models.run(ScriptedSystem(), built, modes=["joint"], limit=1, embedder="exact", progress=False)

    assert asyncio.run(cell()).result.answers.ok == 15


def test_an_error_in_a_running_event_loop_arrives(built: Path) -> None:
    async def cell() -> None:
        sseu_models.run("control:majority", built, modes=["likelihood"], progress=False)

    with pytest.raises(ValueError, match="does not answer in the mode likelihood"):
        asyncio.run(cell())


@pytest.mark.parametrize("name", ["scene", "prevalence"])
def test_a_control_with_scores_names_the_setting_for_answers_in_text(built: Path, name: str) -> None:
    asked: dict[str, Any] = {"modes": ["joint"], "limit": 1, "progress": False, "embedder": "exact"}
    with pytest.raises(ValueError, match=rf"control:{name} gives scores .* mode joint .* --setting top_k=3"):
        sseu_models.run(f"control:{name}", built, **asked)
    answered = sseu_models.run(f"control:{name}", built, settings={"top_k": 3}, **asked).result.answers
    assert answered.ok == answered.asked == 5


def broken(samples: Samples, rate_hz: int, prompt: str) -> str:
    raise KeyError("weights")


def test_a_function_that_raises_stops_and_its_traceback_is_kept(
    built: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    message = (
        rf"^the first {GIVE_UP_AFTER} questions failed .* KeyError: 'weights'\. Fix it .* is in {out / 'errors.log'}$"
    )
    with pytest.raises(sseu_models.TooManyFailedError, match=message):
        sseu_models.run(broken, built, embedder="exact", out=out, progress=False)
    kept = (out / "errors.log").read_text()
    assert kept.count("Traceback (most recent call last):") == 1
    assert 'raise KeyError("weights")' in kept
    shown = capfd.readouterr().err
    assert shown.count('raise KeyError("weights")') == 1
    assert "Traceback" not in (out / "answers.jsonl").read_text()
    fixed = sseu_models.run(at_home, built, limit=1, runs=1, embedder="exact", out=out, progress=False)
    assert fixed.result.answers.ok == 18


def silent(samples: Samples, rate_hz: int, prompt: str) -> Any:
    return None


def test_a_function_that_returns_no_string_is_named(built: Path) -> None:
    with pytest.raises(sseu_models.TooManyFailedError, match="returned NoneType; it must return the answer as str"):
        sseu_models.run(silent, built, embedder="exact", progress=False)


def test_one_mode_and_one_condition_need_no_list(built: Path) -> None:
    run = sseu_models.run(
        "control:majority", built, modes="joint", conditions="10", limit=1, embedder="exact", progress=False
    )
    assert (run.result.job.modes, run.result.job.conditions) == (("joint",), ("10",))
    with pytest.raises(ValueError, match="unknown mode 'independant'; did you mean 'independent'"):
        sseu_models.run("control:majority", built, modes="independant", progress=False)  # type: ignore[arg-type]


def test_a_function_that_fails_now_and_then_is_asked_on(built: Path) -> None:
    calls = []

    def moody(samples: Samples, rate_hz: int, prompt: str) -> str:
        calls.append(prompt)
        if len(calls) % 2:
            raise RuntimeError("not now")
        return ""

    run = sseu_models.run(moody, built, limit=1, runs=1, embedder="exact", progress=False)
    assert (run.result.answers.ok, run.result.answers.failed) == (9, 9)
    failed = [record for record in run.answers() if record.status == "failed"]
    assert all(str(record.error).endswith("moody raised RuntimeError: not now") for record in failed)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"system": 7}, "a function .* is needed, not int"),
        ({"system": lambda samples: ""}, "must take"),
        ({"conditions": ["3"]}, "condition 3: the dataset has"),
        ({"modes": ["joints"]}, "did you mean 'joint'"),
        ({"system": "control:nobody"}, "control"),
    ],
)
def test_wrong_arguments_are_refused(built: Path, values: dict[str, Any], message: str) -> None:
    arguments: dict[str, Any] = {"system": at_home, "progress": False} | values
    with pytest.raises(ValueError, match=message):
        sseu_models.run(arguments.pop("system"), built, **arguments)
