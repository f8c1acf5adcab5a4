"""Speech and backgrounds of nobody's corpus: noise under names that no benchmark has."""

from __future__ import annotations

from pathlib import Path

from sseu_dataset import Background, BackgroundClip, EventSegment, SpeechRecording, Utterance
from tests.sseu_dataset.tiny_corpora import noise, write_audio

SENTENCES = ("A sentence of our own.", "Another one.", "And a third.", "The last of them.")


def own_speech(root: Path, count: int = 4, seconds: float = 2.0) -> list[SpeechRecording]:
    found = []
    for number, text in enumerate(SENTENCES[:count]):
        name = f"own{number % 2}_{number}"
        write_audio(root / f"{name}.wav", noise(name, seconds, 16_000, 0.3), 16_000)
        utterance = Utterance(name, f"own{number % 2}", None, None, text, text, f"{name}.wav")
        found.append(SpeechRecording(root, utterance, "CC0"))
    return found


def own_background(root: Path, count: int = 3) -> list[BackgroundClip]:
    found = []
    for number in range(count):
        name = f"street{number}"
        write_audio(root / f"{name}.wav", noise(name, 25.0, 22_050, 0.1), 22_050)
        for offset_s in (0, 10):
            segments = (EventSegment("Car", 1.0, 3.5),)
            clip = Background(f"{name}@{offset_s}", "Own", f"{name}.wav", offset_s, "City Center", segments, name, None)
            found.append(BackgroundClip(root, clip, "CC BY 4.0"))
    return found
