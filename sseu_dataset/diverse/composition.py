"""The speech of a clip: cuts of several recordings, the pauses between them filled with room noise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sseu_dataset.diverse.speech_bounds import find_speech
from sseu_dataset.records import CLIP_SAMPLES, Cut

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def compose(recordings: Sequence[tuple[NDArray[np.int16], Cut]]) -> NDArray[np.int16]:
    """Join cuts, each after its pause.

    A pause is filled with the quietest stretch of the recording that follows it, forwards and backwards in turn, so
    that no step is heard where the stretch ends.

    Args:
        recordings: Each recording, int16, shape (n,), at 44,100 Hz, and what is taken of it.

    Returns:
        int16, shape (sum of all pauses and cuts,).

    Raises:
        ValueError: A cut is longer than its recording, the whole is longer than a clip, or a recording has no speech.
    """
    import numpy as np

    length = sum(cut.pause_samples + cut.samples for _, cut in recordings)
    if length > CLIP_SAMPLES:
        raise ValueError(f"its utterances and pauses last {length} samples, a clip {CLIP_SAMPLES}")
    parts = []
    for clip, cut in recordings:
        end = cut.first_sample + cut.samples
        if end > len(clip):
            raise ValueError(f"a cut ends at sample {end} of a recording of {len(clip)} samples")
        if cut.pause_samples:
            bounds = find_speech(clip)
            noise = clip[bounds.quiet_first : bounds.quiet_end]
            parts.append(np.resize(np.concatenate((noise, noise[::-1])), cut.pause_samples))
        parts.append(clip[cut.first_sample : end])
    return np.concatenate(parts)
