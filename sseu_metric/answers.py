"""Parse a model's raw answer into transcript, scene and events, in the model's own words.

Nothing is guessed: scene and events are not matched to the label lists here, and the status says what could not be
parsed. The prompts ask for the bare answer (one task) or for three lines `Transcript:`, `Scene:`, `Events:` (joint,
chain of thought); other forms are tolerated, in this order: JSON, labels, phrases, plain text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from .answer_blocks import find_fields, normalise_text
from .answer_headings import task_of
from .answer_json import JsonValue, find_objects, read_list
from .answer_values import ParseStatus, collect_events, is_refusal, read_events, read_scene, read_transcript
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
_TRANSCRIPT_KEYS = ("text", "transcript", "transcription", "content")
_NAME_KEYS = ("label", "name", "event", "sound", "scene", "class", "category", "type", "value", "answer")
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
    """

    transcript: str | None
    scene: str | None
    events: tuple[str, ...] | None
    status: Mapping[Task, ParseStatus]


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
        return ParsedAnswer(None, None, None, dict.fromkeys(tasks, ParseStatus.MISSING))
    clean = normalise_text(text)
    if not clean:
        blank = ParseStatus.UNPARSED if "<think" in text.lower() else ParseStatus.EMPTY
        return ParsedAnswer(None, None, None, dict.fromkeys(tasks, blank))
    transcript, scene, events = None, None, None
    status: dict[Task, ParseStatus] = {}
    fields = _find_fields(clean, tasks)
    for task in tasks:
        if task not in fields:
            status[task] = ParseStatus.REFUSED if not fields and is_refusal(clean) else ParseStatus.UNPARSED
        elif task == "asr":
            transcript, status[task] = _parse_text("asr", *fields[task])
        elif task == "asc":
            scene, status[task] = _parse_text("asc", *fields[task])
        else:
            events, status[task] = _parse_events(*fields[task])
    return ParsedAnswer(transcript, scene, events, status)


def _find_fields(text: str, tasks: tuple[Task, ...]) -> dict[Task, tuple[JsonValue, ParseStatus]]:
    """The JSON value or text of each task that is found."""
    if tasks == ("at",) and (values := read_list(text)) is not None:
        return {"at": (values, ParseStatus.JSON)}
    objects = find_objects(text) if "{" in text else []
    asked = [(fields, end) for value, _, end in objects if (fields := _json_fields(value, tasks))]
    complete = [pair for pair in asked if len(pair[0]) == len(tasks)]
    if complete:
        fields, end = complete[-1]
        after = find_fields(text[end:], tasks, prose=False)
        return {**after} if len(after) == len(tasks) else {task: (fields[task], ParseStatus.JSON) for task in tasks}
    ends = [0, *(end for _, _, end in objects)]
    starts = [*(start for _, start, _ in objects), len(text)]
    rest = "\n".join(text[end:start] for end, start in zip(ends, starts, strict=True))
    found: dict[Task, tuple[JsonValue, ParseStatus]] = {
        **find_fields(rest, tasks, prose=tasks not in (("asr",), ("at",)))
    }
    if len(found) < len(tasks):
        found |= {task: (value, ParseStatus.JSON) for fields, _ in asked for task, value in fields.items()}
    if not found and len(tasks) == 1 and rest.strip() and not _answers_another(rest, tasks[0]):
        return {tasks[0]: (rest, ParseStatus.PLAIN)}
    return found


def _answers_another(text: str, task: Task) -> bool:
    """Whether a text without a label of this task begins with one of another."""
    label, colon, _ = text.partition("\n")[0].replace("：", ":").partition(":")
    other = task_of(label) if colon and len(label) < 48 else None
    return (task == "asc" and other in ("asr", "at")) or (task == "at" and other == "asc" and "\n" not in text)


def _json_fields(value: JsonValue, tasks: tuple[Task, ...], depth: int = 0) -> dict[Task, JsonValue]:
    """The tasks' values in an object or in nested ones; those under "final answer" take precedence."""
    found: dict[Task, JsonValue] = {}
    final: dict[Task, JsonValue] = {}
    if not isinstance(value, dict) or depth == _MAX_NESTING:
        return found
    for key, item in value.items():
        inner = _json_fields(item[0] if isinstance(item, list) and len(item) == 1 else item, tasks, depth + 1)
        task = task_of(key)
        if task in tasks and task not in inner and not isinstance(item, bool):
            found[task] = item
        elif key.casefold().startswith("final"):
            final = inner
        found = {**found, **inner} if task in inner else {**inner, **found}  # {"speech": {"transcript": ...}}
    found |= final
    if not found and depth == 0 and len(tasks) == 1:
        found.update(
            (tasks[0], item) for key, item in value.items() if key.casefold().replace("_", " ") in _ANSWER_KEYS
        )
    return found


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
    elif isinstance(value, dict) and _inner_key(value) is None:
        yield from (normalise_text(name) for name, present in value.items() if present is not False)
    elif (text := _text(value, ", ")) is not None:
        yield text


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


def _parse_text(task: Literal["asr", "asc"], value: JsonValue, found: ParseStatus) -> tuple[str | None, ParseStatus]:
    text = _text(value, " " if task == "asr" else ", ")
    if text is None:
        return None, ParseStatus.UNPARSED
    if not text and found is ParseStatus.JSON:  # null, "" and [] mean that there is none
        return "", found
    return read_transcript(text, found) if task == "asr" else read_scene(text, found)


def _parse_events(value: JsonValue, found: ParseStatus) -> tuple[tuple[str, ...] | None, ParseStatus]:
    names = list(_names(value))
    # null, "", [], and an object in which all values are false mean that there are none
    if found is ParseStatus.JSON and not any(names) and (names or value == [] or isinstance(value, dict)):
        return (), found
    if not names:
        return None, ParseStatus.UNPARSED
    return read_events(names[0], found) if len(names) == 1 else collect_events(names, found)
