"""Would another text embedder tell another story? The same answers under several, and the ranks of the systems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

from sseu_metric.normalisers import DEFAULT_NORMALISER
from sseu_models.records import TASKS
from sseu_models.results.scoring import score_answers
from sseu_report.entries import ScoredEntry, is_control
from sseu_report.naming import METRIC_NAMES, shown

if TYPE_CHECKING:
    from sseu_metric.embedder_protocol import Embedder


@dataclass(frozen=True)
class EmbedderSensitivity:
    """The same answers under several text embedders.

    Attributes:
        mode: How they were asked.
        metric: `macc` or `map`.
        embedders: Ids.
        scores: For each system, in percent, one for each embedder.
        ranked: The systems that rank: complete, no controls.
        correlations: For each two embedders, Kendall's tau-b of the ranked systems; None where it is not defined.
    """

    mode: str
    metric: str
    embedders: tuple[str, ...]
    scores: Mapping[str, tuple[float, ...]]
    ranked: tuple[str, ...]
    correlations: Mapping[tuple[str, str], float | None]

    def lines(self) -> Iterator[str]:
        """What is printed."""
        places = {name: f"[{place}]" for place, name in enumerate(self.embedders, 1)}
        under = ", ".join(f"{place} {shown(name)}" for name, place in places.items())
        yield f"{self.mode} {METRIC_NAMES[self.metric]} under {under}"
        for system, values in self.scores.items():
            changes = " ".join(f"{value:6.2f} ({value - values[0]:+.2f})" for value in values[1:])
            yield f"  {shown(system, 40):<40} {values[0]:6.2f} {changes}"
        for (one, other), tau in self.correlations.items():
            value = "not defined" if tau is None else f"{tau:.2f}"
            yield f"  ranks of {len(self.ranked)} systems under {places[one]} and {places[other]}: tau-b {value}"


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
        ValueError: Fewer than two embedders, two of one id, or an unknown one.
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
        normalizer = one.entry.result.normalizer or DEFAULT_NORMALISER
        clips = [replace(clip, asks=tuple(ask for ask in clip.asks if ask.task != "asr")) for clip in one.clips]
        clips = [clip for clip in clips if clip.asks]
        for embedder in made:
            scores = score_answers(clips, one.answers, embedder=embedder, normalizer=normalizer, progress=progress)
            for mode, part in scores.items():
                for metric in ("macc", "map"):
                    if (value := part.value(metric)) is not None:
                        tables.setdefault((mode, metric), {}).setdefault(one.entry.name, []).append(value)
    rankable = {one.entry.name for one in scored if one.entry.complete and not is_control(one.entry)}
    found = []
    for (mode, metric), figures in sorted(tables.items(), key=lambda item: (list(TASKS).index(item[0][0]), item[0][1])):  # type: ignore[arg-type]
        ranked = tuple(name for name in figures if name in rankable)
        correlations = {
            (ids[one], ids[other]): kendall_tau_b(
                [figures[name][one] for name in ranked], [figures[name][other] for name in ranked]
            )
            for one, other in combinations(range(len(ids)), 2)
        }
        values = {name: tuple(row) for name, row in figures.items()}
        found.append(EmbedderSensitivity(mode, metric, ids, values, ranked, correlations))
    return tuple(found)


def kendall_tau_b(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Kendall's rank correlation with ties, -1 to 1; None where one of the two does not rank anything.

    Source: Kendall (1945), "The treatment of ties in ranking problems", Biometrika 33.

    Raises:
        ValueError: The lengths differ.
    """
    if len(one) != len(other):
        raise ValueError(f"{len(one)} and {len(other)} values; ranks of the same systems are needed")
    signs = [(_sign(a - b), _sign(c - d)) for (a, c), (b, d) in combinations(zip(one, other, strict=True), 2)]
    untied_one, untied_other = sum(s != 0 for s, _ in signs), sum(s != 0 for _, s in signs)
    if not untied_one or not untied_other:
        return None
    concordance: float = sum(s * t for s, t in signs) / (untied_one * untied_other) ** 0.5
    return concordance


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
