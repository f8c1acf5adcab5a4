"""Scores untrusted answers in a separate process with bounded time and memory."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from sseu_leaderboard.intake.verified import Verified, parse_verified
from sseu_metric.embedders import variables_of
from sseu_models.child_environment import child_environment


class IntakeError(RuntimeError):
    """The board cannot score anything: no embedder, or no reference. The submission is not the cause."""


class CheckFailedError(ValueError):
    """The check of a submission ended unexpectedly: it is refused for now, and checked again at the next start."""


@dataclass(frozen=True)
class Bounds:
    """Resource limits of one check.

    Attributes:
        memory_bytes: Address space, which is more than the memory in use; torch alone maps gigabytes.
        cpu_s: Processor time of all threads together, in seconds.
        wall_s: Elapsed time in seconds.
        out_bytes: Size of the resulting record.
    """

    memory_bytes: int = 12 << 30
    cpu_s: int = 1_800
    wall_s: float = 1_800.0
    out_bytes: int = 32 << 20


@dataclass(frozen=True)
class Scorer:
    """Everything a check needs beside the submission.

    Attributes:
        references: The board's folder of references.
        embedder: Name of the board's embedder; None is the default one.
        allow_custom: See `submission.verify`.
        bounds: Resource limits of one check.
    """

    references: Path
    embedder: str | None = None
    allow_custom: bool = False
    bounds: Bounds = Bounds()


def verify_confined(folder: Path, scorer: Scorer) -> Verified:
    """Run `submission.verify` in a separate process.

    Raises:
        ValueError: The submission is refused, or exceeds its limits; the message says why.
        CheckFailedError: The check took too long, or was ended from outside.
        IntakeError: The board cannot score anything.
    """
    bounds = scorer.bounds
    with tempfile.TemporaryDirectory(prefix="sseu-intake-") as scratch:
        out = Path(scratch) / "outcome.json"
        request = {
            "folder": str(folder.resolve()),
            "references": str(scorer.references.resolve()),
            "out": str(out),
            "embedder": scorer.embedder,
            "allow_custom": scorer.allow_custom,
            "memory_bytes": bounds.memory_bytes,
            "cpu_s": bounds.cpu_s,
        }
        command = [sys.executable, "-m", "sseu_leaderboard.intake.check", json.dumps(request)]
        home = str(Path(__file__).resolve().parents[2])
        paths = [home, *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = child_environment(*variables_of(scorer.embedder)) | {
            "PYTHONPATH": os.pathsep.join(paths),
            "TOKENIZERS_PARALLELISM": "false",
        }
        theirs, ours = os.pipe()  # the check ends when `ours` is closed, which the end of this process does too
        try:
            ended = subprocess.run(
                command,
                env=environment,
                cwd=scratch,
                timeout=bounds.wall_s,
                stdin=theirs,
                capture_output=True,
                check=False,
                start_new_session=True,  # Ctrl-C ends the board, and is no verdict on the submission being checked
            )
        except subprocess.TimeoutExpired:
            raise CheckFailedError(
                f"checking it takes longer than {bounds.wall_s:.0f} s; a complete result does not"
            ) from None
        finally:
            os.close(theirs)
            os.close(ours)
        return _outcome(out, ended, bounds)


def _outcome(out: Path, ended: subprocess.CompletedProcess[bytes], bounds: Bounds) -> Verified:
    if ended.returncode == -signal.SIGXCPU:
        raise ValueError(f"checking it takes more than {bounds.cpu_s} s of processor time; a complete result does not")
    if ended.returncode < 0:  # the system may have run short of memory, or somebody ended it
        raise CheckFailedError(
            f"checking it was ended by signal {-ended.returncode} (memory limit {bounds.memory_bytes >> 30} GiB)"
        )
    if not out.is_file():
        kind = ended.stderr.decode(errors="replace").strip().rpartition("\n")[2].partition(":")[0]
        raise CheckFailedError(f"the check failed unexpectedly ({kind[:80]}); please tell the board's maintainer")
    if out.stat().st_size > bounds.out_bytes:
        raise ValueError("its record is larger than that of any complete result")
    values = json.loads(out.read_text(encoding="utf-8"))
    if "refused" in values:
        raise ValueError(values["refused"])
    if "broken" in values:
        raise IntakeError(values["broken"])
    return parse_verified(values["verified"])


def limit_resources(memory_bytes: int, cpu_s: int) -> None:
    """Limit this process; beyond the limits Python raises MemoryError or the system ends the process (Unix)."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def end_with_parent() -> None:
    """End this process when the board that started it has ended for any reason: standard input ends with it."""

    def wait() -> None:
        while os.read(0, 1):
            pass
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
