"""Hazards: a card that says of no version, or twice, what became of it."""

from __future__ import annotations

from sseu_dataset.published.versions import VersionStatus, statuses
from sseu_hub.versions import with_versions

CARD = "---\nversion: 1.0.0\n---\n# SSEU-Bench 1.0.0\n\nText.\n\n## Counts\n\n| a |\n\n## Licences\n\nMore.\n"
GONE = {"1.0.0": VersionStatus("withdrawn", "the labels are wrong", "2026-11-27")}


def test_a_card_says_what_became_of_each_version_once() -> None:
    two = with_versions(CARD, statuses(["1.0.0", "1.1.0"], {}))
    before, after = two.split("## Versions\n")
    assert before + after[after.index("## Counts") :] == CARD
    assert "- SSEU-Bench 1.1.0 is the current version.\n- SSEU-Bench 1.0.0 is superseded: use 1.1.0 for new" in after
    gone = with_versions(two, statuses(["1.0.0", "1.1.0"], GONE))
    assert gone.count("## Versions") == 1
    assert "- SSEU-Bench 1.0.0 was withdrawn on 2026-11-27: the labels are wrong; use 1.1.0.\n" in gone
    assert with_versions(gone, statuses(["1.0.0", "1.1.0"], {})) == two


def test_one_version_that_stands_needs_no_section_and_a_withdrawn_one_does() -> None:
    assert with_versions(CARD, statuses(["1.0.0"], {})) == CARD
    assert "no version replaces it yet.\n\n## Counts" in with_versions(CARD, statuses(["1.0.0"], GONE))
    assert with_versions("A card without headings.\n", statuses(["1.0.0"], GONE)).count("## Versions") == 1
