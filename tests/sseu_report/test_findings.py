"""Findings: differences of modes, ranks, rates, controls and hard clips, on answers whose truth is known."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sseu_metric.labels import EVENTS, SCENES
from sseu_metric.scores import Scores
from sseu_metric.scoring import score
from sseu_models.evaluation import Request, evaluate
from sseu_models.hearing import check_hearing
from sseu_models.job import Job
from sseu_models.records import Question, Reply
from sseu_report.entries import ScoredEntry, read_entries, score_entry
from sseu_report.findings import (
    find_answer_rates,
    find_cell_interference,
    find_embedder_sensitivity,
    find_hearing,
    find_interference,
    is_control,
    kendall_tau_b,
    pair_controls,
    shown,
)
from sseu_report.hard_cases import find_hard_cases, hits_events
from tests.sseu_models.scripted import ScriptedSystem, plain_reply, reference

FINITE = ("10", "5", "0", "-5", "-10")


def scene_scores(mode: str, right: Callable[[int, str], bool], conditions: tuple[str, ...] = FINITE) -> Scores:
    """Answers about twenty clips of two scenes, right where told so."""
    rows = [reference(f"{n}", c, scene=n % 2) for c in conditions for n in range(20)]
    predictions = [
        {"scene": SCENES[row["scene"]] if right(int(row["pair_id"]), row["snr"]) else SCENES[4]} for row in rows
    ]
    return score(predictions, rows, tasks=("asc",), mode=mode, embedder="exact")


def test_interference_takes_the_five_conditions_both_modes_have() -> None:
    # At -inf, which joint was not asked about, independent is always wrong: that must not count.
    scores = {
        "independent": scene_scores("independent", lambda n, c: c != "-inf", (*FINITE, "-inf")),
        "joint": scene_scores("joint", lambda n, c: n < 10),
        "cot": scene_scores("cot", lambda n, c: n < 10),
    }
    joint, cot = find_interference(scores, resamples=200, draws=500)
    assert (joint.base, joint.mode, joint.conditions) == ("independent", "joint", FINITE)
    assert joint.comparison.difference == pytest.approx(-50)
    assert joint.comparison.interval.high < 0
    assert joint.comparison.p < 0.02
    assert (cot.base, cot.mode, cot.comparison.difference, cot.comparison.p) == ("joint", "cot", 0, 1)
    assert "joint minus independent, mACC at 10, 5, 0, -5, -10 dB: -50.00 points" in next(joint.lines())


def test_cells_are_adjusted_after_holm_over_the_whole_table() -> None:
    scores = {
        "independent": scene_scores("independent", lambda n, c: True),
        "joint": scene_scores("joint", lambda n, c: n < 10 or c != "10"),
    }
    cells = find_cell_interference(scores, resamples=50, draws=2000)
    assert [cell.conditions for cell in cells] == [(name,) for name in FINITE]
    assert {cell.family for cell in cells} == {5}
    first = cells[0]
    assert first.adjusted_p == pytest.approx(min(1, 5 * first.comparison.p))
    assert [cell.adjusted_p for cell in cells[1:]] == [1, 1, 1, 1]
    assert "after Holm over 5 cells" in next(first.lines())


def test_modes_about_different_clips_are_not_compared() -> None:
    independent = scene_scores("independent", lambda n, c: True)
    rows = [reference(f"other{n}", c, scene=n % 2) for c in FINITE for n in range(20)]
    joint = score([{"scene": "Home"}] * 100, rows, tasks=("asc",), mode="joint", embedder="exact")
    with pytest.raises(ValueError, match="did not answer the same clips"):
        find_interference({"independent": independent, "joint": joint}, resamples=10, draws=10)


def test_tau_b_equals_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    generator = random.Random(0)
    for _ in range(40):
        one, other = ([generator.randrange(4) for _ in range(6)] for _ in range(2))
        expected = float(stats.kendalltau(one, other).statistic)
        found = kendall_tau_b(one, other)
        assert (found is None and np.isnan(expected)) or found == pytest.approx(expected)
    assert kendall_tau_b([1.0], [2.0]) is None
    with pytest.raises(ValueError, match="1 and 2 values; ranks of the same systems are needed"):
        kendall_tau_b([1.0], [2.0, 3.0])


def test_a_true_event_counts_only_within_the_first_k() -> None:
    truth = np.array([[1, 0, 0], [1, 0, 0], [1, 0, 0], [1, 1, 0], [0, 0, 0]], dtype=bool)
    confidences = np.array([[0.9, 0.1, 0.1], [0.1, 0.9, 0.1], [0.5, 0.5, 0.1], [0.1, 0.6, 0.9], [0.9, 0.1, 0.1]])
    assert hits_events(truth, confidences).tolist() == [True, False, False, True, False]
    assert not hits_events(truth[:1], np.zeros((1, 3)))[0]  # an answer without events ties everywhere


@pytest.fixture(scope="module")
def make(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A scored entry of a scripted system, asked about three pairs unless told otherwise."""

    def make(
        name: str, reply: Callable[[Question], Reply], *, frontend: str | None = None, **values: Any
    ) -> ScoredEntry:
        out = tmp_path_factory.mktemp("results") / name
        system = ScriptedSystem(reply=reply, id=values.pop("system", f"scripted:{name}"))
        job = replace(Job(runs=1, limit=3), **values)
        evaluate(Request(system, str(built), out, job=job, frontend=frontend, embedder="exact"), progress=False)
        return score_entry(read_entries([out])[0])

    return make


def says(transcript: str, scene: str, events: str) -> Callable[[Question], Reply]:
    """The same to every clip."""
    answers = {"asr": transcript, "asc": scene, "at": events}

    def reply(question: Question) -> Reply:
        text = answers.get(question.task, f"Transcript: {transcript}\nScene: {scene}\nEvents: {events}")
        return Reply(text=text)

    return reply


def test_rates_tell_failed_from_unread_and_from_never_asked(make: Any) -> None:
    def reply(question: Question) -> Reply:
        number = int(question.seed) % 3
        if question.task == "asc" and number == 0:
            return Reply(error="server error 500")
        if question.task == "asc" and number == 1:
            return Reply(text="I'm sorry, but I cannot help with that.")
        return plain_reply(question)

    scored = make("flaky", reply)
    rates = {(one.mode, one.task, one.condition): one for one in find_answer_rates(scored)}
    scenes = rates["independent", "asc", None]
    failed = sum(answer.status == "failed" for answer in scored.answers.values())
    assert failed > 0
    assert scenes.failed == scenes.statuses["missing"] == failed
    assert scenes.statuses["refused"] > 0
    assert scenes.read == pytest.approx(100 - scenes.share("missing") - scenes.share("refused"))
    assert f"({failed} failed requests)" in next(scenes.lines())
    assert rates["independent", "asr", None].read == 100
    parts = [one for (_, task, condition), one in rates.items() if task == "asc" and condition is not None]
    assert sum(part.asked for part in parts) == scenes.asked
    assert sum(part.failed for part in parts) == failed
    # The same answers with the failed ones taken out of the log: missing, but nobody failed.
    unasked = replace(scored, answers={k: a for k, a in scored.answers.items() if a.status == "ok"})
    assert next(one.failed for one in find_answer_rates(unasked) if one.task == "asc") == 0


def test_failures_of_joint_answers_are_found_under_all(make: Any) -> None:
    scored = make("down", lambda _: Reply(error="no route"), modes=("joint",))
    assert all(one.failed == one.asked == one.statuses["missing"] for one in find_answer_rates(scored))


def test_runs_and_controls_find_each_other(make: Any) -> None:
    run = make("run", plain_reply, system="scripted:one")
    silence = make("silent", plain_reply, system="scripted:one", frontend="silence")
    other = make("other", plain_reply, system="scripted:two", frontend="silence")
    longer = make("longer", plain_reply, system="scripted:one", frontend="shuffled", runs=2)
    scored = [silence, run, other, longer]
    assert pair_controls([one.entry for one in scored]) == [(1, 0)]
    assert is_control(silence.entry)
    assert not is_control(run.entry)
    (check,) = find_hearing(scored, draws=200)
    expected = check_hearing(run.entry.folder, silence.entry.folder)
    assert check.unchanged == expected.unchanged
    assert [(one.mode, one.comparison.metric) for one in check.changes] == [
        (one.mode, one.comparison.metric) for one in expected.changes
    ]
    assert all(one.flagged for one in check.changes)


def test_hard_cases_are_those_most_systems_fail(make: Any) -> None:
    deaf = make("deaf", says("", "Home", "Dog"))
    mute = make("mute", lambda q: Reply(error="gone") if q.task == "asr" else plain_reply(q))
    silent = make("control", says("", "", ""), frontend="silence")
    cases = find_hard_cases([deaf, mute, silent], "independent")
    words = [case for case in cases if case.task == "asr"]
    # One system answered and lost every word, the other never answered and the control does not count.
    assert {case.answered for case in words} == {1}
    assert {case.failed for case in words} == {("scripted:deaf",)}
    scenes = [case for case in cases if case.task == "asc"]
    assert {case.answered for case in scenes} == {2}
    assert all(case.reference != "Home" and len(case.failed) == 2 for case in scenes)
    assert scenes
    events = [case for case in cases if case.task == "at"]
    assert events
    assert all("Dog" not in case.reference.split(", ") for case in events)
    assert len(find_hard_cases([deaf], "independent", most=1)) == 3
    assert f"{words[0].task} {words[0].id} ({words[0].condition}): 1 of 1 systems fail" in next(words[0].lines())
    assert find_hard_cases([deaf], "cot") == ()


def test_hard_cases_are_sorted_by_their_share(make: Any) -> None:
    systems = [make(f"s{n}", says("", SCENES[n], EVENTS[0])) for n in range(3)]
    shares = [len(c.failed) / c.answered for c in find_hard_cases(systems, "independent") if c.task == "asc"]
    assert shares == sorted(shares, reverse=True)
    assert min(shares) > 0.5


class FoldedEmbedder:
    """Every text that begins alike has the same direction."""

    id = "test:first-letter"
    revision = None
    dimension = 256

    def embed(self, texts: Any) -> Any:
        """One direction for each first character."""
        vectors = np.zeros((len(texts), 256))
        vectors[np.arange(len(texts)), [ord(text[0]) % 256 for text in texts]] = 1
        return vectors


def test_an_embedder_may_turn_the_order_of_systems(make: Any) -> None:
    # Under `exact` a misspelt scene hits nothing; by first letters it hits Home (no other scene begins with H).
    exact, sloppy = (
        make(name, says("", scene, "Dog"), limit=None) for name, scene in (("exact", "Restaurant"), ("sloppy", "Hom"))
    )
    control = make("control", says("", "Home", "Dog"), frontend="silence")
    found = find_embedder_sensitivity([exact, sloppy, control], ["exact", FoldedEmbedder()])
    scenes = next(one for one in found if one.metric == "macc")
    assert scenes.embedders == ("exact", "test:first-letter")
    assert scenes.figures["scripted:sloppy"][0] == 0
    assert scenes.figures["scripted:sloppy"][1] > 0
    assert set(scenes.ranked) == {"scripted:exact", "scripted:sloppy"}
    assert "scripted:control + silence" in scenes.figures
    lines = "\n".join(scenes.lines())
    assert "independent mACC under [1] exact, [2] test:first-letter" in lines
    assert "ranks of 2 systems under [1] and [2]: tau-b" in lines


def test_one_embedder_is_no_comparison() -> None:
    with pytest.raises(ValueError, match="embedders exact: give at least two, each once"):
        find_embedder_sensitivity([], ["exact"])
    with pytest.raises(ValueError, match="embedders exact, exact: give at least two, each once"):
        find_embedder_sensitivity([], ["exact", "exact"])


def test_texts_of_others_cannot_write_to_the_terminal() -> None:
    assert shown("a\x1b[31m\nb\u202e") == "a\ufffd[31m\ufffdb\ufffd"
    assert shown("a" * 30 + "b" * 30, 11) == "aaaaa…bbbbb"
    assert shown("Café 日本") == "Café 日本"
