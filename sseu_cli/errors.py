"""Errors and exit codes of every command: the one table, and the message that goes with each."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

DONE, FAILED, BAD_INPUT, INCOMPLETE, NOTHING_ANSWERED, INTERRUPTED, NO_READER = 0, 1, 2, 3, 4, 130, 141

EXIT_CODES: Mapping[int, str] = {
    DONE: "done",
    FAILED: "it failed: a check found differences, a system, network or Hub did not answer, no space or permission",
    BAD_INPUT: "bad input: wrong arguments, files or data, or a package that is not installed",
    INCOMPLETE: "requests failed: the result is incomplete",
    NOTHING_ANSWERED: "no answer: a server rejects the requests (HTTP 4xx), or the first ones all failed alike",
    INTERRUPTED: "interrupted",
    NO_READER: "nobody reads the output any more (`| head`)",
}

_OTHER_PATH = {
    errno.ENOENT: "check the path",
    errno.ENOTDIR: "give another path, a file stands where a folder is needed",
    errno.EISDIR: "give another path, a folder stands where a file is needed",
    errno.EEXIST: "give another path",
    errno.ENAMETOOLONG: "give a shorter path",
    errno.EADDRINUSE: "give another --port",
}
_SAME_COMMAND = {
    errno.ENOSPC: "free some disk space",
    errno.EDQUOT: "free some of your disk quota",
    errno.EFBIG: "raise the limit on file sizes",
    errno.EMFILE: "raise the limit on open files (ulimit -n)",
    errno.EIO: "check the disk",
    errno.ESTALE: "put the folder back if it was moved",
    errno.EACCES: "choose a folder that you may write to, or change its permissions",
    errno.EPERM: "choose a folder that you may write to, or change its permissions",
    errno.EROFS: "choose a folder on a disk that can be written to",
}
_WRITING = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}
_MAIN = str(Path(__file__).with_name("main.py"))
_PLACES = ("out", "root", "folder", "result", "file", "data")
"""Parameters that name what a command works on, the likeliest first."""


def explain(error: BaseException, parameters: Mapping[str, Any], *, resumes: bool) -> int:
    """Print what went wrong and what to do about it; the exit code.

    Args:
        error: What a command raised.
        parameters: Its arguments by name.
        resumes: The same command continues where it stopped.

    Raises:
        BaseException: The error itself, if it is no state of the world that we know but a fault of ours.
    """
    if isinstance(error, KeyboardInterrupt):
        _say("interrupted" + ("; the same command continues" if resumes else ""))
        return INTERRUPTED
    if isinstance(error, OSError) and not isinstance(error, ValueError):
        is_of_output = _is_of_output(error)
        if is_of_output and isinstance(error, BrokenPipeError):  # `| head` has seen enough
            return NO_READER
        written = error.filename2 if error.errno in _WRITING else None  # a copy names its source first
        place = written or error.filename or ("standard output" if is_of_output else None)
        place = place or next(filter(None, map(parameters.get, _PLACES)), "disk or network")
        text = error.strerror or error
        if error.errno in _WRITING and "Detail" in str(text):  # Arrow's, with the same in longer words
            text = os.strerror(error.errno)
        _say(f"error: {place}: {text}; {_remedy(error, resumes)}")
        return FAILED
    code = _code_of(error)
    if code is None:
        raise error
    _say(f"error: {error}")
    if code != BAD_INPUT and resumes:
        _say("the same command continues; what was done before is kept")
    return code


def _remedy(error: OSError, resumes: bool) -> str:
    number = error.errno or 0
    if number in _OTHER_PATH:
        again = "; if it was removed while the command ran, run the same command again" if resumes else ""
        return _OTHER_PATH[number] + (again if number == errno.ENOENT else "")
    unreachable = isinstance(error, ConnectionError | TimeoutError)
    remedy = _SAME_COMMAND.get(number, "check the network" if unreachable else "fix this")
    return f"{remedy}, then run the same command again" + (": it continues" if resumes else "")


def _code_of(error: BaseException) -> int | None:
    """The exit code of an error; None for a fault of this program.

    Wrong input is a `ValueError`, what failed is a subclass of `RuntimeError` of one of our packages.
    """
    from sseu_models.records import RejectedError
    from sseu_models.running.runner import NothingAnsweredError, TooManyFailedError

    if isinstance(error, NothingAnsweredError | RejectedError):
        return NOTHING_ANSWERED
    if isinstance(error, TooManyFailedError):
        return INCOMPLETE
    if isinstance(error, ValueError | ImportError):
        return BAD_INPUT
    ours = type(error).__module__.startswith("sseu_")
    return FAILED if ours and isinstance(error, RuntimeError) else None


def _is_of_output(error: OSError) -> bool:
    """Whether it was raised where a line was printed; what the streams still hold is dropped then, for a silent end."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or trace.tb_frame.f_code.co_filename not in (click.utils.__file__, _MAIN):
        return False
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return True


def _say(line: str) -> None:
    with suppress(OSError):  # where nobody hears it, the exit code says it
        click.echo(line, err=True)
