"""Hazards: a reference that is not the dataset's or its version's, damaged, or missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sseu_dataset.manifest import read_manifest
from sseu_dataset.published.versions import VersionsFile, VersionStatus, statuses
from sseu_dataset.records import VERSION
from sseu_leaderboard.intake.reference import BoardReference, read_reference, read_references, write_reference


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
    references: Path, tmp_path: Path, pattern: str, changed: str, message: str
) -> None:
    path = tmp_path / f"v{VERSION}.jsonl"
    path.write_text(re.sub(pattern, changed, (references / path.name).read_text(), count=1))
    with pytest.raises(ValueError, match=f"{message}; make it with: sseu board reference"):
        read_reference(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is no such file; make it with: sseu board reference"):
        read_reference(tmp_path / "none.jsonl")


def test_a_folder_holds_versions_newest_first_and_withdrawn_ones_last(both_references: Path) -> None:
    held = read_references(both_references)
    assert held.versions == ("1.1.0", VERSION)
    assert {version: status.status for version, status in held.statuses.items()} == {
        "1.1.0": "current", VERSION: "superseded"
    }  # fmt: skip
    gone = {"1.1.0": VersionStatus("withdrawn", "wrong", "2026-11-27")}
    said = VersionsFile(statuses([VERSION, "1.1.0", "2.0.0"], gone))
    (both_references / "versions.json").write_text(said.to_json())
    held = read_references(both_references)
    assert held.versions == (VERSION, "1.1.0")
    assert {version: (status.status, status.successor) for version, status in held.statuses.items()} == {
        "1.1.0": ("withdrawn", "2.0.0"), VERSION: ("superseded", "2.0.0")
    }  # fmt: skip


def test_a_file_that_is_of_another_version_or_damaged_is_named(both_references: Path) -> None:
    (both_references / "versions.json").write_text("{}")
    with pytest.raises(ValueError, match=r"references/versions\.json: versions: Field required"):
        read_references(both_references)
    (both_references / "v1.1.0.jsonl").rename(both_references / "v1.2.0.jsonl")
    with pytest.raises(ValueError, match=r"v1\.2\.0\.jsonl: it is of version 1\.1\.0, not what its name says; make it"):
        read_references(both_references)


def test_another_build_of_the_same_version_does_not_replace_a_reference(
    both_references: Path, other_snrs: Path, built: Path
) -> None:
    path = both_references / f"v{VERSION}.jsonl"
    before = path.read_bytes()
    with pytest.raises(ValueError, match=rf"there is another build of {VERSION} already .*; give each build a folder"):
        write_reference(other_snrs, both_references)
    assert path.read_bytes() == before
    path.write_text("damaged")
    write_reference(built, both_references)
    assert path.read_bytes() == before
