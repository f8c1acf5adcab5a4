"""The examples of docs/systems/your-own.md answer."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sseu_metric.answers import parse_answer
from sseu_models.records import Prompt, Question, Reply, System
from sseu_models.systems.function import function_system
from sseu_models.systems.spec import make_system


def example(kind: str) -> str:
    page = (Path(__file__).resolve().parents[3] / "docs/systems/your-own.md").read_text(encoding="utf-8")
    block = page.split(f"<!-- {kind} -->\n```python\n")[1].split("```")[0]
    assert block.count("\n") < 100
    return block


def level(power_db: float) -> Question:
    prompt = Prompt("test/asc", "asc", "independent", None, "Where is it?", "project")
    audio = np.full(16_000, 10 ** (power_db / 20), np.float32)
    return Question("p1_0", audio, "asc", "independent", prompt, seed=7)


def answers_of(system: System) -> list[Reply]:
    async def run() -> list[Reply]:
        await system.start()
        try:
            return [(await system.answer([level(db)]))[0] for db in (-20, -40)]
        finally:
            await system.close()

    return asyncio.run(run())


def test_the_worker_of_the_docs_answers(tmp_path: Path) -> None:
    file = tmp_path / "my_system.py"
    file.write_text(example("worker"), encoding="utf-8")
    for threshold_db, loud in ((-25.0, 1), (-50.0, 2)):
        replies = answers_of(make_system(f"worker:{file}", {"threshold_db": threshold_db}, []))
        scenes = [parse_answer(reply.text, "asc").scene for reply in replies]
        assert scenes == ["Metro Station"] * loud + ["Home"] * (2 - loud)


@pytest.mark.parametrize("kind", ["function", "system"])
def test_the_function_and_the_class_of_the_docs_answer(kind: str) -> None:
    module: dict[str, Any] = {}
    exec(compile(example(kind), "your-own.md", "exec"), module)
    system = function_system(module["answer"]) if kind == "function" else module["LevelSystem"]()
    assert isinstance(system, System)
    assert [reply.text for reply in answers_of(system)] == ["Scene: Metro Station", "Scene: Home"]
