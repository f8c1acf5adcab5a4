"""Calibration in words, in the table of the page and as a plot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.patches import Rectangle

from sseu_metric import score
from sseu_metric.calibration import Calibration
from sseu_models.records import Question, Reply
from sseu_report.appearance import PALETTE
from sseu_report.entries import ScoredEntry, read_entries, score_entries
from sseu_report.findings.collect import as_json, collect_findings
from sseu_report.findings.validity.calibration import find_calibrations
from sseu_report.page.plots import PlannedPlot, plan_plots
from sseu_report.page.sections.chapters import without_probabilities
from sseu_report.page.sections.validity import calibration_table
from sseu_report.plots.reliability import draw_reliability
from sseu_report.plots.style import PAGE
from sseu_report.summary import summarise_report
from tests.sseu_metric.test_calibration import classified


def planned(scored: list[ScoredEntry]) -> list[PlannedPlot]:
    entries = [one.entry for one in scored]
    return list(plan_plots(entries, scored, summarise_report(entries, None)))


def test_the_sentence_says_how_far_on_which_side_and_against_what() -> None:
    scenes, events = find_calibrations({"independent": classified()})
    assert isinstance(events.found, Calibration)
    assert scenes.sentence.startswith("The probabilities of scenes are off by ")
    assert " points [" in scenes.sentence
    assert "(ECE), on the whole too low" in scenes.sentence
    assert "on the whole too high" in events.sentence
    assert f"is better than that of the shares of the labels ({events.found.brier_of_shares:.4f})" in events.sentence
    rows = [{"events": ["Dog"] if clip else []} for clip in range(4)]
    (lost,) = find_calibrations({"joint": score([{"event_scores": [0.9] * 18}] * 4, rows, tasks=("at",))})
    assert "is no better than" in lost.sentence
    (named,) = find_calibrations({"joint": score([{"events": ["Dog"]}] * 4, rows, tasks=("at",), embedder="exact")})
    assert named.sentence.startswith("The confidences of events are no probabilities: it names events, and the sigmoid")


def test_the_page_has_a_row_for_each_and_a_plot_for_probabilities_alone(folders: list[Path]) -> None:
    scored = score_entries(read_entries(folders))
    findings = collect_findings(scored)
    name = scored[0].entry.name
    assert calibration_table(findings).rows == []  # both systems answer in words
    (block,) = without_probabilities(findings)
    assert block.sentence == "No system gives probabilities."
    assert all(one.entry.name in block.text[0] for one in scored)
    assert not [plot for plot in planned(scored) if plot.name.startswith("reliability")]
    made = {name: find_calibrations({"independent": classified()})}
    both = calibration_table(replace(findings, calibration={**findings.calibration, **made}))
    scenes, events = both.rows
    assert without_probabilities(replace(findings, calibration=made)) == []
    assert str(both.notes[0]).endswith(f"have neither: {scored[1].entry.name}.")
    assert (scenes[2], events[2]) == ("scene", "events")
    assert "[" in str(scenes[3])
    assert " to " in str(scenes[4])
    plots = planned([replace(scored[0], scores={"independent": classified()})])
    (plot,) = [plot for plot in plots if plot.name.startswith("reliability")]
    assert plot.on_page
    assert len(plot.draw(PAGE).axes) == 4
    found: Any = as_json(made)[name][0]
    assert found["found"]["task"] == "asc"
    assert found["found"]["bins"][0]["interval"].keys() == {"low", "high"}


def test_a_classifier_that_was_run_has_a_calibration_in_every_mode(make_scored: Any) -> None:
    def reply(question: Question) -> Reply:
        if question.task == "asr":
            return Reply(text="")
        count = 6 if question.task == "asc" else 18
        if question.mode == "likelihood":
            return Reply(scores=tuple(-1.0 - number for number in range(count)))
        return Reply(scores=(0.5, *[0.5 / (count - 1)] * (count - 1)))

    scored = make_scored("classifier", reply, modes=("independent", "likelihood"))
    findings = collect_findings([scored])
    found = [one.found for one in findings.calibration[scored.entry.name]]
    assert [(one.task, isinstance(one, Calibration)) for one in found] == [("asc", True), ("at", True)] * 2
    assert [one.reading for one in found if isinstance(one, Calibration)] == ["as given"] * 2 + [
        "log-probabilities"
    ] * 2
    assert [row[1:3] for row in calibration_table(findings).rows] == [
        ("independent", "scene"),
        ("independent", "events"),
        ("likelihood", "scene"),
        ("likelihood", "events"),
    ]
    names = [plot.name for plot in planned([scored]) if plot.name.startswith("reliability")]
    shown = "reliability_01_scripted-classifier"
    assert names == [f"{shown}_independent", f"{shown}_likelihood"]


def test_the_plot_shows_the_bins_on_the_diagonal_and_their_counts() -> None:
    found = [one.found for one in find_calibrations({"independent": classified()})]
    shown = [one for one in found if isinstance(one, Calibration)]
    figure = draw_reliability(shown, "a <b> $x$", PALETTE[2], whole=False)
    for number, one in enumerate(shown):
        curve, counts = figure.axes[number], figure.axes[number + 2]
        diagonal, line = curve.get_lines()
        assert np.asarray(diagonal.get_xdata()).tolist() == np.asarray(diagonal.get_ydata()).tolist() == [0, 1]
        assert np.asarray(line.get_xdata()).tolist() == [each.confidence for each in one.bins]
        assert np.asarray(line.get_ydata()).tolist() == [each.observed for each in one.bins]
        bars = [bar.get_height() for bar in counts.patches if isinstance(bar, Rectangle)]
        assert bars == [each.answers for each in one.bins]
        assert len(curve.collections) == sum(each.interval is not None for each in one.bins)
    assert figure.get_suptitle().startswith("a <b> $x$")
    assert "hollow markers" in figure.get_suptitle()
