"""Controls: the upper bound is exact through the parser in every mode, and the floors are floors."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pytest

from sseu_dataset import load
from sseu_metric import ParseStatus, Scores, parse_answer, score
from sseu_metric.controls import CONTROLS
from sseu_metric.floors import floor_of
from sseu_models.prompts import load_prompts
from sseu_models.records import TASKS, Mode, Question, Reply, System, Task
from sseu_models.systems.control import ControlSystem, make_control

Rows = list[Mapping[str, Any]]
FIELD: dict[str, str] = {"asr": "transcript", "asc": "scene", "at": "events"}
PARSED_AS: dict[str, Literal["asr", "asc", "at", "joint", "cot"]] = {"joint": "joint", "cot": "cot"}


@pytest.fixture(scope="module")
def rows(built: Path) -> Rows:
    return list(load(built).remove_columns(["audio"]))


def ask(system: ControlSystem, rows: Rows, mode: Mode, task: Task) -> list[Reply]:
    prompt = load_prompts().find(mode, task, system.capabilities.family)
    questions = [Question(row["id"], None, task, mode, prompt, 0) for row in rows]
    return [reply for question in questions for reply in asyncio.run(system.answer([question]))]


def scores(system: ControlSystem, rows: Rows, mode: Mode) -> Scores:
    """Ask, parse and score as a run does."""
    predictions: list[dict[str, Any]] = [{} for _ in rows]
    for task in TASKS[mode]:
        for prediction, reply in zip(predictions, ask(system, rows, mode, task), strict=True):
            parsed_as = PARSED_AS.get(mode, task)
            assert parsed_as != "all"
            parsed = parse_answer(reply.text, parsed_as)
            for name in parsed.status:
                prediction[FIELD[name]] = getattr(parsed, FIELD[name])
    return score(predictions, rows, mode=mode, embedder="exact")


@pytest.mark.parametrize("mode", ["independent", "joint", "cot"])
def test_the_upper_bound_and_the_floor_are_exact_in_every_mode(rows: Rows, mode: Mode) -> None:
    found = scores(make_control("ground-truth", rows), rows, mode)
    assert (found.value("wer"), found.value("macc"), found.value("map")) == (0, 100, 100)
    found = scores(make_control("no-answer", rows), rows, mode)
    assert (found.value("wer"), found.value("macc")) == (100, 0)
    assert set(found.tables["asr"].columns["status"]) == {"unparsed"}  # no words: the prediction is None


def test_majority_names_one_scene(rows: Rows) -> None:
    system = make_control("majority", rows)
    assert scores(system, rows, "joint").value("macc") == pytest.approx(
        100 / len({row["scene"] for row in rows if row["scene"] is not None})
    )
    assert {reply.text for reply in ask(system, rows, "independent", "asc")} == {f"Scene: {system.settings['scene']}"}


@pytest.mark.parametrize("name", CONTROLS)
def test_what_is_written_comes_back(rows: Rows, name: str) -> None:
    """No value is changed by the parser, but for the article before a name, and an empty one stays empty."""
    system = make_control(name, rows)
    for row, reply in zip(rows, ask(system, rows, "joint", "all"), strict=True):
        parsed = parse_answer(reply.text, "joint")
        answer = system.answers[row["id"]]
        assert parsed.transcript == (answer["transcript"] or None)
        assert (parsed.scene or "") == answer["scene"].strip().removeprefix("inside a ")
        assert list(parsed.events or ()) == [event.removeprefix("a ") for event in answer["events"]]
        assert set(parsed.status.values()) <= {ParseStatus.LABELLED, ParseStatus.EMPTY}


def test_random_depends_on_its_seed_and_nothing_else(rows: Rows) -> None:
    one, again, other = (make_control("random", rows, **given) for given in ({}, {"seed": 0}, {"seed": 1}))
    assert one.answers == again.answers != other.answers
    assert (one.settings, other.settings) == ({"seed": 0}, {"seed": 1})
    alone = make_control("random", rows[5:6])
    assert alone.answers[rows[5]["id"]] == one.answers[rows[5]["id"]]


def test_it_is_a_system_without_audio(rows: Rows) -> None:
    system = make_control("ground-truth", rows)
    assert isinstance(system, System)
    assert (system.id, system.capabilities.rate_hz) == ("control:ground-truth", None)
    assert "transcript" not in repr(system)


def test_a_clip_without_reference_is_an_error_not_an_answer(rows: Rows) -> None:
    replies = ask(make_control("ground-truth", rows[:1]), rows[1:2], "joint", "all")
    assert replies[0].text is None
    assert replies[0].error == f"control:ground-truth has no reference for the clip {rows[1]['id']!r}"


def test_bad_names_and_settings(rows: Rows) -> None:
    with pytest.raises(ValueError, match=r"unknown control 'truth'.*\(there are ground-truth, paraphr"):
        make_control("truth", rows)
    with pytest.raises(ValueError, match=r"control:no-answer: no setting 'seed' \(it has none\)"):
        make_control("no-answer", rows, seed=1)
    with pytest.raises(ValueError, match="control:random: setting seed='1': it should be a valid integer"):
        make_control("random", rows, seed="1")
    with pytest.raises(ValueError, match="2 references, but only 1 distinct ids"):
        make_control("random", [rows[0], rows[0]])


def test_floors_give_scores_for_single_tasks_and_names_in_every_mode(rows: Rows) -> None:
    scored = make_control("scene", rows)
    assert list(scored.capabilities.modes) == ["independent"]
    replies = ask(scored, rows, "independent", "at")
    assert all(reply.scores is not None and len(reply.scores) == 18 for reply in replies[-3:])
    named = make_control("scene", rows, top_k=2)
    assert {"independent", "joint", "cot"} <= set(named.capabilities.modes)
    found = scores(named, rows, "joint")
    assert found.value("macc") == 100
    assert max(len(names or ()) for names in found.tables["at"]["names"]) == 2
    corpus = scores(make_control("corpus", rows), rows, "joint")
    floor = floor_of(corpus, "map", "corpus")
    assert floor is not None
    assert corpus.value("map") == pytest.approx(floor.value("map"))
    with pytest.raises(ValueError, match="control:corpus: setting top_k=0: it should be greater than or equal to 1"):
        make_control("corpus", rows, top_k=0)
