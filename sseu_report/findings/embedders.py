"""Embedder sensitivity: scores and ranks of the same answers under several text embedders."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

from sseu_models.records import TASKS
from sseu_models.results.scoring import score_answers
from sseu_report.entries import ScoredEntry

if TYPE_CHECKING:
    from sseu_metric.embedder_protocol import Embedder


@dataclass(frozen=True)
class EmbedderSensitivity:
    """One metric of the same answers under several text embedders.

    Attributes:
        mode: How the systems were asked.
        metric: `macc` or `map`.
        embedders: Ids of the embedders.
        scores: For each system, in percent, one for each embedder.
        ranked: The systems that are ranked: complete results that are no controls.
        correlations: For each two embedders, Kendall's tau-b of the ranked systems; None where it is not defined.
    """

    mode: str
    metric: str
    embedders: tuple[str, ...]
    scores: Mapping[str, tuple[float, ...]]
    ranked: tuple[str, ...]
    correlations: Mapping[tuple[str, str], float | None]


def find_embedder_sensitivity(
    scored: Sequence[ScoredEntry], embedders: Sequence[str | Embedder], *, progress: bool = False
) -> tuple[EmbedderSensitivity, ...]:
    """Score the same answers with each embedder.

    Classifiers' scores need no embedder and stay as they are; they take part in the ranks.

    Args:
        scored: The entries of a report.
        embedders: At least two, see `sseu_metric.make_embedder`; changes are against the first.
        progress: Show bars on a terminal.

    Raises:
        ValueError: Fewer than two embedders, two with one id, or an unknown one.
        ImportError: The package of one is missing.
        EmbedderError: One cannot answer.
    """
    from sseu_metric.embedders import make_embedder

    made = [make_embedder(embedder) for embedder in embedders]
    ids = tuple(embedder.id if embedder.revision is None else f"{embedder.id}@{embedder.revision}" for embedder in made)
    if len(set(ids)) < max(2, len(ids)):
        raise ValueError(f"embedders {', '.join(ids) or '(none)'}: give at least two, each once")
    tables: dict[tuple[str, str], dict[str, list[float]]] = {}
    for one in scored:
        clips = [replace(clip, questions=tuple(q for q in clip.questions if q.task != "asr")) for clip in one.clips]
        clips = [clip for clip in clips if clip.questions]
        for embedder in made:
            scores = score_answers(
                clips, one.answers, embedder=embedder, normalizer=one.entry.normalizer, progress=progress
            )
            for mode, part in scores.items():
                for metric in ("macc", "map"):
                    if (value := part.value(metric)) is not None:
                        tables.setdefault((mode, metric), {}).setdefault(one.entry.name, []).append(value)
    rankable = {one.entry.name for one in scored if not one.entry.result.incomplete and not one.entry.is_control}
    found = []
    for mode, metric in sorted(tables, key=lambda key: ([*map(str, TASKS)].index(key[0]), key[1])):
        values = tables[mode, metric]
        ranked = tuple(name for name in values if name in rankable)
        correlations = {
            (ids[one], ids[other]): rank_correlation(
                [values[name][one] for name in ranked], [values[name][other] for name in ranked]
            )
            for one, other in combinations(range(len(ids)), 2)
        }
        rows = {name: tuple(row) for name, row in values.items()}
        found.append(EmbedderSensitivity(mode, metric, ids, rows, ranked, correlations))
    return tuple(found)


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Kendall's tau-b (Kendall 1945, Biometrika 33), -1 to 1; None where one of the two ranks nothing."""
    from scipy.stats import kendalltau

    tau = float(kendalltau(one, other).statistic) if len(one) > 1 else math.nan
    return None if math.isnan(tau) else tau
