"""Checks one submission: reads it within limits, compares it with the reference, and scores its answers again.

Nothing that a submission names is opened: neither its embedder nor its dataset. It is scored with the board's own
embedder and normaliser; if there is a `scores.json` that was made with the same ones, it must agree. Run as a program
(by `confinement`), this module first limits its own memory and processor time.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sseu_dataset.records import OFFICIAL, edition_of
from sseu_hub.submission import Submission, check_answers, read_submission
from sseu_leaderboard.intake.confinement import end_with_parent, limit_resources
from sseu_leaderboard.intake.doubts import answer_prints, truth_flags, wer_marks
from sseu_leaderboard.intake.reference import BoardReference, read_references
from sseu_leaderboard.intake.store import hash_files
from sseu_leaderboard.intake.verified import AVERAGE, FINITE_AVERAGE, BoardCell, Cells, Verified, cells_of
from sseu_metric.normalisers import DEFAULT_NORMALISER
from sseu_models.kinds import hears_the_clip, kind_of
from sseu_models.prompts import PROMPT_SETS, load_prompts, prompt_sha256
from sseu_models.results.folder import RESULT, SCORES, asked_conditions
from sseu_models.results.log import heard_every_clip
from sseu_models.results.scores_file import ModeScores
from sseu_models.results.scoring import score_answers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sseu_metric.embedder_protocol import Embedder

MAX_NAMES = 100_000
"""Maximum number of distinct scenes and events of a submission that are embedded."""
_WER_TOLERANCE, _TOLERANCE = 1e-6, 0.05
_NAME = re.compile(r"[!-~]+( [!-~]+)*")


class BoundedEmbedder:
    """Embedder with a cap on distinct texts.

    Args:
        inner: The embedder that does the work.
        max_texts: Maximum number of distinct texts in all.
    """

    def __init__(self, inner: Embedder, max_texts: int) -> None:
        self.id, self.revision, self.dimension = inner.id, inner.revision, inner.dimension
        self._inner, self._max_texts = inner, max_texts
        self._seen: set[str] = set()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """One row per text.

        Raises:
            ValueError: More than `max_texts` distinct texts in all.
        """
        self._seen.update(texts)
        if len(self._seen) > self._max_texts:
            raise ValueError(f"its answers name more than {self._max_texts} distinct scenes and events; no model does")
        return self._inner.embed(texts)


def verify(
    folder: Path,
    references: Mapping[str, BoardReference],
    *,
    embedder: Embedder,
    allow_custom: bool = False,
) -> Verified:
    """Check a submission and compute its scores from its answers.

    Args:
        folder: The submission's folder.
        references: The board's reference of each version that it holds.
        embedder: The board's embedder.
        allow_custom: Accept datasets that are not the benchmark, for a board of one's own.

    Raises:
        ValueError: The submission is refused; the message says why.
        EmbedderError: The board's embedder fails.
    """
    submission = read_submission(folder)
    _check_names(submission)
    _check_prompts(submission)
    reference = _own_reference(submission, references)
    _check_dataset(submission, reference, allow_custom=allow_custom)
    clips = check_answers(submission, reference.rows)
    _check_identity(submission, reference)
    bounded = BoundedEmbedder(embedder, MAX_NAMES)
    scores = score_answers(clips, submission.answers, embedder=bounded, normalizer=DEFAULT_NORMALISER)
    cells, factors = cells_of(scores, reference.conditions)
    _check_stated(submission, cells, embedder)
    result = submission.result
    return Verified(
        sha256=hash_files(folder),
        version=reference.dataset.version,
        asked_sha256=result.asked_sha256,
        answers_sha256=_answers_sha256(submission),
        system=result.system,
        model=submission.model,
        frontend=result.frontend.name,
        kind=kind_of(result.system, result.frontend.name),
        prompts=_prompt_set(submission),
        embedder=embedder.id + (f"@{embedder.revision}" if embedder.revision else ""),
        stated_embedder=result.embedder or "default",
        runs=result.runs,
        flags=(*_flags(submission), *truth_flags(scores, cells)),
        notes=_notes(submission, embedder),
        limitations=reference.dataset.limitations,
        cells=cells,
        factors=factors,
        marks=wer_marks(cells, factors),
        prints=answer_prints(asked_conditions(clips), submission.answers),
    )


def _check_names(submission: Submission) -> None:
    """Refuse names that could look like another's on the page: letters of other scripts, marks, unusual spaces."""
    result = submission.result
    names = {"system": result.system, "frontend": result.frontend.name, "prompts": result.prompts.set}
    for field, name in names.items():
        if not _NAME.fullmatch(name):
            odd = next((letter for letter in name if not " " <= letter <= "~"), " ")
            raise ValueError(
                f"{RESULT}: the name of the {field}, {name!a:.80}, contains {odd!a} "
                f"({unicodedata.name(odd, 'no letter')}); names are printable ASCII with single spaces"
            )


def _check_prompts(submission: Submission) -> None:
    """Refuse other prompts under the name of one of the project's sets."""
    prompts = submission.result.prompts
    if prompts.set not in PROMPT_SETS:
        return
    known = {prompt_sha256(prompt) for prompt in load_prompts(prompts.set).prompts}
    if other := [one.id for one in prompts.templates.values() if one.sha256 not in known]:
        raise ValueError(
            f"{RESULT}: the prompts are named {prompts.set}, but the hash of {other[0]!r:.80} is not one of that set; "
            "run the system with the project's prompts, or give yours another id"
        )


def _prompt_set(submission: Submission) -> str:
    """Name of the project's set that was used; other sets bear the hash of their templates, whatever their name is."""
    prompts = submission.result.prompts
    if prompts.set in PROMPT_SETS:  # its hashes are known (`_check_prompts`)
        return prompts.set
    hashes = sorted(f"{place} {one.sha256}" for place, one in prompts.templates.items())
    return f"own ({hashlib.sha256(' '.join(hashes).encode()).hexdigest()[:8]})"


def _own_reference(submission: Submission, references: Mapping[str, BoardReference]) -> BoardReference:
    """The reference of the version or edition that a submission is about."""
    version = submission.result.dataset.version
    if version not in references:
        edition = edition_of(version)
        what = f"version {version!r:.80} of the dataset" + (f", the edition {edition!r:.40}" if edition else "")
        raise ValueError(
            f"{RESULT}: made on {what}, this board has {', '.join(references)}; run the system on one of these"
        )
    return references[version]


def _check_dataset(submission: Submission, reference: BoardReference, *, allow_custom: bool) -> None:
    stated, held = submission.result.dataset, reference.dataset
    if held.recipe not in OFFICIAL and not allow_custom:
        raise ValueError(f"this board's dataset is {held.recipe}, not the benchmark; start it with --allow-custom")
    if held.language != "en":
        raise ValueError(f"this board's dataset is in the language {held.language}; boards rank by English words (WER)")
    expected = {
        "recipe": held.recipe,
        "pairs": held.pairs,
        "conditions": reference.conditions,
    }
    for name, value in expected.items():
        if getattr(stated, name) != value:
            raise ValueError(
                f"{RESULT}: made on a dataset with {name} {getattr(stated, name)!r:.80}, this board's {held.version} "
                f"has {value!r}; run the system on the board's dataset"
            )


def _check_identity(submission: Submission, reference: BoardReference) -> None:
    """Refuse other hashes of the dataset; checked after the clips, whose messages say more."""
    stated, held = submission.result.dataset, reference.dataset
    if stated.pcm_fingerprint != held.pcm_fingerprint:
        raise ValueError(f"{RESULT}: every clip is the board's, but the fingerprint is not; was the file edited?")
    if stated.fingerprint != held.fingerprint:
        raise ValueError(
            f"{RESULT}: its clips are the board's, but its transcripts or labels are not (fingerprint "
            f"{stated.fingerprint[:12]}, here {held.fingerprint[:12]}); run the system on the board's dataset"
        )


def _answers_sha256(submission: Submission) -> str:
    lines = sorted(json.dumps([*key, answer.text, answer.scores]) for key, answer in submission.answers.items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _check_stated(submission: Submission, cells: Cells, embedder: Embedder) -> None:
    """Refuse stated scores that differ from those of the answers; scores of another embedder are not compared."""
    if submission.stated is None:
        return
    stated: Mapping[str, ModeScores] = {str(mode): scores for mode, scores in submission.stated.modes.items()}
    same_normaliser = submission.result.normalizer == DEFAULT_NORMALISER
    for mode, metrics in cells.items():
        if mode not in stated:
            raise ValueError(f"{SCORES}: no scores of the mode {mode}, which was answered; score the folder again")
        theirs = stated[mode].embedder
        same_embedder = theirs is None or (theirs.id, theirs.revision) == (embedder.id, embedder.revision)
        for metric, columns in metrics.items():
            if not (same_normaliser if metric == "wer" else same_embedder):
                continue
            tolerance = _WER_TOLERANCE if metric == "wer" else _TOLERANCE
            for column, value in _stated_values(stated[mode], metric, columns):
                computed = columns[column].value
                if value is None or abs(value - computed) > tolerance:
                    raise ValueError(
                        f"{SCORES}: {mode} {metric} {column} is {value} there, {computed:.6f} from the answers"
                    )


def _stated_values(
    stated: ModeScores, metric: str, columns: Mapping[str, BoardCell]
) -> Iterator[tuple[str, float | None]]:
    """A submitter's scores in the columns that the board computed, but for `finite`, which needs no comparison."""
    yield AVERAGE, getattr(stated, metric)
    for column in columns:
        if column not in (AVERAGE, FINITE_AVERAGE):
            by_metric: Mapping[str, float] = {**stated.by_condition.get(column, {})}
            yield column, by_metric.get(metric)


def _flags(submission: Submission) -> tuple[str, ...]:
    """Why a submission is not ranked, whatever its scores are: it says that it heard the clips, its answers do not."""
    result = submission.result
    heard = heard_every_clip(submission.answers.values())
    if heard or not hears_the_clip(result.system, result.frontend.name):
        return ()
    return ("did not hear the clips (pcm_sha256 is null)",)


def _notes(submission: Submission, embedder: Embedder) -> tuple[str, ...]:
    if submission.stated is None:
        return ("submitted without scores.json",)
    embedders = [scores.embedder for scores in submission.stated.modes.values()]
    if any(one is not None and one.id != embedder.id for one in embedders):
        return ("its author scored with another embedder; the scores here are the board's",)
    return ()


def main(request: str) -> None:
    """Check one folder as `confinement` requests it; write the record, or the reason of the refusal, as JSON."""
    options = json.loads(request)
    limit_resources(options["memory_bytes"], options["cpu_s"])
    end_with_parent()
    from sseu_metric.embedder_protocol import EmbedderError
    from sseu_metric.embedders import make_embedder

    try:
        embedder, references = make_embedder(options["embedder"]), read_references(Path(options["references"]))
    except (EmbedderError, ImportError, ValueError) as error:
        outcome = {"broken": str(error)}
    else:
        try:
            folder, allow_custom = Path(options["folder"]), options["allow_custom"]
            verified = verify(folder, references.by_version, embedder=embedder, allow_custom=allow_custom)
            outcome = {"verified": verified.to_json()}
        except EmbedderError as error:
            outcome = {"broken": str(error)}
        except ValueError as error:
            outcome = {"refused": str(error)}
        except MemoryError:
            outcome = {"refused": "it needs more memory than a complete result does"}
    Path(options["out"]).write_text(json.dumps(outcome), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
