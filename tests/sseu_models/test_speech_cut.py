"""The cut of cut-speech: where it lies, that nothing of the speech is left after it, and that the background stays."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sseu_dataset import load, load_audio, stems
from sseu_dataset.records import CLIP_SAMPLES, RATE_HZ
from sseu_models.frontends import make_frontend
from sseu_models.kinds import kind_of
from sseu_models.speech_cut import cut_sample, cut_speech, heard_share

if TYPE_CHECKING:
    from datasets import Dataset


@pytest.fixture(scope="module")
def rows(built: Path) -> Dataset:
    return load(built)


def test_the_share_is_a_draw_around_the_middle() -> None:
    digest = hashlib.sha256(b"0|cut-speech|pair-7").digest()
    assert heard_share("pair-7") == pytest.approx(0.4 + 0.2 * int.from_bytes(digest[:8], "big") / 2**64)
    shares = [heard_share(f"pair-{number}") for number in range(400)]
    assert min(shares) >= 0.4
    assert max(shares) < 0.6
    assert np.mean(shares) == pytest.approx(0.5, abs=0.01)


def test_the_cut_lies_between_first_and_last_sound() -> None:
    speech = np.zeros(CLIP_SAMPLES)
    speech[2 * RATE_HZ : 8 * RATE_HZ] = 1000 * np.sin(np.arange(6 * RATE_HZ) / 10)
    speech[RATE_HZ : 2 * RATE_HZ] = 3.0  # a noise floor, 50 dB below, is no sound
    for share in (0.0, 0.4, 0.5, 1.0):
        assert cut_sample(speech, share) == pytest.approx((2 + 6 * share) * RATE_HZ, abs=0.03 * RATE_HZ)
    silenced = cut_speech(speech, 0.5)
    cut = cut_sample(speech, 0.5)
    assert not silenced[cut:].any()
    assert np.array_equal(silenced[: cut - RATE_HZ // 100], speech[: cut - RATE_HZ // 100])
    assert np.abs(np.diff(silenced)).max() <= np.abs(np.diff(speech)).max()  # no click
    assert cut_sample(np.zeros(CLIP_SAMPLES), 0.5) == 0
    assert not cut_speech(np.zeros(CLIP_SAMPLES), 0.5).any()


def test_speech_vanishes_and_the_background_stays(rows: Dataset) -> None:
    frontend = make_frontend("cut-speech", rows)
    assert not frontend.hears_mixture
    first = rows[0]["pair_id"]
    pair: dict[str, Any] = {str(row["condition"]): row for row in rows if row["pair_id"] == first}
    speech = stems(pair, "+inf")[0]
    cut = cut_sample(speech, heard_share(first))
    assert 0 < cut < CLIP_SAMPLES
    assert speech[cut:].any()
    for condition, row in pair.items():
        heard = frontend(row, None, "asr")
        assert heard.dtype == np.float32
        background = (stems(pair, condition)[1] / 32768).astype(np.float32)
        assert np.array_equal(heard[cut:], background[cut:])
        steps = 1.1 if condition in ("+inf", "-inf") else 1.1 + 10 ** (-float(condition) / 20) / 2
        begin = cut - RATE_HZ // 100
        assert np.abs(heard[:begin] - load_audio(row)[:begin]).max() <= steps / 32768
    assert not frontend(pair["+inf"], None, "asr")[cut:].any()
    assert np.array_equal(frontend(pair["-inf"], None, "asr"), load_audio(pair["-inf"]))


def test_it_is_a_control_and_never_ranked() -> None:
    assert kind_of("hf:openai/whisper-small", "cut-speech") == "control"
