"""Would `make real` notice that a number is wrong? Its checks on answers whose faults are known, and its floors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sseu_metric import score
from sseu_metric.labels import EVENTS, SCENES
from sseu_metric.scores import Scores
from sseu_models import load_run
from sseu_models.job import Job
from sseu_models.records import Reply
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request
from tests.sseu_models.scripted import ScriptedSystem

checks = import_module("real_checks")
CONDITIONS = ("+inf", "10", "-10")
PAIRS = 12
SENTENCE = "the cat sat near my old red barn all day"


def heard(wrong: Mapping[str, int], endless: tuple[int, str] | None = None) -> Scores:
    """Twelve pairs of other speakers and sentences, with so many words wrong in each condition; one answer endless."""
    rows, answers = [], []
    for condition in CONDITIONS:
        for pair in range(PAIRS):
            words = f"{SENTENCE} {'x' * (pair + 1)}".split()
            count = wrong[condition] + (pair % 3 if condition == "10" else 0)  # differences that vary have an interval
            said = ["wrong"] * count + words[count:]
            if (pair, condition) == endless:
                said = ["thank", "you"] * 200
            rows.append(
                {
                    "id": f"{pair}{condition}",
                    "pair_id": str(pair),
                    "condition": condition,
                    "transcript": " ".join(words),
                    "speaker_id": f"p{pair}",
                    "source_recording_id": f"r{pair}",
                }
            )
            answers.append({"transcript": " ".join(said)})
    return score(answers, rows, tasks=["asr"], embedder="exact")


def said_of(scores: Scores) -> list[str]:
    return list(checks.problems("set", {}, {"Whisper": checks.rises(scores)}))


def test_wer_that_rises_passes_also_with_an_endless_answer_at_any_snr() -> None:
    assert said_of(heard({"+inf": 1, "10": 2, "-10": 5})) == []
    assert said_of(heard({"+inf": 1, "10": 2, "-10": 5}, endless=(3, "10"))) == []
    *_, whole = checks.rises(heard({"+inf": 1, "10": 2, "-10": 5}))
    assert (whole.before, whole.after, whole.worse, whole.better) == ("+inf", "-10", PAIRS, 0)
    assert whole.p == pytest.approx(2 / 2**PAIRS)


def test_wer_that_falls_or_does_not_rise_is_found() -> None:
    assert said_of(heard({"+inf": 1, "10": 6, "-10": 3})) == ["set, Whisper: WER falls by 36.4 from 10 to -10 dB"]
    for last in (1, 0):  # as many errors, or fewer
        problems = said_of(heard({"+inf": 1, "10": 0, "-10": last}))
        assert any("WER does not rise from +inf to -10 dB (0 clips worse" in problem for problem in problems)
    # All the rise there is comes from one endless answer.
    assert "1 clips worse, 0 better" in " ".join(said_of(heard({"+inf": 1, "10": 0, "-10": 1}, endless=(3, "-10"))))


def answers(joint: Mapping[str, Any]) -> dict[str, SimpleNamespace]:
    """Runs of a recogniser, a tagger and both as a cascade, on one clip."""
    scores = {"asc": tuple(range(len(SCENES))), "at": tuple(range(len(EVENTS)))}
    one = SimpleNamespace(id="c", mode="independent", task="asr", text="a b", scores=None, transcript="a b")
    tags = [SimpleNamespace(id="c", mode="independent", task=task, text=None, scores=scores[task]) for task in scores]
    said = {"transcript": "a b", "scene": SCENES[-1], "events": EVENTS[:-3:-1], **joint}
    both = SimpleNamespace(id="c", mode="joint", task="all", text="Transcript: ...", **said)
    runs = {"Whisper tiny.en": [one], "YAMNet": tags, checks.CASCADE: [one, *tags, both]}
    return {name: SimpleNamespace(answers=lambda given=given: given) for name, given in runs.items()}


def test_a_cascade_that_says_something_else_than_its_parts_is_found() -> None:
    assert list(checks.unlike_parts(answers({}))) == []
    assert list(checks.unlike_parts(answers({"transcript": "A b,"}))) == []  # the same words
    for wrong in ({"scene": SCENES[0]}, {"events": EVENTS[:2]}, {"transcript": "a"}):
        (problem,) = checks.unlike_parts(answers(wrong))
        assert problem.startswith("clip c: joint says")
    runs = answers({})
    runs["Whisper tiny.en"].answers = lambda: [
        SimpleNamespace(id="c", task="asr", text="something else", scores=None, transcript="")
    ]
    assert next(checks.unlike_parts(runs)) == "1 of 3 answers are not those of its parts"


def test_a_difference_without_an_interval_is_no_fall() -> None:
    (*_, whole) = checks.rises(heard({"+inf": 1, "10": 2, "-10": 5}))
    step = replace(whole, difference=-5.0, interval=None)
    assert list(checks.problems("set", {}, {"Whisper": [step, whole]})) == []
    assert "| -5.0 | - |" in checks.rise_table({"Whisper": [step]})


def test_floors_skill_and_intervals_that_are_too_narrow_stand_below_the_table(built: Path, tmp_path: Path) -> None:
    system = ScriptedSystem(reply=lambda _: Reply(text="Transcript: please\nScene: Home\nEvents: Dog"))
    request = Request(
        system, str(built), tmp_path / "out", job=Job(modes=("independent", "joint"), runs=1), embedder="exact"
    )
    evaluate(request, progress=False)
    run = load_run(tmp_path / "out")
    text = checks.worth({"Guesser": run})
    skill = run.scores["joint"].skill["map"]["scene"]["all"]
    assert skill.skill is not None
    (row,) = (line for line in text.splitlines() if line.startswith("| Guesser, joint mAP | knowing the scene alone |"))
    assert f" | ({skill.floor:.2f}) | " in row
    assert f" | ({skill.skill:.2f}) | " in row
    assert text.count("| skill, % |") == 1
    (note,) = (line for line in text.splitlines() if "surer than they are: only one recording each of" in line)
    assert note.startswith("- intervals of mAP")
    assert note.endswith("(Guesser, Guesser, joint)")
    control = SimpleNamespace(result=SimpleNamespace(system="control:majority", limitations=()), scores=run.scores)
    assert "skill" not in checks.worth({"majority": control})  # below a floor by what it is
