"""The second reading: right words that the embedder takes for wrong labels cost what the difference says."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from sseu_metric import EVENTS, SCENES, score, summarise
from sseu_metric.matching import MAX_NAMES, find_matching
from sseu_metric.scores import Scores
from sseu_metric.significance import compare

RIGHT = {"Dog": "Bark", "Cat": "Meow", "Frying": "Sizzle", "Car": "traffic"}
PLACES = {"Home": "kitchen", "Metro Station": "Train", "Restaurant": "café"}


class Misreads:
    """As `exact`, but it takes "Bark" for Cat, "Train" for City Center and "quokka" for Dog."""

    id = "test:misreads"
    revision = None
    dimension = 64

    def embed(self, texts: Any) -> Any:
        """One direction for each label; what is no label has its own or that of the label it is taken for."""
        places = {label: number for number, label in enumerate((*EVENTS, *SCENES))}
        taken = {"Bark": "Cat", "Train": "City Center", "quokka": "Dog", "Meow": "Cat", "kitchen": "Home"}
        taken |= {"Sizzle": "Frying", "traffic": "Car", "café": "Restaurant", "Music": "Blender"}
        vectors = np.zeros((len(texts), 64))
        for row, text in enumerate(texts):
            vectors[row, places.get(taken.get(text, text), 63)] = 1
        return vectors


def references() -> list[dict[str, Any]]:
    rows = []
    for number in range(24):
        scene, event = list(PLACES)[number % 3], list(RIGHT)[number % 4]
        row = {"id": f"c{number}", "condition": "0", "scene": scene, "events": [event], "transcript": ""}
        rows.append(row | {"source_recording_id": f"r{number // 2}"})
    return rows


def said(rows: list[dict[str, Any]], *, as_labels: bool = False) -> list[dict[str, Any]]:
    """What the clips hold in other words; every fifth clip is described wrongly."""
    found = []
    for number, row in enumerate(rows):
        event = "Frying" if number % 5 == 0 else row["events"][0]
        scene = "Home" if number % 5 == 0 else row["scene"]
        found.append({"scene": scene if as_labels else PLACES[scene], "events": [event if as_labels else RIGHT[event]]})
    return found


def scored(predictions: Any, embedder: Any, run: int = 0) -> Scores:
    return score(predictions, references(), tasks=("asc", "at"), embedder=embedder, run=run)


@pytest.mark.parametrize("metric", ["macc", "map"])
def test_the_table_reads_words_as_if_the_labels_had_been_named(metric: str) -> None:
    scores = scored(said(references()), Misreads())
    labelled = scored(said(references(), as_labels=True), "exact")
    found = find_matching(scores, metric, scores.replicates(metric))
    assert found is not None
    assert found.by_embedder == scores.value(metric)
    assert found.by_table == pytest.approx(labelled.value(metric))
    assert found.difference == pytest.approx(found.by_table - found.by_embedder)
    assert found.difference > 5
    paired = compare(labelled, scores, metric)  # the same difference, from two systems
    assert paired.interval is not None
    assert found.interval is not None
    assert asdict(found.interval) == pytest.approx(asdict(paired.interval))


def test_disagreements_are_counted_heaviest_first() -> None:
    rows = references()
    predictions = said(rows)
    for number, prediction in enumerate(predictions):
        prediction["events"] += ["quokka"] + ["Music"] * (number < 9)
    found = find_matching(scored(predictions, Misreads()), "map")
    assert found is not None
    barks = sum("Bark" in one["events"] for one in predictions)
    assert barks == 4
    assert [asdict(one) for one in found.disagreements] == [
        {"name": "Music", "embedder": "Blender", "table": [], "count": 9},
        {"name": "Bark", "embedder": "Cat", "table": ["Dog"], "count": barks},
    ]
    assert [asdict(one) for one in found.unknown_names] == [
        {"name": "quokka", "embedder": "Dog", "table": None, "count": 24}
    ]
    assert (found.named, found.unknown, found.disagreeing) == (24 + 24 + 9, 24, 9 + barks)
    assert found.interval is None


def test_either_direction_of_a_train_is_meant_by_a_train() -> None:
    row = {"id": "a", "scene": "Metro Station", "events": ["Metro Leaving"], "transcript": ""}
    found = find_matching(
        score([{"scene": "Train", "events": ["Train"]}], [row], tasks=("asc", "at"), embedder="exact"), "map"
    )
    assert found is not None
    assert (found.by_table, [one.table for one in found.disagreements]) == (
        100,
        [["Metro Approaching", "Metro Leaving"]],
    )
    scenes = summarise(scored([{"scene": "Train", "events": []}] * 24, Misreads()))["matching"]["macc"]
    assert (scenes["by_embedder"], scenes["by_table"]) == (0, pytest.approx(100 / 3))


def test_a_classifiers_scores_have_no_second_reading() -> None:
    rows = references()
    words = said(rows)
    scores = [one | {"event_scores": np.linspace(0, 1, 18)} for one in words]
    found = summarise(scored(scores, Misreads()))
    assert set(found["matching"]) == {"macc"}
    both = [one | {"scene_scores": np.linspace(0, 1, 6)} for one in scores]
    assert "matching" not in summarise(scored(both, None))
    mixed = [*scores[:1], *words[1:]]
    assert set(summarise(scored(mixed, Misreads()))["matching"]) == {"macc"}


def test_added_and_selected_scores_keep_their_names() -> None:
    together = scored(said(references()), Misreads())
    parts = scored(said(references()), Misreads(), run=1)
    found = find_matching((together + parts).where(run=1), "map")
    alone = find_matching(parts, "map")
    assert found == alone
    both = find_matching(together + parts, "map")
    assert both is not None
    assert alone is not None
    assert both.named == 2 * alone.named
    assert both.disagreements[0].embedder == "Cat"


def test_lists_and_names_are_cut() -> None:
    predictions = [
        {"scene": "x" * 200, "events": [f"thing {number} {place}" for place in range(3)]} for number in range(24)
    ]
    found = summarise(scored(predictions, Misreads()), intervals=False)["matching"]
    assert len(found["map"]["unknown_names"]) == MAX_NAMES
    assert found["map"]["unknown"] == found["map"]["named"] == 72
    assert found["macc"]["unknown_names"][0]["name"] == "x" * 79 + "…"


def test_nothing_named_reads_alike_twice_and_nothing_answered_has_no_reading() -> None:
    silent = summarise(scored([{"scene": None, "events": []}] * 24, Misreads()))["matching"]
    assert (silent["macc"]["named"], silent["macc"]["difference"], silent["map"]["difference"]) == (0, 0, 0)
    assert "matching" not in summarise(scored([None] * 24, Misreads()))


def test_three_runs_add_what_varies_between_them() -> None:
    runs = [scored(said(references()), Misreads(), run=run) for run in range(2)]
    labelled = scored(said(references(), as_labels=True), Misreads(), run=2)  # here the readings agree
    scores = runs[0] + runs[1] + labelled
    found = find_matching(scores, "map", scores.replicates("map"))
    narrow = find_matching(runs[0], "map", runs[0].replicates("map"))
    assert found is not None
    assert found.interval is not None
    assert narrow is not None
    assert narrow.interval is not None
    assert found.difference == pytest.approx(2 / 3 * narrow.difference)
    assert found.interval.high - found.interval.low > narrow.interval.high - narrow.interval.low
