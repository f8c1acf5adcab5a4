"""What the systems' scores are worth, as tables of texts for the page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sseu_metric.floors import FLOOR_NAMES
from sseu_metric.result_tables import NO_SKILL_INTERVAL
from sseu_metric.text_table import percent, percent_range, score_cell, skill_range
from sseu_report.comparability import parentheses_notes
from sseu_report.page.render import PageTable
from sseu_report.page.sections import in_short

if TYPE_CHECKING:
    from sseu_models.results.record import IntervalRecord
    from sseu_models.results.scores_file import SkillRecord
    from sseu_report.findings.collect import Findings


def worth_table(findings: Findings) -> PageTable:
    """Every average beside its floors, and the skill above them."""
    rows = []
    for name, modes in findings.worth.items():
        whole = not findings.limitations[name]
        for found in modes:
            for metric, floors in found.skill.items():
                for floor, one in floors.items():
                    cells = (
                        score_cell(found.scores.get(metric), whole=whole),
                        FLOOR_NAMES[floor],
                        score_cell(_spread(one.floor, one.floor_interval), whole=whole),
                        score_cell(None if one.skill is None else _skill(one), whole=whole),
                    )
                    rows.append((name, found.mode, findings.names[metric], *cells))
    about = (
        "A floor is what an answer scores that understands nothing of the clip, on the references at hand; skill is "
        "the share of the way from there to the ground truth, below 0 under the floor. An interval of the skill that "
        "holds 0 means that score and floor cannot be told apart. The floor of the scene is, within hundredths, the "
        "highest mAP of answers that follow from the scene alone. The commonest sentence is not the best constant "
        f"answer: the beginning of a sentence may cost fewer errors. The floors of {findings.names['wer']} are held "
        "fixed, since what is left without one of few sentences says nothing about them: they have no interval, and "
        "answers that are such a floor have no interval of their skill. Clips that a floor does not tell apart share a "
        "rank; lots drawn among them earn a little more mAP, the more the fewer clips there are. A control "
        "(control:sentence, control:corpus, control:scene) knows the whole dataset, a floor the clips that were asked "
        "about: after a run with a limit the two may differ."
    )
    floors_of = [floors for modes in findings.worth.values() for found in modes for floors in found.skill.values()]
    skills = (one for floors in floors_of for one in floors.values())
    missing = any(one.skill is not None and one.interval is None for one in skills)
    why = [f"{NO_SKILL_INTERVAL[0].upper()}{NO_SKILL_INTERVAL[1:]}."] if missing else []
    notes = (about, *why, *parentheses_notes({row[0]: findings.limitations[row[0]] for row in rows}))
    header = ("System", "Mode", "Metric", "average, %", "floor", "its score, %", "skill, %")
    return PageTable(
        "What the scores are worth",
        header,
        rows,
        heads=3,
        words=4,
        notes=notes,
        sentence=in_short.below_floors(findings),
    )


def corpus_table(findings: Findings) -> PageTable:
    """Every system on each corpus of backgrounds, and its mAP with events ranked within the corpora."""
    corpora = sorted({corpus for modes in findings.worth.values() for found in modes for corpus in found.by_corpus})
    rows = []
    for name, modes in findings.worth.items():
        whole = not findings.limitations[name]
        for found in modes:
            within = found.within_corpus
            for metric in found.scores:
                spread = None
                if metric == "map" and within is not None:
                    spread = _spread(within.map_within_corpus, within.intervals.get("all"))
                cells = [
                    *(score_cell(found.by_corpus.get(one, {}).get(metric), whole=whole) for one in corpora),
                    score_cell(spread, whole=whole),
                ]
                rows.append((name, found.mode, findings.names[metric], *cells))
    about = (
        "Most events are annotated in one corpus only, so mAP over all clips is partly a matter of telling the corpora "
        "apart. Within the corpora that annotate it, an event is ranked among clips that could have it. Speech alone "
        f"has no background and is left out here, of {findings.names['wer']} too."
    )
    notes = (about, *parentheses_notes({row[0]: findings.limitations[row[0]] for row in rows}))
    header = ("System", "Mode", "Metric", *corpora, "mAP within corpus, %")
    return PageTable("By corpus of the background", header, rows if corpora else [], heads=3, notes=notes)


def with_conditions(table: PageTable, findings: Findings) -> PageTable:
    """The table with a note where its rows are of modes whose averages are over different conditions."""
    if tuple(table.header[:2]) != ("System", "Mode"):
        return table
    over: dict[str, dict[str, dict[str, None]]] = {}
    of_metric: dict[str, set[str]] = {}
    for name, mode in dict.fromkeys((str(row[0]), str(row[1])) for row in table.rows):
        for metric, conditions in findings.averaged.get(name, {}).get(mode, {}).items():
            names = ", ".join(conditions) or "all conditions together"
            over.setdefault(mode, {}).setdefault(names, {})[findings.names[metric]] = None
            of_metric.setdefault(metric, set()).add(names)
    if all(len(found) == 1 for found in of_metric.values()):
        return table
    texts = []
    for mode, groups in over.items():
        averages = (f"{names} ({', '.join(metrics)})" for names, metrics in groups.items())
        texts.append(f"{mode} over {'; '.join(averages)}")
    note = f"Averages of these modes are over different conditions, not comparable: {'. '.join(texts)}."
    return replace(table, notes=(*table.notes, note))


def _skill(one: SkillRecord) -> str | None:
    if one.skill is None:
        return None
    return percent(one.skill) + (f" [{skill_range(one.interval.low, one.interval.high)}]" if one.interval else "")


def _spread(value: float, interval: IntervalRecord | None) -> str:
    return percent(value) + (f" [{percent_range(interval.low, interval.high)}]" if interval else "")
