"""The distributions of the card's picture are those of the rows."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from sseu_dataset import build, load
from sseu_dataset.describing import card_plot
from tests.sseu_dataset.tiny_corpora import TinyCorpora


def test_the_snrs_are_those_of_the_rows(
    pristine_corpora: TinyCorpora, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: dict[str, list[float]] = {}
    draw = card_plot.write_plot

    def write_plot(recipe: Any, gains_db: Any, snrs_db: dict[str, list[float]], path: Path) -> None:
        drawn.update(snrs_db)
        draw(recipe, gains_db, snrs_db, path)

    monkeypatch.setattr(card_plot, "write_plot", write_plot)
    build(tmp_path / "built", **pristine_corpora.folders, allow_partial=True, progress=False)
    wanted: defaultdict[str, list[float]] = defaultdict(list)
    for row in load(tmp_path / "built").remove_columns("audio"):
        if row["snr_overlap_db"] is not None:
            wanted[row["condition"]].append(row["snr_overlap_db"])
    assert drawn == dict(wanted)
    assert set(drawn) == {"10", "5", "0", "-5", "-10"}
