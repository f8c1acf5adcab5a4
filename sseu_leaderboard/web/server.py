"""Starting a board: check the arguments, read the submissions, serve the page and watch for new ones, or export it."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sseu_hub.client import Announce, HubError, check_repo_id
from sseu_leaderboard.intake.reference import read_references
from sseu_metric.conditions import CONDITIONS, ordered

if TYPE_CHECKING:
    from sseu_leaderboard.web.serving import Board
    from sseu_leaderboard.web.watching import Watch

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
        ValueError: The arguments contradict each other, the reference is unreadable, the folder of submissions is
            missing, or there are too many of them.
        IntakeError: The board cannot score: its embedder is missing.
        OSError: A folder cannot be written to, or the port is taken.
    """
    announce = announce or _print
    if accept and results is None:
        raise ValueError("--accept stores uploads in a folder; give --results")
    if not every_s >= 1:  # also NaN
        raise ValueError(f"--every-s {every_s:g}: at least 1 is needed")
    board, watch = _board(
        references, results, results_repo, cache, embedder, allow_custom, announce, makes_results=accept
    )
    board.accept = accept
    try:
        watch.look()
    except HubError as error:
        announce(f"{error}; the board starts with the paper's rows, and looks again every {every_s:g} s")
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported
    from sseu_leaderboard.web.blocks import launch
    from sseu_leaderboard.web.watching import watching

    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    with watching(watch, every_s):
        launch(board, host=host, port=port)


def export_board(
    references: str | Path,
    out: str | Path,
    *,
    results: str | Path | None = None,
    results_repo: str | None = None,
    cache: str | Path | None = None,
    embedder: str | None = None,
    allow_custom: bool = False,
    announce: Announce | None = None,
) -> list[Path]:
    """Write the board as HTML and JSON, which need no server; returns the paths of the files.

    Args:
        references: As `serve_board`.
        out: Folder of the files; made if missing.
        results: As `serve_board`.
        results_repo: As `serve_board`.
        cache: As `serve_board`.
        embedder: As `serve_board`.
        allow_custom: As `serve_board`.
        announce: As `serve_board`.

    Raises:
        ValueError: As `serve_board`.
        IntakeError: As `serve_board`.
        HubError: The Hub refuses, or cannot be reached.
        OSError: A file cannot be written.
    """
    from sseu_leaderboard.web.export import write_export

    board, watch = _board(references, results, results_repo, cache, embedder, allow_custom, announce or _print)
    watch.look()
    return write_export(board, Path(out))


def _board(
    references: str | Path,
    results: str | Path | None,
    results_repo: str | None,
    cache: str | Path | None,
    embedder: str | None,
    allow_custom: bool,
    announce: Announce,
    *,
    makes_results: bool = False,
) -> tuple[Board, Watch]:
    """The board of these settings and the source of its submissions, before its first look."""
    from sseu_leaderboard.entries.view import Choices, columns_of
    from sseu_leaderboard.intake.confinement import Scorer  # here, so that importing the package stays light
    from sseu_leaderboard.intake.store import list_submissions, skipped
    from sseu_leaderboard.web.serving import Board
    from sseu_leaderboard.web.watching import watch_folder, watch_repo

    references = Path(references)
    if (results is None) == (results_repo is None):
        raise ValueError("give one of --results (a folder) and --results-repo (a dataset on the Hub)")
    cache = Path(cache) if cache is not None else references.with_name(f"{references.name}.scored")
    held = read_references(references)
    datasets = {version: held.by_version[version].dataset for version in held.versions}
    conditions = ordered({*CONDITIONS, *(name for one in datasets.values() for name in one.conditions)})
    fetched = cache / "fetched"
    folder = Path(results) if results is not None else fetched / "results"
    scorer, choices = Scorer(references, embedder, allow_custom), Choices(columns_of(conditions), held.versions)
    board = Board(folder, cache, scorer, choices=choices, statuses=held.statuses, datasets=datasets)
    board.editions = held.editions
    if results_repo is None:
        if not folder.is_dir() and not makes_results:
            raise ValueError(f"{folder}: no such folder of submissions; `sseu submit RESULTS --out {folder}` makes it")
        for name, reason in skipped(folder):
            announce(f"{folder / name} is skipped: {reason}")
        if not list_submissions(folder):
            announce(f"{folder}: it holds no submission, so the board has no rows of its own")
        return board, watch_folder(board, announce)
    return board, watch_repo(board, check_repo_id(results_repo, "dataset"), fetched, announce)


def _print(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
