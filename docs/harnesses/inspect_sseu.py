"""SSEU-Bench as an Inspect task, with this project's audio, prompts, parser and scores; see harnesses.md.

inspect eval docs/harnesses/inspect_sseu.py -T data=sseu-bench -T mode=joint --model openai/gpt-audio
"""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessageSystem, ChatMessageUser, ContentAudio, ContentText
from inspect_ai.scorer import Metric, SampleScore, Score, Scorer, Target, metric, scorer
from inspect_ai.solver import Generate, Solver, TaskState, generate, solver

from sseu_dataset import load, load_audio
from sseu_metric.tasks import METRICS
from sseu_models.job import Job, Key
from sseu_models.planning import PlannedClip, plan, read_references
from sseu_models.prompts import load_prompts
from sseu_models.records import TASKS
from sseu_models.results.log import Answer
from sseu_models.results.scoring import score_answers
from sseu_models.systems.api.wav import wav_base64

RATE_HZ = 16_000


@task
def sseu_bench(
    data: str = "sseu-bench",
    mode: str = "independent",
    runs: int = 1,
    limit: int | None = None,
    embedder: str = "default",
) -> Task:
    """One mode of SSEU-Bench.

    Args:
        data: Dataset folder, relative to where the command was started, or Hub repository.
        mode: `independent`, `joint` or `cot`; `likelihood` needs scores, which Inspect's models do not return.
        runs: How often each question is asked (in place of Inspect's epochs, which would average before scoring).
        limit: Maximum number of pairs (in place of Inspect's limit: clips left out by that count as missing).
        embedder: Text embedder, see `sseu_metric.make_embedder`.
    """
    data = _found_from_the_start(data)
    rows, clips = _plan(data, mode, runs, limit)
    prompts = load_prompts()
    samples = []
    for clip in clips:
        for key in clip.questions:
            prompt = prompts.find(key.mode, key.task, "*")
            samples.append(
                Sample(
                    input=prompt.user,
                    id="|".join(map(str, key)),
                    metadata={"index": clip.index, "system": prompt.system, "key": key._asdict()},
                )
            )
    return Task(
        dataset=MemoryDataset(samples),
        solver=[add_audio(rows), generate()],
        scorer=keep_answer(),
        metrics=[sseu(data, mode, runs, limit, embedder)],
    )


def _found_from_the_start(data: str) -> str:
    """A folder as it was meant where the command was started: Inspect has changed into this file's folder."""
    here = Path(__file__).resolve()
    named = [Path(argument.partition("@")[0]) for argument in sys.argv[1:]]
    # From the name of this file on the command line; else from the shell, which a script may start in another folder.
    starts = [here.parents[len(one.parts) - 1] for one in named if here.parts[-len(one.parts) :] == one.parts]
    for start in (*starts, Path(os.environ.get("PWD", "."))):
        if (start / data).is_dir():
            return str((start / data).resolve())
    return data


@solver
def add_audio(rows: Any) -> Solver:
    """Put the clip before the prompt when the sample is run, so that only clips in use are in memory."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        wav = wav_base64(load_audio(rows[state.metadata["index"]], RATE_HZ), RATE_HZ)
        audio = ContentAudio(audio=f"data:audio/wav;base64,{wav}", format="wav")
        system = state.metadata["system"]
        state.messages = [
            *([ChatMessageSystem(content=system)] if system else []),
            ChatMessageUser(content=[audio, ContentText(text=state.input_text)]),
        ]
        return state

    return solve


@cache
def _plan(data: str, mode: str, runs: int, limit: int | None) -> tuple[Any, list[PlannedClip]]:
    """The dataset and the questions about it."""
    job = Job(modes=(mode,), runs=runs, limit=limit)  # type: ignore[arg-type]
    rows = load(data)
    return rows, plan(read_references(rows), job, modes={job.modes[0]: TASKS[job.modes[0]]}, deterministic=False)


@metric
def sseu(data: str, mode: str, runs: int, limit: int | None, embedder: str = "default") -> Metric:
    """WER, mACC and mAP over all answers, which are no means over samples; unanswered questions count as wrong."""

    def compute(scores: list[SampleScore]) -> dict[str, float]:
        _, clips = _plan(data, mode, runs, limit)
        answers: dict[Key, Answer] = {}
        for one in scores:
            key = Key(**(one.score.metadata or {})["key"])
            answers[key] = Answer(
                **key._asdict(),
                pcm_sha256=None,  # scored at once and never logged
                sent_sha256=None,
                system="inspect",
                prompt_sha256="",
                settings_sha256="",
                status="ok",
                text=one.score.answer or "",
            )
        found = score_answers(clips, answers, embedder=embedder)[mode]
        values = {name: value for name in METRICS if (value := found.value(name)) is not None}
        return {**values, "missing": float(sum(len(clip.questions) for clip in clips) - len(answers))}

    return compute


@scorer(metrics=[])
def keep_answer() -> Scorer:
    """Keep the answer with its question; the scores come from `sseu`."""

    async def score(state: TaskState, target: Target) -> Score:
        return Score(value=0.0, answer=state.output.completion, metadata={"key": state.metadata["key"]})

    return score
