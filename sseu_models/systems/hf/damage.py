"""What is wrong with the files of a model's folder: half a download, a pointer of git-lfs, no tokenizer."""

from __future__ import annotations

import json
from pathlib import Path

_AGAIN = "download it again"
_POINTER = b"version https://git-lfs.github.com/spec/"
_TOKENIZERS = ("tokenizer*", "vocab*", "*.model", "tekken.json", "spiece*", "merges.txt")


def damage_in(folder: Path, error: Exception) -> str | None:
    """The first file that is not whole, or what the folder lacks, with the remedy; None where nothing is seen.

    Args:
        folder: A model as `save_pretrained` writes it.
        error: What loading it raised.
    """
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        with path.open("rb") as file:
            begins = file.read(len(_POINTER))
        if begins == _POINTER:
            return f"{path.name} is a pointer of git-lfs and not the file itself; run `git lfs pull` there, or {_AGAIN}"
        if path.suffix == ".safetensors" and (problem := _safetensors_problem(path)):
            return f"{path.name} {problem}; {_AGAIN}"
    # A tokenizer without its files fails with a TypeError about None; taggers have none and need none.
    if isinstance(error, TypeError) and not any(path for pattern in _TOKENIZERS for path in folder.glob(pattern)):
        return "the folder holds no tokenizer (tokenizer.json, vocab.json, ...); download the whole model again"
    return None


def _safetensors_problem(path: Path) -> str | None:
    """Its length against the one that its header states: eight bytes, a JSON object, the tensors."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > size - 8:
            return f"ends within its header ({size:,} bytes), or is none of safetensors"
        try:
            tensors = json.loads(file.read(length))
            ends = [one["data_offsets"][1] for name, one in tensors.items() if name != "__metadata__"]
            whole = 8 + length + max(ends, default=0)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError):
            return "has a header that cannot be read"
    return None if size == whole else f"has {size:,} bytes, its header states {whole:,}"
