"""The audio models that transformers registers, and which of them have a route here that was not run."""

from __future__ import annotations

from typing import Any

SPEECH_TABLES = ("AUDIO_CLASSIFICATION", "CTC", "TDT", "RNNT", "SPEECH_SEQ_2_SEQ")
LANGUAGE_TABLES = ("MULTIMODAL_LM", "SEQ_TO_SEQ_CAUSAL_LM")

_CTC = "the route of wav2vec 2.0 and Parakeet-CTC"
_TRANSDUCER = "`generate` of the transducer"
_OWN = "no tiny model was made; the route of language models"
_ASR = "no tiny model was made; the route of recognisers"
NOT_RUN = {
    "audio-spectrogram-transformer": "a tagger, run in tests/sseu_models/systems/hf/test_specialists.py",
    "data2vec-audio": _CTC,
    "granite_speech5_ctc": _CTC,
    "hubert": _CTC,
    "lasr_ctc": _CTC,
    "omniasr_ctc": _CTC,
    "sew": _CTC,
    "sew-d": _CTC,
    "unispeech": _CTC,
    "unispeech-sat": _CTC,
    "wav2vec2-bert": _CTC,
    "wav2vec2-conformer": _CTC,
    "wavlm": _CTC,
    "nemotron3_5_asr": _TRANSDUCER,
    "nemotron_asr_streaming": _TRANSDUCER,
    "parakeet_rnnt": _TRANSDUCER,
    "parakeet_tdt": _TRANSDUCER,
    "canary": _ASR,
    "cohere_asr": _ASR,
    "fun_asr_nano": _ASR,
    "granite_speech_plus": _ASR,
    "moonshine_streaming": _ASR,
    "nemo_speechlm": _ASR,
    "omniasr": _ASR,
    "speech_to_text": _ASR,
    "speecht5": _ASR,
    "vibevoice_asr": _ASR,
    "apertus1p5": _OWN,
    "dots3_note": _OWN,
    "gemma4_unified": _OWN,
    "inkling_mm_model": _OWN,
    "muse_spark": _OWN,
    "nemotron_h_omni": _OWN,
}
"""Model types with a route that no tiny model has gone, and what is known of them."""


def audio_types() -> dict[str, list[str]]:
    """The model classes by model type, from the mapping tables of the installed transformers.

    A language model counts if its configuration has a part for audio, speech or sound.
    """
    import transformers
    from transformers.models.auto import modeling_auto

    found: dict[str, list[str]] = {}
    for table in (*SPEECH_TABLES, *LANGUAGE_TABLES):
        for kind, name in getattr(modeling_auto, f"MODEL_FOR_{table}_MAPPING_NAMES").items():
            if table in SPEECH_TABLES or _hears(transformers.CONFIG_MAPPING[kind]().to_dict()):
                found.setdefault(kind, []).append(name)
    return found


def _hears(config: Any) -> bool:
    if not isinstance(config, dict):
        return False
    return any(
        any(part in str(name) for part in ("audio", "speech", "sound")) or _hears(value)
        for name, value in config.items()
    )
