"""Findings as JSON."""

from __future__ import annotations

from sseu_report.findings.collect import as_json


def test_infinite_findings_become_json() -> None:
    assert as_json({("a", "b"): (float("-inf"), 1.5, None, float("nan"))}) == {"a | b": ["-inf", 1.5, None, None]}


def test_numbers_of_findings_have_six_decimals_and_small_p_values_stay() -> None:
    assert as_json([4.200000000000001, 0.1234567, 3.14159265e-9, 5]) == [4.2, 0.123457, 3.14159e-9, 5]
