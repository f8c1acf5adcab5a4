"""Ranks under several embedders: ties, orders that turn, what ranks at all."""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sseu_metric.labels import EVENTS, SCENES
from sseu_report import report
from sseu_report.findings.embedders import find_embedder_sensitivity, rank_correlation
from tests.sseu_report.made_report import says

WORDS = sorted({word for name in (*SCENES, *EVENTS) for word in name.split()})


def test_ranks_are_correlated_where_both_rank_something() -> None:
    # Kendall (1945): with one tie in each of two rankings of three, one of three pairs agrees: 1 / sqrt(2 * 2).
    assert rank_correlation([1.0, 1.0, 2.0], [1.0, 2.0, 2.0]) == pytest.approx(0.5)
    assert rank_correlation([1.0, 2.0, 3.0], [3.0, 2.0, 1.0]) == -1
    assert rank_correlation([1.0], [2.0]) is None
    assert rank_correlation([1.0, 1.0], [1.0, 2.0]) is None


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


def test_an_embedder_may_turn_the_order_of_systems(make_scored: Any) -> None:
    # Under `exact` a misspelt scene hits nothing; by first letters it hits Home (no other scene begins with H).
    exact = make_scored("exact", says("", "Restaurant", "Dog"), limit=None)
    sloppy = make_scored("sloppy", says("", "Hom", "Dog"), limit=None)
    control = make_scored("control", says("", "Home", "Dog"), frontend="silence")
    found = find_embedder_sensitivity([exact, sloppy, control], ["exact", FoldedEmbedder()])
    scenes = next(one for one in found if one.metric == "macc")
    assert scenes.embedders == ("exact", "test:first-letter")
    assert scenes.scores["scripted:sloppy"][0] == 0
    assert scenes.scores["scripted:sloppy"][1] > 0
    assert set(scenes.ranked) == {"scripted:exact", "scripted:sloppy"}
    assert "scripted:control + silence" in scenes.scores
    assert set(scenes.correlations) == {("exact", "test:first-letter")}


def test_one_embedder_is_no_comparison() -> None:
    with pytest.raises(ValueError, match="embedders exact: give at least two, each once"):
        find_embedder_sensitivity([], ["exact"])
    with pytest.raises(ValueError, match="embedders exact, exact: give at least two, each once"):
        find_embedder_sensitivity([], ["exact", "exact"])


@pytest.fixture
def synonyms(tmp_path: Path) -> Path:
    """A stored model with a direction for each word of the labels, in which `house` is `Home`."""
    sentence_transformers = pytest.importorskip("sentence_transformers")
    from tokenizers import Tokenizer, models, pre_tokenizers

    vocabulary = {word: number for number, word in enumerate([*WORDS, "house", "[UNK]"])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    table = np.eye(len(vocabulary), dtype=np.float32)
    table[vocabulary["house"]] = table[vocabulary["Home"]]
    module = import_module("sentence_transformers.models").StaticEmbedding(tokenizer, embedding_weights=table)
    sentence_transformers.SentenceTransformer(modules=[module], device="cpu").save(str(tmp_path / "synonyms"))
    return tmp_path / "synonyms"


def test_the_table_of_embedders_shows_what_each_gives(
    make_scored: Any, synonyms: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sseu_report.writing.draw_plots", lambda *_: ([], []))  # they take most of the time
    label = make_scored("label", says("", "Home", "Dog"), limit=None)
    synonym = make_scored("synonym", says("", "house", "Dog"), limit=None)
    scenes = len({clip.reference["scene"] for clip in label.clips if clip.reference["scene"] is not None})
    out = tmp_path / "report"
    embedders = ["exact", f"sentence-transformers:{synonyms}"]
    report([one.entry.folder for one in (label, synonym)], out, clips=0, embedders=embedders, progress=False)

    found = {one["metric"]: one for one in json.loads((out / "findings.json").read_text())["embedders"]}
    other = found["macc"]["embedders"][1]
    assert re.fullmatch(r"sentence-transformers:synonyms@sha256:[0-9a-f]{64}", other)
    # One scene for every clip: all of it is found and nothing of the others. Word for word, `house` is no scene.
    home = 100 / scenes
    assert found["macc"]["scores"]["scripted:label"] == pytest.approx([home, home])
    assert found["macc"]["scores"]["scripted:synonym"] == pytest.approx([0, home])
    assert found["macc"]["correlations"] == {f"exact | {other}": None}  # the second ranks both alike
    # `Dog` shares no word with another event: both embedders give 1 for it and 0 for the others.
    for name in ("label", "synonym"):
        exact, stored = found["map"]["scores"][f"scripted:{name}"]
        assert 0 < exact == stored
    html = (out / "report.html").read_text(encoding="utf-8")
    (table,) = re.findall(r"<caption[^>]*>Embedder sensitivity: mACC.*?</table>", html, re.DOTALL)
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr.*?</tr>", table)]
    assert rows == [
        ["System", "exact", other],
        ["scripted:label", f"({home:.2f})", f"({home:.2f}, 0.00)"],
        ["scripted:synonym", "(0.00)", f"({home:.2f}, +{home:.2f})"],
    ]
    assert f"Ranks of 2 systems under exact and {other}: Kendall&#39;s tau-b is not defined." in html
