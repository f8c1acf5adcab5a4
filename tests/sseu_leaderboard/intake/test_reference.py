"""Hazards: a reference that is not the dataset's, damaged, or missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sseu_dataset.manifest import read_manifest
from sseu_leaderboard.intake.reference import BoardReference, read_reference


def test_it_is_the_dataset_s(built: Path, reference: BoardReference) -> None:
    manifest = read_manifest(built)
    assert reference.dataset.fingerprint == manifest.fingerprints["all"]
    assert {row["id"]: row["pcm_sha256"] for row in reference.rows} == manifest.pcm_sha256
    assert reference.conditions == tuple(manifest.conditions)


def test_a_changed_clip_is_found(references_file: Path, tmp_path: Path) -> None:
    head, first, *rest = references_file.read_text().splitlines()
    changed = json.dumps({**json.loads(first), "pcm_sha256": "0" * 64})
    path = tmp_path / "references.jsonl"
    path.write_text("\n".join([head, changed, *rest]))
    with pytest.raises(
        ValueError, match=r"its rows give the fingerprint .*, its first line .*make it with: sseu board"
    ):
        read_reference(path)


def test_a_changed_label_is_found(references_file: Path, tmp_path: Path) -> None:
    text = references_file.read_text()
    path = tmp_path / "references.jsonl"
    path.write_text(text.replace('"scene": 0', '"scene": 1', 1))
    assert path.read_text() != text
    with pytest.raises(ValueError, match=r"its rows give the references_sha256 .*, its first line says "):
        read_reference(path)


@pytest.mark.parametrize(
    "text",
    ["", "{]", '{"schema": 99}\n'],
)
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "references.jsonl"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"no reference file: .*; make it with: sseu board reference"):
        read_reference(path)


def test_a_damaged_row_is_found(references_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "references.jsonl"
    path.write_text(references_file.read_text().replace('"snr"', '"SNR"', 1))
    with pytest.raises(ValueError, match=r"a row is damaged \(KeyError\('snr'\)\); make it with"):
        read_reference(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is no such file; make it with: sseu board reference"):
        read_reference(tmp_path / "none.jsonl")
