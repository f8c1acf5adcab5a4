"""Parse a model's raw answer into transcript, scene and events, in the model's own words.

Nothing is guessed: scene and events are not matched to the label lists here, and the status says what could not be
parsed. The prompts ask for the bare answer (one task) or for three lines `Transcript:`, `Scene:`, `Events:` (joint,
chain of thought); other forms are tolerated, in this order: JSON, labels, phrases, plain text.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias, cast

from .answer_blocks import find_fields
from .answer_cleaning import normalise_text
from .answer_headings import label_kind, task_of
from .answer_json import JsonValue, find_objects, read_list
from .answer_remarks import PROMPT
from .answer_transcript import read_transcript
from .answer_values import ParseStatus, Reading, collect_events, read_events, read_scene, refusal_in
from .tasks import Task

ParseMode: TypeAlias = Literal["asr", "asc", "at", "joint", "cot"]

_TASKS_OF: dict[ParseMode, tuple[Task, ...]] = {
    "asr": ("asr",),
    "asc": ("asc",),
    "at": ("at",),
    "joint": ("asr", "asc", "at"),
    "cot": ("asr", "asc", "at"),
}
_MAX_NESTING = 3
_MANY, _PROCESSES, _CHUNK = 20_000, 2, 2_000
_REMEMBERED = 400  # characters: longer texts do not repeat
_TRANSCRIPT_KEYS = ("text", "transcript", "transcription", "content", "word", "utterance")
_NAME_KEYS = (
    *(
        "final",
        "best",
        "label",
        "name",
        "event",
        "sound",
        "source",
        "scene",
        "class",
        "category",
        "type",
        "sound_event",
    ),
    *("event_label", "event_type", "description", "tag", "title", "value", "answer", "prediction", "top", "primary"),
)
_SEGMENT_KEYS = ("segments", "utterances", "sentences", "chunks", "lines", "turns")
_EXCUSE_KEYS = ("error", "message", "reason", "note", "refusal")
_TASK_KEYS = ("task", "name", "type", "field", "key")
_ANSWER_KEYS = ("answer", "label", "text", "result", "output", "response", "prediction", "value", "final answer")


@dataclass(frozen=True, slots=True)
class ParsedAnswer:
    """The content of one answer.

    Attributes:
        transcript: "" when the model says that there is no speech; None when not asked or not found.
        scene: "" when the model says that it is unknown; None when not asked or not found.
        events: Each named event once, in the order of the answer; () when the model says that there are none; None
            when not asked or not found.
        status: The parse status of each task asked for; a field is None exactly when its task is absent here or has
            the status `EMPTY`, `REFUSED`, `UNPARSED` or `MISSING`.
        rules: By which rule of the grammar each status came about.
    """

    transcript: str | None
    scene: str | None
    events: tuple[str, ...] | None
    status: Mapping[Task, ParseStatus]
    rules: Mapping[Task, str]

    def __reduce__(self) -> tuple[type[ParsedAnswer], tuple[object, ...]]:  # pickled in half the time
        return ParsedAnswer, (self.transcript, self.scene, self.events, self.status, self.rules)


def parse_answer(text: str | None, mode: ParseMode) -> ParsedAnswer:
    """Parse one answer, deterministically and in time linear in its length.

    Args:
        text: The raw answer, any text; None when there is no response.
        mode: The question it answers: one task, or all three (`joint`, `cot`).

    Returns:
        The fields asked for and their parse status. They hold no control characters and no lone surrogates.

    Raises:
        ValueError: The mode is unknown.
    """
    if mode not in _TASKS_OF:
        raise ValueError(f"mode={mode!r}: expected one of {', '.join(_TASKS_OF)}")
    tasks = _TASKS_OF[mode]
    if text is None:
        return ParsedAnswer(
            None, None, None, dict.fromkeys(tasks, ParseStatus.MISSING), dict.fromkeys(tasks, "no response")
        )
    clean = normalise_text(text)
    repeated = PROMPT.match(clean)
    clean = clean[repeated[1] :] if repeated else clean
    if not clean:
        rule = (
            "the prompt alone"
            if repeated or any(part in text for part in ("<event>", "<transcript>", "<scene>"))
            else "blank"
        )
        rule = "reasoning alone" if "think" in text.lower() else rule
        blank = ParseStatus.EMPTY if rule == "blank" else ParseStatus.UNPARSED
        return ParsedAnswer(None, None, None, dict.fromkeys(tasks, blank), dict.fromkeys(tasks, rule))
    fields = _find_fields(clean, tasks)
    found = {task: _read(task, *fields[task]) if task in fields else _not_found(clean, fields) for task in tasks}
    transcript, scene, events = (found[task].value if task in found else None for task in ("asr", "asc", "at"))
    return ParsedAnswer(
        cast("str | None", transcript),
        cast("str | None", scene),
        cast("tuple[str, ...] | None", events),
        {task: reading.status for task, reading in found.items()},
        {task: reading.rule for task, reading in found.items()},
    )


def parse_answers(asked: Sequence[tuple[str | None, ParseMode]]) -> list[ParsedAnswer]:
    """`parse_answer` of many answers, on two processes where there are many and the system can fork.

    Args:
        asked: Answers and the questions that they answer.
    """
    if len(asked) < _MANY or "fork" not in multiprocessing.get_all_start_methods():
        return [parse_answer(text, mode) for text, mode in asked]
    distinct = dict.fromkeys(asked)
    with multiprocessing.get_context("fork").Pool(_PROCESSES) as pool:
        parsed = dict(zip(distinct, pool.starmap(parse_answer, distinct, chunksize=_CHUNK), strict=True))
    return [parsed[question] for question in asked]


_Found: TypeAlias = tuple[JsonValue, ParseStatus, str]


def _not_found(clean: str, fields: Mapping[Task, _Found]) -> Reading:
    refusal = refusal_in(clean)
    if refusal:
        return Reading(None, ParseStatus.REFUSED, refusal)
    return Reading(None, ParseStatus.UNPARSED, "no field of this task" if fields else "no field")


def _find_fields(text: str, tasks: tuple[Task, ...]) -> dict[Task, _Found]:
    """The JSON value or text of each task that is found."""
    if tasks in (("at",), ("asr",)) and (values := read_list(text)) and (tasks == ("at",) or _segments(values)):
        return {tasks[0]: (values, ParseStatus.JSON, "JSON list")}
    objects = find_objects(text) if "{" in text else []
    listed = read_list(text) if text.startswith("[") else None
    if listed and len(tasks) > 1 and len(listed) > 1:
        objects = [({"answers": listed}, 0, len(text))]
    asked = [(fields, end) for value, _, end in objects if (fields := _json_fields(value, tasks))]
    complete = [pair for pair in asked if len(pair[0]) == len(tasks)]
    if complete:
        fields, end = complete[-1]
        after = find_fields(text[end:], tasks, prose=False)
        return {**after} if len(after) == len(tasks) else {task: _from_json(fields[task]) for task in tasks}
    ends = [0, *(end for _, _, end in objects)]
    starts = [*(start for _, start, _ in objects), len(text)]
    rest = "\n".join(text[end:start] for end, start in zip(ends, starts, strict=True))
    found: dict[Task, _Found] = {**find_fields(rest, tasks, prose=tasks not in (("asr",), ("at",)))}
    if len(found) < len(tasks):
        found |= {task: _from_json(value) for fields, _ in asked for task, value in fields.items()}
    if not found and len(tasks) == 1 and rest.strip() and not _answers_another(rest, tasks[0]):
        return {tasks[0]: (rest, ParseStatus.PLAIN, "the whole text")}
    return found


def _from_json(value: JsonValue) -> _Found:
    return value, ParseStatus.JSON, "JSON object"


def _segments(values: JsonValue) -> bool:
    """Whether a JSON list holds the pieces of a transcript."""
    return isinstance(values, list) and all(
        isinstance(value, dict) and any(key in value for key in _TRANSCRIPT_KEYS) for value in values
    )


def _answers_another(text: str, task: Task) -> bool:
    """Whether a text without a label of this task begins with one of another."""
    label, colon, _ = text.partition("\n")[0].replace("：", ":").partition(":")
    other = task_of(label) if colon and len(label) < 48 else None
    if task == "asr":  # one line may be spoken
        kinds = [task_of(line.partition(":")[0]) for line in text.split("\n", 4) if ":" in line]
        return len(kinds) > 1 and {"asc", "at"} == set(kinds)
    return (task == "asc" and other in ("asr", "at")) or (task == "at" and other == "asc" and "\n" not in text)


def _json_fields(value: JsonValue, tasks: tuple[Task, ...], depth: int = 0) -> dict[Task, JsonValue]:
    """The tasks' values in an object or in nested ones; those under "final answer" take precedence."""
    found: dict[Task, JsonValue] = {}
    final: dict[Task, JsonValue] = {}
    if not isinstance(value, dict) or depth == _MAX_NESTING:
        return found
    for key, item in value.items():
        inner: dict[Task, JsonValue] = {}
        for part in item if isinstance(item, list) and key.casefold() not in _SEGMENT_KEYS else [item]:
            inner |= _of_named_task(part, tasks) or _json_fields(part, tasks, depth + 1)
        task = task_of(key)
        if task is None and "asr" in tasks and key.casefold() in _SEGMENT_KEYS and _segments(item):
            task = "asr"
        if task in tasks and (task not in inner or isinstance(item, list)) and not isinstance(item, bool):
            found[task] = item
            inner.pop(task, None)
        elif key.casefold().startswith("final"):
            final = inner
        found = {**found, **inner} if task in inner else {**inner, **found}  # {"speech": {"transcript": ...}}
    found |= final
    excuse = next((value[key] for key in value if key.casefold() in _EXCUSE_KEYS), None)
    if isinstance(excuse, str) and refusal_in(excuse):  # {"transcript": null, "error": "No audio was provided."}
        found |= {task: excuse for task, item in found.items() if not item}
    if not found and depth == 0 and len(tasks) == 1:
        found.update(
            (tasks[0], item) for key, item in value.items() if key.casefold().replace("_", " ") in _ANSWER_KEYS
        )
        if not found and len(value) == 1 and isinstance(item, str) and label_kind(key) is None:
            found[tasks[0]] = item  # {"speaker_1": "..."}
    return found


def _of_named_task(value: JsonValue, tasks: tuple[Task, ...]) -> dict[Task, JsonValue]:
    """The value of {"task": "scene", "answer": "Home"}."""
    if not isinstance(value, dict):
        return {}
    keys = {key.casefold(): key for key in value}
    name = next((value[keys[key]] for key in _TASK_KEYS if key in keys), None)
    answer = next((keys[key] for key in _ANSWER_KEYS if key in keys), None)
    task = task_of(name) if isinstance(name, str) else None
    return {task: value[answer]} if task in tasks and task is not None and answer is not None else {}


def _inner_key(value: dict[str, JsonValue]) -> str | None:
    """The key under which an object holds its text or name."""
    keys = {key.casefold(): key for key in value}
    known = (keys[name] for name in (*_TRANSCRIPT_KEYS, *_NAME_KEYS) if name in keys)
    return next(known, next(filter(task_of, value), None))


def _names(value: JsonValue) -> Iterator[str]:
    """The names in a JSON list or object of events; {"dog": true, "cat": false} names the dog."""
    if isinstance(value, list):
        for item in value:
            yield from _names(item)
    elif isinstance(value, dict) and value and all(map(str.isdigit, value)):
        yield from _names(list(value.values()))
    elif isinstance(value, dict) and value and all(map(_is_list_of_names, value.values())):
        for item in value.values():  # {"foreground": [...], "background": [...]}
            yield from _names(item)
    elif isinstance(value, dict) and _inner_key(value) is None:
        yield from (normalise_text(name) for name, present in value.items() if present is not False)
    elif (text := _text(value, ", ")) is not None:
        yield text


def _is_list_of_names(value: JsonValue) -> bool:
    return isinstance(value, list) and all(isinstance(item, str | dict) for item in value)


def _text(value: JsonValue, joint: str) -> str | None:
    """The text of a JSON value: the joined items of a list, the value of an object's inner key."""
    if isinstance(value, str):
        return normalise_text(value)
    if isinstance(value, list):
        parts = [part for part in (_text(item, joint) for item in value) if part]
        return joint.join(parts) if parts or not value else None
    if isinstance(value, dict):
        key = _inner_key(value)
        return None if key is None else _text(value[key], joint)
    if value is None:
        return ""
    return None if isinstance(value, bool) else f"{value:g}"


def _read(task: Task, value: JsonValue, found: ParseStatus, rule: str) -> Reading:
    """Read the value of a field."""
    if isinstance(value, str) and found is ParseStatus.LABELLED and value.strip() in ("-", "–", "—", "--"):
        return Reading(() if task == "at" else "", found, "a dash")
    if isinstance(value, str) and len(value) < _REMEMBERED and found is not ParseStatus.JSON:
        return _read_again(task, value, found, rule)
    if task == "at":
        return _read_events(value, found, rule)
    text = _text(value, " " if task == "asr" else ", ")
    if text is None:
        return Reading(None, ParseStatus.UNPARSED, "no text")
    if not text and found is ParseStatus.JSON:  # null, "" and [] mean that there is none
        return Reading("", found, rule)
    return read_transcript(text, found, rule) if task == "asr" else read_scene(text, found, rule)


@lru_cache(maxsize=16_384)
def _read_again(task: Task, text: str, found: ParseStatus, rule: str) -> Reading:
    """Models say the same again and again: a short text of a field is read once."""
    reader = {"asr": read_transcript, "asc": read_scene, "at": read_events}[task]
    return reader(text, found, rule)


def _read_events(value: JsonValue, found: ParseStatus, rule: str) -> Reading:
    names = list(_names(value))
    # null, "", [], and an object in which all values are false mean that there are none
    if found is ParseStatus.JSON and not any(names) and (names or value == [] or isinstance(value, dict)):
        return Reading((), found, rule)
    if not names:
        return Reading(None, ParseStatus.UNPARSED, "no name")
    return read_events(names[0], found, rule) if len(names) == 1 else collect_events(names, found, rule)
