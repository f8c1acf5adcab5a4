"""What becomes a model that can answer, and what is refused, with tiny random models in real transformers code."""

from __future__ import annotations

from pathlib import Path

import pytest

from sseu_models.records import SystemDownError
from sseu_models.systems.hf.loading import find_weights
from sseu_models.systems.hf.model import load, wrap
from tests.sseu_models.systems.hf.tiny_models import save_clap, save_qwen2_audio

pytest.importorskip("transformers", reason="transformers is not installed (extra `hf`)")


@pytest.mark.parametrize(
    ("order", "model_type", "expected"),
    [
        ("auto", "qwen2_audio", "audio-first"),
        ("auto", "audioflamingo3", "text-first"),
        ("text-first", "qwen2_audio", "text-first"),
        ("audio-first", "audioflamingo3", "audio-first"),
    ],
)
def test_what_the_checkpoint_would_sample_is_taken_away(
    tmp_path: Path, order: str, model_type: str, expected: str
) -> None:
    weights = find_weights("hf", str(save_qwen2_audio(tmp_path / "tiny")))
    loaded = load("hf", weights, dtype="float32", device_map="cpu", order="auto", trust_remote_code=False)
    again = wrap(loaded.model, loaded.processor, model_type=model_type, order=order)
    assert again.order == expected
    assert (loaded.rate_hz, loaded.max_audio_s, loaded.processor.tokenizer.padding_side) == (16_000, 30.0, "left")
    kept = loaded.model.generation_config
    assert not kept.do_sample
    assert (kept.temperature, kept.top_k, kept.repetition_penalty) in ((None, None, None), (1.0, 50, 1.0))


def test_model_that_takes_no_prompts(tmp_path: Path) -> None:
    import transformers

    folder = save_clap(tmp_path / "clap")
    model = transformers.ClapModel.from_pretrained(folder)
    with pytest.raises(SystemDownError, match=r"clap: ClapProcessor has no chat template.*instruction-tuned"):
        wrap(model, transformers.ClapProcessor.from_pretrained(folder), model_type="clap")
