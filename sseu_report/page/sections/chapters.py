"""The chapters of the page below its first screen: who wins, where systems fail, why, and how they were asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sseu_report.findings.collect import Findings
from sseu_report.page.render import PageTable
from sseu_report.page.sections.failures import cost_table, hard_table, scene_table, threshold_table
from sseu_report.page.sections.hallucination import hallucination_table, memory_tables
from sseu_report.page.sections.matching import disagreement_table, matching_table
from sseu_report.page.sections.reasons import ablation_table, embedder_table, interference_table, spelling_table
from sseu_report.page.sections.validity import (
    calibration_table,
    gap_table,
    group_table,
    label_table,
    prompt_table,
    worst_table,
)
from sseu_report.page.sections.winners import rank_table
from sseu_report.page.sections.worth import corpus_table, with_conditions, worth_table


def finding_tables(findings: Findings) -> Iterator[PageTable]:
    """A table for each kind of finding there is; scores are in parentheses as in the other tables."""
    yield from _shown([rank_table(findings)], findings)
    yield from _shown(_failures(findings), findings)
    yield from _shown(_reasons(findings), findings)


def _failures(findings: Findings) -> list[PageTable]:
    return [
        threshold_table(findings),
        cost_table(findings),
        scene_table(findings),
        gap_table(findings),
        group_table(findings),
        worst_table(findings),
        *(hard_table(mode, cases, findings) for mode, cases in findings.hard_cases.items()),
    ]


def _reasons(findings: Findings) -> list[PageTable]:
    return [
        worth_table(findings),
        corpus_table(findings),
        interference_table(findings),
        prompt_table(findings),
        *(ablation_table(ablation) for ablation in findings.ablations),
        hallucination_table(findings),
        *memory_tables(findings),
        spelling_table(findings),
        matching_table(findings),
        disagreement_table(findings),
        *(embedder_table(sensitivity, findings) for sensitivity in findings.embedders),
        calibration_table(findings),
        label_table(findings),
    ]


def _shown(tables: Iterable[PageTable], findings: Findings) -> Iterator[PageTable]:
    yield from (with_conditions(table, findings) for table in tables if table.rows)
