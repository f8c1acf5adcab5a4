"""How an answer was read, in words: what `sseu metric read` prints."""

from __future__ import annotations

from . import answer_denials, answer_leads, answer_remarks, answer_scene_leads
from .answer_cleaning import normalise_text
from .answer_phrases import Phrases
from .answers import ParseMode, parse_answer
from .text_table import aligned

STRUCTURE = {
    "JSON list": "a JSON list of names, or of the pieces of a transcript",
    "JSON object": "a key of a JSON object that names the task",
    "label at a line's start": "a label such as `Scene:`, a heading, a table or a tag",
    "label inside a line": "a label such as `Scene:` inside a line",
    "sounds in brackets": "a note in brackets that names sounds",
    "sentence": "a sentence that leads up to an answer",
    "the whole text": "no label, so the whole text answers the one question that was asked",
    "no field": "nothing in the text answers a question that was asked",
    "no field of this task": "other questions are answered, this one is not",
    "no response": "there is no answer",
    "blank": "there is no text",
    "reasoning alone": "the reasoning never ends, so no answer follows it",
    "the prompt alone": "the question is repeated, and no answer follows it",
    "a dash": "a dash behind a label: there is none",
    "no word": "only signs",
    "no text": "a JSON value that holds no text",
    "no name": "nothing that could name a sound",
}
"""Rules that are no phrases, with what they say."""


def phrase_examples() -> dict[str, str]:
    """The name of each phrase, with a text that begins with it."""
    sets = [
        some
        for room in (answer_leads, answer_scene_leads, answer_remarks, answer_denials)
        for some in vars(room).values()
        if isinstance(some, Phrases)
    ]
    return {phrase.name: phrase.example for some in sets for phrase in some.phrases}


def account(text: str, mode: ParseMode) -> str:
    """What was read of an answer, by which rule, and why.

    Args:
        text: The raw answer.
        mode: The question it answers; see `answers.parse_answer`.
    """
    answer = parse_answer(text, mode)
    values = {"asr": answer.transcript, "asc": answer.scene, "at": answer.events}
    examples = phrase_examples()
    rows: list[tuple[str, ...]] = [("task", "read", "status", "rule", "why")]
    for task, status in answer.status.items():
        value, rule = values[task], answer.rules[task]
        shown = "-" if value is None else "; ".join(value) if isinstance(value, tuple) else value
        why = STRUCTURE.get(rule) or f'as in "{examples[rule].strip()}"'
        rows.append((task, shown or "(none)", status.value, rule, why))
    clean = normalise_text(text)
    return f"{clean!r}\n\n{aligned(rows, left=5)}" if clean != text.strip() else aligned(rows, left=5)
