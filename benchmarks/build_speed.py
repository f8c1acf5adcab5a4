#!/usr/bin/env python3
"""Speed of the build, relative to libsndfile's FLAC encoder alone and to other tools that mix at an SNR.

Ratios are printed first: they vary far less between machines than the times below them. Exit code 1 if a ratio misses
its limit.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from costs import (
    ROOT,
    Cost,
    build_command,
    corpora_arguments,
    encode_alone,
    install_peers,
    peer_cost,
    peer_jobs,
    read_all,
    rebuild_cost,
    run_measured,
    sample_pairs,
)
from peers import PEERS

DEFAULT_CORPORA = ROOT / "build" / "standin-full"
MAX_CPU_OF_ENCODING = 1.9
MAX_MEMORY_MIB = 400
MIN_SPEED_UP = 2.0
_QUIET_LOAD = 0.3


@dataclass(frozen=True)
class Ratio:
    """One line of the first table; `required` is empty if there is no limit."""

    name: str
    measured: str
    required: str = ""
    met: bool = True


@dataclass(frozen=True)
class BuildCost:
    """Cost of a build in a new process, and CPU time of encoding its clips alone."""

    cost: Cost
    peak_mib: float
    encode_cpu_s: float
    mixtures: int


def measure_build(corpora: Path, out: Path, pairs: int | None, workers: int) -> BuildCost:
    """Build into `out` without cached headers, then encode the clips once more.

    The sources are read once before, since reading them from the disk would cost the build time, but not the encoder.
    """
    options = ["--out", str(out), "--workers", str(workers)] + ([] if pairs is None else ["--pairs", str(pairs)])
    read_all(corpora)
    with TemporaryDirectory(dir=out.parent) as cache:
        command = build_command(*corpora_arguments(corpora), *options)
        cost, peak_mib = run_measured(command, {"XDG_CACHE_HOME": cache})
    encode_cpu_s, mixtures = encode_alone(out, workers)
    return BuildCost(cost, peak_mib, encode_cpu_s, mixtures)


def measure_mixtures(
    corpora: Path, dataset: Path, pairs: int, rounds: int, workers: int
) -> Iterator[tuple[str, int, Cost]]:
    """(name, threads or processes, cost per mixture): all tools in turn, several rounds; this project is `ours`."""
    from sseu_dataset.recipe import read_recipe

    recipe = sample_pairs(read_recipe(dataset / "recipe.parquet"), pairs)
    jobs = peer_jobs(recipe, corpora)
    per_pair = len(recipe.settings.conditions)
    for _ in range(rounds):
        for threads in (workers, 1):
            with TemporaryDirectory(dir=dataset.parent) as folder:
                yield "ours", threads, rebuild_cost(recipe, corpora, Path(folder), threads)
        for processes in (1, 2):
            for peer in PEERS:
                with TemporaryDirectory(dir=dataset.parent) as folder:
                    cost = peer_cost(peer, jobs[:per_pair], jobs[per_pair:], Path(folder), processes)
                yield peer, processes, cost


def medians(costs: Sequence[tuple[str, int, Cost]]) -> dict[tuple[str, int], Cost]:
    """The median CPU and wall time of each name and number of processes."""
    keys = dict.fromkeys((name, count) for name, count, _ in costs)
    return {
        key: Cost(
            statistics.median(cost.cpu_s for *found, cost in costs if tuple(found) == key),
            statistics.median(cost.wall_s for *found, cost in costs if tuple(found) == key),
        )
        for key in keys
    }


def ratios(builds: Sequence[BuildCost], costs: dict[tuple[str, int], Cost], workers: int, whole: bool) -> list[Ratio]:
    """Measured ratios and their limits; a partial build has no CPU limit, since fixed costs weigh too much."""
    cpu = statistics.median(build.cost.cpu_s / build.encode_cpu_s for build in builds)
    peak_mib = builds[0].peak_mib  # later ones inherit the memory of this process, which has grown
    found = [
        Ratio(
            "CPU time of the build / of encoding its clips at the same FLAC level",
            f"{cpu:.2f}",
            f"<= {MAX_CPU_OF_ENCODING}" if whole else "",
            not whole or cpu <= MAX_CPU_OF_ENCODING,
        ),
        Ratio("peak memory of the build, MiB", f"{peak_mib:.0f}", f"< {MAX_MEMORY_MIB}", peak_mib < MAX_MEMORY_MIB),
    ]
    ours = costs["ours", workers]
    for (name, count), cost in costs.items():
        if name == "ours":
            continue
        speed_up = cost.wall_s / ours.wall_s
        found.append(
            Ratio(
                f"wall time of {name}, {_count(count, 'process')} / of ours, {_count(workers, 'thread')}",
                f"{speed_up:.2f}",
                f">= {MIN_SPEED_UP:g}" if count == 1 else "",
                count != 1 or speed_up >= MIN_SPEED_UP,
            )
        )
    return found


def tables(
    found: Sequence[Ratio], builds: Sequence[BuildCost], costs: dict[tuple[str, int], Cost], workers: int
) -> list[list[list[str]]]:
    """The ratios; then the times they come from."""
    verdicts = [
        [ratio.name, ratio.measured, ratio.required, ("met" if ratio.met else "MISSED") if ratio.required else ""]
        for ratio in found
    ]
    typical = sorted(builds, key=lambda build: build.cost.cpu_s)[len(builds) // 2]
    whole = [
        [f"build of {typical.mixtures} mixtures", f"{typical.cost.cpu_s:.1f} s", f"{typical.cost.wall_s:.1f} s"],
        ["encoding them to FLAC, nothing else", f"{typical.encode_cpu_s:.1f} s", ""],
    ]
    each = [
        [
            f"{name}, {_count(count, 'thread' if name == 'ours' else 'process')}",
            f"{cost.cpu_s * 1000:.1f} ms",
            f"{cost.wall_s * 1000:.1f} ms",
            f"{cost.wall_s / costs['ours', workers].wall_s:.2f}",
        ]
        for (name, count), cost in costs.items()
    ]
    each.append(
        [
            "ours, the whole build with start-up, index and checks",
            f"{typical.cost.cpu_s / typical.mixtures * 1000:.1f} ms",
            f"{typical.cost.wall_s / typical.mixtures * 1000:.1f} ms",
            f"{typical.cost.wall_s / typical.mixtures / costs['ours', workers].wall_s:.2f}",
        ]
    )
    return [
        [["ratio", "measured", "required", ""], *verdicts],
        [["whole job", "CPU", "wall"], *whole],
        [["per mixture, without start-up", "CPU", "wall", "wall / ours"], *each],
    ]


def _count(number: int, what: str) -> str:
    plural = "" if number == 1 else "es" if what.endswith("s") else "s"
    return f"{number} {what}{plural}"


def main() -> int:
    """Measure, print, and compare with the limits."""
    from tqdm import tqdm

    from sseu_dataset.parallel import worker_count
    from sseu_metric.text_table import aligned, markdown

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, default=DEFAULT_CORPORA, help="full stand-in corpora, made if missing")
    parser.add_argument("--pairs", type=int, help="build only so many pairs, without a limit on CPU time")
    parser.add_argument("--peer-pairs", type=int, default=96, help="approximate number of pairs for the peers (96)")
    parser.add_argument("--repeats", type=int, default=3, help="builds, each followed by its encoding; medians (3)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds in which all tools take turns; medians (3)")
    arguments = parser.parse_args()
    if arguments.pairs is not None and arguments.pairs <= arguments.peer_pairs:
        parser.error(f"--pairs {arguments.pairs} must be more than --peer-pairs {arguments.peer_pairs}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that gigabytes of temporary files are removed
    install_peers()
    corpora, workers = arguments.corpora, worker_count(None)
    if not corpora.exists():
        subprocess.run(build_command("standin", "--out", corpora, "--size", "full"), check=True)
    load = os.getloadavg()[0]
    quiet = "quiet" if load < _QUIET_LOAD else "NOT QUIET: do not quote these times"
    builds = []
    with TemporaryDirectory(dir=corpora.parent, prefix="build-speed-") as folder:
        for number in range(arguments.repeats):
            out = Path(folder) / f"build-{number}"
            builds.append(measure_build(corpora, out, arguments.pairs, workers))
        measured = measure_mixtures(corpora, out, arguments.peer_pairs, arguments.rounds, workers)
        steps = arguments.rounds * (2 + 2 * len(PEERS))
        costs = medians(list(tqdm(measured, total=steps, desc="all tools in turn", leave=False, disable=None)))
    found = ratios(builds, costs, workers, whole=arguments.pairs is None)
    shown = tables(found, builds, costs, workers)
    print(f"{_count(workers, 'core')}, load {load:.2f} at the start ({quiet})\n")
    print("\n\n".join(aligned(table) for table in shown), end="\n\n")
    print("\n\n".join(markdown(table) for table in shown))
    return 0 if all(ratio.met for ratio in found) else 1


if __name__ == "__main__":
    sys.exit(main())
