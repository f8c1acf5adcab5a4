"""A result beside the published scores: what explains a difference, and what makes it unfair."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import scipy.stats

from sseu_metric.labels import SCENES
from sseu_metric.scoring import score
from sseu_models.job import Job
from sseu_models.results.opened_dataset import OpenedDataset
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request
from sseu_report.comparison import published
from sseu_report.comparison.published import (
    PaperCell,
    PaperComparison,
    _run_term,
    compare_entry_with_paper,
    compare_with_paper,
)
from sseu_report.entries import ScoredEntry, read_entries, score_entries
from sseu_report.paper import PublishedRow
from sseu_report.tables.records import Cell
from tests.sseu_models.scripted import ScriptedSystem, reference
from tests.sseu_report.made_entries import make_entry


@pytest.fixture(scope="module")
def scored(built: Path, tmp_path_factory: pytest.TempPathFactory) -> ScoredEntry:
    out = tmp_path_factory.mktemp("results") / "out"
    job = Job(modes=("independent", "joint"), runs=2)
    evaluate(Request(ScriptedSystem(), str(built), out, job=job, embedder="exact"), progress=False)
    return score_entries(read_entries([out]))[0]


@pytest.mark.parametrize(("runs", "freedom"), [(2, 1), (3, 2), (5, 2)])
def test_what_the_runs_add_is_the_t_quantile_of_the_difference_of_two_means(runs: int, freedom: int) -> None:
    found = _run_term(Cell(10.0, 0.3, runs), Cell(10.0, 0.1, 3))
    error = math.sqrt(0.3**2 / runs + 0.15**2 / 3)
    assert found == pytest.approx(scipy.stats.t.ppf(0.975, freedom) * error)
    assert _run_term(Cell(10.0, None, 1), Cell(10.0, None, 1)) == 0


@pytest.mark.parametrize(
    ("ours", "pairing", "corpora", "verdict"),
    [
        (10.2, 0.3, 1.0, "within, within"),
        (11.5, 0.3, 2.0, "outside, within"),
        (10.2, 0.3, 0.1, "within, outside"),
        (20.0, 0.3, 1.0, "outside, outside"),
        (10.304, 0.3, None, "within, unknown"),  # half of the paper's last digit is allowed for
        (10.306, 0.3, None, "outside, unknown"),
        (20.0, None, 1.0, "unknown, outside"),
    ],
)
def test_both_questions_have_an_answer(ours: float, pairing: float, corpora: float, verdict: str) -> None:
    found = PaperCell("independent", "wer", "0", Cell(ours, 0.1, 3), Cell(10.0, 0.1, 3), pairing, corpora, None)
    assert found.verdict == verdict
    assert found.difference == pytest.approx(ours - 10.0)


DATA_SETS, CLIPS = 300, 200


def simulated(seed: int, *, corpora: int, pairing: int) -> ScoredEntry:
    """ASC answers of one system: the recordings and what they are paired with are drawn separately.

    The chance of a right scene depends on the recording and on how it goes together with its speech.
    """
    recordings = np.random.default_rng([seed, corpora]).normal(0, 0.5, CLIPS)
    pairs = np.random.default_rng([seed, corpora, pairing])
    right = pairs.random(CLIPS) < 1 / (1 + np.exp(-0.4 - recordings - pairs.normal(0, 1.0, CLIPS)))
    rows = [reference(f"{n}", "0", scene=n % 2) for n in range(CLIPS)]
    predictions = [{"scene": SCENES[n % 2 if hit else 4]} for n, hit in enumerate(right)]
    scores = score(predictions, rows, tasks=("asc",), mode="independent", embedder="exact")
    return ScoredEntry(make_entry(conditions=("0",)), cast(OpenedDataset, None), [], {}, {"independent": scores})


def share_outside(monkeypatch: pytest.MonkeyPatch, name: str, other: Callable[[int], float]) -> float:
    """How often the same system, published by others, is outside a tolerance.

    Args:
        monkeypatch: For the published row.
        name: `pairing` or `corpora`.
        other: The published score of a seed.
    """
    outside = 0
    for seed in range(DATA_SETS):
        row = PublishedRow(1, "CLAP", "independent", "macc", {"0": other(seed)}, {}, 0.0, None)
        monkeypatch.setattr(published, "published_rows", lambda table, row=row: [row] if table == 1 else [])
        (found,) = compare_entry_with_paper(simulated(seed, corpora=0, pairing=0), "CLAP").cells
        outside += not found.within(getattr(found, name))
    return outside / DATA_SETS


def macc_of(entry: ScoredEntry) -> float:
    value = entry.scores["independent"].value("macc")
    assert value is not None
    return value


def test_another_pairing_of_the_same_corpora_is_rarely_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """In about 5 %, or less: what both have of the recordings cancels, so that the tolerance errs on the wide side."""
    anew = share_outside(monkeypatch, "pairing", lambda seed: macc_of(simulated(seed, corpora=0, pairing=1)))
    assert 0.02 <= anew <= 0.08


def test_new_corpora_are_outside_the_second_tolerance_in_5_percent(monkeypatch: pytest.MonkeyPatch) -> None:
    anew = share_outside(monkeypatch, "corpora", lambda seed: macc_of(simulated(seed, corpora=1, pairing=1)))
    assert 0.02 <= anew <= 0.08


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
    assert stored is not None
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
        assert all(re.fullmatch(r"\(.*\)", score) for score in (ours, difference))
        assert re.fullmatch(r"\(.*\)|-", interval)
        assert "(" not in published
    assert "made with the embedder exact, the paper's with openai:text-embedding-3-large." in text
    assert "made with the normaliser whisper-english 0.1.15; the paper names none." in text
    assert "The prompts are those of the set project-1, not known to be the paper's." in text
    assert "warning: 2 runs; the paper has 3." in text
    assert re.search(
        r"of 27 differences, \d+ are within what another pairing of the same corpora brings, \d+ within what new", text
    )
    result = scored.entry.result
    whole = result.replace(dataset=result.dataset.replace(recipe="paper", pairs=1117, version="1.0.0", reasons=()))
    same = replace(scored, entry=replace(scored.entry, result=whole))
    found = compare_entry_with_paper(same, "CLAP")
    assert "The paper's mixtures are the authors' own; ours are version 1.0.0, 1117 pairs." in found.warnings
    assert "parentheses" not in str(found)
    assert not re.search(r"\(\d", str(found))


def test_what_has_no_average_and_what_is_unknown_is_a_warning() -> None:
    """A published row whose average we lack is named with the reason, and so is a verdict that nothing decides."""
    conditions = ("10", "5", "0", "-5", "-10", "-inf")
    rows = [reference(f"{n}", c, scene=n % 2) for c in conditions for n in range(8)]
    answers = [None if row["condition"] == "5" else {"scene": SCENES[row["scene"]]} for row in rows]

    def compared(predictions: list[dict[str, str] | None], kept: list[dict[str, object]]) -> PaperComparison:
        scores = score(predictions, kept, tasks=("asc",), mode="independent", embedder="exact")
        entry = make_entry(conditions=conditions)
        return compare_entry_with_paper(
            ScoredEntry(entry, cast(OpenedDataset, None), [], {}, {"independent": scores}), "CLAP"
        )

    silent = compared(answers, rows)
    assert "independent: mACC has no average: no answer in 5." in silent.warnings
    assert {cell.condition for cell in silent.cells} == {"10", "0", "-5", "-10", "-inf"}
    assert {(cell.verdict, cell.unknown) for cell in silent.cells} == {
        ("unknown, unknown", "no cluster changes the score: without any one of them it is the same")
    }
    assert (
        "independent: unknown for mACC 10, mACC 0, mACC -5, mACC -10, mACC -inf: "
        "no cluster changes the score: without any one of them it is the same." in (silent.warnings)
    )
    assert "5 have a verdict that is unknown" in str(silent)
    asked = [number for number, row in enumerate(rows) if row["condition"] != "5"]
    fewer = compared([answers[number] for number in asked], [rows[number] for number in asked])
    assert "independent: mACC has no average of 6: not asked in 5." in fewer.warnings


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
