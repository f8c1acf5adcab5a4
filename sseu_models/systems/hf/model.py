"""Load a transformers model through the class that fits, without the checkpoint's own sampling defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sseu_models.records import SystemDownError
from sseu_models.systems.hf.loading import Weights, from_pretrained, weights_missing

TEXT_FIRST = ("audioflamingo3", "musicflamingo")
"""Model types whose own processors put the text before the audio; the others put the audio first."""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model ready to answer.

    Attributes:
        model: A transformers model with `generate`.
        processor: Its processor, with a chat template and padding on the left.
        model_type: Type in its configuration, such as `qwen2_audio`.
        order: Order of the user turn: `audio-first` or `text-first`.
        rate_hz: Sampling rate of its audio input.
        max_audio_s: Longest clip that its feature extractor takes; None if it has no limit.
        end_ids: Tokens that end an answer.
        pad_id: Padding token.
    """

    model: Any
    processor: Any
    model_type: str
    order: str
    rate_hz: int
    max_audio_s: float | None
    end_ids: tuple[int, ...]
    pad_id: int


def load(
    weights: Weights, *, dtype: str, device_map: str, order: str = "auto", trust_remote_code: bool = False
) -> LoadedModel:
    """Load processor and model through the auto classes, else the class that the configuration names.

    Args:
        weights: The weights to load.
        dtype: Data type of the weights: `bfloat16` or `float32`.
        device_map: `cuda`, `cpu`, or a map for accelerate such as `auto`.
        order: `auto`, `audio-first` or `text-first`.
        trust_remote_code: Run Python code that comes with the model.

    Raises:
        SystemDownError: The model cannot be loaded, or does not answer prompts about audio.
    """
    import torch
    import transformers

    where: dict[str, Any] = {"revision": weights.revision, "trust_remote_code": trust_remote_code}
    try:
        config = transformers.AutoConfig.from_pretrained(weights.source, **where)
        model_class = _model_class(config, trust_remote_code)
        processor = transformers.AutoProcessor.from_pretrained(weights.source, **where)
        model = from_pretrained(
            model_class,
            weights,
            dtype=getattr(torch, dtype),
            device_map=device_map,
            trust_remote_code=trust_remote_code,
        )
    except (OSError, ValueError, ImportError) as error:
        raise weights_missing("hf", weights.source, error) from error
    return wrap(model.eval(), processor, model_type=config.model_type, order=order)


def _model_class(config: Any, trust_remote_code: bool) -> Any:
    import transformers
    from transformers.models.auto import modeling_auto

    remote = [name for name in getattr(config, "auto_map", None) or () if name.startswith("AutoModelFor")]
    if trust_remote_code and remote:
        return getattr(transformers, remote[0])
    if type(config) in modeling_auto.MODEL_FOR_MULTIMODAL_LM_MAPPING:
        return transformers.AutoModelForMultimodalLM
    if type(config) in modeling_auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING:
        return transformers.AutoModelForSeq2SeqLM
    for name in config.architectures or ():
        if hasattr(transformers, name):
            return getattr(transformers, name)
    raise ValueError(
        f"transformers {transformers.__version__} has no class for model type {config.model_type!r} "
        f"(architectures: {config.architectures}); a newer transformers may, or --setting trust_remote_code=true"
    )


def wrap(model: Any, processor: Any, *, model_type: str, order: str = "auto") -> LoadedModel:
    """Make a model and its processor ready to answer.

    Raises:
        SystemDownError: The processor takes no audio or has no chat template.
    """
    import transformers

    features = getattr(processor, "feature_extractor", None) or getattr(processor, "audio_processor", None)
    tokenizer = getattr(processor, "tokenizer", None)
    if features is None or tokenizer is None or not hasattr(features, "sampling_rate"):
        raise SystemDownError(f"{model_type}: {type(processor).__name__} takes no audio; name an audio language model")
    is_mistral = type(tokenizer).__name__ == "MistralCommonBackend"  # templates are code there, not text
    if not is_mistral and getattr(processor, "chat_template", None) is None:
        raise SystemDownError(
            f"{model_type}: {type(processor).__name__} has no chat template, so it cannot follow prompts; name an "
            "instruction-tuned model"
        )
    tokenizer.padding_side = "left"
    configs = [model.generation_config]
    if hasattr(model, "thinker"):  # the Omni models: the thinker generates text, the talker speech
        if hasattr(model, "disable_talker"):
            model.disable_talker()
        model = model.thinker
        configs.append(model.generation_config)
    ends: set[int] = set() if tokenizer.eos_token_id is None else {tokenizer.eos_token_id}
    for end in (config.eos_token_id for config in configs):
        ends.update([] if end is None else [end] if isinstance(end, int) else end)
    if not ends:
        raise SystemDownError(f"{model_type}: neither tokenizer nor generation configuration has an end token")
    pad_id = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else min(ends)
    # `generate` fills open parameters from the checkpoint's own defaults, which often sample: none are kept.
    model.generation_config = transformers.GenerationConfig(eos_token_id=sorted(ends), pad_token_id=pad_id)
    if order == "auto":
        order = "text-first" if model_type in TEXT_FIRST else "audio-first"
    chunk_s = getattr(features, "chunk_length", None)
    return LoadedModel(
        model=model,
        processor=processor,
        model_type=model_type,
        order=order,
        rate_hz=int(features.sampling_rate),
        max_audio_s=None if chunk_s is None else float(chunk_s),
        end_ids=tuple(sorted(ends)),
        pad_id=pad_id,
    )
