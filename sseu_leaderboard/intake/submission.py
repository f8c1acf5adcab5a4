"""One submission: read under limits, held against the reference, scored anew; or refused with the reason.

Nothing that a submission names is opened: neither its embedder nor its data. It is scored with the board's own embedder
and normaliser, whatever its author used; `scores.json`, where there is one, must say the same wherever the same things
were computed. Run as a program (`confinement` does) it limits its own memory and processor time first.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import sys
import threading
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sseu_hub.submission import Limits, Submission, check_answers, read_submission
from sseu_leaderboard.intake.reference import BoardReference, read_reference
from sseu_leaderboard.intake.store import hash_files
from sseu_leaderboard.intake.verified import AVERAGE, FINITE_AVERAGE, METRICS, Cell, Verified, cells_of
from sseu_metric.normalisers import DEFAULT_NORMALISER
from sseu_models.kinds import REFERENCE_PREFIX
from sseu_models.results.folder import SCORES
from sseu_models.results.scoring import score_answers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sseu_metric.embedder_protocol import Embedder

MAX_NAMES = 100_000
_WER_TOLERANCE, _TOLERANCE = 1e-6, 0.05
_NAME = re.compile(r"[!-~]+( [!-~]+)*")
_PERFECT = 0.005  # percentage points: a rounding away from no error at all


@dataclass(frozen=True)
class BoundedEmbedder:
    """An embedder that refuses to work for ever: a submission may name so many distinct scenes and events.

    Attributes:
        inner: Does the work.
        most: Texts in all.
        seen: Texts already counted.
    """

    inner: Embedder
    most: int
    seen: set[str]

    @property
    def id(self) -> str:
        """Of the inner one, as are the others."""
        return self.inner.id

    @property
    def revision(self) -> str | None:
        """See `id`."""
        return self.inner.revision

    @property
    def dimension(self) -> int | None:
        """See `id`."""
        return self.inner.dimension

    def embed(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """One row per text.

        Raises:
            ValueError: More than `most` distinct texts in all.
        """
        self.seen.update(texts)
        if len(self.seen) > self.most:
            raise ValueError(f"its answers name more than {self.most} different scenes and events; no model does")
        return self.inner.embed(texts)


def verify(
    folder: Path,
    reference: BoardReference,
    *,
    embedder: Embedder,
    limits: Limits | None = None,
    max_names: int = MAX_NAMES,
    allow_custom: bool = False,
) -> Verified:
    """Check a submission and compute its cells from its answers.

    Args:
        folder: With its files.
        reference: What the board holds.
        embedder: The board's.
        limits: Of the files.
        max_names: Distinct scenes and events that are embedded.
        allow_custom: Take datasets that are not the complete benchmark: for a board of one's own.

    Raises:
        ValueError: Why it is refused.
        EmbedderError: The board's embedder cannot answer.
    """
    submission = read_submission(folder, limits)
    _check_names(submission)
    _check_dataset(submission, reference, allow_custom=allow_custom)
    clips = check_answers(submission, reference.rows)
    if submission.result.dataset.fingerprint != reference.dataset.fingerprint:
        raise ValueError("result.json: every clip is this board's, but the fingerprint is not; was the file edited?")
    if submission.result.dataset.references_sha256 != reference.dataset.references_sha256:
        raise ValueError("result.json: made with other transcripts or labels than this board's; load the dataset anew")
    bounded = BoundedEmbedder(embedder, max_names, set())
    scores = score_answers(clips, submission.answers, embedder=bounded, normalizer=DEFAULT_NORMALISER)
    cells = cells_of(scores, reference.conditions)
    _check_stated(submission, cells, embedder)
    result = submission.result
    stated = result.embedder or "default"
    return Verified(
        sha256=hash_files(folder),
        answers_sha256=_answers_sha256(submission),
        system=result.system,
        model=submission.model,
        frontend=result.frontend.name,
        prompts=result.prompts.set,
        embedder=embedder.id + (f"@{embedder.revision}" if embedder.revision else ""),
        stated_embedder=stated,
        runs=result.runs,
        flags=_flags(result.system, cells),
        notes=_notes(submission, embedder),
        cells=cells,
    )


def _check_names(submission: Submission) -> None:
    """Refuse names that could look like another's on the page: letters of other scripts, marks, odd spaces."""
    result = submission.result
    names = {"system": result.system, "frontend": result.frontend.name, "prompts": result.prompts.set}
    for what, name in names.items():
        if not _NAME.fullmatch(name):
            strange = next((letter for letter in name if not " " <= letter <= "~"), " ")
            raise ValueError(
                f"result.json: the name of the {what}, {name!a:.80}, holds {strange!a} "
                f"({unicodedata.name(strange, 'no letter')}); this board takes printable ASCII and single spaces"
            )


def _answers_sha256(submission: Submission) -> str:
    lines = sorted(json.dumps([*key, answer.text, answer.scores]) for key, answer in submission.answers.items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _check_dataset(submission: Submission, reference: BoardReference, *, allow_custom: bool) -> None:
    stated, held = submission.result.dataset, reference.dataset
    if held.recipe != "paper" and not allow_custom:
        raise ValueError(f"this board holds a {held.recipe} dataset, not the benchmark; start it with --allow-custom")
    for name in ("version", "recipe", "pairs"):  # a wrong fingerprint shows as a wrong clip, which says more
        if getattr(stated, name) != getattr(held, name):
            raise ValueError(
                f"result.json: made on a dataset with {name} {getattr(stated, name)!r:.80}, this board holds "
                f"{getattr(held, name)!r}; answer the dataset of this board"
            )


def _check_stated(submission: Submission, cells: Mapping[str, Any], embedder: Embedder) -> None:
    """Refuse cells that are not those of the answers; what another embedder gave is not compared."""
    if submission.stated is None:
        return
    normaliser = submission.result.normalizer or DEFAULT_NORMALISER
    for mode, metrics in cells.items():
        stated = submission.stated["modes"].get(mode)
        if not isinstance(stated, dict):
            raise ValueError(f"{SCORES}: nothing about the mode {mode}, which was answered; score the folder anew")
        theirs = stated.get("embedder")
        same_embedder = not isinstance(theirs, dict) or (theirs.get("id"), theirs.get("revision")) == (
            embedder.id,
            embedder.revision,
        )
        for metric, columns in metrics.items():
            if not (normaliser == DEFAULT_NORMALISER if metric == "wer" else same_embedder):
                continue
            tolerance = _WER_TOLERANCE if metric == "wer" else _TOLERANCE
            for column, said in _stated_cells(stated, metric, columns):
                value = columns[column].value
                if isinstance(said, bool) or not isinstance(said, int | float) or abs(said - value) > tolerance:
                    raise ValueError(
                        f"{SCORES}: {mode} {metric} {column} is {said!r:.40} there, {value:.6f} from the answers"
                    )


def _stated_cells(stated: Mapping[str, Any], metric: str, columns: Mapping[str, Cell]) -> list[tuple[str, Any]]:
    conditions = stated.get("by_condition")
    found = [(AVERAGE, stated.get(metric))]
    for column in columns:
        if column not in (AVERAGE, FINITE_AVERAGE):
            cell = conditions.get(column) if isinstance(conditions, dict) else None
            found.append((column, cell.get(metric) if isinstance(cell, dict) else None))
    return found


def _flags(system: str, cells: Mapping[str, Any]) -> tuple[str, ...]:
    """Whether somebody submitted the references: no system hears all of it at -10 dB."""
    best = {"wer": 0.0, "macc": 100.0, "map": 100.0}
    perfect = [
        f"{mode} {task}"
        for mode, metrics in cells.items()
        for task, metric in METRICS.items()
        if metric in metrics and abs(metrics[metric][AVERAGE].value - best[metric]) <= _PERFECT
    ]
    flags = ["it says that it is a control"] if system.startswith(REFERENCE_PREFIX) else []
    if perfect:
        flags.append(f"equals the ground truth: {', '.join(perfect)}")
    return tuple(flags)


def _notes(submission: Submission, embedder: Embedder) -> tuple[str, ...]:
    notes = []
    stated = submission.stated or {}
    ids = [
        theirs["id"]
        for mode in stated.get("modes", {}).values()
        if isinstance(mode, dict) and isinstance(theirs := mode.get("embedder"), dict) and "id" in theirs
    ]
    if any(one != embedder.id for one in ids):
        notes.append("its author scored with another embedder; the cells here are the board's")
    if submission.stated is None:
        notes.append("submitted without scores.json")
    return tuple(notes)


def limit_resources(memory_bytes: int, cpu_s: int) -> None:
    """Let this process have no more than that; beyond, Python raises MemoryError or the system ends it (Unix)."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def end_with_parent() -> None:
    """End this process when the board that started it is gone, however it went: then standard input ends."""

    def wait() -> None:
        while os.read(0, 1):
            pass
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify one folder; write the record, or the reason of the refusal, as JSON."""
    parser = argparse.ArgumentParser(
        prog="python -m sseu_leaderboard.intake.submission", description="Check and score a submission."
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--references", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="where the JSON goes")
    parser.add_argument("--embedder")
    parser.add_argument("--memory-bytes", type=int, required=True)
    parser.add_argument("--cpu-s", type=int, required=True)
    parser.add_argument("--allow-custom", action="store_true")
    asked = parser.parse_args(arguments)
    limit_resources(asked.memory_bytes, asked.cpu_s)
    end_with_parent()
    from sseu_metric.embedder_protocol import EmbedderError
    from sseu_metric.embedders import make_embedder

    try:
        embedder, reference = make_embedder(asked.embedder), read_reference(asked.references)
    except (EmbedderError, ImportError, ValueError) as error:
        text = json.dumps({"broken": str(error)})
    else:
        try:
            verified = verify(asked.folder, reference, embedder=embedder, allow_custom=asked.allow_custom)
            text = json.dumps({"verified": verified.to_json()})
        except EmbedderError as error:
            text = json.dumps({"broken": str(error)})
        except ValueError as error:
            text = json.dumps({"refused": str(error)})
        except MemoryError:
            text = json.dumps({"refused": "it needs more memory than a whole result does"})
    asked.out.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
