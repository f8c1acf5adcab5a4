"""How far a run is: a bar on a terminal, a line a minute where standard error goes to a file or another program."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from types import TracebackType

LINE_EVERY_S = 60.0


class Progress:
    """The count of a run's answers, shown while it is used with `async with`.

    Lines come from a task of their own, so that a server that answers nothing is seen too.
    """

    def __init__(self, total: int, *, shown: bool) -> None:
        """Take the number of questions, and whether to show anything."""
        from tqdm import tqdm

        on_terminal = sys.stderr.isatty()
        self._bar = tqdm(total=total, desc="asking", unit="answer", disable=not (shown and on_terminal), smoothing=0.05)
        self._total, self._done, self._failed = total, 0, 0
        self._lines_wanted = shown and not on_terminal
        self._lines: asyncio.Task[None] | None = None

    def count(self, safe: int, *, failed: bool) -> None:
        """Count the answers and failures that are on the disk since the last call; `failed` says what has just come."""
        self._done += safe
        if failed:
            self._failed += 1
            self._bar.set_postfix(failed=self._failed, refresh=False)
        self._bar.update(safe)

    async def __aenter__(self) -> Progress:
        """Show it from now on."""
        if self._lines_wanted:
            self._lines = asyncio.create_task(self._print_lines())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop showing it."""
        self._bar.close()
        if self._lines is not None:
            self._lines.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._lines

    async def _print_lines(self) -> None:
        while True:
            begun_s, before = time.monotonic(), self._done
            await asyncio.sleep(LINE_EVERY_S)
            rate = (self._done - before) / (time.monotonic() - begun_s)
            print(progress_line(self._done, self._total, self._failed, rate), file=sys.stderr, flush=True)


def progress_line(done: int, total: int, failed: int, rate: float) -> str:
    """One line about a run.

    Args:
        done: Questions with an answer or a failure.
        total: Questions that were to be asked.
        failed: Failures among the done.
        rate: Answers a second since the last line; at 0 no time left is stated.
    """
    from tqdm import tqdm

    left = f"{tqdm.format_interval((total - done) / rate)} left" if rate else "no answer since the last line"
    return f"asking: {done} of {total} done, {rate:.2f} a second, {failed} failed, {left}"
