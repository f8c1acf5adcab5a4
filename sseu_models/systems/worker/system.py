"""The `worker:` back end: a system in an environment of its own, behind a pipe.

The worker file runs under the other environment's Python through `protocol.py`. A worker that crashes or hangs is
restarted once for the question it died on; if it dies again, that question gets an error and the next one a new
worker. A worker that was restarted must be what it was before: same weights, versions and capabilities.
`sseu systems setup NAME` makes an environment.
"""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, cast

from sseu_metric.suggestions import did_you_mean
from sseu_models.records import (
    LABELS,
    Capabilities,
    Json,
    Mode,
    Question,
    Reply,
    SystemDownError,
    Task,
    score_problem,
)
from sseu_models.systems.content import public_value
from sseu_models.systems.worker.environments import WORKERS, default_folder, environment_of, interpreter, is_gone
from sseu_models.systems.worker.process import WorkerDiedError, WorkerProcess
from sseu_models.systems.worker.protocol import PROTOCOL, Answer
from sseu_models.systems.worker.settings import ProcessSettings, fill_settings, read_defaults

MAX_DEATHS = 3
"""Consecutive questions that may kill the worker before the system is given up."""
PROTOCOL_FILE = Path(__file__).parent / "protocol.py"


def make_worker(name: str, **settings: Any) -> WorkerSystem:
    """A system behind a worker; nothing runs before `start`.

    Args:
        name: One of `WORKERS`, or the path of a worker file, which ends in `.py`.
        settings: The attributes of `ProcessSettings`, and the worker's own, listed in `SETTINGS` of its file.

    Raises:
        ValueError: Unknown name or setting, a value of the wrong type, or a file without a literal `SETTINGS`.
    """
    fixed: Mapping[str, Json] = {}
    is_own = name.endswith(".py")
    if is_own:
        file = Path(name).expanduser().resolve()
        if not file.is_file():
            raise ValueError(f"worker file {name} does not exist")
    elif name in WORKERS:
        file, fixed = WORKERS[name].file, WORKERS[name].fixed
    else:
        raise ValueError(
            f"unknown worker {name!r}{did_you_mean(name, WORKERS)} (there are {', '.join(WORKERS)}; or give the path "
            "of a worker file, which ends in .py)"
        )
    process, own = fill_settings(f"worker:{name}", read_defaults(file), fixed, settings)
    if is_own:
        process = process.model_copy(update={"python": process.python or sys.executable})
    return WorkerSystem(f"worker:{file.stem if is_own else name}", file, process, own)


class WorkerSystem:
    """A `System` whose answers come from a worker process; its stderr is kept in `stderr_log`, set by `start`."""

    def __init__(self, system_id: str, file: Path, process: ProcessSettings, own: Mapping[str, Json]) -> None:
        """Use `make_worker`."""
        self.id = system_id
        self.stderr_log = None if process.stderr_log is None else Path(process.stderr_log).expanduser().absolute()
        self._file = file
        self._process_settings = process
        self._own_settings = dict(own)
        self._capabilities: Capabilities | None = None
        self._recorded: dict[str, Json] | None = None
        self._facts: dict[str, Json] = {}
        self._process: WorkerProcess | None = None
        self._scratch: str | None = None
        self._number = 0
        self._deaths = 0

    @property
    def settings(self) -> Mapping[str, Json]:
        """The worker's settings, an existing path by the hash of its content; after `start` what it reports too.

        Raises:
            ValueError: A file that a setting names cannot be read.
        """
        if self._recorded is None:
            self._recorded = self._read_recorded()
        return self._recorded | ({"worker": self._facts} if self._facts else {})

    def _read_recorded(self) -> dict[str, Json]:
        """The settings as recorded; a path that was not there at first is where the worker writes, and stays a name."""
        before = self._recorded or {}
        own = self._own_settings.items()
        env: dict[str, Json] = {"env": self._process_settings.env} if self._process_settings.env else {}
        return env | {
            name: before[name] if isinstance(before.get(name), str) else public_value(value) for name, value in own
        }

    @property
    def capabilities(self) -> Capabilities:
        """Known after `start`, from the worker's first message."""
        if self._capabilities is None:
            raise ValueError(f"{self.id} is not started; call start() first")
        return self._capabilities

    async def start(self) -> None:
        """Start the worker and wait until its model is loaded.

        Raises:
            SystemDownError: The environment is missing, or the worker cannot load.
        """
        if self.stderr_log is None:
            handle, log = tempfile.mkstemp(prefix=f"sseu-{self._file.stem}-", suffix=".stderr.log")
            os.close(handle)
            self.stderr_log = Path(log)
        self._scratch = tempfile.mkdtemp(prefix="sseu-worker-")
        self._process = await self._launch()

    async def answer(self, questions: Sequence[Question]) -> list[Reply]:
        """One reply for each question.

        Raises:
            SystemDownError: Several consecutive questions killed the worker, or it cannot be restarted.
        """
        return [await self._answer(question) for question in questions]

    async def close(self) -> None:
        """End the worker and remove its temporary files; its stderr is kept."""
        process, self._process = self._process, None
        if process is not None:
            await process.close()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None

    async def _answer(self, question: Question) -> Reply:
        if problem := self.capabilities.refusal(question):
            return Reply(error=problem)
        died, stderr_tail = "", ""
        for _ in range(2):
            process = self._process or await self._launch()
            self._process = None  # until it has answered: an interrupted exchange has ended it
            try:
                reply = await self._ask(process, question)
            except WorkerDiedError as error:
                died, stderr_tail = str(error), process.stderr_tail()
                continue
            self._process = process
            self._deaths = 0
            return replace(reply, restarted=f"it {died}; its stderr is in {self.stderr_log}") if died else reply
        self._deaths += 1
        if self._deaths >= MAX_DEATHS:
            raise SystemDownError(
                f"{self.id}: {self._deaths} consecutive questions ended the worker, each twice; "
                f"the last time it {died}{stderr_tail}"
            )
        return Reply(error=f"the worker died on this question twice; it {died}; its stderr is in {self.stderr_log}")

    async def _ask(self, process: WorkerProcess, question: Question) -> Reply:
        self._number += 1
        message = _question_message(self._number, question, self.capabilities.rate_hz)
        answer = await process.exchange(message, self._process_settings.timeout_s)
        if answer.get("kind") != "reply" or answer.get("number") != self._number:
            await process.kill()
            raise WorkerDiedError(
                f"sent {answer.get('kind')!r} number {answer.get('number')!r} instead of reply {self._number}"
            )
        try:
            return _read_reply(answer, question.mode, question.task)
        except (TypeError, ValueError) as error:
            return Reply(error=f"the worker's reply is invalid: {error}")

    async def _launch(self) -> WorkerProcess:
        python = self._find_python()
        assert self.stderr_log is not None
        assert self._scratch is not None
        try:
            environment = self._process_settings.environment()
        except ValueError as error:
            raise SystemDownError(f"{self.id}: {error}") from error
        try:
            process = await WorkerProcess.launch(
                [python, str(PROTOCOL_FILE), str(self._file)], self._scratch, self.stderr_log, environment
            )
        except OSError as error:
            raise SystemDownError(f"{self.id}: {python} cannot be run: {error}; --setting python=PATH") from error
        start = {"protocol": PROTOCOL, "settings": self._own_settings, "labels": LABELS, "scratch": self._scratch}
        try:
            hello = await process.exchange(start, self._process_settings.start_timeout_s)
        except WorkerDiedError as error:
            raise SystemDownError(f"{self.id} cannot start: the worker {error}{process.stderr_tail()}") from error
        try:
            capabilities, facts = _read_hello(hello)
            # After the worker has taken its settings: it knows best which path it cannot use.
            recorded = await asyncio.to_thread(self._read_recorded)
        except ValueError as error:
            await process.kill()
            raise SystemDownError(f"{self.id} cannot start: {error}{process.stderr_tail()}") from error
        try:
            self._check_unchanged(capabilities, recorded, facts)
        except SystemDownError:
            await process.kill()
            raise
        self._capabilities, self._recorded, self._facts = capabilities, recorded, facts
        return process

    def _check_unchanged(
        self, capabilities: Capabilities, recorded: Mapping[str, Json], facts: Mapping[str, Json]
    ) -> None:
        """Refuse a worker that is not what it was before its restart: its answers would be another system's."""
        if self._capabilities is None:
            return
        before = {**asdict(self._capabilities), **_named(self._recorded or {}), **self._facts}
        now = {**asdict(capabilities), **_named(recorded), **facts}
        differing = [
            f"\n  {name}: {before.get(name, 'not there')} before, {now.get(name, 'not there')} now"
            for name in sorted(before.keys() | now.keys())
            if before.get(name) != now.get(name)
        ]
        if differing:
            raise SystemDownError(
                f"{self.id}: the worker was restarted and is not the same any more; restore what it was, or choose "
                f"another --out{''.join(differing)}"
            )

    def _find_python(self) -> str:
        given = self._process_settings.python
        if given is not None:
            # Not resolved: the link is how a virtual environment is known.
            return os.path.abspath(os.path.expanduser(given)) if os.sep in given else given
        environment = environment_of(self.id)
        python = interpreter(default_folder(environment))
        if is_gone(python):
            raise SystemDownError(
                f"{self.id}: {python} is a link to {os.readlink(python)}, which is gone: make the environment anew "
                f"with `sseu systems setup {environment}`"
            )
        if not python.is_file():
            raise SystemDownError(
                f"{self.id} has no environment in {python.parent.parent}: make it with "
                f"`sseu systems setup {environment}`, or give --setting python=PATH of its interpreter"
            )
        return str(python)


def _question_message(number: int, question: Question, rate_hz: int | None) -> dict[str, Json]:
    audio = None if question.audio is None else base64.b64encode(question.audio.astype("<f4").tobytes()).decode()
    return {
        "number": number,
        "clip_id": question.clip_id,
        "task": question.task,
        "mode": question.mode,
        "system": question.prompt.system,
        "user": question.prompt.user,
        "seed": question.seed,
        "rate_hz": rate_hz,
        "audio": audio,
    }


def _read_reply(message: Mapping[str, Any], mode: str, task: Task) -> Reply:
    """The reply in a message. Raises ValueError or TypeError if its fields are not those of `Answer`."""
    answer = Answer(**{key: value for key, value in message.items() if key not in ("kind", "number")})
    if answer.error is None and (problem := score_problem(answer.scores, mode, task)):
        raise ValueError(problem)
    scores = None if answer.scores is None else tuple(map(float, answer.scores))
    return Reply(**asdict(answer) | {"scores": scores})


def _read_hello(hello: Mapping[str, Any]) -> tuple[Capabilities, dict[str, Json]]:
    """The worker's first message. Raises ValueError if it is not a hello, or has another protocol."""
    if hello.get("kind") == "failed":
        raise ValueError(str(hello.get("error")))
    if hello.get("kind") != "hello" or hello.get("protocol") != PROTOCOL:
        raise ValueError(
            f"the worker's first message is {hello.get('kind')!r} of protocol {hello.get('protocol')!r} instead of a "
            f"hello of protocol {PROTOCOL}: run it through the protocol.py of this version"
        )
    try:
        return Capabilities(
            rate_hz=None if hello["rate_hz"] is None else int(hello["rate_hz"]),
            max_audio_s=None if hello["max_audio_s"] is None else float(hello["max_audio_s"]),
            deterministic=bool(hello["deterministic"]),
            modes={cast("Mode", mode): tuple(cast("list[Task]", tasks)) for mode, tasks in hello["modes"].items()},
            family=str(hello["family"]),
        ), _facts(hello)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"the worker's first message is malformed: {error!r} in {hello}") from error


def _facts(hello: Mapping[str, Any]) -> dict[str, Json]:
    """What the worker reports, with the capabilities that change answers and that no other part of a result holds."""
    stated = {name: hello[name] for name in ("rate_hz", "deterministic")}
    return {name: public_value(value) for name, value in {**stated, **hello["facts"]}.items()}


def _named(settings: Mapping[str, Json]) -> dict[str, Json]:
    return {f"setting {name}": value for name, value in settings.items()}
