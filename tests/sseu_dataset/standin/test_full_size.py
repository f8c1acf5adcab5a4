"""The full size has the counts of the real corpora."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sseu_dataset.standin import maestro as standin_maestro
from sseu_dataset.standin import vctk as standin_vctk
from sseu_dataset.standin.corpora import make_standin
from tests.sseu_dataset.standin.reading import MAESTRO_TARGETS, desed_table, kept_windows, vctk_lengths


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_plan_of_the_full_size_has_the_real_counts_for_any_seed(seed: int) -> None:
    windows = 0
    for scene, plan in standin_maestro.SIZES["full"].items():
        per_file = standin_maestro.windows_per_file(scene, plan, seed)
        assert (len(per_file), sum(per_file)) == (plan.files, plan.windows)
        assert 18 <= min(per_file) <= max(per_file) <= 30
        kept = [
            {label for label, _, _ in events} & MAESTRO_TARGETS
            for events in standin_maestro.scene_events(scene, plan, seed)
        ]
        assert sum(bool(labels) for labels in kept) == plan.kept
        windows += plan.kept
    assert windows == 739
    speakers = standin_vctk.full_speakers(seed)
    recordings = [(name, recording) for name, own in speakers.items() for recording in own]
    pool = [(name, recording.text) for name, recording in recordings if recording.bounds_s]
    assert len(speakers) == 110
    assert 42_000 < len(recordings) < 46_000
    assert (len(pool), len({name for name, _ in pool}), len({text for _, text in pool})) == (240, 104, 12)
    silent_s = np.array([recording.silent_s for _, recording in recordings if recording.silent_s])
    assert len(silent_s) + len(pool) == len(recordings)
    assert not ((silent_s > 7.99) & (silent_s < 10.01)).any()
    assert 3.4 < silent_s.mean() < 3.8


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_full_size_has_the_real_counts(tmp_path: Path) -> None:
    pytest.importorskip("espeakng_loader", reason="the extra `demo` is not installed")
    make_standin(tmp_path / "corpora", "full", progress=False)
    out = tmp_path / "corpora"
    lengths = vctk_lengths(out)
    texts = {path.stem for path in (out / "VCTK-Corpus-0.92/txt").glob("*/*.txt")}
    pool = {name for name, length_s in lengths.items() if 8 <= length_s <= 10} & texts
    assert 43_000 < len(lengths) < 45_000
    assert (len(pool), len({name.split("_")[0] for name in pool})) == (240, 104)
    assert len({name.split("_")[0] for name in lengths}) == 110
    assert len({name.split("_")[0] for name in texts}) == 109
    labels = {name: {label for _, _, label in rows} for name, rows in desed_table(out).items()}
    without_speech = [found for found in labels.values() if "Speech" not in found]
    assert (len(labels), len(without_speech)) == (692, 378)
    assert {path.name for path in (out / "DESED/dataset/audio/eval/public").iterdir()} == labels.keys()
    assert Counter(label for found in without_speech for label in found) == {
        "Running_water": 69,
        "Vacuum_cleaner": 68,
        "Dog": 57,
        "Alarm_bell_ringing": 54,
        "Dishes": 46,
        "Cat": 44,
        "Frying": 36,
        "Electric_shaver_toothbrush": 28,
        "Blender": 19,
    }
    windows = kept_windows(out)
    assert {scene: len(kept) for scene, kept in windows.items()} == {
        "cafe_restaurant": 64,
        "city_center": 237,
        "grocery_store": 22,
        "metro_station": 194,
        "residential_area": 222,
    }
    assert Counter(label for kept in windows.values() for labels in kept for label in labels) == {
        "car": 400,
        "footsteps": 240,
        "birds_singing": 163,
        "large_vehicle": 115,
        "metro approaching": 81,
        "metro leaving": 69,
        "cutlery and dishes": 57,
        "children voices": 34,
        "brakes_squeaking": 28,
        "wind_blowing": 26,
    }
    files = list((out / "MAESTRO_Real_development/development_audio").glob("*/*.wav"))
    assert len(files) == 49
    assert all(180 <= soundfile.info(path).duration <= 302 for path in files)
    shutil.rmtree(out)  # 3.3 GB, which pytest would keep
