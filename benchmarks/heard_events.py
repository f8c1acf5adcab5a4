#!/usr/bin/env python3
"""What a tagger hears in the stand-ins' synthetic events: is each class taken for what its label says?

The judge is YAMNet (`examples/yamnet.py`), its 521 classes read by the project's table as the 18 events. An event is
rendered as the stand-in renders it, in a clip of 10 s of its own, without the scene's bed, with the lengths, levels
and draws of the stand-in; the clip's score for an event is the largest of its frames. Of each class `--draws` clips
are judged. Its scores are the medians over them; its rank is its own place
among the 18 medians, ties counted against it.

Needs ai-edge-litert and --tagger, a folder with yamnet.tflite and yamnet_class_map.csv; is skipped by name without.
Exit code 1 where fewer classes are first, among the first three or at 0.1 than required.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
from costs import ROOT
from numpy.typing import NDArray

sys.path.insert(0, str(ROOT / "examples"))
sys.path.insert(0, str(ROOT))

from yamnet import Yamnet

from sseu_dataset.standin import desed, maestro
from sseu_dataset.standin.draws import bed_level_db, generator
from sseu_dataset.standin.sounds import LOOP_SAMPLES, Event, mix
from sseu_dataset.standin.waves import RATE_HZ
from sseu_metric.labels import EVENTS
from sseu_metric.text_table import markdown
from sseu_models.systems.audioset import scores_from_audioset

FIRST, TOP_THREE, HEARD = 11, 16, 10
"""Classes that must be first, among the first three, and have a score of at least 0.1."""

_CLIP_S = 10
_LABELS = {label.replace("_", " ").title(): label for label in (*maestro.EVENT_LABELS, *desed.EVENT_LABELS)}
"""Of each event, the label by which the stand-in makes it; Dishes as in DESED."""
_TWIN = {"Metro Approaching": "Metro Leaving", "Metro Leaving": "Metro Approaching"}
"""No class of AudioSet tells a train's directions apart: both always have the same score, and share a rank."""


@dataclass(frozen=True)
class Heard:
    """A class as the tagger hears it.

    Attributes:
        event: The class.
        rank: Place of its score among the 18; 1 is first.
        score: Its own score in [0, 1].
        best: Another class with the largest score.
        best_score: That score.
    """

    event: str
    rank: int
    score: float
    best: str
    best_score: float


def render(event: str, seed: int, draw: int) -> NDArray[np.float32]:
    """One event class alone in a clip of 10 s at 16 kHz, as the stand-in of its corpus has it."""
    from scipy.signal import resample_poly

    label, name = _LABELS[event], f"{event} {draw}"
    if label in desed.EVENT_LABELS:
        events: list[Event] = desed.clip_events(name, label, _CLIP_S, seed)
    else:
        events = [maestro.window_event("judged", draw, label, seed)]
    silence = np.zeros(LOOP_SAMPLES, np.float32)
    shape = (_CLIP_S * RATE_HZ, 1)
    sound = mix(generator(seed, "sound", name), silence, 0, shape, events, bed_level_db(seed, name))
    return resample_poly(sound[:, 0], 160, 441).astype(np.float32)


def judge(tagger: Path, seed: int, draws: int, events: Sequence[str] = EVENTS) -> list[Heard]:
    """How each class is heard, in label order."""
    import asyncio

    system = Yamnet(str(tagger))
    asyncio.run(system.start())
    found = []
    for event in events:
        clips = [system.frames(render(event, seed, draw)).max(axis=0) for draw in range(draws)]
        scores = [scores_from_audioset(system.names, clip.tolist())[1] for clip in clips]
        medians = dict(zip(EVENTS, map(median, zip(*scores, strict=True)), strict=True))
        own = medians.pop(event)
        medians.pop(_TWIN.get(event, ""), None)
        best = max(medians, key=medians.__getitem__)
        found.append(Heard(event, 1 + sum(one >= own for one in medians.values()), own, best, medians[best]))
    return found


def counts(found: Sequence[Heard]) -> tuple[int, int, int]:
    """Classes that are first, among the first three, and at a score of at least 0.1."""
    return sum(h.rank == 1 for h in found), sum(h.rank <= 3 for h in found), sum(h.score >= 0.1 for h in found)


def missing(tagger: Path | None) -> str | None:
    """Why the tagger cannot judge, or None."""
    from importlib.util import find_spec

    if tagger is None:
        return "TAGGER is not given"
    if not (tagger / "yamnet.tflite").is_file():
        return f"no yamnet.tflite in {tagger}"
    return None if find_spec("ai_edge_litert") else "ai-edge-litert is not installed"


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge, print, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tagger", type=Path, default=os.environ.get("TAGGER"), help="folder of YAMNet; or TAGGER")
    parser.add_argument("--draws", type=int, default=11, help="clips of each class")
    parser.add_argument("--seed", type=int, default=0, help="seed of the stand-in's draws")
    given = parser.parse_args(arguments)
    if why := missing(given.tagger):
        print(f"skipped: YAMNet ({why})")
        return 0
    found = judge(given.tagger, given.seed, given.draws)
    rows = [[h.event, str(h.rank), f"{h.score:.3f}", h.best, f"{h.best_score:.3f}"] for h in found]
    print(markdown([["event", "rank", "score", "largest other", "its score"], *rows]))
    reached = counts(found)
    for count, wanted, what in zip(
        reached, (FIRST, TOP_THREE, HEARD), ("first", "in the top three", "at 0.1 or more"), strict=True
    ):
        print(f"{what}: {count} of {len(EVENTS)} (required: {wanted})")
    return 0 if all(count >= wanted for count, wanted in zip(reached, (FIRST, TOP_THREE, HEARD), strict=True)) else 1


if __name__ == "__main__":
    sys.exit(main())
