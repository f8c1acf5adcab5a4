"""Starting a board: check the arguments, read the submissions, serve the page and watch for new ones."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from sseu_hub.client import Announce, HubError, check_repo_id
from sseu_leaderboard.intake.reference import read_references
from sseu_metric.conditions import CONDITIONS, ordered

EVERY_S = 300.0


def serve_board(
    references: str | Path,
    *,
    results: str | Path | None = None,
    results_repo: str | None = None,
    cache: str | Path | None = None,
    embedder: str | None = None,
    accept: bool = False,
    allow_custom: bool = False,
    every_s: float = EVERY_S,
    host: str | None = None,
    port: int | None = None,
    announce: Announce | None = None,
) -> None:
    """Serve the leaderboard until it is ended.

    Args:
        references: Folder of the benchmark's rows, from `write_references`; every version in it has its own ranking.
        results: Folder of submissions, `<model>/<date>-<hash>/`; or
        results_repo: the dataset repository on the Hub that they are fetched from.
        cache: Folder of scored submissions; by default beside `references`.
        embedder: Name of the embedder that scores all submissions; by default the local, pinned one.
        accept: Store accepted uploads in `results`.
        allow_custom: Serve a dataset that is not the benchmark.
        every_s: Seconds between two looks for new submissions, at least 1.
        host: Address to listen on; by default this machine only.
        port: TCP port; by default gradio's.
        announce: Called with one line for each event; by default prints to standard error.

    Raises:
        ValueError: The arguments contradict each other, the reference is unreadable, or there are too many submissions.
        IntakeError: The board cannot score: its embedder is missing.
        OSError: A folder cannot be written to, or the port is taken.
    """
    from sseu_leaderboard.intake.confinement import Scorer  # here, so that importing the package stays light
    from sseu_leaderboard.web.serving import Board
    from sseu_leaderboard.web.view import Choices, columns_of
    from sseu_leaderboard.web.watching import watch_folder, watch_repo, watching

    announce = announce or _print
    references = Path(references)
    if (results is None) == (results_repo is None):
        raise ValueError("give one of --results (a folder) and --results-repo (a dataset on the Hub)")
    if accept and results is None:
        raise ValueError("--accept stores uploads in a folder; give --results")
    if not every_s >= 1:  # also NaN
        raise ValueError(f"--every-s {every_s:g}: at least 1 is needed")
    cache = Path(cache) if cache is not None else references.with_name(f"{references.name}.scored")
    held = read_references(references)
    conditions = ordered({*CONDITIONS, *(name for one in held.by_version.values() for name in one.conditions)})
    fetched = cache / "fetched"
    folder = Path(results) if results is not None else fetched / "results"
    scorer = Scorer(references, embedder, allow_custom)
    choices = Choices(columns_of(conditions), held.versions)
    datasets = {version: one.dataset for version, one in held.by_version.items()}
    board = Board(folder, cache, scorer, accept=accept, choices=choices, statuses=held.statuses, datasets=datasets)
    if results_repo is None:
        watch = watch_folder(board, announce)
    else:
        watch = watch_repo(board, check_repo_id(results_repo, "dataset"), fetched, announce)
    try:
        watch.look()
    except HubError as error:
        announce(f"{error}; the board starts with the paper's rows, and looks again every {every_s:g} s")
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported
    from sseu_leaderboard.web.blocks import launch

    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    with watching(watch, every_s):
        launch(board, host=host, port=port)


def _print(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
