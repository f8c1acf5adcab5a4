"""Which utterance is placed where on which background.

Nothing here is drawn from a stateful generator. Every draw is the SHA-256 of the seed, a purpose and ids, so that the
order of the input, an additional file or another machine changes no other pair.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from sseu_dataset.records import CLIP_SAMPLES, Background, Settings, Utterance


def draw(seed: int, purpose: str, *ids: str) -> int:
    """A number in [0, 2**64): the first 8 bytes, big endian, of SHA-256 of `seed|purpose|id[|id]` in UTF-8."""
    text = "|".join((str(seed), purpose, *ids))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def draw_onset(seed: int, background_id: str, utterance_id: str, max_samples: int) -> int:
    """The sample at which an utterance of at most `max_samples` samples starts in its 10-s clip."""
    positions = CLIP_SAMPLES - max_samples + 1
    return draw(seed, "onset", background_id, utterance_id) * positions >> 64


def draw_order(seed: int, background_ids: Iterable[str]) -> list[str]:
    """Backgrounds in the order in which a dataset has their pairs: that of their draws, then of their ids."""
    return sorted(background_ids, key=lambda name: (draw(seed, "order", name), name))


def in_draw_order(backgrounds: Iterable[Background], settings: Settings) -> list[Background]:
    """The backgrounds of a build in draw order, so that the first n are a random sample; `settings.pairs` of them."""
    by_id = {background.background_id: background for background in backgrounds}
    return [by_id[name] for name in draw_order(settings.seed, by_id)[: settings.pairs]]


def pair_up(
    backgrounds: Iterable[Background],
    utterances: Iterable[Utterance],
    max_samples: Mapping[str, int],
    settings: Settings,
) -> list[tuple[Background, Utterance, int]]:
    """Give each background its utterance and onset, in draw order.

    A background takes the utterance with the highest draw of (background id, utterance id): rendezvous hashing. The
    onset is uniform over the positions at which the utterance fits into 10 s.

    Args:
        backgrounds: All selected backgrounds; `settings.pairs` keeps the first ones in draw order.
        utterances: The pool.
        max_samples: For each utterance id, an upper bound of its length in samples at 44,100 Hz.
        settings: Seed and number of pairs.

    Returns:
        (background, utterance, onset in samples), in draw order.
    """
    pool = sorted(utterances, key=lambda utterance: utterance.utterance_id)
    seed = settings.seed
    pairs = []
    for background in in_draw_order(backgrounds, settings):
        background_id = background.background_id
        prefix = f"{seed}|utterance|{background_id}|"
        utterance = max(pool, key=lambda item: hashlib.sha256((prefix + item.utterance_id).encode()).digest()[:8])
        onset = draw_onset(seed, background_id, utterance.utterance_id, max_samples[utterance.utterance_id])
        pairs.append((background, utterance, onset))
    return pairs
