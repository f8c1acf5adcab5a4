"""Does asking for three things at once cost something? Joint against single tasks, step by step against joint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sseu_metric.intervals import RESAMPLES, holm
from sseu_metric.scores import Scores
from sseu_metric.significance import SIGN_FLIP_DRAWS, Comparison, compare
from sseu_models.job import FINITE
from sseu_report.by_condition import only_conditions
from sseu_report.naming import METRIC_NAMES

STEPS = (("independent", "joint"), ("joint", "cot"))
"""Each pair of modes whose difference is a finding: the second minus the first."""
CELL_DRAWS = 100_000
"""Sign flips for a cell: Holm's correction of 30 to 50 cells needs p values well below 0.001."""


@dataclass(frozen=True)
class Interference:
    """What asking for everything at once, or step by step, does to a task.

    Attributes:
        mode: The one that is looked at.
        base: The one it is compared with.
        conditions: Those both were asked in.
        comparison: `mode` minus `base`, in percentage points, with paired interval and p.
        adjusted_p: Holm's, within `family`; None for the average over conditions, which is not adjusted.
        family: How many cells were tested together; 1 for the average.
    """

    mode: str
    base: str
    conditions: tuple[str, ...]
    comparison: Comparison
    adjusted_p: float | None = None
    family: int = 1

    def lines(self) -> Iterator[str]:
        """What is printed."""
        found = self.comparison
        p = f"p {found.p:.4f}"
        if self.adjusted_p is not None:
            p = f"p {found.p:.5f}, {self.adjusted_p:.4f} after Holm over {self.family} cells"
        yield (
            f"{self.mode} minus {self.base}, {METRIC_NAMES[found.metric]} at {', '.join(self.conditions)} dB: "
            f"{found.difference:+.2f} points, 95 % {found.interval.low:+.2f} to {found.interval.high:+.2f}, {p}"
        )


def find_interference(
    scores: Mapping[str, Scores],
    *,
    resamples: int = RESAMPLES,
    draws: int = SIGN_FLIP_DRAWS,
    seed: int = 0,
    progress: bool = False,
) -> tuple[Interference, ...]:
    """Joint minus independent and cot minus joint, per task, averaged over the finite conditions both have.

    Args:
        scores: By mode, of one system.
        resamples: For the interval.
        draws: For p.
        seed: Of both.
        progress: Show a bar on a terminal.

    Raises:
        ValueError: Two modes were asked about different clips or runs.
    """
    return _compare_modes(scores, list(_common(scores)), resamples, draws, seed, progress)


def find_cell_interference(
    scores: Mapping[str, Scores],
    *,
    resamples: int = RESAMPLES,
    draws: int = CELL_DRAWS,
    seed: int = 0,
    progress: bool = False,
) -> tuple[Interference, ...]:
    """The same per condition, p adjusted after Holm over all cells; costs about ten times as much.

    The arguments are those of `find_interference`; `draws` are more, since Holm multiplies the smallest p by the number
    of cells.

    Raises:
        ValueError: Two modes were asked about different clips or runs.
    """
    asked = [
        (base, mode, metric, (condition,))
        for base, mode, metric, conditions in _common(scores)
        for condition in conditions
    ]
    cells = _compare_modes(scores, asked, resamples, draws, seed, progress)
    adjusted = holm([cell.comparison.p for cell in cells])
    return tuple(
        replace(cell, adjusted_p=value, family=len(cells)) for cell, value in zip(cells, adjusted, strict=True)
    )


_Asked = tuple[str, str, str, tuple[str, ...]]


def _compare_modes(
    scores: Mapping[str, Scores], asked: Sequence[_Asked], resamples: int, draws: int, seed: int, progress: bool
) -> tuple[Interference, ...]:
    """On all cores: nearly all the time goes into array operations of mAP's exchanges."""
    from sseu_dataset.parallel import ordered_map, worker_count

    def compared(item: _Asked) -> Interference:
        base, mode, metric, conditions = item
        after, before = (only_conditions(scores[name], conditions) for name in (mode, base))
        comparison = compare(after, before, metric, resamples=resamples, draws=draws, seed=seed)
        return Interference(mode, base, conditions, comparison)

    return tuple(
        ordered_map(
            compared,
            asked,
            total=len(asked),
            workers=worker_count(None),
            title="comparing modes",
            unit="figure",
            progress=progress,
        )
    )


def _common(scores: Mapping[str, Scores]) -> Iterator[_Asked]:
    """Base mode, mode, metric and the finite conditions in which both have it."""
    for base, mode in STEPS:
        if base in scores and mode in scores:
            for metric in METRIC_NAMES:
                both = {c for _, c in scores[base].cells(metric)} & {c for _, c in scores[mode].cells(metric)}
                if conditions := tuple(name for name in FINITE if name in both):
                    yield base, mode, metric, conditions
