#!/usr/bin/env python3
"""Draw one pair of a dataset folder at three SNRs: mixture_picture.py FOLDER PICTURE.png [PAIR_ID]."""

from __future__ import annotations

import sys

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sseu_dataset import load, load_audio

SNRS = ("10", "0", "-10")


def main(folder: str, picture: str, pair_id: str | None = None) -> None:
    """Spectrograms of the pair, one above the other, with the annotated events and the place of the speech."""
    figure = Figure(figsize=(9, 6), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, snr in zip(figure.subplots(len(SNRS), 1, sharex=True), SNRS, strict=True):
        rows = load(folder, f"snr_{snr}")
        row = next(row for row in rows if pair_id in (None, row["pair_id"]))
        pair_id = row["pair_id"]
        with np.errstate(divide="ignore"):  # digital silence is black
            axes.specgram(load_audio(row, 16_000), NFFT=512, Fs=16_000, noverlap=384, cmap="magma", vmin=-130, vmax=-40)
        axes.set(xlim=(0, 10), ylim=(-600, 9800), yticks=range(0, 8001, 2000), ylabel=f"SNR {snr} dB\n\nHz")
        axes.set_facecolor("black")
        events = rows.features["events"].feature.names
        for number, name in enumerate(sorted({events[segment["event"]] for segment in row["event_segments"]})):
            spans = [
                (segment["onset_s"], segment["offset_s"] - segment["onset_s"])
                for segment in row["event_segments"]
                if events[segment["event"]] == name
            ]
            height_hz = 8200 + 800 * number
            axes.broken_barh(spans, (height_hz, 700), color="#66ccee")
            axes.text(spans[0][0], height_hz + 350, f" {name}", fontsize=7, va="center")
        axes.broken_barh([(row["speech_onset_s"], row["speech_duration_s"])], (-500, 400), color="#ccbb44")
    axes.set_xlabel("s")
    scene = rows.features["scene"].names[row["scene"]]
    figure.suptitle(
        f"{scene}; “{row['transcript']}”\nblue: annotated events; yellow: the utterance", fontsize=9, wrap=True
    )
    figure.savefig(picture, dpi=75, metadata={"Software": None})
    print(f"{pair_id}: scene {scene}, SNRs {', '.join(SNRS)} dB -> {picture}")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(*sys.argv[1:])
