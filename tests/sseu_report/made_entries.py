"""Entries with scores that a test writes, without answers behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from sseu_metric.conditions import CONDITIONS
from sseu_models.results.record import SCHEMA_VERSION, IntervalRecord
from sseu_models.results.records import Prompts, PromptTemplate
from sseu_models.results.scores_file import EmbedderIdentity, LeftOut, ModeScores, RunScores, ScoresFile
from sseu_report.entries import Entry
from tests.sseu_models.made_results import make_result

Runs = Sequence[Mapping[str, Mapping[str, float]]]
"""For each run: condition -> metric -> percent."""

PAPERS_EMBEDDER = EmbedderIdentity(id="openai:text-embedding-3-large", revision=None, dimension=3072)


def flat(metric: str, *runs: Mapping[str, float]) -> Runs:
    """Runs of one metric."""
    return [{condition: {metric: value} for condition, value in run.items()} for run in runs]


def make_mode(runs: Runs, *, half_width: float = 0, **values: Any) -> ModeScores:
    """The scores of a mode; each condition has an interval of twice `half_width`, `values` replace fields."""
    by_condition: dict[str, dict[str, list[float]]] = {}
    for run in runs:
        for condition, metrics in run.items():
            for metric, value in metrics.items():
                by_condition.setdefault(condition, {}).setdefault(metric, []).append(value)
    means = {
        condition: {metric: fmean(found) for metric, found in cell.items()} for condition, cell in by_condition.items()
    }
    intervals: dict[str, dict[str, IntervalRecord]] = {}
    for condition, cell in means.items() if half_width else ():
        for metric, value in cell.items():
            interval = IntervalRecord(low=value - half_width, high=value + half_width)
            intervals.setdefault(metric, {})[condition] = interval
    made: dict[str, Any] = {
        **{metric: 0.0 for cell in means.values() for metric in cell},
        "pooled": {},
        "by_condition": means,
        "by_corpus": {},
        "by_scene": {},
        "by_event": {},
        "left_out": LeftOut(scenes=(), events=()),
        "intervals": intervals,
        "clusters": {},
        "counts": {"asr": {"answers": 200, "plain": 190, "refused": 6, "unparsed": 4, "runaway": 3}},
        "complete": True,
        "embedder": PAPERS_EMBEDDER,
        "normalizer": "whisper-english 0.1.15",
        "by_run": tuple(RunScores(run=number, by_condition=run) for number, run in enumerate(runs)),
        "averages": {},
    }
    return ModeScores(**(made | values))


def make_entry(
    name: str = "scripted:one",
    modes: Mapping[str, ModeScores] | None = None,
    *,
    frontend: str = "none",
    fingerprint: str = "f" * 64,
    conditions: Sequence[str] = CONDITIONS,
    prompts: str = "project-1",
    prompt_sha256: str = "0" * 64,
    **result: Any,
) -> Entry:
    """An entry; by default with one score in one run."""
    template = PromptTemplate(id="p/asr", sha256=prompt_sha256, source="project")
    found = make_result(
        system=name,
        frontend=frontend,
        prompts=Prompts(set=prompts, templates={"independent/asr": template}),
        **result,
    )
    recipe = "paper" if tuple(conditions) == CONDITIONS else "custom"
    dataset = found.dataset.replace(fingerprint=fingerprint, conditions=tuple(conditions), recipe=recipe)
    found = found.replace(dataset=dataset)
    shown = name if frontend == "none" else f"{name} + {frontend}"
    made = {"independent": make_mode(flat("wer", {"0": 10.0}))} if modes is None else modes
    return Entry(Path("results") / "made", shown, found, ScoresFile(modes=made, schema_version=SCHEMA_VERSION))
