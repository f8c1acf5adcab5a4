"""The draws behind the stand-in corpora: each is made from the seed, a purpose and ids, and from nothing before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sseu_dataset.pairing import draw

if TYPE_CHECKING:
    import numpy as np


def unit_draw(seed: int, purpose: str, *ids: str) -> float:
    """A draw in [0, 1), of 53 bits."""
    return (draw(seed, purpose, *ids) >> 11) / 2**53


def generator(seed: int, purpose: str, *ids: str) -> np.random.Generator:
    """A generator of its own for one file or one part of it, seeded by a draw."""
    import numpy as np

    return np.random.Generator(np.random.PCG64(draw(seed, purpose, *ids)))


def deal(counts: Mapping[str, int], hands: int) -> list[list[str]]:
    """Deal each label `count` times, one hand after the other, so that no hand gets a label twice.

    Raises:
        ValueError: A count exceeds the number of hands.
    """
    if max(counts.values()) > hands:
        raise ValueError(f"{counts} cannot be dealt to {hands} hands without repeating a label")
    cards = [label for label, count in counts.items() for _ in range(count)]
    return [cards[hand::hands] for hand in range(hands)]


def bed_level_db(seed: int, name: str) -> float:
    """RMS of a recording's bed in dBFS, -56 to -42; events raise it, to a spread of some 20 dB between recordings."""
    return -56 + 14 * unit_draw(seed, "level", name)
