"""What every format of a table says in the same words: names with their marks, shares, and the notes."""

from __future__ import annotations

from sseu_report.tables.records import Row, Share, Table

DAGGER = "†"
_DEVIATIONS = "±: sample standard deviation over the runs, for an average over the runs' averages; none: one run."
_IN_BRACKETS = "In brackets: 95 % intervals; none where nothing tells how much a score varies."


def head_texts(row: Row) -> list[str]:
    """The texts in front of a row, its marks behind the system's name."""
    first, *others = row.heads
    return [f"{first} ({', '.join(row.marks)})" if row.marks else first, *others]


def share_text(share: Share) -> str:
    """The number, with the share where it is neither none nor all."""
    if share.count in (0, share.of):
        return str(share.count)
    return f"{share.count} ({100 * share.count / share.of:.1f} %)"


def notes_of(table: Table, best: str, *, spreads: bool = True, details: bool = True) -> list[str]:
    """The notes of a table; the first one says what its marks mean.

    Args:
        table: The table.
        best: How the best score is marked.
        spreads: Whether intervals and deviations are shown.
        details: Whether there is space for what few readers need.
    """
    rule = "paired t test of the difference, Holm-corrected over the systems"
    marks = (
        f"{best}: the best system of {table.ranked_in}. {DAGGER}: not told from it at 0.05 ({rule}), and may still be "
        "worse."
    )
    about = []
    if spreads:
        about += [_DEVIATIONS] if table.has_deviations else []
        about += [_IN_BRACKETS] if table.has_intervals else []
        about += table.about_intervals
    return [*([marks] if table.is_marked else []), *table.notes, *about, *(table.details if details else ())]
