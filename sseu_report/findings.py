"""What the figures say beside themselves: interference, embedders, unread answers, deaf systems, hard clips.

Pure functions of scored entries; SNR thresholds have their own module. Every finding holds its numbers and `lines()`
for the terminal. Names and texts in them come from results folders: `shown` makes them safe for a terminal, HTML needs
its own escaping.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

from sseu_metric.intervals import RESAMPLES, holm
from sseu_metric.normalisers import DEFAULT_NORMALISER
from sseu_metric.results import SIGN_FLIP_DRAWS, Comparison, compare
from sseu_metric.scores import Rows, Scores, condition_order
from sseu_metric.wer import runaway
from sseu_models.answer_log import Answer, Key
from sseu_models.answer_scores import score_answers
from sseu_models.hearing import CONTROLS, HearingCheck, compare_hearing
from sseu_models.job import FINITE
from sseu_models.records import TASKS
from sseu_models.results_folder import asked_conditions
from sseu_report.entries import Entry, ScoredEntry
from sseu_report.thresholds import only_conditions

if TYPE_CHECKING:
    from sseu_metric.embedders import Embedder

NAMES: Mapping[str, str] = {"wer": "WER", "macc": "mACC", "map": "mAP"}
STEPS = (("independent", "joint"), ("joint", "cot"))
"""Each pair of modes whose difference is a finding: the second minus the first."""
CELL_DRAWS = 100_000
UNREAD = ("empty", "refused", "unparsed", "missing")
"""The statuses of an answer without a value, see `sseu_metric.answer_values.ParseStatus`."""


def shown(text: str, most: int = 80) -> str:
    """Text of others on one line: control characters become U+FFFD, what is longer than `most` loses its middle."""
    clean = "".join(character if character.isprintable() else "\ufffd" for character in text)
    if len(clean) <= most:
        return clean
    head = (most - 1) // 2
    return f"{clean[:head]}…{clean[len(clean) - (most - 1 - head) :]}"


def is_control(entry: Entry) -> bool:
    """Whether it is no system that listens: a control of ours, or a run on silent or shuffled audio."""
    return entry.result.system.startswith("control:") or entry.result.frontend["name"] in CONTROLS


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
            f"{self.mode} minus {self.base}, {NAMES[found.metric]} at {', '.join(self.conditions)} dB: "
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

    Args:
        scores: By mode, of one system.
        resamples: For the interval.
        draws: For p: more than above, since Holm multiplies the smallest by the number of cells.
        seed: Of both.
        progress: Show a bar on a terminal.

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
            for metric in NAMES:
                both = {c for _, c in scores[base].cells(metric)} & {c for _, c in scores[mode].cells(metric)}
                if conditions := tuple(name for name in FINITE if name in both):
                    yield base, mode, metric, conditions


@dataclass(frozen=True)
class EmbedderSensitivity:
    """The same answers under several text embedders.

    Attributes:
        mode: How they were asked.
        metric: `macc` or `map`.
        embedders: Ids.
        figures: For each system, in percent, one figure for each embedder.
        ranked: The systems that rank: complete, no controls.
        correlations: For each two embedders, Kendall's tau-b of the ranked systems; None where it is not defined.
    """

    mode: str
    metric: str
    embedders: tuple[str, ...]
    figures: Mapping[str, tuple[float, ...]]
    ranked: tuple[str, ...]
    correlations: Mapping[tuple[str, str], float | None]

    def lines(self) -> Iterator[str]:
        """What is printed."""
        places = {name: f"[{place}]" for place, name in enumerate(self.embedders, 1)}
        yield f"{self.mode} {NAMES[self.metric]} under {', '.join(f'{p} {shown(name)}' for name, p in places.items())}"
        for system, values in self.figures.items():
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
        normalizer = one.entry.result.scoring.get("normalizer") or DEFAULT_NORMALISER
        clips = [replace(clip, asks=tuple(ask for ask in clip.asks if ask.task != "asr")) for clip in one.clips]
        clips = [clip for clip in clips if clip.asks]
        for embedder in made:
            scores = score_answers(clips, one.answers, embedder=embedder, normalizer=normalizer, progress=progress)
            for mode, part in scores.items():
                for metric in ("macc", "map"):
                    if (value := part.figure(metric)) is not None:
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


@dataclass(frozen=True)
class AnswerRates:
    """How the answers to one task in one mode came, in one condition or in all.

    Attributes:
        mode: How it was asked.
        task: `asr`, `asc` or `at`.
        condition: Its name; None for all together.
        asked: Number of questions, over all runs.
        statuses: How many came in which status.
        failed: Of the missing ones, those whose request failed; the others were never asked.
        runaway: ASR answers with more errors than reference words.
    """

    mode: str
    task: str
    condition: str | None
    asked: int
    statuses: Mapping[str, int]
    failed: int
    runaway: int

    def share(self, status: str) -> float:
        """Of the questions, in percent."""
        return 100 * self.statuses.get(status, 0) / self.asked

    @property
    def read(self) -> float:
        """Share of the questions with an answer in which a value was found, percent."""
        return 100 - sum(self.share(status) for status in UNREAD)

    def lines(self) -> Iterator[str]:
        """What is printed."""
        where = "all conditions" if self.condition is None else self.condition
        unread = "".join(f", {self.share(name):.1f} {name}" for name in UNREAD if self.statuses.get(name))
        failed = f" ({self.failed} failed requests)" if self.failed else ""
        runaways = f", {self.runaway} runaway" if self.runaway else ""
        yield f"{self.mode} {self.task}, {where}: {self.read:.1f} % of {self.asked} read{unread}{failed}{runaways}"


def find_answer_rates(scored: ScoredEntry) -> tuple[AnswerRates, ...]:
    """For every mode and task: all conditions together, then each."""
    found = []
    for mode, scores in scored.scores.items():
        for task, rows in scores.tables.items():
            found.append(_rates(mode, task, None, rows, scored.answers))
            for condition in sorted(set(rows["condition"].tolist()), key=condition_order):
                part = rows.take(rows["condition"] == condition)
                found.append(_rates(mode, task, condition, part, scored.answers))
    return tuple(found)


def _rates(mode: str, task: str, condition: str | None, rows: Rows, answers: Mapping[Key, Answer]) -> AnswerRates:
    missing = rows.take(rows["status"] == "missing")
    asked_as = "all" if TASKS[mode] == ("all",) else task  # type: ignore[index]
    keys = [Key(name, mode, asked_as, run) for name, run in zip(missing["id"], missing["run"].tolist(), strict=True)]
    return AnswerRates(
        mode=mode,
        task=task,
        condition=condition,
        asked=len(rows),
        statuses=dict(sorted(Counter(map(str, rows["status"].tolist())).items())),
        failed=sum(key in answers for key in keys),
        runaway=int(runaway(rows["counts"]).sum()) if task == "asr" else 0,
    )


def pair_controls(entries: Sequence[Entry]) -> list[tuple[int, int]]:
    """Which entries are a run and its control on silent or shuffled audio: positions (run, control).

    The two have the same system, settings, prompts, job, dataset, embedder and normaliser.
    """
    alike = ("system", "settings", "prompts", "job")
    return [
        (place, number)
        for place, run in enumerate(entries)
        for number, control in enumerate(entries)
        if control.result.frontend["name"] in CONTROLS
        and run.result.frontend["name"] not in CONTROLS
        and all(getattr(run.result, name) == getattr(control.result, name) for name in alike)
        and run.result.dataset["fingerprint"] == control.result.dataset["fingerprint"]
        and _scoring(run) == _scoring(control)
    ]


def _scoring(entry: Entry) -> tuple[str | None, str | None]:
    return entry.result.scoring.get("embedder"), entry.result.scoring.get("normalizer")


def find_hearing(scored: Sequence[ScoredEntry], *, draws: int = SIGN_FLIP_DRAWS) -> tuple[HearingCheck, ...]:
    """The check of `sseu_models.hearing` for every run among the entries that has a control there.

    Args:
        scored: The entries of a report.
        draws: For the p values.
    """
    return tuple(
        _hearing(scored[run], scored[control], draws) for run, control in pair_controls([one.entry for one in scored])
    )


def _hearing(run: ScoredEntry, control: ScoredEntry, draws: int) -> HearingCheck:
    return compare_hearing(
        run.entry.name,
        control.entry.result.frontend["name"],
        (run.answers, run.scores),
        (control.answers, control.scores),
        asked_conditions(run.clips),
        draws=draws,
    )
