#!/usr/bin/env python3
"""What a report of whole results costs: the first time each, and from the cache of analyses; memory.

Whole results (three modes, three runs, 93,828 answers each) of invented models are reported, each time in a fresh
process: for the first time, from the cache, and 20 at once from the cache, most of which are copies. Required: each new
result adds at most 60 s of CPU, a report of 20 that were analysed before takes less than 90 s, and its memory stays
below 2 GiB. CPU time is of all threads. Exit code 1 where one is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from build_speed import Ratio
from full_results import full_dataset, write_result
from score_speed import _peak_kib

from sseu_metric.text_table import aligned

MANY = 20
MAX_NEW_S, MAX_MANY_S, MAX_MEMORY_GIB = 60.0, 90.0, 2.0


@dataclass(frozen=True)
class Measured:
    """One report: CPU time from the first import, without making the dataset, and peak memory of its process."""

    cpu_s: float
    peak_gib: float


def write_report(results: Sequence[str], out: str) -> None:
    """Write a report and print what it took as JSON."""
    opened = full_dataset()
    before_s = time.process_time()
    from sseu_report import entries
    from sseu_report.writing import report

    with patch.object(entries, "open_dataset", lambda *_: opened):
        report(results, out, progress=False)
    print(json.dumps({"cpu_s": time.process_time() - before_s, "peak_gib": _peak_kib() / 1024**2}))


def measure(results: Sequence[Path], folder: Path) -> Measured:
    """Write a report in a fresh process, with a cache below the folder."""
    out = folder / "report"
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, __file__, "--only-report", *map(str, [out, *results])]
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout
    return Measured(**json.loads(printed.splitlines()[-1]))


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=int, default=2, help="how many whole results, 2 to 20 (2)")
    parser.add_argument("--only-report", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only_report:
        write_report(arguments.only_report[1:], arguments.only_report[0])
        return 0
    count = min(MANY, max(2, arguments.results))
    with TemporaryDirectory(prefix="report-speed-") as name:
        folder = Path(name)
        opened = full_dataset()
        results = [folder / "results" / str(seed) for seed in range(count)]
        for seed, result in enumerate(results):
            write_result(result, opened, seed)
        first, new, one = (measure(those, folder) for those in (results[:1], results, results[:1]))
        copies = [folder / "results" / f"copy-{number}" for number in range(count, MANY)]
        for number, copy in enumerate(copies):  # the same answers, so the same analyses
            shutil.copytree(results[number % count], copy, copy_function=os.link)
        many = measure([*results, *copies], folder)
    new_s = (new.cpu_s - one.cpu_s) / (count - 1)
    ratios = [
        Ratio("CPU s that a new result adds", f"{new_s:.1f}", f"<= {MAX_NEW_S:g}", new_s <= MAX_NEW_S),
        Ratio(
            f"CPU s of a report of {MANY} known results",
            f"{many.cpu_s:.1f}",
            f"< {MAX_MANY_S:g}",
            many.cpu_s < MAX_MANY_S,
        ),
        Ratio(
            f"GiB of a report of {MANY} known results",
            f"{many.peak_gib:.2f}",
            f"<= {MAX_MEMORY_GIB:g}",
            many.peak_gib <= MAX_MEMORY_GIB,
        ),
    ]
    reports = {"1 new result": first, f"{count} results, 1 known": new, "1 known": one, f"{MANY} known": many}
    print(
        aligned([["", "measured", "required", "met"], *([r.name, r.measured, r.required, str(r.met)] for r in ratios)])
    )
    print()
    print(
        aligned(
            [["report of", "CPU s", "peak GiB"]]
            + [[what, f"{found.cpu_s:.1f}", f"{found.peak_gib:.2f}"] for what, found in reports.items()]
        )
    )
    return 0 if all(ratio.met for ratio in ratios) else 1


if __name__ == "__main__":
    sys.exit(main())
