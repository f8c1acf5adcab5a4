"""Tables of strings as aligned text and as Markdown, and how scores, p values and amounts are written."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import combining, east_asian_width

_SAME = 1e-9  # of two values in percent: what sums differ by
_FAR_BELOW = -100.0


def score_cell(score: float | str | None, *, whole: bool) -> str:
    """A score as every table shows it: "-" where there is none, in parentheses where the result is not a whole one.

    Args:
        score: A score, written with two digits; or text, such as a score with its deviation or an interval.
        whole: Whether it is a score of everything that the result is named after.
    """
    if score is None:
        return "-"
    text = score if isinstance(score, str) else percent(score)
    return text if whole else f"({text})"


def percent(value: float, digits: int = 2) -> str:
    """A value in percent; only 0 and 100 themselves read as 0 and 100, so 99.996 is `99.99` and 0.004 is `0.01`."""
    for bound in (0.0, 100.0):
        if abs(value - bound) > _SAME and float(f"{value:.{digits}f}") == bound:
            return f"{bound + (1 if value > bound else -1) / 10**digits:.{digits}f}"
    return f"{value:z.{digits}f}"


def points(value: float, digits: int = 2) -> str:
    """A difference in percentage points, with its sign; `0.00` for what rounds to nothing."""
    text = f"{value:+z.{digits}f}"
    return text if float(text) else text.lstrip("+")


def percent_range(low: float, high: float, digits: int = 2) -> str:
    """The interval of a value in percent."""
    return f"{percent(low, digits)} to {percent(high, digits)}"


def skill_range(low: float, high: float) -> str:
    """The interval of a skill; what is further below the floor than this is from the truth is not told apart."""
    if high < _FAR_BELOW:
        return f"below {_FAR_BELOW:g}"
    return f"{f'below {_FAR_BELOW:g}' if low < _FAR_BELOW else percent(low)} to {percent(high)}"


def points_range(low: float, high: float, digits: int = 2) -> str:
    """The interval of a difference."""
    return f"{points(low, digits)} to {points(high, digits)}"


def p_text(p: float | None) -> str:
    """A p value; `-` where there is none, and not 0 for what is only small."""
    return "-" if p is None else "<0.0001" if p < 0.0001 else f"{p:.4f}"


def aligned(rows: Sequence[Sequence[str]], gap: str = "  ", left: int = 1) -> str:
    """Rows as lines of equally wide columns: the first `left` columns aligned left, the others right.

    Raises:
        ValueError: The rows are not equally long.
    """
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        gap.join(
            cell + " " * (width - _width(cell)) if column < left else " " * (width - _width(cell)) + cell
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def markdown(rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """Rows as a Markdown table whose first row is the header; the first `left` columns are aligned left.

    Raises:
        ValueError: The rows are not equally long.
    """
    head, *body = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    rule = ["---" if column < left else "---:" for column in range(len(head))]
    lines = [f"| {' | '.join(row)} |" for row in (head, rule, *body)]
    if any(len(row) != len(head) for row in body):
        raise ValueError(f"the rows of a table have {sorted({len(row) for row in rows})} cells; one number is needed")
    return "\n".join(lines)


def _width(text: str) -> int:
    """Columns that a text takes up in a terminal."""
    return sum((2 if east_asian_width(char) in "WF" else 1) for char in text if not combining(char))


def short(value: float) -> str:
    """A number that is not negative, with one decimal from 1 on and two digits below: `12.5`, `0.13`, `0.0042`."""
    if value >= 1 or value == 0:
        return f"{value:,.1f}"
    return f"{value:.2g}" if value >= 0.001 else "less than 0.001"


def in_hours(hours: float) -> str:
    """A time with its unit: hours, or minutes or seconds where it is shorter than one."""
    if hours >= 1 or hours == 0:
        return f"{hours:,.1f} h"
    seconds = 3600 * hours
    return f"{seconds / 60:.1f} min" if seconds >= 60 else f"{seconds:.1f} s"
