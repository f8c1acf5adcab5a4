"""Locate transcript, scene and events in a model's answer: labels, headings, tables, tags, phrases.

A block is a run of fields in which no task repeats. The last complete block wins, since reasoning comes first; without
a complete one, the last field of each task does. Every scan is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple, TypeAlias

from .answer_headings import LABEL_REACH, TASK_OF_KIND, label_kind, task_of
from .answer_phrases import ASR_LEAD, BULLET, EVENTS_LEAD, SCENE_LEAD, TIME_NEXT
from .answer_values import ParseStatus
from .tasks import Task

Fields: TypeAlias = dict[Task, tuple[str, ParseStatus]]

_SEPARATOR = re.compile(r"[\"'*_`\])]{0,4}+ ?(?:[:：]|=+>?|→|[|｜])[*_ ]{0,4}|[*_]{0,2}+ (?:-{1,2}>?|[–—]) ")
_LETTER = re.compile(r"[^\W\d_]")
_HEADING = re.compile(r"^(?:#{1,6} ?|(?:\d{1,2}[.)] )?(?=\*\*|__))([^\n]{1,48})$", re.MULTILINE)
_BREAK = re.compile(r"[.;,!?|。；，！？({\[\n]|(?<!\w)[\"']|[\"'](?!\w)")
_SENTENCE = re.compile(r"(?:\A|[.!?。！？\n][\"'”’」]?+ ?|[\"'”’」] | (?:but|and|while) )(?=\w)")

_CONTROLS = r"\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ud800-\udfff"
_UNUSED = re.compile(f"[{_CONTROLS}]")
_UNTIDY = re.compile(rf"[<`{_CONTROLS}]|[^\S \n]|  | \n|\n |\n\n\n")
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n]++")
_LINE_EDGES = re.compile(r" ?\n ?")
_BLANK_LINES = re.compile(r"\n{3,}+")
_REASONING = re.compile(r"<(/?)(think|thinking|thought|reasoning|reflection)>", re.IGNORECASE)
_SPECIAL = re.compile(
    r"<\|[^|<>\n]{0,80}\|>|</?(?:s|unk|pad|eos|bos|b|i|u|em|strong|p|div|span|audio(?:_\d+)?|tts_\w{1,10}|answer)>",
    re.IGNORECASE,
)
_FENCE = re.compile(r"`{3,}+(?:(?:json|text|markdown|yaml|xml|python)\b|[ \t]?\w{0,20}+(?=\n))?")
_TIME_TOKEN = re.compile(r"<\|(\d[\d.:]{0,12})\|>")
_TAG = re.compile(r"<(/?)([^\W\d][^<>\n/|]{0,40})/?>")


def normalise_text(text: str) -> str:
    """Remove reasoning, special tokens, tags, control characters and lone surrogates; collapse spaces.

    Unclosed reasoning leaves no answer: the result is then blank although the text is not.
    """
    if _UNTIDY.search(text) is None:
        return text.strip()
    text = _LINE_ENDS.sub("\n", _UNUSED.sub("", text))
    if "<" in text:
        text = _strip_tags(_strip_reasoning(text))
    text = _SPACES.sub(" ", _FENCE.sub("\n", text))
    return _BLANK_LINES.sub("\n\n", _LINE_EDGES.sub("\n", text)).strip()


def _strip_reasoning(text: str) -> str:
    kept: list[str] = []
    start = depth = 0
    for tag in _REASONING.finditer(text):
        if tag[1]:
            if depth == 0:  # the opening tag stood in the prompt
                kept.clear()
            depth, start = 0, tag.end()
        elif depth == 0:
            kept.append(text[start : tag.start()])
            depth = 1
    return "\n".join([*kept, *([text[start:]] if depth == 0 else [])])


def _strip_tags(text: str) -> str:
    text = _SPECIAL.sub(" ", _TIME_TOKEN.sub(r" [\1] ", re.sub(r"<br ?/?>", "\n", text, flags=re.IGNORECASE)))
    closed = {tag[2].casefold() for tag in _TAG.finditer(text) if tag[1]}

    def replace(tag: re.Match[str]) -> str:
        name = tag[2].casefold()
        kind = label_kind(name)
        if name in closed and kind is not None:  # <scene>home</scene>
            return "\n" if tag[1] else f"\n{tag[2]}: "
        if tag[1] or name in closed or kind is not None:  # markup, or a place holder of the prompt
            return ""
        before = text[max(0, tag.start() - 2) : tag.start()].strip(" \"'")[-1:]
        after = text[tag.end() : tag.end() + 2].strip(" \"'.")[:1]
        alone = before in ("", *"\n:：;；,，=") and after in ("", *"\n;；,，")
        return tag[2] if alone else " "  # <Home> for Home, but no <noise> inside a sentence

    return _TAG.sub(replace, text)


_Block: TypeAlias = dict[Task, tuple[list[str], int]]  # values and level of the label


class _Mark(NamedTuple):
    """A label: where it starts, where its value starts, its kind, and its level (0 is the most certain)."""

    start: int
    end: int
    kind: str
    level: int


def _line_marks(text: str) -> Iterator[_Mark]:
    """Labels before a separator: at the start of a line (level 0) or inside one (level 1)."""
    for separator in _SEPARATOR.finditer(text):
        end = separator.start()
        reach = max(0, end - LABEL_REACH)
        line = text.rfind("\n", reach, end) + 1
        head = text[max(line, reach) : end]
        if not _LETTER.search(head, max(0, len(head) - 6)):
            continue
        if line or reach == 0:
            kind = label_kind(head)
            if kind == "speech" and ("-" in separator[0] or TIME_NEXT.match(text, separator.end())):
                continue  # a sound in a list, with its time
            if kind:
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
    leads = {"asr": ASR_LEAD, "asc": SCENE_LEAD, "at": EVENTS_LEAD}
    for sentence in _SENTENCE.finditer(text):
        for task in tasks:
            lead = leads[task].match(text, sentence.end())
            if lead and lead.end() > lead.start():
                start = sentence.start() if sentence[0].startswith(" ") else lead.start()
                yield _Mark(start, lead.start(), task, 2)
                break


def _blocks(marks: list[_Mark], text: str) -> list[_Block]:
    """Group labels into blocks; a value is the text up to the next label."""
    blocks: list[_Block] = [{}]
    previous = ""
    ends = [*(mark.start for mark in marks[1:]), len(text)][: len(marks)]
    for mark, end in zip(marks, ends, strict=True):
        task = TASK_OF_KIND.get(mark.kind)
        value = text[mark.end : end]
        if task and mark.kind == previous == "event":  # one label for each event
            blocks[-1][task][0].append(value)
        elif task:
            if task in blocks[-1]:
                blocks.append({})
            blocks[-1][task] = ([value], mark.level)
        elif mark.kind == "final":
            blocks.append({})
        previous = mark.kind
    return blocks


def _list_part(text: str) -> str:
    """Keep the lines that belong to an events field: the first, then list items or a continued list."""
    kept: list[str] = []
    blank = False
    for line in text.strip().split("\n"):
        bullet = BULLET.match(line) is not None
        continues = bool(kept) and (
            kept[-1].endswith((";", ",", "；", "，")) or (text.startswith(("\n", " \n")) and not blank)
        )
        if line and kept and not bullet and not continues:
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
    if len(tasks) == 1 and not any(TASK_OF_KIND.get(mark.kind) in tasks for mark in marks):
        marks = [
            mark._replace(kind=next(iter(tasks))) if mark.kind == "final" and not mark.level else mark for mark in marks
        ]
    found = _table(text, tasks) if "|" in text and "--" in text else None
    found = found or _last_complete(_blocks([mark for mark in marks if mark.level == 0], text), tasks)
    found = found or _last_complete(blocks := _blocks(marks, text), tasks)
    if found is None:
        if prose:
            marks = sorted({mark.start: mark for mark in [*_prose_marks(text, tasks), *marks]}.values())
            blocks = _blocks(marks, text)
        found = {task: field for block in blocks for task, field in block.items() if field[1] == 2}
        found |= {task: field for block in blocks for task, field in block.items() if field[1] < 2}
    fields: Fields = {}
    for task in tasks:
        if task in found:
            values, level = found[task]
            raw = values[0] if len(values) == 1 else ";\n".join(value.strip(" \n;|,") for value in values)
            raw = _list_part(raw) if task == "at" and level < 2 else raw.strip(" \n;|,")
            fields[task] = (raw, ParseStatus.PROSE if level == 2 else ParseStatus.LABELLED)
    return fields
