"""Every audio model that the installed transformers registers: run with random weights, or a reason why not.

`make models` runs this and renews the table of docs/systems/transformers.md from what it saw.
"""

from __future__ import annotations

import datetime
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sseu_cli.main import main
from sseu_models.records import LABELS
from sseu_models.systems.hf.generation import model_inputs
from sseu_models.systems.hf.likelihood import label_scores
from sseu_models.systems.hf.loading import find_weights
from sseu_models.systems.hf.model import LoadedModel, load
from sseu_models.systems.hf.routes import WITHOUT_ROUTE, find_route
from sseu_models.systems.hf.upstream_log import heeded
from tests.sseu_models.systems.hf.families.cuda_builds import import_torchvision
from tests.sseu_models.systems.hf.families.language_models import LANGUAGE_MODELS, save_granite_speech
from tests.sseu_models.systems.hf.families.registered import NOT_RUN, audio_types
from tests.sseu_models.systems.hf.tiny_models import SCENE, sound
from tests.sseu_models.systems.hf.tiny_specialists import RECOGNISERS

pytestmark = pytest.mark.models

SPECIALISTS = {**RECOGNISERS, "Granite Speech": save_granite_speech}
SUSPICIOUS = ("silent error", "truncat", "right-padding", "newly initialized")


@pytest.fixture(scope="module")
def rows() -> Iterator[dict[str, Any]]:
    """What was seen of each model; written where SSEU_MODELS_SEEN says, if all of them were run."""
    import torch
    import transformers

    vision = import_torchvision()
    seen: dict[str, Any] = {}
    yield seen
    if (out := os.environ.get("SSEU_MODELS_SEEN")) and len(seen) == len(LANGUAGE_MODELS) + len(SPECIALISTS):
        record = {
            "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
            "python": ".".join(map(str, sys.version_info[:3])),
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "torchvision": vision,
            "models": seen,
            "not_run": NOT_RUN,
        }
        Path(out).write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def run(folder: Path, data: Path, out: Path, modes: str, batch_size: int) -> tuple[dict[Any, Any], list[str]]:
    """The answers by question, of a real run over two clips, and what transformers warned of."""
    words = ["--data", str(data), "--modes", modes, "--limit", "2", "--embedder", "exact", "--out", str(out)]
    settings = {"device": "cpu", "max_new_tokens": "8", "batch_size": str(batch_size)}
    with heeded() as said:
        given = [word for name, value in settings.items() for word in ("--setting", f"{name}={value}")]
        assert main(["run", "--system", f"hf:{folder}", *given, *words]) == 0
    answers = {}
    for line in (out / "answers.jsonl").read_text().splitlines():
        answer = json.loads(line)
        assert answer["status"] == "ok", answer
        key = (answer["id"], answer["mode"], answer["task"], str(answer["run"]))
        answers[key] = (answer.get("text"), answer.get("scores"))
    return answers, said


def by_forward_passes(loaded: LoadedModel, audio: Any) -> list[float]:
    """The definition of a label's likelihood: prompt and label in one pass, without a cache."""
    import torch

    scores = []
    for label in LABELS["asc"]:
        inputs = model_inputs(loaded, [SCENE], [audio])
        length = inputs["input_ids"].shape[1]
        name = torch.tensor([loaded.processor.tokenizer(label, add_special_tokens=False)["input_ids"]])
        for part, value in list(inputs.items()):  # what goes with the tokens, such as their types, is nought for text
            if getattr(value, "shape", None) == (1, length):
                more = {"input_ids": name, "attention_mask": torch.ones_like(name)}.get(part, torch.zeros_like(name))
                inputs[part] = torch.cat([value, more.to(value.dtype)], dim=1)
        with torch.inference_mode():
            chances = loaded.model(**inputs).logits[0].float().log_softmax(dim=-1)
        scores.append(sum(chances[length - 1 + n, token].item() for n, token in enumerate(name[0])))
    return scores


@pytest.mark.parametrize("name", LANGUAGE_MODELS)
def test_a_language_model_answers_in_all_modes(name: str, rows: dict[str, Any], built: Path, tmp_path: Path) -> None:
    import torch

    torch.manual_seed(1)
    folder = LANGUAGE_MODELS[name](tmp_path / name.replace(",", "").replace(" ", "-"))
    batch, said = run(folder, built, tmp_path / "batch", "independent,joint,cot,likelihood", 8)
    modes = {key[1] for key in batch}
    assert modes == {"independent", "joint", "cot", "likelihood"}
    assert all(scores is not None for (_, mode, _, _), (_, scores) in batch.items() if mode == "likelihood")
    single, _ = run(folder, built, tmp_path / "single", "independent,joint,cot", 1)
    assert single == {key: answer for key, answer in batch.items() if key[1] != "likelihood"}
    assert not [text for text in said if any(part in text for part in SUSPICIOUS)]
    loaded = load(find_weights("hf", str(folder)), dtype="float32", device_map="cpu")
    assert isinstance(loaded, LoadedModel)
    assert loaded.rate_hz is not None
    audio = sound(3, loaded.rate_hz)
    scores = label_scores(loaded, SCENE, audio, LABELS["asc"])
    assert scores == pytest.approx(by_forward_passes(loaded, audio), rel=1e-3)
    assert label_scores(loaded, SCENE, np.zeros_like(audio), LABELS["asc"]) != scores  # it does hear
    rows[name] = {
        "type": json.loads((folder / "config.json").read_text())["model_type"],
        "class": type(loaded.model).__name__,
        "modes": [mode for mode in ("independent", "joint", "cot") if mode in modes],
        "likelihood": "likelihood" in modes,
        "batch_equals_single": single.items() <= batch.items(),
        "answers": len(batch),
    }


@pytest.mark.parametrize("name", SPECIALISTS)
def test_a_recogniser_answers_asr_alone(name: str, rows: dict[str, Any], built: Path, tmp_path: Path) -> None:
    import torch

    torch.manual_seed(1)
    folder = SPECIALISTS[name](tmp_path / name.replace(" ", "-"))
    batch, said = run(folder, built, tmp_path / "batch", "independent", 8)
    single, _ = run(folder, built, tmp_path / "single", "independent", 1)
    assert single == batch
    assert {key[2] for key in batch} == {"asr"}
    assert not [text for text in said if any(part in text for part in SUSPICIOUS)]
    config = json.loads((folder / "config.json").read_text())
    rows[name] = {
        "type": config["model_type"],
        "class": config["architectures"][0],
        "modes": ["independent (ASR alone)"],
        "likelihood": False,
        "batch_equals_single": single == batch,
        "answers": len(batch),
    }


def test_every_audio_model_that_transformers_registers_was_run_or_has_a_reason(rows: dict[str, Any]) -> None:
    """The last test: it needs what the others saw."""
    import transformers

    if len(rows) < len(LANGUAGE_MODELS) + len(SPECIALISTS):
        pytest.skip("needs all tests of this file")
    ran = {row["type"] for row in rows.values()}
    registered = audio_types()
    unknown = {
        kind: names for kind, names in registered.items() if kind not in ran | NOT_RUN.keys() | WITHOUT_ROUTE.keys()
    }
    assert not unknown, "neither run nor with a reason"
    assert not NOT_RUN.keys() & ran
    assert not NOT_RUN.keys() - registered.keys(), "no longer registered"
    for kind in NOT_RUN:
        config = transformers.CONFIG_MAPPING[kind]()
        config.architectures = registered[kind][:1]
        assert find_route(config).kind in ("prompted", "recogniser", "tagger")
