"""Questions for the stub server, and a system that asks them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sseu_models.records import Mode, Prompt, Question, Reply, Task
from sseu_models.systems.api.system import ApiSystem, make_api
from tests.sseu_models.systems.api.stub_server import StubServer

KEY = "sk-proj-Secret0123456789abcdef"


def noise(seconds: float = 1.0) -> NDArray[np.float32]:
    """Noise at 16 kHz."""
    return (np.random.default_rng(0).standard_normal(round(16_000 * seconds)) * 0.1).astype(np.float32)


def question(task: Task = "asc", mode: Mode = "independent", **changes: Any) -> Question:
    """A question about a second of noise."""
    prompt = Prompt(f"test/{task}", task, mode, None, "Where is it?", "project")
    return replace(Question("p1_0", noise(), task, mode, prompt, seed=7), **changes)


async def started(server: StubServer, **settings: Any) -> ApiSystem:
    """A started system behind the server."""
    system = make_api(f"stub-audio@{server.url}", **settings)
    await system.start()
    return system


def ask(server: StubServer, *questions: Question, **settings: Any) -> list[Reply]:
    """The replies to the questions, one after another, from a system of its own."""

    async def run() -> list[Reply]:
        system = await started(server, **settings)
        try:
            return [(await system.answer([q]))[0] for q in questions or (question(),)]
        finally:
            await system.close()

    return asyncio.run(run())
