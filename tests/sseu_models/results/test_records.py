"""The files of a results folder are checked field by field, whoever wrote them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sseu_models.job import Job
from sseu_models.results.record import parse_record
from sseu_models.results.records import Result
from sseu_models.results.scores_file import ScoresFile
from tests.sseu_models.made_results import make_result, make_summary

RESULT = make_result(modes={"joint": ("all",)}, job=Job(modes=("joint",), shard=(1, 2)), answers=make_summary())
MODE: dict[str, Any] = {
    "wer": 10.0,
    "pooled": {"wer": 10.0},
    "by_condition": {"0": {"wer": 10.0}},
    "by_corpus": {},
    "by_scene": {},
    "by_event": {},
    "left_out": {"scenes": [], "events": []},
    "intervals": {"wer": {"all": {"low": 8.0, "high": 12.0}, "0": None}},
    "clusters": {"wer": {"by": ["speaker"], "missing": ["sentence", "recording"], "fixed_strata": [], "unknown": {}}},
    "counts": {"asr": {"answers": 3, "plain": 3, "runaway": 0}},
    "complete": True,
    "embedder": None,
    "normalizer": "basic",
    "by_run": [{"run": 0, "wer": 10.0, "by_condition": {"0": {"wer": 10.0}}}],
    "averages": {"wer": {"conditions": ["0"], "finite": 10.0}},
}
SCORES: dict[str, Any] = {"modes": {"joint": MODE}, "schema_version": 1}


def test_what_is_written_is_read() -> None:
    assert parse_record(Result, RESULT.to_json(), "result.json") == RESULT
    assert parse_record(ScoresFile, json.dumps(SCORES), "scores.json").json_values() == SCORES
    assert RESULT.replace(incomplete=("limited",)).replace(incomplete=()) == RESULT


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema_version": 7, "new": 1}, "schema_version is 7, this version of the project reads 1"),
        ({"schema_version": None}, "schema_version is None"),
        ({"new": 1}, "new: Extra inputs are not permitted, found 1"),
        ({"system": 3}, "system: Input should be a valid string, found 3"),
        ({"settings": {"rate": float("nan")}}, "settings: Out of range float values"),
        ({"modes": {"joint": ["asr"]}}, "modes: the mode joint has no task asr; it has all"),
        ({"modes": {"both": ["all"]}}, "modes.both"),
        ({"job": {"modes": ["joint"], "runs": 0}}, "job: runs is 0; at least 1 is needed"),
        ({"job": {"modes": ["joint"], "runs": True}}, "job.runs: Input should be a valid integer, found True"),
        ({"job": {"modes": ["joint"], "length": 2}}, "job.length: Unexpected"),
        ({"frontend": {"name": "none"}}, "frontend.sha256: Field required"),
        ({"frontend": {"name": "none", "sha256": "x"}}, "frontend.sha256: String should match"),
    ],
)
def test_a_wrong_result_is_named_by_field_and_value(change: dict[str, Any], message: str) -> None:
    text = json.dumps(RESULT.json_values() | change)
    with pytest.raises(ValueError, match=f"^a/result.json: {message}.*; run again$"):
        parse_record(Result, text, "a/result.json", "run again")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"wer": "10"}, "modes.joint.wer: Input should be a valid number, found '10'"),
        ({"by_condition": {"loud": {}}}, "'loud' is not a condition"),
        ({"by_condition": {"0": {"bleu": 1.0}}}, "modes.joint.by_condition.0.bleu"),
        ({"by_run": None}, "modes.joint.by_run: Input should be a valid array"),
        ({"counts": {"asr": {"answers": -1}}}, "greater than or equal to 0, found -1"),
    ],
)
def test_wrong_scores_are_named_by_field_and_value(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_record(ScoresFile, json.dumps(SCORES | {"modes": {"joint": MODE | change}}), "scores.json")


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"schema_version": 1', b"\xff", '"\\ud800"'])
def test_what_is_no_json_is_said(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"^result.json: Invalid JSON: "):
        parse_record(Result, text, "result.json")


def test_both_files_have_a_json_schema() -> None:
    for kind in (Result, ScoresFile):
        schema = kind.model_json_schema()
        assert schema["additionalProperties"] is False
        assert all("description" in part for name, part in schema["$defs"].items() if name != "JsonValue")
