"""The page's functions, without gradio: show a view, follow a click, check an upload."""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sseu_dataset.editions.edition import Edition
from sseu_dataset.published.versions import VersionStatus
from sseu_leaderboard.entries.copies import copy_marks
from sseu_leaderboard.entries.prompt_rows import over_prompts
from sseu_leaderboard.entries.ranking import Ranking
from sseu_leaderboard.entries.rows import BoardRow, paper_rows, row_of, tell_apart, with_marks
from sseu_leaderboard.entries.view import PAPER_CHOICES, Choices, View, parameters_of, parse_view
from sseu_leaderboard.intake.confinement import IntakeError, Scorer, verify_confined
from sseu_leaderboard.intake.scored import score_all
from sseu_leaderboard.intake.store import add_submission
from sseu_leaderboard.intake.verified import Verified
from sseu_leaderboard.notices import read_notices
from sseu_leaderboard.web.page import render_board
from sseu_leaderboard.web.uploads import collect, render_accepted, render_refused
from sseu_models.results.records import DatasetIdentity

_ALWAYS = "9999-12-31"
"""A date after every withdrawal: an upload is new."""


@dataclass
class Board:
    """State shared by the page's functions: the rows, replaced as a whole, and one check at a time.

    Attributes:
        results: Folder of submissions.
        cache: Folder of cached records.
        scorer: Reference, embedder and limits.
        accept: Store accepted uploads in `results`.
        choices: Columns of scores, those of the board's datasets and of the paper, and the versions held.
        statuses: What became of each version.
        datasets: Each version that it holds.
        editions: Those of them that are editions.
        ranking: The rows shown; the paper's until submissions are read.
        refused: Refused submissions, each with the reason.
        broken: See `scored.score_all`.
        checking: Held while anything is scored.
    """

    results: Path
    cache: Path
    scorer: Scorer
    accept: bool = False
    choices: Choices = PAPER_CHOICES
    statuses: Mapping[str, VersionStatus] = field(default_factory=dict)
    datasets: Mapping[str, DatasetIdentity] = field(default_factory=dict)
    editions: Mapping[str, Edition] = field(default_factory=dict)
    ranking: Ranking = field(default_factory=lambda: Ranking.of(paper_rows()), repr=False)
    refused: tuple[tuple[str, str], ...] = ()
    broken: dict[str, str] = field(default_factory=dict, repr=False)
    checking: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def rows(self) -> tuple[BoardRow, ...]:
        """All rows."""
        return self.ranking.rows

    def refresh(self) -> None:
        """Score new submissions in the results folder; the caller holds `checking`.

        Raises:
            ValueError: As `scored.score_all`; the board stays as it was.
            IntakeError: As `scored.score_all`; the board stays as it was.
        """
        scored = score_all(self.results, self.cache, self.scorer, broken=self.broken)
        late = [(stored, self._too_late(one, stored.date)) for stored, one in scored.verified]
        refused = [*scored.refused, *((stored, reason) for stored, reason in late if reason is not None)]
        kept = [pair for pair, (_, reason) in zip(scored.verified, late, strict=True) if reason is None]
        notices = read_notices(self.results)
        rows = [row_of(one, stored.date, stored.id, notices.get(stored.id)) for stored, one in kept]
        standing = [number for number, row in enumerate(rows) if row.kind != "retired"]
        for number, marks in zip(standing, copy_marks([kept[one][1] for one in standing]), strict=True):
            rows[number] = with_marks(rows[number], marks)
        verified = tell_apart(over_prompts(rows))
        self.refused = tuple((f"{stored.model}/{stored.folder.name}", reason) for stored, reason in refused)
        self.ranking = Ranking.of((*verified, *paper_rows()), self.ranking)

    def label(self, version: str) -> str:
        """A version as it stands in the list of versions, such as `1.0.0 (withdrawn)` or `1.0.0+spring (sealed)`."""
        edition, status = self.editions.get(version), self.statuses.get(version)
        said: list[str] = [edition.state] if edition else []
        said += [status.status] if status is not None and status.status != "current" else []
        return f"{version} ({', '.join(said)})" if said else version

    def _too_late(self, verified: Verified, date: str) -> str | None:
        """Why a submission of a date (YYYY-MM-DD) is not taken: its version had been withdrawn; None if it is."""
        status = self.statuses.get(verified.version)
        if status is None or status.date is None or date <= status.date:
            return None
        return f"{status.sentence(verified.version)}; later submissions on it are not taken"

    def show(self, view: View, faults: Sequence[str] = (), *, unfolded: bool = False) -> str:
        """The table of a view with its curves, as HTML; from the ranking of this moment, for which nobody waits.

        Args:
            view: The reader's choices.
            faults: Messages about the address.
            unfolded: See `page.render_board`.
        """
        ranking = self.ranking
        return render_board(
            ranking.show(view),
            view,
            faults,
            self.statuses.get(view.version),
            dataset=self.datasets.get(view.version),
            edition=self.editions.get(view.version),
            looks=ranking.looks(view),
            unfolded=unfolded,
        )

    def check(self, files: Sequence[str]) -> str:
        """Check uploaded files; acceptance, refusal and failure are all returned as HTML, nothing is raised."""
        with self.checking, tempfile.TemporaryDirectory(prefix="sseu-upload-") as scratch:
            folder = Path(scratch)
            try:
                collect(files, folder)
                verified = verify_confined(folder, self.scorer)
                if (reason := self._too_late(verified, _ALWAYS)) is not None:
                    raise ValueError(reason)
                kept = "It was checked but not stored; to submit it, use: sseu submit"
                if self.accept:
                    rows = [one for one in self.rows if one.version == verified.version]
                    same = [one.name for one in rows if verified.answers_sha256 in one.answers_sha256]
                    if same:
                        raise ValueError(f"these answers are on the board already, as {same[0]}")
                    add_submission(self.results, folder, verified.system)
                    self.refresh()
                    kept = "It was stored and is on the board."
                return render_accepted(verified, kept)
            except ValueError as error:
                return render_refused(str(error))
            except (IntakeError, OSError) as error:
                print(f"error: {error}", file=sys.stderr)
                return render_refused("The board cannot score at the moment; please tell its maintainer.")


def view_of(values: Sequence[Any], on: Choices = PAPER_CHOICES) -> View:
    """The view of the controls' values, checked like an address: a browser may send anything.

    Args:
        values: In the order of the page's controls.
        on: What the board has to choose from.
    """
    task, mode, version, shown, kinds, search, sort, reverse, entry, every = values
    parameters = {"task": task, "mode": mode, "version": version, "search": search, "sort": sort, "entry": entry}
    lists = {"columns": shown, "kinds": kinds}
    texts = {name: value for name, value in parameters.items() if isinstance(value, str)}
    joined = {name: ",".join(map(str, value)) for name, value in lists.items() if isinstance(value, list)}
    flags = {"reverse": "1" if reverse is True else "0", "every": "1" if every is True else "0"}
    return parse_view(texts | joined | flags, on)[0]


def click(view: View, clicked: Mapping[str, Any], on: Choices = PAPER_CHOICES) -> View:
    """The view after a click; a second one on the same reverses the order, or closes the row.

    Args:
        view: The view before.
        clicked: What the button carries: `sort`, a column; `entry`, the id of a row; or `every`, 0 or 1. Anything else,
            and what is unknown, changes nothing.
        on: What the board has to choose from.
    """
    sort, entry, every = (str(clicked.get(name) or "") for name in ("sort", "entry", "every"))
    if every:
        changed = {"every": every}
    elif entry:
        changed = {"entry": "" if entry == view.entry else entry}
    elif sort == view.sort:
        return replace(view, reverse=not view.reverse)
    else:
        changed = {"sort": sort, "reverse": "0"}
    after, faults = parse_view(parameters_of(view) | changed, on)
    return view if faults else after
