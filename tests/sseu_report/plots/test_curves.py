"""Curves: what is drawn, legible, in the same look everywhere, with reproducible bytes; names shown as text."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from sseu_models.results.scores_file import ModeScores, SkillRecord
from sseu_report.appearance import GREY, MAX_NAMED, PALETTE, Appearance, appearances
from sseu_report.entries import Entry
from sseu_report.plots.curves import curves_of, draw_modes, draw_summary, draw_systems
from sseu_report.plots.panel import curve_of
from sseu_report.plots.snr_axis import places_of, tick_name
from sseu_report.plots.style import BACK, PAGE, PAPER, Medium, save_plot
from sseu_report.summary import summarise_report
from sseu_report.tables.records import Cell
from tests.sseu_report.made_entries import flat, make_entry, make_mode

SPEECH = ("+inf", "10", "5", "0", "-5", "-10")
BACKGROUND = ("10", "5", "0", "-5", "-10", "-inf")
MEDIA = pytest.mark.parametrize("medium", [PAGE, PAPER], ids=["page", "paper"])


def rising(base: float, conditions: Mapping[str, tuple[str, ...]], **values: Any) -> ModeScores:
    """A run in which each metric starts at `base` and rises by 5 from condition to condition."""
    run: dict[str, dict[str, float]] = {}
    for metric, names in conditions.items():
        for place, name in enumerate(names):
            run.setdefault(name, {})[metric] = base + 5 * place
    return make_mode([run], half_width=2.0, **values)


def entry(name: str = "api:model", *, base: float = 20.0, incomplete: tuple[str, ...] = (), **modes: Any) -> Entry:
    finite = dict.fromkeys(("wer", "macc", "map"), SPEECH[1:])
    made = {
        "independent": rising(base, {"wer": SPEECH, "macc": BACKGROUND, "map": BACKGROUND}),
        "joint": rising(base + 10, finite),
        "cot": rising(base + 20, finite),
    }
    return make_entry(name, made | modes, incomplete=incomplete)


def many(count: int) -> list[Entry]:
    return [entry(f"lab/system-with-a-long-name-{number}", base=20 + number / 4) for number in range(count)]


def looks(entries: list[Entry]) -> dict[str, Appearance]:
    return appearances([each.name for each in entries], grey=[each.name for each in entries if each.is_control])


def drawn(axis: Any, gid: str) -> list[Any]:
    return [artist for artist in axis.get_children() if artist.get_gid() == gid]


def draw(entries: list[Entry], medium: Medium = PAGE, mode: str = "independent", metric: str = "wer") -> Any:
    return draw_systems(entries, mode, metric, looks(entries), medium)


def summary_plot(entries: list[Entry], medium: Medium) -> Any:
    summary = replace(summarise_report(entries, None), metrics=("wer", "macc", "map"))
    return draw_summary(entries, summary, looks(entries), medium)


@pytest.mark.parametrize("kind", [".svg", ".pdf", ".png"])
def test_the_same_plot_gives_the_same_bytes(kind: str, tmp_path: Path) -> None:
    for name in ("one", "two"):
        save_plot(draw_modes(entry(), PALETTE[1], PAPER), tmp_path / f"{name}{kind}")
    content = (tmp_path / f"one{kind}").read_bytes()
    assert content == (tmp_path / f"two{kind}").read_bytes()
    for left_out in (b"dc:date", b"Matplotlib v", b"CreationDate"):
        assert left_out not in content


def test_the_user_s_settings_change_nothing(tmp_path: Path) -> None:
    import matplotlib

    save_plot(draw_modes(entry(), PALETTE[1]), tmp_path / "one.svg")
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.fonttype": "path"}):
        save_plot(draw_modes(entry(), PALETTE[1]), tmp_path / "two.svg")
        assert matplotlib.rcParams["font.size"] == 30
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_files_for_papers_are_as_wide_as_columns_and_have_the_paper_s_font(tmp_path: Path) -> None:
    import re

    for figure, width_pt in ((draw(many(3), PAPER), 3.39 * 72), (summary_plot(many(3), PAPER), 7.0 * 72)):
        save_plot(figure, tmp_path / "figure.pdf")
        box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ", (tmp_path / "figure.pdf").read_bytes())
        assert box is not None
        assert float(box[1]) == pytest.approx(width_pt, abs=0.1)
        assert b"/Type3" not in (tmp_path / "figure.pdf").read_bytes()
        save_plot(figure, tmp_path / "figure.png")
        assert int.from_bytes((tmp_path / "figure.png").read_bytes()[16:20], "big") == pytest.approx(
            width_pt / 72 * 300, abs=1
        )
        save_plot(figure, tmp_path / "figure.svg")
        assert set(
            re.findall(r"font-size: ([^\"]*?); (?:text-anchor|fill)", (tmp_path / "figure.svg").read_text())
        ) == {"8px; font-family: 'STIX Two Text', 'STIXGeneral', 'Times New Roman', 'DejaVu Serif'"}


def test_untrusted_names_stay_text(tmp_path: Path) -> None:
    names = ["_hidden", "$a_b$ $\\frac$", "<script>alert(1)</script>", "a\nb\x1b[31m", "日本語", "x" * 200]
    path = tmp_path / "figure.svg"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for medium in (PAPER, PAGE):
            for kind in (".pdf", ".png", ".svg"):
                save_plot(draw([entry(name) for name in names], medium), tmp_path / f"figure{kind}")
        save_plot(draw_modes(entry(names[1]), GREY), tmp_path / "modes.png")
    source = path.read_text(encoding="utf-8")
    assert "<script" not in source
    assert "\x1b" not in source
    texts = [element.text for element in ElementTree.fromstring(source).iter("{http://www.w3.org/2000/svg}text")]
    assert {"_hidden", "$a_b$ $\\frac$", "<script>alert(1)</script>", "a\ufffdb\ufffd[31m", "日本語"} <= set(texts)
    assert max(len(text or "") for text in texts) < 50


def boxes(artists: list[Any]) -> list[Any]:
    return [artist.get_window_extent() for artist in artists]


@MEDIA
@pytest.mark.parametrize("count", [1, 3, 14, 30])
def test_no_text_is_cut_off_and_no_name_lies_on_another(count: int, medium: Medium) -> None:
    entries = [*many(count), entry("control:majority", base=70), entry("control:ground-truth", base=0)]
    for figure in (draw(entries, medium), summary_plot(entries, medium), draw_modes(entries[0], PALETTE[0], medium)):
        figure.draw_without_rendering()
        shown = figure.get_tightbbox()  # in inches
        assert shown.x0 >= 0
        assert shown.y0 >= 0
        assert shown.x1 <= figure.get_figwidth()
        assert shown.y1 <= figure.get_figheight()
        names = [text for axis in figure.axes for text in drawn(axis, "label")]
        names += [text for legend in figure.legends for text in legend.get_texts()]
        names += [text for text in figure.texts if text.get_gid() == "note"]
        assert names
        for number, one in enumerate(names):
            for other in names[:number]:
                a, b = boxes([one, other])
                apart = (
                    a.x1 <= b.x0 or b.x1 <= a.x0 or max(a.y0, b.y0) > min(a.y1, b.y1) - 0.25 * min(a.height, b.height)
                )
                assert apart, (one.get_text(), other.get_text())


@pytest.mark.parametrize("count", [1, 8, 9, 30])
def test_eight_systems_have_names_and_colours_and_the_rest_is_thin_and_grey(count: int) -> None:
    entries = many(count)
    figure = draw(entries)
    (axis,) = figure.axes
    lines = drawn(axis, "line")
    assert len(lines) == count
    named = [line for line in lines if line.get_color() != GREY.colour]
    assert len(named) == min(count, MAX_NAMED)
    labels = [label.get_text() for label in drawn(axis, "label")]
    notes = [text.get_text() for text in figure.texts]
    if count == 30:
        assert len(labels) == MAX_NAMED
        assert notes == ["thin grey: 22 more systems, baselines, controls, oracles"]
        assert max(line.get_linewidth() for line in lines if line not in named) < named[0].get_linewidth()
    else:
        assert len(labels) == count
        assert notes == []


@MEDIA
def test_a_system_has_the_same_look_in_every_plot(medium: Medium) -> None:
    entries = [*many(12), entry("control:majority")]
    shown = looks(entries)
    plots = [draw(entries, medium), draw(entries, medium, "joint", "map"), summary_plot(entries, medium)]
    expected = [shown[each.name].colour for each in entries]
    for axis in [axis for plot in plots for axis in plot.axes]:
        assert [line.get_color() for line in drawn(axis, "line")] == expected
        markers = [line for line in drawn(axis, "markers") if line.get_marker() != "_"]
        assert [line.get_marker() for line in markers] == [look.marker for look in shown.values() if look.named]
    modes = draw_modes(entries[0], shown[entries[0].name], medium)
    assert {line.get_color() for axis in modes.axes for line in drawn(axis, "line")} == {expected[0]}


def test_labels_name_the_curves_that_they_are_led_to_by_colour() -> None:
    entries = many(5)
    (axis,) = draw(entries).axes
    colours = {label.get_text(): label.get_color() for label in drawn(axis, "label")}
    shown = looks(entries)
    assert sorted(colours.values()) == sorted(shown[each.name].colour for each in entries)
    order = sorted(drawn(axis, "label"), key=lambda label: label.get_position()[1])
    assert [label.get_color() for label in order] == [shown[each.name].colour for each in entries]  # the last is worst


def test_no_line_crosses_the_break_and_ends_are_single_markers_with_intervals() -> None:
    (axis,) = draw([entry()]).axes
    (line,), (markers,) = drawn(axis, "line"), drawn(axis, "markers")
    assert len(line.get_xdata()) == 5
    assert len(markers.get_xdata()) == 6
    assert markers.get_linestyle() == "None"
    assert len(axis.collections) == 2  # the band, and the stroke at +∞
    assert [label.get_text() for label in axis.get_xticklabels()] == ["+∞", "10", "5", "0", "−5", "−10"]
    places = axis.get_xticks()
    assert places[1] - places[0] > places[2] - places[1]
    assert tick_name("-inf") == "−∞"


def test_finite_conditions_are_linear_in_decibels_whatever_they_are() -> None:
    papers = {"+inf": -1.5, "10": 0, "5": 1, "0": 2, "-5": 3, "-10": 4, "-inf": 5.5}
    assert places_of(tuple(papers)) == pytest.approx(papers)
    others = {"+inf": -1.5, "20": 0, "15": 0.5, "0": 2, "-inf": 3.5}
    assert places_of(tuple(others)) == pytest.approx(others)
    assert places_of(("0",)) == {"0": 0}
    assert places_of(("+inf",)) == {"+inf": -1.5}


def test_other_snrs_are_drawn_at_their_own_conditions() -> None:
    made = make_mode(flat("wer", {"+inf": 3.0, "15": 6.0, "0": 30.0}), half_width=1.0)
    (axis,) = draw([entry(independent=made)]).axes
    assert [label.get_text() for label in axis.get_xticklabels()] == ["+∞", "15", "0"]
    assert len(drawn(axis, "line")[0].get_xdata()) == 2


def test_bands_are_the_intervals_of_scores_json_and_more_than_three_have_none() -> None:
    (axis,) = draw([entry()], mode="joint", metric="map").axes
    (band,) = axis.collections
    points = np.asarray(band.get_paths()[0].vertices)
    assert points[:, 1].min() == 28
    assert points[:, 1].max() == 52
    assert len(draw(many(3), mode="joint").axes[0].collections) == 3
    assert not draw(many(4), mode="joint").axes[0].collections
    bare = entry(joint=make_mode(flat("wer", {"10": 5.0, "0": 10.0})))
    assert not draw([bare], mode="joint").axes[0].collections


def test_floors_are_dashed_grey_lines_with_their_names() -> None:
    cells = {c: SkillRecord(floor=87.0, floor_interval=None, skill=1.0, interval=None) for c in ("all", *SPEECH)}
    scores = rising(10, {"wer": SPEECH}, skill={"wer": {"sentence": cells}})
    (axis,) = draw([entry(independent=scores)]).axes
    (floor,) = drawn(axis, "floor")
    assert set(floor.get_ydata()) == {87.0}
    assert floor.get_color() == GREY.colour
    assert floor.is_dashed()
    assert [label.get_text() for label in drawn(axis, "label")] == ["api:model", "floor: sentence"]
    figure = draw([entry(independent=scores)], PAPER)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["api:model", "floor: sentence"]


def test_a_wer_far_beyond_the_others_is_cut_off_and_has_its_value_at_the_edge() -> None:
    runaway = make_mode(flat("wer", {"10": 60.0, "5": 143.0, "0": 410.0}))
    entries = [*many(2), entry("runaway", independent=runaway)]
    (axis,) = draw(entries).axes
    assert axis.get_ylim() == (0, 105)
    beyond = drawn(axis, "beyond")
    assert {text.get_text() for text in beyond if hasattr(text, "get_text")} == {"143", "410"}
    triangles = [mark for mark in beyond if not hasattr(mark, "get_text")]
    assert [(mark.get_marker(), mark.get_ydata()[0]) for mark in triangles] == [("^", 105)] * 2
    assert max(np.nanmax(line.get_ydata()) for line in drawn(axis, "markers")) <= 105
    alone = draw([entry("runaway", independent=runaway)]).axes[0]
    assert alone.get_ylim()[1] > 410
    assert not drawn(alone, "beyond")


def test_a_single_grey_curve_of_a_paper_is_named_in_the_note() -> None:
    figure = draw([*many(2), entry("control:majority", base=70)], PAPER)
    assert [text.get_text() for text in figure.texts] == ["thin grey: control:majority"]


@MEDIA
def test_what_is_not_the_whole_benchmark_has_hollow_markers_and_a_note_says_so(medium: Medium) -> None:
    entries = [entry("whole"), entry(incomplete=("limited to 6 pairs",))]
    figure = draw(entries, medium, metric="macc")
    first, second = looks(entries).values()
    faces = {line.get_color(): line.get_markerfacecolor() for line in drawn(figure.axes[0], "markers")}
    assert faces == {first.colour: first.colour, second.colour: BACK}
    about = "hollow markers: not scores of the whole benchmark"
    assert [text.get_text() for text in figure.texts] == [about]
    assert about in [text.get_text() for text in draw_modes(entries[1], second, medium).texts]
    assert not draw(entries[:1], medium, metric="macc").texts


def test_a_result_on_another_dataset_is_not_whole() -> None:
    result = entry().result
    custom = replace(entry(), result=result.replace(dataset=result.dataset.replace(recipe="custom")))
    axis = draw_modes(custom, PALETTE[0]).axes[0]
    assert {line.get_markerfacecolor() for line in drawn(axis, "markers")} == {BACK}


def test_modes_keep_their_lines_where_one_has_no_scores() -> None:
    one = entry(independent=rising(20.0, {"macc": BACKGROUND, "map": BACKGROUND}))
    figure = draw_modes(one, PALETTE[3])
    assert figure.get_suptitle() == "api:model"
    wer, macc, _ = figure.axes
    markers = [line.get_marker() for line in drawn(macc, "markers")]
    assert len(set(markers)) == 3
    assert [line.get_marker() for line in drawn(wer, "markers")] == markers[1:]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["independent", "joint", "cot"]
    assert curve_of(one, "independent", "wer") is None


def test_a_summary_has_no_panel_without_a_ranked_system() -> None:
    summary = replace(summarise_report([entry()], None), metrics=("wer", "macc", "map"))
    cells = {"wer": Cell(20.0, None, 1)}
    rows = (
        replace(summary.rows[0], cells=cells),
        replace(summary.rows[0], kind="control", cells=cells | {"map": cells["wer"]}),
    )
    assert curves_of(replace(summary, rows=rows)) == ["wer"]
    assert curves_of(replace(summary, rows=rows[1:])) == ["wer", "macc", "map"]
    assert len(draw_summary([entry()], replace(summary, rows=rows), looks([entry()])).axes) == 1


def test_the_modes_of_a_system_show_their_whole_intervals() -> None:
    wide = make_mode([{"10": {"wer": 60.0}, "-inf": {"map": 94.0}}], half_width=50.0)
    for axis in draw_modes(entry(independent=wide, joint=wide, cot=wide), PALETTE[1]).axes:
        assert axis.get_ylim()[1] > (110 if "WER" in axis.get_ylabel() else 144)
