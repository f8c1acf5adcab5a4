"""Floors and skill: the figures of the official labels, and the formulas against brute force and scikit-learn."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from statistics import fmean
from typing import Any

import jiwer
import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from sseu_metric import Scores, score, summarise
from sseu_metric.controls import CONTROLS
from sseu_metric.floors import FLOOR_NAMES, FLOORS, ap_by_lot, best_beginning, commonest_sentence, find_skill, floor_of
from sseu_metric.labels import EVENTS
from sseu_metric.result_tables import NO_SKILL_INTERVAL, describe, skill_table
from sseu_metric.tasks import METRIC_NAMES
from tests.scripts import load_script

PROJECT = Path(__file__).parents[2]
METADATA = PROJECT.parent / "shared" / "metadata"


@pytest.fixture(scope="module")
def maker() -> Any:
    """docs/make_published.py, which reads the official labels."""
    return load_script("docs/make_published.py")


@pytest.fixture(scope="module")
def official(maker: Any) -> list[dict[str, Any]]:
    """The labels of the 1,117 backgrounds."""
    if not METADATA.is_dir():
        pytest.skip("the metadata of the official corpora are not at hand")
    references: list[dict[str, Any]] = maker.official_references(METADATA)
    return references


def _reference(recording: str, clip: str, corpus: str, scene: str, events: set[str]) -> dict[str, Any]:
    return {
        "id": clip,
        "transcript": "",
        "scene": scene,
        "events": sorted(events, key=EVENTS.index),
        "background_corpus": corpus,
        "source_recording_id": recording,
    }


def _scored(name: str, references: list[dict[str, Any]], **settings: Any) -> Scores:
    return score(CONTROLS[name](references, **settings), references, tasks=("asc", "at"), embedder="exact")


def test_floors_of_the_official_labels(official: list[dict[str, Any]]) -> None:
    assert len(official) == 1117
    for name, macc, mean in (
        ("no-answer", 0, 8.13),
        ("prevalence", 100 / 6, 8.13),
        ("corpus", 100 / 3, 14.71),
        ("scene", 100, 29.75),
    ):
        scores = _scored(name, official)
        assert scores.value("macc") == pytest.approx(macc)
        assert scores.value("map") == pytest.approx(mean, abs=0.005)
    assert _scored("no-answer", official).value("map_within_corpus") == pytest.approx(14.71, abs=0.005)
    named = [_scored("scene", official, top_k=k).value("map") for k in (1, 2, 3, 4)]
    assert named == sorted(named)  # type: ignore[type-var]
    assert named[-1] < 29.75  # type: ignore[operator]


def test_the_page_of_published_scores_is_made_from_the_official_floors(maker: Any) -> None:
    """Run `python docs/make_published.py` after a change of published scores or floors."""
    floors = json.loads(maker.FLOORS_FILE.read_text(encoding="utf-8"))
    assert maker.page(floors) == maker.PAGE.read_text(encoding="utf-8")


def test_the_stored_floors_are_those_of_the_official_labels(maker: Any, official: list[dict[str, Any]]) -> None:
    """Run `python docs/make_published.py --metadata DIR` after a change of the floors."""
    assert maker.floors_of(official) == json.loads(maker.FLOORS_FILE.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_intervals_of_the_floors_are_those_of_a_recording_bootstrap(official: list[dict[str, Any]]) -> None:
    generator = np.random.default_rng(0)
    clusters: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, row in enumerate(official):
        clusters[row["scene"]][row["source_recording_id"]].append(number)
    for name in ("corpus", "scene"):
        rows = _scored(name, official).tables["at"]
        drawn = []
        for _ in range(80):
            chosen: list[int] = []
            for recordings in clusters.values():
                names = list(recordings)
                for one in generator.integers(0, len(names), len(names) - 1):  # Rao-Wu: n - 1 of n
                    chosen += recordings[names[one]]
            truth, confidences = rows["truth"][chosen], rows["confidences"][chosen]
            present = truth.any(axis=0)
            drawn.append(
                100
                * np.mean([average_precision_score(truth[:, k], confidences[:, k]) for k in np.flatnonzero(present)])
            )
        interval = _scored(name, official).intervals("map")["all"]
        assert interval is not None
        assert 3.92 * np.std(drawn) == pytest.approx(interval.high - interval.low, rel=0.25)


def test_no_order_of_four_scenes_ranks_a_class_better_than_its_shares_do() -> None:
    """Not a theorem: `test_the_formulas_of_the_page_give_the_floors` has a class that another order ranks better."""
    generator = np.random.default_rng(1)
    scenes = generator.choice(["Home", "Restaurant", "City Center", "Metro Station"], 60)
    rate = {"Home": 0.1, "Restaurant": 0.6, "City Center": 0.3, "Metro Station": 0.5}
    references = [
        _reference(str(n), str(n), "DESED", str(scene), {"Dishes"} if generator.random() < rate[str(scene)] else set())
        for n, scene in enumerate(scenes)
    ]
    truth = [bool(row["events"]) for row in references]
    best = max(average_precision_score(truth, [order.index(scene) for scene in scenes]) for order in permutations(rate))
    assert _scored("scene", references).value("map") == pytest.approx(100 * best)


def _mixed(corpus: bool = True) -> list[dict[str, Any]]:
    """Clips with words of a few speakers and sentences, in two conditions."""
    generator = np.random.default_rng(2)
    rows = []
    for number in range(80):
        desed = number % 2 == 0
        events = {str(name) for name in generator.choice(EVENTS[:9] if desed else EVENTS[9:], 2)}
        for condition in ("5", "-5"):
            row = _reference(
                f"recording {number % 16}",
                f"{number}@{condition}",
                ("DESED" if desed else "MAESTRO") if corpus else "",
                "Home" if desed else ("City Center", "Restaurant", "Metro Station")[number % 3],
                events,
            )
            row |= {"condition": condition, "pair_id": str(number), "speaker_id": f"p{number % 7}"}
            rows.append(
                row
                | {
                    "transcript": (
                        "Please call Stella.",
                        "please call Stella",
                        "Six spoons of fresh snow.",
                        "Maybe a snack for her",
                    )[number % 4]
                }
            )
    return rows


def _answers(references: list[dict[str, Any]], share: float) -> list[dict[str, Any]]:
    generator = np.random.default_rng(3)
    return [
        {key: row[key] for key in ("transcript", "scene", "events")}
        if generator.random() < share
        else {"transcript": "please call", "scene": "Restaurant", "events": ["Dog"]}
        for row in references
    ]


def test_skill_is_the_share_of_the_way_from_floor_to_ceiling() -> None:
    references = _mixed()
    scores = score(_answers(references, 0.5), references, embedder="exact")
    said = sum(1 for row in references if "call" in row["transcript"])
    errors = (len(references) - said) * 5  # "please call stella" for five words
    assert floor_of(scores, "wer", "sentence").value("wer") == pytest.approx(  # type: ignore[union-attr]
        100 * errors / (3 * said + 5 * (len(references) - said))
    )
    for metric, floors in FLOORS.items():
        for floor in floors:
            below = floor_of(scores, metric, floor)
            assert below is not None
            base, value = below.value(metric), scores.value(metric)
            assert base is not None
            assert value is not None
            ceiling = 0 if metric == "wer" else 100
            replicates = scores.replicates(metric)
            found = find_skill(scores, metric, floor, replicates)
            assert found is not None
            assert list(found) == ["all", "5", "-5"]
            assert found["all"].skill == pytest.approx(100 * (value - base) / (ceiling - base))
            assert found["all"].floor == pytest.approx(base)
            interval = found["all"].interval
            assert interval is not None
            assert interval.low < 100 * (value - base) / (ceiling - base) < interval.high


@pytest.mark.parametrize("name", ["ground-truth", "corpus", "scene", "sentence"])
def test_the_truth_has_all_skill_and_the_floors_have_none(name: str) -> None:
    references = _mixed()
    scores = score(CONTROLS[name](references), references, embedder="exact")
    asked = {
        "corpus": [("macc", "corpus"), ("map", "corpus")],
        "scene": [("map", "scene")],
        "sentence": [("wer", "sentence")],
    }
    every = [(metric, floor) for metric, floors in FLOORS.items() for floor in floors]
    for metric, floor in asked.get(name, every):
        found = find_skill(scores, metric, floor, scores.replicates(metric))
        assert found is not None
        assert found["all"].skill == pytest.approx(100 if name == "ground-truth" else 0)
        interval = found["all"].interval
        assert interval is None or interval.high <= 100
        if name == "sentence":
            assert interval is None  # of the floor itself, which is held fixed


def test_a_skill_without_an_interval_is_explained_in_words() -> None:
    references = _mixed()
    found = summarise(score(_answers(references, 0.5), references, embedder="exact"))
    assert NO_SKILL_INTERVAL not in skill_table({"": found["skill"]}, whole=True)
    alone = [row | {"speaker_id": "p0"} for row in references]
    one_speaker = summarise(score(_answers(alone, 0.5), alone, embedder="exact"))
    assert skill_table({"": one_speaker["skill"]}, whole=True).endswith(f"\n  {NO_SKILL_INTERVAL}")


def test_a_floor_that_is_the_ceiling_leaves_no_skill() -> None:
    references = [_reference(str(n), str(n), "DESED", "Home", {"Dog"}) for n in range(6)]
    found = summarise(_scored("majority", references))
    assert found["skill"]["macc"]["corpus"]["all"]["skill"] is None
    assert found["skill"]["macc"]["corpus"]["all"]["floor"] == 100


def test_references_without_corpora_have_no_floor_of_the_corpus() -> None:
    references = _mixed(corpus=False)
    found = summarise(score(_answers(references, 0.5), references, embedder="exact"))
    assert found["skill"]["macc"] == {}
    assert list(found["skill"]["map"]) == ["scene"]
    assert "within_corpus" not in found
    with pytest.raises(ValueError, match="reference 0 does not name its background_corpus, from which this control"):
        CONTROLS["corpus"](references)


def test_within_a_corpus_a_class_is_ranked_among_its_clips_alone() -> None:
    references = _mixed()
    scores = score(_answers(references, 0.5), references, embedder="exact").where(condition="5")
    rows = scores.tables["at"]
    expected = []
    for number, name in enumerate(EVENTS):
        corpora = {row["background_corpus"] for row in references if name in row["events"]}
        mask = np.isin(rows["corpus"].astype(str), list(corpora))
        if mask.any():
            expected.append(average_precision_score(rows["truth"][mask, number], rows["confidences"][mask, number]))
    assert scores.value("map_within_corpus") == pytest.approx(100 * np.mean(expected))
    interval = scores.intervals("map_within_corpus")["all"]
    assert interval is not None
    assert interval.low < 100 * np.mean(expected) < interval.high


def test_the_commonest_sentence_is_counted_whatever_its_marks() -> None:
    assert commonest_sentence(["B c.", "b, C", "A d", "A e", "b, C"]) == "b, C"
    assert commonest_sentence([]) == ""


def test_the_best_beginning_is_the_best_of_all_beginnings_and_seldom_the_commonest_sentence() -> None:
    """Against jiwer on every beginning; the words that sentences share cost least."""
    drawn = np.random.default_rng(0)
    said = [" ".join(drawn.choice(list("abcd"), size)) for size in drawn.integers(1, 7, 12)] + ["a b c d d d"] * 3
    every = {" ".join(text.split()[:end]) for text in said for end in range(1, 7)}
    found = best_beginning(said)
    assert found in every
    assert jiwer.wer(said, [found] * len(said)) == min(jiwer.wer(said, [one] * len(said)) for one in every)
    assert best_beginning(["call her", "call him now please", "call them now", "call them now"]) == "call them now"
    assert best_beginning(["a b c", "a b c", "a", "d", "e", "f"]) == "a"
    assert best_beginning(["", ""]) == best_beginning([]) == ""


def test_the_best_beginning_has_fewer_errors_than_the_commonest_sentence(official: list[dict[str, Any]]) -> None:
    scores = score(CONTROLS["sentence"](official), official, embedder="exact")
    values = {name: floor_of(scores, "wer", name).value("wer") for name in FLOORS["wer"]}  # type: ignore[union-attr]
    assert scores.value("wer") == values["sentence"]
    assert values["beginning"] == pytest.approx(69.0, abs=0.005)


def test_the_formulas_of_the_page_give_the_floors(official: list[dict[str, Any]]) -> None:
    """docs/scoring.md: mean shares within the annotating corpora; the sum over scenes, and its best order."""
    corpus, scene, best = [], [], []
    clips = Counter(row["scene"] for row in official)
    for event in EVENTS:
        homes = {row["background_corpus"] for row in official if event in row["events"]}
        corpus.append(fmean(event in row["events"] for row in official if row["background_corpus"] in homes))
        having = Counter(row["scene"] for row in official if event in row["events"])
        shares = {name: having[name] / count for name, count in clips.items()}
        scene.append(_average_precision(sorted(clips, key=lambda name: -shares[name]), having, clips))
        best.append(max(_average_precision(order, having, clips) for order in permutations(clips)))
    assert 100 * fmean(corpus) == pytest.approx(14.71, abs=0.005)
    assert 100 * fmean(scene) == pytest.approx(29.7513, abs=0.00005)
    assert 100 * fmean(best) == pytest.approx(29.7516, abs=0.00005)


def _average_precision(order: Sequence[str], having: Counter[str], clips: Counter[str]) -> float:
    """Of one event, with the scenes in this order; `having` are the clips with it."""
    with_it, all_of_them, total = 0, 0, 0.0
    for name in order:
        with_it, all_of_them = with_it + having[name], all_of_them + clips[name]
        total += having[name] / having.total() * with_it / all_of_them
    return total


def test_scoring_controls_and_metric_card_quote_the_official_floors(maker: Any) -> None:
    floors = json.loads(maker.FLOORS_FILE.read_text(encoding="utf-8"))
    of = {(metric, name): f"{one['value']:.2f}" for metric, by in floors.items() for name, one in by.items()}
    card = (PROJECT / "sseu_metric" / "README.md").read_text()
    assert f"| always the commonest sentence | {of['wer', 'sentence']} | 0 | {of['prevalence', 'all clips']} |" in card
    assert f" with the lowest WER | {of['wer', 'beginning']} | 0 | {of['prevalence', 'all clips']} |" in card
    assert f" annotates | 100 | {of['macc', 'corpus']} | {of['map', 'corpus']} |" in card
    assert f" clips | 100 | 100 | {of['map', 'scene']} |" in card
    page = (PROJECT / "docs" / "scoring.md").read_text()
    for metric, name in (
        ("wer", "sentence"),
        ("wer", "beginning"),
        ("macc", "corpus"),
        ("map", "corpus"),
        ("map", "scene"),
    ):
        assert f"| {METRIC_NAMES[metric]} | {FLOOR_NAMES[name]} | {of[metric, name]} |" in page
    controls = (PROJECT / "docs" / "systems" / "controls.md").read_text()
    assert f"mACC {of['macc', 'corpus']}, mAP {of['map', 'corpus']}" in controls
    for text in (card, page):
        assert of["prevalence", "within corpus"] in text
        assert "skill = 100 * (score - floor) / (ceiling - floor)" in text


def test_references_of_which_some_lack_a_corpus_have_no_floor_of_the_corpus() -> None:
    references = [row | ({"background_corpus": None} if number % 2 else {}) for number, row in enumerate(_mixed())]
    found = summarise(score(_answers(references, 0.5), references, embedder="exact"))
    assert found["skill"]["macc"] == {}
    assert list(found["skill"]["map"]) == ["scene"]
    assert "within_corpus" not in found
    assert "no floor of the corpus, no mAP within corpora: not every reference names its background_corpus" in describe(
        found
    )


@pytest.mark.parametrize(("positives", "clips"), [(1, 1), (1, 20), (7, 20), (20, 20)])
def test_ap_by_lot_is_the_mean_over_random_orders(positives: int, clips: int) -> None:
    generator = np.random.default_rng(4)
    truth = np.arange(clips) < positives
    drawn = [average_precision_score(truth, generator.permutation(clips)) for _ in range(600)]
    assert ap_by_lot(positives, clips) == pytest.approx(np.mean(drawn), abs=4 * np.std(drawn) / 600**0.5 + 1e-9)


def test_speakers_that_some_references_lack_are_missing_from_the_interval() -> None:
    references = [row | ({"speaker_id": None} if number % 4 == 0 else {}) for number, row in enumerate(_mixed())]
    found = summarise(score(_answers(references, 0.5), references, embedder="exact"))
    assert found["clusters"]["wer"]["missing"] == ["speaker"]
    assert "surer than they are: not every reference names its speaker" in describe(found)
