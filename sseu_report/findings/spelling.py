"""How much of each system's WER is spelling (`sseu_metric.spelling`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sseu_metric.intervals import Interval
from sseu_metric.normalisers import unit_of
from sseu_metric.scores import Scores
from sseu_metric.summary import spelling


@dataclass(frozen=True)
class SpellingLoss:
    """WER beside the rates that spelling moves less, or not at all.

    Attributes:
        mode: How the system was asked.
        rule: What counts as spelling.
        word_errors: All word errors of all answers.
        words_lost: How many of them are spelling alone.
        wer: In percent.
        wer_lenient: WER without spelling, in percent.
        interval: 95 % interval of `wer_lenient`; None where nothing tells how much it varies.
        cer: Character error rate in percent.
    """

    mode: str
    rule: str
    word_errors: int
    words_lost: int
    wer: float
    wer_lenient: float
    interval: Interval | None
    cer: float


def find_spelling_losses(scores: Mapping[str, Scores]) -> tuple[SpellingLoss, ...]:
    """The loss in every mode that has a WER; characters have none.

    Args:
        scores: By mode.
    """
    found = []
    for mode, part in scores.items():
        if (wer := part.value("wer")) is None or unit_of(part.normalizer) == "character":
            continue
        values = spelling(part, intervals=False)
        found.append(
            SpellingLoss(
                mode,
                values["rule"],
                values["word_errors"],
                values["words_lost"],
                wer,
                values["wer_lenient"],
                part.intervals("wer_lenient")["all"],
                values["cer"],
            )
        )
    return tuple(found)
