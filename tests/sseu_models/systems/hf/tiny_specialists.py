"""Recognisers, taggers and models for text alone with random weights, saved as folders; what they answer is noise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

VOCABULARY = ["<pad>", "<s>", "</s>", "<unk>", "|", *"ETAOINSHRDLU'"]
SMALL: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "conv_dim": (8, 8, 8),
    "conv_stride": (5, 4, 8),
    "conv_kernel": (10, 8, 8),
    "num_feat_extract_layers": 3,
    "num_conv_pos_embeddings": 4,
    "num_conv_pos_embedding_groups": 2,
}


def letters(special: list[str], **named: str) -> Any:
    """A tokenizer of bytes, then these special tokens: start, end, padding, unknown, others."""
    import transformers
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    names = [*sorted(pre_tokenizers.ByteLevel.alphabet()), *special]
    by_bytes = Tokenizer(models.BPE(vocab={name: place for place, name in enumerate(names)}, merges=[]))
    by_bytes.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    by_bytes.decoder = decoders.ByteLevel()
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=by_bytes,
        bos_token=special[0],
        eos_token=special[1],
        pad_token=special[2],
        unk_token=special[3],
        extra_special_tokens=named or special[4:],
    )


def text_config(tokenizer: Any, model_type: str, **more: Any) -> dict[str, Any]:
    """The language model behind an audio encoder, for a tokenizer of `letters`."""
    return {
        "model_type": model_type,
        "vocab_size": len(tokenizer),
        "hidden_size": 32,
        "intermediate_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "bos_token_id": None,
        "eos_token_id": 257,
        "pad_token_id": 258,
        **more,
    }


def template(audio: str) -> str:
    """A chat template that writes `audio` where a clip is; an assistant's last turn is left open."""
    return (
        "{% for turn in messages %}<|im_start|>{{ turn['role'] }}\n{% if turn['content'] is string %}"
        "{{ turn['content'] }}{% else %}{% for part in turn['content'] %}{% if part['type'] == 'audio' %}"
        + audio
        + "{% else %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}"
        "{% if not (loop.last and turn['role'] == 'assistant') %}<|im_end|>\n{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )


def save(folder: Path, model: Any, processor: Any) -> Path:
    """Both in one folder, with weights large enough for answers that differ."""
    import torch

    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim > 1:
                weight.mul_(12)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


CHAT = (
    "{% for message in messages %}<|im_start|>{{ message['role'] + '\n' + message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""The template of Qwen2, which joins texts and cannot join the parts of a message with audio."""


def save_language_model(folder: Path, kind: str = "qwen2") -> Path:
    """A Qwen2 or Llama for text alone."""
    import transformers

    tokenizer = letters(["<|im_start|>", "<|im_end|>", "<|endoftext|>", "<unk>"])
    tokenizer.chat_template = CHAT
    ends = {"bos_token_id": None, "eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id}
    size = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 2}
    config = transformers.AutoConfig.for_model(kind, vocab_size=len(tokenizer), **size, **heads, **ends)
    return save(folder, transformers.AutoModelForCausalLM.from_config(config), tokenizer)


def save_wav2vec2(folder: Path) -> Path:
    import transformers

    folder.mkdir(parents=True)
    (folder / "vocab.json").write_text(json.dumps({name: place for place, name in enumerate(VOCABULARY)}))
    tokenizer = transformers.Wav2Vec2CTCTokenizer(str(folder / "vocab.json"))
    processor = transformers.Wav2Vec2Processor(transformers.Wav2Vec2FeatureExtractor(), tokenizer)
    config = transformers.Wav2Vec2Config(vocab_size=len(VOCABULARY), pad_token_id=0, **SMALL)
    return save(folder, transformers.Wav2Vec2ForCTC(config), processor)


def save_parakeet(folder: Path) -> Path:
    import transformers

    encoder = {
        "hidden_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "num_mel_bins": 16,
        "subsampling_conv_channels": 8,
        "max_position_embeddings": 3000,
    }
    inner = letters(["<s>", "</s>", "<pad>", "<unk>"])
    tokenizer = transformers.ParakeetTokenizer(
        tokenizer_object=inner.backend_tokenizer, pad_token="<pad>", unk_token="<unk>"
    )
    config = transformers.ParakeetCTCConfig(vocab_size=len(tokenizer), encoder_config=encoder, pad_token_id=258)
    processor = transformers.ParakeetProcessor(
        transformers.ParakeetFeatureExtractor(feature_size=16), tokenizer, decoder_type="ctc"
    )
    return save(folder, transformers.ParakeetForCTC(config), processor)


def save_whisper(folder: Path) -> Path:
    """Multilingual, so that the language must be said."""
    import transformers

    special = ["<|startoftranscript|>", "<|endoftext|>", "<pad>", "<unk>", "<|en|>", "<|de|>", "<|transcribe|>"]
    special += ["<|translate|>", "<|notimestamps|>", "<|startofprev|>"]
    inner = letters(special)
    ids = inner.get_vocab()
    config = transformers.WhisperConfig(
        vocab_size=len(ids),
        num_mel_bins=16,
        d_model=32,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        max_target_positions=64,
        bos_token_id=256,
        eos_token_id=257,
        pad_token_id=258,
        decoder_start_token_id=256,
    )
    model = transformers.WhisperForConditionalGeneration(config)
    model.generation_config = transformers.GenerationConfig(
        decoder_start_token_id=256,
        eos_token_id=257,
        pad_token_id=258,
        max_length=64,
        is_multilingual=True,
        lang_to_id={"<|en|>": ids["<|en|>"], "<|de|>": ids["<|de|>"]},
        task_to_id={"transcribe": ids["<|transcribe|>"], "translate": ids["<|translate|>"]},
        no_timestamps_token_id=ids["<|notimestamps|>"],
        prev_sot_token_id=ids["<|startofprev|>"],
        suppress_tokens=[],
        begin_suppress_tokens=[],
        do_sample=True,
        temperature=0.7,
    )
    tokenizer = transformers.WhisperTokenizer(
        tokenizer_object=inner.backend_tokenizer,
        bos_token="<|startoftranscript|>",
        eos_token="<|endoftext|>",
        pad_token="<pad>",
        unk_token="<unk>",
        additional_special_tokens=special[4:],
    )
    processor = transformers.WhisperProcessor(transformers.WhisperFeatureExtractor(feature_size=16), tokenizer)
    return save(folder, model, processor)


def save_moonshine(folder: Path) -> Path:
    import transformers

    tokenizer = letters(["<s>", "</s>", "<pad>", "<unk>"])
    config = transformers.MoonshineConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=32,
        encoder_num_hidden_layers=1,
        decoder_num_hidden_layers=1,
        encoder_num_attention_heads=2,
        decoder_num_attention_heads=2,
        bos_token_id=256,
        eos_token_id=257,
        decoder_start_token_id=256,
        pad_token_id=258,
    )
    processor = transformers.Wav2Vec2Processor(transformers.Wav2Vec2FeatureExtractor(), tokenizer)
    return save(folder, transformers.MoonshineForConditionalGeneration(config), processor)


def save_qwen3_asr(folder: Path) -> Path:
    import transformers

    marks = ["<|im_start|>", "<|audio_start|>", "<|audio_end|>", "<|audio_pad|>", "<asr_text>"]
    tokenizer = letters(
        ["<s>", "<|im_end|>", "<|endoftext|>", "<unk>", *marks],
        audio_token=marks[3],
        audio_bos_token=marks[1],
        audio_eos_token=marks[2],
    )
    config = transformers.Qwen3ASRConfig(
        audio_config={
            "num_mel_bins": 16,
            "d_model": 32,
            "encoder_layers": 1,
            "encoder_attention_heads": 2,
            "encoder_ffn_dim": 32,
            "downsample_hidden_size": 8,
            "output_dim": 32,
        },
        text_config=text_config(tokenizer, "qwen3"),
        audio_token_id=tokenizer.get_vocab()["<|audio_pad|>"],
    )
    processor = transformers.Qwen3ASRProcessor(
        transformers.Qwen3ASRFeatureExtractor(feature_size=16),
        tokenizer,
        chat_template=template("<|audio_start|><|audio_pad|><|audio_end|>"),
    )
    return save(folder, transformers.Qwen3ASRForConditionalGeneration(config), processor)


def save_glm_asr(folder: Path) -> Path:
    import transformers

    tokenizer = letters(["<s>", "<|end|>", "<|endoftext|>", "<unk>", "<|pad|>", "<|im_start|>", "<|im_end|>"])
    config = transformers.GlmAsrConfig(
        audio_config={
            "num_mel_bins": 16,
            "hidden_size": 32,
            "intermediate_size": 128,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "num_key_value_heads": 2,
            "head_dim": 16,
        },
        text_config=text_config(tokenizer, "llama"),
        audio_token_id=tokenizer.get_vocab()["<|pad|>"],
    )
    processor = transformers.GlmAsrProcessor(
        transformers.WhisperFeatureExtractor(feature_size=16), tokenizer, chat_template=template("<|pad|>")
    )
    return save(folder, transformers.GlmAsrForConditionalGeneration(config), processor)


def save_ast(folder: Path, classes: list[str]) -> Path:
    """An Audio Spectrogram Transformer with these classes."""
    import transformers

    config = transformers.ASTConfig(
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        num_mel_bins=32,
        max_length=1024,
        frequency_stride=16,
        time_stride=64,
        id2label=dict(enumerate(classes)),
        label2id={name: place for place, name in enumerate(classes)},
    )
    features = transformers.ASTFeatureExtractor(num_mel_bins=32)
    return save(folder, transformers.ASTForAudioClassification(config), features)


RECOGNISERS = {
    "wav2vec2": save_wav2vec2,
    "parakeet": save_parakeet,
    "whisper": save_whisper,
    "moonshine": save_moonshine,
    "qwen3-asr": save_qwen3_asr,
    "glm-asr": save_glm_asr,
}
