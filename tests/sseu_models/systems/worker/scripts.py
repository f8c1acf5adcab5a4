"""Worker files that tests write, and the questions they are asked."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from sseu_models.records import Prompt, Question, Reply, Task
from sseu_models.systems.worker.system import WorkerSystem

T = TypeVar("T")

HEAD = """
import hashlib, os, random, signal, subprocess, sys, time
from sseu_models.systems.worker.protocol import Answer, Hello, Question

SETTINGS = {"marker": None, "gain": 1.0, "loud": False}

class Worker:
    def __init__(self, settings, labels):
        self.settings, self.labels = settings, labels
        self.hello = Hello(rate_hz=16000, deterministic=False, max_audio_s=2.0, facts={"order": "audio, text"})
"""


def ask(user: str = "what?", task: Task = "asr", seed: int = 1, audio: np.ndarray | None = None) -> Question:
    prompt = Prompt("test/1", task, "independent", None, user, "project")
    samples = np.linspace(-1, 1, 16000, dtype=np.float32) if audio is None else audio
    return Question("clip", samples, task, "independent", prompt, seed)


def written(tmp_path: Path, body: str) -> str:
    file = tmp_path / "my_worker.py"
    indented = "".join(f"        {line}\n" for line in body.strip("\n").splitlines())
    file.write_text(f"{HEAD}\n    def answer(self, question):\n{indented}")
    return str(file)


def running(system: WorkerSystem, talk: Callable[[WorkerSystem], Awaitable[T]]) -> T:
    async def session() -> T:
        try:
            await system.start()
            return await talk(system)
        finally:
            await system.close()

    return asyncio.run(session())


def answers(system: WorkerSystem, questions: Sequence[Question]) -> list[Reply]:
    async def talk(started: WorkerSystem) -> list[Reply]:
        return [(await started.answer([question]))[0] for question in questions]

    return running(system, talk)


def alive(pid: str) -> bool:
    """Whether a process runs, by /proc; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def fake_python(tmp_path: Path, *lines: str) -> str:
    """An "interpreter" that answers each line it reads with one of these, whatever file it is given."""
    script = tmp_path / "fake_python"
    body = "\n".join(f"sys.stdin.readline(); print({line!r}, flush=True)" for line in lines)
    script.write_text(f"#!{sys.executable}\nimport sys\n{body}\nsys.stdin.readline()\n")
    script.chmod(0o755)
    return str(script)


HELLO = (
    '{"kind": "hello", "protocol": 1, "rate_hz": 16000, "max_audio_s": null, "deterministic": true, '
    '"modes": {"independent": ["asr"]}, "family": "*", "facts": {}}'
)
