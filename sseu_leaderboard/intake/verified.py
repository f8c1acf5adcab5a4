"""A submission's scores as the board computed them from its answers; stored as JSON, so that it is done once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from sseu_dataset.validation import parse_json
from sseu_metric.averages import average, average_resamples
from sseu_metric.conditions import finite, ordered
from sseu_metric.intervals import Interval, percentile_interval
from sseu_metric.scores import Scores
from sseu_models.records import TASKS
from sseu_report.naming import TASK_METRICS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RESAMPLES = 1_000
AVERAGE, FINITE_AVERAGE = "average", "finite"
"""Columns beside the conditions: the means over all conditions asked (Table 1) and over the finite ones (Table 2)."""
_DECIMALS = 4


@dataclass(frozen=True)
class BoardCell:
    """A score in percent.

    Attributes:
        value: Mean over runs.
        low: Lower end of the 95 % interval; None for a score that was only reported.
        high: Upper end.
        std: Sample standard deviation over runs; None for one run.
        resampled: The score in every resample, equal draws for every submission; empty if there are none.
    """

    value: float
    low: float | None = None
    high: float | None = None
    std: float | None = None
    resampled: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class Verified:
    """A submission whose scores were computed from its answers here.

    Attributes:
        sha256: Hash of the submission's files.
        version: Version of the dataset that it is about.
        answers_sha256: Hash of every question with its answer, whatever their order and the name of the system.
        system: System id, as the submission says.
        model: Model id on the Hub, as the submission says; None if it says none.
        frontend: Name of the front end; `none` without one.
        prompts: Id of the prompt set.
        embedder: `id@revision` of the embedder that scored here.
        stated_embedder: Embedder of the submitter's own scores.
        runs: How often each question was asked.
        flags: Why it is not ranked; empty if it is.
        notes: Remarks for the reader.
        cells: mode -> metric -> column -> cell.
        limitations: Why scores on the board's dataset are not scores of the whole benchmark; empty if they are.
        schema_version: Version of this form.
    """

    sha256: str
    version: str
    answers_sha256: str
    system: str
    model: str | None
    frontend: str
    prompts: str
    embedder: str
    stated_embedder: str
    runs: int
    flags: tuple[str, ...]
    notes: tuple[str, ...]
    cells: Mapping[str, Mapping[str, Mapping[str, BoardCell]]]
    limitations: tuple[str, ...] = ()
    schema_version: Literal[5] = 5

    def to_json(self) -> str:
        """One line; resamples are rounded to 1e-4 points."""
        return json.dumps(asdict(self), ensure_ascii=False, allow_nan=False)


def parse_verified(text: str) -> Verified:
    """Read a record that this module wrote.

    Raises:
        ValueError: It is none, or one of another version.
    """
    return parse_json(Verified, text, "record of a submission", "score the submission again")


def cells_of(
    scores: Mapping[str, Scores], conditions: tuple[str, ...], *, resamples: int = RESAMPLES
) -> dict[str, Any]:
    """Every cell the board shows, with its interval, by mode, metric and column.

    A column exists only if the submission answered all of it. The resamples have one seed, so that a resample is the
    same draw of speakers and recordings for every submission on one dataset.

    Args:
        scores: By mode.
        conditions: The dataset's conditions.
        resamples: Number of resamples.
    """
    return {
        mode: {
            metric: columns
            for metric in TASK_METRICS.values()
            if (columns := _columns(found, metric, finite(conditions), resamples))
        }
        for mode, found in ((mode, scores[mode]) for mode in TASKS if mode in scores)
    }


def _columns(scores: Scores, metric: str, finite_ones: tuple[str, ...], resamples: int) -> dict[str, BoardCell]:
    import numpy as np

    cells = scores.resampled_cells(metric, resamples=resamples)
    if not cells:
        return {}
    asked = ordered(condition for _, condition in cells)
    wanted = {AVERAGE: asked}
    if finite_ones and {*finite_ones} <= {*asked}:
        wanted[FINITE_AVERAGE] = finite_ones
    wanted |= {condition: (condition,) for condition in asked}
    runs = list(scores.values(metric).values())
    columns = {}
    for column, chosen in wanted.items():
        resampled = average_resamples({key: cell for key, cell in cells.items() if key[1] in chosen})
        found = average(runs, chosen)
        assert found is not None  # every question was answered, so every run has every condition in `asked`
        interval = interval_of(metric, resampled, found.value)
        columns[column] = BoardCell(
            found.value,
            max(interval.low, 0.0),
            interval.high if metric == "wer" else min(interval.high, 100.0),
            found.deviation,
            tuple(None if np.isnan(one) else round(float(one), _DECIMALS) for one in resampled),
        )
    return columns


def interval_of(metric: str, resampled: NDArray[np.float64], estimate: float) -> Interval:
    """The 95 % interval of a score or a difference; of mAP without the bias of its resamples, as in `summarise`.

    Raises:
        ValueError: The score is not defined in any resample.
    """
    return percentile_interval(resampled, estimate=estimate if metric == "map" else None)
