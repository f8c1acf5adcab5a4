"""What the page's functions do, without gradio: show a view, follow a click, check an upload."""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sseu_hub.submission import ANSWERS_GZ, Limits
from sseu_leaderboard.intake.confinement import IntakeError, Scorer, verify_confined
from sseu_leaderboard.intake.scored import score_all
from sseu_leaderboard.intake.store import add_submission
from sseu_leaderboard.web.board import Entry, View, entry_of, paper_entries, parse_view, tell_apart
from sseu_leaderboard.web.page import render_accepted, render_board, render_curve, render_refused
from sseu_leaderboard.web.ranking import Ranking
from sseu_models.results.folder import RESULT, SCORES


@dataclass
class Board:
    """What the page's functions share: the entries, replaced as a whole, and one check at a time.

    Attributes:
        results: Folder of the results dataset.
        cache: Where scored submissions are kept.
        scorer: Checks and scores a folder.
        accept: Keep good uploads in `results`.
        most: Submissions on the board.
        ranking: What is shown; before anything is read, the paper's rows.
        refused: Submissions that are not, with the reason.
        broken: See `scored.score_all`.
        checking: Held while anything is scored.
    """

    results: Path
    cache: Path
    scorer: Scorer
    accept: bool = False
    most: int = 1_000
    ranking: Ranking = field(default_factory=lambda: Ranking(tuple(paper_entries())), repr=False)
    refused: tuple[tuple[str, str], ...] = ()
    broken: dict[str, str] = field(default_factory=dict, repr=False)
    checking: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All rows."""
        return self.ranking.entries

    def refresh(self) -> None:
        """Score what is new in the results folder; `checking` must be held.

        Raises:
            ValueError: As `scored.score_all`; the board stays as it was.
            IntakeError: As `scored.score_all`; the board stays as it was.
        """
        scored = score_all(self.results, self.cache, self.scorer, most=self.most, broken=self.broken)
        verified = tell_apart([entry_of(one, stored.date) for stored, one in scored.verified])
        self.refused = tuple((f"{stored.model}/{stored.folder.name}", reason) for stored, reason in scored.refused)
        self.ranking = Ranking((*verified, *paper_entries()))

    def show(self, view: View, faults: Sequence[str] = ()) -> tuple[str, str]:
        """The table and the curve of a view, as HTML."""
        ordered = self.ranking.places(view)
        shown = [place.entry for place in ordered]
        chosen = next((entry for entry in shown if entry.id == view.entry), None)
        return render_board(ordered, view, faults), render_curve(chosen, shown, view)

    def check(self, files: Sequence[str]) -> str:
        """What the button on the submission page does: refusals and acceptances are shown, nothing is raised."""
        with self.checking, tempfile.TemporaryDirectory(prefix="sseu-upload-") as scratch:
            folder = Path(scratch)
            try:
                collect(files, folder)
                verified = verify_confined(folder, self.scorer)
                kept = "It was checked and not kept: submit it with python push_to_hub.py submit."
                if self.accept:
                    same = [one.name for one in self.entries if one.answers_sha256 == verified.answers_sha256]
                    if same:
                        raise ValueError(f"these answers stand on the board already, as {same[0]}")
                    add_submission(self.results, folder, verified.system, most=self.most)
                    self.refresh()
                    kept = "It is kept, and stands on the board."
                return render_accepted(verified, kept)
            except ValueError as error:
                return render_refused(str(error))
            except (IntakeError, OSError) as error:
                print(f"leaderboard: {error}", file=sys.stderr)
                return render_refused("The board cannot score at the moment; tell its maintainer.")


def collect(files: Sequence[str], folder: Path) -> None:
    """Copy the files of an upload that a submission may hold, under their own fixed names.

    Raises:
        ValueError: Another file is among them, one is there twice, or one is missing or too large.
    """
    limits = Limits()
    sizes = {RESULT: limits.json_bytes, ANSWERS_GZ: limits.packed_bytes, SCORES: limits.json_bytes}
    for file in files:
        name = Path(file).name
        if name not in sizes:
            raise ValueError(f"{name[:80]!r} is no part of a submission; upload {RESULT} and {ANSWERS_GZ}")
        if (folder / name).exists():
            raise ValueError(f"{name} is there twice; upload each file once")
        size = Path(file).stat().st_size
        if size > sizes[name]:
            raise ValueError(f"{name}: {size} bytes, at most {sizes[name]} are taken")
        shutil.copyfile(file, folder / name)
    missing = [name for name in (RESULT, ANSWERS_GZ) if not (folder / name).exists()]
    if missing:
        raise ValueError(f"{' and '.join(missing)} missing; upload {RESULT} and {ANSWERS_GZ} together")


def view_of(values: Sequence[Any]) -> View:
    """The view of the controls' values, checked like an address: a browser may send anything."""
    task, mode, columns, kinds, search, sort, reverse, entry = values
    parameters = {"task": task, "mode": mode, "search": search, "sort": sort, "entry": entry}
    lists = {"columns": columns, "kinds": kinds}
    texts = {name: value for name, value in parameters.items() if isinstance(value, str)}
    joined = {name: ",".join(map(str, value)) for name, value in lists.items() if isinstance(value, list)}
    return parse_view(texts | joined | {"reverse": "1" if reverse is True else "0"})[0]


def click(view: View, sort: str, entry: str) -> View:
    """The view after a click on a column's head or on a system; a second click turns the order, or closes the curve.

    What is neither changes nothing.
    """
    if not entry and sort == view.sort:
        return replace(view, reverse=not view.reverse)
    changed = {"entry": "" if entry == view.entry else entry} if entry else {"sort": sort, "reverse": "0"}
    clicked, faults = parse_view({**_parameters(view), **changed})
    return view if faults else clicked


def _parameters(view: View) -> dict[str, str]:
    return {
        "task": view.task, "mode": view.mode, "columns": ",".join(view.columns), "kinds": ",".join(view.kinds),
        "search": view.search, "sort": view.sort, "reverse": str(int(view.reverse)), "entry": view.entry,
    }  # fmt: skip
