"""The comparison of the layouts runs, and its ratios are those that it names."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

layout_speed = import_module("layout_speed")
costs = import_module("costs")


def test_it_prints_every_ratio(demo: Path) -> None:
    command = [sys.executable, str(layout_speed.__file__), "--corpora", str(demo), "--rounds", "1", "--step", "40"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode in (0, 1), done.stderr  # a small build is mostly start-up
    lines = done.stdout.splitlines()
    names = [line.split(":")[0] for line in lines]
    assert names[:3] == ["build, CPU time", "build, wall time", "bytes of the folder"]
    assert float(lines[2].split()[4]) < layout_speed.MAX_SHARE
    assert names[-2:] == ["full", "stems"]


def test_ratios_are_stems_over_full() -> None:
    full = layout_speed.LayoutCost(costs.Cost(60.0, 50.0), 4000, 10.0, 8.0, 4000)
    stems = layout_speed.LayoutCost(costs.Cost(24.0, 15.0), 1000, 5.0, 4.0, 1200)
    found = list(layout_speed.ratios([{"full": full, "stems": stems}], [costs.Cost(18.0, 18.0)]))
    assert [values for _, values, _ in found] == [[0.4], [0.3], [0.25], [0.3], [0.5], [0.5], [0.3]]
    assert [limit for _, _, limit in found] == [0.4, 0.4, 0.4, 0.4, 1.0, 1.0, 0]
