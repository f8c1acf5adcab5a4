"""The callback in a real `Trainer`: when it asks, in which state the model is, and where the scores arrive."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

import sseu_report

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytest.importorskip("accelerate")
EvaluationCallback = importlib.import_module("sseu_models").EvaluationCallback


class Line(torch.nn.Module):  # type: ignore[misc, name-defined]
    """A model of one weight."""

    def __init__(self) -> None:
        super().__init__()
        self.line = torch.nn.Linear(1, 1)

    def forward(self, x: Any, labels: Any) -> dict[str, Any]:
        return {"loss": ((self.line(x) - labels) ** 2).mean()}


class Seen(transformers.TrainerCallback):  # type: ignore[misc, name-defined]
    """Another callback, as that of a logging service: what arrives there."""

    def __init__(self) -> None:
        self.logs: list[tuple[int, dict[str, float]]] = []

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
        self.logs.append((state.global_step, dict(logs)))

    @property
    def scored(self) -> list[tuple[int, dict[str, float]]]:
        return [(step, logs) for step, logs in self.logs if "eval_sseu_wer" in logs]


def _trainer(tmp_path: Path, **arguments: Any) -> tuple[Any, Seen]:
    rows = [{"x": torch.tensor([float(number)]), "labels": torch.tensor([0.0])} for number in range(8)]
    settings = transformers.TrainingArguments(
        output_dir=str(tmp_path / "train"),
        max_steps=4,
        logging_steps=1,
        report_to="none",
        save_strategy="no",
        use_cpu=True,
        **arguments,
    )
    seen = Seen()
    trainer = transformers.Trainer(Line(), settings, train_dataset=rows, eval_dataset=rows, callbacks=[seen])
    return trainer, seen


def _answer_of(model: Any, states: list[tuple[bool, bool]]) -> Any:
    def answer(samples: Any, rate_hz: int, prompt: str) -> str:
        states.append((model.training, torch.is_grad_enabled()))
        return "Home"

    return answer


def test_scores_arrive_at_other_callbacks_with_the_model_in_evaluation_mode(tmp_path: Path, built: Path) -> None:
    trainer, seen = _trainer(tmp_path)
    states: list[tuple[bool, bool]] = []
    callback = EvaluationCallback(
        trainer,
        _answer_of(trainer.model, states),
        built,
        lite=90,
        every_steps=3,
        out=tmp_path / "runs",
        embedder="exact",
    )
    trainer.add_callback(callback)
    trainer.train()
    assert [step for step, _ in seen.scored] == [3, 4]
    assert set(states) == {(False, False)}
    assert trainer.model.training
    assert [step for step, logs in seen.logs if "loss" in logs] == [1, 2, 3, 4]
    logs = seen.scored[0][1]
    assert logs["eval_sseu_wer"] == 100
    assert logs["eval_sseu_map_low"] <= logs["eval_sseu_map"] <= logs["eval_sseu_map_high"]
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == ["step-3", "step-4"]
    found = sseu_report.compare(*callback.runs)
    assert {line.comparison.difference for line in found.averages} == {0.0}


def test_it_asks_where_the_trainer_evaluates(tmp_path: Path, built: Path) -> None:
    trainer, seen = _trainer(tmp_path, eval_strategy="steps", eval_steps=2)
    trainer.add_callback(EvaluationCallback(trainer, _answer_of(trainer.model, []), built, lite=90, embedder="exact"))
    trainer.train()
    assert [step for step, _ in seen.scored] == [2, 4]
    assert any("eval_loss" in logs for _, logs in seen.logs)


def test_an_error_leaves_the_model_as_it_was(tmp_path: Path, built: Path) -> None:
    def answer(samples: Any, rate_hz: int, prompt: str) -> str:
        raise RuntimeError("out of memory")

    trainer, _ = _trainer(tmp_path)
    trainer.add_callback(EvaluationCallback(trainer, answer, built, lite=90, every_steps=1, embedder="exact"))
    with pytest.raises(RuntimeError, match="out of memory"):
        trainer.train()
    assert trainer.model.training


def test_no_steps_are_refused(tmp_path: Path) -> None:
    trainer, _ = _trainer(tmp_path)
    with pytest.raises(ValueError, match="every_steps is 0; at least 1 is needed"):
        EvaluationCallback(trainer, lambda samples, rate_hz, prompt: "", every_steps=0)
