"""Stage 4: the words that are spoken, from the text of one field.

The text must be cleaned by `answer_cleaning.normalise_text`.
"""

from __future__ import annotations

from . import answer_denials as denials
from . import answer_leads as leads
from . import answer_patterns as patterns
from . import answer_remarks as remarks
from .answer_quotes import unquote
from .answer_values import ParseStatus, Reading, as_prose, before, nothing


def _refusal(text: str) -> str | None:
    head = text[:300]
    found = denials.REFUSAL.match(head)
    unable = found and (found[0] == denials.NO_AUDIO.phrases[0].name or denials.INABILITY.search(head))
    return found[0] if found and unable and denials.ABOUT_THE_TASK.search(head) else None


def _lead(text: str, *, labelled: bool) -> tuple[str, int] | None:
    """What leads up to the words, and where it ends; behind a label only what leads up to quotes."""
    quoted = patterns.QUOTE_OR_COLON.search(text, 1, 220) and leads.ASR_LEAD_IN.match(text)
    lead = quoted or leads.ASR_LEAD.match(text)
    return lead if lead and (not labelled or text[lead[1] :].lstrip(" :：,，")[:1] in patterns.QUOTES) else None


def _without_times_and_names(text: str) -> str:
    named = ":" in text or "：" in text
    if named:
        text = patterns.SPEAKER_NAME.sub("", patterns.DETAIL_LINE.sub("", text))
    if "[" in text or "(" in text:
        text = patterns.TIME_IN_BRACKETS.sub(" ", text).strip(" ")
    if named:
        text = patterns.SPEAKER_NAME.sub("", text)
        lines = [line for line in text.split("\n") if line.strip()]
        if len(lines) > 1 and all(map(patterns.CLOCK_LINES.match, lines)):
            text = patterns.CLOCK_LINES.sub("", text)
    return patterns.TRANSCRIPT_TIME.sub("", text.lstrip()) if ":" in text or "." in text else text


def read_transcript(text: str, status: ParseStatus, rule: str) -> Reading:
    """Read the transcript; "" when the model says that there is no speech.

    Args:
        text: The text of the field.
        status: How the field was found; `PLAIN` becomes `PROSE` when a leading phrase is removed.
        rule: By which rule.

    Returns:
        The transcript on one line, never truncated. What is quoted behind "The man says" is spoken whatever it says.
    """
    labelled = status in (ParseStatus.LABELLED, ParseStatus.JSON)
    text = patterns.DECORATION.sub("", before(remarks.OFFER, before(remarks.REMARK, text)))
    text = _without_times_and_names(text)
    text = " ".join(text.replace("\n> ", "\n").removeprefix("> ").split())
    if none := denials.NO_SPEECH.whole(text):
        return Reading("", status, none)
    if patterns.IN_BRACKETS.fullmatch(text) and patterns.SOUND_WORD.search(text):
        return Reading("", status, "sounds in brackets")
    if not patterns.WORD.search(text):
        return nothing(text, rule)
    words = unquote(text, labelled=labelled)
    if refusal := _refusal(words):
        return Reading(None, ParseStatus.REFUSED, refusal)
    lead = _lead(text, labelled=labelled)
    spoken = False
    if lead:
        value = patterns.BETWEEN_QUOTES.sub(" ", text[lead[1] :].lstrip(" :：,，"))
        spoken = value[:1] in patterns.QUOTES
        quoted = unquote(value, drop_tail=not labelled, labelled=labelled)
        if not labelled or quoted != value:  # not 'Spoken text: The man says "no" to it'
            words, rule, status = quoted, lead[0], as_prose(status)
    text = words
    if (not spoken or text[:1] in "([") and (none := denials.NO_SPEECH.whole(text)):
        return Reading("", status, none)
    return Reading(text, status, rule) if patterns.WORD.search(text) else nothing(text, rule)
