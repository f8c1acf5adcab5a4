"""What is printed of a results folder: how much was answered, and the table of scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sseu_metric.conditions import CONDITIONS
from sseu_models.job import FINITE
from sseu_models.results.folder import Result

NAMES = {"wer": "WER", "macc": "mACC", "map": "mAP"}
_FINITE_HEAD = f"{FINITE[0]} to {FINITE[-1]}"


def answer_lines(result: Result) -> Iterator[str]:
    """How many questions have an answer, what failed in which condition, latency, tokens, and what is incomplete."""
    answers = result.answers
    yield f"{result.system}: {answers['ok']} of {answers['asked']} questions answered"
    for condition, counts in answers["by_condition"].items():
        if set(counts) != {"ok"}:
            yield f"  {condition:>5} dB: {', '.join(f'{count} {status}' for status, count in counts.items())}"
    if answers["cut_short"]:
        yield f"  {answers['cut_short']} answers were cut at the length limit"
    if "latency_median_s" in answers:
        median, late = answers["latency_median_s"], answers["latency_95_s"]
        tokens = f"; {answers['input_tokens']} tokens in, {answers['output_tokens']} out"
        yield f"  latency {median} s (median), {late} s (95 %){tokens if answers['output_tokens'] else ''}"
    for reason in result.incomplete:
        yield f"  incomplete: {reason}"


def score_lines(scores: Mapping[str, Any]) -> Iterator[str]:
    """The metrics of every mode in percent, and below them what the averages are over.

    Columns: the average with its interval, the average of Table 2 of the paper, each condition.

    Args:
        scores: From `read_scores`.
    """
    heads = "".join(f"{name:>8}" for name in CONDITIONS)
    yield f"{'%':<22}{'average':>8} {'95 % interval':>15} {_FINITE_HEAD:>10}{heads}"
    for mode, figures in scores["modes"].items():
        metrics = [metric for metric in NAMES if metric in figures]
        for metric in metrics:
            interval = figures["intervals"][metric]["all"]
            spread = f"{interval['low']:.1f} to {interval['high']:.1f}"
            values = [figures["by_condition"].get(condition, {}).get(metric) for condition in CONDITIONS]
            cells = "".join(_cell(value, 8) for value in values)
            finite = _cell(figures["averages"][metric]["finite"], 10)
            yield f"{mode + ' ' + NAMES[metric]:<22}{figures[metric]:>8.2f} {spread:>15} {finite}{cells}"
        yield f"  average over: {_averaged_over(figures['averages'], metrics)}"
        if figures["embedder"]:
            yield f"  embedder {figures['embedder']['id']}"
    yield f"  {_FINITE_HEAD}: average over these five conditions, as in Table 2 of the paper"
    if "noise_probe" in scores:
        probe = scores["noise_probe"]
        yield f"words heard where nobody speaks: {probe['words']} in {probe['answered']} clips"


def _cell(value: float | None, width: int) -> str:
    return f"{'-':>{width}}" if value is None else f"{value:>{width}.2f}"


def _averaged_over(averages: Mapping[str, Mapping[str, Any]], metrics: list[str]) -> str:
    """The conditions of each metric's average; metrics with the same ones stand together."""
    groups: dict[str, list[str]] = {}
    for metric in metrics:
        groups.setdefault(", ".join(averages[metric]["conditions"]), []).append(NAMES[metric])
    return "; ".join(f"{conditions} ({', '.join(names)})" for conditions, names in groups.items())
