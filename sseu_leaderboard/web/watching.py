"""A running board notices new submissions: a thread looks every few minutes whether the results have changed.

If results cannot be read, the Hub cannot be reached, or the board cannot score, it stays as it was and prints why.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sseu_hub.client import Announce, HubError
from sseu_leaderboard.intake.confinement import IntakeError
from sseu_leaderboard.intake.store import results_state
from sseu_leaderboard.results_repo import fetch_submissions, head_commit
from sseu_leaderboard.web.serving import Board

_END_S = 5.0  # enough, since a check's own process ends with the board


@dataclass
class Watch:
    """The source of a board's submissions, and the state of it that the board shows.

    Attributes:
        board: Its `results` are read.
        state: Returns a value that changes whenever the submissions do.
        fetch: Brings `board.results` to that state.
        announce: Called with one line for each new refusal and each failure.
        seen: The state that the board shows; None before the first look.
    """

    board: Board
    state: Callable[[], str]
    fetch: Callable[[str], object]
    announce: Announce
    seen: str | None = None

    def look(self) -> bool:
        """Read and score the submissions if they have changed; returns whether they had.

        Raises:
            ValueError: The results cannot be read, or there are too many; the board stays as it was.
            IntakeError: The board cannot score; it stays as it was.
            HubError: The Hub refuses, or cannot be reached; the board stays as it was.
        """
        state = self.state()
        if state == self.seen:
            return False
        with self.board.checking:
            known = set(self.board.refused)
            self.fetch(state)
            self.board.refresh()
        self.seen = state
        for name, reason in self.board.refused:
            if (name, reason) not in known:
                self.announce(f"{name} is refused: {reason}")
        return True


def watch_folder(board: Board, announce: Announce) -> Watch:
    """Watch the board's own results folder."""
    return Watch(board, lambda: results_state(board.results), lambda state: None, announce)


def watch_repo(board: Board, repo: str, folder: Path, announce: Announce) -> Watch:
    """Watch a results dataset on the Hub, whose submissions are fetched into `folder`."""
    return Watch(board, lambda: head_commit(repo), lambda commit: fetch_submissions(repo, folder, commit), announce)


@contextmanager
def watching(watch: Watch, every_s: float) -> Iterator[None]:
    """Look in a thread, with `every_s` seconds between looks, until the end of the block."""
    ended = threading.Event()

    def run() -> None:
        last = ""
        while not ended.wait(every_s):
            fault = ""
            try:
                watch.look()
            except (HubError, IntakeError, OSError, ValueError) as error:
                fault = f": {error}"
            except Exception as error:  # a fault of ours: the board goes on with what it has
                fault = f" ({error!r})"
            if fault not in ("", last):
                watch.announce(f"the results could not be read again{fault}")
            last = fault

    thread = threading.Thread(target=run, name="watching", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(_END_S)
