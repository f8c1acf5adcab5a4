"""From the raw text of one task to a transcript, a scene or a list of events.

Each function returns the value and how it was read. Text comes in as `answer_blocks.prepare` leaves it: no control
characters, no runs of spaces. Every pattern is bounded or possessive, so the time is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

from .answer_phrases import (
    ABOUT_THE_TASK,
    ARTICLE,
    ASR_LEAD,
    BULLET,
    COMMAS,
    DECORATION,
    DESCRIPTION,
    EDGE,
    EVENTS_LEAD,
    HOLLOW_BRACKETS,
    INABILITY,
    INLINE_BULLET,
    INLINE_NUMBER,
    INTRODUCTION,
    ITEM_LEAD,
    ITEM_TAIL,
    LOOSE_SCENE_LEAD,
    NAME_AND_REST,
    NO_EVENTS,
    NO_SCENE,
    NO_SPEECH,
    QUOTES,
    REFUSAL,
    REMARK,
    SCENE_LEAD,
    SEMICOLONS,
    SENTENCE_END,
    SLASHES,
    SPEAKER_NAME,
    TIME_IN_BRACKETS,
    TIME_OR_CONFIDENCE,
)

MAX_EVENTS = 100
MAX_NAME_LENGTH = 200
_TYPEWRITER = str.maketrans({"’": "'", "‘": "'", "…": " "})


class ParseStatus(StrEnum):
    """How the answer to one task was read; the first five carry a value, the others none (`None`).

    Attributes:
        JSON: from a JSON object or list.
        LABELLED: after a label such as `Scene:`, in a table cell, under a heading or between tags.
        PROSE: after a phrase such as "The person says".
        PLAIN: the whole text is the answer (for a scene: its first sentence).
        CAPPED: read, but cut: more than `MAX_EVENTS` distinct events, or a name beyond `MAX_NAME_LENGTH` characters.
        EMPTY: the model answered, with nothing: blank text, or a label with nothing behind it.
        REFUSED: the model said that it cannot answer.
        UNPARSED: there is text, but no answer to this task was found in it.
        MISSING: no answer ever came.
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


_LETTER_OR_DIGIT = re.compile(r"[^\W_]")


def _has_word(text: str) -> bool:
    return _LETTER_OR_DIGIT.search(text) is not None


def _nothing(text: str) -> tuple[None, ParseStatus]:
    return None, ParseStatus.UNPARSED if text.strip() else ParseStatus.EMPTY


def is_refusal(text: str) -> bool:
    """Say whether the text begins as a refusal does; not for transcripts, which may say the same words."""
    return REFUSAL.match(text) is not None


def _refuses_to_transcribe(text: str) -> bool:
    head = text[:300]
    return bool(REFUSAL.match(head) and INABILITY.search(head) and ABOUT_THE_TASK.search(head))


def _without_remark(text: str) -> str:
    remark = REMARK.search(text)
    return text[: remark.start()] if remark else text


def _without_introduction(text: str, how: ParseStatus) -> tuple[str, ParseStatus]:
    introduction = INTRODUCTION.match(text)
    if not introduction:
        return text, how
    return _without_remark(text[introduction.end() :]), ParseStatus.PROSE if how is ParseStatus.PLAIN else how


def _unquote(text: str, *, drop_tail: bool = False) -> str:
    """Take off the quotes around the text; with `drop_tail` also what follows the closing one."""
    while text and text[0] in QUOTES:
        end = text.rfind(QUOTES[text[0]])
        while end > 0 and text[end + 1 : end + 2].isalnum():  # an apostrophe
            end = text.rfind(QUOTES[text[0]], 0, end)
        if end <= 0 or (not drop_tail and text[end + 1 :].strip(" .,;!?。，！？*")):
            break
        text, drop_tail = text[1:end].strip(), False
    return text


def read_transcript(text: str, how: ParseStatus) -> tuple[str | None, ParseStatus]:
    """Read what was said; "" when the model says that nobody speaks.

    Args:
        text: The raw answer to the ASR question.
        how: How the text was found; `PLAIN` becomes `PROSE` when a leading phrase is taken off.

    Returns:
        The transcript on one line, uncut whatever its length, and its status. Typographic apostrophes are straight and
        ellipses are blanks: the normaliser would make a word of what follows the one and of the other.
    """
    text = DECORATION.sub("", _without_remark(text))
    text = SPEAKER_NAME.sub("", text)
    if "[" in text or "(" in text:
        text = TIME_IN_BRACKETS.sub("", text)
    text = " ".join(text.replace("\n> ", "\n").removeprefix("> ").split())
    if NO_SPEECH.fullmatch(text):
        return "", how
    if not _has_word(text):
        return _nothing(text)
    if _refuses_to_transcribe(text):
        return None, ParseStatus.REFUSED
    lead = ASR_LEAD.match(text)
    if lead:
        text = text[lead.end() :].lstrip(" :：,，")
        how = ParseStatus.PROSE if how is ParseStatus.PLAIN else how
    text = _unquote(text, drop_tail=lead is not None)
    if NO_SPEECH.fullmatch(text):
        return "", how
    text = " ".join(text.translate(_TYPEWRITER).replace("...", " ").split())
    return (text, how) if _has_word(text) else _nothing(text)


def _clean_name(text: str) -> str:
    """Take marks, times, confidences, numbering and brackets off a scene's or an event's name."""
    text = DECORATION.sub("", text).strip()
    bullet = BULLET.match(text)
    if bullet:
        text = text[bullet.end() :]
    if any(character.isdigit() for character in text) or "onfidence" in text:
        text = HOLLOW_BRACKETS.sub("", TIME_OR_CONFIDENCE.sub("", text))
    text = text.replace("_", " ").strip(EDGE)
    if text and text[0] in "[(<{（【" and text[-1] in "])>}）】":
        text = text[1:-1]
    text = text.strip(EDGE + "<>[]{}")
    if ")" in text[-1:] and "(" not in text:
        text = text[:-1]
    return " ".join(text.split())


def read_scene(text: str, how: ParseStatus) -> tuple[str | None, ParseStatus]:
    """Read where it was recorded, in the model's own words; "" when the model says that it cannot be told.

    The scene is the first sentence of the first line, without a leading phrase and article.
    """
    text = DECORATION.sub("", text).strip()
    if not _has_word(text):
        return _nothing(text)
    if NO_SCENE.fullmatch(text.strip(EDGE + "()[]<>")):
        return "", how
    if is_refusal(text):
        return None, ParseStatus.REFUSED
    text, how = _without_introduction(_unquote(text), how)
    bullet = BULLET.match(text)
    text = text[bullet.end() :] if bullet else text
    lead = SCENE_LEAD.match(text) or LOOSE_SCENE_LEAD.match(text)
    if lead:
        text = text[lead.end() :].lstrip(" :：,\n\"'“‘")
        how = ParseStatus.PROSE if how is ParseStatus.PLAIN else how
    end = SENTENCE_END.search(text)
    name = _clean_name(text[: end.start()] if end else text)
    article = ARTICLE.match(name)
    name = name[article.end() :] if article else name
    if NO_SCENE.fullmatch(name):
        return "", how
    if not _has_word(name):
        return _nothing(text)
    return (name[:MAX_NAME_LENGTH], ParseStatus.CAPPED) if len(name) > MAX_NAME_LENGTH else (name, how)


def _without_description(line: str) -> str:
    """Keep the name of a list item `name: description`, where the description is a sentence."""
    if not (BULLET.match(line) or line.startswith("**")):
        return line
    bullet = BULLET.match(line)
    line = line[bullet.end() :] if bullet else line
    pair = NAME_AND_REST.match(line)
    if pair and "," not in pair[1]:
        rest = pair[2].lstrip("* ")
        if DESCRIPTION.match(rest) or rest.rstrip("* ").endswith((".", "。")):
            return pair[1]
    return line


def _without_table_head(text: str) -> str:
    lines = text.split("\n")
    rules = {i for i, line in enumerate(lines) if "--" in line and not line.strip("|-: ")}
    return "\n".join(line for i, line in enumerate(lines) if i not in rules and i + 1 not in rules)


def _without_times(text: str) -> str:
    """Take out times and confidences; one that stands before a name also parts it from the name before."""
    first = TIME_OR_CONFIDENCE.match(text.lstrip("\n \"'"))

    def replace(time: re.Match[str]) -> str:
        return "\n" if first or text[time.end() : time.end() + 2].strip()[:1].isupper() else " "

    return HOLLOW_BRACKETS.sub("", TIME_OR_CONFIDENCE.sub(replace, text))


def _split(text: str) -> Iterator[str]:
    """Split at the strongest separator in use; weaker ones then belong to the names."""
    if ";" in text or "；" in text:
        separator = SEMICOLONS
    elif COMMAS.search(text.strip(EDGE)):
        separator = COMMAS
    else:
        separator = SLASHES
    start = 0
    for match in separator.finditer(text):
        yield text[start : match.start()]
        start = match.end()
    yield text[start:]


def collect_events(items: Iterable[str], how: ParseStatus) -> tuple[tuple[str, ...] | None, ParseStatus]:
    """Clean event names and keep each once, in the order of the answer, at most `MAX_EVENTS`."""
    seen: set[str] = set()
    events: dict[str, str] = {}
    any_words = False
    for raw in items:
        if raw in seen:
            continue
        seen.add(raw)
        name = _clean_name(raw)
        lead = ITEM_LEAD.match(name)
        name = ITEM_TAIL.sub("", name[lead.end() :] if lead else name).strip(EDGE)
        if NO_EVENTS.fullmatch(name) and len(name) < MAX_NAME_LENGTH:
            any_words = True
        elif any(character.isalpha() for character in name):
            if len(name) > MAX_NAME_LENGTH:
                name, how = name[:MAX_NAME_LENGTH], ParseStatus.CAPPED
            if len(events) == MAX_EVENTS and name.casefold() not in events:
                return tuple(events.values()), ParseStatus.CAPPED
            events.setdefault(name.casefold(), name)
    if events or any_words:
        return tuple(events.values()), how
    return None, ParseStatus.UNPARSED


def read_events(text: str, how: ParseStatus) -> tuple[tuple[str, ...] | None, ParseStatus]:
    """Read the names of the sounds, in the model's own words; () when the model says that there are none.

    Names are parted at semicolons and new lines; without semicolons also at commas, sentence ends and "and"; without
    those at slashes. Times, confidences, numbering and repeated names are dropped, as is the sentence that explains a
    list item.
    """
    if not _has_word(text):
        return _nothing(text)
    if NO_EVENTS.fullmatch(text.strip(EDGE + "()[]<>")):
        return (), how
    if is_refusal(text):
        return None, ParseStatus.REFUSED
    if "|" in text and "--" in text:
        text = _without_table_head(text)
    text, how = _without_introduction(text, how)
    text = INLINE_BULLET.sub("\n", text)
    if text[:1] in "(1" and BULLET.match(text):
        text = INLINE_NUMBER.sub("\n", text)
    text = _unquote("\n".join(_without_description(line.strip()) for line in text.split("\n")).strip())
    lead = EVENTS_LEAD.match(text)
    if lead:
        text = text[lead.end() :]
        how = ParseStatus.PROSE if how is ParseStatus.PLAIN else how
    return collect_events(_split(_without_times(DECORATION.sub("", text))), how)
