"""What a build or rebuild is refused for: all that is wrong with its sources, in one error."""

from __future__ import annotations

from collections.abc import Sequence

from sseu_dataset.records import CorpusError, DatasetError, SourceIssue

_MAX_LISTED = 40


def refuse(what: str, problems: Sequence[SourceIssue], shortfalls: Sequence[str], remedy: str) -> None:
    """Raise a CorpusError that lists every problem, if there is one."""
    if problems or shortfalls:
        shown = [*_listed(problems), *(f"  {shortfall}" for shortfall in shortfalls)]
        raise CorpusError("\n".join([f"{what}:", *shown, remedy]))


def joined(
    refused: Sequence[CorpusError | DatasetError], problems: Sequence[SourceIssue]
) -> CorpusError | DatasetError:
    """One error of all sources that were refused and the problems of those that were not."""
    return type(refused[0])("\n".join([*map(str, refused), *_listed(problems)]))


def _listed(problems: Sequence[SourceIssue]) -> list[str]:
    lines = [f"  {item.path}: {item.reason}" for item in problems[:_MAX_LISTED]]
    return lines + [f"  and {len(problems) - _MAX_LISTED} more"] * (len(problems) > _MAX_LISTED)
