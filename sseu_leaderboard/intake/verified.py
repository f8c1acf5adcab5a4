"""A submission's scores as the board computed them from its answers; stored as JSON, so that it is done once."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from sseu_dataset.validation import parse_json
from sseu_metric.averages import average
from sseu_metric.conditions import finite, ordered
from sseu_metric.intervals import possible
from sseu_metric.scores import Replicates, Scores
from sseu_models.kinds import Kind
from sseu_models.records import TASKS
from sseu_report.naming import TASK_METRICS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sseu_metric.jackknife import Factor, Jackknife

AVERAGE, FINITE_AVERAGE = "average", "finite"
"""Columns beside the conditions: the means over all conditions asked (Table 1) and over the finite ones (Table 2)."""


@dataclass(frozen=True)
class BoardCell:
    """A score in percent.

    Attributes:
        value: Mean over runs.
        low: Lower end of the 95 % interval; None for a score that was only reported, or where nothing tells how much it
            varies.
        high: Upper end.
        std: Sample standard deviation over runs; None for one run.
        replicates: The score without each cluster (`sseu_metric.jackknife`), as `pack` writes it; empty where a cluster
            holds all there is.
        runs: The score of each run, or of each prompt set where there are several; empty for a reported score.
    """

    value: float
    low: float | None = None
    high: float | None = None
    std: float | None = None
    replicates: str = ""
    runs: tuple[float, ...] = ()

    @property
    def without(self) -> NDArray[np.float64]:
        """The score without each cluster, shape (replicates,)."""
        import numpy as np

        return np.frombuffer(b64decode(self.replicates), "<f4").astype(np.float64)


def pack(replicates: Iterable[float]) -> str:
    """Replicates as base64 of 32-bit floats: off by at most a 10-millionth, which says nothing of a standard error."""
    import numpy as np

    return b64encode(np.array([*replicates], "<f4").tobytes()).decode()


Cells: TypeAlias = Mapping[str, Mapping[str, Mapping[str, BoardCell]]]
"""mode -> metric -> column -> cell."""


@dataclass(frozen=True)
class BoardFactor:
    """What a part of the replicates leaves out, as JSON values (`sseu_metric.jackknife.Factor`)."""

    names: tuple[str, ...]
    sign: int
    stratum: tuple[int, ...]
    sizes: tuple[float, ...]
    strata: tuple[str, ...]


@dataclass(frozen=True)
class Verified:
    """A submission whose scores were computed from its answers here.

    Attributes:
        sha256: Hash of the submission's files.
        version: Version of the dataset that it is about.
        asked_sha256: Hash of what was asked of whom, prompts aside (`Result.asked_sha256`).
        answers_sha256: Hash of every question with its answer, whatever their order and the name of the system.
        system: System id, as the submission says.
        model: Model id on the Hub, as the submission says; None if it says none.
        frontend: Name of the front end; `none` without one.
        kind: Kind of the submission (`sseu_models.kinds`): only systems are ranked.
        prompts: Id of the project's prompt set, or `own (hash)`.
        embedder: `id@revision` of the embedder that scored here.
        stated_embedder: Embedder of the submitter's own scores.
        runs: How often each question was asked.
        flags: Why it is not ranked although it is a system.
        notes: Remarks for the reader.
        cells: mode -> metric -> column -> cell.
        factors: mode -> metric -> what the replicates leave out.
        limitations: Why scores on the board's dataset are not scores of the whole benchmark; empty if they are.
        marks: mode -> metric -> reasons to doubt a score, which stand beside it (`doubts`).
        prints: mode -> task -> prints of its answers, by which copies are found (`doubts.answer_prints`).
        schema_version: Version of this form.
    """

    sha256: str
    version: str
    asked_sha256: str
    answers_sha256: str
    system: str
    model: str | None
    frontend: str
    kind: Kind
    prompts: str
    embedder: str
    stated_embedder: str
    runs: int
    flags: tuple[str, ...]
    notes: tuple[str, ...]
    cells: Cells
    factors: Mapping[str, Mapping[str, tuple[BoardFactor, ...]]]
    limitations: tuple[str, ...] = ()
    marks: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    prints: Mapping[str, Mapping[str, tuple[int, ...]]] = field(default_factory=dict)
    schema_version: Literal[7] = 7

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self), ensure_ascii=False, allow_nan=False)


def parse_verified(text: str) -> Verified:
    """Read a record that this module wrote.

    Raises:
        ValueError: It is none, or one of another version.
    """
    return parse_json(Verified, text, "record of a submission", "score the submission again")


def jackknife_of(factors: Sequence[BoardFactor]) -> Jackknife:
    """The jackknife of stored replicates."""
    import numpy as np

    from sseu_metric.jackknife import Factor, Jackknife

    stored = (
        Factor(one.names, one.sign, np.array(one.stratum, dtype=np.int64), np.array(one.sizes), one.strata)
        for one in factors
    )
    return Jackknife(tuple(stored), ())


def cells_of(scores: Mapping[str, Scores], conditions: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Every cell the board shows, with its interval and replicates, by mode, metric and column.

    A column exists only if the submission answered all of it. All submissions on one dataset answer the same clips, so
    that their replicates leave out the same clusters.

    Args:
        scores: By mode.
        conditions: The dataset's conditions.

    Returns:
        mode -> metric -> column -> cell, and mode -> metric -> factors of the replicates.
    """
    cells: dict[str, Any] = {}
    factors: dict[str, Any] = {}
    for mode in (mode for mode in TASKS if mode in scores):
        cells[mode], factors[mode] = {}, {}
        for metric in TASK_METRICS.values():
            if scores[mode].cells(metric):
                replicates = scores[mode].replicates(metric)
                cells[mode][metric] = _columns(scores[mode], metric, replicates, finite(conditions))
                factors[mode][metric] = tuple(
                    _stored(factor, len(replicates.cells)) for factor in replicates.jackknife.factors
                )
    return cells, factors


def _stored(factor: Factor, cells: int) -> BoardFactor:
    """A factor with sizes by (run, condition), so that submissions of one run and of three have the same."""
    sizes = tuple((factor.sizes / cells).tolist())
    return BoardFactor(factor.names, factor.sign, tuple(factor.stratum.tolist()), sizes, factor.strata)


def _columns(scores: Scores, metric: str, replicates: Replicates, finite_ones: tuple[str, ...]) -> dict[str, BoardCell]:
    asked = ordered(condition for _, condition in replicates.cells)
    wanted = {AVERAGE: asked}
    if finite_ones and {*finite_ones} <= {*asked}:
        wanted[FINITE_AVERAGE] = finite_ones
    wanted |= {condition: (condition,) for condition in asked}
    runs = list(scores.values(metric).values())
    columns = {}
    for column, chosen in wanted.items():
        found = average(runs, chosen)
        assert found is not None  # every question was answered, so every run has every condition in `asked`
        error = scores.error_of(metric, replicates, chosen)
        interval = None if error is None else possible(metric, error.interval(found.value))
        without = replicates.average(chosen)
        columns[column] = BoardCell(
            found.value,
            None if interval is None else interval.low,
            None if interval is None else interval.high,
            found.deviation,
            pack(without) if replicates.jackknife.gap(without) is None else "",
            tuple(scores.run_means(metric, chosen)),
        )
    return columns
