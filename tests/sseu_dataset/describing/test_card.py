"""The dataset card: its floors are those of its own labels."""

from __future__ import annotations

import re
from pathlib import Path

from sseu_dataset import load
from sseu_dataset.describing.card import status
from sseu_metric import score
from sseu_metric.controls import CONTROLS


def _rows_of(card: str) -> dict[str, list[str]]:
    section = card.partition("## What a score is worth")[2].partition("\n## ")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    return {name: [cell.strip() for cell in cells] for name, *cells in lines}


def test_the_floors_are_the_scores_of_the_controls_on_these_rows(built: Path) -> None:
    rows = load(built).remove_columns("audio").to_list()
    corpus, sentence = (
        score(CONTROLS[name](rows), rows, embedder="exact", mode="independent") for name in ("corpus", "sentence")
    )
    found = _rows_of((built / "README.md").read_text())
    macc, event_map, wer = corpus.value("macc"), corpus.value("map"), sentence.value("wer")
    assert found["knowing the corpus alone"][1:] == [f"{macc:.2f}", f"{event_map:.2f}"]
    assert found["always the commonest sentence"][0] == f"{wer:.2f}"
    assert found["the truth"] == ["0.00", "100.00", "100.00"]


def test_the_picture_is_named_and_there(built: Path) -> None:
    (name,) = re.findall(r"!\[[^]]+\]\((\w+\.png)\)", (built / "README.md").read_text())
    assert (built / name).stat().st_size > 20_000


def test_an_edition_is_a_benchmark_of_its_own() -> None:
    said = status("edition", [])
    assert said.startswith(
        "**An edition of SSEU-Bench**: built from the complete official corpora with a seed of its own"
    )
    assert "Scores on it are compared\nwith each other alone." in said
