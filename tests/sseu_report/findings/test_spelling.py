"""What is spelling among the word errors of a system, by mode."""

from __future__ import annotations

import pytest

from sseu_metric.scoring import score
from sseu_report.findings.spelling import find_spelling_losses
from tests.sseu_models.scripted import reference

SAID = "the super-imposition of bows"


def test_errors_of_spelling_are_told_from_wrong_words() -> None:
    rows = [{**reference(str(number), "0"), "transcript": SAID} for number in range(4)]
    heard = ["the superimposition of bows", SAID, "the superimposition of cows", "the super-imposition of"]
    scores = score([{"transcript": text} for text in heard], rows, tasks=("asr",), mode="joint")
    (found,) = find_spelling_losses({"joint": scores})
    assert (found.mode, found.rule, found.word_errors, found.words_lost) == ("joint", "spelling-1", 6, 4)
    assert found.wer == pytest.approx(100 * 6 / 20)
    assert found.wer_lenient == pytest.approx(100 * 2 / 20)
    assert found.cer == pytest.approx(100 * (1 + 0 + 2 + 5) / (4 * len(SAID)))
    assert found.interval is None  # all say one sentence


def test_a_mode_without_words_has_none() -> None:
    rows = [reference("1", "0")]
    silent = score([None], rows, tasks=("asr",), mode="joint")
    scenes = score([{"scene": "Home"}], rows, tasks=("asc",), mode="independent", embedder="exact")
    assert find_spelling_losses({"joint": silent, "independent": scenes}) == ()
