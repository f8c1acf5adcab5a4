"""Run the campaign, print its table, and write it into the documentation.

    python -m tests.campaign                      all of it, into docs/campaign.md
    python -m tests.campaign --only results --seed 1000 --count 20 --out -

Exit code 1 where a fault was found; each stands with its seed above the table.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from sseu_metric.text_table import aligned, markdown
from tests.campaign.areas import COUNTS, run_area
from tests.campaign.trials import FAULTS, PROJECT, Trial

_MARKS = ("<!-- campaign -->", "<!-- end of campaign -->")


def table_of(trials: Sequence[Trial]) -> list[list[str]]:
    """One row for each area: how many trials, how the commands ended, and the faults of each kind."""
    rows = [["disturbance", "trials", "refused", "went on", *FAULTS]]
    for area in dict.fromkeys(trial.area for trial in trials):
        those = [trial for trial in trials if trial.area == area]
        faults = Counter(fault for trial in those for fault in trial.faults)
        went_on = sum(trial.code == 0 for trial in those)
        cells = (len(those), len(those) - went_on, went_on, *(faults[name] for name in FAULTS))
        rows.append([area, *map(str, cells)])
    return rows


def with_table(page: str, table: Sequence[Sequence[str]]) -> str:
    """The page with the rows of a table in place of its own of the same areas; what was not run stays."""
    before, _, rest = page.partition(_MARKS[0])
    shown, _, after = rest.partition(_MARKS[1])
    known = {row[0]: row for line in shown.splitlines() if (row := [cell.strip() for cell in line.split("|")[1:-1]])}
    rows = known | {row[0]: [*row] for row in table}
    shown = markdown([table[0], *(rows[area] for area in COUNTS if area in rows)])
    return f"{before}{_MARKS[0]}\n{shown}\n{_MARKS[1]}{after}"


def main() -> int:
    """Run, print, write, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="areas whose name has this word, such as kill, results or servers")
    parser.add_argument("--seed", type=int, default=0, help="the first seed (0)")
    parser.add_argument("--count", type=int, help="trials of each area (as in the issue: 60 to 300)")
    parser.add_argument("--out", default=str(PROJECT / "docs" / "campaign.md"), help="page to write into; - for none")
    arguments = parser.parse_args()
    areas = [area for area in COUNTS if arguments.only is None or arguments.only in area]
    ranges = [range(arguments.seed, arguments.seed + (arguments.count or COUNTS[area])) for area in areas]
    with ProcessPoolExecutor(2, max_tasks_per_child=1) as pool:
        trials = [trial for those in pool.map(run_area, areas, ranges) for trial in those]
    table = table_of(trials)
    print(aligned(table))
    if arguments.out != "-":
        page = Path(arguments.out)
        page.write_text(with_table(page.read_text(encoding="utf-8"), table), encoding="utf-8")
    return 1 if any(trial.faults for trial in trials) else 0


if __name__ == "__main__":
    sys.exit(main())
