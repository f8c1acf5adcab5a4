"""The process of a worker: start, exchange of lines, end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MAX_LINE_BYTES = 64 * 2**20
CLOSE_S = 5.0
"""Time for a worker to end by itself, and again after SIGTERM, in seconds."""
STDERR_LINES = 8


class WorkerDiedError(RuntimeError):
    """The worker crashed, hung or violated the protocol. The message continues "the worker"."""


class WorkerProcess:
    """A process that answers each line on its stdin with one on its stdout.

    Attributes:
        stderr_log: File to which its stderr is appended.
    """

    def __init__(self, process: asyncio.subprocess.Process, stderr_log: Path) -> None:
        self.stderr_log = stderr_log
        self._process = process

    @classmethod
    async def launch(
        cls, command: list[str], folder: str, stderr_log: Path, environment: Mapping[str, str]
    ) -> WorkerProcess:
        """Start the command in a folder, where upstream code may leave its logs. Raises OSError if it cannot be run."""
        with stderr_log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                cwd=folder,
                env=environment,
                limit=MAX_LINE_BYTES,
                # Ctrl-C reaches us alone, and what the worker started can be ended with it.
                start_new_session=True,
            )
        return cls(process, stderr_log)

    async def exchange(self, message: Mapping[str, Any], timeout_s: float) -> dict[str, Any]:
        """Send a line, wait for a line. Any failure ends the process, so that no late line remains.

        Raises:
            WorkerDiedError: No JSON object came back in time.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        answer: dict[str, Any] | None = None
        try:
            async with asyncio.timeout(timeout_s):
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the missing answer shows it
                    self._process.stdin.write(json.dumps(message).encode() + b"\n")
                    await self._process.stdin.drain()
                line = await self._process.stdout.readline()
            if not line.endswith(b"\n"):
                raise WorkerDiedError(await self._exit_reason())
            answer = _read_line(line)
            return answer
        except TimeoutError as error:
            raise WorkerDiedError(f"did not answer for {timeout_s:g} s") from error
        except ValueError as error:  # asyncio's report of a line beyond its limit
            raise WorkerDiedError(f"sent a line of more than {MAX_LINE_BYTES / 2**20:g} MB") from error
        finally:
            if answer is None:
                await self.kill()

    async def kill(self) -> None:
        """Kill it and its children."""
        self._signal(signal.SIGKILL)
        await self._process.wait()

    async def close(self) -> None:
        """End it: by closing its stdin, else by SIGTERM, else by SIGKILL."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        for stop in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), CLOSE_S)
                return
            self._signal(stop)
        await self._process.wait()

    def stderr_tail(self) -> str:
        """The last lines of its stderr, for a message."""
        with self.stderr_log.open("rb") as log:
            log.seek(max(0, self.stderr_log.stat().st_size - 4096))
            lines = log.read().decode(errors="replace").splitlines()
        last = "".join(f"\n  {line[:200]}" for line in lines[-STDERR_LINES:])
        return f"; its stderr is in {self.stderr_log}{', which ends:' + last if last else ' (empty)'}"

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    async def _exit_reason(self) -> str:
        try:
            code = await asyncio.wait_for(self._process.wait(), 1.0)
        except TimeoutError:
            return "closed its stdout"
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"exited with status {code}"


def _read_line(line: bytes) -> dict[str, Any]:
    try:
        read = json.loads(line)
    except ValueError as error:
        raise WorkerDiedError(f"sent a line that is not JSON: {line[:80]!r}") from error
    if not isinstance(read, dict):
        raise WorkerDiedError(f"sent a line that is not a JSON object: {line[:80]!r}")
    return read
