#!/usr/bin/env python3
"""What it costs to say what scores are worth: floors, skill, mAP within corpora, gaps, calibration, other labels.

One full result (three modes, three runs, 93,828 answers) is scored once; then every analysis that stands beside the
scores is timed by itself. Required: together at most 30 s on two cores, and a peak of 2 GiB. Exit code 1 where one is
missed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from build_speed import Ratio
from costs import Cost
from full_results import with_labels
from score_speed import Timing, _lend_two_cores, _peak_kib, parse, timed
from synthetic_answers import FINITE, HashEmbedder, dataset_rows, one_model

from sseu_metric.text_table import aligned

if TYPE_CHECKING:
    from sseu_metric.scores import Scores

MAX_SECONDS = 30.0
MAX_MEMORY_GIB = 2.0
_TASKS = {"asr": ("asr",), "asc": ("asc",), "at": ("at",)}


def scored_run() -> dict[str, Scores]:
    """The scores of one model by mode, with their values and jackknives already computed, as after `summarise`."""
    from sseu_metric import score, summarise

    by_mode: dict[str, Any] = {}
    embedder = HashEmbedder()
    for request in one_model(0.3):
        mode = request.mode if request.mode in ("joint", "cot") else "independent"
        (answers,) = parse([request])
        tasks = _TASKS.get(request.mode, ("asr", "asc", "at"))
        part = score(answers, request.rows, tasks=tasks, mode=mode, run=request.run, embedder=embedder)
        by_mode[mode] = by_mode[mode] + part if mode in by_mode else part
    for scores in by_mode.values():
        summarise(scores)
    return by_mode


def analyses(by_mode: dict[str, Scores]) -> dict[str, Callable[[], Any]]:
    """Every analysis of a result, by its name."""
    from sseu_metric.floors import FLOORS, find_skill
    from sseu_metric.label_ceiling import Relevances, floors_under_rules, map_under_rules
    from sseu_metric.summary import within_corpus
    from sseu_report.findings.validity.calibration import find_calibrations
    from sseu_report.findings.validity.gaps import find_mode_gaps

    def skill() -> None:
        for scores in by_mode.values():
            for metric, floors in FLOORS.items():
                replicates = scores.replicates(metric)
                for floor in floors:
                    find_skill(scores, metric, floor, replicates)

    def labels() -> None:
        relevances = Relevances.of({row["pair_id"]: with_labels(row) for row in dataset_rows(FINITE[:1])[FINITE[0]]})
        for scores in by_mode.values():
            map_under_rules(scores, relevances)
            floors_under_rules(next(iter(scores.cells("map").values())), relevances)

    return {
        "floors and skill": skill,
        "mAP within corpora": lambda: [within_corpus(scores) for scores in by_mode.values()],
        "gaps between speakers and sentences": lambda: find_mode_gaps(by_mode),
        "calibration": lambda: find_calibrations(by_mode),
        "other labels": labels,
    }


def main() -> int:
    """Measure and print; the exit code."""
    _lend_two_cores()
    by_mode = scored_run()
    count = sum(len(rows) for scores in by_mode.values() for rows in scores.tables.values())
    timings = []
    for name, analysis in analyses(by_mode).items():
        _, cost = timed(analysis)
        timings.append(Timing(name, cost))
    total = Cost(sum(one.cost.cpu_s for one in timings), sum(one.cost.wall_s for one in timings))
    gib = _peak_kib() / 1024**2
    ratios = [
        Ratio("s for all analyses", f"{total.wall_s:.1f}", f"<= {MAX_SECONDS:g}", total.wall_s <= MAX_SECONDS),
        Ratio("GiB at the peak", f"{gib:.2f}", f"<= {MAX_MEMORY_GIB:g}", gib <= MAX_MEMORY_GIB),
    ]
    print(f"{count:,} scored answers to tasks")
    print(
        aligned([["", "measured", "required", "met"], *([r.name, r.measured, r.required, str(r.met)] for r in ratios)])
    )
    print(
        aligned([["", "CPU s", "wall s"], *([t.name, f"{t.cost.cpu_s:.1f}", f"{t.cost.wall_s:.1f}"] for t in timings)])
    )
    return 0 if all(ratio.met for ratio in ratios) else 1


if __name__ == "__main__":
    sys.exit(main())
