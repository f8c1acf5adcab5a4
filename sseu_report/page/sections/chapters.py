"""The chapters of the page below its first screen: who wins, where systems fail, why, and how they were asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest

from sseu_models.records import TASKS
from sseu_report.entries import Entry, ScoredEntry
from sseu_report.findings.collect import Findings
from sseu_report.page.render import Block, PagePlot, PageTable, Section
from sseu_report.page.sections.asked import HOW_TO_READ, overview_table
from sseu_report.page.sections.failures import cost_table, hard_table, scene_table, threshold_table
from sseu_report.page.sections.hallucination import hallucination_table, memory_tables
from sseu_report.page.sections.heat import heat_maps, linked
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
from sseu_report.page.tables import page_table, with_texts, without_empty_columns
from sseu_report.summary import Summary
from sseu_report.tables.records import Table


def chapters(
    entries: Sequence[Entry],
    scored: Sequence[ScoredEntry],
    summary: Summary,
    tables: Sequence[Table],
    plots: Sequence[PagePlot],
    findings: Findings | None,
) -> list[Section]:
    """The sections of the page.

    Args:
        entries: The best first.
        scored: The same with their answers; none where the dataset is not at hand.
        summary: Of them.
        tables: From `all_tables`.
        plots: Those of the page but the first screen's.
        findings: Where the answers could be scored.
    """
    by_name = {table.name: page_table(table) for table in tables}
    winners = [Block("", tables=[by_name["table2"]], is_open=True)] if "table2" in by_name else []
    sections = [
        Section("who", "Who wins, and how sure", [*winners, *_blocks(findings, _winners)]),
        Section(
            "where",
            "Where it fails",
            [
                *_conditions(summary, tables, plots),
                *heat_maps(scored, summary.mode),
                *_more_plots(plots),
                *_blocks(findings, _failures),
            ],
        ),
        Section(
            "why",
            "Why",
            [
                *_blocks(findings, _reasons),
                *without_probabilities(findings),
                *_plotted("reliability", "Reliability", plots),
            ],
        ),
        Section("asked", "How it was asked", _asked(entries, by_name)),
    ]
    return [section for section in sections if section.blocks]


def _conditions(summary: Summary, tables: Sequence[Table], plots: Sequence[PagePlot]) -> Iterator[Block]:
    """For each metric its curves and tables by condition."""
    by_name = {table.name: table for table in tables}
    for metric, weakest in zip_longest(summary.metrics, summary.weakest, fillvalue=""):
        modes = sorted(TASKS, key=lambda mode: mode != summary.mode)
        shown = [
            linked(by_name[name], mode, metric) for mode in modes if (name := f"table1_{mode}_{metric}") in by_name
        ]
        curves = [plot for mode in modes for plot in plots if plot.name == f"systems_{mode}_{metric}"]
        if shown or curves:
            title = f"{summary.names[metric]} at each SNR"
            yield Block(title, weakest, plots=curves, tables=shown)


def _more_plots(plots: Sequence[PagePlot]) -> list[Block]:
    return [
        *_plotted("confusion", "Which scene is taken for which", plots),
        *_plotted("modes", "Modes of asking, system by system", plots),
    ]


def _plotted(names: str | tuple[str, ...], title: str, plots: Sequence[PagePlot]) -> list[Block]:
    shown = [plot for plot in plots if plot.name.startswith(names)]
    return [Block(title, plots=shown)] if shown else []


def _asked(entries: Sequence[Entry], tables: Mapping[str, PageTable]) -> list[Block]:
    overview = overview_table(entries)
    rates = [Block(table.caption, tables=[table]) for table in tables.values() if table.name == "rates"]
    return [Block("How to read this page", text=HOW_TO_READ), Block(overview.caption, tables=[overview]), *rates]


def _blocks(findings: Findings | None, tables_of: Callable[[Findings], Iterable[PageTable]]) -> list[Block]:
    """A block for each table that has rows."""
    if findings is None:
        return []
    filled = (without_empty_columns(table) for table in tables_of(findings) if table.rows)
    tables = (with_texts(with_conditions(table, findings)) for table in filled)
    return [Block(table.caption, table.sentence, tables=[table]) for table in tables]


def without_probabilities(findings: Findings | None) -> list[Block]:
    """One sentence instead of the table of calibration where no system gives probabilities."""
    if findings is None or not findings.calibration or (table := calibration_table(findings)).rows:
        return []
    return [Block(table.caption, "No system gives probabilities.", text=table.notes[:1])]


def finding_tables(findings: Findings) -> Iterator[PageTable]:
    """A table for each kind of finding there is; scores are in parentheses as in the other tables."""
    for tables_of in (_winners, _failures, _reasons):
        yield from (table for block in _blocks(findings, tables_of) for table in block.tables)


def _winners(findings: Findings) -> list[PageTable]:
    return [rank_table(findings)]


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
