#!/usr/bin/env python3
"""Score the answers that need no model on a dataset folder: score_controls.py FOLDER [EMBEDDER]."""

from __future__ import annotations

import sys

from sseu_dataset import load
from sseu_metric import score, summarise
from sseu_metric.controls import CONTROLS  # not exported: only whoever studies the metric itself needs them


def main(folder: str, embedder: str | None = None) -> None:
    """Print WER, mACC and mAP with their 95 % intervals for every control."""
    rows = load(folder).remove_columns("audio").to_list()
    print(f"{'control':<20}{'WER':>24}{'mACC':>24}{'mAP':>24}")
    for name, control in CONTROLS.items():
        found = summarise(score(control(rows), rows, embedder=embedder))
        cells = []
        for metric in ("wer", "macc", "map"):
            interval = found["intervals"][metric]["all"]
            cells.append(f"{found[metric]:.2f} [{interval['low']:.2f}, {interval['high']:.2f}]")
        print(f"{name:<20}" + "".join(f"{cell:>24}" for cell in cells))
    print(f"embedder {found['embedder'] and found['embedder']['id']}, normaliser {found['normalizer']}")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(*sys.argv[1:])
