"""What the tables of findings say, in one line each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from sseu_metric.floors import FLOOR_NAMES
from sseu_metric.text_table import percent, points
from sseu_models.running.ablation import AudioAblation
from sseu_report.findings.collect import Findings
from sseu_report.naming import TASK_NAMES, some_of


class _Said(Protocol):
    """A finding about one mode that says itself what it means."""

    @property
    def mode(self) -> str: ...

    @property
    def sentence(self) -> str: ...


def first_said(by_system: Mapping[str, Sequence[_Said]]) -> str:
    """What is said of the best system that something is said of, in its first mode."""
    for name, modes in by_system.items():
        for found in modes[:1]:
            return f"{name}, {found.mode}: {found.sentence}."
    return ""


def open_places(findings: Findings) -> str:
    """How many systems may be first in each metric of the first mode."""
    ranks = [found for of_system in findings.ranks.values() for found in of_system]
    if not ranks:
        return ""
    mode = ranks[0].mode
    first = {
        name: sum(found.best == 1 for found in ranks if (found.mode, found.metric) == (mode, metric))
        for metric, name in findings.names.items()
    }
    shown = ", ".join(f"{count} in {name}" for name, count in first.items() if count)
    return f"Systems that may be first, mode {mode}: {shown}."


def words_lost(findings: Findings) -> str:
    """The lowest and the highest SNR at which words get lost, in each system's first mode."""
    known = {
        name: found.threshold_db
        for name, thresholds in findings.thresholds.items()
        for found in thresholds[:1]
        if found.threshold_db is not None
    }
    if not known:
        return ""
    last, first = min(known, key=lambda name: known[name]), max(known, key=lambda name: known[name])
    if last == first:
        return f"{first} loses words from {known[first]:.1f} dB down."
    return f"From {known[first]:.1f} dB down ({first}) to {known[last]:.1f} dB ({last})."


def dearest_speech(findings: Findings) -> str:
    """The largest loss by speech."""
    costs = [(found.lost, name, found.metric) for name, costs in findings.speech_costs.items() for found in costs]
    if not costs:
        return ""
    lost, name, metric = max(costs)
    return f"At most {points(lost).lstrip('+')} points of {findings.names[metric]} are lost, by {name}."


def hard_counts(findings: Findings, mode: str) -> str:
    """How many clips of each task most systems miss."""
    counts = findings.hard_case_counts[mode]
    return f"{', '.join(f'{TASK_NAMES[task]} {count}' for task, count in counts.items())}."


def below_floors(findings: Findings) -> str:
    """Systems that are not surely above a floor of a metric, in their first mode."""
    below: dict[str, list[str]] = {}
    for name in findings.ranks:
        for found in findings.worth.get(name, ())[:1]:
            for metric, floors in found.skill.items():
                for floor, one in floors.items():
                    if one.interval is not None and one.interval.low <= 0:
                        below.setdefault(f"{findings.names[metric]} of {FLOOR_NAMES[floor]}", []).append(name)
    if not below:
        return "Every system whose skill has an interval is above every floor." if findings.ranks else ""
    return f"Not surely above the {'; '.join(f'{floor}: {some_of(names)}' for floor, names in below.items())}."


def together(findings: Findings) -> str:
    """How many scores fall and rise when tasks are asked together."""
    found = [one.comparison for differences in findings.interference.values() for one in differences]
    clear = [one for one in found if one.p is not None and one.p < 0.05]
    worse = sum((one.difference > 0) == (one.metric == "wer") for one in clear)
    return f"Of {len(found)} scores {worse} are worse and {len(clear) - worse} better, {len(found) - len(clear)} open."


def spelling(findings: Findings) -> str:
    """The largest share of word errors that is spelling."""
    shares = [
        (found.words_lost / found.word_errors, name)
        for name, losses in findings.spelling.items()
        for found in losses
        if found.word_errors
    ]
    return f"At most {percent(100 * max(shares)[0], 1)} % of the word errors, of {max(shares)[1]}." if shares else ""


def ablated(ablation: AudioAblation) -> str:
    """Which scores do not show that the audio matters."""
    flagged = [f"{change.mode} {change.comparison.name}" for change in ablation.changes if change.flagged]
    if not flagged:
        return f"The audio matters in all {len(ablation.changes)} scores."
    return f"No sign that the audio matters in {some_of(flagged)}."
