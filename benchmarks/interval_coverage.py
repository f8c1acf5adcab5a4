#!/usr/bin/env python3
"""How often do the 95 % intervals hold the true value? Simulated on the official numbers of recordings and speakers.

Clips of one recording share an effect, as do utterances of one speaker. The true value of mAP is the mean over the
simulated data sets, since it has no closed form; small recordings bias it, so its coverage is printed, not required.
Exit code 1 if WER or mACC leave 92 to 97 %.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np

from sseu_metric.classification import mean_average_precision
from sseu_metric.intervals import percentile_interval
from sseu_metric.resampling import (
    resample_clusters,
    resampled_class_accuracy,
    resampled_mean_average_precision,
    resampled_ratio,
)

# Scene: recordings and clips (docs/protocol.md); every DESED clip is a recording of its own.
CLIPS = {
    "Restaurant": (10, 64),
    "City Center": (10, 237),
    "Grocery Store": (8, 22),
    "Metro Station": (9, 194),
    "Residential Area": (11, 222),
    "Home": (378, 378),
}
SPEAKERS, EVENTS = 104, 18


def main(trials: int, resamples: int) -> int:
    """Simulate, print the coverage of each metric, and judge two of them."""
    generator = np.random.default_rng(0)
    strata = [scene for scene, (_, clips) in CLIPS.items() for _ in range(clips)]
    clusters = [f"{scene} {n % recordings}" for scene, (recordings, clips) in CLIPS.items() for n in range(clips)]
    scenes = np.array([list(CLIPS).index(scene) for scene in strata])
    recording = np.unique(clusters, return_inverse=True)[1]
    clips, recordings = len(strata), int(recording.max()) + 1
    speakers = generator.integers(0, SPEAKERS, clips)
    held = {"WER": 0, "mACC": 0}
    intervals, points = [], []
    for trial in range(trials):
        weights = resample_clusters(clusters, strata, resamples=resamples, seed=trial)
        by_speaker = resample_clusters(
            [str(name) for name in speakers], ["all"] * clips, resamples=resamples, seed=trial
        )

        rate = np.clip(0.1 + generator.normal(0, 0.04, SPEAKERS), 0, 1)[speakers]
        words = generator.integers(18, 32, clips)
        wer = percentile_interval(resampled_ratio(by_speaker, generator.binomial(words, rate), words))
        held["WER"] += wer.low <= 10.0 <= wer.high

        hits = generator.random(clips) < np.clip(0.5 + generator.normal(0, 0.15, recordings)[recording], 0, 1)
        macc = percentile_interval(resampled_class_accuracy(weights, hits, scenes, len(CLIPS)))
        held["mACC"] += macc.low <= 50.0 <= macc.high

        present = (
            generator.normal(-1.6, 0.5, (recordings, EVENTS))[recording] + generator.normal(0, 1, (clips, EVENTS)) > 0
        )
        heard = 1.2 * present + generator.normal(0, 0.5, (recordings, EVENTS))[recording]
        scores = np.round(heard + generator.normal(0, 1, (clips, EVENTS)), 1)
        points.append(mean_average_precision(present, scores))
        resampled = resampled_mean_average_precision(weights, present, scores)
        intervals.append(percentile_interval(resampled, estimate=points[-1]))
    true_map = float(np.mean(points))
    coverage = {name: 100 * count / trials for name, count in held.items()}
    print(f"{trials} data sets, {resamples} resamples; intervals of 95 % hold the true value in")
    for name, share in coverage.items():
        print(f"  {name:<5} {share:5.1f} %  (required: 92 to 97)")
    share = 100 * sum(interval.low <= true_map <= interval.high for interval in intervals) / trials
    print(f"  mAP   {share:5.1f} %  (true value taken as {true_map:.2f})")
    return 0 if all(92 <= value <= 97 for value in coverage.values()) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=500)
    parser.add_argument("--resamples", type=int, default=500)
    arguments = parser.parse_args()
    sys.exit(main(arguments.trials, arguments.resamples))
