"""Random draws for the stand-in corpora: each depends on the seed, a purpose and ids, and on no earlier draw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sseu_dataset.pairing import draw

if TYPE_CHECKING:
    import numpy as np


def unit_draw(seed: int, purpose: str, *ids: str) -> float:
    """A draw in [0, 1) with 53 bits."""
    return (draw(seed, purpose, *ids) >> 11) / 2**53


def generator(seed: int, purpose: str, *ids: str) -> np.random.Generator:
    """A random generator for one file or one part of it, seeded by a draw."""
    import numpy as np

    return np.random.Generator(np.random.PCG64(draw(seed, purpose, *ids)))


def distribute(counts: Mapping[str, int], clips: int) -> list[list[str]]:
    """Distribute labels over clips, each as often as its count says, so that no clip gets a label twice.

    Raises:
        ValueError: A count exceeds the number of clips.
    """
    if max(counts.values()) > clips:
        raise ValueError(f"{counts} cannot be distributed over {clips} clips without repeating a label")
    labels = [label for label, count in counts.items() for _ in range(count)]
    return [labels[clip::clips] for clip in range(clips)]


def bed_level_db(seed: int, name: str) -> float:
    """RMS level of a recording's background noise, -56 to -42 dBFS; events spread recordings over some 20 dB."""
    return -56 + 14 * unit_draw(seed, "level", name)
