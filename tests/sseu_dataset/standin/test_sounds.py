"""Sounds of the stand-in corpora: where the labels have them, different, never silent or clipped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from sseu_dataset.corpora.desed import read_desed
from sseu_dataset.corpora.maestro import read_annotation
from sseu_dataset.standin import desed as standin_desed
from sseu_dataset.standin import draws as standin_draws
from sseu_dataset.standin import sounds as standin_sounds
from sseu_dataset.standin.waves import RATE_HZ


def test_levels_vary_and_nothing_is_silent_or_clips(demo: Path) -> None:
    levels_db = []
    for path in demo.rglob("*.wav"):
        samples = soundfile.read(path, dtype="int16", always_2d=True)[0].astype(np.float64)
        assert np.abs(samples).max() < 32_000
        blocks = samples[: len(samples) // 441 * 441].reshape(-1, 441, samples.shape[1])
        assert (np.abs(blocks).max(1) > 0).all()
        levels_db.append(10 * np.log10(np.mean(samples**2)))
    assert 15 < max(levels_db) - min(levels_db) < 40


@pytest.mark.parametrize("label", sorted(standin_sounds.EVENTS))
@pytest.mark.parametrize("seconds", [1.2, 4])
def test_an_event_sounds_from_its_onset_to_its_offset_and_nowhere_else(label: str, seconds: float) -> None:
    def rng() -> np.random.Generator:
        return np.random.Generator(np.random.PCG64(5))

    loop = standin_sounds.bed_loop(rng(), "home")
    shape = (6 * RATE_HZ, 1)
    bed = standin_sounds.mix(rng(), loop, 0, shape, [], -50)
    both = standin_sounds.mix(rng(), loop, 0, shape, [(label, 1.5, 1.5 + seconds)], -50)
    event = (both - bed)[:, 0]
    first, last = round(1.5 * RATE_HZ), round((1.5 + seconds) * RATE_HZ)
    assert not event[:first].any()
    assert not event[last:].any()
    halves = np.array_split(event[first:last], 2)
    assert all(np.mean(half**2) > 0.1 * np.mean(bed**2) for half in halves)
    assert np.isfinite(event).all()


@pytest.mark.parametrize("event", ["Dog", "Cat", "Alarm Bell Ringing"])
def test_brief_events_are_heard_where_the_table_has_them(demo: Path, tmp_path: Path, event: str) -> None:
    corpus = read_desed(demo / "DESED", tmp_path / "headers")
    clips = [clip for clip in corpus.selected if {segment.event for segment in clip.segments} == {event}]
    assert clips
    for clip in clips:
        samples, rate_hz = soundfile.read(corpus.root / clip.file, always_2d=True)
        power = np.mean(samples**2, axis=1)
        labelled = np.zeros(len(power), bool)
        for segment in clip.segments:
            labelled[round(segment.onset_s * rate_hz) : round(segment.offset_s * rate_hz)] = True
        assert power[labelled].mean() > 3 * power[~labelled].mean()


def test_maestro_events_are_heard_where_the_labels_have_them(demo: Path) -> None:
    """A lorry's reversing beeps are the only steady tone of the city between 1,190 and 1,370 Hz."""
    root = demo / "MAESTRO_Real_development"
    annotation = read_annotation(root / "development_annotation/soft_labels_city_center/city_center_00.txt")
    beeping = {second for second in range(45) if annotation.is_active("Large Vehicle", second)}
    samples = soundfile.read(root / "development_audio/city_center/city_center_00.wav")[0].mean(1)
    heard = set()
    for second in range(45):
        power = np.abs(np.fft.rfft(samples[second * 44_100 : (second + 1) * 44_100])[1190:1370]) ** 2
        if power.max() > 40 * np.median(power):
            heard.add(second)
    assert beeping
    assert heard == beeping


def test_another_seed_gives_other_sounds() -> None:
    loops = [standin_sounds.bed_loop(standin_draws.generator(seed, "bed", "a"), "home") for seed in (0, 1)]
    assert not np.array_equal(loops[0], loops[1])
    names = [standin_desed.clip_name(3, 10, seed) for seed in (0, 1)]
    assert names[0] != names[1]
