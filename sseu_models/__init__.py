"""SSEU-Bench, who answers: systems, their prompts, and the runner that asks them.

A dataset row goes through the front end and the resampler, meets a prompt as a `Question`, reaches a system, comes back
as a `Reply` and is kept as an `Answer` in the log, which `sseu_metric` scores.

`run` does all of that, for a system's name, an object with the methods of `System`, or a plain function:

    >>> import sseu_models
    >>> def answer(samples, rate_hz, prompt):
    ...     return "Scene: Home"
    >>> run = sseu_models.run(answer, "sseu-bench", limit=2, runs=1, embedder="exact", progress=False)
    >>> run.scores["independent"].wer
    100.0
    >>> [record.scene for record in run.answers() if record.task == "asc"][0]
    'Home'

`load_run` reads the results folder of an earlier run; `EvaluationCallback` scores a model during training. `Job` says
what is asked; a `System` of your own gets `Question`s and gives `Reply`s, and states its `Capabilities`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sseu_models.job import Job
from sseu_models.records import Capabilities, Prompt, Question, Reply, System, SystemDownError

if TYPE_CHECKING:
    from sseu_models.results.records import Result
    from sseu_models.results.scores_file import ModeScores
    from sseu_models.running.run import AnswerRecord, Run, load_run, run
    from sseu_models.running.runner import TooManyFailedError
    from sseu_models.systems.function import function_system
    from sseu_models.trainer_callback import EvaluationCallback

__all__ = [
    "AnswerRecord",
    "Capabilities",
    "EvaluationCallback",
    "Job",
    "ModeScores",
    "Prompt",
    "Question",
    "Reply",
    "Result",
    "Run",
    "System",
    "SystemDownError",
    "TooManyFailedError",
    "function_system",
    "load_run",
    "run",
]

# Loaded when first used: an import of the package brings neither pydantic nor the metric.
_HOMES = {
    "AnswerRecord": "sseu_models.running.run",
    "EvaluationCallback": "sseu_models.trainer_callback",
    "ModeScores": "sseu_models.results.scores_file",
    "Result": "sseu_models.results.records",
    "Run": "sseu_models.running.run",
    "TooManyFailedError": "sseu_models.running.runner",
    "function_system": "sseu_models.systems.function",
    "load_run": "sseu_models.running.run",
    "run": "sseu_models.running.run",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
