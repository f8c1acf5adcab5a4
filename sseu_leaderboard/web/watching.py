"""A board that runs notices new submissions: one thread looks every few minutes whether the results have changed.

Results that cannot be read, a Hub that is away, a board that cannot score: the board stays as it was, and it is said.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sseu_hub.client import HubError
from sseu_leaderboard.intake.confinement import IntakeError
from sseu_leaderboard.intake.store import results_state
from sseu_leaderboard.results_repo import fetch_submissions, head_commit
from sseu_leaderboard.web.serving import Board

_END_S = 5.0  # a check in its own process ends with the board, so that nothing longer is waited for


@dataclass
class Watch:
    """Where a board's submissions come from, and what it has seen of them.

    Attributes:
        board: Its `results` are read.
        state: Tells what changes whenever the submissions do.
        fetch: Brings `board.results` to that state.
        say: Called with one line for each new refusal and each look that failed.
        seen: The state that the board shows; None before the first look.
    """

    board: Board
    state: Callable[[], str]
    fetch: Callable[[str], object]
    say: Callable[[str], None]
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
                self.say(f"{name} is refused: {reason}")
        return True


def watch_folder(board: Board, say: Callable[[str], None]) -> Watch:
    """Watch the board's own results folder."""
    return Watch(board, lambda: results_state(board.results, most=board.most), lambda state: None, say)


def watch_repo(board: Board, repo: str, folder: Path, say: Callable[[str], None]) -> Watch:
    """Watch a results dataset on the Hub, whose submissions are fetched into `folder`."""
    return Watch(board, lambda: head_commit(repo), lambda commit: fetch_submissions(repo, folder, commit), say)


@contextmanager
def watching(watch: Watch, every_s: float) -> Iterator[None]:
    """Look every so many seconds in a thread, until the end of the block."""
    ended = threading.Event()

    def run() -> None:
        said = ""
        while not ended.wait(every_s):
            fault = ""
            try:
                watch.look()
            except (HubError, IntakeError, OSError, ValueError) as error:
                fault = f": {error}"
            except Exception as error:  # whatever it is, the board goes on with what it has
                fault = f" ({error!r})"
            if fault not in ("", said):
                watch.say(f"the results were not read again{fault}")
            said = fault

    thread = threading.Thread(target=run, name="watching", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(_END_S)
