#!/usr/bin/env python3
"""The layout `stems` against the full one: time, CPU and bytes of a build, and loading; both in one run, in turn.

The floor is what no layout can leave out, since the manifest holds the hash of every mixture: reading the sources,
mixing them and hashing, without a file written. Exit code 1 if a ratio misses its limit.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from costs import ROOT, Cost, build_command, corpora_arguments, read_all, run_measured

DEFAULT_CORPORA = ROOT / "build" / "standin-full"
LAYOUTS = ("full", "stems")
MAX_SHARE = 0.4
MAX_LOADING = 1.0
"""Of reading the rows: mixing a row must not take longer than decoding the stored one."""

_FONTS = str(Path.home() / ".cache" / "matplotlib")
"""A build is without remembered headers, but the system's fonts were listed before."""

_READ = """
import sys, time
from sseu_dataset import load, load_audio
begun = time.process_time()
rows = load(sys.argv[1])
opened = time.process_time()
for row in rows.select(range(0, len(rows), int(sys.argv[2]))):
    load_audio(row)
print(opened - begun, time.process_time() - opened)
"""
_FLOOR = """
import sys, time
from pathlib import Path
from sseu_dataset.building.fill import blocks_of
from sseu_dataset.building.render import read_signals, render, to_rows
from sseu_dataset.corpora.utterances import UtteranceCache
from sseu_dataset.parallel import keep_freed_memory
from sseu_dataset.planning.plan import Execution, plan_build
from sseu_dataset.planning.sources import Corpora
from sseu_dataset.records import Settings

keep_freed_memory()
corpora = Corpora.of(**dict(zip(("vctk", "desed", "maestro"), sys.argv[1:4])))
execution, cache = Execution(1, False, Path(sys.argv[4])), UtteranceCache()
plan = plan_build(corpora, Settings(), allow_partial=True, execution=execution, utterances=cache)
for pair in plan.recipe.pairs:
    to_rows(pair, render(pair, read_signals(plan, pair, cache), plan.recipe), plan.recipe, None)
"""


@dataclass(frozen=True)
class LayoutCost:
    """Of one layout: its build, its size on disk, and reading it, in CPU seconds and bytes of the cache."""

    build: Cost
    data_bytes: int
    open_cpu_s: float
    read_cpu_s: float
    cache_bytes: int


def bytes_below(folder: Path) -> int:
    """The size of all files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def measure(corpora: Path, layout: str, work: Path, step: int) -> LayoutCost:
    """Build the layout into `work` and read every `step`-th row, each in a process of its own without any cache."""
    out, cache = work / layout, work / "cache"
    options = ["--layout", layout, "--out", str(out)]
    os.sync()  # what was written before is not written beside the build
    build, _ = run_measured(
        build_command(*corpora_arguments(corpora), *options), {"XDG_CACHE_HOME": str(cache), "MPLCONFIGDIR": _FONTS}
    )
    environment = {**os.environ, "HF_DATASETS_CACHE": str(cache / "rows"), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", _READ, str(out), str(step)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout
    open_cpu_s, read_cpu_s = map(float, printed.split())
    return LayoutCost(build, bytes_below(out), open_cpu_s, read_cpu_s, bytes_below(cache / "rows"))


def floor_cost(corpora: Path, work: Path) -> Cost:
    """Reading, mixing and hashing alone, in one thread."""
    folders = [word for word in corpora_arguments(corpora) if not word.startswith("--")]
    return run_measured([sys.executable, "-c", _FLOOR, *folders, str(work / "headers")])[0]


def ratios(rounds: Sequence[dict[str, LayoutCost]], floors: Sequence[Cost]) -> Iterator[tuple[str, list[float], float]]:
    """Name, the ratio in each round, and its limit; none is 0."""

    def of(name: str, value: Any, limit: float) -> tuple[str, list[float], float]:
        return name, [value(costs["stems"]) / value(costs["full"]) for costs in rounds], limit

    yield of("build, CPU time", lambda cost: cost.build.cpu_s, MAX_SHARE)
    yield of("build, wall time", lambda cost: cost.build.wall_s, MAX_SHARE)
    yield of("bytes of the folder", lambda cost: cost.data_bytes, MAX_SHARE)
    yield of("bytes of the loading cache", lambda cost: cost.cache_bytes, MAX_SHARE)
    yield of("load, CPU time of opening", lambda cost: cost.open_cpu_s, MAX_LOADING)
    yield of("load, CPU time of reading rows", lambda cost: cost.read_cpu_s, MAX_LOADING)
    floor = [cost.cpu_s / costs["full"].build.cpu_s for cost, costs in zip(floors, rounds, strict=True)]
    yield "floor: reading, mixing and hashing alone / full build, CPU time", floor, 0


def main() -> int:
    """Print the ratios, and the times and bytes that they come from."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, default=DEFAULT_CORPORA, help="full stand-in corpora, made if missing")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--step", type=int, default=5, help="every how many rows one is read")
    arguments = parser.parse_args()
    corpora = arguments.corpora
    if not corpora.exists():
        subprocess.run(build_command("standin", "--out", corpora, "--size", "full"), check=True)
    rounds: list[dict[str, LayoutCost]] = []
    floors: list[Cost] = []
    for _ in range(arguments.rounds):
        costs = {}
        for layout in LAYOUTS:
            read_all(corpora)  # the rows that were read before took their place in the page cache
            with TemporaryDirectory(dir=corpora.parent, prefix="layout-speed-") as work:
                costs[layout] = measure(corpora, layout, Path(work), arguments.step)
        rounds.append(costs)
        read_all(corpora)
        with TemporaryDirectory(dir=corpora.parent, prefix="layout-speed-") as work:
            floors.append(floor_cost(corpora, Path(work)))
    met = True
    for name, values, limit in ratios(rounds, floors):
        ratio = statistics.median(values)
        met &= not limit or ratio <= limit
        required = f", at most {limit:g} required" if limit else ""
        print(f"{name}: {ratio:.3f} ({min(values):.3f} to {max(values):.3f}){required}")
    for layout in LAYOUTS:
        for costs in rounds:
            cost = costs[layout]
            print(
                f"{layout}: build {cost.build.cpu_s:.1f} s CPU, {cost.build.wall_s:.1f} s; {cost.data_bytes:,} bytes; "
                f"opening {cost.open_cpu_s:.1f} s, every {arguments.step}. row {cost.read_cpu_s:.1f} s CPU"
            )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
