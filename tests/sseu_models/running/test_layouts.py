"""A run on either layout of a dataset: the same samples are sent, and one continues the other."""

from __future__ import annotations

from pathlib import Path

from sseu_models.job import Job
from sseu_models.results.log import read_log
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request
from tests.sseu_models.scripted import ScriptedSystem


def test_what_is_sent_and_scored_does_not_depend_on_the_layout(built: Path, built_stems: Path, tmp_path: Path) -> None:
    job = Job(modes=("joint",), runs=1, limit=3)
    for folder, out in ((built, "full"), (built_stems, "stems")):
        evaluate(Request(ScriptedSystem(), str(folder), tmp_path / out, job=job, embedder="exact"), progress=False)
    full, mixed = (
        {answer.key: (answer.pcm_sha256, answer.sent_sha256) for answer in read_log(tmp_path / out / "answers.jsonl")}
        for out in ("full", "stems")
    )
    assert full == mixed
    assert all(all(hashes) for hashes in full.values())
    assert (tmp_path / "full" / "scores.json").read_bytes() == (tmp_path / "stems" / "scores.json").read_bytes()
