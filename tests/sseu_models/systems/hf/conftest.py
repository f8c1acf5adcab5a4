"""A tiny random Qwen2-Audio, as a folder and loaded; no test may change either."""

from __future__ import annotations

from pathlib import Path

import pytest

from sseu_models.systems.hf.loading import find_weights
from sseu_models.systems.hf.model import LoadedModel, load
from tests.sseu_models.systems.hf.tiny_models import save_qwen2_audio


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("transformers", reason="transformers is not installed (extra `hf`)")
    return save_qwen2_audio(tmp_path_factory.mktemp("models") / "tiny-qwen2-audio")


@pytest.fixture(scope="session")
def loaded(folder: Path) -> LoadedModel:
    made = load(find_weights("hf", str(folder)), dtype="float32", device_map="cpu")
    assert isinstance(made, LoadedModel)
    return made
