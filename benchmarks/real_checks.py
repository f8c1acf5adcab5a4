"""What real_models.py shows of the runs, and what it checks in them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from costs import ROOT

sys.path.insert(0, str(ROOT))

from scipy.stats import binomtest

from sseu_metric.interval_notes import narrow_notes
from sseu_metric.labels import EVENTS, SCENES
from sseu_metric.normalisers import normalise
from sseu_metric.result_tables import ABOUT_SKILL, skill_rows
from sseu_metric.text_table import markdown, p_text, percent, percent_range, points, points_range, score_cell
from sseu_models.kinds import kind_of
from sseu_report.page.clips.alignment import align_words

if TYPE_CHECKING:
    from sseu_metric.intervals import Interval
    from sseu_metric.scores import Scores
    from sseu_models import Run

ALPHA = 0.05
CASCADE = "tiny.en + YAMNet"
CONSTANT_ANSWERS = ("control:majority", "control:all-events")


def table(runs: Mapping[str, Run]) -> str:
    """The scores of the systems by condition, with 95 % intervals, in Markdown."""
    conditions = next(iter(runs.values())).result.dataset.conditions
    rows = [["system", "kind", "metric", "average", *conditions]]
    for system, run in runs.items():
        kind, whole = kind_of(run.result.system), not run.result.limitations
        for mode, scores in run.scores.items():
            for metric, title in (("wer", "WER"), ("macc", "mACC"), ("map", "mAP")):
                if scores.value(metric) is None or (run.result.system in CONSTANT_ANSWERS and metric == "wer"):
                    continue
                values = [scores.value(metric), *(scores.by_condition.get(one, {}).get(metric) for one in conditions)]
                found = scores.intervals.get(metric, {})
                intervals = [found.get(key) for key in ("all" if mode == "independent" else "finite", *conditions)]
                cells = [None if value is None else percent(value, 1) for value in values]
                bounds = [None if one is None else percent_range(one.low, one.high, 1) for one in intervals]
                called = system if mode == "independent" else f"{system}, {mode}"
                rows.append([called, kind, title, *(score_cell(cell, whole=whole) for cell in cells)])
                if any(bounds):
                    rows.append(["", "", "95 % interval", *(score_cell(cell, whole=whole) for cell in bounds)])
    result = next(iter(runs.values())).result
    return f"In parentheses, since: {'; '.join(result.limitations)}.\n\n{markdown(rows, left=3)}"


def worth(runs: Mapping[str, Run]) -> str:
    """Floors and skill of the systems, and where intervals are too narrow, in Markdown."""
    rows: list[list[str]] = []
    notes: dict[str, dict[str, None]] = {}
    for system, run in runs.items():
        for mode, scores in run.scores.items():
            called = system if mode == "independent" else f"{system}, {mode}"
            if run.result.system not in CONSTANT_ANSWERS:
                found = {called: scores.json_values().get("skill", {})}
                rows += skill_rows(found, whole=not run.result.limitations)[1 if rows else 0 :]
            clusters = {metric: one.json_values() for metric, one in scores.clusters.items()}
            for note in narrow_notes(clusters, scores.intervals):
                notes.setdefault(note, {})[called] = None
    lines = [f"- {note} ({', '.join(names)})" for note, names in notes.items()]
    return "\n\n".join(
        part for part in (rows and f"{markdown(rows, left=2)}\n\n{ABOUT_SKILL}.", "\n".join(lines)) if part
    )


def errors(runs: Mapping[str, Run], count: int) -> str:
    """Answers of recognisers at +inf with word errors, a sentence once for each of them: `[spoken > heard]`."""
    lines: dict[tuple[str, str], str] = {}
    for system, run in runs.items():
        for answer in run.answers():
            said, true = normalise([answer.transcript or ""])[0], normalise([answer.true_transcript])[0]
            steps = align_words(true, said)
            if answer.condition == "+inf" and any(kind != "equal" for kind, _, _ in steps):
                words = (
                    word if kind == "equal" else f"**[{word or '-'} > {other or '-'}]**" for kind, word, other in steps
                )
                lines.setdefault((true, system), f"- {system}: {' '.join(words)}")
    return "\n".join([lines[key] for key in sorted(lines)][:count]) or "No error."


@dataclass(frozen=True)
class Rise:
    """How WER changes from one condition to another, on the same clips.

    Attributes:
        before: The condition with less noise.
        after: The other one.
        difference: WER after minus before, in points.
        interval: Its 95 % interval, paired: a speaker, sentence or recording is left out of both; None if unknown.
        worse: Clips with more word errors after than before.
        better: Clips with fewer.
    """

    before: str
    after: str
    difference: float
    interval: Interval | None
    worse: int
    better: int

    @property
    def p(self) -> float:
        """Two-sided p of the sign test, which one endless answer to noise cannot sway; 1 where no clip differs."""
        differ = self.worse + self.better
        return float(binomtest(self.worse, differ).pvalue) if differ else 1.0


def rises(scores: Scores) -> list[Rise]:
    """From each condition to the next lower SNR; then from the first to the last."""
    replicates, rows = scores.replicates("wer"), scores.tables["asr"]
    wrong = dict(
        zip(
            zip(rows["pair"].tolist(), rows["condition"].tolist(), strict=True),
            rows["counts"][:, :3].sum(axis=1).tolist(),
            strict=True,
        )
    )
    conditions = scores.conditions("wer")
    found = []
    for before, after in (*pairwise(conditions), (conditions[0], conditions[-1])):
        difference = (scores.value("wer", [after]) or 0.0) - (scores.value("wer", [before]) or 0.0)
        error = replicates.jackknife.error_of(replicates.average([after]) - replicates.average([before]), difference)
        more = [wrong[pair, after] - wrong[pair, before] for pair in sorted({pair for pair, _ in wrong})]
        interval = None if error is None else error.interval(difference)
        found.append(Rise(before, after, difference, interval, sum(n > 0 for n in more), sum(n < 0 for n in more)))
    return found


def rise_table(found: Mapping[str, Sequence[Rise]]) -> str:
    """The differences of WER between conditions, in Markdown."""
    rows = [["recogniser", "from", "to", "WER", "95 % interval", "clips worse", "better", "p (sign test)"]]
    for system, steps in found.items():
        for step in steps:
            bounds = None if step.interval is None else points_range(step.interval.low, step.interval.high, 1)
            cells = [points(step.difference, 1), bounds or "-", str(step.worse), str(step.better), p_text(step.p)]
            rows.append([system, step.before, step.after, *cells])
    return markdown(rows)


def problems(name: str, runs: Mapping[str, Run], risen: Mapping[str, Sequence[Rise]]) -> Iterator[str]:
    """What real models should do and do not."""
    for system, (*steps, whole) in risen.items():
        for step in steps:
            if step.interval is not None and step.interval.high < 0:
                yield f"{name}, {system}: WER falls by {-step.difference:.1f} from {step.before} to {step.after} dB"
        if whole.worse <= whole.better or whole.p >= ALPHA or whole.difference <= 0:
            yield (
                f"{name}, {system}: WER does not rise from {whole.before} to {whole.after} dB "
                f"({whole.worse} clips worse, {whole.better} better)"
            )
    if "YAMNet" in runs:
        found, floor = (runs[one].scores["independent"].value("map") or 0.0 for one in ("YAMNet", "all-events"))
        if found < 1.5 * floor:
            yield f"{name}, YAMNet: mAP {found:.1f} is no better than naming every event ({floor:.1f})"
    if CASCADE in runs:
        yield from (f"{name}, {CASCADE}: {problem}" for problem in unlike_parts(runs))


def unlike_parts(runs: Mapping[str, Run]) -> Iterator[str]:
    """Where the cascade says something else than its parts alone, or in joint something else than in independent."""
    alone = {(a.id, a.task): a.scores or a.text for part in ("Whisper tiny.en", "YAMNet") for a in runs[part].answers()}
    answers = runs[CASCADE].answers()
    own = {(a.id, a.task): a for a in answers if a.mode == "independent"}
    if differ := sum((answer.scores or answer.text) != alone[key] for key, answer in own.items()):
        yield f"{differ} of {len(own)} answers are not those of its parts"
    joint = [answer for answer in answers if answer.mode == "joint"]
    for answer in joint:
        scene, events = (own[answer.id, task].scores or () for task in ("asc", "at"))
        best = {EVENTS[place] for place in sorted(range(len(events)), key=lambda place: -events[place])[:2]}
        words, others = normalise(
            [answer.transcript or "", own[answer.id, "asr"].transcript or ""]
        )  # as WER reads them
        if (words, answer.scene, set(answer.events or ())) != (others, SCENES[scene.index(max(scene))], best):
            yield f"clip {answer.id}: joint says {answer.text!r}"
