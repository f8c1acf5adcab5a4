"""What stands in quotes."""

from __future__ import annotations

from .answer_patterns import QUOTES
from .answer_remarks import LEADING_QUOTE_REMARK, REMARK_ON_LABELLED

_BEHIND = " .,;!?。，！？*"


def unquote(text: str, *, drop_tail: bool = False, labelled: bool = False) -> str:
    """Remove the quotes around the text, however deep, in one pass.

    Args:
        text: From the start of a field.
        drop_tail: Whether all that follows the outermost closing quote goes, as behind "The man says".
        labelled: Whether the text is the value of a label. Then a tail goes only if it speaks of the audio, since the
            label says that all of it is spoken; `"Go," he said` may be.
    """
    start, end = 0, len(text)
    while start < end and text[start] in QUOTES:
        closing = text.rfind(QUOTES[text[start]], start + 1, end)
        while closing > 0 and text[closing + 1 : min(end, closing + 2)].isalnum():  # an apostrophe
            closing = text.rfind(QUOTES[text[start]], start + 1, closing)
        if closing < 0 or (
            not drop_tail
            and text[closing + 1 : end].strip(_BEHIND)
            and not _is_remark(text, start, closing, labelled=labelled)
        ):
            break
        start, end, drop_tail = start + 1, closing, False
        while start < end and text[start] == " ":
            start += 1
        while start < end and text[end - 1] == " ":
            end -= 1
    return text[start:end]


def _is_remark(text: str, start: int, closing: int, *, labelled: bool) -> bool:
    """Whether what follows the closing quote is the model's own, and the quote the only one."""
    first = text.find(text[closing], start + 1)
    while text[first + 1 : first + 2].isalnum():
        first = text.find(text[closing], first + 1)
    return (
        first == closing
        and LEADING_QUOTE_REMARK.match(text, closing + 1) is not None
        and (not labelled or REMARK_ON_LABELLED.search(text, closing + 1) is not None)
    )
