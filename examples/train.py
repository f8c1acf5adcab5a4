#!/usr/bin/env python3
"""Train an audio language model, then score it on SSEU-Bench: train.py [FOLDER].

As it stands it takes a tiny random model, so that it runs in seconds, without a network or a GPU, and its scores mean
nothing. Change what stands above the line; the rest need not change for models whose processor has a chat template.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any

import evaluate
import numpy as np
import torch
import transformers
from datasets import Audio, Dataset, load_dataset
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from sseu_dataset import load_audio

DATASET = "demo/sseu-bench"  # a folder, or "<org>/sseu-bench" on the Hub
CONDITION = "snr_0"
METRIC = str(Path(__file__).parents[1] / "sseu_metric" / "sseu.py")  # or "<org>/sseu" on the Hub
EMBEDDER = "exact"  # needs no model; "default" or "paper" also see that "a kitchen" is Home
PROMPT = "Answer in three lines: Transcript: <words>, Scene: <scene>, Events: <event>; <event>."
TRAIN_CLIPS, TEST_CLIPS, NEW_TOKENS = 8, 8, 48
ARGUMENTS: dict[str, Any] = {
    "output_dir": "build/train",
    "max_steps": 4,
    "eval_strategy": "no",  # "steps" or "epoch" scores during training too
    "per_device_train_batch_size": 4,
    "per_device_eval_batch_size": 4,
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


def read_rows(folder: str) -> tuple[Dataset, Dataset]:
    """Rows to train on and rows to score; SSEU-Bench is a test set: in earnest train on something else.

    The audio stays bytes, which `load_audio` decodes and resamples as in benchmark runs; this way needs no torchcodec.
    """
    rows = load_dataset(folder, CONDITION, split="test").cast_column("audio", Audio(decode=False))
    test = rows.select(range(min(TEST_CLIPS, len(rows) // 2)))
    train = rows.select(range(len(test), min(len(test) + TRAIN_CLIPS, len(rows))))
    train = train.add_column("answer", [target(rows, row) for row in train])
    return train, test.add_column("number", range(len(test)))


def target(rows: Dataset, row: dict[str, Any]) -> str:
    """The answer that the model should learn to give."""
    scene = rows.features["scene"].int2str(row["scene"])
    events = "; ".join(rows.features["events"].feature.int2str(row["events"]))
    return f"Transcript: {row['transcript']}\nScene: {scene}\nEvents: {events}"


# ----------------------------------------------------------------------------------------------------------------------


def collate(rows: list[dict[str, Any]], processor: Any) -> dict[str, torch.Tensor]:
    """A batch: prompt and answer with labels for training, the prompt alone (and the rows' numbers) for scoring."""
    chat = [{"role": "user", "content": [{"type": "audio"}, {"type": "text", "text": PROMPT}]}]
    prompt = processor.apply_chat_template(chat, add_generation_prompt=True, tokenize=False)
    rate_hz = processor.feature_extractor.sampling_rate
    answers = [row["answer"] + processor.tokenizer.eos_token if "answer" in row else "" for row in rows]
    batch: dict[str, torch.Tensor] = processor(
        text=[prompt + answer for answer in answers],
        audio=[load_audio(row, rate_hz) for row in rows],
        sampling_rate=rate_hz,
        padding=True,
        padding_side="left",  # prompts end where generation begins, answers end the row
        return_tensors="pt",
    )
    if not any(answers):
        return {**batch, "number": torch.tensor([row["number"] for row in rows])}
    labels = torch.full_like(batch["input_ids"], -100)  # -100: not learnt
    for place, answer in enumerate(answers):
        length = len(processor.tokenizer(answer)["input_ids"])
        labels[place, -length:] = batch["input_ids"][place, -length:]
    return {**batch, "labels": labels}


class AnsweringTrainer(transformers.Trainer):
    """A Trainer that answers the rows it evaluates; its "labels" are the rows' numbers."""

    def prediction_step(self, model: Any, inputs: Any, *_: Any, **__: Any) -> tuple[None, torch.Tensor, torch.Tensor]:
        """Generate; only what is new is kept."""
        inputs = self._prepare_inputs(inputs)
        numbers = inputs.pop("number")
        tokens = model.generate(**inputs, max_new_tokens=NEW_TOKENS, do_sample=False)
        return None, tokens[:, inputs["input_ids"].shape[1] :], numbers


def compute_metrics(prediction: Any, *, rows: Dataset, tokenizer: Any, metric: Any) -> dict[str, float]:
    """The scores in percent; rows are found by number, since several devices may return them in another order."""
    tokens = np.where(prediction.predictions < 0, tokenizer.pad_token_id, prediction.predictions)  # -100 fills up rows
    answers = tokenizer.batch_decode(tokens, skip_special_tokens=True)
    references = list(rows.remove_columns("audio").select(prediction.label_ids))
    result = metric.compute(predictions=answers, references=references)
    return {name: result[name] for name in ("wer", "macc", "map")}


def main(folder: str = DATASET) -> dict[str, float]:
    """Train, score, return the scores."""
    model, processor = make_model()
    train, test = read_rows(folder)
    metric = evaluate.load(METRIC, config_name="joint", embedder=EMBEDDER)
    arguments = transformers.TrainingArguments(remove_unused_columns=False, **ARGUMENTS)  # `collate` uses every column
    trainer = AnsweringTrainer(
        model,
        arguments,
        data_collator=partial(collate, processor=processor),
        train_dataset=train,
        eval_dataset=test,
        compute_metrics=partial(compute_metrics, rows=test, tokenizer=processor.tokenizer, metric=metric),
    )
    trainer.train()
    return trainer.evaluate()


if __name__ == "__main__":
    print(main(*sys.argv[1:]))
