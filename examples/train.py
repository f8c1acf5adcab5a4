#!/usr/bin/env python3
"""Train an audio language model and score it on SSEU-Bench as it learns: train.py [FOLDER].

As it stands it takes a tiny random model, so that it runs in a minute, without a network or a GPU, and its scores mean
nothing. Change what stands above the line; the rest need not change for models whose processor has a chat template.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

import torch
import transformers
from datasets import Audio, Dataset, load_dataset
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

import sseu_report
from sseu_dataset import load_audio
from sseu_models import EvaluationCallback

DATASET = "demo/sseu-bench"  # a folder, or "<org>/sseu-bench" on the Hub
CONDITION = "snr_0"
EMBEDDER = "exact"  # needs no model; "default" or "paper" also see that "a kitchen" is Home
PROMPT = "Answer in three lines: Transcript: <words>, Scene: <scene>, Events: <event>; <event>."
TRAIN_CLIPS, QUESTIONS, EVERY_STEPS, NEW_TOKENS = (
    8,
    90,
    2,
    8,
)  # 350 questions are a look, 2,450 an estimate of the whole
ARGUMENTS: dict[str, Any] = {
    "output_dir": "build/train",
    "max_steps": 4,
    "per_device_train_batch_size": 4,
    "logging_steps": 1,
    "report_to": "none",  # "tensorboard", "wandb", ...: the scores go there too
    "learning_rate": 3e-3,
    "save_strategy": "no",
}


def make_model() -> tuple[Any, Any]:
    """A model and its processor; in earnest both come `from_pretrained("Qwen/Qwen2-Audio-7B-Instruct")`."""
    letters = {letter: number for number, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    by_bytes = Tokenizer(models.BPE(vocab=letters, merges=[]))
    by_bytes.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    by_bytes.decoder = decoders.ByteLevel()
    marks = ["<|im_start|>", "<|AUDIO|>", "<|audio_bos|>", "<|audio_eos|>"]
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=by_bytes, eos_token="<|im_end|>", pad_token="<|endoftext|>", additional_special_tokens=marks
    )
    processor = transformers.Qwen2AudioProcessor(transformers.WhisperFeatureExtractor(feature_size=16), tokenizer)
    ends = {"bos_token_id": None, "eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id}
    encoder = {"num_mel_bins": 16, "d_model": 16, "encoder_layers": 1, "encoder_attention_heads": 2}
    decoder = {"model_type": "qwen2", "vocab_size": len(tokenizer), "hidden_size": 32, "intermediate_size": 64}
    heads = {"num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 2}
    config = transformers.Qwen2AudioConfig(
        audio_config={"model_type": "qwen2_audio_encoder", "encoder_ffn_dim": 32, **encoder},
        text_config={**decoder, **heads, **ends},
        audio_token_index=tokenizer.get_vocab()["<|AUDIO|>"],
    )
    torch.manual_seed(0)
    return transformers.Qwen2AudioForConditionalGeneration(config), processor


def read_rows(folder: str) -> Dataset:
    """Rows to train on; SSEU-Bench is a test set: in earnest train on something else.

    The audio stays bytes, which `load_audio` decodes and resamples as in benchmark runs; this way needs no torchcodec.
    """
    rows = load_dataset(folder, CONDITION, split="test").cast_column("audio", Audio(decode=False))
    train = rows.select(range(min(TRAIN_CLIPS, len(rows))))
    return train.add_column("answer", [target(rows, row) for row in train])


def target(rows: Dataset, row: dict[str, Any]) -> str:
    """The answer that the model should learn to give."""
    scene = rows.features["scene"].int2str(row["scene"])
    events = "; ".join(rows.features["events"].feature.int2str(row["events"]))
    return f"Transcript: {row['transcript']}\nScene: {scene}\nEvents: {events}"


# ----------------------------------------------------------------------------------------------------------------------


def as_inputs(processor: Any, prompts: list[str], answers: list[str], audio: list[Any]) -> Any:
    """The inputs of the model for a batch: each prompt with its audio, and what follows it."""
    texts = []
    for prompt, answer in zip(prompts, answers, strict=True):
        chat = [{"role": "user", "content": [{"type": "audio"}, {"type": "text", "text": prompt}]}]
        texts.append(processor.apply_chat_template(chat, add_generation_prompt=True, tokenize=False) + answer)
    rate_hz = processor.feature_extractor.sampling_rate
    sides = {"padding": True, "padding_side": "left"}  # answers end the row
    return processor(text=texts, audio=audio, sampling_rate=rate_hz, return_tensors="pt", **sides)


def collate(rows: list[dict[str, Any]], processor: Any) -> dict[str, torch.Tensor]:
    """A batch with labels: the answers alone are learnt."""
    answers = [row["answer"] + processor.tokenizer.eos_token for row in rows]
    audio = [load_audio(row, processor.feature_extractor.sampling_rate) for row in rows]
    batch: dict[str, torch.Tensor] = as_inputs(processor, [PROMPT] * len(rows), answers, audio)
    labels = torch.full_like(batch["input_ids"], -100)  # -100: not learnt
    for place, answer in enumerate(answers):
        length = len(processor.tokenizer(answer)["input_ids"])
        labels[place, -length:] = batch["input_ids"][place, -length:]
    return {**batch, "labels": labels}


def make_answer(model: Any, processor: Any) -> Any:
    """The model as a function that answers a question about a clip."""

    def answer(samples: Any, rate_hz: int, prompt: str) -> str:
        inputs = as_inputs(processor, [prompt], [""], [samples]).to(model.device)
        tokens = model.generate(**inputs, max_new_tokens=NEW_TOKENS, do_sample=False)
        new = tokens[:, inputs["input_ids"].shape[1] :]
        return str(processor.tokenizer.batch_decode(new, skip_special_tokens=True)[0])

    return answer


def main(folder: str = DATASET) -> list[dict[str, Any]]:
    """Train, score every few steps, compare the last checkpoint with the first; return what was logged."""
    model, processor = make_model()
    arguments = transformers.TrainingArguments(remove_unused_columns=False, **ARGUMENTS)  # `collate` uses every column
    trainer = transformers.Trainer(
        model, arguments, data_collator=partial(collate, processor=processor), train_dataset=read_rows(folder)
    )
    scoring = EvaluationCallback(
        trainer, make_answer(model, processor), folder, lite=QUESTIONS, every_steps=EVERY_STEPS, embedder=EMBEDDER
    )
    trainer.add_callback(scoring)
    trainer.train()
    if len(scoring.runs) > 1:
        print(sseu_report.compare(scoring.runs[-1], scoring.runs[0]))
    return trainer.state.log_history


if __name__ == "__main__":
    main(*sys.argv[1:])
