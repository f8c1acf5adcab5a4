"""Scores during training: a callback of a transformers `Trainer` that asks the model questions of the benchmark."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sseu_metric.extras import require
from sseu_models.records import System
from sseu_models.running.run import Run, run

require("transformers", "hf", "EvaluationCallback")

from transformers import TrainerCallback  # noqa: E402 - the line above says how to install it

if TYPE_CHECKING:
    from transformers import Trainer

    from sseu_models.systems.function import AnswerFunction

_METRICS = ("wer", "wer_capped", "macc", "map")


class EvaluationCallback(TrainerCallback):
    """Asks the model in training a lite part of the benchmark, and logs the scores wherever the trainer logs.

    Every metric is logged in percent with its 95 % interval, as `eval_sseu_wer`, `eval_sseu_wer_low`,
    `eval_sseu_wer_high` and so on (`sseu_metric/lite.py` says what the interval is about). All checkpoints get the same
    questions, so two of them are compared in pairs: `sseu_report.compare(callback.runs[0], callback.runs[-1])`.

    Only the first process of a distributed training asks; the model must be whole there.

    Attributes:
        runs: The finished evaluations, in order.

    Example:
        >>> trainer = transformers.Trainer(...)  # doctest: +SKIP
        >>> trainer.add_callback(EvaluationCallback(trainer, answer, "sseu-bench", every_steps=500))  # doctest: +SKIP
    """

    def __init__(
        self,
        trainer: Trainer,
        system: System | AnswerFunction,
        data: str | Path = "sseu-bench",
        *,
        lite: int = 350,
        every_steps: int | None = None,
        out: str | Path | None = None,
        embedder: str | None = None,
    ) -> None:
        """Set it up; `trainer.add_callback` puts it to work.

        Args:
            trainer: Where the scores are logged, and whose model answers.
            system: A function `(samples, rate_hz, prompt) -> str` that lets the trainer's model answer, as for
                `sseu_models.run`, or a system. The model is in evaluation mode and keeps no gradients meanwhile.
            data: Dataset folder or Hub repository.
            lite: About so many questions each time.
            every_steps: Ask after every so many steps, and at the end; by default whenever the trainer evaluates.
            out: Folder of the results folders `step-N`; None for temporary ones that live as long as `runs`.
            embedder: Text embedder for scenes and events, as for `sseu_models.run`.

        Raises:
            ValueError: `every_steps` is not at least 1.
            ImportError: transformers is not installed; the message says how to install it.
        """
        if every_steps is not None and every_steps < 1:
            raise ValueError(f"every_steps is {every_steps}; at least 1 is needed")
        self.runs: list[Run] = []
        self._trainer, self._system, self._data = trainer, system, data
        self._lite, self._every_steps, self._embedder = lite, every_steps, embedder
        self._out = None if out is None else Path(out)
        self._last_step = -1

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Ask after every `every_steps` steps."""
        if self._every_steps is not None and state.global_step % self._every_steps == 0:
            self._evaluate(state, control)

    def on_evaluate(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Ask where the trainer evaluates, unless steps are given."""
        if self._every_steps is None:
            self._evaluate(state, control)

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Ask once more at the end where steps are given."""
        if self._every_steps is not None:
            self._evaluate(state, control)

    def _evaluate(self, state: Any, control: Any) -> None:
        if not state.is_world_process_zero or state.global_step == self._last_step:
            return
        self._last_step = state.global_step
        model = self._trainer.model
        assert model is not None  # it trains
        was_training = model.training
        model.eval()
        try:
            finished = run(
                _without_gradients(self._system),
                self._data,
                lite=self._lite,
                out=None if self._out is None else self._out / f"step-{state.global_step}",
                embedder=self._embedder,
                progress=False,
            )
        finally:
            model.train(was_training)
        self.runs.append(finished)
        own = control.should_log  # the trainer's own log of this step, which `log` would take for done
        self._trainer.log(_logged(finished))
        control.should_log = own


def _logged(finished: Run) -> dict[str, float]:
    """Every metric with the bounds of its interval; what has no value or no interval is left out."""
    scores = finished.scores["independent"]
    found = {}
    for metric in _METRICS:
        if (value := scores.value(metric)) is None:
            continue
        found[f"eval_sseu_{metric}"] = value
        if (interval := scores.intervals[metric]["all"]) is not None:
            found |= {f"eval_sseu_{metric}_low": interval.low, f"eval_sseu_{metric}_high": interval.high}
    return found


def _without_gradients(system: System | AnswerFunction) -> System | AnswerFunction:
    """A function in the thread that it is called in; a system sees to that itself."""
    import torch

    if isinstance(system, System) or not callable(system):
        return system
    return cast("AnswerFunction", functools.wraps(system)(torch.no_grad()(system)))
