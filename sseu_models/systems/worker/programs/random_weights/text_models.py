"""Text models that upstream loads from the Hub by name: their classes and widths, one layer, random weights."""

from __future__ import annotations

import json
import os
import string
from typing import Any

BYTES = 256


def snapshot(folder: str, repository: str) -> str:
    """A new folder, where the Hub's cache below `folder` has this repository."""
    place = os.path.join(folder, "hub", "models--" + repository.replace("/", "--"))
    commit = "0" * 40
    os.makedirs(os.path.join(place, "refs"))
    with open(os.path.join(place, "refs", "main"), "w", encoding="ascii") as file:
        file.write(commit)
    made = os.path.join(place, "snapshots", commit)
    os.makedirs(made)
    return made


def make_bert(folder: str) -> None:
    """`bert-base-uncased`, which spells every word."""
    from transformers import BertConfig, BertModel, BertTokenizer

    made = snapshot(folder, "bert-base-uncased")
    letters = string.ascii_lowercase + string.digits + string.punctuation
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    vocabulary = os.path.join(folder, "bert-vocab.txt")
    with open(vocabulary, "w", encoding="utf-8") as file:
        file.write("\n".join(words) + "\n")
    BertTokenizer(vocabulary).save_pretrained(made)
    BertModel(BertConfig(vocab_size=len(words), num_hidden_layers=1)).save_pretrained(made)


def make_gpt2(folder: str) -> None:
    """`gpt2`, whose tokens are bytes."""
    from transformers import GPT2Config, GPT2Model, GPT2Tokenizer

    made = snapshot(folder, "gpt2")
    GPT2Tokenizer(*byte_tokens(folder)).save_pretrained(made)
    GPT2Model(GPT2Config(vocab_size=BYTES + 1, n_layer=1)).save_pretrained(made)


def byte_tokens(folder: str) -> tuple[str, str]:
    """The files of a byte-level vocabulary without merges, as the tokenizers of GPT-2 and Qwen2 read them."""
    from transformers.models.gpt2.tokenization_gpt2 import bytes_to_unicode  # type: ignore[attr-defined,unused-ignore]

    symbols: dict[int, Any] = bytes_to_unicode()
    tokens = [*symbols.values(), "<|endoftext|>"]
    vocabulary, merges = os.path.join(folder, "vocab.json"), os.path.join(folder, "merges.txt")
    with open(vocabulary, "w", encoding="utf-8") as file:
        json.dump({token: number for number, token in enumerate(tokens)}, file)
    with open(merges, "w", encoding="utf-8") as file:
        file.write("#version: 0.2\n")
    return vocabulary, merges
