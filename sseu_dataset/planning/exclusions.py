"""The list of exclusions, `excluded.tsv`: every source file that was left out, and why."""

from __future__ import annotations

from sseu_dataset.records import DatasetError, SourceIssues

_HEADER = ("path", "reason")


def excluded_table(issues: SourceIssues) -> str:
    """The text of `excluded.tsv`: path and reason of every source file left out, tab separated, sorted by path."""
    excluded = sorted((*issues.excluded, *issues.problems), key=lambda issue: issue.path)
    rows = [_HEADER, *((issue.path, issue.reason) for issue in excluded)]
    return "".join("\t".join(" ".join(cell.split()) for cell in row) + "\n" for row in rows)


def count_excluded(text: str) -> int:
    """Number of source files listed in the text of an `excluded.tsv`.

    Raises:
        DatasetError: The text is not such a table.
    """
    rows = [tuple(line.split("\t")) for line in text.splitlines()]
    if not rows or rows[0] != _HEADER or any(len(row) != len(_HEADER) for row in rows):
        raise DatasetError("excluded.tsv: not a table of path and reason; build or fetch the dataset again")
    return len(rows) - 1
