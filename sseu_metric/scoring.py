"""From predictions and references to `Scores`.

A prediction is `{"transcript": str, "scene": str, "events": [str, ...]}`; a classifier gives `scene_scores` (6 numbers)
or `event_scores` (18 numbers, label order) instead, which are used as they are. `None` in place of a prediction says
that no answer came; `None` in place of a value, that none could be read. Both score as an empty answer and are counted
apart. A reference has the same three keys, or is a whole dataset row, whose condition then decides which tasks it
counts for: no speech in `-inf`, no background in `+inf`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .classification import event_confidences, scene_confidences, scene_hits
from .conditions import CONDITIONS, condition_of, counts_for, snr_db_of
from .embedder_protocol import Embedder
from .embedders import make_embedder, similarities
from .labels import EVENTS, SCENES
from .normalisers import DEFAULT_NORMALISER, normalise, normaliser_version
from .scores import TASKS, Rows, Scores, check_unique
from .wer import count_word_errors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Prediction = Mapping[str, Any] | None
Reference = Mapping[str, Any]
_FIELDS = {"asr": "transcript", "asc": "scene", "at": "events"}
_SCORES = {"asc": "scene_scores", "at": "event_scores"}
_CLASSES = {"asc": SCENES, "at": EVENTS}
_TEXT_COLUMNS = {
    "id": "id",
    "corpus": "background_corpus",
    "pair": "pair_id",
    "recording": "source_recording_id",
    "speaker": "speaker_id",
    "gender": "speaker_gender",
    "accent": "speaker_accent",
    "sentence": "transcript",
}


def score(
    predictions: Sequence[Prediction],
    references: Sequence[Reference],
    *,
    tasks: Sequence[str] = TASKS,
    mode: str = "joint",
    run: int = 0,
    embedder: str | Embedder | None = None,
    normalizer: str = DEFAULT_NORMALISER,
) -> Scores:
    """Score answers to the given tasks.

    Args:
        predictions: One for each reference, in the same order.
        references: What is true.
        tasks: Of `asr`, `asc`, `at`.
        mode: How the answers were asked for; a column of the result.
        run: Number of the run; a column of the result.
        embedder: Compares named scenes and events with the labels: a name for `make_embedder`, or an embedder. ASR and
            classifiers' scores need none, and none is then loaded.
        normalizer: One of `normalisers.NORMALISERS`.

    Raises:
        ValueError: The lists differ in length or are empty, a task is unknown, a value is missing or of the wrong type
            (the message names row and key), or an id occurs twice.
        ImportError: The embedder's package is missing; the message is the line that installs it.
        EmbedderError: The embedder cannot answer.
    """
    import numpy as np

    if len(predictions) != len(references):
        raise ValueError(f"{len(predictions)} predictions for {len(references)} references; one for each is needed")
    if not len(references):
        raise ValueError("no references: there is nothing to score")
    unknown = [task for task in tasks if task not in TASKS]
    if unknown or not tasks:
        raise ValueError(f"unknown tasks {unknown}; there are {', '.join(TASKS)}")
    conditions = [_condition(row, number) for number, row in enumerate(references)]
    tables = {}
    keys = Rows(_key_columns(references, conditions, run, mode))
    words = _Words(embedder)
    for task in tasks:
        counted = np.array([counts_for(task, condition) for condition in conditions])
        rows = np.flatnonzero(counted).tolist()
        if not rows:
            continue
        asked = [(number, predictions[number], references[number]) for number in rows]
        if task == "asr":
            payload, statuses = _asr(asked, normalizer)
        else:
            payload, statuses = _classified(task, asked, words)
        own = keys if len(rows) == len(references) else keys.take(counted)
        tables[task] = Rows({**own.columns, "status": np.array(statuses, dtype=object), **payload})
        check_unique(tables[task], task)
    if not tables:
        raise ValueError(
            f"none of the {len(references)} references counts for {', '.join(tasks)} (see their condition)"
        )
    return Scores(
        tables,
        embedder=words.record(),
        normalizer=normaliser_version(normalizer) if "asr" in tables else None,
    )


_Asked = list[tuple[int, Prediction, Reference]]


def _asr(asked: _Asked, normalizer: str) -> tuple[dict[str, Any], list[str]]:
    references = [_reference_value(row, "transcript", str, number) for number, _, row in asked]
    hypotheses, statuses = [], []
    for number, prediction, _ in asked:
        value, status = _predicted(prediction, "transcript", "asr", number)
        if value is not None and not isinstance(value, str):
            raise ValueError(f"prediction {number}: transcript is {type(value).__name__}, a string is needed")
        hypotheses.append(value or "")
        statuses.append(status)
    normal = normalise([*references, *hypotheses], normalizer)
    return {"counts": count_word_errors(normal[: len(asked)], normal[len(asked) :])}, statuses


class _Words:
    """The embedder, made when the first answer in words is met."""

    def __init__(self, spec: str | Embedder | None) -> None:
        self._spec = spec
        self._embedder: Embedder | None = None

    def similarities(self, texts: list[str], labels: tuple[str, ...]) -> NDArray[np.float64]:
        if self._embedder is None:
            self._embedder = make_embedder(self._spec)
        return similarities(self._embedder, texts, labels)

    def record(self) -> dict[str, Any] | None:
        """What a result says of the embedder; None where none was needed."""
        if self._embedder is None:
            return None
        return {
            "id": self._embedder.id,
            "revision": self._embedder.revision,
            "dimension": self._embedder.dimension,
        }


def _classified(task: str, asked: _Asked, words: _Words) -> tuple[dict[str, Any], list[str]]:
    """Confidences and truth of asc or at, and how each answer came."""
    import numpy as np

    labels, field, scores_key = _CLASSES[task], _FIELDS[task], _SCORES[task]
    confidences = np.zeros((len(asked), len(labels)))
    named: list[list[str]] = [[] for _ in asked]
    statuses = []
    for position, (number, prediction, _) in enumerate(asked):
        if isinstance(prediction, Mapping) and scores_key in prediction:
            confidences[position] = _score_vector(prediction[scores_key], scores_key, len(labels), number)
            statuses.append("answered")
            continue
        value, status = _predicted(prediction, field, task, number)
        named[position] = _names(value, task, number)
        statuses.append(status)
    texts = sorted({text for names in named for text in names})
    if texts:
        cosines = words.similarities(texts, labels)
        place = {text: row for row, text in enumerate(texts)}
        counts = [len(names) for names in named]
        matrix = cosines[[place[text] for names in named for text in names]]
        has_words = np.array(counts) > 0
        if task == "asc":
            confidences[has_words] = scene_confidences(matrix)
        else:
            confidences[has_words] = event_confidences(matrix, counts)[has_words]
    if task == "asc":
        reference = np.array([_scene_id(row, number) for number, _, row in asked], dtype=np.int64)
        hit = scene_hits(confidences, reference)
        return {"reference": reference, "hit": hit, "confidences": confidences}, statuses
    truth = np.zeros((len(asked), len(labels)), dtype=bool)
    for position, (number, _, row) in enumerate(asked):
        truth[position, _event_ids(row, number)] = True
    return {"truth": truth, "confidences": confidences}, statuses


def _predicted(prediction: Prediction, field: str, task: str, number: int) -> tuple[Any, str]:
    """The value of a field and how it came."""
    if prediction is None:
        return None, "missing"
    if not isinstance(prediction, Mapping):
        raise ValueError(f"prediction {number} is {type(prediction).__name__}; a mapping with {field!r} is needed")
    if field not in prediction:
        raise ValueError(f"prediction {number} lacks the key {field!r}; it has {', '.join(map(str, prediction))}")
    value = prediction[field]
    given = prediction.get("status") or {}
    if not isinstance(given, Mapping):
        raise ValueError(
            f"prediction {number}: status is {type(given).__name__}; a mapping from task to status is needed"
        )
    return value, given.get(task) or ("unparsed" if value is None else "answered")


def _names(value: Any, task: str, number: int) -> list[str]:
    """The scene or the events an answer names, without blanks and empty ones."""
    if task == "asc":
        if value is not None and not isinstance(value, str):
            raise ValueError(f"prediction {number}: scene is {type(value).__name__}, a string is needed")
        values = [] if value is None else [value]
    else:
        if value is not None and (isinstance(value, str) or not isinstance(value, Sequence)):
            raise ValueError(f"prediction {number}: events is {type(value).__name__}, a list of strings is needed")
        values = list(value or [])
        if not all(isinstance(item, str) for item in values):
            raise ValueError(f"prediction {number}: events holds {values!r:.80}, a list of strings is needed")
    return list(dict.fromkeys(text for item in values if (text := item.strip())))


def _score_vector(value: Any, key: str, classes: int, number: int) -> NDArray[np.float64]:
    import numpy as np

    try:
        vector = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        vector = np.empty(0)  # refused below, with row and key
    if vector.shape != (classes,) or not np.isfinite(vector).all():
        raise ValueError(
            f"prediction {number}: {key} must be {classes} finite numbers in label order, not {value!r:.80}"
        )
    return vector


def _reference_value(row: Reference, key: str, kind: type, number: int) -> Any:
    if key not in row:
        raise ValueError(f"reference {number} lacks the key {key!r}; it has {', '.join(map(str, row))}")
    if not isinstance(row[key], kind):
        raise ValueError(f"reference {number}: {key} is {type(row[key]).__name__}, {kind.__name__} is needed")
    return row[key]


def _scene_id(row: Reference, number: int) -> int:
    return _label_id(_reference_value(row, "scene", object, number), SCENES, "scene", number)


def _event_ids(row: Reference, number: int) -> list[int]:
    values = _reference_value(row, "events", object, number)
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise ValueError(f"reference {number}: events is {type(values).__name__}, a list of labels is needed")
    return [_label_id(value, EVENTS, "events", number) for value in values]


def _label_id(value: Any, labels: tuple[str, ...], key: str, number: int) -> int:
    """A label's position, from its name or its ClassLabel integer."""
    if isinstance(value, str) and value in labels:
        return labels.index(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(labels):
        return value
    raise ValueError(f"reference {number}: {key} holds {value!r}, which is none of {', '.join(labels)}")


def _condition(row: Reference, number: int) -> str:
    """The condition of a dataset row as in `CONDITIONS`; empty for a reference that has none."""
    if not isinstance(row, Mapping):
        raise ValueError(f"reference {number} is {type(row).__name__}; a mapping is needed")
    snr_db, snr = row.get("snr_db"), row.get("snr")
    try:
        level_db = math.nan if snr_db is None else float(snr_db)
    except (TypeError, ValueError):
        raise ValueError(f"reference {number}: snr_db is {snr_db!r}, a number or null is needed") from None
    if not math.isnan(level_db):
        return condition_of(level_db)
    if snr is None:
        return ""
    if isinstance(snr, str):
        try:
            return condition_of(snr_db_of(snr))
        except ValueError as error:
            raise ValueError(f"reference {number}: snr: {error}") from None
    if isinstance(snr, int):
        return "+inf" if snr == 0 else CONDITIONS[snr] if "snr_db" not in row and snr < len(CONDITIONS) else "-inf"
    raise ValueError(
        f"reference {number}: snr is {snr!r}; a condition such as '0' or '+inf', or its class id, is needed"
    )


def _key_columns(
    references: Sequence[Reference], conditions: list[str], run: int, mode: str
) -> dict[str, NDArray[Any]]:
    import numpy as np

    def text(value: Any) -> str:
        return "" if value is None or (isinstance(value, float) and math.isnan(value)) else str(value)

    def column(values: Iterable[Any]) -> NDArray[Any]:
        return np.array(list(values), dtype=object)

    scenes = (row.get("scene") for row in references)
    return {name: column(text(row.get(key)) for row in references) for name, key in _TEXT_COLUMNS.items()} | {
        "scene": column(
            SCENES[scene] if isinstance(scene, int) and 0 <= scene < len(SCENES) else text(scene) for scene in scenes
        ),
        "condition": column(conditions),
        "run": np.full(len(references), run, dtype=np.int64),
        "mode": np.full(len(references), mode, dtype=object),
    }
