"""Findings as JSON."""

from __future__ import annotations

from sseu_report.findings.collect import as_json


def test_infinite_findings_become_json() -> None:
    assert as_json({("a", "b"): (float("-inf"), 1.5, None)}) == {"a | b": ["-inf", 1.5, None]}
