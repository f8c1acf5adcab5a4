"""The training script runs without a network and ends with numbers."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "examples" / "train.py"


@pytest.fixture
def train(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, cut to one step, in an empty folder and with caches of its own."""
    for package in ("torch", "transformers", "accelerate", "evaluate"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed (extra `hf`): the training script was not run")
    spec = importlib.util.spec_from_file_location("train", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "ARGUMENTS", module.ARGUMENTS | {"max_steps": 1})
    monkeypatch.setattr(module, "TEST_CLIPS", 3)
    monkeypatch.setattr(module, "NEW_TOKENS", 4)
    return module


def test_one_step_and_scores(train: ModuleType, built: Path) -> None:
    scores = train.main(str(built))
    assert 0 < scores["eval_wer"] < math.inf
    assert 0 <= scores["eval_macc"] <= 100
    assert 0 <= scores["eval_map"] <= 100


def test_generated_text_reaches_the_metric(train: ModuleType, built: Path) -> None:
    """What a perfect model would generate scores 0, 100 and 100, also when the rows come in another order."""
    import numpy as np

    _, processor = train.make_model()
    _, rows = train.read_rows(str(built))
    numbers = np.arange(len(rows))[::-1]
    answers = [train.target(rows, rows[int(number)]) for number in numbers]
    tokens = [processor.tokenizer(answer)["input_ids"] for answer in answers]
    longest = max(map(len, tokens))
    filled = np.array([row + [-100] * (longest - len(row)) for row in tokens])
    metric = train.evaluate.load(train.METRIC, config_name="joint", embedder=train.EMBEDDER)
    prediction = train.transformers.EvalPrediction(predictions=filled, label_ids=numbers)
    scores = train.compute_metrics(prediction, rows=rows, tokenizer=processor.tokenizer, metric=metric)
    assert scores == {"wer": 0.0, "macc": 100.0, "map": 100.0}


def test_filled_up_answers_end_where_they_ended(train: ModuleType, built: Path) -> None:
    import numpy as np

    class Recorder:
        def compute(self, *, predictions: list[str], references: list[dict[str, Any]]) -> dict[str, float]:
            self.seen = predictions
            return dict.fromkeys(("wer", "macc", "map"), 0.0)

    _, processor = train.make_model()
    _, rows = train.read_rows(str(built))
    tokens = processor.tokenizer(["Home", "Metro"])["input_ids"]
    filled = np.array([tokens[0] + [-100] * (len(tokens[1]) - len(tokens[0])), tokens[1]])
    prediction = train.transformers.EvalPrediction(predictions=filled, label_ids=np.array([0, 0]))
    metric = Recorder()
    train.compute_metrics(prediction, rows=rows, tokenizer=processor.tokenizer, metric=metric)
    assert metric.seen == ["Home", "Metro"]


def test_only_the_answer_is_learnt(train: ModuleType, built: Path) -> None:
    _, processor = train.make_model()
    rows, _ = train.read_rows(str(built))
    batch = train.collate(list(rows), processor)
    learnt = [[token for token in row if token != -100] for row in batch["labels"].tolist()]
    assert processor.tokenizer.batch_decode(learnt) == [answer + "<|im_end|>" for answer in rows["answer"]]
    assert (batch["attention_mask"][:, -1] == 1).all()  # filled up at the left


def test_scored_rows_hold_the_prompt_alone(train: ModuleType, built: Path) -> None:
    _, processor = train.make_model()
    _, rows = train.read_rows(str(built))
    batch = train.collate(list(rows), processor)
    prompts = processor.tokenizer.batch_decode(batch["input_ids"])
    assert "labels" not in batch
    assert all(prompt.endswith("<|im_start|>assistant\n") for prompt in prompts)
    assert batch["number"].tolist() == list(range(len(rows)))
