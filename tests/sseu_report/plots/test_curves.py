"""Plots: legible without colours, reproducible bytes, untrusted names shown as text."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from sseu_models.results.scores_file import ModeScores
from sseu_report.entries import Entry
from sseu_report.page.plots import plan_plots
from sseu_report.plots.curves import MAX_SYSTEMS, curve_of, draw_modes, draw_systems, places_of
from sseu_report.plots.style import COLOURS, MARKERS, save_plot
from tests.sseu_report.made_entries import flat, make_entry, make_mode

SPEECH = ("+inf", "10", "5", "0", "-5", "-10")
BACKGROUND = ("10", "5", "0", "-5", "-10", "-inf")


def rising(base: float, conditions: Mapping[str, tuple[str, ...]]) -> ModeScores:
    """A run in which each metric starts at `base` and rises by 5 from condition to condition."""
    run: dict[str, dict[str, float]] = {}
    for metric, names in conditions.items():
        for place, name in enumerate(names):
            run.setdefault(name, {})[metric] = base + 5 * place
    return make_mode([run], half_width=2.0)


def entry(name: str = "api:model", *, base: float = 20.0, incomplete: tuple[str, ...] = (), **modes: Any) -> Entry:
    finite = dict.fromkeys(("wer", "macc", "map"), SPEECH[1:])
    made = {
        "independent": rising(base, {"wer": SPEECH, "macc": BACKGROUND, "map": BACKGROUND}),
        "joint": rising(base + 10, finite),
        "cot": rising(base + 20, finite),
    }
    return make_entry(name, made | modes, incomplete=incomplete)


@pytest.mark.parametrize("kind", [".svg", ".png"])
def test_the_same_plot_gives_the_same_bytes(kind: str, tmp_path: Path) -> None:
    for name in ("one", "two"):
        save_plot(draw_modes(entry()), tmp_path / f"{name}{kind}")
    content = (tmp_path / f"one{kind}").read_bytes()
    assert content == (tmp_path / f"two{kind}").read_bytes()
    assert b"dc:date" not in content
    assert b"Matplotlib v" not in content


def test_the_user_s_settings_change_nothing(tmp_path: Path) -> None:
    import matplotlib

    save_plot(draw_modes(entry()), tmp_path / "one.svg")
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.fonttype": "path"}):
        save_plot(draw_modes(entry()), tmp_path / "two.svg")
        assert matplotlib.rcParams["font.size"] == 30
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_untrusted_names_stay_text(tmp_path: Path) -> None:
    names = ["_hidden", "$a_b$ $\\frac$", "<script>alert(1)</script>", "a\nb\x1b[31m", "日本語", "x" * 200]
    path = tmp_path / "figure.svg"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        save_plot(draw_systems([entry(name) for name in names], "independent", "wer"), path)
        save_plot(draw_systems([entry(name) for name in names * 2], "independent", "wer"), tmp_path / "grid.png")
        save_plot(draw_modes(entry(names[1])), tmp_path / "modes.png")
    source = path.read_text(encoding="utf-8")
    assert "<script" not in source
    assert "\x1b" not in source
    texts = [element.text for element in ElementTree.fromstring(source).iter("{http://www.w3.org/2000/svg}text")]
    assert {"_hidden", "$a_b$ $\\frac$", "<script>alert(1)</script>", "a\ufffdb\ufffd[31m", "日本語"} <= set(texts)
    assert max(len(text or "") for text in texts) < 50


def curves_in(axis: Any) -> list[Any]:
    return [line for line in axis.get_lines() if line.get_marker() in MARKERS]


def test_no_line_crosses_the_break_and_ends_have_intervals() -> None:
    figure = draw_systems([entry()], "independent", "wer")
    lines = curves_in(figure.axes[0])
    assert sorted(len(line.get_xdata()) for line in lines) == [1, 5]
    assert len(figure.axes[0].collections) == 2  # the band, and the stroke at +inf
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == list(SPEECH)
    places = figure.axes[0].get_xticks()
    assert places[1] - places[0] > places[2] - places[1]


def test_finite_conditions_are_linear_in_decibels_whatever_they_are() -> None:
    papers = {"+inf": -1.5, "10": 0, "5": 1, "0": 2, "-5": 3, "-10": 4, "-inf": 5.5}
    assert places_of(tuple(papers)) == pytest.approx(papers)
    others = {"+inf": -1.5, "20": 0, "15": 0.5, "0": 2, "-inf": 3.5}
    assert places_of(tuple(others)) == pytest.approx(others)
    assert places_of(("0",)) == {"0": 0}
    assert places_of(("+inf",)) == {"+inf": -1.5}


def test_other_snrs_are_drawn_at_their_own_conditions() -> None:
    made = make_mode(flat("wer", {"+inf": 3.0, "15": 6.0, "0": 30.0}), half_width=1.0)
    axis = draw_systems([entry(independent=made)], "independent", "wer").axes[0]
    assert [label.get_text() for label in axis.get_xticklabels()] == ["+inf", "15", "0"]
    assert sorted(len(line.get_xdata()) for line in curves_in(axis)) == [1, 2]


def test_bands_are_the_intervals_of_scores_json() -> None:
    figure = draw_systems([entry()], "joint", "map")
    (band,) = figure.axes[0].collections
    points = np.asarray(band.get_paths()[0].vertices)
    assert points[:, 1].min() == 28
    assert points[:, 1].max() == 52


def test_a_system_without_intervals_has_no_band() -> None:
    bare = entry(joint=make_mode(flat("wer", {"10": 5.0, "0": 10.0})))
    assert not draw_systems([bare], "joint", "wer").axes[0].collections


def test_what_is_not_the_whole_benchmark_has_hollow_markers_and_the_title_says_so() -> None:
    part = entry(incomplete=("limited to 6 pairs",))
    figure = draw_systems([entry("whole"), part], "independent", "macc")
    faces = {line.get_color(): line.get_markerfacecolor() for line in curves_in(figure.axes[0])}
    assert faces == {COLOURS[0]: COLOURS[0], COLOURS[1]: "white"}
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["whole", "api:model"]
    about = "hollow markers: not scores of the whole benchmark"
    assert figure.get_suptitle() == f"mACC, independent\n{about}"
    assert draw_modes(part).get_suptitle() == f"api:model\n{about}"
    assert draw_systems([entry("whole")], "independent", "macc").get_suptitle() == "mACC, independent"


def test_a_result_on_another_dataset_is_not_whole() -> None:
    result = entry().result
    custom = replace(entry(), result=result.replace(dataset=result.dataset.replace(recipe="custom")))
    assert {line.get_markerfacecolor() for line in curves_in(draw_modes(custom).axes[0])} == {"white"}


def test_what_was_never_answered_is_not_drawn() -> None:
    silent = make_mode([{}, {}])
    assert list(plan_plots([entry(independent=silent, joint=silent, cot=silent)], [])) == []
    names = [plot.name for plot in plan_plots([entry(independent=silent)], [])]
    assert "systems_joint_wer" in names
    assert "systems_independent_wer" not in names


@pytest.mark.parametrize("count", [1, 6, 7, 20])
def test_one_to_twenty_systems_are_drawn(count: int) -> None:
    figure = draw_systems([entry(f"system {n}", base=n) for n in range(count)], "independent", "map")
    shown = [axis for axis in figure.axes if axis.axison]
    assert len(shown) == (1 if count <= 6 else count)
    if count > 6:
        assert shown[3].get_title() == "system 3"
        assert len({axis.get_ylim() for axis in shown}) == 1


def test_more_systems_than_are_legible_are_left_out() -> None:
    for count in (MAX_SYSTEMS, MAX_SYSTEMS + 1):
        names = [plot.name for plot in plan_plots([entry(f"{number}") for number in range(count)], [])]
        assert ("systems_joint_wer" in names) == (count == MAX_SYSTEMS)


def test_modes_keep_their_colours_where_one_has_no_scores() -> None:
    one = entry(independent=rising(20.0, {"macc": BACKGROUND, "map": BACKGROUND}))
    wer, macc, _ = draw_modes(one).axes
    assert {line.get_color() for line in curves_in(wer)} == set(COLOURS[1:3])
    assert {line.get_color() for line in curves_in(macc)} == set(COLOURS[:3])
    assert curve_of(one, "independent", "wer") is None
