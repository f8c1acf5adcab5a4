"""How a transformers model answers, found from its configuration before any weight is read.

- `prompted`: an audio language model, which follows the prompts.
- `recogniser`: a speech recogniser, which transcribes in its own way and answers `asr` of mode independent alone.
- `tagger`: an audio classifier, whose scores become those of scenes and events.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sseu_models.systems.hf.loading import WrongModelError

PROMPTED = frozenset({"voxtral"})
"""Model types that transformers lists among recognisers and that follow prompts too."""

RECOGNISERS = frozenset({"glmasr", "moss_transcribe_diarize", "nemo_speechlm"})
"""Model types that transformers lists among language models and that only transcribe."""

WITHOUT_ROUTE = {
    "clap": "it compares audio with texts; name it as clap:<Hub id or folder>",
    "dia": "it makes speech",
    "vibevoice": "it makes speech",
    "pop2piano": "it makes music",
    "moss_transcribe_diarize": "it writes who speaks when, and no plain transcript",
    "kyutai_speech_to_text": "it transcribes a stream, with delays that nothing here undoes",
    "voxtral_realtime": "it transcribes a stream; serve it with vLLM and ask it by api:",
    "speech-encoder-decoder": "its parts are joined by hand, and no processor says how it is to be asked",
    "seamless_m4t": "it translates; its output language is set in other ways",
    "seamless_m4t_v2": "it translates; its output language is set in other ways",
}
"""Model types that transformers lists beside those with a route, and why they have none."""


@dataclass(frozen=True, slots=True)
class Route:
    """How a model answers, the class that loads it, and the part of its configuration that this class takes."""

    kind: Literal["prompted", "recogniser", "tagger"]
    model_class: Any
    config: Any


def find_route(config: Any, trust_remote_code: bool = False, *, hears: bool = True) -> Route:
    """The route of a model.

    Args:
        config: Its configuration.
        trust_remote_code: Let the model's own code name its class.
        hears: False for a language model that gets no audio; it may then be one for text alone.

    Raises:
        WrongModelError: It has none; the message says what the model is.
    """
    import transformers
    from transformers.models.auto import feature_extraction_auto
    from transformers.models.auto import modeling_auto as auto

    kind, names = config.model_type, tuple(config.architectures or ())
    remote = [name for name in getattr(config, "auto_map", None) or () if name.startswith("AutoModelFor")]
    if trust_remote_code and remote:
        return Route("prompted", getattr(transformers, remote[0]), config)
    if kind in WITHOUT_ROUTE:
        raise WrongModelError(f"model type {kind!r} has no route here: {WITHOUT_ROUTE[kind]}")
    if hasattr(config, "thinker_config"):  # the Omni models: the thinker writes text, the talker speaks
        thinker = {"qwen2_5_omni": "Qwen2_5OmniThinker", "qwen3_omni_moe": "Qwen3OmniMoeThinker"}.get(kind)
        if thinker:
            return Route("prompted", getattr(transformers, f"{thinker}ForConditionalGeneration"), config.thinker_config)
    for name in names:
        if name in auto.MODEL_FOR_AUDIO_CLASSIFICATION_MAPPING_NAMES.values():
            return Route("tagger", getattr(transformers, name), config)
        if kind not in PROMPTED and (kind in RECOGNISERS or name in _recogniser_classes(auto)):
            return Route("recogniser", getattr(transformers, name), config)
    if type(config) in auto.MODEL_FOR_MULTIMODAL_LM_MAPPING:
        return Route("prompted", transformers.AutoModelForMultimodalLM, config)
    if kind in auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES and not hasattr(config, "audio_config"):
        if not hears:
            return Route("prompted", transformers.AutoModelForCausalLM, config)
        raise WrongModelError(
            f"model type {kind!r} is a language model for text alone; name one that takes audio, or ask it without as "
            "text-only:hf:..."
        )
    if type(config) in auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING:
        return Route("prompted", transformers.AutoModelForSeq2SeqLM, config)
    hearing: Any = feature_extraction_auto
    if kind in hearing.FEATURE_EXTRACTOR_MAPPING_NAMES and not _mentions_audio(config):
        raise WrongModelError(
            f"model type {kind!r} hears, but its architectures {list(names)} neither transcribe nor classify: name a "
            "checkpoint that was trained for one of these (such as ...ForCTC, ...ForAudioClassification)"
        )
    if kind in transformers.CONFIG_MAPPING and not hears:
        raise WrongModelError(f"model type {kind!r} is no language model; name one")
    if kind in transformers.CONFIG_MAPPING and not _mentions_audio(config):
        raise WrongModelError(
            f"model type {kind!r} takes no audio; name an audio language model, a recogniser or a tagger"
        )
    for name in names:
        if hasattr(transformers, name):
            return Route("prompted", getattr(transformers, name), config)
    raise WrongModelError(
        f"transformers {transformers.__version__} has no class for model type {kind!r} "
        f"(architectures: {list(names)}); a newer transformers may, or --setting trust_remote_code=true"
    )


def _recogniser_classes(auto: Any) -> set[str]:
    return {
        *auto.MODEL_FOR_CTC_MAPPING_NAMES.values(),
        *auto.MODEL_FOR_TDT_MAPPING_NAMES.values(),
        *auto.MODEL_FOR_RNNT_MAPPING_NAMES.values(),
        *auto.MODEL_FOR_SPEECH_SEQ_2_SEQ_MAPPING_NAMES.values(),
    }


def _mentions_audio(config: Any) -> bool:
    return any("audio" in name or "speech" in name for name in config.to_dict())
