"""The training script runs without a network: it trains, scores while it trains, and compares its checkpoints."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path
from types import ModuleType

import pytest

from tests.scripts import load_script

SCRIPT = Path(__file__).resolve().parents[1] / "examples" / "train.py"


@pytest.fixture
def train(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, cut to two steps, in an empty folder."""
    for package in ("torch", "transformers", "accelerate"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed (extra `hf`): the training script was not run")
    module = load_script("examples/train.py")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "ARGUMENTS", module.ARGUMENTS | {"max_steps": 2})
    monkeypatch.setattr(module, "EVERY_STEPS", 1)
    monkeypatch.setattr(module, "NEW_TOKENS", 2)
    return module


def test_it_trains_scores_and_compares(train: ModuleType, built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logged = train.main(str(built))
    scored = [entry for entry in logged if "eval_sseu_wer" in entry]
    assert [entry["step"] for entry in scored] == [1, 2]
    assert all(0 < entry["eval_sseu_wer"] < math.inf for entry in scored)
    assert all(0 <= entry["eval_sseu_map_low"] <= entry["eval_sseu_map"] <= 100 for entry in scored)
    assert sum("loss" in entry for entry in logged) == 2
    shown = capsys.readouterr().out
    assert "lite: an estimate from" in shown
    assert "independent  mAP     average" in shown


def test_only_the_answer_is_learnt(train: ModuleType, built: Path) -> None:
    _, processor = train.make_model()
    rows = train.read_rows(str(built))
    batch = train.collate(list(rows), processor)
    learnt = [[token for token in row if token != -100] for row in batch["labels"].tolist()]
    assert processor.tokenizer.batch_decode(learnt) == [answer + "<|im_end|>" for answer in rows["answer"]]
    assert (batch["attention_mask"][:, -1] == 1).all()  # filled up at the left
