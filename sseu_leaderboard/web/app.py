"""The leaderboard's command line.

    python -m sseu_leaderboard reference DATASET references.jsonl     what the board scores with, made once
    python -m sseu_leaderboard --results DIR --references references.jsonl [--accept]

As a Space this file is `app.py`: the reference lies beside it, the variable SSEU_RESULTS_REPO names the results
dataset, and SSEU_ALLOW_CUSTOM=1 stands for --allow-custom. Every submission is scored here once; what it gave is kept
under --cache.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from sseu_hub.client import HubError
from sseu_leaderboard.intake.confinement import IntakeError, Scorer
from sseu_leaderboard.space import REFERENCES
from sseu_leaderboard.web.serving import Board
from sseu_leaderboard.web.watching import watch_folder, watch_repo, watching

_EVERY_S = 300.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the board, or make a reference; returns the exit status."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    return _reference(given[1:]) if given[:1] == ["reference"] else _serve(given)


def _serve(given: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m sseu_leaderboard",
        description="Serve the leaderboard. First: python -m sseu_leaderboard reference DATASET FILE",
    )
    beside = Path(__file__).with_name(REFERENCES)
    parser.add_argument("--results", type=Path, help="folder with the submissions: <model>/<date>-<hash>/")
    parser.add_argument("--results-repo", help="or the results dataset on the Hub (default: $SSEU_RESULTS_REPO)")
    parser.add_argument("--references", type=Path, default=beside if beside.is_file() else None, help="to score with")
    parser.add_argument("--cache", type=Path, help="where scored submissions are kept (default: beside --references)")
    parser.add_argument("--embedder", help="that scores everybody (default: the local, pinned one)")
    parser.add_argument("--accept", action="store_true", help="keep good uploads in --results")
    parser.add_argument("--allow-custom", action="store_true", help="hold a dataset that is not the benchmark")
    parser.add_argument(
        "--every-s",
        type=float,
        default=_EVERY_S,
        help="so many seconds between two looks for new submissions (default: %(default)g)",
    )
    parser.add_argument("--host", help="default: this machine only")
    parser.add_argument("--port", type=int)
    asked = parser.parse_args(given)
    repo: str | None = asked.results_repo or (None if asked.results else os.environ.get("SSEU_RESULTS_REPO"))
    if asked.references is None:
        parser.error("give --references; make it with: python -m sseu_leaderboard reference DATASET FILE")
    if (asked.results is None) == (repo is None):
        parser.error("give one of --results and --results-repo")
    if asked.accept and asked.results is None:
        parser.error("--accept keeps uploads in a folder; give --results")
    if not asked.every_s >= 1:  # also NaN
        parser.error(f"--every-s {asked.every_s:g}: at least 1 is needed")
    cache = asked.cache or asked.references.with_name(asked.references.name + ".scored")
    allow_custom = asked.allow_custom or os.environ.get("SSEU_ALLOW_CUSTOM") == "1"
    scorer = Scorer(asked.references, asked.embedder, allow_custom)
    fetched = cache / "fetched"
    board = Board(fetched / "results" if repo else asked.results, cache, scorer, accept=asked.accept)
    watch = watch_repo(board, repo, fetched, _say) if repo else watch_folder(board, _say)
    try:
        from sseu_leaderboard.intake.reference import read_reference

        read_reference(asked.references)
        watch.look()
    except HubError as error:
        _say(f"{error}; the board starts with the paper's rows, and looks again every {asked.every_s:g} s")
    except (IntakeError, OSError, ValueError) as error:
        _say(str(error))
        return 2
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported
    from sseu_leaderboard.web.blocks import launch

    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    with watching(watch, asked.every_s):
        launch(board, host=asked.host, port=asked.port)
    return 0


def _say(line: str) -> None:
    print(f"leaderboard: {line}", file=sys.stderr, flush=True)


def _reference(given: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m sseu_leaderboard reference", description="Make the file that the board scores with."
    )
    parser.add_argument("data", help="dataset folder or Hub repository")
    parser.add_argument("file", type=Path)
    asked = parser.parse_args(given)
    from sseu_dataset.records import DatasetError
    from sseu_leaderboard.intake.reference import write_reference

    try:
        written = write_reference(asked.data, asked.file)
    except (DatasetError, ValueError, OSError) as error:
        print(f"leaderboard: {error}", file=sys.stderr)
        return 2
    print(f"{asked.file}: {len(written.rows)} rows of {written.dataset.pairs} pairs, recipe {written.dataset.recipe}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
