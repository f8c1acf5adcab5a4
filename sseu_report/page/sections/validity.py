"""What scores depend on beside the system, as tables of texts for the page."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from sseu_metric.floors import FLOOR_NAMES
from sseu_metric.label_rules import AS_LABELLED, MIN_ACTIVITY_S, THRESHOLDS
from sseu_metric.text_table import percent, percent_range, points, points_range, score_cell
from sseu_report.comparability import parentheses_notes
from sseu_report.findings.validity.labels import CEILING, tie_text
from sseu_report.naming import TASK_NAMES
from sseu_report.page.render import PageTable
from sseu_report.page.sections import in_short

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sseu_metric.gaps import Grouping
    from sseu_metric.intervals import Interval
    from sseu_report.findings.collect import Findings

_MAX_GROUPS = 12
"""Rows of one system and grouping in the table of groups, from the highest WER down; the file has all."""


def gap_table(findings: Findings) -> PageTable:
    """The largest gap between groups of speakers or sentences, and a sentence for each system."""
    from sseu_metric.gaps import MIN_GROUP

    wer = findings.names["wer"]
    rows, sentences = [], []
    for name, modes in findings.gaps.items():
        whole = not findings.limitations[name]
        for found in modes:
            for column, grouping in found.gaps.groupings.items():
                rows.append((name, found.mode, f"by {column}", *_gap_cells(grouping, whole=whole)))
        sentences += [f"{name}, {found.mode}: {found.sentence}." for found in modes[:1]]
    about = (
        "The largest of many gaps is large by selection too, so its interval holds for all pairs of groups at once "
        "(Bonferroni); beside it stands the interval of this pair, had it been the only one. Groups of fewer than "
        f"{MIN_GROUP} speakers take no part. Sentences are held fixed where they are compared."
    )
    reasons = _left_out({name: [m.gaps.left_out for m in modes] for name, modes in findings.gaps.items()})
    notes = (about, *sentences, *reasons, *_in_parentheses(findings, rows))
    header = ("System", "Mode", wer, "largest gap between", "points", "had it been alone", "pairs that differ")
    return PageTable(
        "Gaps: who is understood worse",
        header,
        rows,
        heads=3,
        words=4,
        notes=notes,
        sentence=sentences[0] if sentences else "",
    )


def worst_table(findings: Findings) -> PageTable:
    """WER of the tenth of the speakers that are understood worst."""
    wer = findings.names["wer"]
    rows = []
    for name, modes in findings.gaps.items():
        whole = not findings.limitations[name]
        for found in modes:
            if (worst := found.gaps.worst) is not None:
                apart = None if worst.chosen_apart is None else _spread(worst.chosen_apart, worst.apart_interval)
                cells = (worst.median, _spread(worst.wer, worst.interval), apart)
                rows.append((name, found.mode, str(worst.speakers), *(score_cell(cell, whole=whole) for cell in cells)))
    about = (
        f"All speakers weigh the same. The worst tenth are chosen by their {wer}, which is in part bad luck: the last "
        f"column is the {wer} of those that are worst in one half of their clips, in the other half."
    )
    header = ("System", "Mode", "speakers", "median, %", "worst tenth, %", "chosen by other clips, %")
    notes = (about, *_in_parentheses(findings, rows))
    return PageTable(f"{wer} of the speakers understood worst", header, rows, heads=2, notes=notes)


def _gap_cells(grouping: Grouping, *, whole: bool) -> tuple[str, ...]:
    gap = grouping.largest
    if gap is None:
        return "too few speakers", "-", "-", "-"
    (first, second) = gap.speakers
    return (
        f"{gap.worse} ({first} speakers), {gap.better} ({second})",
        score_cell(f"{points(gap.points)} [{points_range(gap.interval.low, gap.interval.high)}]", whole=whole),
        score_cell(points_range(gap.alone.low, gap.alone.high), whole=whole),
        f"{grouping.differing} of {grouping.pairs}",
    )


def group_table(findings: Findings) -> PageTable:
    """WER of each group of speakers and of the hardest sentences, in each system's first mode."""
    wer = findings.names["wer"]
    rows = []
    for name, modes in findings.gaps.items():
        whole = not findings.limitations[name]
        for found in modes[:1]:
            for column, grouping in found.gaps.groupings.items():
                for group in grouping.groups[:_MAX_GROUPS]:
                    interval = None
                    if group.interval is not None:
                        interval = percent_range(group.interval.low, group.interval.high)
                    cells = (score_cell(group.wer, whole=whole), score_cell(interval, whole=whole))
                    rows.append((name, found.mode, column, group.name, str(group.speakers), *cells))
    about = (
        f"In the system's first mode, from the highest {wer} down; no more than "
        f"{_MAX_GROUPS} of a kind (findings.json has all). Intervals are of each group alone; a group of one speaker "
        "has none."
    )
    notes = (about, *_in_parentheses(findings, rows))
    header = ("System", "Mode", "by", "group", "speakers", f"{wer}, %", "95 % interval")
    return PageTable(f"{wer} by group", header, rows, heads=4, notes=notes)


def calibration_table(findings: Findings) -> PageTable:
    """How far probabilities of scenes and events are from what happens, and of which systems there are none."""
    from sseu_metric.calibration import Calibration

    rows: list[tuple[str, ...]] = []
    without: dict[str, None] = {}
    for name, modes in findings.calibration.items():
        whole = not findings.limitations[name]
        for one in modes:
            found = one.found
            if not isinstance(found, Calibration):
                without[name] = None
                continue
            cells = [_spread(found.ece, found.ece_interval), _four(found.brier), _four(found.brier_of_shares)]
            if found.brier_interval is not None:
                cells[1] = f"{cells[1]} [{_four(found.brier_interval.low)} to {_four(found.brier_interval.high)}]"
            shown = (score_cell(cell, whole=whole) for cell in cells)
            rows.append((name, one.mode, TASK_NAMES[found.task], *shown, f"{one.sentence}."))
    about = (
        "Expected calibration error: how far the probabilities of an answer are from how often it is true, in points, "
        "in fifteen bins; the Brier score is their mean squared error, beside that of a forecast that knows the shares "
        "of the labels alone. Both are of classifiers and of the mode likelihood. The confidences that a text embedder "
        "gives to names are no probabilities, and have neither" + (f": {', '.join(without)}." if without else ".")
    )
    header = ("System", "Mode", "Task", "ECE, points", "Brier score", "of the shares", "in words")
    notes = (about, *_in_parentheses(findings, rows))
    return PageTable(
        "Calibration: whether probabilities can be believed",
        header,
        rows,
        heads=3,
        words=7,
        notes=notes,
        sentence=in_short.first_said(findings.calibration),
    )


def label_table(findings: Findings) -> PageTable:
    """MAP of every system, its floors and the labels' own under every rule of what counts as present."""
    found = findings.labels
    title = "Other labels: mAP by what counts as present"
    header = ("System", "Mode", "active for", *(f"threshold {one:g}" for one in THRESHOLDS), "soft-label mAP")
    if found is None:
        return PageTable(title, header, [])
    shown = [(FLOOR_NAMES.get(name, CEILING), "", one) for name, one in found.floors.items()]
    shown += [(name, one.mode, one.scores) for name, modes in found.systems.items() for one in modes]
    of_dataset = next((findings.limitations[name] for name in found.systems), ())  # the floors are of the same clips
    rows = []
    for name, mode, scores in shown:
        whole = not findings.limitations.get(name, of_dataset)
        soft = None if scores.soft_interval is None else _spread(scores.soft, scores.soft_interval)
        for number, least in enumerate(MIN_ACTIVITY_S):
            values = scores.by_rule[number * len(THRESHOLDS) : (number + 1) * len(THRESHOLDS)]
            cells = [None if isnan(value) else value for value in values]
            last = "" if number else score_cell(soft or scores.soft, whole=whole)
            duration = "as labelled" if least is None else f"{least:g} s"
            rows.append((name, mode, duration, *(score_cell(cell, whole=whole) for cell in cells), last))
        if scores.within_corpus:
            inner = (None if isnan(value) else value for value in scores.within_corpus[: len(THRESHOLDS)])
            shown_inner = (score_cell(cell, whole=whole) for cell in inner)
            rows.append((name, mode, "as labelled, within corpus", *shown_inner, ""))
    sentences = [f"{name}, {one.mode}: {one.sentence}." for name, modes in found.systems.items() for one in modes[:1]]
    if found.pairs:
        same = f"Of {found.pairs} pairs of systems with the same clips and mode, "
        turned = f"the order of {len(found.ties)} is turned over by one of the rules" if found.ties else "none is tied"
        sentences += [f"{same}{turned}.", *(f"{tie_text(tie)}." for tie in found.ties)]
    counts = found.counts[found.rules.index(str(AS_LABELLED))]
    lowest, highest = (of(found.counts, key=lambda one: one.labels) for of in (min, max))
    if found.differing:
        sentences.append(f"The events of {found.differing} clips are not those that segments and soft labels give.")
    notes = (
        (
            "The clips and the answers stay, only the labels change. A second of MAESTRO counts where its soft value "
            "exceeds the threshold, and an event where it is active for so long; as labelled is 1 s in MAESTRO and any "
            "duration in DESED. Threshold 0.5, as labelled, is the dataset's rule: "
            f"{counts.labels} pairs of clip and event, {counts.unlabelled} clips without one; the rules give "
            f"{lowest.labels} to {highest.labels}, and up to {max(one.unlabelled for one in found.counts)} clips "
            "without one. Soft-label mAP needs no threshold. What a rule turns over is a tie. Scenes and words have no "
            f"such rule: mACC and {findings.names['wer']} stay."
        ),
        *sentences,
        *parentheses_notes({name: findings.limitations[name] for name in found.systems}),
    )
    return PageTable(title, header, rows, heads=3, notes=notes, sentence=sentences[0] if sentences else "")


def prompt_table(findings: Findings) -> PageTable:
    """The averages of every system that was asked with several prompt sets, and the spread beside that of runs."""
    spreads = findings.prompts
    sets = sorted({name for found in spreads for name in found.by_set})
    rows = []
    for found in spreads:
        interval = None if found.interval is None else percent_range(found.interval.low, found.interval.high)
        cells = (
            *(found.by_set.get(name) for name in sets),
            found.mean,
            percent(found.over_prompts),
            None if found.over_runs is None else percent(found.over_runs),
            interval,
        )
        shown = (score_cell(cell, whole=not found.limitations) for cell in cells)
        rows.append((found.system, found.mode, findings.names[found.metric], *shown))
    about = (
        "The same questions in other words. Over prompts: standard deviation of the averages of the prompt sets, a "
        "part of which is that of their runs; over runs: that between runs of one set. Both are in the interval of the "
        "mean, from three sets on."
    )
    sentences = (f"{found.sentence}." for found in spreads)
    notes = (about, *sentences, *parentheses_notes({found.system: found.limitations for found in spreads}))
    header = ("System", "Mode", "Metric", *sets, "mean", "over prompts, points", "over runs, points", "95 % interval")
    return PageTable(
        "How much is the wording of the prompt, %",
        header,
        rows,
        heads=3,
        notes=notes,
        sentence=f"{spreads[0].sentence}." if spreads else "",
    )


def _four(value: float) -> str:
    return f"{value:.4f}"


def _left_out(reasons: Mapping[str, Sequence[Sequence[str]]]) -> list[str]:
    """What could not be computed, by system and mode, a line for each cause; its systems unless it is all of them."""
    owners: dict[str, list[str]] = {}
    for name, modes in reasons.items():
        for reason in dict.fromkeys(one for found in modes for one in found):
            owners.setdefault(reason, []).append(name)
    return [
        f"Left out: {reason}." if len(names) == len(reasons) else f"Left out of {', '.join(names)}: {reason}."
        for reason, names in owners.items()
    ]


def _in_parentheses(findings: Findings, rows: Sequence[Sequence[str]]) -> list[str]:
    return parentheses_notes({row[0]: findings.limitations[row[0]] for row in rows})


def _spread(value: float, interval: Interval | None) -> str:
    return percent(value) + (f" [{percent_range(interval.low, interval.high)}]" if interval else "")
