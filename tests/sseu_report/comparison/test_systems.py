"""Two results: the same clips, the same runs, the right side wins, and what is unfair becomes a warning."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sseu_metric.conditions import CONDITIONS, finite
from sseu_metric.intervals import Interval
from sseu_metric.significance import Comparison
from sseu_metric.significance import compare as compare_scores
from sseu_models.job import Job
from sseu_models.records import Capabilities, Question, Reply
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request
from sseu_report.comparison.published import compare_with_paper
from sseu_report.comparison.systems import ResultComparison, ScoreDifference, compare, compare_entries
from sseu_report.entries import ScoredEntry, read_entries, score_entries
from tests.sseu_models.scripted import ScriptedSystem, plain_reply

JOB = Job(modes=("independent", "joint"), runs=2)
Make = Callable[..., Path]


def wavering(question: Question) -> Reply:
    """Wrong in the second run."""
    if question.seed % 2:
        return Reply(text="Transcript: nothing of it\nScene: Metro Station\nEvents: Blender")
    return plain_reply(question)


@pytest.fixture(scope="module")
def make(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Make:
    """A results folder by what it is made of, each made once."""
    known: dict[str, Path] = {}

    def make(name: str, system: Any, **values: Any) -> Path:
        if name not in known:
            known[name] = tmp_path_factory.mktemp("results") / name
            request = replace(Request(system, str(built), known[name], job=JOB, embedder="exact"), **values)
            evaluate(request, progress=False)
        return known[name]

    return make


@pytest.fixture
def plain(make: Make) -> Path:
    return make("plain", ScriptedSystem(id="scripted:plain"))


@pytest.fixture
def waver(make: Make) -> Path:
    return make("waver", ScriptedSystem(id="scripted:waver", reply=wavering))


@pytest.fixture
def truth(make: Make) -> Path:
    return make("truth", "control:ground-truth")


def unfair(found: ResultComparison) -> list[str]:
    """The warnings beside those about the tiny dataset, whose scenes have a recording or two, and equal answers."""
    tiny = ("only one recording each of", "no cluster changes the difference")
    return [warning for warning in found.warnings if not any(cause in warning for cause in tiny)]


def scored(*folders: Path) -> list[ScoredEntry]:
    return score_entries(read_entries(folders))


def test_averages_are_those_of_the_paired_comparison(plain: Path, waver: Path) -> None:
    a, b = scored(plain, waver)
    found = compare_entries(a, b)
    assert [(part.mode, part.comparison.metric) for part in found.averages] == [
        (mode, metric) for mode in ("independent", "joint") for metric in ("wer", "macc", "map")
    ]
    for part in found.averages:
        assert part.comparison == compare_scores(a.scores[part.mode], b.scores[part.mode], part.comparison.metric)
    assert found.cells == ()
    assert unfair(found) == []


def test_the_better_one_wins_whichever_way_the_metric_points(plain: Path, truth: Path) -> None:
    found = compare(plain, truth)
    assert all(part.comparison.difference > 0 for part in found.averages if part.comparison.metric == "wer")
    assert all(part.comparison.difference < 0 for part in found.averages if part.comparison.metric != "wer")
    assert {part.better for part in found.averages} <= {"B", None}
    assert "B" in {part.better for part in found.averages}
    assert {part.better for part in compare(truth, plain).averages} <= {"A", None}


@pytest.mark.parametrize(
    ("metric", "difference", "p", "better"),
    [
        ("wer", 2.0, 0.01, "B"),
        ("wer_capped", -2.0, 0.01, "A"),
        ("macc", 2.0, 0.01, "A"),
        ("map", -2.0, 0.01, "B"),
        ("map", -2.0, 0.05, None),
        ("map", -2.0, None, None),
        ("map", 0.0, 0.01, None),
    ],
)
def test_errors_point_down_and_scores_up(metric: str, difference: float, p: float | None, better: str | None) -> None:
    """The corrected p decides, not that of the comparison."""
    comparison = Comparison(metric, difference, Interval(-1.0, 1.0), 0.01, a=difference, b=0.0)
    assert ScoreDifference("joint", None, comparison, p).better == better


def test_a_result_and_its_copy_do_not_differ(plain: Path, make: Make) -> None:
    copy = make("copy", ScriptedSystem(id="scripted:plain"))
    found = compare(plain, copy)
    assert {(part.comparison.difference, part.comparison.p, part.better) for part in found.averages} == {
        (0, None, None)
    }
    assert (
        "joint: no interval of WER, mACC, mAP: no cluster changes the difference: without any one of them it is the "
        "same."
    ) in found.warnings
    assert (found.a, found.b) == ("scripted:plain (plain)", "scripted:plain (copy)")


def test_a_deterministic_system_stands_for_every_run(waver: Path, truth: Path) -> None:
    a, b = scored(waver, truth)
    found = compare_entries(a, b)
    assert not any("compared on" in warning for warning in found.warnings)
    for part in found.averages:
        assert part.comparison.a == pytest.approx(a.scores[part.mode].value(part.comparison.metric))
        assert part.comparison.b == {"wer": 0, "macc": 100, "map": 100}[part.comparison.metric]


def test_what_only_one_was_asked_is_left_out_with_a_warning(waver: Path, make: Make) -> None:
    limited = make("limited", ScriptedSystem(id="scripted:limited"), job=replace(JOB, modes=("independent",), limit=2))
    found = compare(waver, limited)
    assert {part.mode for part in found.averages} == {"independent"}
    assert "limited to 2 pairs" in found.limitations["scripted:limited"]
    assert "limited to 2 pairs" not in found.limitations["scripted:waver"]
    assert re.search(
        r"^scores in parentheses .*: partial dataset \(.*\); scripted:limited: limited to 2 pairs$", str(found), re.M
    )
    assert any("independent asr: compared on the 24 of " in warning for warning in found.warnings)


def test_scores_are_in_parentheses_unless_both_results_are_whole(plain: Path, waver: Path) -> None:
    a, b = scored(plain, waver)
    dataset = a.entry.result.dataset.replace(recipe="paper", pairs=1117, reasons=())
    a, b = (replace(one, entry=replace(one.entry, result=one.entry.result.replace(dataset=dataset))) for one in (a, b))
    lines = str(compare_entries(a, b)).splitlines()
    assert lines[4].startswith("independent  WER")
    assert "(" not in "".join(lines[4:10])
    assert not any("parentheses" in line for line in lines)
    part = replace(b, entry=replace(b.entry, result=b.entry.result.replace(incomplete=("limited to 2 pairs",))))
    lines = str(compare_entries(a, part)).splitlines()
    for line in lines[4:10]:
        first, second, difference, interval = re.split(r"\s{2,}", line)[3:7]
        assert all(re.fullmatch(r"\(.*\)", score) for score in (first, second, difference, interval))
    reason = "scripted:waver: limited to 2 pairs"
    assert f"scores in parentheses are not scores of the whole benchmark: {reason}" in lines


def test_a_task_that_one_never_answered_is_left_out_with_a_warning(plain: Path, make: Make) -> None:
    def silent(question: Question) -> Reply:
        failed = question.task == "asr" or (question.mode == "joint" and question.clip_id.endswith("snr_0"))
        return Reply(error="HTTP 422") if failed else plain_reply(question)

    found = compare(plain, make("silent", ScriptedSystem(id="scripted:silent", reply=silent)), cells=True)
    assert [(part.mode, part.comparison.metric) for part in found.averages] == [
        ("independent", "macc"),
        ("independent", "map"),
    ]
    assert {cell.mode for cell in found.cells} == {"independent"}
    for task in ("independent asr", "joint asr", "joint asc", "joint at"):
        assert any(warning.startswith(f"{task}: left out; scripted:silent: ") for warning in found.warnings)
    assert "independent asr: left out; scripted:silent: WER is undefined: no answer." in found.warnings
    assert "joint at: left out; scripted:silent: mAP has no average: no answer in 0." in found.warnings


def test_nothing_answered_is_refused_with_the_reasons(plain: Path, make: Make) -> None:
    never = make("never", ScriptedSystem(id="scripted:never", reply=lambda q: Reply(error=f"{q.clip_id} is lost")))
    with pytest.raises(
        ValueError, match=r"in common .*\n  independent asr: left out; scripted:never: WER is undefined: no"
    ):
        compare(plain, never)
    with pytest.raises(ValueError, match=r"none of the published .*\n  independent: WER is undefined: no answer\n"):
        compare_with_paper(never, "Kimi-Audio")


def test_fewer_conditions_are_a_warning(plain: Path, make: Make) -> None:
    fewer = make("finite", ScriptedSystem(id="scripted:finite"), job=replace(JOB, conditions=finite(CONDITIONS)))
    warnings = compare(plain, fewer).warnings
    assert "independent asr: the average is without +inf, in which not both were asked." in warnings
    assert not any(warning.startswith("joint a") for warning in warnings)


def test_joint_is_compared_on_the_five_finite_conditions(plain: Path, make: Make) -> None:
    whole = make(
        "whole", ScriptedSystem(id="scripted:whole"), job=replace(JOB, modes=("joint",), conditions=CONDITIONS)
    )
    a, b = scored(whole, plain)
    found = compare_entries(a, b)
    assert unfair(found) == []
    (wer,) = [part for part in found.averages if part.comparison.metric == "wer"]
    assert wer.comparison.a == pytest.approx(a.scores["joint"].value("wer", finite(CONDITIONS)))


@pytest.mark.parametrize(("cells", "others"), [(False, 5), (True, 5 + 3 * 6 + 3 * 5)])
def test_the_first_line_stands_alone_and_all_others_are_one_family(
    plain: Path, truth: Path, cells: bool, others: int
) -> None:
    found = compare(plain, truth, cells=cells)
    first, *family = (*found.averages, *found.cells)
    assert (first.mode, first.condition, first.comparison.metric) == ("independent", None, "wer")
    assert first.p == first.comparison.p
    assert len(family) == others
    known = sorted((p, part.p) for part in family if (p := part.comparison.p) is not None)
    assert known
    running = 0.0
    for rank, (p, adjusted) in enumerate(known):  # Holm, 1979: the smallest times the family, the next times one less
        running = max(running, min(1.0, p * (len(known) - rank)))
        assert adjusted == pytest.approx(running)
    assert all(part.p is None for part in family if part.comparison.p is None)
    assert (
        "averages over conditions; p of the t test: of the primary line, independent WER, as it is; of the other "
        f"{len(known)} after Holm's correction"
    ) in str(found)


def test_one_line_is_the_primary_one_alone(make: Make) -> None:
    job = Job(modes=("independent",), conditions=("+inf",), runs=1)
    a, b = (make(f"only-{name}", ScriptedSystem(id=f"scripted:{name}"), job=job) for name in ("a", "b"))
    found = compare(a, b)
    assert len(found.averages) == 1
    assert found.about_p == "p of the t test; the primary line is independent WER"


def test_capped_wer_is_shown_where_answers_run_away(plain: Path, make: Make) -> None:
    endless = make("endless", ScriptedSystem(id="scripted:endless", reply=lambda _: Reply(text="word " * 60)))
    found = compare(plain, endless)
    assert [part.comparison.metric for part in found.averages][:2] == ["wer", "wer_capped"]
    assert "WER capped" in str(found)


def test_different_datasets_are_refused(plain: Path, waver: Path) -> None:
    a, b = scored(plain, waver)
    result = b.entry.result.replace(dataset=b.entry.result.dataset.replace(fingerprint="0" * 64))
    other = replace(b, entry=replace(b.entry, result=result))
    with pytest.raises(ValueError, match="the results are about different datasets: scripted:plain: "):
        compare_entries(a, other)


def test_nothing_in_common_is_refused(plain: Path, make: Make) -> None:
    cot = make("cot", ScriptedSystem(id="scripted:cot"), job=replace(JOB, modes=("cot",), limit=1))
    with pytest.raises(
        ValueError, match="have no mode and task in common on the same clips: independent, joint and cot"
    ):
        compare(plain, cot)


def test_what_is_unfair_is_a_warning(plain: Path, make: Make, tmp_path: Path) -> None:
    prompts = tmp_path / "mine.toml"
    prompts.write_text('id = "mine-1"\n[[prompt]]\nid = "mine/asr"\nmode = "independent"\ntask = "asr"\nuser = "Hm?"\n')
    capabilities = Capabilities(rate_hz=16_000, modes={"independent": ("asr",)})
    system = ScriptedSystem(id="scripted:\x1b[2Jother", capabilities=capabilities)
    job = replace(JOB, modes=("independent",))
    other = make("other", system, prompts=prompts, normalizer="none", job=job)
    path = other / "scores.json"
    path.write_text(path.read_text().replace('"DESED"', '"desed"', 1))
    found = compare(plain, other)
    text = " ".join(found.warnings)
    assert "different text normalisers: whisper-english" in text
    assert "different prompt sets: project-1 (scripted:plain); mine-1 (" in text
    assert (
        "scores.json differs from the answers (scores.json, modes, independent, by_corpus: 'DESED' is missing)" in text
    )
    assert "\x1b" not in str(found)
