"""Parsers for the transcript, scene or events from the text of one field.

Each returns the value and its parse status. The text must be normalised by `answer_blocks.normalise_text`: no control
characters, no runs of spaces. Every pattern is bounded or possessive, so parsing takes linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from . import answer_phrases as phrases

MAX_EVENTS = 100
MAX_NAME_LENGTH = 200
_STRAIGHT_QUOTES = str.maketrans({"’": "'", "‘": "'", "…": " "})


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


def _has_word(text: str) -> bool:
    return re.search(r"[^\W_]", text) is not None


def _without_value(text: str) -> tuple[None, ParseStatus]:
    return None, ParseStatus.UNPARSED if text.strip() else ParseStatus.EMPTY


def is_refusal(text: str) -> bool:
    """Whether the text begins like a refusal; not for transcripts, which may contain the same words."""
    return phrases.REFUSAL.match(text) is not None


def _refuses_to_transcribe(text: str) -> bool:
    head = text[:300]
    return bool(phrases.REFUSAL.match(head) and phrases.INABILITY.search(head) and phrases.ABOUT_THE_TASK.search(head))


def _skip(pattern: re.Pattern[str], text: str) -> str:
    """The text after what the pattern matches at its start."""
    match = pattern.match(text)
    return text[match.end() :] if match else text


def _without_remark(text: str) -> str:
    """Drop a closing remark to the user."""
    remark = phrases.REMARK.search(text)
    return text[: remark.start()] if remark else text


def _without_introduction(text: str, status: ParseStatus) -> tuple[str, ParseStatus]:
    introduction = phrases.INTRODUCTION.match(text)
    if not introduction:
        return text, status
    return _without_remark(text[introduction.end() :]), ParseStatus.PROSE if status is ParseStatus.PLAIN else status


def _unquote(text: str, *, drop_tail: bool = False) -> str:
    """Remove the quotes around the text; with `drop_tail` also what follows the closing one."""
    while text and text[0] in phrases.QUOTES:
        end = text.rfind(phrases.QUOTES[text[0]])
        while end > 0 and text[end + 1 : end + 2].isalnum():  # an apostrophe
            end = text.rfind(phrases.QUOTES[text[0]], 0, end)
        if end <= 0 or (not drop_tail and text[end + 1 :].strip(" .,;!?。，！？*")):
            break
        text, drop_tail = text[1:end].strip(), False
    return text


def read_transcript(text: str, status: ParseStatus) -> tuple[str | None, ParseStatus]:
    """Parse the transcript; "" when the model says that there is no speech.

    Args:
        text: The text of the field.
        status: How the field was found; `PLAIN` becomes `PROSE` when a leading phrase is removed.

    Returns:
        The transcript on one line, never truncated, and its status. Typographic apostrophes are replaced by straight
        ones and ellipses by blanks, since the text normaliser would split or add words at them.
    """
    text = phrases.DECORATION.sub("", _without_remark(text))
    text = phrases.SPEAKER_NAME.sub("", text)
    if "[" in text or "(" in text:
        text = phrases.TIME_IN_BRACKETS.sub("", text)
    text = " ".join(text.replace("\n> ", "\n").removeprefix("> ").split())
    if phrases.NO_SPEECH.fullmatch(text):
        return "", status
    if not _has_word(text):
        return _without_value(text)
    if _refuses_to_transcribe(text):
        return None, ParseStatus.REFUSED
    lead = phrases.ASR_LEAD.match(text)
    if lead:
        text = text[lead.end() :].lstrip(" :：,，")
        status = ParseStatus.PROSE if status is ParseStatus.PLAIN else status
    text = _unquote(text, drop_tail=lead is not None)
    if phrases.NO_SPEECH.fullmatch(text):
        return "", status
    text = " ".join(text.translate(_STRAIGHT_QUOTES).replace("...", " ").split())
    return (text, status) if _has_word(text) else _without_value(text)


def _clean_name(text: str) -> str:
    """Strip marks, times, confidences, numbering and brackets from the name of a scene or event."""
    text = _skip(phrases.BULLET, phrases.DECORATION.sub("", text).strip())
    if any(character.isdigit() for character in text) or "onfidence" in text:
        text = phrases.HOLLOW_BRACKETS.sub("", phrases.TIME_OR_CONFIDENCE.sub("", text))
    text = text.replace("_", " ").strip(phrases.EDGE)
    if text and text[0] in "[(<{（【" and text[-1] in "])>}）】":
        text = text[1:-1]
    text = text.strip(phrases.EDGE + "<>[]{}")
    if ")" in text[-1:] and "(" not in text:
        text = text[:-1]
    return " ".join(text.split())


def read_scene(text: str, status: ParseStatus) -> tuple[str | None, ParseStatus]:
    """Parse the scene, in the model's own words; "" when the model says that it is unknown.

    The scene is the first sentence of the first line, without a leading phrase; an article is part of the name.
    """
    text = phrases.DECORATION.sub("", text).strip()
    if not _has_word(text):
        return _without_value(text)
    if phrases.NO_SCENE.fullmatch(text.strip(phrases.EDGE + "()[]<>")):
        return "", status
    if is_refusal(text):
        return None, ParseStatus.REFUSED
    text, status = _without_introduction(_unquote(text), status)
    text = _skip(phrases.BULLET, text)
    lead = phrases.SCENE_LEAD.match(text) or phrases.LOOSE_SCENE_LEAD.match(text)
    if lead:
        text = text[lead.end() :].lstrip(" :：,\n\"'“‘")
        status = ParseStatus.PROSE if status is ParseStatus.PLAIN else status
    end = phrases.SENTENCE_END.search(text)
    name = _clean_name(text[: end.start()] if end else text)
    if phrases.NO_SCENE.fullmatch(name):
        return "", status
    if not _has_word(name):
        return _without_value(text)
    return (name[:MAX_NAME_LENGTH], ParseStatus.CAPPED) if len(name) > MAX_NAME_LENGTH else (name, status)


def _without_description(line: str) -> str:
    """Keep the name of a list item `name: description`, where the description is a sentence."""
    if not (phrases.BULLET.match(line) or line.startswith("**")):
        return line
    line = _skip(phrases.BULLET, line)
    pair = phrases.NAME_AND_REST.match(line)
    if pair and "," not in pair[1]:
        rest = pair[2].lstrip("* ")
        if phrases.DESCRIPTION.match(rest) or rest.rstrip("* ").endswith((".", "。")):
            return pair[1]
    return line


def _without_table_head(text: str) -> str:
    lines = text.split("\n")
    rules = {i for i, line in enumerate(lines) if "--" in line and not line.strip("|-: ")}
    return "\n".join(line for i, line in enumerate(lines) if i not in rules and i + 1 not in rules)


def _without_times(text: str) -> str:
    """Remove times and confidences; one before a name also separates it from the previous name."""
    first = phrases.TIME_OR_CONFIDENCE.match(text.lstrip("\n \"'"))

    def replace(time: re.Match[str]) -> str:
        return "\n" if first or text[time.end() : time.end() + 2].strip()[:1].isupper() else " "

    return phrases.HOLLOW_BRACKETS.sub("", phrases.TIME_OR_CONFIDENCE.sub(replace, text))


def _split(text: str) -> list[str]:
    """Split at the strongest separator in use; weaker ones then belong to the names."""
    if ";" in text or "；" in text:
        return phrases.SEMICOLONS.split(text)
    separator = phrases.COMMAS if phrases.COMMAS.search(text.strip(phrases.EDGE)) else phrases.SLASHES
    return separator.split(text)


def collect_events(items: Iterable[str], status: ParseStatus) -> tuple[tuple[str, ...] | None, ParseStatus]:
    """Clean event names; keep each once, in order, at most `MAX_EVENTS`."""
    events: dict[str, str] = {}
    any_words = False
    for raw in dict.fromkeys(items):
        name = phrases.ITEM_TAIL.sub("", _skip(phrases.ITEM_LEAD, _clean_name(raw))).strip(phrases.EDGE)
        if phrases.NO_EVENTS.fullmatch(name) and len(name) < MAX_NAME_LENGTH:
            any_words = True
        elif any(character.isalpha() for character in name):
            if len(name) > MAX_NAME_LENGTH:
                name, status = name[:MAX_NAME_LENGTH], ParseStatus.CAPPED
            if len(events) == MAX_EVENTS and name.casefold() not in events:
                return tuple(events.values()), ParseStatus.CAPPED
            events.setdefault(name.casefold(), name)
    if events or any_words:
        return tuple(events.values()), status
    return None, ParseStatus.UNPARSED


def read_events(text: str, status: ParseStatus) -> tuple[tuple[str, ...] | None, ParseStatus]:
    """Parse the names of the sound events, in the model's own words; () when the model says that there are none.

    Names are separated by semicolons and newlines; without semicolons also by commas, sentence ends and "and"; without
    those by slashes. Times, confidences, numbering, repeated names and the description of a list item are dropped.
    """
    if not _has_word(text):
        return _without_value(text)
    if phrases.NO_EVENTS.fullmatch(text.strip(phrases.EDGE + "()[]<>")):
        return (), status
    if is_refusal(text):
        return None, ParseStatus.REFUSED
    if "|" in text and "--" in text:
        text = _without_table_head(text)
    text, status = _without_introduction(text, status)
    text = phrases.INLINE_BULLET.sub("\n", text)
    if text[:1] in "(1" and phrases.BULLET.match(text):
        text = phrases.INLINE_NUMBER.sub("\n", text)
    text = _unquote("\n".join(_without_description(line.strip()) for line in text.split("\n")).strip())
    lead = phrases.EVENTS_LEAD.match(text)
    if lead:
        text = text[lead.end() :]
        status = ParseStatus.PROSE if status is ParseStatus.PLAIN else status
    return collect_events(_split(_without_times(phrases.DECORATION.sub("", text))), status)
