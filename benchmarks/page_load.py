"""How long a report's page takes to load in Chromium from the disk: the median of several loads.

    python benchmarks/page_load.py report14/report.html report30/report.html

Each load is that of a new tab: the time to the first paint, to the load event, when the tables sort and all clips are
listed, and the CPU time of the main thread, which other work on the machine hardly changes. `make browser` installs
Chromium; results for reports are made with `python -m tests.plausible`.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.headless import chromium, wait

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

_TIMES = """
    const load = performance.getEntriesByType('navigation')[0];
    const paint = performance.getEntriesByName('first-contentful-paint')[0];
    return load.loadEventEnd > 0 && paint ? [paint.startTime, load.loadEventEnd] : null"""
_ABOUT = """
    return [document.querySelectorAll('#summary tbody tr').length, document.querySelectorAll('#list > li').length,
      document.querySelectorAll('*').length, document.documentElement.scrollHeight]"""


def loads(browser: Chrome, page: Path, count: int) -> list[tuple[float, float, float]]:
    """First paint, load event, and CPU time of the page's main thread, of each load, in milliseconds."""
    found = []
    for _ in range(count):
        browser.switch_to.new_window("tab")
        browser.set_window_size(1280, 800)
        browser.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
        browser.get(page.resolve().as_uri())
        paint_ms, load_ms = wait(lambda: browser.execute_script(_TIMES))
        metrics = browser.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
        busy_ms = 1000 * next(one["value"] for one in metrics if one["name"] == "TaskDuration")
        found.append((paint_ms, load_ms, busy_ms))
        browser.close()
        browser.switch_to.window(browser.window_handles[0])
    return found


def main() -> None:
    """Print a line for each page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="+", type=Path, help="report.html files")
    parser.add_argument("--loads", type=int, default=7, help="loads of each page (default: %(default)s)")
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} CPUs, load average {os.getloadavg()[0]:.1f}")
    with TemporaryDirectory() as profile, chromium(Path(profile)) as browser:
        for page in arguments.pages:
            times = loads(browser, page, arguments.loads)
            paint_ms, load_ms, busy_ms = map(median, zip(*times, strict=True))
            browser.get(page.resolve().as_uri())
            rows, clips, elements, height_px = browser.execute_script(_ABOUT)
            print(
                f"{page}: {page.stat().st_size / 1e6:.1f} MB, {rows} results, {clips} clips, {elements:,} elements, "
                f"{height_px:,} px high; first paint {paint_ms:.0f} ms, loaded {load_ms:.0f} ms "
                f"(fastest {min(load for _, load, _ in times):.0f}), CPU of the main thread {busy_ms:.0f} ms"
            )


if __name__ == "__main__":
    main()
