"""Load a transformers model through the class that fits, without the checkpoint's own sampling defaults."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import Any

from sseu_models.kinds import TEXT_ONLY_PREFIX
from sseu_models.records import SystemDownError
from sseu_models.systems.hf.loading import Weights, WrongModelError, from_pretrained, weights_missing
from sseu_models.systems.hf.recogniser import LoadedRecogniser, wrap_recogniser
from sseu_models.systems.hf.routes import find_route
from sseu_models.systems.hf.tagger import LoadedTagger, wrap_tagger
from sseu_models.systems.hf.upstream_log import heeded

TEXT_FIRST = ("audioflamingo3", "musicflamingo")
"""Model types whose own processors put the text before the audio; the others put the audio first."""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model ready to answer.

    Attributes:
        model: A transformers model with `generate`.
        processor: Its processor, with a chat template and padding on the left; of one for text alone, its tokenizer.
        model_type: Type in its configuration, such as `qwen2_audio`.
        order: Order of the user turn: `audio-first` or `text-first`.
        rate_hz: Sampling rate of its audio input; None if it gets no audio.
        max_audio_s: Longest clip that its feature extractor takes; None if it has no limit.
        end_ids: Tokens that end an answer.
        pad_id: Padding token.
    """

    model: Any
    processor: Any
    model_type: str
    order: str
    rate_hz: int | None
    max_audio_s: float | None
    end_ids: tuple[int, ...]
    pad_id: int

    @property
    def tokenizer(self) -> Any:
        """The processor's tokenizer."""
        return tokenizer_of(self.processor)


def tokenizer_of(processor: Any) -> Any:
    """The tokenizer of a processor; a tokenizer is its own."""
    return getattr(processor, "tokenizer", processor)


def load(
    weights: Weights,
    *,
    dtype: str,
    device_map: str,
    order: str = "auto",
    trust_remote_code: bool = False,
    hears: bool = True,
) -> LoadedModel | LoadedRecogniser | LoadedTagger:
    """Load a model by its route, after its processor, which is small and may refuse.

    Args:
        weights: The weights to load.
        dtype: Data type of the weights: `bfloat16` or `float32`.
        device_map: `cuda`, `cpu`, or a map for accelerate such as `auto`.
        order: `auto`, `audio-first` or `text-first`.
        trust_remote_code: Run Python code that comes with the model.
        hears: False for a language model, with or without ears, that gets its prompts alone.

    Raises:
        SystemDownError: The model cannot be loaded, or takes no audio though it should, or is no language model though
            it should.
    """
    import torch
    import transformers

    kind = "hf" if hears else f"{TEXT_ONLY_PREFIX}hf"
    where: dict[str, Any] = {"revision": weights.revision, "trust_remote_code": trust_remote_code}
    try:
        with heeded():
            config = transformers.AutoConfig.from_pretrained(weights.source, **where)
            route = find_route(config, trust_remote_code, hears=hears)
            if not hears and route.kind != "prompted":
                raise WrongModelError(
                    f"model type {config.model_type!r} is a {route.kind}, which follows no prompts; "
                    "name a language model"
                )
            reader: Any = transformers.AutoFeatureExtractor if route.kind == "tagger" else transformers.AutoProcessor
            processor = reader.from_pretrained(weights.source, **where)
            if route.kind == "prompted":
                check_processor(processor, config.model_type, hears=hears)
            check_adapter(config)
            model = from_pretrained(
                route.model_class,
                weights,
                config=route.config,
                dtype=getattr(torch, dtype),
                device_map=device_map,
                trust_remote_code=trust_remote_code,
            )
    except torch.OutOfMemoryError:
        raise
    except Exception as error:  # a damaged folder makes upstream raise anything: JSON, safetensors, attribute errors
        raise weights_missing(kind, weights.source, error) from error
    model = model.eval()
    try:
        if route.kind == "recogniser":
            return wrap_recogniser(model, processor, config.model_type)
        if route.kind == "tagger":
            return wrap_tagger(model, processor, config.model_type)
        return wrap(model, processor, model_type=config.model_type, order=order, hears=hears)
    except WrongModelError as error:
        raise SystemDownError(f"{kind}:{weights.name}: {error}") from error


def check_adapter(config: Any) -> None:
    """Refuse what upstream only logs: an adapter for audio that stays unused without peft.

    Raises:
        ImportError: peft is needed and not installed.
    """
    if getattr(config, "has_lora_adapter", False) and importlib.util.find_spec("peft") is None:
        raise ImportError("the adapter for audio requires the peft library, without which answers would be wrong")


def check_processor(processor: Any, model_type: str, *, hears: bool = True) -> None:
    """Make sure that a processor takes audio, if the model gets any, and knows how a prompt is written.

    Raises:
        WrongModelError: It takes no audio, or there is no chat template.
    """
    features = getattr(processor, "feature_extractor", None) or getattr(processor, "audio_processor", None)
    tokenizer = getattr(processor, "tokenizer", None) if hears else tokenizer_of(processor)
    name = type(processor).__name__
    if hears and (features is None or tokenizer is None or not hasattr(features, "sampling_rate")):
        raise WrongModelError(f"model type {model_type!r}: {name} takes no audio; name an audio language model")
    is_mistral = type(tokenizer).__name__ == "MistralCommonBackend"  # templates are code there, not text
    if not is_mistral and getattr(processor, "chat_template", None) is None:
        processor.chat_template = getattr(tokenizer, "chat_template", None)  # Phi-4-multimodal leaves it there
    if not is_mistral and processor.chat_template is None:
        raise WrongModelError(
            f"model type {model_type!r}: {name} has no chat template, and neither has its tokenizer, so it cannot "
            "follow prompts; name an instruction-tuned model, or add its chat_template.jinja to the folder"
        )


def wrap(model: Any, processor: Any, *, model_type: str, order: str = "auto", hears: bool = True) -> LoadedModel:
    """Make a model and its processor ready to answer.

    Raises:
        WrongModelError: Neither tokenizer nor generation configuration has an end token.
    """
    import transformers

    features = (getattr(processor, "feature_extractor", None) or processor.audio_processor) if hears else None
    tokenizer = tokenizer_of(processor)
    tokenizer.padding_side = "left"
    if not hears and getattr(processor, "chat_template", None):  # it is asked without its processor
        tokenizer.chat_template = processor.chat_template
    configs = [model.generation_config]
    ends: set[int] = set() if tokenizer.eos_token_id is None else {tokenizer.eos_token_id}
    for end in (config.eos_token_id for config in configs):
        ends.update([] if end is None else [end] if isinstance(end, int) else end)
    if not ends:
        raise WrongModelError(
            f"model type {model_type!r}: neither tokenizer nor generation configuration has an end token"
        )
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
        rate_hz=None if features is None else int(features.sampling_rate),
        max_audio_s=None if chunk_s is None else float(chunk_s),
        end_ids=tuple(sorted(ends)),
        pad_id=pad_id,
    )
