"""`sseu report --embedders`: figures that can be worked out by hand, and no network."""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sseu_cli.main import main
from sseu_metric.labels import EVENTS, SCENES
from tests.sseu_report.made_replies import says

WORDS = sorted({word for name in (*SCENES, *EVENTS) for word in name.split()})


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
    folders = [str(one.entry.folder) for one in (label, synonym)]
    embedders = f"exact,sentence-transformers:{synonyms}"
    assert main(["report", *folders, "--out", str(out), "--clips", "0", "--embedders", embedders]) == 0

    found = {one["metric"]: one for one in json.loads((out / "findings.json").read_text())["embedders"]}
    other = found["macc"]["embedders"][1]
    assert re.fullmatch(r"sentence-transformers:synonyms@sha256:[0-9a-f]{64}", other)
    # One scene for every clip: all of it is found and nothing of the others. Word for word, `house` is no scene.
    home = 100 / scenes
    assert found["macc"]["figures"]["scripted:label"] == pytest.approx([home, home])
    assert found["macc"]["figures"]["scripted:synonym"] == pytest.approx([0, home])
    assert found["macc"]["correlations"] == {f"exact | {other}": None}  # the second ranks both alike
    # `Dog` shares no word with another event: both embedders give 1 for it and 0 for the others.
    for name in ("label", "synonym"):
        exact, stored = found["map"]["figures"][f"scripted:{name}"]
        assert 0 < exact == stored
    html = (out / "report.html").read_text(encoding="utf-8")
    (table,) = re.findall(r"<caption>Embedder sensitivity: mACC.*?</table>", html, re.DOTALL)
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr.*?</tr>", table)]
    assert rows == [
        ["System", "exact", other],
        ["scripted:label", f"{home:.2f}", f"{home:.2f} (+0.00)"],
        ["scripted:synonym", "0.00", f"{home:.2f} (+{home:.2f})"],
    ]
    assert f"Ranks of 2 systems under exact and {other}: Kendall&#39;s tau-b is not defined." in html


def test_one_embedder_ends_with_the_reason(
    make_scored: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = make_scored("alone", says("", "Home", "Dog"))
    words = ["report", str(one.entry.folder), "--out", str(tmp_path / "out"), "--clips", "0", "--embedders", "exact"]
    assert main(words) == 2
    assert "embedders exact: give at least two, each once" in capsys.readouterr().err
