"""Cuts joined with pauses of room noise."""

from __future__ import annotations

import numpy as np
import pytest

from sseu_dataset.diverse.composition import compose
from sseu_dataset.diverse.speech_bounds import cut_of, find_speech
from sseu_dataset.records import CLIP_SAMPLES, Cut
from tests.sseu_dataset.diverse.signals import recording


def test_cuts_are_joined_untouched_and_pauses_are_the_recordings_own_noise() -> None:
    first, second = recording(0.5, 1.5, 0.4, seed=1), recording(0.4, 2.0, 0.6, seed=2)
    bounds = find_speech(second)
    one = cut_of(find_speech(first), len(first))
    other = Cut(*vars_of(cut_of(bounds, len(second)))[:2], pause_samples=20_000)
    speech = compose([(first, one), (second, other)])
    assert (str(speech.dtype), len(speech)) == ("int16", one.samples + 20_000 + other.samples)
    np.testing.assert_array_equal(speech[: one.samples], first[one.first_sample :][: one.samples])
    np.testing.assert_array_equal(speech[one.samples + 20_000 :], second[other.first_sample :][: other.samples])
    pause, noise = speech[one.samples :][:20_000], second[bounds.quiet_first : bounds.quiet_end]
    np.testing.assert_array_equal(pause[: len(noise)], noise)
    np.testing.assert_array_equal(pause[len(noise) :], noise[::-1][: 20_000 - len(noise)])


def vars_of(cut: Cut) -> tuple[int, int, int]:
    return cut.first_sample, cut.samples, cut.pause_samples


def test_a_cut_beyond_its_recording_is_refused() -> None:
    clip = recording(0.5, 1.5, 0.4)
    with pytest.raises(ValueError, match=r"a cut ends at sample 100001 of a recording of 105840|of 105840 samples"):
        compose([(clip, Cut(6_000, 100_000, 0))])


def test_more_than_a_clip_is_refused() -> None:
    clip = recording(0.5, 6.0, 0.4)
    with pytest.raises(ValueError, match=rf"last 441001 samples, a clip {CLIP_SAMPLES}"):
        compose([(clip, Cut(0, 220_000, 0)), (clip, Cut(0, 221_000, 1))])
