"""Run a command, and kill it with -9 once its log holds so many answers: `killed_run.py LOG ANSWERS COMMAND...`."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def main(log: Path, answers: int, command: list[str]) -> int:
    """Return 0 if the command was killed or had nothing left to do."""
    process = subprocess.Popen(command, start_new_session=True)
    while process.poll() is None:
        if log.exists() and log.read_bytes().count(b"\n") >= answers:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            print(f"killed with -9 after {answers} answers; the same command continues:", flush=True)
            return 0
        time.sleep(0.02)
    return process.returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
