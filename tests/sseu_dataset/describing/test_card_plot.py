"""The distributions of the card's picture are those of the rows."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from sseu_dataset import load
from sseu_dataset.describing.card_plot import overlap_snrs_db


def test_the_snrs_are_those_of_the_rows(built: Path) -> None:
    wanted: defaultdict[str, list[float]] = defaultdict(list)
    for row in load(built).remove_columns("audio"):
        if row["snr_overlap_db"] is not None:
            wanted[row["condition"]].append(row["snr_overlap_db"])
    found = overlap_snrs_db(built / "data")
    assert {name: sorted(values) for name, values in found.items()} == {
        name: sorted(values) for name, values in wanted.items()
    }
    assert set(found) == {"10", "5", "0", "-5", "-10"}
