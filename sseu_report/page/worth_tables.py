"""What the systems' scores are worth, as tables of texts for the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sseu_metric.floors import FLOOR_NAMES
from sseu_metric.text_table import percent, percent_range, score_cell
from sseu_report.comparability import parentheses_notes
from sseu_report.naming import METRIC_NAMES
from sseu_report.page.render import PageTable

if TYPE_CHECKING:
    from sseu_models.results.record import IntervalRecord
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
                        _spread(one.floor, one.floor_interval),
                        score_cell(None if one.skill is None else _spread(one.skill, one.interval), whole=whole),
                    )
                    rows.append((name, found.mode, METRIC_NAMES[metric], *cells))
    about = (
        "A floor is what an answer scores that understands nothing of the clip, on the references at hand; skill is "
        "the share of the way from there to the ground truth, below 0 under the floor. An interval of the skill that "
        "holds 0 means that score and floor cannot be told apart. The floor of the scene is, within hundredths, the "
        "highest mAP of answers that follow from the scene alone."
    )
    notes = (about, *parentheses_notes({row[0]: findings.limitations[row[0]] for row in rows}))
    header = ("System", "Mode", "Metric", "average, %", "floor", "its score, %", "skill, %")
    return PageTable("What the scores are worth", header, rows, heads=3, words=4, notes=notes)


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
                rows.append((name, found.mode, METRIC_NAMES[metric], *cells))
    about = (
        "Most events are annotated in one corpus only, so mAP over all clips is partly a matter of telling the corpora "
        "apart. Within the corpora that annotate it, an event is ranked among clips that could have it."
    )
    notes = (about, *parentheses_notes({row[0]: findings.limitations[row[0]] for row in rows}))
    header = ("System", "Mode", "Metric", *corpora, "mAP within corpus, %")
    return PageTable("By corpus of the background", header, rows if corpora else [], heads=3, notes=notes)


def _spread(value: float, interval: IntervalRecord | None) -> str:
    return percent(value) + (f" [{percent_range(interval.low, interval.high)}]" if interval else "")
