"""Copies on a local Ray cluster answer as one system does."""

from __future__ import annotations

from pathlib import Path

import pytest

from sseu_models.job import Job
from sseu_models.records import SystemDownError
from sseu_models.results.log import read_log
from sseu_models.running.evaluation import evaluate
from sseu_models.running.ray import RaySystem
from sseu_models.running.request import Request

pytestmark = pytest.mark.slow
SYSTEM = """
from sseu_models.records import Reply, SystemDownError, Capabilities

class Level:
    def __init__(self, dies=False):
        self.id, self.settings, self.dies = "level", {"dies": dies}, dies
        self.capabilities = Capabilities(rate_hz=16_000, batch_size=3, in_flight=2)
    async def start(self): ...
    async def close(self): ...
    async def answer(self, questions):
        if self.dies:
            raise SystemDownError("the weights are gone; fetch them again")
        return [Reply(text=f"Scene: Home {abs(q.audio).sum():.3f} {q.seed}") for q in questions]
"""


@pytest.fixture
def own_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ray", reason="the extra `ray` is not installed")
    (tmp_path / "level.py").write_text(SYSTEM)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{Path(__file__).resolve().parents[3]}")
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.mark.usefixtures("own_system")
def test_a_run_on_ray_equals_a_local_one(built: Path, tmp_path: Path) -> None:
    job = Job(runs=2)
    for engine, actors in (("local", None), ("ray", 2)):
        request = Request("python:level:Level", str(built), tmp_path / engine, job=job, engine=engine, actors=actors)
        evaluate(Request(**{**request.__dict__, "embedder": "exact"}), progress=False)
    local, ray = (
        {a.key: (a.text, a.settings_sha256) for a in read_log(tmp_path / e / "answers.jsonl")} for e in ("local", "ray")
    )
    assert local == ray
    assert (tmp_path / "ray" / "scores.json").read_bytes() == (tmp_path / "local" / "scores.json").read_bytes()


@pytest.mark.usefixtures("own_system")
def test_what_a_copy_says_reaches_the_caller(built: Path, tmp_path: Path) -> None:
    request = Request(
        "python:level:Level", str(built), tmp_path / "out", settings={"dies": True}, engine="ray", actors=1
    )
    with pytest.raises(SystemDownError, match="the weights are gone; fetch them again"):
        evaluate(request, progress=False)
    greedy = Request("python:level:Level", str(built), tmp_path / "gpu", engine="ray", actors=2, gpus_per_actor=1.0)
    with pytest.raises(SystemDownError, match="2 copies need 2 GPUs, the cluster has"):
        evaluate(greedy, progress=False)


def test_impossible_requests_are_refused(built: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"unknown engine 'slurm' \(there are local, ray\)"):
        evaluate(Request("control:no-answer", str(built), tmp_path / "out", engine="slurm"), progress=False)
    with pytest.raises(ValueError, match="0 actors"):
        RaySystem("control:no-answer", {}, [], actors=0)
