"""Speech recognisers of transformers: a clip becomes a transcript in the model's own way, without a prompt of ours.

Greedy, in English where a model has to be told the language. Clips of one length make a batch, so that nothing is
padded and a batch gives the transcripts of single clips.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sseu_models.systems.hf.loading import WrongModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

GRANITE_REQUEST = "can you transcribe the speech into a written format?"
"""What Granite Speech is asked on its model card; its processor has no form of its own for transcription."""

MOONSHINE_TOKENS_PER_S = 6.5
"""Moonshine repeats itself beyond this; its model card limits answers so."""


@dataclass(frozen=True, slots=True)
class LoadedRecogniser:
    """A recogniser ready to transcribe.

    Attributes:
        model: A transformers model.
        processor: Its processor.
        model_type: Type in its configuration, such as `whisper`.
        rate_hz: Sampling rate of its audio input.
        max_audio_s: Longest clip that its feature extractor takes; None if it has no limit.
    """

    model: Any
    processor: Any
    model_type: str
    rate_hz: int
    max_audio_s: float | None


@dataclass(frozen=True, slots=True)
class Transcript:
    """A transcript, the number of its tokens, and whether the model ended it (None where nothing says so)."""

    text: str
    tokens: int
    ended: bool | None


def wrap_recogniser(model: Any, processor: Any, model_type: str) -> LoadedRecogniser:
    """Make a recogniser and its processor ready.

    Raises:
        WrongModelError: The processor takes no audio.
    """
    features = getattr(processor, "feature_extractor", None) or getattr(processor, "audio_processor", None)
    rate_hz = getattr(features, "sampling_rate", None) or getattr(features, "melspec_kwargs", {}).get("sample_rate")
    if rate_hz is None:
        raise WrongModelError(
            f"model type {model_type!r}: {type(processor).__name__} takes no audio; the folder lacks its processor"
        )
    if (tokenizer := getattr(processor, "tokenizer", None)) is not None:
        tokenizer.padding_side = "left"
    if (own := getattr(model, "generation_config", None)) is not None:  # only what samples is taken away
        own.do_sample, own.temperature, own.top_p, own.top_k, own.max_length = False, None, None, None, None
    chunk_s = getattr(features, "chunk_length", None)
    return LoadedRecogniser(model, processor, model_type, int(rate_hz), None if chunk_s is None else float(chunk_s))


def transcribe(
    loaded: LoadedRecogniser, audios: Sequence[NDArray[np.float32]], max_new_tokens: int
) -> list[Transcript]:
    """The transcripts of n clips of one length, in order.

    Args:
        loaded: The recogniser.
        audios: float32, (samples,), at the model's rate; all of one length, since padding would be heard.
        max_new_tokens: Maximum length of a transcript; a model's own limit may be lower.
    """
    import torch

    with torch.inference_mode():
        return _transcribe(loaded, list(audios), max_new_tokens)


def _transcribe(loaded: LoadedRecogniser, audios: list[NDArray[np.float32]], max_new_tokens: int) -> list[Transcript]:
    inputs = _inputs(loaded, audios).to(loaded.model.device, dtype=loaded.model.dtype)
    if type(loaded.model).__name__.endswith("ForCTC"):
        tokens = loaded.model(**inputs).logits.argmax(dim=-1)
        texts = loaded.processor.batch_decode(tokens)
        return [Transcript(text.strip(), len(text), None) for text in texts]
    asked: dict[str, Any] = {}
    if _limits_length(loaded):
        asked["max_new_tokens"] = _limit(loaded, len(audios[0]) / loaded.rate_hz, max_new_tokens)
    if loaded.model_type == "whisper" and getattr(loaded.model.generation_config, "is_multilingual", False):
        asked |= {"language": "en", "task": "transcribe"}
    made = loaded.model.generate(**inputs, **asked)
    tokens = getattr(made, "sequences", made)
    prompt = inputs.get("input_ids", inputs.get("decoder_input_ids"))
    tokens = tokens if prompt is None else tokens[:, prompt.shape[1] :]
    return [_read(loaded, row) for row in tokens]


def _inputs(loaded: LoadedRecogniser, audios: list[NDArray[np.float32]]) -> Any:
    """The model's inputs for clips of one length."""
    processor = loaded.processor
    if hasattr(processor, "apply_transcription_request"):
        asked = inspect.signature(processor.apply_transcription_request).parameters
        language = {name: "en" for name in ("language", "source_language") if name in asked}
        return processor.apply_transcription_request(audio=audios, **language, return_tensors="pt")
    if loaded.model_type.startswith("granite_speech") and getattr(processor, "chat_template", None):
        turn = {"role": "user", "content": f"{processor.audio_token}{GRANITE_REQUEST}"}
        text = processor.apply_chat_template([turn], tokenize=False, add_generation_prompt=True)
        import torch

        clips = [torch.from_numpy(audio) for audio in audios]
        return processor(text=[text] * len(audios), audio=clips, text_kwargs={"padding": True}, return_tensors="pt")
    options: dict[str, Any] = (
        {"language": "en"} if "language" in inspect.signature(processor.__call__).parameters else {}
    )
    return processor(audio=audios, sampling_rate=loaded.rate_hz, return_tensors="pt", **options)


def _limits_length(loaded: LoadedRecogniser) -> bool:
    """Whether a length may be asked for; a transducer ends with its audio."""
    return not type(loaded.model).__name__.endswith(("ForTDT", "ForRNNT"))


def _limit(loaded: LoadedRecogniser, length_s: float, max_new_tokens: int) -> int:
    if loaded.model_type.startswith("moonshine"):
        return min(max_new_tokens, math.ceil(length_s * MOONSHINE_TOKENS_PER_S))
    places = getattr(loaded.model.config, "max_target_positions", None)  # Whisper's decoder: half of it is the answer's
    return max_new_tokens if places is None else min(max_new_tokens, places // 2)


def _read(loaded: LoadedRecogniser, tokens: Any) -> Transcript:
    """A transcript from its row of tokens, by the processor's form for transcripts where it has one."""
    decoder = loaded.processor
    form: dict[str, Any] = {}
    if hasattr(decoder, "_parse") or "return_format" in inspect.signature(decoder.decode).parameters:
        form = {"return_format": "transcription_only"}
    text = decoder.decode(tokens, skip_special_tokens=True, **form)
    text = text[0] if isinstance(text, list) else text
    config = getattr(loaded.model, "generation_config", None)
    ends = getattr(config, "eos_token_id", None)
    ends = set() if ends is None else {ends} if isinstance(ends, int) else set(ends)
    row = tokens.tolist()
    ended = any(token in ends for token in row[1:]) if _limits_length(loaded) else None
    length = next((place + 1 for place, token in enumerate(row) if place and token in ends), len(row))
    return Transcript(str(text).strip(), length, ended)
