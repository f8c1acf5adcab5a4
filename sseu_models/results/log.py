"""The answer log: one JSON line per answer, written as soon as the answer is there.

A killed process may leave a last line without an end, which the next start cuts off; every other broken line is refused
as damage. Lines are checked without pydantic, which refuses the lone surrogates that a server's JSON may hold.
"""

from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from mmap import ACCESS_READ, mmap
from pathlib import Path
from types import NoneType, TracebackType

from sseu_dataset.files import write_atomically
from sseu_models.job import Key
from sseu_models.records import MAX_SCORE, Mode, Task

FILE_NAME = "answers.jsonl"
_SYNC_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Answer:
    """A line of the log (DESIGN section 4).

    Attributes:
        id: Id of the mixture.
        pcm_sha256: Hash of the mixture's samples as they were decoded for this question (`sseu_dataset.mixing`); None
            where they were not: the system has no audio input, or its front end puts something else in their place.
        sent_sha256: Hash of the samples that left after front end and resampling, little-endian float32; None where
            no audio was sent.
        mode: Mode of the question.
        task: Task of the question.
        run: Number of the run, from 0.
        system: Id of the system.
        prompt_sha256: Hash of the prompt (`prompts.prompt_sha256`).
        settings_sha256: Hash of the system's settings and the front end (`Result.settings_sha256`).
        status: `ok`, or `failed` where no answer came.
        text: The raw answer; None for scores and failures.
        scores: One per label; None for texts and failures.
        error: Why there is no answer.
        finish_reason: Why generation ended, as the system states it.
        latency_s: Time from request to answer; for a batch, that of the whole batch.
        input_tokens: Tokens of the request, as the system counts them.
        output_tokens: Tokens of the answer, likewise.
        restarted: Why the system had to be started again for this answer.
    """

    id: str
    pcm_sha256: str | None
    sent_sha256: str | None
    mode: Mode
    task: Task
    run: int
    system: str
    prompt_sha256: str
    settings_sha256: str
    status: str
    text: str | None = None
    scores: tuple[float, ...] | None = None
    error: str | None = None
    finish_reason: str | None = None
    latency_s: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    restarted: str | None = None

    @property
    def key(self) -> Key:
        """The question it answers."""
        return Key(self.id, self.mode, self.task, self.run)

    def to_line(self) -> bytes:
        """The line, with its end; of the fields that are None only the two hashes are written."""
        values = {name: value for name in _FIELDS if (value := getattr(self, name)) is not None or name in _REQUIRED}
        return json.dumps(values, separators=(",", ":")).encode("ascii") + b"\n"


_FIELDS = tuple(field.name for field in fields(Answer))
_TYPES: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("id", "mode", "task", "system", "prompt_sha256", "settings_sha256", "status"), str),
    **dict.fromkeys(("pcm_sha256", "sent_sha256"), (str, NoneType)),
    "run": int,
    **dict.fromkeys(("text", "error", "finish_reason", "restarted"), str),
    "scores": list,
    "latency_s": (int, float),
    **dict.fromkeys(("input_tokens", "output_tokens"), int),
}
_REQUIRED = _FIELDS[:10]


def parse_line(line: bytes, place: str) -> Answer:
    """The answer in a line.

    Raises:
        ValueError: It is not one; the message begins with `place`.
    """
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{place}: not JSON ({error})") from None
    if not isinstance(values, dict):
        raise ValueError(f"{place}: an object is needed, not {line[:40]!r}")
    unknown = [name for name in values if name not in _TYPES]
    missing = [name for name in _REQUIRED if name not in values]
    if unknown or missing:
        raise ValueError(f"{place}: unknown keys {unknown!r:.80}, missing keys {missing}")
    for name, value in values.items():
        if not isinstance(value, _TYPES[name]) or isinstance(value, bool):
            raise ValueError(f"{place}: {name} is {value!r:.40}")
    scores = values.get("scores")
    if scores is not None:
        if not all(isinstance(score, int | float) and abs(score) < MAX_SCORE for score in scores):
            raise ValueError(f"{place}: scores holds something that is no finite number")
        values["scores"] = tuple(float(score) for score in scores)
    answer = Answer(**values)
    if answer.pcm_sha256 is not None and answer.sent_sha256 is None:
        raise ValueError(f"{place}: pcm_sha256 without sent_sha256; what was not sent was not heard")
    content = (answer.text is not None) + (answer.scores is not None)
    if (answer.status, content) not in (("ok", 1), ("failed", 0)):
        raise ValueError(f"{place}: status {answer.status!r:.40} with {content} of text and scores")
    return answer


def read_log(path: Path) -> Iterator[Answer]:
    """Every answer of a log, in its order; a last line without an end is left out.

    Raises:
        ValueError: A line is broken; the message names file and line, and says what to do.
    """
    return (answer for _, answer in read_lines(path))


def read_lines(path: Path) -> Iterator[tuple[int, Answer]]:
    """As `read_log`, each answer with the place of its line: the number of bytes before it."""
    place = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.endswith(b"\n"):
                try:
                    answer = parse_line(line, f"{path} line {number}")
                except ValueError as error:
                    remedy = f"delete line {number} (`sseu run` asks its question again), or choose another --out"
                    raise ValueError(f"{error}; {remedy}") from None
                yield place, answer
                place += len(line)


def first_success(answers: Iterable[Answer]) -> dict[Key, Answer]:
    """The answer that counts for each question: the success, else the last failure.

    Raises:
        ValueError: A question was answered twice, differently: a run asks no question again that has an answer.
    """
    return {key: answer for key, (_, answer) in first_successes((0, answer) for answer in answers).items()}


def first_successes(lines: Iterable[tuple[int, Answer]]) -> dict[Key, tuple[int, Answer]]:
    """As `first_success`, of answers with their places."""
    counted: dict[Key, tuple[int, Answer]] = {}
    for place, answer in lines:
        _, known = counted.get(answer.key, (0, None))
        if known is None or known.status == "failed":
            counted[answer.key] = place, answer
        elif answer.status == "ok" and (answer.text, answer.scores) != (known.text, known.scores):
            raise ValueError(
                f"{FILE_NAME}: two different answers to {'/'.join(map(str, answer.key))}; delete the line that the "
                "system did not write, or choose another --out"
            )
    return counted


def heard_every_clip(answers: Iterable[Answer]) -> bool:
    """Whether the system was given the mixture with every question, changed by a front end or not."""
    return all(answer.pcm_sha256 is not None for answer in answers)


class AnswerLog:
    """The log of a results folder, opened for writing by one process at a time.

    Used with `with`. Every `append` is an unbuffered write; what was written is flushed to the disk at most twice a
    second, and `append` and `sync` return how many answers more are safe there: only those may be shown as done.

    Raises:
        ValueError: Another process writes to it.
    """

    def __init__(self, path: Path) -> None:
        from filelock import FileLock, Timeout

        # It stays when it is released: a lock file that is removed can be held twice.
        self._lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=0)
        try:
            self._lock.acquire()
        except Timeout:
            raise ValueError(f"{path}: another run is writing to it; wait for it, or choose another --out") from None
        try:
            self._file = path.open("ab", buffering=0)
            self._broken = False
            self._unsynced, self._synced_s = 0, 0.0
            self._cut_tail(path)
        except BaseException:
            self._lock.release()
            raise

    def _cut_tail(self, path: Path) -> None:
        """Remove a last line that a kill or a full disk left without its end."""
        if size := self._file.tell():
            with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
                end = content.rfind(b"\n") + 1
            if end < size:
                self._file.truncate(end)

    def append(self, answer: Answer) -> int:
        """Write an answer; returns the number of answers that are on the disk since the last call.

        Raises:
            OSError: The disk is full; the line does not count and the next start cuts it off. Or the log was removed or
                replaced: nothing more is asked, since nobody would find the answers.
        """
        line = answer.to_line()
        if self._broken:
            raise OSError(errno.EIO, "an earlier line could not be written whole", self._file.name)
        if not self._is_there():
            why = "it was removed or replaced during the run, with the answers in it"
            raise OSError(errno.ESTALE, why, str(self._file.name))
        try:
            while line:  # a second write says why the first was not whole: a full disk, a quota, a limit on file sizes
                line = line[self._file.write(line) :]
        except OSError as error:
            self._broken = True  # nothing may follow half a line
            raise OSError(error.errno, error.strerror, str(self._file.name)) from None
        self._unsynced += 1
        return self.sync() if time.monotonic() - self._synced_s >= _SYNC_EVERY_S else 0

    def sync(self) -> int:
        """Flush to the disk; returns the number of answers that are there since the last call.

        Raises:
            OSError: The disk fails.
        """
        os.fsync(self._file.fileno())
        self._synced_s = time.monotonic()
        safe, self._unsynced = self._unsynced, 0
        return safe

    def _is_there(self) -> bool:
        """Whether the file that is written to is still the one of this name."""
        try:
            return os.path.samestat(os.stat(self._file.name), os.fstat(self._file.fileno()))
        except FileNotFoundError:
            return False

    def keep(self, answers: Iterable[Answer]) -> None:
        """Replace all lines by these answers; a kill leaves the lines of before or of afterwards."""
        path = Path(self._file.name)
        write_atomically(path, b"".join(answer.to_line() for answer in answers))
        self._file.close()
        self._file = path.open("ab", buffering=0)

    def clear(self) -> None:
        """Delete every line."""
        self._file.truncate(0)

    def __enter__(self) -> AnswerLog:
        """Return the log, opened."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Flush it to the disk and close it for the next process."""
        try:
            if self._unsynced:
                self.sync()
        finally:
            self._file.close()
            self._lock.release()
