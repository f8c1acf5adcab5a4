"""Stage 2 and 3: labels, headings, tables and phrases of the cleaned text, and the field of each task.

A block is a run of fields in which no task repeats. The last complete block wins, since reasoning comes first; without
a complete one, the last field of each task does. Every scan is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple, TypeAlias

from .answer_headings import LABEL_REACH, TASK_OF_KIND, label_kind, task_of
from .answer_leads import ASR_LEAD, EVENTS_LEAD
from .answer_patterns import BULLET, TIME_AT_START, TIME_NEXT
from .answer_remarks import REMARK
from .answer_scene_leads import SCENE_LEAD
from .answer_values import ParseStatus
from .tasks import Task

# One class in front lets the scan run at the speed of C between the signs.
_SEPARATOR = re.compile(r"[:：=→|｜–—-](?:(?:(?<=[:：→|｜])|(?<==)=*+>?)[*_ ]{0,4}|(?:(?<=-)-?>?|(?<=[–—])) )")
_LABEL_MARKS = "\"'*_`"
_LETTER = re.compile(r"[^\W\d_]")
_HEADING = re.compile(r"^(?:#{1,6} ?|(?:\d{1,2}[.)] )?(?=\*\*|__))([^\n]{1,48})$", re.MULTILINE)
_BREAK = re.compile(r"[.;,:=!?|。；：，！？({\[\n]|(?<!\w)[\"']|[\"'](?!\w)")
_SENTENCE = re.compile(
    r"(?:\A|: (?=[Tt]he (?:final )?(?:scene|events) (?:is|are) )|"
    r"[.!?。！？\n][\"'”’」]?+ ?|[\"'”’」] | (?:but|and|while) |, (?=(?:so |thus |hence )?(?:the|this) "
    r"(?:scene|setting|environment|location) ))(?=\w)"
)
_SCENE_AND_SOUNDS = re.compile(r"^[^\n:]{0,8}\bcorrection: ([^\n;]{1,40}); ?([^\n]+)", re.IGNORECASE | re.MULTILINE)
_OPEN = re.compile(r"[(（\[][^()（）\[\]\n]*$")
_ABOUT_SPEECH = re.compile(r"[*_]{0,2}(?:speakers?|language|accent|gender|emotion|tone)\b[^\n]{0,40}")


class Field(NamedTuple):
    """The text of a task's field, how it was found and by which rule."""

    text: str
    status: ParseStatus
    rule: str


Fields: TypeAlias = dict[Task, Field]

_Block: TypeAlias = dict[Task, tuple[list[str], int]]  # values and level of the label


class _Mark(NamedTuple):
    """A label: where it starts, where its value starts, its kind, and its level (0 is the most certain)."""

    start: int
    end: int
    kind: str
    level: int


def _line_marks(text: str) -> Iterator[_Mark]:
    """Labels before a separator: at the start of a line (level 0, one a line) or inside one (level 1)."""
    labelled = -1
    for separator in _SEPARATOR.finditer(text):
        end = separator.start()
        if text[end - 1 : end] == " ":
            end -= 1
        elif separator[0][0] in "-–—":
            continue  # a hyphen
        reach = max(0, end - LABEL_REACH)
        end = reach + len(text[reach:end].rstrip(_LABEL_MARKS))
        line = text.rfind("\n", reach, end) + 1
        head = text[max(line, reach) : end]
        if not _LETTER.search(head, max(0, len(head) - 24)) or (
            ("(" in head or "[" in head or "（" in head) and _OPEN.search(head)
        ):
            continue
        if (line or reach == 0) and line != labelled:
            kind = label_kind(head)
            if kind == "speech" and ("-" in separator[0] or TIME_NEXT.match(text, separator.end())):
                continue  # a sound in a list, with its time
            if kind:
                labelled = line
                yield _Mark(line, separator.end(), kind, 0)
                continue
        if not any(character in separator[0] for character in ":：=|"):
            continue
        cut = 0
        for cut_match in _BREAK.finditer(head):
            cut = cut_match.end()
        clause = head[cut:].lstrip()
        words = clause.split(" ")
        for count in range(min(4, len(words)), 0, -1):
            name = " ".join(words[-count:])
            if not name[:1].isalpha():
                continue
            if (count == len(words) and cut) or name[:1].isupper() or not name[:1].isascii():
                kind = label_kind(name, numbered=False)
                if kind and kind not in ("speech", "stop", "event"):
                    start = end - len(name)
                    start = reach + len(text[reach:start].rstrip("\"'“*_{[(|"))  # the label's own marks
                    yield _Mark(start, separator.end(), kind, 1)
                    break


def _heading_marks(text: str) -> Iterator[_Mark]:
    """Headings (`# Scene`, `**Scene**`) with nothing after them on the line."""
    if "#" in text or "**" in text or "__" in text:
        for heading in _HEADING.finditer(text):
            kind = label_kind(heading[1].rstrip("*_#: "))
            if kind and (kind != "speech" or heading[0].startswith("#")):
                yield _Mark(heading.start(), heading.end(), kind, 0)


def _prose_marks(text: str, tasks: Collection[Task]) -> Iterator[_Mark]:
    """Sentences that begin with a phrase such as "The person says" (level 2)."""
    phrases = {"asr": ASR_LEAD, "asc": SCENE_LEAD, "at": EVENTS_LEAD}
    for sentence in _SENTENCE.finditer(text):
        for task in tasks:
            if phrases[task].match(text, sentence.end()):
                start = sentence.start() if sentence[0].startswith(" ") else sentence.end()
                yield _Mark(start, sentence.end(), task, 2)
                break


def _blocks(marks: list[_Mark], text: str) -> list[_Block]:
    """Group labels into blocks; a value is the text up to the next label."""
    blocks: list[_Block] = [{}]
    previous = ""
    ends = [*(mark.start for mark in marks[1:]), len(text)][: len(marks)]
    for mark, end in zip(marks, ends, strict=True):
        task = TASK_OF_KIND.get(mark.kind)
        value = text[mark.end : end]
        if mark.kind == "stop" and "asr" in blocks[-1] and not "".join(blocks[-1]["asr"][0]).strip(" \n*"):
            line = text.find("\n", mark.end, end) if _ABOUT_SPEECH.match(text[mark.start : end].casefold()) else -1
            rest = text[line:end] if line >= 0 else ""
            if not rest.strip() and "peaker" in text[mark.start : mark.end]:
                rest = value
            blocks[-1]["asr"] = ([rest], blocks[-1]["asr"][1])  # "Language: English" stands before the words
            continue
        if task and mark.kind == previous == "event":  # one label for each event
            blocks[-1][task][0].append(value)
        elif task:
            if task in blocks[-1]:
                blocks.append({})
            blocks[-1][task] = ([value], mark.level)
        elif mark.kind in ("final", "part"):
            blocks.append({})
        previous = mark.kind
    return blocks


def _list_part(text: str) -> str:
    """Keep the lines that belong to an events field: the first, then list items or a continued list."""
    kept: list[str] = []
    blank = False
    for line in text.strip().split("\n"):
        item = BULLET.match(line) is not None or TIME_AT_START.match(line) is not None
        short = line.count(" ") < 4 and not line.endswith((".", "!", "?", ":")) and not REMARK.match(f"\n{line}")
        continues = bool(kept) and (
            kept[-1].endswith((";", ",", "；", "，")) or (not blank and (short or text.startswith(("\n", " \n"))))
        )
        if line and kept and not item and not continues:
            break
        blank = not line
        if line:
            kept.append(line)
    return "\n".join(kept)


def _table(text: str, tasks: Collection[Task]) -> _Block | None:
    """Parse the first table whose header names all tasks; of the events column every row."""
    lines = text.split("\n")
    for number in range(1, len(lines) - 1):
        if "--" not in lines[number] or lines[number].strip("|-: ") or "|" not in lines[number - 1]:
            continue
        head = [task_of(cell) for cell in lines[number - 1].strip("| ").split("|")]
        if not all(task in head for task in tasks):
            continue
        columns: dict[Task, list[str]] = {task: [] for task in tasks}
        for line in lines[number + 1 :]:
            if "|" not in line:
                break
            for task, cell in zip(head, line.strip("| ").split("|"), strict=False):
                if task in columns and cell.strip():
                    columns[task].append(cell)
        return {task: (cells if task == "at" else cells[:1], 0) for task, cells in columns.items()}
    return None


def _last_complete(blocks: list[_Block], tasks: Collection[Task]) -> _Block | None:
    complete = [block for block in blocks if all(task in block for task in tasks)]
    filled = [block for block in complete if all(any(map(str.strip, block[task][0])) for task in tasks)]
    return next(reversed(filled or complete), None)


def find_fields(text: str, tasks: Collection[Task], *, prose: bool) -> Fields:
    """Find the text of each task's field.

    Args:
        text: An answer from `normalise_text`, without its JSON.
        tasks: The tasks asked for.
        prose: Whether sentences such as "The scene is ..." count as fields where the labels do not suffice.

    Returns:
        The tasks found, each with its text and `LABELLED` or `PROSE`.
    """
    if "\\n" in text and "\n" not in text:  # a model that writes the two characters
        text = text.replace("\\n", "\n")
    marks = sorted({mark.start: mark for mark in [*_heading_marks(text), *_line_marks(text)]}.values())
    if list(tasks) == ["at"]:  # then "Speech: male voice" is an event
        marks = [mark for mark in marks if mark.kind != "speech"]
    if len(tasks) == 1:  # "the answer: no" inside a line may be spoken
        marks = [mark for mark in marks if mark.kind not in ("final", "part") or not mark.level]
    if len(tasks) == 1 and not any(TASK_OF_KIND.get(mark.kind) in tasks for mark in marks):
        marks = [mark._replace(kind=next(iter(tasks))) if mark.kind == "final" else mark for mark in marks]
    found = _table(text, tasks) if "|" in text and "--" in text else None
    found = found or _last_complete(_blocks([mark for mark in marks if mark.level == 0], text), tasks)
    found = found or _last_complete(blocks := _blocks(marks, text), tasks)
    if found is None:
        if prose:
            marks = sorted({mark.start: mark for mark in [*_prose_marks(text, tasks), *marks]}.values())
            blocks = _blocks(marks, text)
        found = {task: field for block in blocks for task, field in block.items() if field[1] == 2}
        found |= {task: field for block in blocks for task, field in block.items() if field[1] < 2}
        if len(tasks) > 1 and "asr" in found and len(found) == 1 and (step := _SCENE_AND_SOUNDS.search(text)):
            found |= {"asc": ([step[1]], 1), "at": ([step[2]], 1)}  # the fifth step, and no lines behind it
    fields: Fields = {}
    for task in tasks:
        if task in found:
            values, level = found[task]
            raw = values[0] if len(values) == 1 else ";\n".join(value.strip(" \n;|,") for value in values)
            raw = _list_part(raw) if task == "at" and level < 2 else raw.strip(" \n;|,")
            status = ParseStatus.PROSE if level == 2 else ParseStatus.LABELLED
            fields[task] = Field(raw, status, ("label at a line's start", "label inside a line", "sentence")[level])
    return fields
