"""The full size has the counts of the real corpora."""

from __future__ import annotations

import numpy as np
import pytest

from sseu_dataset.corpora.maestro import EVENTS
from sseu_dataset.standin import maestro as standin_maestro
from sseu_dataset.standin import vctk as standin_vctk


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_plan_of_the_full_size_has_the_real_counts_for_any_seed(seed: int) -> None:
    windows = 0
    for scene, plan in standin_maestro.SIZES["full"].items():
        per_file = standin_maestro.windows_per_file(scene, plan, seed)
        assert (len(per_file), sum(per_file)) == (plan.files, plan.windows)
        assert 18 <= min(per_file) <= max(per_file) <= 30
        labels_of_windows = [
            {label for label, _, _ in events if label.replace("_", " ") in EVENTS}
            for events in standin_maestro.scene_events(scene, plan, seed)
        ]
        assert sum(bool(labels) for labels in labels_of_windows) == plan.kept
        windows += plan.kept
    assert windows == 739
    speakers = standin_vctk.full_speakers(seed)
    recordings = [(name, recording) for name, own in speakers.items() for recording in own]
    pool = [(name, recording.text) for name, recording in recordings if recording.bounds_s]
    assert len(speakers) == 110
    assert 42_000 < len(recordings) < 46_000
    assert (len(pool), len({name for name, _ in pool}), len({text for _, text in pool})) == (240, 104, 12)
    silent_s = np.array([recording.silent_s for _, recording in recordings if recording.silent_s])
    assert not ((silent_s > 7.99) & (silent_s < 10.01)).any()
    copies = [recording for _, recording in recordings if recording.copy_of is not None]
    assert len(silent_s) + len(pool) + len(copies) == len(recordings)
    assert min(recording.line for recording in copies) == 25
    assert 12_000 < len({recording.text for recording in copies}) < 13_500
