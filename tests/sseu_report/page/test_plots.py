"""Which plots a report has, in which order and look, and where they stand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sseu_report.appearance import GREY, MAX_NAMED, PALETTE
from sseu_report.entries import Entry, ScoredEntry, read_entries, score_entries
from sseu_report.page.first_screen import first_screen, look_css
from sseu_report.page.plots import MAX_DETAILED, PlannedPlot, draw_plots, looks_of, plan_plots
from sseu_report.plots.page_svg import page_svg
from sseu_report.plots.style import PAGE
from sseu_report.summary import Summary, summarise_report
from sseu_report.tables.records import Cell
from tests.sseu_report.made_entries import make_mode
from tests.sseu_report.plots.test_curves import entry


def planned(entries: list[Entry], scored: list[ScoredEntry] | None = None) -> list[PlannedPlot]:
    return list(plan_plots(entries, scored or [], summarise_report(entries, None)))


def ranked(entries: list[Entry], order: list[str]) -> Summary:
    summary = summarise_report(entries, None)
    return replace(summary, rows=tuple(sorted(summary.rows, key=lambda row: order.index(row.name))))


def test_what_was_never_answered_is_not_drawn() -> None:
    silent = make_mode([{}, {}])
    assert planned([entry(independent=silent, joint=silent, cot=silent)]) == []
    names = [plot.name for plot in planned([entry(independent=silent)])]
    assert "systems_joint_wer" in names
    assert "systems_independent_wer" not in names


def test_any_number_of_systems_is_drawn_and_those_with_a_look_have_plots_of_their_own() -> None:
    entries = [*(entry(f"api:{number}") for number in range(40)), entry("control:majority")]
    plots = planned(entries)
    assert len([plot for plot in plots if plot.name.startswith("systems")]) == 9
    modes = [plot for plot in plots if plot.name.startswith("modes")]
    assert len(modes) == MAX_NAMED
    assert sum(plot.on_page for plot in modes) == MAX_DETAILED
    assert len(plots[0].draw.args[0]) == 41  # type: ignore[attr-defined]


def test_looks_are_of_the_best_and_what_is_not_ranked_is_grey() -> None:
    entries = [entry(f"api:{number}") for number in range(10)] + [
        entry("control:majority"),
        entry("control:ground-truth"),
    ]
    names = [one.name for one in entries]
    looks = looks_of(entries, ranked(entries, names[::-1]))
    assert {name for name, look in looks.items() if look.named} == set(names[2:10])
    assert looks["control:majority"] == looks["control:ground-truth"] == GREY


def test_a_reader_chooses_who_has_a_look() -> None:
    entries = [entry(f"api:{number}", independent=make_mode([{"0": {"wer": 10.0 + number}}])) for number in range(12)]
    names = [one.name for one in entries]
    looks = looks_of(entries, replace(ranked(entries, names), highlighted=("api:11", "api:10")))
    assert {name for name, look in looks.items() if look.named} == {*names[:6], "api:11", "api:10"}
    with pytest.raises(ValueError, match="there is no 'api:12' to highlight; did you mean 'api:"):
        summarise_report(entries, None, highlight=["api:12"])
    with pytest.raises(ValueError, match="9 systems to highlight; give at most 8"):
        summarise_report(entries, None, highlight=names[:9])


def test_the_best_of_each_metric_has_a_look_wherever_it_stands() -> None:
    entries = [entry(f"api:{number}") for number in range(12)]
    names = [one.name for one in entries]
    summary = ranked(entries, names)
    scores = {"wer": {names[10]: 1.0}, "map": {names[11]: 99.0}, "macc": {names[0]: 99.0}}
    rows = [
        replace(row, cells={metric: Cell(best.get(row.name, 50.0), None, 1) for metric, best in scores.items()})
        for row in summary.rows
    ]
    looks = looks_of(entries, replace(summary, rows=tuple(rows), metrics=tuple(scores)))
    assert list(looks) == names
    assert {name for name, look in looks.items() if look.named} == {*names[:6], *names[10:]}


@pytest.mark.parametrize("count", [3, 14])
def test_a_system_has_the_same_colour_in_the_ranked_table_and_in_the_curves(count: int) -> None:
    """Read from the page's table and from the SVG beside it; the best of a metric may stand last."""
    scores = dict.fromkeys(("wer", "macc", "map"), 50.0)
    modes = [scores | {"wer": 60.0 + number} for number in range(count)]
    modes[-1]["map"], modes[-2]["macc"] = 99.0, 99.0
    entries = [
        entry(f"api:{number}", independent=make_mode([{"0": run, "10": run}])) for number, run in enumerate(modes)
    ]
    summary = summarise_report(entries, None)
    rows = [
        replace(row, cells={metric: Cell(run[metric], None, 1) for metric in run})
        for row in summary.rows
        for run in [modes[int(row.name.removeprefix("api:"))]]
    ]
    summary = replace(summary, rows=tuple(rows), metrics=tuple(scores))
    looks = looks_of(entries, summary)
    table = {row.name: row.look for row in first_screen(summary, looks).rows}
    (plot,) = [plot for plot in plan_plots(entries, [], summary) if plot.name == "summary_curves"]
    (legend,) = plot.draw(PAGE).legends
    lines = {
        text.get_text(): f"look-{[look.colour for look in PALETTE].index(str(line.get_color()))}"
        for line, text in zip(legend.get_lines(), legend.get_texts(), strict=True)
    }
    assert lines == {name: look for name, look in table.items() if look != "look-grey"}
    assert len(lines) == min(count, 8)
    assert {f"api:{count - 1}", f"api:{count - 2}"} <= lines.keys()
    for name, look in lines.items():
        assert f".{look} {{ color: {looks[name].colour}; }}" in look_css()
        assert looks[name].colour in page_svg(plot.draw(PAGE))


def test_details_are_those_of_the_best_systems_first(folders: list[Path], tmp_path: Path) -> None:
    scored = score_entries(read_entries(folders))
    entries = [one.entry for one in scored]
    names = [one.name for one in entries]
    for order in (names, names[::-1]):
        plots = list(plan_plots(entries, scored, ranked(entries, order)))
        details = [plot.title for plot in plots if plot.name.startswith(("classes", "confusion"))]
        assert [title.rpartition(", independent")[0] for title in details] == [order[0]] * 3 + [order[1]] * 3


def test_files_have_names_that_no_system_can_choose_and_the_page_shows_them(
    folders: list[Path], tmp_path: Path
) -> None:
    scored = score_entries(read_entries(folders))
    entries = [one.entry for one in scored]
    paths, shown = draw_plots(entries, scored, summarise_report(entries, None), tmp_path, False)
    assert sorted(tmp_path.iterdir()) == sorted(paths)
    assert {path.suffix for path in paths} == {".svg", ".pdf", ".png"}
    stems = {path.stem for path in paths}
    assert all(set(stem) <= set("abcdefghijklmnopqrstuvwxyz0123456789_.-") for stem in stems)
    assert {"summary_curves", "systems_joint_wer"} <= stems
    assert {plot.name for plot in shown} == {stem for stem in stems if not stem.startswith("classes_")}
    assert all("prefers-color-scheme:dark" in plot.svg and len(plot.svg) < 80_000 for plot in shown)
