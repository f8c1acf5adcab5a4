"""From predictions and references to `Scores`.

predictions.py and references.py say what both may be. An answer that never came and one that could not be read score as
an empty answer and are counted apart; where none came at all there is no score (scores.py). The condition of a dataset
row decides which tasks it counts for.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

from .conditions import counts_for
from .embedder_protocol import Embedder
from .embedders import make_embedder
from .normalisers import DEFAULT_NORMALISER, normalise, normaliser_version, unit_of
from .predictions import CLASSES, Prediction, names_in, read_predictions, scores_in, transcript_in
from .references import Reference, event_ids, key_columns, read_references, row_condition, scene_id, transcript_of
from .rows import Rows, check_unique
from .scores import Scores
from .similarity import nearest_labels, similarities
from .spelling import count_lenient_errors, tag_contractions
from .tasks import TASKS
from .wer import count_character_errors, count_word_errors

_BLOCK = 1 << 16  # wrong transcripts whose characters and spelling are compared at a time, to save memory


def score(
    predictions: Sequence[Prediction],
    references: Sequence[Reference | str],
    *,
    tasks: Sequence[str] = TASKS,
    mode: str = "joint",
    run: int = 0,
    embedder: str | Embedder | None = None,
    normalizer: str = DEFAULT_NORMALISER,
) -> Scores:
    """Score answers to the given tasks.

    Args:
        predictions: One for each reference, in the same order (predictions.py). Like the references in a list, a NumPy
            array, a pandas Series or DataFrame, or a `datasets.Dataset`.
        references: The ground truth (references.py): dataset rows, or mappings with `transcript`, `scene`, `events`;
            where only `asr` is scored also transcripts.
        tasks: Some of `asr`, `asc`, `at`.
        mode: How the answers were asked for; a column of the result.
        run: Number of the run; a column of the result.
        embedder: Compares named scenes and events with the labels: a name for `make_embedder`, or an embedder. ASR and
            classifiers' scores need none, and none is then loaded.
        normalizer: One of `normalisers.NORMALISERS`; for a language other than English `normaliser_for(language)`, with
            which errors are counted in characters.

    Raises:
        ValueError: The lists differ in length or are empty, a task is unknown, a value is missing or of the wrong type
            (the message names row and key), or an id occurs twice.
        ImportError: The embedder's package is missing; the message is the line that installs it.
        EmbedderError: The embedder cannot answer.
    """
    import numpy as np

    unknown = [task for task in tasks if task not in TASKS]
    if unknown or not len(tasks):
        raise ValueError(f"unknown tasks {unknown}; there are {', '.join(TASKS)}")
    answers = read_predictions(predictions, tasks)
    truth = read_references(references, of_words=tuple(tasks) == ("asr",))
    if len(answers) != len(truth):
        raise ValueError(f"{len(answers)} predictions for {len(truth)} references; one for each is needed")
    if not truth:
        raise ValueError("no references: there is nothing to score")
    conditions = [row_condition(row, number) for number, row in enumerate(truth)]
    keys = Rows(
        key_columns(truth, conditions)
        | {"run": np.full(len(truth), run, dtype=np.int64), "mode": np.full(len(truth), mode, dtype=object)}
    )
    lazy = _LazyEmbedder(embedder)
    tables = {}
    nearest: dict[str, dict[str, str | None]] = {}
    for task in tasks:
        counted = np.array([counts_for(task, condition) for condition in conditions])
        rows = np.flatnonzero(counted).tolist()
        if not rows:
            continue
        every = len(rows) == len(truth)
        asked = _Asked(
            rows,
            answers if every else [answers[number] for number in rows],
            truth if every else [truth[number] for number in rows],
        )
        if task == "asr":
            payload, statuses = _asr(asked, normalizer)
        else:
            payload, statuses, nearest[task] = _classified(task, asked, lazy)
        own = keys if every else keys.take(counted)
        tables[task] = Rows({**own.columns, "status": np.array(statuses, dtype=object), **payload})
        check_unique(tables[task], task)
    if not tables:
        raise ValueError(f"none of the {len(truth)} references counts for {', '.join(tasks)} (see their condition)")
    return Scores(
        tables,
        embedder=lazy.record(),
        normalizer=normaliser_version(normalizer) if "asr" in tables else None,
        nearest=nearest,
    )


class _Asked(NamedTuple):
    """The rows that count for a task: their numbers, answers and references."""

    numbers: Sequence[int]
    answers: Sequence[dict[str, Any] | None]
    references: Sequence[dict[str, Any]]


def _asr(asked: _Asked, normalizer: str) -> tuple[dict[str, Any], list[str]]:
    """Error counts of words and characters, and the status of each transcript."""
    import numpy as np

    references = [transcript_of(row, number) for row, number in zip(asked.references, asked.numbers, strict=True)]
    answers = [transcript_in(answer, number) for answer, number in zip(asked.answers, asked.numbers, strict=True)]
    heard = [text for text, _ in answers]
    normal = normalise([*references, *heard], normalizer)
    said_words, heard_words = normal[: len(references)], normal[len(references) :]
    counts = count_word_errors(said_words, heard_words)
    if unit_of(normalizer) == "character":  # the words are characters, and spelling is no other matter
        errors = counts[:, :3].sum(axis=1, dtype=np.int32)
        payload = {"counts": counts, "characters": np.stack([errors, counts[:, 3]], 1), "lenient_errors": errors}
        return payload, [status for _, status in answers]
    characters, lenient = np.zeros((len(counts), 2), dtype=np.int32), np.zeros(len(counts), dtype=np.int32)
    wrong = np.flatnonzero(counts[:, :3].any(axis=1))  # only there can characters be wrong, and spelling matter
    characters[:, 1] = [len(words) for words in said_words]
    for start in range(0, len(wrong), _BLOCK):
        rows = wrong[start : start + _BLOCK].tolist()
        sides = [
            ([written[row] for row in rows], [words[row] for row in rows])
            for written, words in ((references, said_words), (heard, heard_words))
        ]
        characters[rows] = count_character_errors(*(words for _, words in sides))
        lenient[rows] = count_lenient_errors(*(tag_contractions(*side, normalizer) for side in sides))
    payload = {"counts": counts, "characters": characters, "lenient_errors": lenient}
    return payload, [status for _, status in answers]


class _LazyEmbedder:
    """The embedder, made when the first answer in words needs it."""

    def __init__(self, spec: str | Embedder | None) -> None:
        self.spec = spec

    @cached_property
    def made(self) -> Embedder:
        return make_embedder(self.spec)

    def record(self) -> dict[str, Any] | None:
        """The embedder's entry in a result; None where none was needed."""
        if "made" not in vars(self):
            return None
        return {name: getattr(self.made, name) for name in ("id", "revision", "dimension")}


def _classified(
    task: str, asked: _Asked, lazy: _LazyEmbedder
) -> tuple[dict[str, Any], list[str], dict[str, str | None]]:
    """Confidences and ground truth of asc or at, the status of each answer, and the label nearest to each name."""
    import numpy as np

    from .confidences import named_confidences, scene_hits

    labels = CLASSES[task]
    vectors: dict[int, Any] = {}
    distinct: dict[tuple[str, ...], int] = {(): 0}  # many answers name the same
    answers, statuses = [], []
    names: tuple[str, ...]
    for position, (number, prediction) in enumerate(zip(asked.numbers, asked.answers, strict=True)):
        vector = scores_in(task, prediction, number)
        if vector is not None:
            vectors[position], names, status = vector, (), "answered"
        else:
            names, status = names_in(task, prediction, number)
        answers.append(distinct.setdefault(names, len(distinct)))
        statuses.append(status)
    nearest: dict[str, str | None] = {}

    def compared(texts: list[str]) -> Any:
        cosines = similarities(lazy.made, texts, labels)
        nearest.update(zip(texts, nearest_labels(cosines, labels), strict=True))
        return cosines

    known = list(distinct)
    confidences = named_confidences(task, known, len(labels), compared)[answers]
    named: Any = np.fromiter((known[one] for one in answers), dtype=object, count=len(answers))
    for position, vector in vectors.items():
        confidences[position], named[position] = vector, None
    payload = {"confidences": confidences, "names": named}
    rows = zip(asked.numbers, asked.references, strict=True)
    if task == "asc":
        reference = np.array([scene_id(row, number) for number, row in rows], dtype=np.int64)
        return payload | {"reference": reference, "hit": scene_hits(confidences, reference)}, statuses, nearest
    truth = np.zeros((len(asked.numbers), len(labels)), dtype=bool)
    for position, (number, row) in enumerate(rows):
        truth[position, event_ids(row, number)] = True
    return payload | {"truth": truth}, statuses, nearest
