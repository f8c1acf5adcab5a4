"""No word is taken away: every sentence of VCTK, in ten wrappings and before remarks, is read exactly."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from sseu_dataset.corpora.vctk import clean_transcript
from sseu_metric.answers import ParseMode, parse_answer

UTTERANCES = Path(__file__).parents[3] / "shared" / "metadata" / "vctk_utterances.tsv"
ASR: tuple[ParseMode, ParseMode] = ("asr", "joint")
WRAPPINGS: tuple[tuple[ParseMode, str], ...] = (
    ("asr", "{}"),
    ("asr", '"{}"'),
    ("asr", "Spoken text: {}"),
    ("asr", "**Transcription:** {}"),
    ("asr", "The person says: '{}'"),
    ("asr", 'The transcription of the audio is: "{}"'),
    ("asr", "<think>Someone speaks.</think>\n{}<|im_end|>"),
    ("asr", "Transcript:\nSpeaker 1: {}"),
    ("asr", "[00:00 - 00:04] {}"),
    ("joint", "Transcript: {}\nScene: Home\nEvents: Dog; Cat"),
)
REMARKS = (
    "{}\n\nLet me know if you need anything else!",
    'The man says: "{}" in a calm voice.',
    "Transcript: {}\n\nNote: some words were unclear.",
    "{} Would you like me to translate it?",
)


def sentences() -> list[str]:
    """All distinct cleaned sentences."""
    with UTTERANCES.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return sorted({clean_transcript(row["transcript"]) for row in rows if row["transcript"]})


def _words(text: str) -> list[str]:
    return re.findall(r"[^\s`]+", text)  # a stray backtick is markup


@pytest.mark.long
@pytest.mark.skipif(not UTTERANCES.exists(), reason="the texts of VCTK are not here")
def test_every_sentence_of_vctk_is_read_exactly_in_any_wrapping() -> None:
    wrong = []
    for text in sentences():
        for mode, form in (*WRAPPINGS, *(("asr", remark) for remark in REMARKS)):
            if form.startswith("{} ") and not text.endswith((".", "!", "?")):
                continue  # nothing shows where the sentence ends
            read = parse_answer(form.format(text), mode).transcript
            if _words(read or "") != _words(text):
                wrong.append((form, text, read))
    assert not wrong, f"{len(wrong)} misread, such as {wrong[:5]}"
