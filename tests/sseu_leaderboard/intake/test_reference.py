"""Hazards: a reference that is not the dataset's, damaged, or missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sseu_dataset.manifest import read_manifest
from sseu_leaderboard.intake.reference import BoardReference, read_reference


def test_it_is_the_dataset_s(built: Path, reference: BoardReference) -> None:
    manifest = read_manifest(built)
    assert reference.dataset.fingerprint == manifest.fingerprints["all"]
    assert {row["id"]: row["pcm_sha256"] for row in reference.rows} == manifest.pcm_sha256
    assert reference.conditions == tuple(manifest.conditions)


@pytest.mark.parametrize(
    ("pattern", "changed", "message"),
    [
        (r'"pcm_sha256": "\w+"', f'"pcm_sha256": "{"0" * 64}"', r"its rows give the fingerprint .*, its first line .*"),
        ('"scene": 0', '"scene": 1', r"its rows give the fingerprint .*, its first line says .*"),
        ('"condition"', '"SNR"', r"a row is damaged \(KeyError\('condition'\)\)"),
        (r"(?s)\A.*\Z", "", "no reference file: .*"),
        (r"(?s)\A.*\Z", "{]", "no reference file: .*"),
        (r"(?s)\A.*\Z", '{"schema": 99}\n', "no reference file: .*"),
    ],
)
def test_what_is_not_the_dataset_s_is_found(
    references_file: Path, tmp_path: Path, pattern: str, changed: str, message: str
) -> None:
    path = tmp_path / "references.jsonl"
    path.write_text(re.sub(pattern, changed, references_file.read_text(), count=1))
    with pytest.raises(ValueError, match=f"{message}; make it with: sseu board reference"):
        read_reference(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is no such file; make it with: sseu board reference"):
        read_reference(tmp_path / "none.jsonl")
