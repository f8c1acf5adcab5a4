"""How a report calls metrics, and how it shows names and texts of others on one line."""

from __future__ import annotations

from collections.abc import Mapping

METRIC_NAMES: Mapping[str, str] = {"wer": "WER", "macc": "mACC", "map": "mAP"}


def printable(text: str) -> str:
    """The text on one line, with U+FFFD for whatever does not print (line ends, terminal controls)."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def shown(text: str, most: int = 80) -> str:
    """Text of others as `printable` gives it; what is longer than `most` loses its middle."""
    clean = printable(text)
    if len(clean) <= most:
        return clean
    head = (most - 1) // 2
    return f"{clean[:head]}…{clean[len(clean) - (most - 1 - head) :]}"
