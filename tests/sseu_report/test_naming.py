"""Untrusted texts stay on one line and short."""

from __future__ import annotations

from sseu_report.naming import shortened


def test_untrusted_texts_cannot_write_to_the_terminal() -> None:
    assert shortened("a\x1b[31m\nb\u202e") == "a\ufffd[31m\ufffdb\ufffd"
    assert shortened("a" * 30 + "b" * 30, 11) == "aaaaa…bbbbb"
    assert shortened("Café 日本") == "Café 日本"
