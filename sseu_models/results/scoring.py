"""From the answers of a log to `Scores`, and to what `scores.json` holds: a pure function of plan and answers.

Every question of the plan is scored. One without an answer counts as missing, never as an answer; the status of a read
answer says how it was read. Where a run has no answer at all in a condition there is no score (`sseu_metric.scores`).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sseu_metric.answers import ParsedAnswer, ParseMode, parse_answers
from sseu_metric.averages import average, conditions_in
from sseu_metric.conditions import counts_for, finite, ordered
from sseu_metric.embedder_protocol import Embedder
from sseu_metric.hallucinations import find_invented, invented_scores
from sseu_metric.lite import as_lite
from sseu_metric.memory import add_memory
from sseu_metric.normalisers import DEFAULT_NORMALISER, normalise
from sseu_metric.predictions import SCORE_FIELDS, Prediction
from sseu_metric.scores import Scores
from sseu_metric.scoring import score
from sseu_metric.summary import summarise, values_of
from sseu_metric.tasks import METRICS
from sseu_metric.tasks import TASKS as ALL_TASKS
from sseu_models.job import Key
from sseu_models.kinds import CUT_SPEECH, NO_FRONTEND
from sseu_models.planning import EMPTY_CONDITIONS, PlannedClip, Reference, flatten
from sseu_models.records import TASKS, Mode, Task
from sseu_models.results.log import Answer
from sseu_models.speech_cut import heard_share

if TYPE_CHECKING:
    from sseu_models.results.scores_file import ScoresFile

_PARSE_MODES: Mapping[Task, ParseMode] = {"asr": "asr", "asc": "asc", "at": "at", "all": "joint"}


def score_answers(
    clips: Sequence[PlannedClip],
    answers: Mapping[Key, Answer],
    *,
    embedder: str | Embedder | None = None,
    normalizer: str = DEFAULT_NORMALISER,
    frontend: str = NO_FRONTEND,
    progress: bool = False,
) -> dict[str, Scores]:
    """The scores of each mode.

    Args:
        clips: The plan.
        answers: The answers that count (`log.first_success`).
        embedder: See `sseu_metric.score`.
        normalizer: See `sseu_metric.score`.
        frontend: Name of the front end; behind `cut-speech` it is counted too which words were remembered.
        progress: Show a bar on a terminal.

    Raises:
        ValueError: As `sseu_metric.score`.
        ImportError: The embedder's package is missing.
        EmbedderError: The embedder cannot answer.
    """
    from tqdm import tqdm

    from sseu_metric.embedders import make_embedder

    asked: defaultdict[tuple[Mode, Task, int], list[Reference]] = defaultdict(list)
    for reference, key in flatten(clips):
        if key.task == "all" or counts_for(key.task, reference["condition"]):  # else it is the noise probe's
            asked[key.mode, key.task, key.run].append(reference)
    has_text = any(answer.text is not None and answer.task != "asr" for answer in answers.values())
    made = make_embedder(embedder) if has_text else None
    parsed = _parsed(answers)
    found: dict[str, Scores] = {}
    for (mode, task, run), references in tqdm(
        asked.items(), desc="scoring", unit="part", disable=None if progress else True, leave=False, delay=1.0
    ):
        part = score(
            [_prediction(parsed, answers, Key(row["id"], mode, task, run)) for row in references],
            references,
            tasks=ALL_TASKS if task == "all" else (task,),
            mode=mode,
            run=run,
            embedder=made,
            normalizer=normalizer,
        )
        if frontend == CUT_SPEECH and "asr" in part.tables:
            part = _with_memory(part, references, parsed, Key("", mode, task, run), normalizer)
        found[mode] = found[mode] + part if mode in found else part
    probabilities = {(clip.reference["id"], str(task)): p for clip in clips for task, p in clip.probabilities.items()}
    return {mode: as_lite(scores, probabilities) for mode, scores in found.items()} if probabilities else found


def _with_memory(
    scores: Scores, references: Sequence[Reference], parsed: Mapping[Key, ParsedAnswer], key: Key, normalizer: str
) -> Scores:
    """The scores with what is remembered of the end of each utterance; `key` is that of the answers, without a clip."""
    rows = scores.tables["asr"]
    pairs = {row["id"]: row["pair_id"] for row in references}
    answers = [parsed.get(key._replace(id=name)) for name in rows["id"].tolist()]
    texts = [(answer and answer.transcript) or "" for answer in answers]
    heard = [heard_share(pairs[name]) for name in rows["id"].tolist()]
    return replace(scores, tables={**scores.tables, "asr": add_memory(rows, texts, heard, normalizer)})


def _parsed(answers: Mapping[Key, Answer]) -> dict[Key, ParsedAnswer]:
    """What each answer in words says."""
    keys = [key for key, answer in answers.items() if answer.status == "ok" and answer.scores is None]
    asked = [(answers[key].text, _PARSE_MODES[key.task]) for key in keys]
    return dict(zip(keys, parse_answers(asked), strict=True))


def _prediction(parsed: Mapping[Key, ParsedAnswer], answers: Mapping[Key, Answer], key: Key) -> Prediction:
    """A classifier's scores or what an answer says; None where no answer came."""
    if key in parsed:
        return parsed[key]
    answer = answers.get(key)
    if answer is None or answer.status != "ok" or answer.scores is None:
        return None
    return {SCORE_FIELDS[key.task]: answer.scores}


def describe(
    scores: Mapping[str, Scores],
    clips: Sequence[PlannedClip],
    answers: Mapping[Key, Answer],
    *,
    conditions: Sequence[str],
    limitations: Sequence[str] = (),
    normalizer: str = DEFAULT_NORMALISER,
    intervals: bool = True,
) -> ScoresFile:
    """What `scores.json` holds.

    Args:
        scores: From `score_answers`.
        clips: The plan.
        answers: The answers that count.
        conditions: All conditions of the dataset.
        limitations: Why these are not scores of the whole benchmark (`Result.limitations`).
        normalizer: For the noise probe.
        intervals: Compute 95 % intervals too.
    """
    from sseu_models.results.record import SCHEMA_VERSION
    from sseu_models.results.scores_file import ScoresFile

    modes = {
        mode: summarise(scores[mode], intervals=intervals)
        | {"by_run": _by_run(scores[mode]), "averages": _averages(scores[mode], conditions)}
        for mode in TASKS
        if mode in scores
    }
    described: dict[str, Any] = {"schema_version": SCHEMA_VERSION, "limitations": list(limitations), "modes": modes}
    if probe := _noise_probe(clips, answers, normalizer):
        described["noise_probe"] = probe
    return ScoresFile.model_validate_json(json.dumps(described))  # from JSON, where tuples are lists


def _by_run(scores: Scores) -> list[dict[str, Any]]:
    """The metrics of each run, as a whole and in each condition."""
    by_run = []
    for run, part in scores.by("run").items():
        values = values_of(part)
        cells = {condition: cell for condition, cell in part.by("condition").items() if condition}
        by_condition = {condition: values_of(cells[condition]) for condition in ordered(cells)}
        by_run.append({"run": run, **values, "by_condition": by_condition})
    return sorted(by_run, key=lambda found: int(found["run"]))


def _averages(scores: Scores, conditions: Sequence[str]) -> dict[str, dict[str, Any]]:
    """For each metric the conditions its average is over, and the average of Table 2 of the paper (section 3).

    The score of a mode is the plain mean over the conditions in which it was asked and that count for the metric. Table
    2 averages over the dataset's finite conditions in every mode; None where one of them was not asked, or no answer
    came in it.
    """
    found: dict[str, dict[str, Any]] = {}
    for metric in METRICS:
        if runs := scores.values(metric).values():
            averaged = () if scores.value(metric) is None else conditions_in(runs)
            table_2 = average(runs, finite(conditions))
            found[metric] = {"conditions": averaged, "finite": None if table_2 is None else table_2.value}
    return found


def _noise_probe(
    clips: Sequence[PlannedClip], answers: Mapping[Key, Answer], normalizer: str
) -> dict[str, dict[str, Any]]:
    """What answers in words name where there is none of it, by mode and task: words in `-inf`, events in `+inf`."""
    asked: defaultdict[tuple[str, str], list[tuple[Reference, Key]]] = defaultdict(list)
    for reference, key in flatten(clips):
        tasks: Iterable[str] = EMPTY_CONDITIONS if key.task == "all" else (key.task,)
        for task in tasks:
            if reference["condition"] == EMPTY_CONDITIONS.get(task):
                asked[key.mode, task].append((reference, key))
    found: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for (mode, task), questions in sorted(asked.items()):
        came = [(row, key, text) for row, key in questions if (text := _text(answers.get(key))) is not None]
        parsed = parse_answers([(text, _PARSE_MODES[key.task]) for _, key, text in came])
        named: list[Any] = (
            normalise([one.transcript or "" for one in parsed], normalizer)
            if task == "asr"
            else [one.events or () for one in parsed]
        )
        if came:
            references, runs = [row for row, *_ in came], [key.run for _, key, _ in came]
            invented = find_invented(invented_scores(task, named, references, runs))
            found[mode][task] = {"asked": len(questions)} | invented
    return dict(found)


def _text(answer: Answer | None) -> str | None:
    return None if answer is None else answer.text
