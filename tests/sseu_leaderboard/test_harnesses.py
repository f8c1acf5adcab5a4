"""Hazard: lmms-eval's hooks score the same answers otherwise than the runner (lmms-eval itself is not needed)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import ModuleType

import pytest

from sseu_models.job import Job
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request
from tests.scripts import load_script
from tests.sseu_models.scripted import ScriptedSystem

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "harnesses" / "lmms_eval"
ANSWERS = {"asr": "please call stella", "asc": "Scene: Home", "at": "Dog; Cat"}
ALL = "Transcript: please call stella\nScene: Home\nEvents: Dog; Cat"


@pytest.fixture(scope="module")
def hooks() -> ModuleType:
    return load_script("docs/harnesses/lmms_eval/sseu_lmms.py")


@pytest.mark.parametrize("dataset", ["built", "other_snrs"])
def test_the_scores_are_the_runner_s(
    hooks: ModuleType, dataset: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    import datasets

    folder = request.getfixturevalue(dataset)
    job = Job(modes=("independent", "joint", "cot"), runs=1)
    evaluate(Request(ScriptedSystem(), str(folder), tmp_path / "run", job=job), progress=False)
    stated = json.loads((tmp_path / "run" / "scores.json").read_text())["modes"]
    rows = datasets.load_dataset(str(folder), split="test")
    for name, metrics in {"asr": ["wer"], "asc": ["macc"], "at": ["map"], "joint": ["wer", "macc", "map"]}.items():
        mode = "joint" if name == "joint" else "independent"
        docs = getattr(hooks, "all_docs" if name == "joint" else f"{name}_docs")(rows)
        results = [getattr(hooks, f"{name}_results")(doc, [ANSWERS.get(name, ALL)]) for doc in docs]
        for metric in metrics:
            aggregate = hooks.mean_ap if metric == "map" else getattr(hooks, metric)
            assert aggregate([one[metric] for one in results]) == pytest.approx(stated[mode][metric], abs=1e-9)
    audio = hooks.doc_to_audio(docs[0])[0]
    assert (audio["array"].shape, audio["sampling_rate"]) == ((160_000,), 16_000)


def test_every_hook_that_a_task_names_is_there(hooks: ModuleType) -> None:
    files = sorted(FOLDER.glob("*.yaml"))
    assert len(files) == 5
    for file in files:
        named = re.findall(r"!function sseu_lmms\.(\w+)", file.read_text())
        assert len(named) >= 5
        assert [name for name in named if not callable(getattr(hooks, name, None))] == []
