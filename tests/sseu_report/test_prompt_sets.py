"""One system with several prompt sets: spread, intervals, comparison, and what does not belong together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import pytest

from sseu_dataset import load
from sseu_metric.jackknife import SamplingError
from sseu_models.job import Job
from sseu_models.prompts import PROMPT_SETS
from sseu_models.records import Capabilities, Question, Reply
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request, each_prompt_set
from sseu_report import compare, report
from sseu_report.entries import read_entries, score_entries
from sseu_report.findings.collect import as_json, collect_findings
from sseu_report.findings.validity.prompts import PromptSpread, find_prompt_spreads
from sseu_report.page.sections.validity import prompt_table
from sseu_report.prompt_sets import by_system, results_in, together
from tests.sseu_models.scripted import ScriptedSystem, plain_reply


def hears(built: Path, *, by_wording: int, by_run: int, skill: int) -> Callable[[Question], Reply]:
    """Drops words from the end of what is said: by the wording, by the run and by the clip."""
    said = {row["id"]: row["transcript"] for row in load(built).remove_columns("audio")}

    def reply(question: Question) -> Reply:
        if question.task != "asr":
            return plain_reply(question)
        drawn = hashlib.sha256(f"{question.clip_id} {skill}".encode()).digest()[0] % 3
        lost = skill + drawn + by_wording * int(question.prompt.id[-1]) + by_run * (question.seed % 3)
        words = said[question.clip_id].split()
        return Reply(text=" ".join(words[: max(len(words) - lost, 1)]))

    return reply


@pytest.fixture(scope="module")
def make(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """The folder of `sseu run --prompts all` of a scripted system."""

    def run(name: str, *, runs: int = 3, prompts: str = "all", deterministic: bool = False, **values: int) -> Path:
        reply = hears(built, **({"by_wording": 1, "by_run": 1, "skill": 0} | values))
        system = ScriptedSystem(
            reply=reply,
            id=f"scripted:{name}",
            capabilities=Capabilities(rate_hz=16_000, in_flight=4, deterministic=deterministic),
        )
        out = tmp_path_factory.mktemp("prompts") / name
        request = Request(
            system,
            str(built),
            out,
            job=Job(conditions=("+inf", "0", "-inf"), runs=runs),
            embedder="exact",
            prompts=Path(prompts),
        )
        for one in each_prompt_set(request):
            evaluate(one, progress=False)
        return out

    return run


@pytest.fixture(scope="module")
def first(make: Callable[..., Path]) -> Path:
    return make("first")


def test_each_set_has_a_folder_of_its_own(first: Path) -> None:
    assert sorted(path.name for path in first.iterdir()) == list(PROMPT_SETS)
    entries = read_entries(results_in(first))
    assert [entry.result.prompts.set for entry in entries] == list(PROMPT_SETS)
    hashes = [{one.sha256 for one in entry.result.prompts.templates.values()} for entry in entries]
    assert not set.intersection(*hashes)
    assert results_in(first / "project-1") == [first / "project-1"]
    assert results_in(first / "none") == [first / "none"]


def test_a_folder_with_a_run_takes_no_sets(first: Path, built: Path) -> None:
    request = Request("control:random", str(built), first / "project-1", prompts=Path("all"))
    with pytest.raises(ValueError, match="project-1 holds the results of one run; --prompts all makes a folder for"):
        each_prompt_set(request)
    assert each_prompt_set(replace(request, prompts=None)) == [replace(request, prompts=None)]


def test_spread_over_prompts_beside_that_over_runs(first: Path) -> None:
    scored = score_entries(read_entries(results_in(first)))
    (wer,) = [one for one in find_prompt_spreads(scored) if one.metric == "wer"]
    values = [one.scores["independent"].value("wer") or 0.0 for one in scored]
    assert list(wer.by_set.values()) == values
    assert values == sorted(values)  # each set costs one word more
    assert wer.mean == pytest.approx(fmean(values))
    assert wer.over_prompts == pytest.approx(stdev(values))
    runs = [one.scores["independent"].run_means("wer") for one in scored]
    assert wer.over_runs == pytest.approx(fmean(stdev(means) ** 2 for means in runs) ** 0.5)
    # The interval by hand: clusters are left out of the mean of all nine runs, and the sets vary with two degrees.
    whole = together(scored).scores["independent"]
    assert whole.value("wer") == pytest.approx(wer.mean)
    replicates = whole.replicates("wer")
    clips = replicates.jackknife.error_of(replicates.average(), wer.mean)
    assert isinstance(clips, SamplingError)
    assert wer.interval == clips.plus(stdev(values) ** 2 / 3, 2).interval(wer.mean).within(0, 1e9)


def test_what_the_wording_does_is_said_in_words() -> None:
    def said(over_runs: float | None, *values: float) -> str:
        by_set = dict(zip(PROMPT_SETS, values, strict=True))
        return PromptSpread("s", "joint", "macc", by_set, fmean(values), stdev(values), over_runs, None, ()).sentence

    assert said(0.1, 40, 44, 50) == (
        "s, joint: mACC is 40.00 to 50.00 by the wording of the prompt, more than between runs of one prompt"
    )
    assert said(9.0, 40, 44, 50).endswith(", no more than between runs of one prompt")
    assert said(None, 40, 44, 50).endswith("; with one run nothing tells how much of that is chance")
    assert said(0.1, 40, 40, 40) == "s, joint: mACC does not depend on the wording, or the prompt is not read"


def test_the_page_has_a_table_of_it(first: Path, tmp_path: Path) -> None:
    folders = results_in(first)
    findings = collect_findings(score_entries(read_entries(folders)))
    table = prompt_table(findings)
    assert table.header[3:6] == PROMPT_SETS
    assert [row[:3] for row in table.rows] == [
        ("scripted:first", "independent", metric) for metric in ("WER", "mACC", "mAP")
    ]
    assert "by the wording of the prompt" in table.notes[1]
    assert "does not depend on the wording" in table.notes[2]
    as_json(findings)
    page = report(folders[:2], tmp_path / "report", clips=0, progress=False).page.read_text()
    assert "How much is the wording of the prompt" in page


def test_two_sets_have_a_spread_and_no_interval_of_it(first: Path) -> None:
    scored = score_entries(read_entries(results_in(first)[:2]))
    assert {one.interval for one in find_prompt_spreads(scored)} == {None}
    assert together(scored).scores["independent"].prompt_sets == {}


def test_only_what_differs_in_its_prompts_alone_belongs_together(make: Callable[..., Path], first: Path) -> None:
    other = make("first", runs=2, prompts="project-2")  # another job
    one, two, _ = results_in(first)
    scored = score_entries(read_entries([one, other]))
    assert by_system(scored) == []
    assert find_prompt_spreads(scored) == ()
    with pytest.raises(ValueError, match="are not one system with two prompt sets: they differ in more than that"):
        together(scored)
    assert len(by_system(score_entries(read_entries([one, two, other])))) == 1


def test_a_comparison_holds_prompts_and_runs(make: Callable[..., Path], first: Path) -> None:
    worse = make("worse", skill=1)
    found = compare(first, worse)
    line = found.averages[0].comparison
    assert found.a == "scripted:first (project-1, project-2, project-3)"
    sides = [score_entries(read_entries(results_in(folder))) for folder in (first, worse)]
    values = [[float(one.scores["independent"].value("wer") or 0) for one in side] for side in sides]
    assert line.a == pytest.approx(fmean(values[0]))
    assert line.b == pytest.approx(fmean(values[1]))
    # Both lose a word with each set, so the wording cancels: the interval is about as wide as that of one set alone.
    single = compare(first / "project-2", worse / "project-2").averages[0].comparison
    assert line.interval is not None
    assert single.interval is not None
    assert line.interval.low <= line.difference <= line.interval.high
    moody = make("moody", skill=1, by_wording=-3)
    mixed = compare(first, moody).averages[0].comparison
    assert mixed.interval is not None
    assert mixed.interval.high - mixed.interval.low > 3 * (line.interval.high - line.interval.low)


def test_the_one_run_of_a_deterministic_system_stands_for_each_run_of_a_set(
    make: Callable[..., Path], first: Path
) -> None:
    still = make("still", deterministic=True, by_run=0)
    line = compare(still, first).averages[0].comparison
    values = [one.scores["independent"].value("wer") for one in score_entries(read_entries(results_in(still)))]
    assert line.a == pytest.approx(fmean(float(value or 0) for value in values))
    assert line.interval is not None


def test_other_prompts_are_not_compared(make: Callable[..., Path], first: Path) -> None:
    one: Any = make("one", prompts="project-1")
    message = "A was asked with the prompts project-1, project-2, project-3 and B with project-1; compare results with"
    with pytest.raises(ValueError, match=message):
        compare(first, one)
