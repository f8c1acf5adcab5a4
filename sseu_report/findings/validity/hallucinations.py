"""What each system says that it did not hear: silenced words, words without speech, events that are not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sseu_metric.text_table import percent
from sseu_models.results.terminal import EMPTY_CLIPS

if TYPE_CHECKING:
    from sseu_models.results.hallucinations import HallucinatedEvents, Memory, NoiseProbe
    from sseu_report.entries import Entry


@dataclass(frozen=True)
class Hallucinations:
    """What a system says in one mode that it did not hear.

    Attributes:
        mode: How the system was asked.
        sentence: What can be concluded, in words.
        wer: In percent; None where it was not asked, or has no average.
        map: In percent, likewise.
        events: Events that are named and not annotated; None where no answer is in words.
        probes: What was named where there is none of it: words (`asr`) and events (`at`).
        memory: Words that were given although they were silenced; None without the front end `cut-speech`.
    """

    mode: str
    sentence: str
    wer: float | None
    map: float | None
    events: HallucinatedEvents | None
    probes: Mapping[str, NoiseProbe]
    memory: Memory | None


def find_hallucinations(entry: Entry) -> tuple[Hallucinations, ...]:
    """What an entry names that is not there, in every mode in which something tells."""
    found = []
    for mode in dict.fromkeys((*entry.modes, *entry.scores.noise_probe)):
        scores, probes = entry.modes.get(mode), entry.scores.noise_probe.get(mode, {})
        events, memory = (None, None) if scores is None else (scores.hallucinated_events, scores.memory)
        if events is not None or memory is not None or probes:
            wer, mean_precision = (None, None) if scores is None else (scores.value("wer"), scores.value("map"))
            sentence = "; ".join(_conclusions(events, probes, memory, entry.asr_unit))
            found.append(Hallucinations(mode, sentence, wer, mean_precision, events, probes, memory))
    return tuple(found)


def _conclusions(
    events: HallucinatedEvents | None, probes: Mapping[str, NoiseProbe], memory: Memory | None, unit: str
) -> Iterator[str]:
    if memory is not None:
        yield _memory_text(memory, unit)
    for task, probe in probes.items():
        yield f"names {EMPTY_CLIPS[task].format(unit)} in {probe.with_any} of {probe.answered} answers"
    if events is not None:
        yield f"names {percent(events.per_clip)} events per clip that are not annotated in it"


def _memory_text(memory: Memory, unit: str) -> str:
    text = f"gives {percent(memory.words_remembered)} % of the {unit}s that it could not hear"
    if memory.by_chance is None:
        return f"{text}; no other sentence tells what chance gives"
    text += f", {percent(memory.by_chance)} % by chance"
    if memory.interval is None:
        return f"{text}: nothing tells how much that varies"
    if memory.interval.low > 0:
        return f"{text}: it remembers the sentences, or guesses them from their beginning"
    return f"{text}: no evidence that it remembers the sentences"
