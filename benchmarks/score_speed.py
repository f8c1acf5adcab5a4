#!/usr/bin/env python3
"""How fast are the scores? A whole run; WER against jiwer, mAP intervals against scikit-learn; memory; import; ranks.

Ratios and limits come first, the times they come from below them. Exit code 1 where one misses what is required of it.
A run is one model, all modes, three runs: 93,828 raw answers parsed, normalised, embedded from a warm cache and scored
with intervals. Its times are of two cores; a machine with more lends two.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from build_speed import Ratio
from costs import Cost
from synthetic_answers import FINITE, WORDS, HashEmbedder, Mode, Request, dataset_rows, misheard, one_model

from sseu_metric.text_table import aligned, markdown

CORES = 2
MAX_SECONDS = {0.3: 20.0, 1.0: 30.0}
"""For each share of distinct transcripts."""
LEAST_SPEED_UP_WER = 3.0
LEAST_SPEED_UP_MAP = 30.0
MAX_MEMORY_GIB = 2.0
MAX_IMPORT_S = 0.3
MAX_RANK_S = 2.0
MAX_PARSING_S = 5.0
PEER_REPLICATES = 20
_QUIET_LOAD = 0.3
_TASKS: dict[Mode, tuple[str, ...]] = {"asr": ("asr",), "asc": ("asc",), "at": ("at",)}
_ALL_TASKS = ("asr", "asc", "at")


@dataclass(frozen=True)
class Timing:
    """One line of the second table."""

    name: str
    cost: Cost


def timed(function: Callable[[], Any]) -> tuple[Any, Cost]:
    """What a function gives and what it costs; CPU time is that of all threads."""
    cpu_s, wall_s = time.process_time(), time.monotonic()
    found = function()
    return found, Cost(time.process_time() - cpu_s, time.monotonic() - wall_s)


def parse(requests: Sequence[Request]) -> list[list[dict[str, Any]]]:
    """Predictions from the raw answers of each request."""
    from sseu_metric.answers import parse_answers
    from sseu_metric.predictions import as_prediction

    parsed = iter(parse_answers([(text, request.mode) for request in requests for text in request.answers]))
    return [[as_prediction(next(parsed)) for _ in request.answers] for request in requests]


def score_run(requests: Sequence[Request], embedder: Any) -> list[Timing]:
    """Parse, score and print all answers of a run; the cost of each step."""
    from sseu_metric import score, summarise

    predictions, parsing = timed(lambda: parse(requests))

    def scored() -> Any:
        parts = [
            score(
                answers,
                request.rows,
                tasks=_TASKS.get(request.mode, _ALL_TASKS),
                mode=request.mode if request.mode in ("joint", "cot") else "independent",
                run=request.run,
                embedder=embedder,
            )
            for request, answers in zip(requests, predictions, strict=True)
        ]
        return sum(parts[1:], parts[0])

    scores, scoring = timed(scored)
    modes = ("independent", "joint", "cot")
    figures, intervals = timed(
        lambda: [summarise(scores.where(mode=mode)) for mode in modes],
    )
    if not all(figure["complete"] and set(figure["intervals"]) >= {"wer", "macc", "map"} for figure in figures):
        raise AssertionError("a figure or an interval is missing")
    return [Timing("parsing", parsing), Timing("scoring", scoring), Timing("figures and intervals", intervals)]


def measure_run(distinct: float, folder: Path) -> tuple[Ratio, list[Timing]]:
    """Score a run twice with the real cache of vectors: the first time fills it, the second is measured."""
    from sseu_metric.embedding_cache import CachedEmbedder, EmbeddingCache

    requests = list(one_model(distinct))
    count = sum(len(request.answers) for request in requests)
    model = HashEmbedder()
    embedder = CachedEmbedder(model, EmbeddingCache(folder / f"vectors-{distinct}.sqlite"))
    score_run(requests, embedder)
    model.closed = True
    steps = score_run(requests, embedder)
    cost = Cost(sum(step.cost.cpu_s for step in steps), sum(step.cost.wall_s for step in steps))
    what = f"{count:,} answers, {distinct:.0%} of the transcripts distinct"
    limit = MAX_SECONDS[distinct]
    ratio = Ratio(f"s for {what}", f"{cost.wall_s:.1f}", f"< {limit:g}", cost.wall_s < limit)
    return ratio, [Timing(what, cost), *(Timing(f"  {step.name}", step.cost) for step in steps)]


def measure_parsing() -> tuple[Ratio, list[Timing]]:
    """Read the raw answers of a run."""
    requests = list(one_model(0.3))
    count = sum(len(request.answers) for request in requests)
    _, cost = timed(lambda: parse(requests))
    what = f"s to read {count:,} answers"
    ratio = Ratio(what, f"{cost.wall_s:.1f}", f"< {MAX_PARSING_S:g}", cost.wall_s < MAX_PARSING_S)
    return ratio, [Timing(f"reading {count:,} answers", cost)]


def measure_wer(pairs: int, batch: int = 50_000) -> tuple[Ratio, list[Timing]]:
    """WER counts of distinct pairs of normalised text, 12 words on average, batch by batch and in turn with jiwer."""
    import jiwer

    from sseu_metric.wer import count_word_errors

    generator = random.Random(0)
    ours, peer = Cost(0, 0), Cost(0, 0)
    errors = words = 0
    for first in range(0, pairs, batch):
        size = min(batch, pairs - first)
        references = [" ".join(generator.choices(WORDS, k=generator.randint(4, 20))) for _ in range(size)]
        hypotheses = [misheard(reference, generator) for reference in references]
        counts, cost = timed(lambda: count_word_errors(references, hypotheses))  # noqa: B023  # called at once
        ours = _sum(ours, cost)
        output, cost = timed(lambda: jiwer.process_words(references, hypotheses))  # noqa: B023
        peer = _sum(peer, cost)
        found = counts.sum(axis=0).tolist()
        said = output.hits + output.substitutions + output.deletions
        theirs = [output.substitutions, output.deletions, output.insertions, said]
        if found != theirs or sum(found[:3]) / said != output.wer:
            raise AssertionError(f"pairs from {first} on: ours {found}, jiwer {theirs}, rate {output.wer}")
        errors, words = errors + sum(found[:3]), words + said
    speed_up = peer.wall_s / ours.wall_s
    ratio = Ratio(
        f"jiwer / ours, {pairs:,} WER pairs, equal counts ({100 * errors / words:.1f} % WER)",
        f"{speed_up:.1f}",
        f">= {LEAST_SPEED_UP_WER:g}",
        speed_up >= LEAST_SPEED_UP_WER,
    )
    return ratio, [Timing(f"{pairs:,} pairs, ours", ours), Timing(f"{pairs:,} pairs, jiwer", peer)]


def measure_map(conditions: Sequence[str]) -> tuple[Ratio, list[Timing]]:
    """MAP in every jackknife replicate: 18 classes, all rows of the given conditions as one set.

    scikit-learn does a few replicates, only on rows that a replicate holds, and its time is scaled up.
    """
    import numpy as np
    from sklearn.metrics import average_precision_score

    from sseu_metric import score
    from sseu_metric.clusters import jackknife_of
    from sseu_metric.replicates import cluster_weights, mean_average_precision_replicates

    rows = dataset_rows(conditions)
    requests = [request for request in one_model(1.0) if request.mode == "at" and request.run == 0]
    answers = {
        row["id"]: answer for request in requests for row, answer in zip(request.rows, parse([request])[0], strict=True)
    }
    some = [row for condition in conditions for row in rows[condition]]
    scores = score([answers[row["id"]] for row in some], some, tasks=("at",), embedder=HashEmbedder())
    table = scores.tables["at"]
    truth, confidences = table["truth"], table["confidences"]
    jackknife = jackknife_of(table, "at")
    ours, cost = timed(lambda: mean_average_precision_replicates(jackknife, truth, confidences))
    weights = cluster_weights(jackknife.factors[0], jackknife.of_row[0])

    def by_scikit_learn() -> Any:
        found = []
        for replicate in range(PEER_REPLICATES):
            by_row = weights.weights[:, replicate][weights.of_row]
            held = by_row > 0
            present = truth[held].any(axis=0)
            found.append(
                100
                * average_precision_score(
                    truth[held][:, present], confidences[held][:, present], sample_weight=by_row[held]
                )
            )
        return found

    theirs, part = timed(by_scikit_learn)
    np.testing.assert_allclose(ours[:PEER_REPLICATES], theirs, rtol=0, atol=1e-9)
    scale = len(ours) / PEER_REPLICATES
    peer = Cost(part.cpu_s * scale, part.wall_s * scale)
    levels = statistics.mean(len(np.unique(column)) for column in confidences.T)
    what = f"mAP intervals, {len(some):,} rows, {levels:.0f} distinct scores per class"
    speed_up = peer.wall_s / cost.wall_s
    ratio = Ratio(
        f"scikit-learn / ours, {what}",
        f"{speed_up:.0f}",
        f">= {LEAST_SPEED_UP_MAP:g}",
        speed_up >= LEAST_SPEED_UP_MAP,
    )
    scaled = f"{what}, scikit-learn ({PEER_REPLICATES} replicates x {scale:.1f})"
    return ratio, [Timing(f"{what}, ours", cost), Timing(scaled, peer)]


def score_many(rows: int) -> None:
    """What the memory is measured on: that many joint answers, scored with intervals; prints the peak as JSON.

    Every reference is a row of its own, with 12 of the dataset's columns; answers repeat, since how a caller keeps
    them is not ours to measure.
    """
    from sseu_metric import score, summarise

    copies = -(-rows // (len(FINITE) * len(dataset_rows(FINITE[:1])[FINITE[0]])))
    references = [row for some in dataset_rows(FINITE, copies).values() for row in some][:rows]
    request = next(request for request in one_model(0.3) if request.mode == "joint")
    (known,) = parse([request])
    predictions = [known[number % len(known)] for number in range(rows)]
    inputs_kib = _peak_kib()
    summarise(score(predictions, references, embedder=HashEmbedder()))
    print(json.dumps({"inputs_kib": inputs_kib, "peak_kib": _peak_kib()}))


def _peak_kib() -> int:
    """Peak resident memory of this process alone (getrusage would count its parent's)."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


def measure_memory(rows: int) -> tuple[Ratio, list[Timing]]:
    """Peak memory of a fresh process that scores many rows, its inputs included."""
    begun_s, before = time.monotonic(), os.times()
    command = [sys.executable, __file__, "--only-score", str(rows)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    after = os.times()
    cpu_s = after.children_user + after.children_system - before.children_user - before.children_system
    peak = json.loads(done.stdout)
    gib, inputs_gib = peak["peak_kib"] / 1024**2, peak["inputs_kib"] / 1024**2
    ratio = Ratio(
        f"GiB at {rows:,} rows ({inputs_gib:.2f} of them before scoring)",
        f"{gib:.2f}",
        f"< {MAX_MEMORY_GIB:g}",
        gib < MAX_MEMORY_GIB,
    )
    return ratio, [Timing(f"making, scoring {rows:,} rows", Cost(cpu_s, time.monotonic() - begun_s))]


def measure_import(repeats: int = 7) -> Ratio:
    """Seconds that `import sseu_metric` takes in a fresh process, median."""
    code = "import time; t = time.perf_counter(); import sseu_metric; print(time.perf_counter() - t)"
    command = [sys.executable, "-c", code]
    times = [float(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout) for _ in range(repeats + 1)]
    median = statistics.median(times[1:])  # the first may have compiled the modules
    return Ratio("s to import sseu_metric", f"{median:.3f}", f"< {MAX_IMPORT_S:g}", median < MAX_IMPORT_S)


def measure_ranks(systems: int = 1000) -> tuple[Ratio, list[Timing]]:
    """Rank systems with the errors of the official structure, all ranges at once."""
    import numpy as np
    from interval_coverage import Design, word_errors

    from sseu_metric.ranking import rank_ranges

    generator = np.random.default_rng(0)
    design = Design.draw(generator)
    shared = design.effect((0.5, 0.4, 0.5), generator)
    entries = [
        word_errors(design, generator.normal(-2.2, 0.3) + shared + design.effect((0.2, 0.2, 0.2), generator), generator)
        for _ in range(systems)
    ]
    replicates = np.array([entry.replicates for entry in entries])
    _, cost = timed(
        lambda: rank_ranges([one.value for one in entries], replicates, design.by_speech, lower_is_better=True)
    )
    what = f"s to rank {systems:,} systems by WER"
    ratio = Ratio(what, f"{cost.wall_s:.2f}", f"< {MAX_RANK_S:g}", cost.wall_s < MAX_RANK_S)
    return ratio, [Timing(f"ranking {systems:,} systems", cost)]


def _sum(a: Cost, b: Cost) -> Cost:
    return Cost(a.cpu_s + b.cpu_s, a.wall_s + b.wall_s)


def _lend_two_cores() -> int:
    """Keep this process and its children to two cores where the system can; the number it has."""
    if not hasattr(os, "sched_setaffinity"):
        return os.cpu_count() or 1
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    return len(os.sched_getaffinity(0))


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the memory's measurement (1,000,000)")
    parser.add_argument("--pairs", type=int, default=1_000_000, help="of the WER comparison (1,000,000)")
    parser.add_argument("--only-score", type=int, metavar="ROWS", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only_score:
        score_many(arguments.only_score)
        return 0
    load = os.getloadavg()[0]
    quiet = "quiet" if load < _QUIET_LOAD else "NOT QUIET: do not quote these times"
    cores = _lend_two_cores()
    found, timings = [measure_import()], []
    with TemporaryDirectory() as folder:
        parts: list[Callable[[], tuple[Ratio, list[Timing]]]] = [
            lambda: measure_memory(arguments.rows),
            *(lambda share=share: measure_run(share, Path(folder)) for share in MAX_SECONDS),
            measure_parsing,
            lambda: measure_wer(arguments.pairs),
            lambda: measure_map(FINITE[:1]),
            lambda: measure_map((*FINITE, "-inf")),
            measure_ranks,
        ]
        for part in parts:
            ratio, times = part()
            found.append(ratio)
            timings += times
    verdicts = [[ratio.name, ratio.measured, ratio.required, "met" if ratio.met else "MISSED"] for ratio in found]
    each = [[timing.name, f"{timing.cost.cpu_s:.2f} s", f"{timing.cost.wall_s:.2f} s"] for timing in timings]
    shown = [[["ratio or limit", "measured", "required", ""], *verdicts], [["step", "CPU", "wall"], *each]]
    print(f"{cores} cores, load {load:.2f} at the start ({quiet})\n")
    print("\n\n".join(aligned(table) for table in shown), end="\n\n")
    print("\n\n".join(markdown(table) for table in shown))
    return 0 if all(ratio.met for ratio in found) else 1


if __name__ == "__main__":
    sys.exit(main())
