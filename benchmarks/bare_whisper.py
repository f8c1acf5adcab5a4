#!/usr/bin/env python3
"""What the runner costs beside a real recogniser: its CPU time over that of a bare faster-whisper loop.

Both hear the same clips with one loaded model and the same settings, on one thread. The bare loop decodes and resamples
a clip and transcribes it; the runner also checks and hashes what it sends and keeps a log. Other work on the machine
slows both down, by caches and clocks that they share, so a round is short and symmetric: runner, loop, loop, runner.
The median of the rounds' ratios counts. Exit code 1 if it is above the limit, or if a transcript differs.
"""

from __future__ import annotations

import os

# Before numpy: threads that wait for each other burn CPU time, and more of it on a busy machine.
os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

import argparse
import asyncio
import dataclasses
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from costs import ROOT

sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from sseu_models.planning import PlannedClip
    from sseu_models.results.log import Answer

MAX_RATIO = 1.05


def spent_s(work: Callable[[], object]) -> float:
    """CPU time of all threads of this process for some work."""
    begun_s = time.process_time()
    work()
    return time.process_time() - begun_s


def main() -> int:
    """Measure, print, compare with the limit."""
    from sseu_dataset.loading import load
    from sseu_dataset.rows.samples import load_audio
    from sseu_models.frontends import make_frontend
    from sseu_models.job import Job
    from sseu_models.planning import plan, read_references
    from sseu_models.prompts import load_prompts
    from sseu_models.results.log import AnswerLog
    from sseu_models.running.clip_audio import clip_reader
    from sseu_models.running.runner import RunContext, ask_all
    from sseu_models.systems.asr.faster_whisper import RATE_HZ, make_faster_whisper

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", required=True, help="folder of a converted Whisper")
    parser.add_argument("--data", type=Path, required=True, help="dataset folder")
    parser.add_argument(
        "--rounds", type=int, default=10, help="rounds; each hears the six clips of one pair four times"
    )
    given = parser.parse_args()
    rows = load(given.data)
    system = make_faster_whisper(given.weights, compute_type="int8", device="cpu")
    system.capabilities = dataclasses.replace(system.capabilities, in_flight=1)
    job = Job(runs=1, limit=given.rounds)
    clips = plan(read_references(rows), job, modes=system.capabilities.modes, deterministic=True)
    read_audio = clip_reader(rows, make_frontend("none", rows), RATE_HZ)
    context = RunContext(system, job, load_prompts(), "settings", read_audio)
    asyncio.run(system.start())
    model = system._loaded

    def ours(some: Sequence[PlannedClip]) -> list[str | None]:
        texts: dict[str, str | None] = {}
        with TemporaryDirectory() as folder, AnswerLog(Path(folder) / "answers.jsonl") as log:

            def record(answer: Answer, traceback: str) -> None:
                log.append(answer)
                texts[answer.id] = answer.text

            asyncio.run(ask_all(context, some, record))
        return [texts[clip.reference["id"]] for clip in some]

    def bare_one(index: int) -> str:
        audio = load_audio(rows[index], RATE_HZ)
        segments, _ = model.transcribe(
            audio, language="en", beam_size=5, temperature=[0.0], condition_on_previous_text=False
        )
        return "".join(segment.text for segment in segments).strip()

    def bare(some: Sequence[PlannedClip]) -> list[str | None]:
        return [bare_one(clip.index) for clip in some]

    by_pair: dict[str, list[PlannedClip]] = {}
    for clip in clips:
        by_pair.setdefault(clip.reference["pair_id"], []).append(clip)
    rounds = list(by_pair.values())
    if ours(rounds[0]) != bare(rounds[0]):  # which also warms up
        print("the runner's transcripts are not those of the bare loop", file=sys.stderr)
        return 1
    ratios, costs = [], []
    for some in rounds:
        first, *loops, last = (spent_s(partial(work, some)) for work in (ours, bare, bare, ours))
        ratios.append((first + last) / sum(loops))
        costs.append(((first + last) / 2 / len(some), sum(loops) / 2 / len(some)))
    ours_s, bare_s = (median(cost) for cost in zip(*costs, strict=True))
    print(f"{len(clips)} clips in {len(rounds)} rounds: {', '.join(f'{ratio:.3f}' for ratio in ratios)}")
    print(f"CPU s per clip: runner {ours_s:.3f}, bare faster-whisper loop {bare_s:.3f}")
    print(f"ratio (median) {median(ratios):.3f}, required at most {MAX_RATIO}")
    return 0 if median(ratios) <= MAX_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
