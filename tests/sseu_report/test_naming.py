"""Texts of others stay on one line and short."""

from __future__ import annotations

from sseu_report.naming import shown


def test_texts_of_others_cannot_write_to_the_terminal() -> None:
    assert shown("a\x1b[31m\nb\u202e") == "a\ufffd[31m\ufffdb\ufffd"
    assert shown("a" * 30 + "b" * 30, 11) == "aaaaa…bbbbb"
    assert shown("Café 日本") == "Café 日本"
