"""What is printed of a result says what its averages are over."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import pytest

from sseu_metric.conditions import CONDITIONS, finite
from sseu_models.job import Job
from sseu_models.records import Mode, Question, Reply
from sseu_models.results.folder import read_result, read_scores
from sseu_models.results.scores_file import Average, Metric, ModeScores
from sseu_models.results.terminal import METRIC_NAMES, answer_lines, score_lines
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request
from tests.sseu_models.scripted import ScriptedSystem

FINITE = finite(CONDITIONS)
Conditions = tuple[str, ...] | Literal["all"] | None


def run_wise(question: Question) -> Reply:
    """As many wrong words as the seed says, so that no two conditions and runs have the same WER."""
    words = "word " * (30 + question.seed % 50)
    return Reply(text=f"Transcript: {words}\nScene: Home\nEvents: Dog")


def made(built: Path, out: Path, conditions: Conditions, modes: tuple[Mode, ...] = ("independent", "joint")) -> Path:
    job = Job(modes=modes, conditions=conditions, runs=2)
    evaluate(Request(ScriptedSystem(reply=run_wise), str(built), out, job=job, embedder="exact"), progress=False)
    return out


@pytest.fixture(scope="module")
def usual(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(built, tmp_path_factory.mktemp("results") / "usual", None)


@pytest.fixture(scope="module")
def every(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(built, tmp_path_factory.mktemp("results") / "every", "all")


def mean_of_finite(found: ModeScores, metric: Metric) -> float:
    runs = [[run.by_condition[condition][metric] for condition in FINITE] for run in found.by_run]
    return float(sum(sum(run) / 5 for run in runs) / len(runs))


def test_all_conditions_move_the_average_and_not_that_of_table_2(usual: Path, every: Path) -> None:
    few, many = read_scores(usual).modes["joint"], read_scores(every).modes["joint"]
    assert few.averages["wer"].conditions == FINITE
    assert many.averages["wer"].conditions == (*CONDITIONS[:1], *FINITE)
    assert many.averages["macc"].conditions == many.averages["map"].conditions == (*FINITE, "-inf")
    assert few.wer == pytest.approx(few.averages["wer"].finite)
    assert many.wer != pytest.approx(few.wer)
    for metric in METRIC_NAMES:
        assert many.averages[metric].finite == pytest.approx(few.averages[metric].finite)
        assert many.averages[metric].finite == pytest.approx(mean_of_finite(many, metric))
    assert read_scores(usual).modes["independent"].averages["wer"].conditions == (*CONDITIONS[:1], *FINITE)


def cells_of(lines: list[str], start: str) -> dict[str, str]:
    """A row of the first table by the heads of its columns."""
    row_line = next(line for line in lines if line.startswith(start))
    heads, row = (re.split(r"\s{2,}", line.strip()) for line in (lines[0], row_line))
    return dict(zip(heads, row, strict=True))


def test_the_table_says_what_each_average_is_over(every: Path) -> None:
    scores = read_scores(every)
    lines = list(score_lines(scores))
    joint = scores.modes["joint"]
    row = cells_of(lines, "joint WER")
    assert row["average"] == f"({joint.wer:.2f})"
    assert row["10 to -10"] == f"({joint.averages['wer'].finite:.2f})"
    assert row["+inf"] == f"({joint.by_condition['+inf']['wer']:.2f})"
    assert row["-inf"] == "-"
    assert "  average over +inf, 10, 5, 0, -5, -10 (WER); 10, 5, 0, -5, -10, -inf (mACC, mAP)" in lines
    assert "  10 to -10: average over 10, 5, 0, -5, -10, as in Table 2 of the paper" in lines
    assert joint.spelling is not None
    (line,) = (line for line in lines if line.startswith("  joint: spelling alone (rule spelling-1: blanks, "))
    assert f": {joint.spelling.words_lost} of {joint.spelling.word_errors} word errors; " in line
    assert f"; lenient WER ({joint.spelling.wer_lenient:.2f}), 95 % interval (" in line
    assert line.endswith(f"; CER ({joint.spelling.cer:.2f})")


def test_the_table_says_what_the_scores_were_made_with_and_which_classes_they_lack(built: Path, tmp_path: Path) -> None:
    job = Job(modes=("joint",), conditions=("0",), runs=1, limit=1)
    evaluate(Request(ScriptedSystem(), str(built), tmp_path / "out", job=job, embedder="exact"), progress=False)
    scores = read_scores(tmp_path / "out")
    lines = list(score_lines(scores))
    assert "  mACC over 1 of 6 scenes" in lines
    assert f"  embedder exact, normaliser {scores.modes['joint'].normalizer}" in lines


def test_what_all_modes_share_is_said_once_and_floors_are_a_table(usual: Path) -> None:
    stored = read_scores(usual)
    lines = list(score_lines(stored))
    assert len(set(lines)) == len(lines)
    (made_with,) = (line for line in lines if "normaliser" in line)
    assert made_with == f"  embedder exact, normaliser {stored.modes['joint'].normalizer}"
    assert sum(line.startswith("  intervals of WER: clusters are") for line in lines) == 1
    for mode, found in stored.modes.items():
        skill = found.skill["map"]["corpus"]["all"]
        (row,) = (line for line in lines if line.startswith(f"{mode} mAP ") and "knowing the corpus" in line)
        assert re.split(r"\s{2,}", row)[2] == f"({skill.floor:.2f})"
    assert not any(re.search(r"-\d{3,}\.\d\d to", line) for line in lines if "knowing" in line or "sentence" in line)


def test_without_an_average_nothing_is_said_of_spelling(built: Path, tmp_path: Path) -> None:
    def failing(question: Question) -> Reply:
        heard = question.task != "asr" or question.clip_id.endswith("_-10")
        return run_wise(question) if heard else Reply(error="HTTP 500")

    request = Request(ScriptedSystem(reply=failing), str(built), tmp_path / "out", job=Job(runs=1), embedder="exact")
    evaluate(request, progress=False)
    scores = read_scores(tmp_path / "out")
    found = scores.modes["independent"]
    assert (found.wer, found.spelling) == (None, None)
    assert list(found.by_condition["-10"])[:1] == ["wer"]
    counts = found.counts["asr"]
    lines = list(score_lines(scores))
    assert not any("spelling" in line for line in lines)
    never = (
        f"  asr: {counts['missing']} of {counts['answers']} answers never came; where others came they count as empty"
    )
    assert never in lines


def test_where_a_finite_condition_was_not_asked_there_is_no_average_of_table_2(built: Path, tmp_path: Path) -> None:
    scores = read_scores(made(built, tmp_path / "out", ("+inf", "0"), ("joint",)))
    assert scores.modes["joint"].averages["wer"] == Average(conditions=("+inf", "0"), finite=None)
    lines = list(score_lines(scores))
    assert list(cells_of(lines, "joint WER")) == ["%", "average", "95 % interval", "+inf", "0"]
    assert "  average over +inf, 0 (WER); 0 (mACC, mAP)" in lines


def test_failures_are_counted_by_condition(built: Path, tmp_path: Path) -> None:
    def failing(question: Question) -> Reply:
        return Reply(error="HTTP 500") if question.clip_id.endswith("-inf") else run_wise(question)

    request = Request(ScriptedSystem(reply=failing), str(built), tmp_path / "out", job=Job(runs=1), embedder="exact")
    result = evaluate(request, progress=False)
    assert read_result(tmp_path / "out") == result
    lines = list(answer_lines(result))
    failed = result.answers.by_condition["-inf"]["failed"]
    assert lines[0] == f"scripted:one: {result.answers.ok} of {result.answers.asked} questions answered"
    assert f"   -inf dB: {failed} failed" in lines
    assert lines[-1] == f"  incomplete: {failed} of {result.answers.asked} questions have no answer"


PARTIAL = "partial dataset (VCTK speakers with text: 109 expected, 4 found; "


def test_scores_of_less_than_the_benchmark_are_in_parentheses_and_the_reasons_below(usual: Path) -> None:
    stored = read_scores(usual)
    assert stored.limitations == read_result(usual).limitations
    (reason,) = stored.limitations
    assert reason.startswith(PARTIAL)
    lines = list(score_lines(stored))
    assert lines.count(f"  scores in parentheses are not scores of the whole benchmark: {reason}") == 1
    numbers = [word for line in lines[1:7] for word in re.split(r"\s{2,}", line)[1:] if word != "-"]
    assert all(re.fullmatch(r"\(.*\)", word) for word in numbers)
    whole = list(score_lines(stored.replace(limitations=())))
    assert not any("parentheses" in line or re.search(r"\(\d", line) for line in whole)


def test_a_result_is_whole_only_on_the_whole_paper_dataset(usual: Path) -> None:
    result = read_result(usual)
    paper = result.dataset.replace(recipe="paper", pairs=1117, reasons=())
    assert result.replace(dataset=paper).limitations == ()
    assert result.replace(dataset=paper, incomplete=("limited to 2 pairs",)).limitations == ("limited to 2 pairs",)
    custom = result.replace(dataset=paper.replace(recipe="custom"), incomplete=("shard 1 of 2",))
    assert custom.limitations == ("shard 1 of 2", "custom dataset")


def test_what_was_never_answered_has_no_number_anywhere(built: Path, tmp_path: Path) -> None:
    def failing(question: Question) -> Reply:
        no_words, no_zero = question.task == "asr", question.mode == "joint" and question.clip_id.endswith("snr_0")
        return Reply(error="HTTP 422") if no_words or no_zero else run_wise(question)

    job = Job(modes=("independent", "joint"), runs=2)
    request = Request(ScriptedSystem(reply=failing), str(built), tmp_path / "out", job=job, embedder="exact")
    evaluate(request, progress=False)
    scores = read_scores(tmp_path / "out")
    independent, joint = scores.modes["independent"], scores.modes["joint"]
    assert (independent.wer, independent.wer_capped) == (None, None)
    assert not any("wer" in values for values in independent.by_condition.values())
    assert [run.wer for run in independent.by_run] == [None, None]
    assert independent.averages["wer"] == Average(conditions=(), finite=None)
    assert independent.macc is not None
    assert (joint.wer, joint.macc, joint.map) == (None, None, None)
    assert "wer" in joint.by_condition["5"]
    assert joint.by_condition["0"] == {}
    assert joint.averages["wer"] == Average(conditions=(), finite=None)
    assert [run.wer for run in joint.by_run] == [None, None]
    lines = list(score_lines(scores))
    assert set(cells_of(lines, "independent WER").values()) == {"independent WER", "-"}
    row = cells_of(lines, "joint WER")
    assert (row["average"], row["10 to -10"], row["0"]) == ("-", "-", "-")
    assert row["5"] == f"({joint.by_condition['5']['wer']:.2f})"
    assert "  independent: WER is undefined: no answer" in lines
    assert "  joint: WER has no average: no answer in 0" in lines
    assert not any(line.startswith("  joint: average over") for line in lines)
