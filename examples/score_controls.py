#!/usr/bin/env python3
"""Score the answers that need no model on a dataset folder: score_controls.py FOLDER [EMBEDDER]."""

from __future__ import annotations

import sys

from sseu_metric import score, summarise
from sseu_metric.controls import CONTROLS  # not exported: only whoever studies the metric itself needs them
from sseu_metric.text_table import score_cell
from sseu_models.results.opened_dataset import open_dataset
from sseu_models.results.terminal import in_parentheses


def main(folder: str, embedder: str | None = None) -> None:
    """Print WER, mACC and mAP with their 95 % intervals for every control."""
    opened = open_dataset(folder)
    rows, limitations = opened.rows.remove_columns("audio").to_list(), opened.identity.limitations
    print(f"{'control':<20}{'WER':>27}{'mACC':>27}{'mAP':>27}")
    for name, control in CONTROLS.items():
        found = summarise(score(control(rows), rows, embedder=embedder))
        cells = []
        for metric in ("wer", "macc", "map"):
            interval = found["intervals"][metric]["all"]
            text = f"{found[metric]:.2f}" + (f" [{interval['low']:.2f}, {interval['high']:.2f}]" if interval else "")
            cells.append(score_cell(text, whole=not limitations))
        print(f"{name:<20}" + "".join(f"{cell:>27}" for cell in cells))
    for line in in_parentheses({folder: limitations}):
        print(line)
    print(f"embedder {found['embedder'] and found['embedder']['id']}, normaliser {found['normalizer']}")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(*sys.argv[1:])
