"""Scoring a stranger's answers in a process of its own, with bounded time and memory, whatever is in them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sseu_leaderboard.intake.verified import Verified, parse_verified


class IntakeError(RuntimeError):
    """The board itself cannot score: no embedder, no reference. The submission is not to blame."""


class CheckFailedError(ValueError):
    """The check broke off on a submission in a way nobody foresaw: refused, but judged anew at the next start."""


@dataclass(frozen=True)
class Bounds:
    """What one submission may cost.

    Attributes:
        memory_bytes: Address space, which is more than what is in use; torch alone maps gigabytes.
        cpu_s: Processor time, all threads together.
        wall_s: Time.
        out_bytes: Of the record.
    """

    memory_bytes: int = 12 << 30
    cpu_s: int = 1_800
    wall_s: float = 1_800.0
    out_bytes: int = 32 << 20


@dataclass(frozen=True)
class Scorer:
    """Everything a check needs beside the submission.

    Attributes:
        references: File of the board's reference.
        embedder: Name of the board's embedder; None is the default.
        allow_custom: See `intake.verify`.
        bounds: What one submission may cost.
    """

    references: Path
    embedder: str | None = None
    allow_custom: bool = False
    bounds: Bounds = Bounds()


def verify_confined(folder: Path, scorer: Scorer) -> Verified:
    """As `intake.verify`, in a process of its own.

    Raises:
        ValueError: Why the submission is refused; also where it costs more than its bounds.
        CheckFailedError: It took too long, or the check was ended by something else.
        IntakeError: The board cannot score anything.
    """
    bounds = scorer.bounds
    with tempfile.TemporaryDirectory(prefix="sseu-intake-") as scratch:
        out = Path(scratch) / "outcome.json"
        command = [sys.executable, "-m", "sseu_leaderboard.intake.submission", str(folder.resolve())]
        command += ["--references", str(scorer.references.resolve()), "--out", str(out)]
        command += ["--memory-bytes", str(bounds.memory_bytes), "--cpu-s", str(bounds.cpu_s)]
        command += ["--embedder", scorer.embedder] if scorer.embedder else []
        command += ["--allow-custom"] if scorer.allow_custom else []
        home = str(Path(__file__).resolve().parents[2])
        paths = [home, *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "TOKENIZERS_PARALLELISM": "false"}
        theirs, ours = os.pipe()  # the check ends when `ours` is closed, also by the end of this process
        try:
            ended = subprocess.run(
                command,
                env=environment,
                cwd=scratch,
                timeout=bounds.wall_s,
                stdin=theirs,
                capture_output=True,
                check=False,
                start_new_session=True,  # Ctrl-C is for the board, not for a submission that is being judged
            )
        except subprocess.TimeoutExpired:
            raise CheckFailedError(
                f"it takes longer than {bounds.wall_s:.0f} s to check; a whole result does not"
            ) from None
        finally:
            os.close(theirs)
            os.close(ours)
        return _outcome(out, ended, bounds)


def _outcome(out: Path, ended: subprocess.CompletedProcess[bytes], bounds: Bounds) -> Verified:
    if ended.returncode == -signal.SIGXCPU:
        raise ValueError(f"checking it costs more than {bounds.cpu_s} s of processor time; a whole result does not")
    if ended.returncode < 0:  # it may have been the system that was short of memory, or somebody who ended it
        raise CheckFailedError(
            f"checking it was ended by signal {-ended.returncode}; at most {bounds.memory_bytes >> 30} GiB of memory "
            "are given to it"
        )
    if not out.is_file():
        kind = ended.stderr.decode(errors="replace").strip().rpartition("\n")[2].partition(":")[0]
        raise CheckFailedError(f"the check broke off on it ({kind[:80]}); tell the board's maintainer")
    if out.stat().st_size > bounds.out_bytes:
        raise ValueError("its figures are larger than any whole result's")
    values = json.loads(out.read_text(encoding="utf-8"))
    if "refused" in values:
        raise ValueError(values["refused"])
    if "broken" in values:
        raise IntakeError(values["broken"])
    return parse_verified(values["verified"])
