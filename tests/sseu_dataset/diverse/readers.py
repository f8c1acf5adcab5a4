"""Utterances of speakers who do not exist."""

from __future__ import annotations

from sseu_dataset.records import RATE_HZ, Cut, Utterance
from sseu_dataset.standin.drawn_sentences import drawn_sentence


def utterance(speaker: str, line: int, text: str, gender: str | None = "F") -> Utterance:
    name = f"{speaker}_{line:03}"
    return Utterance(name, speaker, gender, "English", text, text, f"wav48_silence_trimmed/{speaker}/{name}_mic1.flac")


def many(speakers: int, each: int) -> list[tuple[Utterance, Cut]]:
    """Sentences of 2.0 to 2.9 s that nobody else reads, by women and men in turn."""
    return [
        (
            utterance(f"p{500 + who}", 25 + line, drawn_sentence(who * each + line), "FM"[who % 2]),
            Cut(1000, (20 + (3 * line + who) % 10) * RATE_HZ // 10, 0),
        )
        for who in range(speakers)
        for line in range(each)
    ]
