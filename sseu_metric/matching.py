"""How much of a score is matching: the same names through the embedder and through the table of names.

Between what a model says and the labels stands a text embedder, which may take a right word for a wrong label. The
second reading gives a name the similarity 1 with what `match_table` says it means and 0 with all other labels, and goes
through the same eq. (1) to (3); a name that the table does not know has 0 with all. The headline is the embedder's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import stdev
from typing import TYPE_CHECKING

from .intervals import Interval
from .match_table import VERSION, meaning_of
from .predictions import CLASSES
from .rows import Rows
from .scores import MIN_RUNS, Replicates, Scores
from .tasks import METRICS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_NAMES = 20
"""Names in each list of a `Matching`."""

_MAX_CHARACTERS = 80


@dataclass(frozen=True)
class NamedOften:
    """A name on which embedder and table do not agree.

    Attributes:
        name: As the system wrote it, cut at 80 characters.
        embedder: The label nearest to it; None where several are equally near.
        table: What the table says it means: empty for no label of ours, None where the table does not know it.
        count: In how many answers it stands.
    """

    name: str
    embedder: str | None
    table: list[str] | None
    count: int


@dataclass(frozen=True)
class Matching:
    """`macc` or `map` of the same names, read twice.

    Attributes:
        table: Version of the table of names.
        by_embedder: The metric in percent, each name as near to the labels as the embedder says: the headline.
        by_table: The metric in percent, each name meaning what the table says.
        difference: By the table minus by the embedder, in points.
        interval: 95 % interval of the difference; None where nothing tells how much it varies, or it was not computed.
        named: Names in all answers together.
        unknown: Those that the table does not know.
        disagreeing: Those that the table knows, and the label nearest to them is not what it says.
        disagreements: The most frequent of these.
        unknown_names: The most frequent ones that the table does not know.
    """

    table: str
    by_embedder: float
    by_table: float
    difference: float
    interval: Interval | None
    named: int
    unknown: int
    disagreeing: int
    disagreements: list[NamedOften]
    unknown_names: list[NamedOften]


def find_matching(scores: Scores, metric: str, replicates: Replicates | None = None) -> Matching | None:
    """Compare the two readings.

    Args:
        scores: Scores of a single mode.
        metric: `macc` or `map`.
        replicates: `scores.replicates(metric)`; without them no interval is computed.

    Returns:
        None where the metric has no value or a classifier's scores are among the answers.
    """
    task = METRICS[metric]
    rows = scores.tables.get(task)
    if rows is None or "names" not in rows.columns or (value := scores.value(metric)) is None:
        return None
    answers = Counter(rows["names"].tolist())
    if None in answers:
        return None
    second = replace(scores, tables={task: read_by_table(rows, task)})
    by_table = second.value(metric)
    assert by_table is not None  # the same rows
    counts: Counter[str] = Counter()
    for names, count in answers.items():
        counts.update(dict.fromkeys(names, count))
    found = [_named(task, name, count, scores.nearest.get(task, {})) for name, count in counts.items()]
    found.sort(key=lambda one: (-one.count, one.name))
    unknown = [one for one in found if one.table is None]
    differing = [one for one in found if one.table is not None and not _agree(one.embedder, one.table)]
    return Matching(
        table=VERSION,
        by_embedder=value,
        by_table=by_table,
        difference=by_table - value,
        interval=None if replicates is None else difference_interval(scores, second, metric, replicates),
        named=sum(counts.values()),
        unknown=sum(one.count for one in unknown),
        disagreeing=sum(one.count for one in differing),
        disagreements=differing[:MAX_NAMES],
        unknown_names=unknown[:MAX_NAMES],
    )


def read_by_table(rows: Rows, task: str) -> Rows:
    """The rows with the confidences, and for `asc` the hits, that the table of names gives."""
    import numpy as np

    from .confidences import named_confidences, scene_hits

    distinct: dict[tuple[str, ...], int] = {}
    answers = [distinct.setdefault(names, len(distinct)) for names in rows["names"].tolist()]
    labels = CLASSES[task]
    by_answer = named_confidences(task, list(distinct), len(labels), lambda texts: _table_similarities(task, texts))
    confidences = by_answer.astype(np.float32)[answers]  # three values at most: half the memory tells them apart
    columns = {**rows.columns, "confidences": confidences}
    return Rows(columns | ({"hit": scene_hits(confidences, rows["reference"])} if task == "asc" else {}))


def _table_similarities(task: str, texts: list[str]) -> NDArray[np.float64]:
    import numpy as np

    meanings = [meaning_of(task, text) for text in texts]
    return np.array([[one is not None and label in one.labels for label in CLASSES[task]] for one in meanings], float)


def _named(task: str, name: str, count: int, nearest: Mapping[str, str | None]) -> NamedOften:
    meaning = meaning_of(task, name)
    short = name if len(name) <= _MAX_CHARACTERS else f"{name[: _MAX_CHARACTERS - 1]}…"
    return NamedOften(short, nearest.get(name), None if meaning is None else list(meaning.labels), count)


def _agree(nearest: str | None, labels: list[str]) -> bool:
    """Whether the nearest label is meant; with `exact`, which may find none, also that none is."""
    return nearest in labels or (nearest is None and not labels)


def difference_interval(first: Scores, second: Scores, metric: str, replicates: Replicates) -> Interval | None:
    """95 % interval of the second minus the first reading of the same answers, in which both vary together.

    Runs as in `Scores.intervals`; `replicates` are those of the first.
    """
    pairs = zip(second.run_means(metric), first.run_means(metric), strict=True)
    by_run = [theirs - ours for theirs, ours in pairs]
    difference = sum(by_run) / len(by_run)
    varied = second.replicates(metric).average() - replicates.average()
    error = replicates.jackknife.error_of(varied, difference)
    if error is not None and len(by_run) >= MIN_RUNS:
        error = error.plus(stdev(by_run) ** 2 / len(by_run), len(by_run) - 1)
    return None if error is None else error.interval(difference)
