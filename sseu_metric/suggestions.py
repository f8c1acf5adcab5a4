"""A hint at what a mistyped name probably meant, worded alike in every message."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'temperature'?` where a known word is close or continues `word`, else an empty string."""
    names = list(known)
    close = get_close_matches(word, names, n=1)
    if not close and word:
        close = [name for name in names if name.casefold().startswith(word.casefold())]
    return f"; did you mean {close[0]!r}?" if close else ""
