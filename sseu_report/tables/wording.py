"""What every format of a table says in the same words: names with their marks, shares, and the notes."""

from __future__ import annotations

from sseu_report.tables.records import Row, Share, Table

DAGGER = "†"
IN_BRACKETS = "In brackets: 95 % intervals; none where nothing tells how much a score varies."


def head_texts(row: Row) -> list[str]:
    """The texts in front of a row, its marks behind the system's name."""
    first, *others = row.heads
    return [f"{first} ({', '.join(row.marks)})" if row.marks else first, *others]


def share_text(share: Share) -> str:
    """The number, with the share where it is neither none nor all."""
    if share.count in (0, share.of):
        return str(share.count)
    return f"{share.count} ({100 * share.count / share.of:.1f} %)"


def notes_of(table: Table, best: str, *, intervals: bool = True) -> list[str]:
    """The notes of a table; the first one says what its marks mean.

    Args:
        table: The table.
        best: How the best score is marked.
        intervals: Whether intervals are shown.
    """
    rule = "paired t test of the difference, Holm-corrected over the systems"
    marks = f"{best}: the best system of {table.ranked_in}. {DAGGER}: not worse than it at 0.05 ({rule})."
    about = [IN_BRACKETS] if intervals and table.has_intervals else []
    about += table.about_intervals if intervals else ()
    return [*([marks] if table.is_marked else []), *table.notes, *about]
