"""Score and compare JSON Lines files of answers; errors name file and line.

A line is `{"prediction": ..., "reference": ...}`, or predictions and references stand in two files, line by line.
predictions.py and references.py say what both may be. `result_tables` prints what is found here.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .controls import CONTROLS
from .embedder_protocol import Embedder
from .embedders import check_spec
from .encoding import encode_predictions, encode_references, score_encoded, tasks_of
from .normalisers import DEFAULT_NORMALISER
from .scores import Scores
from .scoring import score
from .significance import Comparison, compare
from .summary import clusters_of, summarise, undefined, values_of

FLOORS: tuple[str, ...] = ("no-answer", "majority")
"""Controls whose scores accompany every result; they do not depend on the embedder."""


@dataclass(frozen=True)
class _Answers:
    """The rows of a file as JSON text (encoding.py), and the line of each, from 1."""

    source: str
    predictions: list[str]
    references: list[str]
    lines: list[int]


@dataclass(frozen=True)
class FileComparison:
    """Two files compared, and how they were scored.

    Attributes:
        comparisons: One for each metric that both files have, at least one.
        undefined: Task -> why its metrics are not compared.
        counts: For both files: task -> number of answers, and number by status.
        clusters: Metric -> what its interval is about (`summary.clusters_of`), and under `unknown` why there is none.
        embedder: Id, revision and dimension; None where none was needed.
        normalizer: Name and version; None without ASR.
    """

    comparisons: tuple[Comparison, ...]
    undefined: Mapping[str, str]
    counts: tuple[Mapping[str, Mapping[str, int]], Mapping[str, Mapping[str, int]]]
    clusters: Mapping[str, Mapping[str, Any]]
    embedder: Mapping[str, Any] | None
    normalizer: str | None


def score_file(
    file: str | Path | None = None,
    *,
    predictions: str | Path | None = None,
    references: str | Path | None = None,
    configuration: str = "joint",
    embedder: str | Embedder | None = None,
    normalizer: str = DEFAULT_NORMALISER,
    intervals: bool = True,
) -> dict[str, Any]:
    """Score one file of answers, or predictions and references in two files.

    Args:
        file: JSON Lines with `prediction` and `reference` in each.
        predictions: JSON Lines with a prediction in each.
        references: JSON Lines with a reference in each.
        configuration: One of `tasks.CONFIGURATIONS`.
        embedder: See `score`.
        normalizer: See `score`.
        intervals: Compute 95 % intervals too.

    Returns:
        What `summarise` returns, and `floors`: control -> metric -> percent on the same references.

    Raises:
        ValueError: Neither or both ways are given, a file cannot be read, a line is broken, or the two files have
            unequal numbers of lines.
        ImportError: The embedder's package is missing.
        EmbedderError: The embedder cannot answer.
    """
    answers = _read_answers(file, predictions, references, configuration)
    scores = _score(answers, configuration, embedder, normalizer)
    return summarise(scores, intervals=intervals) | {"floors": _floors(answers, configuration)}


def compare_files(
    a: str | Path,
    b: str | Path,
    *,
    configuration: str = "joint",
    embedder: str | Embedder | None = None,
    normalizer: str = DEFAULT_NORMALISER,
) -> FileComparison:
    """Compare two files of answers on the same references, metric by metric.

    Rows are paired by `id`, or by the number of their line where a reference has none.

    Args:
        a: JSON Lines with `prediction` and `reference` in each.
        b: The same for the other system.
        configuration: One of `tasks.CONFIGURATIONS`.
        embedder: See `score`.
        normalizer: See `score`.

    Raises:
        ValueError: As `score_file`, or the two are not about the same clips, or define no metric.
        ImportError: The embedder's package is missing.
        EmbedderError: The embedder cannot answer.
    """
    first, second = (_with_ids(_read_answers(path, None, None, configuration)) for path in (a, b))
    _check_same_clips(first, second)
    ours, theirs = (_score(answers, configuration, embedder, normalizer) for answers in (first, second))
    metrics = [metric for metric in values_of(ours) if metric in values_of(theirs)]
    reasons = undefined(theirs) | undefined(ours)
    if not metrics:
        raise ValueError(f"{a if undefined(ours) else b}: {'; '.join(reasons.values())}")
    comparisons = tuple(compare(ours, theirs, metric) for metric in metrics)
    return FileComparison(
        comparisons=comparisons,
        undefined=reasons,
        counts=(ours.counts(), theirs.counts()),
        clusters={
            one.metric: clusters_of(ours, one.metric) | {"unknown": {} if one.unknown is None else {"all": one.unknown}}
            for one in comparisons
        },
        embedder=ours.embedder or theirs.embedder,
        normalizer=ours.normalizer,
    )


def _check_same_clips(a: _Answers, b: _Answers) -> None:
    if sorted(a.references) == sorted(b.references):
        return
    references = [[json.loads(reference) for reference in answers.references] for answers in (a, b)]
    ids_a, ids_b = (Counter(str(row["id"]) for row in rows) for rows in references)
    only = [
        f"{_number(found.total(), 'clip')} only in {answers.source} (first: {next(iter(found))})"
        for found, answers in ((ids_a - ids_b, a), (ids_b - ids_a, b))
        if found
    ]
    remedy = "keep the clips that both files have"
    if not only:
        by_id = {str(row["id"]): row for row in references[1]}
        changed = [name for row in references[0] if by_id[name := str(row["id"])] != row]
        only = [f"{_number(len(changed), 'clip')} with different ground truth (first: {changed[0]})"]
        remedy = "give both files the same references"
    counts = f"{len(a.references)} and {len(b.references)} references"
    raise ValueError(f"{a.source} and {b.source} are not about the same clips: {counts}; {', '.join(only)}; {remedy}")


def _read_answers(
    file: str | Path | None, predictions: str | Path | None, references: str | Path | None, configuration: str
) -> _Answers:
    tasks_of(configuration)  # refused before anything is read
    if file is not None and predictions is None and references is None:
        source, rows = str(file), _read_lines(Path(file))
        for number, row in rows:
            if not isinstance(row, dict) or not {"prediction", "reference"} <= row.keys():
                raise ValueError(f'{file} line {number}: an object with "prediction" and "reference" is needed')
        given, truth = [row["prediction"] for _, row in rows], [row["reference"] for _, row in rows]
    elif file is None and predictions is not None and references is not None:
        source = f"{predictions}, {references}"
        rows, second = _read_lines(Path(predictions)), _read_lines(Path(references))
        if len(rows) != len(second):
            raise ValueError(
                f"{predictions} has {_number(len(rows), 'line')}, {references} has {_number(len(second), 'line')}"
            )
        given, truth = [row for _, row in rows], [row for _, row in second]
    else:
        raise ValueError("give FILE, or both --predictions and --references")
    lines = [number for number, _ in rows]
    with _naming_lines(source, lines):
        return _Answers(source, encode_predictions(given), encode_references(truth, configuration), lines)


def _read_lines(path: Path) -> list[tuple[int, Any]]:
    """The values of a JSON Lines file with the numbers of their lines; blank lines are skipped."""
    found = []
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    found.append((number, json.loads(_decode(line))))
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path} line {number}: not UTF-8 text; save the file as UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} line {number}: not JSON ({error})") from None
    if not found:
        raise ValueError(f"{path}: no lines")
    return found


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _decode(line: bytes) -> str:
    """The text of a line; UTF-16 without a mark is valid UTF-8 full of NUL characters, which JSON never holds."""
    if (place := line.find(0)) >= 0:
        raise UnicodeDecodeError("utf-8", line, place, place + 1, "NUL character")
    return line.decode("utf-8-sig")


def _score(answers: _Answers, configuration: str, embedder: str | Embedder | None, normalizer: str) -> Scores:
    if isinstance(embedder, str):
        check_spec(embedder)  # refused without naming the file, which has no part in it
    with _naming_lines(answers.source, answers.lines):
        return score_encoded(
            answers.predictions, answers.references, configuration, embedder=embedder, normalizer=normalizer
        )


@contextmanager
def _naming_lines(source: str, lines: list[int]) -> Iterator[None]:
    """Add the file, and the line of the row that it names, to a ValueError."""
    try:
        yield
    except ValueError as error:
        named = re.match(r"(?:prediction|reference) (\d+)\b", str(error))
        at = f" line {lines[int(named[1])]}" if named else ""
        raise ValueError(f"{source}{at}: {error}") from None


def _floors(answers: _Answers, configuration: str) -> dict[str, dict[str, float]]:
    references = [json.loads(reference) for reference in answers.references]
    tasks = tasks_of(configuration)
    return {
        name: values_of(score(CONTROLS[name](references), references, tasks=tasks, embedder="exact")) for name in FLOORS
    }


def _with_ids(answers: _Answers) -> _Answers:
    """The answers with the line's number as id where a reference has none, so that equal lines make a pair."""
    rows = zip(map(json.loads, answers.references), answers.lines, strict=True)
    named = [row if row.get("id") else {"id": None} | row | {"id": f"line {line}"} for row, line in rows]
    return replace(answers, references=[json.dumps(row) for row in named])
