#!/usr/bin/env python3
"""How fast is the leaderboard? The intake of one whole submission, and a board of a thousand.

The submission is that of `synthetic_answers.py`: one model, all modes, three runs, 93,828 answers, scored as the board
does, but with the exact embedder. The thousand entries have scores and replicates of the size of such a submission;
what a reader waits for is the HTML of a view. Exit code 1 where a limit is missed.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from build_speed import Ratio
from costs import Cost
from synthetic_answers import RUNS, dataset_rows, one_model

from sseu_metric.text_table import aligned, markdown

ENTRIES = 1_000
MAX_INTAKE_S, MAX_INTAKE_MIB = 60.0, 700.0
MAX_VIEW_S, MAX_FILTER_S = 1.0, 0.2
REPLICATES = {"wer": 4_206, "macc": 426, "map": 426}
"""Of the official numbers of speakers, sentences and recordings."""
_INTAKE = "from sseu_leaderboard.intake.check import main; import sys; main(sys.argv[1])"


def prepare(folder: Path) -> None:
    """Write the reference and the submission."""
    from sseu_dataset.fingerprints import REFERENCE_COLUMNS, RowHashes, fingerprint, pcm_fingerprint, reference_sha256
    from sseu_dataset.records import VERSION
    from sseu_hub.submission import answer_lines
    from sseu_metric.conditions import CONDITIONS
    from sseu_models.job import Job
    from sseu_models.prompts import PROMPT_SETS, load_prompts, prompt_sha256
    from sseu_models.records import TASKS
    from sseu_models.results.log import Answer
    from sseu_models.results.records import DatasetIdentity, FrontendIdentity, Prompts, PromptTemplate, Result

    rows = [
        dict.fromkeys(("id", "pcm_sha256", *REFERENCE_COLUMNS), None)
        | {"event_segments": [], "soft_labels": [], "speech_segments": [], "utterance_id": row["pair_id"]}
        | row
        | {"pcm_sha256": hashlib.sha256(row["id"].encode()).hexdigest()}
        for of_condition in dataset_rows(CONDITIONS).values()
        for row in of_condition
    ]
    hashes = {row["id"]: row["pcm_sha256"] for row in rows}
    dataset = DatasetIdentity(
        version=VERSION, recipe="custom", pairs=len(rows) // len(CONDITIONS), conditions=CONDITIONS,
        fingerprint=fingerprint({row["id"]: RowHashes(row["pcm_sha256"], reference_sha256(row)) for row in rows}),
        pcm_fingerprint=pcm_fingerprint(hashes), reasons=("drawn rows",),
    )  # fmt: skip
    (folder / "references").mkdir()
    lines = [json.dumps(one) for one in (dataset.json_values(), *rows)]
    (folder / "references" / f"v{VERSION}.jsonl").write_text("\n".join(lines) + "\n")
    modes = {mode: TASKS[mode] for mode in ("independent", "joint", "cot")}
    known = {(one.mode, one.task): one for one in load_prompts().prompts if "*" in getattr(one, "families", ("*",))}
    templates = {f"{mode}/{task}": known[mode, task] for mode, tasks in modes.items() for task in tasks}
    result = Result(
        system="hf:lab/model", settings={}, deterministic=False, modes=modes, family="*",
        frontend=FrontendIdentity(name="none", sha256="0" * 64),
        prompts=Prompts(
            set=PROMPT_SETS[0],
            templates={
                name: PromptTemplate(id=one.id, sha256=prompt_sha256(one), source=one.source)
                for name, one in templates.items()
            },
        ),
        dataset=dataset, data="nowhere", revision=None, job=Job(modes=tuple(modes), runs=RUNS), packages={},
        schema_version=1,
    )  # fmt: skip
    answers = [
        Answer(
            row["id"], hashes[row["id"]], "1" * 64, mode, task, request.run, result.system,
            result.prompts.templates[f"{mode}/{task}"].sha256, result.settings_sha256, "ok", text,
        )
        for request in one_model(0.3)
        for single in [request.mode in ("asr", "asc", "at")]
        for mode, task in [("independent", request.mode) if single else (request.mode, "all")]
        for row, text in zip(request.rows, request.answers, strict=True)
    ]  # fmt: skip
    (folder / "submission").mkdir()
    (folder / "submission" / "result.json").write_text(result.to_json())
    (folder / "submission" / "answers.jsonl.gz").write_bytes(gzip.compress(answer_lines(answers), 6, mtime=0))


def measure_intake(folder: Path) -> tuple[Cost, float, Any]:
    """Check the submission as the board does; its cost, peak memory in MiB, and what came of it."""
    from sseu_leaderboard.intake.confinement import Bounds

    out = folder / "outcome.json"
    request = {
        "folder": str(folder / "submission"), "references": str(folder / "references"), "out": str(out),
        "embedder": "exact", "allow_custom": True, "memory_bytes": Bounds().memory_bytes, "cpu_s": Bounds().cpu_s,
    }  # fmt: skip
    begun_s = time.monotonic()
    process = subprocess.Popen([sys.executable, "-c", _INTAKE, json.dumps(request)], stdin=subprocess.PIPE)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.stdin is not None
    process.stdin.close()
    cost = Cost(usage.ru_utime + usage.ru_stime, time.monotonic() - begun_s)
    return cost, usage.ru_maxrss / 1024, json.loads(out.read_text())


def thousand() -> list[Any]:
    """Rows of `ENTRIES` entries, and the paper's."""
    import numpy as np

    from sseu_dataset.records import VERSION
    from sseu_leaderboard.entries.rows import BoardRow, paper_rows
    from sseu_leaderboard.intake.verified import BoardCell, BoardFactor, pack
    from sseu_metric.conditions import CONDITIONS, scored_conditions

    generator = np.random.default_rng(0)
    tasks = {"wer": "asr", "macc": "asc", "map": "at"}
    shared = {metric: generator.normal(0, 1, count) for metric, count in REPLICATES.items()}

    def cell(metric: str, value: float) -> BoardCell:
        replicates = value + 0.1 * shared[metric] + generator.normal(0, 0.05, REPLICATES[metric])
        return BoardCell(value, value - 1, value + 1, 0.1, pack(replicates), (value,))

    factors = {
        metric: (BoardFactor(("recording",), 1, (0,) * count, (10.0,) * count, ("",)),)
        for metric, count in REPLICATES.items()
    }
    rows = []
    for number in range(ENTRIES):
        cells = {}
        for metric, task in tasks.items():
            average = float(generator.uniform(10, 70))
            columns = ("average", "finite", *scored_conditions(task, CONDITIONS))
            cells[metric] = {column: cell(metric, average + place) for place, column in enumerate(columns)}
        rows.append(
            BoardRow(
                f"{number:032x}", f"system {number}", f"hf:lab/system-{number}", "verified", VERSION, None, "exact",
                "project-1", 1, "2026-01-01", (), {"independent": cells}, {"independent": factors},
            )
        )  # fmt: skip
    return [*rows, *paper_rows()]


def measure_ranking(rows: list[Any]) -> tuple[Any, float, float]:
    """The ranking, the seconds that it takes in a thread, and the slowest first view of the one before meanwhile."""
    from sseu_leaderboard.entries.ranking import Ranking
    from sseu_leaderboard.entries.rows import paper_rows

    found: list[Any] = []
    before = Ranking.of([*rows[:100], *paper_rows()])
    begun_s = time.monotonic()
    thread = threading.Thread(target=lambda: found.append(Ranking.of(rows)))
    thread.start()
    slowest_s = 0.0
    while thread.is_alive():
        slowest_s = max(slowest_s, first_view_s(before))
        thread.join(0.2)
    return found[0], time.monotonic() - begun_s, slowest_s


def first_view_s(ranking: Any) -> float:
    """Seconds until the HTML of the first view."""
    from sseu_leaderboard.entries.view import View
    from sseu_leaderboard.web.page import render_board

    begun_s = time.monotonic()
    render_board(ranking.show(View()), View(), looks=ranking.looks(View()))
    return time.monotonic() - begun_s


def measure_views(ranking: Any) -> dict[str, float]:
    """Seconds until the HTML of each view, the slowest of three times."""
    from dataclasses import replace

    from sseu_leaderboard.entries.view import View
    from sseu_leaderboard.web.page import render_board

    views = {"first view": View(), "filter": View(search="system 77"), "tab": View(task="asr", sort="-10")}
    views |= {"opened": replace(View(), entry=ranking.rows[5].id), "every row": View(every=True)}
    found = {}
    for name, view in views.items():
        times = []
        for _ in range(3):
            begun_s = time.monotonic()
            render_board(ranking.show(view), view, looks=ranking.looks(view))
            times.append(time.monotonic() - begun_s)
        found[name] = max(times)
    return found


def main() -> int:
    """Measure, print, judge."""
    if sys.argv[1:2] == ["--prepare"]:
        prepare(Path(sys.argv[2]))
        return 0
    with TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, __file__, "--prepare", name], check=True)  # in a process of its own: memory
        cost, peak_mib, outcome = measure_intake(folder)
    if "verified" not in outcome:
        raise AssertionError(f"the submission was not taken: {outcome}")
    ranking, ranked_s, meanwhile_s = measure_ranking(thousand())
    views = measure_views(ranking)
    found = [
        Ratio("CPU s of the intake", f"{cost.cpu_s:.1f}", f"< {MAX_INTAKE_S:g}", cost.cpu_s < MAX_INTAKE_S),
        Ratio("MiB of the intake", f"{peak_mib:.0f}", f"< {MAX_INTAKE_MIB:g}", peak_mib < MAX_INTAKE_MIB),
        Ratio("MiB of its record", f"{len(outcome['verified']) / 2**20:.2f}"),
        Ratio(f"s to rank {ENTRIES:,} entries, in the background", f"{ranked_s:.1f}"),
        Ratio("s of a first view meanwhile", f"{meanwhile_s:.3f}", f"< {MAX_VIEW_S:g}", meanwhile_s < MAX_VIEW_S),
        *(
            Ratio(f"s of {name}", f"{seconds:.3f}", f"< {limit:g}", seconds < limit)
            for name, seconds in views.items()
            for limit in [MAX_FILTER_S if name == "filter" else MAX_VIEW_S]
        ),
    ]
    table = [["what", "measured", "required", ""]]
    table += [[one.name, one.measured, one.required, "met" if one.met else "MISSED"] for one in found]
    print(aligned(table), markdown(table), sep="\n\n")
    return 0 if all(one.met for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
