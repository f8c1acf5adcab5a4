"""What the paper's pairs take at the speed of a run: questions, hours, and GPU hours with their cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sseu_dataset.records import PAPER_PAIRS
from sseu_metric.text_table import in_hours
from sseu_models.gpu_prices import gpu_hours

if TYPE_CHECKING:
    from sseu_models.results.records import Result


def whole_benchmark(result: Result) -> str | None:
    """One line for a run: the paper's 1,117 pairs at the speed it had, in the modes, conditions and runs asked.

    Returns:
        None where the speed is not known, nothing was asked, or only a lite part.
    """
    if result.speed is None or not result.answers.asked or result.job.lite is not None:
        return None
    pairs = min(result.job.limit or result.dataset.pairs, result.dataset.pairs)
    part = 1 if result.job.shard is None else result.job.shard[1]
    questions = round(result.answers.asked * part / pairs * sum(PAPER_PAIRS.values()))
    hours = questions * result.speed.wall_s / result.speed.answers / 3600
    on_gpus = gpu_hours(hours, result.speed.gpus)
    took = on_gpus or f"about {in_hours(hours)}"
    return f"all {sum(PAPER_PAIRS.values()):,} pairs at this speed: {questions:,} questions, {took}"
