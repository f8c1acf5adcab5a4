"""Distribution of labels over clips."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sseu_dataset.standin.draws import distribute


@given(st.dictionaries(st.sampled_from("abcdefg"), st.integers(0, 12), min_size=1), st.integers(12, 30))
def test_every_count_is_kept_and_no_clip_has_a_label_twice(counts: dict[str, int], clips: int) -> None:
    found = distribute(counts, clips)
    assert len(found) == clips
    assert all(len(set(labels)) == len(labels) for labels in found)
    assert Counter(label for labels in found for label in labels) == Counter(counts)
    assert sum(bool(labels) for labels in found) == min(clips, sum(counts.values()))


def test_more_of_a_label_than_clips_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\{'a': 3\} cannot be distributed over 2 clips without repeating a label"):
        distribute({"a": 3}, 2)
