"""Where the speech of a recording begins and ends, and which stretch of it is room noise.

Energies are sums of squared integers over frames of 10 ms, thresholds are ratios of integers: the result is the same on
every machine. They are taken of the difference of samples 91 µs apart, which is blind to the rumble below the voice
that many recordings of VCTK have, and keen on the faint hiss with which words begin and end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sseu_dataset.records import RATE_HZ, Cut

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FRAME = RATE_HZ // 100
"""Samples in a frame of 10 ms."""

MARGIN = RATE_HZ // 5
"""Samples of its own that a recording keeps on either side of its speech, 0.2 s, where it has them."""

MIN_MARGIN = 15 * FRAME
"""Samples that it must have there, 0.15 s: with fewer, the recording may have been cut into its speech."""

_LAG = 4
_LOUD_FRAMES = 20  # the level of speech is what it exceeds for 0.2 s
_SPEECH_RATIO = 100  # a frame of speech has at least a hundredth of that energy (-20 dB)
_WINDOW, _MIN_FRAMES = 10, 6  # speech begins where 6 of 10 frames are such; a click or the smack of lips is shorter
_NOISE_RATIO = 8  # from there it extends over frames 9 dB above the noise,
_MAX_EXTENSION = 15  # 0.15 s at most, so that no breath is taken for speech
_QUIET_FRAMES = 30  # length of the stretch of room noise, where there is so much outside the speech


@dataclass(frozen=True, slots=True)
class SpeechBounds:
    """Positions in a recording in samples at 44,100 Hz.

    Attributes:
        first: First sample of the speech.
        end: The sample after its last.
        quiet_first: First sample of the quietest stretch outside the speech, 0.15 to 0.3 s long.
        quiet_end: The sample after its last.
    """

    first: int
    end: int
    quiet_first: int
    quiet_end: int


def find_speech(clip: NDArray[np.int16]) -> SpeechBounds:
    """Find the speech of a recording of one utterance.

    Args:
        clip: The recording, int16, shape (n,), at 44,100 Hz.

    Raises:
        ValueError: No speech stands out from the noise, or there is too little before or after it.
    """
    import numpy as np

    energies = _frame_energies(clip)
    ranked = np.sort(energies)
    if len(ranked) < _LOUD_FRAMES:
        raise ValueError(f"it lasts {len(clip) / RATE_HZ:.2f} s, too short for a sentence")
    loud, noise = int(ranked[-_LOUD_FRAMES]), int(ranked[len(ranked) // 10])
    is_speech = energies > loud // _SPEECH_RATIO
    frequent = np.convolve(is_speech, np.ones(_WINDOW, np.int64), "valid") >= _MIN_FRAMES
    if loud <= _SPEECH_RATIO * noise or not frequent.any():
        raise ValueError("no speech stands out from its noise by 20 dB")
    windows = np.flatnonzero(frequent)
    frames = np.flatnonzero(is_speech)
    first = int(frames[np.searchsorted(frames, windows[0])])
    last = int(frames[np.searchsorted(frames, windows[-1] + _WINDOW) - 1])
    is_audible = energies > _NOISE_RATIO * noise
    earliest, latest = max(first - _MAX_EXTENSION, 0), min(last + _MAX_EXTENSION, len(energies) - 1)
    while first > earliest and is_audible[first - 1]:
        first -= 1
    while last < latest and is_audible[last + 1]:
        last += 1
    begin, end = first * FRAME, (last + 1) * FRAME
    for where, samples in (("before", begin), ("after", len(clip) - end)):
        if samples < MIN_MARGIN:
            found, least = samples / RATE_HZ, MIN_MARGIN / RATE_HZ
            raise ValueError(f"only {found:.2f} s {where} its speech, {least} s are needed: it may have been cut off")
    return SpeechBounds(begin, end, *_quietest(energies, first, last + 1))


def cut_of(bounds: SpeechBounds, samples: int) -> Cut:
    """The speech of a recording of `samples` samples with up to 0.2 s of its own before and after, and no pause."""
    first = max(bounds.first - MARGIN, 0)
    return Cut(first, min(bounds.end + MARGIN, samples) - first, 0)


def _frame_energies(clip: NDArray[np.int16]) -> NDArray[np.int64]:
    """The energy of each whole frame of the differences, shape (frames,)."""
    import numpy as np

    differences = clip[_LAG:].astype(np.int64)
    differences -= clip[:-_LAG]
    frames = differences[: len(differences) // FRAME * FRAME].reshape(-1, FRAME)
    energies: NDArray[np.int64] = np.einsum("ij,ij->i", frames, frames)
    return energies


def _quietest(energies: NDArray[np.int64], first: int, end: int) -> tuple[int, int]:
    """The quietest stretch outside the frames `first` to `end`: the first of least energy, at most 0.3 s long."""
    import numpy as np

    length = min(_QUIET_FRAMES, max(first, len(energies) - end))
    totals = np.concatenate(([0], np.cumsum(energies)))
    found = [
        (int(totals[start + length] - totals[start]), start)
        for begin, stop in ((0, first), (end, len(energies)))
        for start in range(begin, stop - length + 1)
    ]
    _, start = min(found)
    return start * FRAME, (start + length) * FRAME
