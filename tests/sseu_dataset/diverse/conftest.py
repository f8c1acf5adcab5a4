"""Tiny corpora with enough short recordings for the rule `diverse`."""

from __future__ import annotations

from pathlib import Path

import pytest

from sseu_dataset import build
from sseu_dataset.records import Settings
from sseu_dataset.standin.drawn_sentences import drawn_sentence
from tests.sseu_dataset.diverse.signals import recording
from tests.sseu_dataset.tiny_corpora import VCTK_RATE_HZ, TinyCorpora, make_tiny_corpora, write_audio

DIVERSE = Settings(rule="diverse")
SPEAKERS, EACH = ("p225", "p226", "p228", "s5"), 20


@pytest.fixture(scope="session")
def talkative(tmp_path_factory: pytest.TempPathFactory) -> TinyCorpora:
    """Four speakers with 20 sentences of their own each, which no test may change."""
    corpora = make_tiny_corpora(tmp_path_factory.mktemp("talkative"))
    for number in range(len(SPEAKERS) * EACH):
        name = f"{SPEAKERS[number % len(SPEAKERS)]}_{25 + number // len(SPEAKERS):03}"
        signal = recording(0.3 + number % 5 / 10, 1.2 + number % 7 / 5, 0.25 + number % 3 / 10, seed=number)
        write_audio(corpora.recording(name), signal, VCTK_RATE_HZ)
        corpora.text(name).write_text(drawn_sentence(number) + "\n", encoding="utf-8")
    return corpora


@pytest.fixture(scope="session")
def built_diverse(talkative: TinyCorpora, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of these, which no test may change."""
    out = tmp_path_factory.mktemp("diverse") / "d1"
    build(out, **talkative.folders, settings=DIVERSE, allow_partial=True, progress=False)
    return out
