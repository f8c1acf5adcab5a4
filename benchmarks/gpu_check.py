#!/usr/bin/env python3
"""The `hf:` system at the full size of Qwen2-Audio on a GPU, with random weights: gpu_check.py [--tiny].

Speed and memory per batch size, and how many greedy answers of a batch equal those given one by one. Random weights
make nearly flat distributions, in which rounding changes the largest logit far more often than in a trained model: in
bfloat16 the share of equal answers is a lower bound. In float32 (`--dtype float32`, 34 GB of weights) all must be
equal: exit code 1 if they are not.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers

from sseu_models.records import Prompt
from sseu_models.systems.hf.generation import Generated, generate
from sseu_models.systems.hf.model import LoadedModel, wrap
from sseu_models.systems.hf.settings import HfSettings

ROOT = Path(__file__).resolve().parents[1]
CLIP_S = 10
PROMPTS = (
    Prompt("gpu-check/short", "asr", "independent", None, "Write down what is said.", "project"),
    Prompt(
        "gpu-check/long", "all", "joint", None, "Write down what is said, where it is, and what sounds. " * 8, "project"
    ),
)  # of unequal length, so that batches are padded


@dataclass(frozen=True)
class Row:
    """Speed, memory and changed answers at one batch size."""

    batch_size: int
    clips_per_s: float
    tokens_per_s: float
    peak_gib: float | None
    equal: int
    clips: int
    first_difference: int | None

    def cells(self) -> list[str]:
        """The columns of `HEADS`."""
        memory = "-" if self.peak_gib is None else f"{self.peak_gib:.1f}"
        place = "-" if self.first_difference is None else str(self.first_difference)
        speeds = [f"{self.clips_per_s:.2f}", f"{self.tokens_per_s:.0f}"]
        return [str(self.batch_size), *speeds, memory, f"{self.equal}/{self.clips}", place]


HEADS = ["batch size", "clips/s", "tokens/s", "peak GiB", "equal to single", "first difference at token"]


def tiny_model() -> tuple[Any, Any]:
    """Model and processor of examples/train.py: 66,000 random weights."""
    spec = importlib.util.spec_from_file_location("train_example", ROOT / "examples" / "train.py")
    assert spec is not None
    assert spec.loader is not None
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    made: tuple[Any, Any] = example.make_model()
    return made


def full_model(device: str, dtype: torch.dtype) -> tuple[Any, Any]:
    """Qwen2-Audio-7B with random weights (8.4 billion), and a processor that makes its inputs."""
    tiny, processor = tiny_model()
    processor.feature_extractor = transformers.WhisperFeatureExtractor(feature_size=128)
    ends = {"bos_token_id": None, "eos_token_id": tiny.config.text_config.eos_token_id}
    config = transformers.Qwen2AudioConfig(
        audio_config={"model_type": "qwen2_audio_encoder", "num_mel_bins": 128, "d_model": 1280, "encoder_layers": 32},
        text_config={
            "model_type": "qwen2",
            "vocab_size": 156_032,
            "hidden_size": 4096,
            "intermediate_size": 11_008,
            "num_hidden_layers": 32,
            "num_attention_heads": 32,
            "num_key_value_heads": 32,
            "max_position_embeddings": 8192,
            **ends,
        },
        audio_token_index=tiny.config.audio_token_id,
    )
    torch.manual_seed(0)
    with torch.device(device):
        return transformers.AutoModelForMultimodalLM.from_config(config, dtype=dtype), processor


def answer_all(loaded: LoadedModel, clips: int, batch_size: int, settings: HfSettings) -> tuple[list[Generated], float]:
    """Answers to the same `clips` questions in batches, and the seconds it took."""
    noise = np.random.default_rng(0)
    audios = [(0.1 * noise.standard_normal(CLIP_S * loaded.rate_hz)).astype(np.float32) for _ in range(clips)]
    prompts = [PROMPTS[number % len(PROMPTS)] for number in range(clips)]
    answers: list[Generated] = []
    begun_s = time.monotonic()
    for start in range(0, clips, batch_size):
        part = slice(start, start + batch_size)
        answers += generate(loaded, prompts[part], audios[part], [0] * len(prompts[part]), settings)
    return answers, time.monotonic() - begun_s


def measure(loaded: LoadedModel, batch_sizes: Sequence[int], clips: int, new_tokens: int) -> list[Row]:
    """One row per batch size; its answers are compared with those to single questions."""
    settings = HfSettings(max_new_tokens=new_tokens)
    is_gpu = loaded.model.device.type == "cuda"
    answer_all(
        loaded, max(batch_sizes), max(batch_sizes), HfSettings(max_new_tokens=4)
    )  # the first calls choose kernels
    single, _ = answer_all(loaded, clips, 1, settings)
    rows = []
    for batch_size in batch_sizes:
        if is_gpu:
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        answers, took_s = answer_all(loaded, clips, batch_size, settings)
        peak = torch.cuda.max_memory_allocated() / 2**30 if is_gpu else None
        places = [_first_difference(one, other) for one, other in zip(single, answers, strict=True)]
        changed = [place for place in places if place is not None]
        tokens = sum(len(answer.tokens) for answer in answers)
        rows.append(
            Row(
                batch_size,
                clips / took_s,
                tokens / took_s,
                peak,
                clips - len(changed),
                clips,
                min(changed, default=None),
            )
        )
    return rows


def _first_difference(one: Generated, other: Generated) -> int | None:
    if one == other:
        return None
    pairs = zip(one.tokens, other.tokens, strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(one.tokens), len(other.tokens)))


def table(rows: Sequence[Row]) -> str:
    """The rows in Markdown."""
    lines = [HEADS, ["---:"] * len(HEADS), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def main() -> int:
    """Measure, print, and write the table to a file if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiny", action="store_true", help="a tiny model on the CPU in float32, to try the check")
    parser.add_argument("--dtype", choices=["bfloat16", "float32"], default="bfloat16")
    parser.add_argument("--batch-sizes", default="1,2,4,8,16,32", help="default: %(default)s")
    parser.add_argument("--clips", type=int, default=32, help="clips of 10 s (default: %(default)s)")
    parser.add_argument(
        "--new-tokens", type=int, default=128, help="maximum length of an answer (default: %(default)s)"
    )
    parser.add_argument("--out", type=Path, help="write the table to this file, too")
    arguments = parser.parse_args()
    if not arguments.tiny and not torch.cuda.is_available():
        print(f"no GPU: torch {torch.__version__} sees none; run it on one, or with --tiny on the CPU", file=sys.stderr)
        return 2
    device, dtype = ("cpu", "float32") if arguments.tiny else ("cuda", arguments.dtype)
    model, processor = tiny_model() if arguments.tiny else full_model(device, getattr(torch, dtype))
    loaded = wrap(model.eval(), processor, model_type="qwen2_audio")
    name = torch.cuda.get_device_name() if device == "cuda" else "CPU"
    rows = measure(
        loaded, [int(size) for size in arguments.batch_sizes.split(",")], arguments.clips, arguments.new_tokens
    )
    text = (
        f"{sum(weight.numel() for weight in model.parameters()):,} random weights in {dtype} on {name}; "
        f"torch {torch.__version__}, transformers {transformers.__version__}; {arguments.clips} clips of {CLIP_S} s, "
        f"{arguments.new_tokens} new tokens, greedy\n\n{table(rows)}"
    )
    print(text)
    if arguments.out:
        arguments.out.write_text(text + "\n")
    return int(dtype == "float32" and any(row.equal < row.clips for row in rows))


if __name__ == "__main__":
    sys.exit(main())
