"""A `Result` as a test needs it, without a run."""

from __future__ import annotations

from typing import Any

from sseu_metric.conditions import CONDITIONS
from sseu_models.job import Job
from sseu_models.results.record import SCHEMA_VERSION
from sseu_models.results.records import AnswerSummary, DatasetIdentity, FrontendIdentity, Prompts, Result


def make_result(*, frontend: str = "none", **values: Any) -> Result:
    """The result of `scripted:one` on the whole benchmark; `values` replace fields."""
    dataset = DatasetIdentity(
        version="1.0.0",
        recipe="paper",
        fingerprint="f" * 64,
        pcm_fingerprint="e" * 64,
        pairs=1117,
        conditions=CONDITIONS,
    )
    made: dict[str, Any] = {
        "system": "scripted:one",
        "settings": {},
        "deterministic": False,
        "modes": {},
        "family": "*",
        "frontend": FrontendIdentity(name=frontend, sha256="0" * 64),
        "prompts": Prompts(set="project-1", templates={}),
        "dataset": dataset,
        "data": "sseu-bench",
        "revision": None,
        "job": Job(),
        "packages": {},
        "schema_version": SCHEMA_VERSION,
    }
    return Result(**(made | values))


def make_summary(**values: Any) -> AnswerSummary:
    """A log of ten answers; `values` replace fields."""
    made = {"asked": 10, "ok": 10, "failed": 0, "cut_short": 0, "input_tokens": 0, "output_tokens": 0}
    return AnswerSummary(**({"sha256": "a" * 64, "by_condition": {"0": {"ok": 10}}} | made | values))
