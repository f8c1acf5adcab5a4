"""Hazards: the wrong version called current, a successor that is withdrawn itself, a damaged file taken for sound."""

from __future__ import annotations

import pytest

from sseu_dataset.published.versions import (
    VersionsFile,
    VersionStatus,
    newest_first,
    parse_versions,
    statuses,
    withdrawal,
)
from sseu_dataset.records import DatasetError

GONE = VersionStatus("withdrawn", "the labels are wrong", "2026-11-27")


def named(successor: str) -> VersionStatus:
    return VersionStatus("withdrawn", "the labels are wrong", "2026-11-27", successor)


def test_candidates_come_before_their_version_and_numbers_are_numbers() -> None:
    assert newest_first(["1.0.0", "1.10.0", "1.0.0rc1", "1.9.1"]) == ["1.10.0", "1.9.1", "1.0.0", "1.0.0rc1"]
    with pytest.raises(DatasetError, match="'latest'; a dataset's version is one such as"):
        newest_first(["1.0.0", "latest"])


def test_the_newest_that_stands_supersedes_the_others() -> None:
    found = statuses(["1.0.0", "1.2.0", "1.1.0"], {})
    assert {version: (one.status, one.successor) for version, one in found.items()} == {
        "1.2.0": ("current", None),
        "1.1.0": ("superseded", "1.2.0"),
        "1.0.0": ("superseded", "1.2.0"),
    }
    found = statuses(["1.0.0", "1.2.0", "1.1.0"], {"1.2.0": GONE})
    assert {version: (one.status, one.successor) for version, one in found.items()} == {
        "1.2.0": ("withdrawn", "1.1.0"),
        "1.1.0": ("current", None),
        "1.0.0": ("superseded", "1.1.0"),
    }
    assert list(found) == ["1.2.0", "1.1.0", "1.0.0"]


def test_versions_of_another_benchmark_supersede_nothing() -> None:
    found = statuses(["1.0.0", "1.1.0", "1.0.0+d1", "1.1.0+spring"], {})
    assert {version: one.status for version, one in found.items()} == {
        "1.1.0+spring": "current",
        "1.1.0": "current",
        "1.0.0+d1": "current",
        "1.0.0": "superseded",
    }
    assert found["1.0.0"].successor == "1.1.0"


def test_a_successor_that_was_withdrawn_too_is_replaced() -> None:
    assert statuses(["1.0.0", "1.1.0", "1.2.0"], {"1.0.0": named("1.1.0")})["1.0.0"].successor == "1.1.0"
    assert statuses(["1.0.0", "1.1.0", "1.2.0"], {"1.0.0": named("1.1.0"), "1.1.0": GONE})["1.0.0"].successor == "1.2.0"
    alone = statuses(["1.0.0"], {"1.0.0": GONE})["1.0.0"]
    assert alone.successor is None
    assert alone.sentence("1.0.0").endswith(
        "was withdrawn on 2026-11-27: the labels are wrong; no version replaces it yet"
    )


def test_the_file_survives_and_a_damaged_one_is_refused() -> None:
    versions = statuses(["1.0.0", "1.1.0"], {"1.0.0": GONE})
    text = VersionsFile(versions).to_json()
    assert parse_versions(text, "lab/x") == versions
    for spoilt, message in (
        (text.replace('"withdrawn"', '"gone"'), r"versions\.1\.0\.0\.status: .* found 'gone'"),
        (text.replace('"2026-11-27"', "null"), r"versions\.1\.0\.0: withdrawn, with the reason .* and the date None"),
        (text.replace('"schema_version": 1', '"schema_version": 2'), "schema_version: .* found 2"),
        (text[:-3], "Invalid JSON"),
    ):
        with pytest.raises(DatasetError, match=rf"lab/x: {message}.*; tell the maintainer of the repository"):
            parse_versions(spoilt, "lab/x")


def test_without_the_hub_nothing_is_known_and_nothing_fails() -> None:
    assert withdrawal("lab/never-seen", "1.0.0") is None
