"""The examples of docs/systems/your-own.md answer."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import sseu_models
from sseu_metric.answers import parse_answer
from sseu_metric.labels import EVENTS
from sseu_models.records import Prompt, Question, Reply, System
from sseu_models.systems.function import function_system
from sseu_models.systems.spec import make_system


def example(kind: str) -> str:
    page = (Path(__file__).resolve().parents[3] / "docs/systems/your-own.md").read_text(encoding="utf-8")
    block = page.split(f"<!-- {kind} -->\n```python\n")[1].split("```")[0]
    assert block.count("\n") <= (30 if kind in ("recogniser", "tagger") else 100)
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


def test_the_recogniser_of_the_docs_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a stand-in for transformers' pipeline, which needs weights: it gets the samples as the runner sends them."""

    def pipeline(task: str, model: str) -> Any:
        assert (task, model) == ("automatic-speech-recognition", "my/model")
        return lambda sound: {"text": f"{len(sound['raw'])} samples at {sound['sampling_rate']}"}

    module = ModuleType("transformers")
    module.__dict__["pipeline"] = pipeline
    monkeypatch.setitem(sys.modules, "transformers", module)
    system = _class("recogniser", "Recogniser")("my/model")
    assert isinstance(system, System)
    assert system.capabilities.modes == {"independent": ("asr",)}
    assert [reply.text for reply in answers_of(system)] == ["16000 samples at 16000"] * 2


def test_the_tagger_of_the_docs_answers_with_scores(built: Path) -> None:
    run = sseu_models.run(_class("tagger", "Tagger")(), built, limit=1)
    answers = run.answers()
    assert {(one.task, len(one.scores or ())) for one in answers} == {("asc", 6), ("at", 18)}
    for one in answers:
        assert one.text is None
        if one.task == "at":
            assert one.scores is not None
            assert one.scores[EVENTS.index("Dog")] == 0.5
    assert run.scores["independent"].embedder is None


def _class(kind: str, name: str) -> Any:
    module: dict[str, Any] = {}
    exec(compile(example(kind), "your-own.md", "exec"), module)
    return module[name]
