"""Where `--frontend cut-speech` silences an utterance: the share of it that is heard, and the sample of the cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sseu_dataset.pairing import draw
from sseu_dataset.records import RATE_HZ

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MIN_SHARE, MAX_SHARE = 0.4, 0.6
"""Limits of the share of an utterance that is heard: around its middle."""

_FRAME = RATE_HZ // 50
_SOUND_DB = 30.0
"""An utterance begins and ends with the first and last 20 ms that are at most so far below its loudest ones."""
_FADE = RATE_HZ // 100


def heard_share(pair_id: str) -> float:
    """The share of a pair's utterance that is heard, uniform from 0.4 to 0.6; the same in all its conditions."""
    return MIN_SHARE + (MAX_SHARE - MIN_SHARE) * draw(0, "cut-speech", pair_id) / 2**64


def cut_sample(speech: NDArray[np.floating[Any]], share: float) -> int:
    """The first sample of the clip from which on the utterance is silent.

    The share is one of the time from the first to the last sound: pauses around the utterance count for nothing.

    Args:
        speech: The speech of a clip, shape (n,); 0 where there is none.
        share: Share of the utterance that is heard, 0 to 1.
    """
    import numpy as np

    frames = len(speech) // _FRAME
    power = (speech[: frames * _FRAME].reshape(frames, _FRAME) ** 2).mean(axis=1)
    sounding = np.flatnonzero(power > power.max() * 10 ** (-_SOUND_DB / 10))
    if not len(sounding):
        return 0
    first, end = int(sounding[0]) * _FRAME, (int(sounding[-1]) + 1) * _FRAME
    return first + round(share * (end - first))


def cut_speech(speech: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """The speech up to the cut and zeros from there on; it fades out over the 10 ms before, so that nothing clicks."""
    import numpy as np

    cut = cut_sample(speech, share)
    gains = np.zeros(len(speech))
    gains[:cut] = 1.0
    fade = min(_FADE, cut)
    gains[cut - fade : cut] = np.linspace(1.0, 0.0, fade, endpoint=False)
    return speech * gains
