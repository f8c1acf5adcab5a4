#!/usr/bin/env python3
"""What the runner costs beside a real recogniser: its CPU time over that of a bare faster-whisper loop.

Both hear the same clips with one loaded model and the same settings, on as many threads. The bare loop decodes and
resamples a clip and transcribes it; the runner also checks and hashes what it sends and keeps a log. Rounds alternate;
the median of their ratios counts. Exit code 1 if it is above the limit, or if a transcript differs.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from costs import ROOT

sys.path.insert(0, str(ROOT))

MAX_RATIO = 1.05


def main() -> int:
    """Measure, print, compare with the limit."""
    from sseu_dataset.loading import load, load_audio
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
    parser.add_argument("--pairs", type=int, default=3, help="pairs of each round, six clips each")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    rows = load(given.data)
    system = make_faster_whisper(given.weights, compute_type="int8")
    job = Job(runs=1, limit=given.pairs)
    clips = plan(read_references(rows), job, modes=system.capabilities.modes, deterministic=True)
    read_audio = clip_reader(rows, make_frontend("none", rows), RATE_HZ)
    context = RunContext(system, job, load_prompts(), "settings", read_audio)
    asyncio.run(system.start())
    model = system._loaded

    def ours() -> list[str | None]:
        texts: dict[str, str | None] = {}
        with TemporaryDirectory() as folder, AnswerLog(Path(folder) / "answers.jsonl") as log:

            def record(answer: object, traceback: str) -> None:
                log.append(answer)
                texts[answer.id] = answer.text

            asyncio.run(ask_all(context, clips, record))
        return [texts[clip.reference["id"]] for clip in clips]

    def bare_one(index: int) -> str:
        audio = load_audio(rows[index], RATE_HZ)
        segments, _ = model.transcribe(
            audio, language="en", beam_size=5, temperature=[0.0], condition_on_previous_text=False
        )
        return "".join(segment.text for segment in segments).strip()

    def bare() -> list[str | None]:
        with ThreadPoolExecutor(system.capabilities.in_flight) as pool:
            return list(pool.map(bare_one, (clip.index for clip in clips)))

    ratios, costs = [], []
    if ours() != bare():  # the round that warms up
        print("the runner's transcripts are not those of the bare loop", file=sys.stderr)
        return 1
    for number in range(given.rounds):
        spent = {}
        for name, work in (("ours", ours), ("bare", bare)) if number % 2 else (("bare", bare), ("ours", ours)):
            begun_s = time.process_time()
            work()
            spent[name] = time.process_time() - begun_s
        ratios.append(spent["ours"] / spent["bare"])
        costs.append(spent)
    ours_s, bare_s = (median(one[name] for one in costs) / len(clips) for name in ("ours", "bare"))
    print(f"{len(clips)} clips a round, {given.rounds} rounds: {', '.join(f'{ratio:.3f}' for ratio in ratios)}")
    print(f"CPU s per clip: runner {ours_s:.3f}, bare faster-whisper loop {bare_s:.3f}")
    print(f"ratio (median) {median(ratios):.3f}, required at most {MAX_RATIO}")
    return 0 if median(ratios) <= MAX_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
