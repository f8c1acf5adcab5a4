"""Containers that people have answers and references in: real NumPy, pandas, `datasets` and torch objects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pandas as pd
import pytest

from sseu_metric import SCENES, parse_answer, score, summarise
from sseu_metric.controls import ground_truth
from sseu_metric.input_rows import as_rows, plain
from sseu_metric.sseu import Sseu

WORDS = ["please call Stella", "six spoons of peas"]
HEARD = ["please call Bella", "six spoons of peas"]
REFERENCES: list[dict[str, Any]] = [
    {"id": "a", "condition": "0", "transcript": WORDS[0], "scene": "Home", "events": ["Dog", "Dishes"]},
    {"id": "b", "condition": "-5", "transcript": WORDS[1], "scene": "Restaurant", "events": []},
]
PREDICTIONS: list[dict[str, Any]] = [
    {"transcript": HEARD[0], "scene": "Home", "events": ["Dog"]},
    {"transcript": HEARD[1], "scene": "Home", "events": []},
]


def found(predictions: Any, references: Any, tasks: tuple[str, ...] = ("asr", "asc", "at")) -> dict[str, Any]:
    """The result of `score`, after checking that the evaluate metric gives the same."""
    result = summarise(score(predictions, references, tasks=tasks, embedder="exact"), intervals=False)
    metric = Sseu("joint" if len(tasks) == 3 else tasks[0], embedder="exact", intervals=False)
    assert metric.compute(predictions=predictions, references=references) == result
    return result


CONTAINERS: dict[str, Any] = {
    "tuple": tuple,
    "array of objects": lambda rows: np.array(rows, dtype=object),
    "Series": pd.Series,
    "DataFrame": pd.DataFrame,
    "Dataset": datasets.Dataset.from_list,
}


@pytest.mark.parametrize("references", CONTAINERS)
@pytest.mark.parametrize("predictions", CONTAINERS)
def test_every_container_gives_the_scores_of_a_list(predictions: str, references: str) -> None:
    assert found(CONTAINERS[predictions](PREDICTIONS), CONTAINERS[references](REFERENCES)) == found(
        PREDICTIONS, REFERENCES
    )


def column(texts: list[str]) -> Any:
    return datasets.Dataset.from_dict({"said": texts})["said"]


@pytest.mark.parametrize("kind", [tuple, np.array, column, lambda texts: pd.Series(texts, dtype="string")])
def test_transcripts_alone_are_references_for_asr(kind: Any) -> None:
    result = found(kind(HEARD), kind(WORDS), ("asr",))
    assert result["wer"] == pytest.approx(100 / 7)


def test_transcripts_alone_are_no_references_for_scenes() -> None:
    with pytest.raises(ValueError, match="reference 0 is of type str; a mapping such as a dataset row is needed"):
        score(["Home"], ["Home"], tasks=("asc",), embedder="exact")


def test_what_pandas_holds_as_missing_is_an_answer_that_never_came() -> None:
    for missing in (None, np.nan, pd.NA):
        result = found(pd.Series([HEARD[0], missing], dtype=object), WORDS, ("asr",))
        assert result["counts"]["asr"]["missing"] == 1


def test_a_dataset_through_pandas_keeps_its_labels_and_conditions(built: Path) -> None:
    rows = datasets.load_dataset(str(built), "all", split="test").remove_columns("audio")
    frame = rows.to_pandas()
    assert frame["scene"].dtype == np.float64  # class ids beside the missing scenes of "+inf"
    answers = ground_truth(list(rows))
    assert found(answers, frame) == found(answers, rows)
    assert list(found(answers, frame)["by_condition"]) == ["+inf", "10", "5", "0", "-5", "-10", "-inf"]


def test_values_inside_rows_may_be_arrays() -> None:
    torch = pytest.importorskip("torch")
    truth: dict[str, Any] = {"scene": np.int64(3), "events": np.array([4, 17]), "transcript": np.str_("a b")}
    for events in (np.array(["Dog", "Wind Blowing"]), ("Dog", "Wind Blowing"), pd.array(["Dog", "Wind Blowing"])):
        result = found([{"transcript": "a b", "scene": np.str_(SCENES[3]), "events": events}], [truth])
        assert (result["wer"], result["macc"], result["map"]) == (0, 100, 100)
    for vector in (np.eye(6, dtype=np.float32)[3], torch.eye(6)[3], pd.Series(np.eye(6)[3])):
        assert found([{"scene_scores": vector}], [truth], ("asc",))["macc"] == 100


def test_a_parsed_answer_is_a_prediction() -> None:
    text = "Transcript: please call Stella\nScene: Home\nEvents: Dog; Dishes"
    assert found([parse_answer(text, "joint")], REFERENCES[:1]) == found([text], REFERENCES[:1])


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ("Home", "str"),
        (b"x", "bytes"),
        ({"transcript": WORDS}, "dict"),
        (3, "int"),
        (None, "NoneType"),
        (np.array("x"), "ndarray"),
    ],
)
def test_what_is_no_container_is_named(values: Any, kind: str) -> None:
    with pytest.raises(ValueError, match=f"predictions is of type {kind}; a list with one item per row is needed"):
        score(values, REFERENCES, embedder="exact")
    with pytest.raises(ValueError, match=f"references is of type {kind}; a list with one item per row is needed"):
        score(PREDICTIONS, values, embedder="exact")


@pytest.mark.parametrize("table", [pd.DataFrame, datasets.Dataset.from_list])
def test_a_table_without_any_of_the_columns_is_named(table: Any) -> None:
    with pytest.raises(ValueError, match=r"predictions has none of the columns transcript, .*; it has text, id"):
        score(table([{"text": "x", "id": "a"}]), REFERENCES[:1], embedder="exact")


def test_a_matrix_is_refused_by_row() -> None:
    with pytest.raises(ValueError, match="prediction 0 is of type ndarray; a mapping, the raw answer"):
        score(np.zeros((2, 6)), REFERENCES, embedder="exact")  # type: ignore[arg-type]  # wrong on purpose


def test_only_the_columns_that_are_needed_are_read() -> None:
    table = datasets.Dataset.from_list([{"transcript": "a", "audio": "b"}])
    assert as_rows(table, "references", ("transcript", "scene")) == [{"transcript": "a"}]


def test_plain_values_stay_what_they_are() -> None:
    value = {"a": [1, 0.5, None, True, "x"], "b": {"c": ()}}
    assert plain(value) == value
    assert plain(value)["a"] is value["a"]
    assert plain(({"a": np.int64(1)},)) == [{"a": 1}]
    assert type(plain(np.str_("x"))) is str
    assert type(plain(np.bool_(True))) is bool
