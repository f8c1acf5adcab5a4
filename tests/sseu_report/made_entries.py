"""Entries made of figures that a test writes, without answers behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sseu_models.results.records import Prompts, PromptTemplate
from sseu_report.entries import Entry
from tests.sseu_models.made_results import make_result

Runs = Sequence[Mapping[str, Mapping[str, float]]]
"""For each run: condition -> metric -> figure."""

PAPERS_EMBEDDER = {"id": "openai:text-embedding-3-large", "revision": None, "dimension": 3072}


def flat(metric: str, *runs: Mapping[str, float]) -> Runs:
    """Runs of one metric."""
    return [{condition: {metric: value} for condition, value in run.items()} for run in runs]


def make_mode(runs: Runs, **values: Any) -> dict[str, Any]:
    """The part of `scores.json` for a mode, as far as the tables read it."""
    metrics = {metric for run in runs for cell in run.values() for metric in cell}
    return {
        **dict.fromkeys(metrics, 0.0),
        "by_run": [{"run": number, "by_condition": run} for number, run in enumerate(runs)],
        "counts": {"asr": {"answers": 200, "plain": 190, "refused": 6, "unparsed": 4, "runaway": 3}},
        "complete": True,
        "embedder": PAPERS_EMBEDDER,
        "normalizer": "whisper-english 0.1.15",
    } | values


def make_entry(
    name: str = "scripted:one",
    modes: Mapping[str, Any] | None = None,
    *,
    frontend: str = "none",
    fingerprint: str = "f" * 64,
    prompts: str = "project-1",
    prompt_sha256: str = "0" * 64,
    deterministic: bool = False,
    **result: Any,
) -> Entry:
    """An entry; by default with one figure in one run."""
    template = PromptTemplate(id="p/asr", sha256=prompt_sha256, source="project")
    found = make_result(
        system=name,
        deterministic=deterministic,
        frontend=frontend,
        prompts=Prompts(set=prompts, templates={"independent/asr": template}),
        **result,
    )
    found = found.replace(dataset=found.dataset.replace(fingerprint=fingerprint))
    shown = name if frontend == "none" else f"{name} + {frontend}"
    made = {"independent": make_mode(flat("wer", {"0": 10.0}))} if modes is None else modes
    return Entry(Path("results") / "made", shown, found, {"schema_version": 1, "modes": made})
