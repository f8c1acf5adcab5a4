"""Submissions on the tiny dataset, and ways to spoil them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sseu_hub.submission import ANSWERS_GZ, pack
from sseu_models.job import Job
from sseu_models.records import Question, Reply, System
from sseu_models.results.folder import read_result, read_scores
from sseu_models.results.folder_scoring import open_result_dataset, read_answers
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request
from tests.sseu_models.scripted import ScriptedSystem, plain_reply

MODEL = "lab/model"
_JOB = Job(modes=("independent", "joint"), runs=2)


def speaking(word: str) -> Callable[[Question], Reply]:
    """Replies of a system of its own: two systems with the very same answers are a copy."""

    def reply(question: Question) -> Reply:
        said = plain_reply(question)
        return said if said.text is None else Reply(text=said.text.replace("stella", word))

    return reply


def make_submission(
    built: Path,
    root: Path,
    system: str,
    *,
    reply: Callable[[Question], Reply] = plain_reply,
    model: str = MODEL,
    control: bool = False,
    job: Job = _JOB,
    prompts: str | None = None,
) -> Path:
    """A submission's folder; `control` asks the system of that name instead of a scripted one."""
    asked: str | System = system if control else ScriptedSystem(id=system, reply=reply)
    run = root / "run"
    named = None if prompts is None else Path(prompts)
    evaluate(Request(asked, str(built), run, job=job, embedder="exact", prompts=named), progress=False)
    result = read_result(run)
    _, answers = read_answers(run, result, open_result_dataset(result))
    folder = root / "submission"
    folder.mkdir()
    for name, data in pack(model, result, read_scores(run), list(answers.values())).items():
        (folder / name).write_bytes(data)
    return folder


def read_lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress((folder / ANSWERS_GZ).read_bytes()).splitlines()]


def write_lines(folder: Path, values: list[Any]) -> None:
    text = "".join(json.dumps(value) + "\n" for value in values)
    (folder / ANSWERS_GZ).write_bytes(gzip.compress(text.encode(), 1))


def edit(folder: Path, name: str, change: Callable[[dict[str, Any]], Any]) -> None:
    values = json.loads((folder / name).read_text())
    change(values)
    (folder / name).write_text(json.dumps(values))
