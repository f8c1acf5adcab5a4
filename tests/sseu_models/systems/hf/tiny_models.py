"""Tiny models with random weights, saved as folders: the real transformers code without a download.

What they say is noise; what can be tested is how they are asked and what becomes of their answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from sseu_models.records import Mode, Prompt, Question, Task
from tests.scripts import load_script

TRAIN_EXAMPLE = Path(__file__).resolve().parents[4] / "examples" / "train.py"
ASR = Prompt("test/asr-1", "asr", "independent", None, "Write down what is said.", "project")
LONG = Prompt("test/joint-1", "all", "joint", "You listen well.", "Say what you hear, in order: " + "x" * 40, "project")
SCENE = Prompt("test/scene-1", "asc", "likelihood", None, "Which scene is this?", "project")
EVENT = Prompt("test/event-1", "at", "likelihood", None, "Which event is this?", "project")


def sound(length_s: float, rate_hz: int, seed: int = 0) -> NDArray[np.float32]:
    """Noise at -20 dBFS."""
    noise = np.random.default_rng(seed).standard_normal(round(length_s * rate_hz))
    return cast("NDArray[np.float32]", (0.1 * noise).astype(np.float32))


def question(prompt: Prompt, audio: NDArray[np.float32] | None, *, seed: int = 0, task: Task | None = None) -> Question:
    """A question with the prompt's own task and mode."""
    mode: Mode = prompt.mode
    return Question(f"clip{seed}", audio, task or prompt.task, mode, prompt, seed)


def save_qwen2_audio(folder: Path) -> Path:
    """The Qwen2-Audio of examples/train.py, whose checkpoint asks for sampling, as the official one does."""
    import torch
    import transformers

    example = load_script("examples/train.py")
    model, processor = example.make_model()
    with torch.no_grad():  # small random weights give nearly equal logits and answers of one letter only
        for weight in model.parameters():
            if weight.ndim > 1:
                weight.mul_(8)
    model.generation_config = transformers.GenerationConfig(
        do_sample=True, temperature=0.7, top_k=20, top_p=0.5, repetition_penalty=1.1, eos_token_id=[0]
    )
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def save_clap(folder: Path, *, is_fusion: bool = False) -> Path:
    """A CLAP of 90,000 weights that takes 10 s at 48 kHz."""
    import torch
    import transformers
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors

    letters: Sequence[str] = sorted(pre_tokenizers.ByteLevel.alphabet())
    marks = ["<s>", "<pad>", "</s>", "<unk>"]
    by_bytes = Tokenizer(models.BPE(vocab={text: n for n, text in enumerate([*marks, *letters])}, merges=[]))
    by_bytes.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    by_bytes.decoder = decoders.ByteLevel()
    by_bytes.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=by_bytes,
        bos_token="<s>",
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        model_max_length=77,
    )
    features = transformers.ClapFeatureExtractor(
        feature_size=64,
        sampling_rate=48_000,
        hop_length=480,
        fft_window_size=1024,
        max_length_s=10,
        truncation="fusion" if is_fusion else "rand_trunc",
        padding="repeatpad",
    )
    text: dict[str, Any] = {"vocab_size": 260, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    audio: dict[str, Any] = {"num_mel_bins": 64, "spec_size": 256, "hidden_size": 64, "patch_embeds_hidden_size": 8}
    config = transformers.ClapConfig(
        text_config={**text, "intermediate_size": 32, "max_position_embeddings": 130},
        audio_config={
            **audio,
            "depths": [1, 1, 1, 1],
            "num_attention_heads": [1, 1, 1, 1],
            "enable_fusion": is_fusion,
        },
        projection_dim=16,
    )
    torch.manual_seed(0)
    model = transformers.ClapModel(config)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim > 1:
                weight.mul_(5)
    model.save_pretrained(folder)
    transformers.ClapProcessor(features, tokenizer).save_pretrained(folder)
    return folder
