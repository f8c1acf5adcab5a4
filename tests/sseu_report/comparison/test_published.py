"""A result beside the published scores: what explains a difference, and what makes it unfair."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import pytest
import scipy.stats

from sseu_models.job import Job
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request
from sseu_report.comparison.published import PaperCell, _run_spread, compare_entry_with_paper, compare_with_paper
from sseu_report.entries import ScoredEntry, read_entries, score_entries
from sseu_report.tables.records import Cell
from tests.sseu_models.scripted import ScriptedSystem


@pytest.fixture(scope="module")
def scored(built: Path, tmp_path_factory: pytest.TempPathFactory) -> ScoredEntry:
    out = tmp_path_factory.mktemp("results") / "out"
    job = Job(modes=("independent", "joint"), runs=2)
    evaluate(Request(ScriptedSystem(), str(built), out, job=job, embedder="exact"), progress=False)
    return score_entries(read_entries([out]))[0]


def cell(ours: Cell, published: Cell, *, deterministic: bool = False) -> PaperCell:
    return PaperCell(
        "independent", "wer", "0", ours, published, _run_spread(ours, published, deterministic=deterministic)
    )


@pytest.mark.parametrize(("runs", "freedom"), [(2, 1), (3, 2), (5, 2)])
def test_the_run_spread_is_the_t_quantile_of_the_difference_of_two_means(runs: int, freedom: int) -> None:
    found = _run_spread(Cell(10.0, 0.3, runs), Cell(10.0, 0.1, 3), deterministic=False)
    error = math.sqrt(0.3**2 / runs + 0.15**2 / 3)
    assert found == pytest.approx(scipy.stats.t.ppf(0.975, freedom) * error + 0.005)


def test_each_side_is_named() -> None:
    published = Cell(10.0, 0.1, 3)
    verdicts = {
        (10.2, (9.0, 11.0)): "within run spread, within sampling error",
        (11.5, (9.0, 13.0)): "outside run spread, within sampling error",
        (10.2, (10.1, 10.3)): "within run spread, outside sampling error",
        (20.0, (19.0, 21.0)): "outside run spread, outside sampling error",
    }
    for (mean, interval), verdict in verdicts.items():
        found = cell(Cell(mean, 0.1, 3, interval), published)
        assert found.verdict == verdict
        assert found.within == ("within" in verdict)
        assert found.difference == pytest.approx(mean - 10.0)


def test_the_spread_of_one_run_is_known_for_a_deterministic_system_only() -> None:
    found = cell(Cell(10.0, None, 1, (9.0, 11.0)), Cell(10.0, 0.1, 3))
    assert (found.run_spread, found.verdict) == (None, "unknown run spread, within sampling error")
    assert cell(Cell(10.0, None, 1), Cell(10.0, 0.1, 3), deterministic=True).within_runs
    # Two deterministic ones differ by rounding alone.
    assert cell(Cell(45.454, None, 1), Cell(45.45, None, 1), deterministic=True).within_runs
    assert not cell(Cell(45.46, None, 1), Cell(45.45, None, 1), deterministic=True).within_runs


def test_every_published_score_that_we_have_stands_beside_ours(scored: ScoredEntry) -> None:
    found = compare_entry_with_paper(scored, "kimi-AUDIO")
    assert found.system == "Kimi-Audio"
    assert len(found.cells) == 3 * 7 + 3 + 3
    by_name = {(part.mode, part.metric, part.condition): part for part in found.cells}
    clean = by_name["independent", "wer", "+inf"]
    assert clean.published == Cell(1.74, 0.1, 3)
    modes = scored.entry.modes
    assert clean.ours.mean == pytest.approx(modes["independent"].by_condition["+inf"]["wer"])
    assert by_name["independent", "map", "average of 6"].ours.mean == pytest.approx(modes["independent"].map)
    assert by_name["joint", "macc", "average of 5"].ours.mean == pytest.approx(modes["joint"].macc)
    five = scored.scores["independent"].value("map", ("10", "5", "0", "-5", "-10"))
    assert by_name["independent", "map", "average of 5"].ours.mean == pytest.approx(five)
    assert by_name["independent", "map", "average of 5"].published.mean == 24.20
    stored = modes["independent"].intervals["map"]["0"]
    assert by_name["independent", "map", "0"].ours.interval == (stored.low, stored.high)


def test_a_classifier_of_the_paper_has_no_speech_and_no_joint_mode(scored: ScoredEntry) -> None:
    found = compare_entry_with_paper(scored, "LAION-CLAP")
    assert {(part.mode, part.metric) for part in found.cells} == {("independent", "macc"), ("independent", "map")}


def test_what_makes_it_unfair_is_a_warning(scored: ScoredEntry) -> None:
    text = str(compare_entry_with_paper(scored, "Kimi-Audio"))
    (note,) = [line for line in text.splitlines() if line.startswith("scores in parentheses")]
    assert note.startswith("scores in parentheses are not scores of the whole benchmark: partial dataset (VCTK ")
    for line in text.splitlines()[2 : 2 + len(compare_entry_with_paper(scored, "Kimi-Audio").cells)]:
        ours, published, difference, interval = re.split(r"\s{2,}", line)[3:7]
        assert all(re.fullmatch(r"\(.*\)", score) for score in (ours, difference, interval))
        assert "(" not in published
    assert "made with the embedder exact, the paper's with openai:text-embedding-3-large." in text
    assert "made with the normaliser whisper-english 0.1.15; the paper names none." in text
    assert "The prompts are those of the set project-1, not known to be the paper's." in text
    assert "warning: 2 runs; the paper has 3." in text
    assert "of 27 within run spread or sampling error" in text
    result = scored.entry.result
    whole = result.replace(dataset=result.dataset.replace(recipe="paper", pairs=1117, version="1.0.0", reasons=()))
    same = replace(scored, entry=replace(scored.entry, result=whole))
    found = compare_entry_with_paper(same, "CLAP")
    assert "The paper's mixtures are the authors' own; ours are version 1.0.0, 1117 pairs." in found.warnings
    assert "parentheses" not in str(found)
    assert not re.search(r"\(\d", str(found))


def test_an_unknown_system_is_refused_before_anything_is_scored(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"the paper has no system 'GPT' \(it has LTU-AS, Qwen2-Audio-Instruct, Kimi-Audio"
    ):
        compare_with_paper(tmp_path, "GPT")


def test_a_result_without_a_published_mode_is_refused(scored: ScoredEntry) -> None:
    with pytest.raises(
        ValueError, match="none of the published scores of CLAP is among the modes joint; the paper has"
    ):
        compare_entry_with_paper(replace(scored, scores={"joint": scored.scores["joint"]}), "CLAP")
