"""Warnings of transformers itself, after which answers would be wrong."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from sseu_models.records import SystemDownError
from sseu_models.systems.hf.loading import WrongModelError, weights_missing
from sseu_models.systems.hf.upstream_log import heeded
from tests.sseu_models.systems.hf.tiny_specialists import letters

pytest.importorskip("transformers", reason="transformers is not installed (extra `hf`)")


def test_an_incorrect_regex_of_a_tokenizer_is_refused(tmp_path: Path) -> None:
    import transformers

    large = letters(["<s>", "</s>", "<pad>", "<unk>"])
    large.add_tokens([f"<{n}>" for n in range(100_000)])  # it looks at vocabularies as large as Mistral's alone
    large.save_pretrained(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "voxtral", "transformers_version": "4.57.0"}))
    before = transformers.logging.get_verbosity()
    try:
        for verbosity in (logging.WARNING, logging.ERROR):
            transformers.logging.set_verbosity(verbosity)
            expected = r"would go on, but warns: .*incorrect regex.*fix_mistral_regex=True"
            with pytest.raises(WrongModelError, match=expected), heeded():
                transformers.PreTrainedTokenizerFast.from_pretrained(tmp_path)
            assert transformers.logging.get_verbosity() == verbosity
    finally:
        transformers.logging.set_verbosity(before)


def test_an_adapter_that_is_left_out_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import transformers
    from transformers.models.granite_speech import modeling_granite_speech as upstream

    small = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    config = transformers.GraniteSpeechConfig(
        text_config={"model_type": "granite", "vocab_size": 64, "num_key_value_heads": 2, **small},
        encoder_config={"num_layers": 2, "hidden_dim": 32, "num_heads": 2, "dim_head": 16, "output_dim": 8},
        projector_config={"model_type": "blip_2_qformer", "encoder_hidden_size": 32, **small},
        audio_token_index=5,
    )
    monkeypatch.setattr(upstream, "is_peft_available", lambda: False)
    expected = r"peft is not installed; .* perform incorrectly when audio inputs"
    with pytest.raises(WrongModelError, match=expected), heeded():
        transformers.GraniteSpeechForConditionalGeneration(config)


def fail(log: logging.Logger) -> None:
    log.warning("incorrect")
    raise KeyError("the real one")


def test_other_warnings_are_collected_and_errors_pass() -> None:
    log = logging.getLogger("transformers.models.any")
    with heeded() as said:
        log.warning("`cache_params` is  deprecated")
    assert said == ["`cache_params` is deprecated"]
    with pytest.raises(KeyError, match="the real one"), heeded():
        fail(log)


def caused(first: Exception, cause: Exception) -> SystemDownError:
    first.__cause__ = cause
    return weights_missing("hf", "google/gemma", first)


UPSTREAM = "Could not import module 'Gemma3nProcessor'. Are this object's requirements defined correctly?"


def test_a_torchvision_of_another_build_is_named() -> None:
    """What transformers 5.24 and torchvision 0.28 say, a CUDA build beside a torch for CPUs."""
    message = str(caused(ModuleNotFoundError(UPSTREAM), RuntimeError("operator torchvision::nms does not exist")))
    assert message.startswith("hf:google/gemma: the installed torchvision is of another build than torch ")
    assert "install both from one index, of CPU or of CUDA builds, or pip uninstall torchvision" in message
    assert message.endswith(f"{UPSTREAM}; because: operator torchvision::nms does not exist")


def test_the_package_behind_an_import_error_is_named() -> None:
    message = str(caused(ModuleNotFoundError(UPSTREAM), ModuleNotFoundError("No module named 'timm'")))
    assert message.startswith("hf:google/gemma needs timm; install it with: pip install timm ")
    assert message.endswith("; because: No module named 'timm'")
