#!/usr/bin/env python3
"""Speed of the training stream, relative to bare decoding and resampling and to other tools that mix on the fly.

CPU time of one process, the same sources for all, everything in one run: the ratios vary far less between machines
than the clips per second beside them. Against bare decoding each source is new to the stream, too; against the other
tools it runs as it does in training, where it keeps what it has decoded. Exit code 1 if a ratio misses its limit.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from costs import CORPORA, ROOT, install_peers, peer_cost, read_all
from peers import STREAMS, Job

if TYPE_CHECKING:
    from sseu_dataset import MixtureStream

DEFAULT_CORPORA = ROOT / "build" / "standin-full"
MIN_OF_BARE = 0.7
MIN_SPEED_UP = 3.0
MAX_GROWTH_MIB = 16
BARE, NEW, RUNNING = "bare decoding and resampling", "stream, each source new", "stream, running"


@dataclass(frozen=True)
class Source:
    """What a row was made of: two files, and where the background starts in its own."""

    speech: str
    background: str
    offset_s: int


def make_stream(corpora: Path) -> MixtureStream:
    """A stream of everything in the corpora."""
    from sseu_dataset import mixtures, read_backgrounds, read_speech

    background = read_backgrounds(desed_folder=corpora / CORPORA["desed"], maestro_folder=corpora / CORPORA["maestro"])
    return mixtures(read_speech(corpora / CORPORA["vctk"], min_s=8.0), background, exclude=None)


def source_of(stream: MixtureStream, row: dict[str, Any]) -> Source:
    """The files of a row."""
    speech = {item.utterance.utterance_id: item for item in stream.speech}[row["utterance_id"]]
    wanted = row["background_file"], row["background_offset_s"]
    background = next(item for item in stream.background if (item.background.file, item.background.offset_s) == wanted)
    return Source(str(speech.path), str(background.path), background.background.offset_s)


def decode_and_resample(source: Source) -> None:
    """What no mixing at 44.1 kHz can avoid, with libsndfile and soxr themselves, at the quality of the benchmark."""
    import soundfile
    import soxr

    for path, offset_s in ((source.speech, 0), (source.background, source.offset_s)):
        with soundfile.SoundFile(path) as file:
            file.seek(offset_s * file.samplerate)
            frames = file.read(10 * file.samplerate, dtype="float64", always_2d=True)
        samples = frames[:, 0]
        for channel in range(1, frames.shape[1]):
            samples = samples + frames[:, channel]
        if file.samplerate != 44_100:
            soxr.resample(samples, file.samplerate, 44_100, quality="VHQ")


def cpu_s_per_clip(function: Callable[[], int]) -> float:
    """CPU seconds of this process per clip; the function returns how many it made."""
    begun_s = time.process_time()
    clips = function()
    return (time.process_time() - begun_s) / clips


def drain(rows: Iterable[object]) -> int:
    """Make rows and forget each; returns their number."""
    return sum(1 for _ in rows)


def main() -> int:
    """Print the ratios and the clips per second."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, default=DEFAULT_CORPORA, help="folder with the three corpora")
    parser.add_argument("--rows", type=int, default=200, help="rows of a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--warm-up", type=int, default=500, help="rows before the first round")
    arguments = parser.parse_args()
    corpora, rows = arguments.corpora, arguments.rows
    install_peers()
    read_all(corpora)
    stream = make_stream(corpora)
    made = [stream.row(index) for index in range(rows)]
    sources = [source_of(stream, row) for row in made]
    jobs = [
        Job(row["id"], source.speech, source.background, source.offset_s, row["speech_onset_s"], row["snr_db"])
        for row, source in zip(made, sources, strict=True)
    ]
    del made

    def bare() -> int:
        for source in sources:
            decode_and_resample(source)
        return len(sources)

    costs: dict[str, list[float]] = {name: [] for name in (BARE, NEW, RUNNING, *STREAMS)}
    running = iter(stream)
    drain(islice(running, arguments.warm_up))
    bare()
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(arguments.rounds):
        costs[BARE].append(cpu_s_per_clip(bare))
        costs[NEW].append(cpu_s_per_clip(lambda: drain(map(stream.row, range(rows)))))
        costs[RUNNING].append(cpu_s_per_clip(lambda: drain(islice(running, rows))))
        for peer in STREAMS:
            with TemporaryDirectory() as folder:
                costs[peer].append(peer_cost(peer, jobs[:2], jobs, Path(folder), 1).cpu_s)
    growth_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak_kib) / 1024

    met = True
    for ours, other, limit in ((NEW, BARE, MIN_OF_BARE), *((RUNNING, peer, MIN_SPEED_UP) for peer in STREAMS)):
        ratios = [theirs / own for theirs, own in zip(costs[other], costs[ours], strict=True)]
        ratio = statistics.median(ratios)
        met &= ratio >= limit
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        print(f"{ours} against {other}: {ratio:.2f} ({spread}), at least {limit} required")
    met &= growth_mib <= MAX_GROWTH_MIB
    print(f"memory: {growth_mib:+.1f} MiB over {2 * arguments.rounds * rows} rows, at most {MAX_GROWTH_MIB} allowed")
    for name, values in costs.items():
        print(f"{name}: {1 / statistics.median(values):.1f} clips per second and core")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
