"""What `scores.json` holds about words and events that are not there, as typed records."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import NonNegativeInt

from sseu_models.results.record import IntervalRecord, Record
from sseu_models.results.records import Condition


class HallucinatedEvents(Record):
    """Events named in the answer but not annotated (`sseu_metric.hallucinations`), a number per clip.

    Attributes:
        per_clip: Averaged as mAP.
        by_condition: The same in each condition.
        intervals: Of the average (`all`) and of each condition.
    """

    per_clip: float
    by_condition: Mapping[Condition, float | None]
    intervals: Mapping[str, IntervalRecord | None] = {}


class SentenceMemory(Record):
    """What is remembered of the silenced words of one sentence, in percent; how many these are over all answers."""

    words_remembered: float
    silenced: NonNegativeInt
    interval: IntervalRecord | None = None


class Memory(Record):
    """Silenced words that the transcript contains nevertheless (`sseu_metric.memory`), in percent of them.

    Attributes:
        words_remembered: Averaged as WER.
        silenced: How many words were silenced, over all answers.
        by_chance: The same of the end of another sentence; null where there is no other one.
        difference: How far it is above chance, in points; null likewise.
        interval: Of the difference.
        by_condition: `words_remembered` in each condition.
        intervals: Of the average (`all`) and of each condition.
        by_sentence: The same for each sentence, as it is written.
    """

    words_remembered: float
    silenced: NonNegativeInt
    by_chance: float | None
    difference: float | None
    interval: IntervalRecord | None
    by_condition: Mapping[Condition, float | None]
    intervals: Mapping[str, IntervalRecord | None] = {}
    by_sentence: Mapping[str, SentenceMemory]


class NoiseProbe(Record):
    """Hallucinations where nothing is to be heard (`sseu_metric.hallucinations`): words in `-inf`, events in `+inf`.

    Attributes:
        asked: Questions.
        answered: Questions with an answer in words.
        named: All words, or events.
        with_any: Answers that have one.
        per_clip: Mean number per answered clip.
        interval: Of the mean; null where nothing tells how much it varies.
    """

    asked: NonNegativeInt
    answered: NonNegativeInt
    named: NonNegativeInt
    with_any: NonNegativeInt
    per_clip: float
    interval: IntervalRecord | None
