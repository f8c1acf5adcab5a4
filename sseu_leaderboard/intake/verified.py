"""What the board knows of a submission after it scored the answers itself; kept as JSON, so that it is done once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sseu_metric.conditions import CONDITIONS
from sseu_metric.intervals import Interval, percentile_interval
from sseu_metric.scores import Scores
from sseu_models.job import FINITE
from sseu_models.records import TASKS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SCHEMA = 2
RESAMPLES = 1_000
METRICS: Mapping[str, str] = {"asr": "wer", "asc": "macc", "at": "map"}
"""What each task is ranked by."""
AVERAGE, FINITE_AVERAGE = "average", "finite"
COLUMNS = (AVERAGE, FINITE_AVERAGE, *CONDITIONS)
"""`average`: over all conditions asked, as in Table 1; `finite`: over the five finite ones, as in Table 2."""
_DECIMALS = 4


@dataclass(frozen=True)
class Figure:
    """A figure in percent.

    Attributes:
        value: The mean over runs.
        low: Of the 95 % interval; None for a figure that was only reported.
        high: The same.
        std: Sample standard deviation over runs; None for one run.
        resampled: The figure in every resample, equal draws for every submission; empty where there is none.
    """

    value: float
    low: float | None = None
    high: float | None = None
    std: float | None = None
    resampled: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class Verified:
    """A submission whose figures were computed from its answers here.

    Attributes:
        sha256: Of the submission's files.
        answers_sha256: Of what was answered to which question, in any order and whoever is said to have answered.
        system: Its id, as the submission says.
        model: Id on the Hub, as the submission says; None where it says none.
        frontend: Name of what changed the audio; `none` where nothing did.
        prompts: Id of the prompt set.
        embedder: `id@revision` of the embedder that scored here.
        stated_embedder: What the submission was scored with by its author.
        runs: How often each question was asked.
        flags: Why it stands outside the ranking; empty if it does not.
        notes: What a reader should know beside.
        figures: mode -> metric -> column -> figure.
        schema: Of the JSON.
    """

    sha256: str
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
    figures: Mapping[str, Mapping[str, Mapping[str, Figure]]]
    schema: int = SCHEMA

    def to_json(self) -> str:
        """One line; resamples are rounded to 1e-4 points."""
        return json.dumps(asdict(self), ensure_ascii=False, allow_nan=False)


def parse_verified(text: str) -> Verified:
    """A record that this module wrote.

    Raises:
        ValueError: It is none, or one of another schema.
    """
    values = json.loads(text)
    if not isinstance(values, dict) or values.get("schema") != SCHEMA:
        raise ValueError(f"no verified record of schema {SCHEMA}")
    figures = {
        mode: {
            metric: {
                column: Figure(**{**figure, "resampled": tuple(figure["resampled"])})
                for column, figure in columns.items()
            }
            for metric, columns in metrics.items()
        }
        for mode, metrics in values["figures"].items()
    }
    return Verified(**{**values, "figures": figures, "flags": tuple(values["flags"]), "notes": tuple(values["notes"])})


def figures_of(scores: Mapping[str, Scores], *, resamples: int = RESAMPLES) -> dict[str, Any]:
    """Every figure the board shows, with its interval, by mode, metric and column.

    A column is there only where the submission answered all of it. The resamples have one seed, so that a resample is
    the same draw of speakers and recordings for every submission on one dataset.
    """
    return {
        mode: {metric: columns for metric in METRICS.values() if (columns := _columns(found, metric, resamples))}
        for mode, found in ((mode, scores[mode]) for mode in TASKS if mode in scores)
    }


def _columns(scores: Scores, metric: str, resamples: int) -> dict[str, Figure]:
    import numpy as np

    cells = scores.resampled_cells(metric, resamples=resamples)
    if not cells:
        return {}
    asked = {condition for _, condition in cells}
    wanted: dict[str, set[str]] = {AVERAGE: asked}
    if set(FINITE) <= asked:
        wanted[FINITE_AVERAGE] = set(FINITE)
    wanted |= {condition: {condition} for condition in CONDITIONS if condition in asked}
    by_run = scores.by("run")
    columns = {}
    for column, conditions in wanted.items():
        chosen = tuple(conditions)
        of_runs = [
            np.mean(
                [values for (run, condition), values in cells.items() if run == one and condition in chosen], axis=0
            )
            for one in sorted({run for run, _ in cells})
        ]
        resampled = np.mean(of_runs, axis=0)
        runs = [value for one in by_run.values() if (value := one.value(metric, chosen)) is not None]
        value = scores.value(metric, chosen)
        assert value is not None  # there are cells
        interval = interval_of(metric, resampled, value)
        columns[column] = Figure(
            value,
            max(interval.low, 0.0),
            interval.high if metric == "wer" else min(interval.high, 100.0),
            float(np.std(runs, ddof=1)) if len(runs) > 1 else None,
            tuple(None if np.isnan(one) else round(float(one), _DECIMALS) for one in resampled),
        )
    return columns


def interval_of(metric: str, resampled: NDArray[np.float64], estimate: float) -> Interval:
    """The 95 % interval of a figure or of a difference; of mAP without the bias of its resamples, as in `results`.

    Raises:
        ValueError: The figure is not defined in any resample.
    """
    return percentile_interval(resampled, estimate=estimate if metric == "map" else None)
