"""Where speech begins and ends: in made signals, in real recordings, in the times others published."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from sseu_dataset.corpora.audio import read_clip
from sseu_dataset.diverse.speech_bounds import FRAME, MARGIN, cut_of, find_speech
from sseu_dataset.records import RATE_HZ, Cut
from tests.sseu_dataset.diverse.signals import recording
from tests.sseu_dataset.tiny_corpora import TinyCorpora

AS_PUBLISHED = ("p360_001", "p361_002", "p362_003", "p363_004", "p364_005", "p374_006", "p376_007")
"""The files of ../shared/corpora whose lengths are those of the official release; the others are trimmed otherwise."""


@pytest.mark.parametrize(("before_s", "after_s"), [(0.5, 0.4), (0.16, 0.9), (1.3, 0.15)])
def test_bounds_are_found_to_a_frame(before_s: float, after_s: float) -> None:
    clip = recording(before_s, 1.5, after_s)
    bounds = find_speech(clip)
    assert bounds.first == pytest.approx(before_s * RATE_HZ, abs=FRAME)
    assert bounds.end == pytest.approx((before_s + 1.5) * RATE_HZ, abs=FRAME)
    assert bounds.quiet_end <= bounds.first or bounds.quiet_first >= bounds.end
    assert 15 * FRAME <= bounds.quiet_end - bounds.quiet_first <= 30 * FRAME


def test_a_click_and_rumble_before_the_speech_are_none_of_it() -> None:
    clip = recording(1.0, 1.5, 0.5)
    quiet = find_speech(clip)
    time_s = np.arange(len(clip)) / RATE_HZ
    clip = clip + (6000 * np.sin(2 * np.pi * 12 * time_s)).astype(np.int16)  # louder than the voice
    clip[9000:9800] += np.where(np.arange(800) % 8 < 4, 5000, -5000).astype(np.int16)  # 18 ms
    found = find_speech(clip)
    assert (found.first, found.end) == (quiet.first, quiet.end)
    assert not found.quiet_first <= 9000 < found.quiet_end


def test_the_quiet_stretch_is_the_quietest() -> None:
    clip = recording(1.0, 1.5, 0.5)
    clip[20_000 : 20_000 + 31 * FRAME] //= 4
    assert find_speech(clip).quiet_first == pytest.approx(20_000, abs=FRAME)


def test_a_cut_keeps_up_to_a_fifth_of_a_second_of_its_own() -> None:
    clip = recording(0.16, 1.5, 0.9)
    bounds = find_speech(clip)
    assert cut_of(bounds, len(clip)) == Cut(0, bounds.end + MARGIN, 0)
    clip = recording(0.9, 1.5, 0.17)
    bounds = find_speech(clip)
    assert cut_of(bounds, len(clip)) == Cut(bounds.first - MARGIN, len(clip) - bounds.first + MARGIN, 0)


@pytest.mark.parametrize(
    ("clip", "message"),
    [
        (recording(0.05, 1.5, 0.5), r"only 0.04 s before its speech, 0.15 s are needed: it may have been cut off"),
        (recording(0.5, 1.5, 0.1), r"only 0.(09|10) s after its speech"),
        (recording(0.5, 0.0, 0.5), r"no speech stands out from its noise by 20 dB"),
        (recording(0.0, 0.1, 0.0), r"it lasts 0.10 s, too short for a sentence"),
        (np.zeros(RATE_HZ, np.int16), r"no speech stands out"),
        (np.zeros(2, np.int16), r"it lasts 0.00 s"),
    ],
)
def test_unsuitable_recordings_are_refused(clip: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        find_speech(clip)


def test_real_recordings_begin_and_end_where_others_say(real_corpora: TinyCorpora, metadata: Path) -> None:
    with (metadata / "vctk_utterances.tsv").open(encoding="utf-8", newline="") as file:
        rows = {f"{row['speaker']}_{row['line']}": row for row in csv.DictReader(file, delimiter="\t", quoting=3)}
    longer_s = []
    for name in AS_PUBLISHED:
        clip = read_clip(real_corpora.recording(name))
        bounds, start_s, end_s = (
            find_speech(clip),
            float(rows[name]["speech_start_s"]),
            float(rows[name]["speech_end_s"]),
        )
        cut = cut_of(bounds, len(clip))
        print(f"{name}: {bounds.first / RATE_HZ - start_s:+.2f} {bounds.end / RATE_HZ - end_s:+.2f} s")
        assert abs(bounds.first / RATE_HZ - start_s) < 0.16
        assert abs(bounds.end / RATE_HZ - end_s) < 0.13
        assert cut.first_sample / RATE_HZ < start_s  # nothing that others call speech is cut off
        assert (cut.first_sample + cut.samples) / RATE_HZ > end_s
        longer_s.append(cut.samples / RATE_HZ - (end_s - start_s))
    print(f"a cut lasts {np.mean(longer_s):.2f} s longer than the published times on average")
    assert np.mean(longer_s) == pytest.approx(0.31, abs=0.03)


def test_real_recordings_that_end_at_their_speech_are_refused(real_corpora: TinyCorpora) -> None:
    with pytest.raises(ValueError, match=r"only 0.0\d s before its speech"):
        find_speech(read_clip(real_corpora.recording("p228_003")))
