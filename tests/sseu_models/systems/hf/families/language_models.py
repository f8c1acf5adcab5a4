"""Audio language models with random weights, one or two layers each, saved as folders. What they answer is noise."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.sseu_models.systems.hf.tiny_models import save_qwen2_audio
from tests.sseu_models.systems.hf.tiny_specialists import letters, save, template, text_config

EARS: dict[str, Any] = {
    "num_mel_bins": 16,
    "d_model": 32,
    "encoder_layers": 1,
    "encoder_attention_heads": 2,
    "encoder_ffn_dim": 32,
}
"""An audio encoder as Whisper's."""
LAYERS: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
}


def _tokens(*marks: str, **named: str) -> Any:
    return letters(["<s>", "<|im_end|>", "<pad>", "<unk>", "<|im_start|>", *marks, *named.values()], **named)


def save_audio_flamingo_3(folder: Path) -> Path:
    import transformers

    tokenizer = _tokens("<sound>")
    config = transformers.AudioFlamingo3Config(
        audio_config={"num_mel_bins": 16, **LAYERS},
        text_config=text_config(tokenizer, "qwen2"),
        audio_token_id=tokenizer.convert_tokens_to_ids("<sound>"),
    )
    processor = transformers.AudioFlamingo3Processor(
        transformers.WhisperFeatureExtractor(feature_size=16), tokenizer, chat_template=template("<sound>")
    )
    return save(folder, transformers.AudioFlamingo3ForConditionalGeneration(config), processor)


def save_music_flamingo(folder: Path) -> Path:
    import transformers

    tokenizer = _tokens("<sound>", "<|sound_bos|>", "<|sound_eos|>")
    ids: dict[str, Any] = {
        f"audio_{name}": tokenizer.convert_tokens_to_ids(mark)
        for name, mark in {
            "token_id": "<sound>",
            "bos_token_id": "<|sound_bos|>",
            "eos_token_id": "<|sound_eos|>",
        }.items()
    }
    ids["head_dim"] = 16
    config = transformers.MusicFlamingoConfig(
        audio_config={"model_type": "audioflamingo3_encoder", "num_mel_bins": 16, **LAYERS},
        text_config=text_config(tokenizer, "qwen2"),
        **ids,
    )
    processor = transformers.MusicFlamingoProcessor(
        transformers.WhisperFeatureExtractor(feature_size=16), tokenizer, chat_template=template("<sound>")
    )
    return save(folder, transformers.MusicFlamingoForConditionalGeneration(config), processor)


def save_voxtral(folder: Path) -> Path:
    """With a Tekken tokenizer of single bytes, as the tokenizers of its library are laid out."""
    import transformers

    folder.mkdir(parents=True)
    special = ["<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[AUDIO]", "[BEGIN_AUDIO]", "[TRANSCRIBE]", "<pad>"]
    special += ["[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]"]
    special += ["[TOOL_RESULTS]", "[/TOOL_RESULTS]", "[TOOL_CALLS]", "[ARGS]", "[CALL_ID]", "[IMG]", "[IMG_BREAK]"]
    special += ["[IMG_END]", "[PREFIX]", "[MIDDLE]", "[SUFFIX]", "[TOOL_CONTENT]", "[THINK]", "[/THINK]"]
    tekken = {
        "config": {
            "pattern": r"[\s\S]",
            "num_vocab_tokens": 256,
            "default_vocab_size": 256 + len(special),
            "default_num_special_tokens": len(special),
            "version": "v7",
        },
        "vocab": [
            {"rank": byte, "token_bytes": base64.b64encode(bytes([byte])).decode(), "token_str": None}
            for byte in range(256)
        ],
        "special_tokens": [{"rank": rank, "token_str": name, "is_control": True} for rank, name in enumerate(special)],
        "audio": {
            "sampling_rate": 16_000,
            "frame_rate": 12.5,
            "audio_encoding_config": {"num_mel_bins": 16, "hop_length": 160, "window_size": 400},
            "chunk_length_s": 30.0,
        },
    }
    (folder / "tekken.json").write_text(json.dumps(tekken))
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, tokenizer_type="mistral")
    processor = transformers.VoxtralProcessor(transformers.WhisperFeatureExtractor(feature_size=16), tokenizer)
    text = {**LAYERS, "num_key_value_heads": 2, "head_dim": 16, "vocab_size": 256 + len(special)}
    config = transformers.VoxtralConfig(
        audio_config={"num_mel_bins": 16, **LAYERS, "intermediate_size": 128},
        text_config={"model_type": "llama", **text, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 11},
        audio_token_id=special.index("[AUDIO]"),
    )
    return save(folder, transformers.VoxtralForConditionalGeneration(config), processor)


SEEN = {"depth": 1, "hidden_size": 32, "intermediate_size": 32, "num_heads": 2, "out_hidden_size": 32}
"""The eyes of an Omni model."""
OMNI = {
    "image_token": "<|IMAGE|>",
    "audio_token": "<|AUDIO|>",
    "video_token": "<|VIDEO|>",
    "vision_bos_token": "<|vision_bos|>",
    "vision_eos_token": "<|vision_eos|>",
    "audio_bos_token": "<|audio_bos|>",
    "audio_eos_token": "<|audio_eos|>",
}
ROPE = {"rope_type": "default", "rope_theta": 10_000.0, "mrope_section": [2, 3, 3]}


def _omni_processor(kind: str, tokenizer: Any) -> Any:
    import transformers

    return getattr(transformers, f"{kind}Processor")(
        transformers.Qwen2VLImageProcessor(),
        transformers.Qwen2VLVideoProcessor(),
        transformers.WhisperFeatureExtractor(feature_size=16),
        tokenizer,
        chat_template=template("<|audio_bos|><|AUDIO|><|audio_eos|>"),
    )


def _qwen2_5_thinker() -> tuple[dict[str, Any], Any]:
    tokenizer = _tokens(**OMNI)
    ids = tokenizer.get_vocab()
    config = {
        "audio_config": {**EARS, "output_dim": 32},
        "vision_config": {**SEEN, "fullatt_block_indexes": [0]},
        "text_config": text_config(tokenizer, "qwen2_5_omni_text", rope_parameters=ROPE),
        "audio_token_index": ids["<|AUDIO|>"],
        "image_token_index": ids["<|IMAGE|>"],
        "video_token_index": ids["<|VIDEO|>"],
        "vision_start_token_id": ids["<|vision_bos|>"],
        "audio_start_token_id": ids["<|audio_bos|>"],
        "audio_end_token_id": ids["<|audio_eos|>"],
    }
    return config, tokenizer


def save_qwen2_5_omni_thinker(folder: Path) -> Path:
    import transformers

    config, tokenizer = _qwen2_5_thinker()
    model = transformers.Qwen2_5OmniThinkerForConditionalGeneration(transformers.Qwen2_5OmniThinkerConfig(**config))
    return save(folder, model, _omni_processor("Qwen2_5Omni", tokenizer))


def save_qwen2_5_omni(folder: Path) -> Path:
    """The whole model: talker and wave maker too, which are left out when it is loaded."""
    import transformers

    thinker, tokenizer = _qwen2_5_thinker()
    config = transformers.Qwen2_5OmniConfig(
        thinker_config=thinker,
        talker_config={
            **LAYERS,
            "num_key_value_heads": 2,
            "head_dim": 16,
            "embedding_size": 32,
            "vocab_size": 64,
            "rope_parameters": ROPE,
        },
        token2wav_config={
            "dit_config": {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "head_dim": 16},
            "bigvgan_config": {"upsample_initial_channel": 64},
        },
    )
    model = transformers.Qwen2_5OmniForConditionalGeneration(config)
    return save(folder, model, _omni_processor("Qwen2_5Omni", tokenizer))


def _qwen3_thinker() -> tuple[dict[str, Any], Any]:
    tokenizer = _tokens(**OMNI)
    ids = tokenizer.get_vocab()
    experts = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32, "rope_parameters": ROPE}
    config = {
        "audio_config": {**EARS, "output_dim": 32, "downsample_hidden_size": 8},
        "vision_config": {**SEEN, "deepstack_visual_indexes": [0], "num_position_embeddings": 16},
        "text_config": text_config(tokenizer, "qwen3_omni_moe_text", **experts),
        "audio_token_id": ids["<|AUDIO|>"],
        "image_token_id": ids["<|IMAGE|>"],
        "video_token_id": ids["<|VIDEO|>"],
        "vision_start_token_id": ids["<|vision_bos|>"],
        "audio_start_token_id": ids["<|audio_bos|>"],
    }
    return config, tokenizer


def save_qwen3_omni_thinker(folder: Path) -> Path:
    import transformers

    config, tokenizer = _qwen3_thinker()
    model = transformers.Qwen3OmniMoeThinkerForConditionalGeneration(transformers.Qwen3OmniMoeThinkerConfig(**config))
    return save(folder, model, _omni_processor("Qwen3OmniMoe", tokenizer))


def save_qwen3_omni(folder: Path) -> Path:
    """The whole model: talker and wave maker too, which are left out when it is loaded."""
    import transformers

    thinker, tokenizer = _qwen3_thinker()
    inner = {**LAYERS, "num_key_value_heads": 2, "head_dim": 16, "vocab_size": 64}
    config = transformers.Qwen3OmniMoeConfig(
        thinker_config=thinker,
        talker_config={
            "thinker_hidden_size": 32,
            "spatial_merge_size": 2,
            "accept_hidden_layer": 0,
            "code_predictor_config": {**inner, "num_code_groups": 4},
            "num_code_groups": 4,
            "text_config": {
                **inner,
                "num_experts": 4,
                "num_experts_per_tok": 2,
                "moe_intermediate_size": 32,
                "shared_expert_intermediate_size": 32,
                "rope_parameters": ROPE,
            },
        },
        code2wav_config={
            **LAYERS,
            "num_key_value_heads": 2,
            "codebook_size": 64,
            "num_quantizers": 4,
            "decoder_dim": 256,
        },
    )
    model = transformers.Qwen3OmniMoeForConditionalGeneration(config)
    return save(folder, model, _omni_processor("Qwen3OmniMoe", tokenizer))


def save_phi4_multimodal(folder: Path) -> Path:
    """Its chat template stands with the tokenizer alone, as in the official checkpoint."""
    import transformers

    tokenizer = _tokens("<|user|>", "<|end|>", image_token="<|endoftext10|>", audio_token="<|endoftext11|>")
    tokenizer.chat_template = template("<|endoftext11|>")
    ids = tokenizer.get_vocab()
    text = text_config(tokenizer, "phi4_multimodal")
    config = transformers.Phi4MultimodalConfig(
        **text,
        original_max_position_embeddings=4096,
        rope_parameters={"rope_type": "default", "rope_theta": 10_000.0, "partial_rotary_factor": 1.0},
        audio_config={
            "hidden_size": 32,
            "intermediate_size": 32,
            "num_blocks": 1,
            "num_attention_heads": 2,
            "ext_pw_out_channel": 32,
            "depthwise_separable_out_channel": 32,
            "nemo_conv_channels": 32,
            "feature_layer": -1,
            "audio_token_id": ids["<|endoftext11|>"],
        },
        vision_config={**LAYERS, "image_token_id": ids["<|endoftext10|>"]},
    )
    processor = transformers.Phi4MultimodalProcessor(
        transformers.Phi4MultimodalImageProcessor(), transformers.Phi4MultimodalFeatureExtractor(), tokenizer
    )
    return save(folder, transformers.Phi4MultimodalForCausalLM(config), processor)


GEMMA = {
    "image_token": "<image_soft_token>",
    "boi_token": "<start_of_image>",
    "eoi_token": "<end_of_image>",
    "audio_token": "<audio_soft_token>",
    "boa_token": "<start_of_audio>",
    "eoa_token": "<end_of_audio>",
}


def _gemma_ids(tokenizer: Any) -> dict[str, Any]:
    return {f"{name}_id": tokenizer.get_vocab()[mark] for name, mark in GEMMA.items()}


def save_gemma3n(folder: Path) -> Path:
    """Vocabulary: the text's, then places of the eyes and of the ears, as in the official checkpoint."""
    import transformers

    tokenizer = _tokens(**GEMMA)
    size = len(tokenizer)
    text = text_config(
        tokenizer,
        "gemma3n_text",
        num_hidden_layers=2,
        vocab_size=size + 32,
        vocab_size_per_layer_input=size,
        hidden_size_per_layer_input=8,
        laurel_rank=4,
        num_kv_shared_layers=0,
        layer_types=["sliding_attention", "full_attention"],
        activation_sparsity_pattern=[0.0, 0.0],
    )
    config = transformers.Gemma3nConfig(
        text_config=text,
        vision_config={"architecture": "test_efficientnet", "hidden_size": 32, "vocab_size": 16, "vocab_offset": size},
        audio_config={
            "vocab_size": 16,
            "vocab_offset": size + 16,
            "hidden_size": 32,
            "conf_num_attention_heads": 2,
            "conf_num_hidden_layers": 1,
            "sscp_conv_channel_size": [8, 4],
        },
        **_gemma_ids(tokenizer),
    )
    processor = transformers.Gemma3nProcessor(
        transformers.Gemma3nAudioFeatureExtractor(),
        transformers.SiglipImageProcessor(),
        tokenizer,
        chat_template=template("<audio_soft_token>"),
    )
    return save(folder, transformers.Gemma3nForConditionalGeneration(config), processor)


def save_gemma4(folder: Path) -> Path:
    import transformers

    tokenizer = _tokens("<|video|>", **GEMMA)
    ids = _gemma_ids(tokenizer)
    ids["eoa_token_index"] = ids.pop("eoa_token_id")
    text = text_config(
        tokenizer,
        "gemma4_text",
        num_hidden_layers=2,
        vocab_size_per_layer_input=len(tokenizer),
        hidden_size_per_layer_input=8,
        layer_types=["sliding_attention", "full_attention"],
    )
    config = transformers.Gemma4Config(
        text_config=text,
        vision_config={**LAYERS, "num_key_value_heads": 2, "head_dim": 16, "position_embedding_size": 64},
        audio_config={
            "hidden_size": 32,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "subsampling_conv_channels": [128, 4],
            "output_proj_dims": 32,
        },
        video_token_id=tokenizer.get_vocab()["<|video|>"],
        **ids,
    )
    processor = transformers.Gemma4Processor(
        transformers.Gemma4AudioFeatureExtractor(),
        transformers.Gemma4ImageProcessor(),
        tokenizer,
        transformers.Gemma4VideoProcessor(),
        chat_template=template("<audio_soft_token>"),
    )
    return save(folder, transformers.Gemma4ForConditionalGeneration(config), processor)


def save_granite_speech(folder: Path) -> Path:
    """With an adapter for audio, as in the official checkpoint: it needs peft."""
    import transformers

    tokenizer = _tokens("<|audio|>")
    tokenizer.chat_template = template("")
    config = transformers.GraniteSpeechConfig(
        text_config=text_config(tokenizer, "granite"),
        encoder_config={
            "input_dim": 160,
            "num_layers": 2,
            "hidden_dim": 32,
            "num_heads": 2,
            "dim_head": 16,
            "output_dim": 8,
            "feedforward_mult": 2,
        },
        projector_config={
            "model_type": "blip_2_qformer",
            "hidden_size": 32,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "intermediate_size": 32,
            "encoder_hidden_size": 32,
        },
        audio_token_index=tokenizer.get_vocab()["<|audio|>"],
        has_lora_adapter=False,
    )
    processor = transformers.GraniteSpeechProcessor(
        transformers.GraniteSpeechFeatureExtractor(), tokenizer, chat_template=tokenizer.chat_template
    )
    return save(folder, transformers.GraniteSpeechForConditionalGeneration(config), processor)


LANGUAGE_MODELS: dict[str, Callable[[Path], Path]] = {
    "Qwen2-Audio": save_qwen2_audio,
    "Audio Flamingo 3": save_audio_flamingo_3,
    "Music Flamingo": save_music_flamingo,
    "Voxtral": save_voxtral,
    "Qwen2.5-Omni": save_qwen2_5_omni,
    "Qwen2.5-Omni, thinker": save_qwen2_5_omni_thinker,
    "Qwen3-Omni": save_qwen3_omni,
    "Qwen3-Omni, thinker": save_qwen3_omni_thinker,
    "Phi-4-multimodal": save_phi4_multimodal,
    "Gemma 3n": save_gemma3n,
    "Gemma 4": save_gemma4,
}
