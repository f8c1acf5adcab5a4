"""Stage 4: scene or events from the text of one field; answer_transcript.py reads the words.

The text must be cleaned by `answer_cleaning.normalise_text`: no control characters, no runs of spaces. Every pattern is
bounded or possessive, so reading takes linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from . import answer_denials as denials
from . import answer_leads as leads
from . import answer_patterns as patterns
from . import answer_remarks as remarks
from . import answer_scene_leads as scene_leads
from .answer_phrases import Phrases
from .answer_quotes import unquote

MAX_EVENTS = 100
MAX_NAME_LENGTH = 200


class ParseStatus(StrEnum):
    """Parse status of one task; the first five come with a value, the others with None.

    Attributes:
        JSON: From a JSON object or list.
        LABELLED: After a label such as `Scene:`, in a table cell, under a heading or between tags.
        PROSE: After a phrase such as "The person says".
        PLAIN: The whole text is the answer (for a scene: its first sentence).
        CAPPED: Truncated to `MAX_EVENTS` distinct events, or a name to `MAX_NAME_LENGTH` characters.
        EMPTY: The response is blank, or a label with nothing after it.
        REFUSED: The model says that it cannot answer.
        UNPARSED: The text holds no answer to this task.
        MISSING: There is no response.
    """

    JSON = "json"
    LABELLED = "labelled"
    PROSE = "prose"
    PLAIN = "plain"
    CAPPED = "capped"
    EMPTY = "empty"
    REFUSED = "refused"
    UNPARSED = "unparsed"
    MISSING = "missing"


class Reading(NamedTuple):
    """What was read of a field: its value, how, and by which rule."""

    value: str | tuple[str, ...] | None
    status: ParseStatus
    rule: str


def nothing(text: str, rule: str) -> Reading:
    """The reading of a text without words."""
    return Reading(None, ParseStatus.UNPARSED, "no word") if text.strip() else Reading(None, ParseStatus.EMPTY, rule)


def refusal_in(text: str) -> str | None:
    """The phrase by which the text begins like a refusal; not for transcripts, which may hold the same words."""
    found = denials.REFUSAL.match(text)
    return found and found[0]


def skip(pattern: re.Pattern[str], text: str) -> str:
    """The text after what the pattern matches at its start."""
    match = pattern.match(text)
    return text[match.end() :] if match else text


def before(some: Phrases, text: str) -> str:
    """The text before the first of the phrases."""
    found = some.search(text)
    return text[: found[1]] if found else text


def as_prose(status: ParseStatus) -> ParseStatus:
    """The status once a leading phrase is removed."""
    return ParseStatus.PROSE if status is ParseStatus.PLAIN else status


def _clean_name(text: str) -> str:
    """Strip marks, times, confidences, numbering and brackets from the name of a scene or event."""
    text = skip(patterns.BULLET, patterns.DECORATION.sub("", text).strip())
    if patterns.DIGIT.search(text) or "onfidence" in text:
        text = patterns.HOLLOW_BRACKETS.sub("", patterns.TIME_OR_CONFIDENCE.sub("", text))
    text = text.replace("_", " ").strip(patterns.EDGE)
    if text and text[0] in "[(<{（【" and text[-1] in "])>}）】":
        text = text[1:-1]
    text = text.strip(patterns.EDGE + "<>[]{}")
    if ")" in text[-1:] and "(" not in text:
        text = text[:-1]
    elif "(" in text[:1] and ")" not in text:
        text = text[1:]
    return " ".join(text.split())


def _scene_after_leads(text: str) -> tuple[str, str | None]:
    """The text after all that leads up to the scene, and the last phrase of it."""
    rule = None
    for _ in range(6):
        found = scene_leads.SCENE_LEAD.match(text) or scene_leads.SCENE_STEP.match(text)
        if found is None:
            break
        rule, end = found
        text = text[end:].lstrip(" :：,\n\"'“‘")
    return text, rule


def _scene_inside(text: str) -> tuple[str, str] | None:
    """What the last sentence that concludes on a scene names, and by which phrase."""
    last, start = None, 0
    while found := scene_leads.RECORDED_IN.search(text, start):
        last, start = found, max(found[2], found[1] + 1)
    return None if last is None else (text[last[2] :], last[0])


def read_scene(text: str, status: ParseStatus, rule: str) -> Reading:
    """Read the scene, in the model's own words without an article; "" when the model says that it cannot be told.

    The scene is the first sentence of the first line, without what leads up to it and what explains it; where that
    names none, what a later sentence concludes.
    """
    text = patterns.DECORATION.sub("", text).strip()
    first = text.partition("\n")[0]
    if status is ParseStatus.LABELLED and first.count(" ") < 6:  # an explanation in a paragraph below is none
        text = first
    bare = text.strip(patterns.EDGE + "()[]<>").partition(";")[0]
    if not patterns.WORD.search(text):
        return nothing(text, rule)
    if "sorry" not in bare.casefold() and (none := denials.NO_SCENE.whole(bare)):
        return Reading("", status, none)
    doubt = scene_leads.SCENE_STEP.match(text)
    refusal = None if doubt and doubt[0] == "doubt" else refusal_in(text)
    if refusal or ("sorry" in bare.casefold() and denials.NO_SCENE.match(bare)):
        return Reading(None, ParseStatus.REFUSED, refusal or "I am sorry")
    if introduction := (leads.INTRODUCTION.match(text) or leads.COURTESY.match(text)):
        rule, end = introduction
        text, status = before(remarks.REMARK, text[end:]), as_prose(status)
    text = skip(patterns.BULLET, unquote(text))
    rest, lead = _scene_after_leads(text)
    if (lead is None or lead == "softener") and text.count(" ") > 5 and (inside := _scene_inside(text)):
        rest, lead = inside
    if lead:
        text, status, rule = unquote(rest), as_prose(status), lead
    stop = patterns.SENTENCE_END.search(text)
    name = _clean_name(before(scene_leads.SCENE_EXPLANATION, text[: stop.start()] if stop else text))
    name = skip(patterns.ARTICLE, name).removesuffix("录制的")
    if none := denials.NO_SCENE.whole(name):
        return Reading("", status, none)
    if not patterns.WORD.search(name):
        return nothing(text, rule)
    return Reading(name[:MAX_NAME_LENGTH], ParseStatus.CAPPED if len(name) > MAX_NAME_LENGTH else status, rule)


def _without_description(line: str, *, listed: bool) -> str:
    """Keep the name of a list item `name: description`, where the description is a sentence or all items have one."""
    if not (patterns.BULLET.match(line) or line.startswith("**")):
        return line
    line = patterns.TIME_IN_BRACKETS.sub("", skip(patterns.BULLET, line)).strip()
    pair = patterns.NAME_AND_REST.match(line)
    if pair and "," not in pair[1] and any(map(str.isalpha, pair[1])):
        rest = pair[2].lstrip("* ")
        if listed or patterns.DESCRIPTION.match(rest) or rest.rstrip("* ").endswith((".", "。")):
            return pair[1]
    return line


def _without_table_head(text: str) -> str:
    lines = text.split("\n")
    rules = {i for i, line in enumerate(lines) if "--" in line and not line.strip("|-: ")}
    return "\n".join(line for i, line in enumerate(lines) if i not in rules and i + 1 not in rules)


def _without_times(text: str) -> str:
    """Remove times and confidences; one before a name also separates it from the previous name."""
    first = patterns.TIME_OR_CONFIDENCE.match(text.lstrip("\n \"'"))

    def replace(time: re.Match[str]) -> str:
        return "\n" if first or text[time.end() : time.end() + 2].strip()[:1].isupper() else " "

    return patterns.HOLLOW_BRACKETS.sub("", patterns.TIME_OR_CONFIDENCE.sub(replace, text))


def _list_lines(text: str) -> list[str]:
    """The lines of a list, without items below numbered items and without a paragraph of prose behind it."""
    kept: list[str] = []
    blank = False
    lines = [line.strip() for line in text.split("\n")]
    numbered = patterns.NUMBERED.match(lines[0]) is not None and sum(map(bool, map(patterns.NUMBERED.match, lines))) > 1
    for line in lines:
        bullet = patterns.BULLET.match(line) is not None
        if not line:
            blank = True
        elif blank and kept and not bullet and line.count(" ") > 2 and line.endswith((".", "!", "?", "。")):
            break
        elif not numbered or not bullet or patterns.NUMBERED.match(line):
            kept.append(line)
    return kept


def _split(text: str) -> list[str]:
    """Split at the strongest separator in use; weaker ones then belong to the names."""
    if ";" in text or "；" in text:
        return patterns.SEMICOLONS.split(text)
    separator = patterns.COMMAS if patterns.COMMAS.search(text.strip(patterns.EDGE)) else patterns.SLASHES
    return separator.split(text)


def collect_events(items: Iterable[str], status: ParseStatus, rule: str) -> Reading:
    """Clean event names; keep each once, in order, at most `MAX_EVENTS`."""
    events: dict[str, str] = {}
    none = None
    for raw in dict.fromkeys(items):
        name = patterns.NAME_BRACKETS.sub("", _clean_name(raw)) if "(" in raw else _clean_name(raw)
        name = patterns.ITEM_TAIL.sub("", skip(patterns.ITEM_LEAD, name)).strip(patterns.EDGE)
        if len(name) < MAX_NAME_LENGTH and (found := denials.NO_EVENTS.whole(name)):
            none = found
        elif any(character.isalpha() for character in name) and not patterns.NO_SOUND_ITEM.fullmatch(name):
            if len(name) > MAX_NAME_LENGTH:
                name, status = name[:MAX_NAME_LENGTH], ParseStatus.CAPPED
            if len(events) == MAX_EVENTS and name.casefold() not in events:
                return Reading(tuple(events.values()), ParseStatus.CAPPED, rule)
            events.setdefault(name.casefold(), name)
    if events or none:
        return Reading(tuple(events.values()), status, rule if events else none or rule)
    return Reading(None, ParseStatus.UNPARSED, "no name")


def read_events(text: str, status: ParseStatus, rule: str) -> Reading:
    """Read the names of the sound events, in the model's own words without articles; () when there are none.

    Names are separated by semicolons and newlines; without semicolons also by commas, sentence ends and "and"; without
    those by slashes. Times, confidences, numbering, repeated names and the description of a list item are dropped.
    """
    if not patterns.WORD.search(text):
        return nothing(text, rule)
    text = before(remarks.QUESTION, before(remarks.OFFER, before(remarks.REMARK, text)))
    text = skip(patterns.APART_FROM, skip(patterns.CONCLUDING, text).strip())
    if none := denials.NO_EVENTS.whole(text.strip(patterns.EDGE + "()[]<>")):
        return Reading((), status, none)
    if refusal := refusal_in(text):
        return Reading(None, ParseStatus.REFUSED, refusal)
    if "|" in text and "--" in text:
        text = _without_table_head(text)
    if introduction := (leads.INTRODUCTION.match(text) or leads.COURTESY.match(text)):
        rule, end = introduction
        text, status = before(remarks.REMARK, text[end:]), as_prose(status)
    text = patterns.INLINE_BULLET.sub("\n", text)
    if text[:1] in "(1" and patterns.BULLET.match(text):
        text = patterns.INLINE_NUMBER.sub("\n", text)
    lines = _list_lines(text)
    described = [line for line in lines if patterns.BULLET.match(line) and patterns.DESCRIBED.search(line)]
    listed = len(described) > 1 and len(described) == len(lines)
    text = unquote("\n".join(_without_description(line, listed=listed) for line in lines).strip())
    if lead := leads.EVENTS_LEAD.match(text):
        rule, end = lead
        text, status = text[end:], as_prose(status)
    return collect_events(_split(_without_times(patterns.DECORATION.sub("", text))), status, rule)
