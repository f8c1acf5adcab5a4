"""Which sentences are said on which background.

Every background ranks the speakers by draws and begins with the first. Of a speaker's sentences each goes to that one
of the speaker's backgrounds for which its draw is the largest, and every background takes the first combination of two
to four of its sentences that lasts as long as the settings ask. Of the backgrounds for which there is none the one
that drew the speaker lowest moves on to its next, and the sentences are dealt out anew, until all are filled.

No sentence goes to two backgrounds, and one more or less sentence touches only the backgrounds of its speaker and those
that move because of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from sseu_dataset.diverse.sentences import Ranks
from sseu_dataset.pairing import draw
from sseu_dataset.records import RATE_HZ, CorpusError, Cut, Settings, Utterance

MIN_PARTS, MAX_PARTS = 2, 4
MIN_PAUSE, MAX_PAUSE = RATE_HZ // 5, 3 * RATE_HZ // 5
"""Pauses between utterances in samples at 44,100 Hz, 0.2 to 0.6 s."""

Spoken = tuple[tuple[Utterance, Cut], ...]
"""The utterances of a clip in order, and what is taken of each."""


def allocate(
    background_ids: Sequence[str], cuts: Iterable[tuple[Utterance, Cut]], ranks: Ranks, settings: Settings
) -> dict[str, Spoken]:
    """Give each background the speech of its clip.

    Args:
        background_ids: The backgrounds.
        cuts: The usable sentences (`sentences.owned`), and what is taken of each recording.
        ranks: Orders the speakers.
        settings: Seed, and how long the speech of a clip may be.

    Raises:
        CorpusError: There are too few sentences for so many backgrounds.
    """
    sentences: dict[str, list[tuple[Utterance, Cut]]] = defaultdict(list)
    for utterance, cut in cuts:
        sentences[utterance.speaker_id].append((utterance, cut))
    found = _filled(background_ids, sentences, ranks, settings)
    if unfilled := len(background_ids) - len(found):
        fewer = len(found)
        while fewer > (again := len(_filled(background_ids[:fewer], sentences, ranks, settings))):
            fewer = again
        count, speakers = sum(map(len, sentences.values())), len(sentences)
        remedy = f"ask for fewer pairs, such as --pairs {fewer}" if fewer else "another length of the speech"
        verb = "is" if count == 1 else "are"
        raise CorpusError(
            f"{unfilled} of {len(background_ids)} backgrounds cannot be filled: {count} usable "
            f"sentence{'s' * (count != 1)} by {speakers} speaker{'s' * (speakers != 1)} {verb} too few, since none may "
            f"be said twice; give more of each speaker (of an official corpus, all of it), or {remedy}"
        )
    return found


def _filled(
    background_ids: Sequence[str],
    sentences: Mapping[str, Sequence[tuple[Utterance, Cut]]],
    ranks: Ranks,
    settings: Settings,
) -> dict[str, Spoken]:
    """The speech of each background that can be filled; `sentences` are those of each speaker."""
    choices = {name: iter(ranks.order(settings.seed, "speaker", name, sentences)) for name in background_ids}
    speaking: dict[str, set[str]] = defaultdict(set)
    filled: dict[str, dict[str, Spoken]] = {}
    waiting = list(background_ids)
    while waiting:
        changed = set()
        for name in waiting:
            if (speaker := next(choices[name], None)) is not None:
                speaking[speaker].add(name)
                changed.add(speaker)
        waiting = []
        for speaker in changed:
            here = speaking[speaker]
            filled[speaker] = deal(sentences[speaker], here, settings)
            while unfilled := here - filled[speaker].keys():
                last = min(unfilled, key=lambda name: (draw(settings.seed, "speaker", name, speaker), name))
                here.remove(last)
                waiting.append(last)
                filled[speaker] = deal(sentences[speaker], here, settings)
    return {name: spoken for clips in filled.values() for name, spoken in clips.items()}


def deal(
    sentences: Iterable[tuple[Utterance, Cut]], background_ids: Collection[str], settings: Settings
) -> dict[str, Spoken]:
    """Deal the sentences of one speaker out to the backgrounds that want them.

    Returns:
        The speech of each background for which some of its sentences fit.
    """
    hands: dict[str, list[tuple[int, Utterance, Cut]]] = defaultdict(list)
    for utterance, cut in sentences if background_ids else ():
        draws = [(draw(settings.seed, "sentence", name, utterance.utterance_id), name) for name in background_ids]
        number, name = max(draws)
        hands[name].append((number, utterance, cut))
    found = {}
    for name, hand in hands.items():
        hand.sort(key=lambda item: (-item[0], item[1].utterance_id))
        if spoken := _first_that_fits(name, [(utterance, cut) for _, utterance, cut in hand], settings):
            found[name] = spoken
    return found


def _first_that_fits(background_id: str, sentences: Sequence[tuple[Utterance, Cut]], settings: Settings) -> Spoken:
    """The first combination, as in a dictionary, of two to four sentences that is long enough and not too long.

    Each sentence has its own pause before it, which it loses where it is the first.
    """
    shortest = Fraction(str(settings.speech_min_s)) * RATE_HZ
    longest = Fraction(str(settings.speech_max_s)) * RATE_HZ
    with_pauses = [
        (utterance, replace(cut, pause_samples=draw_pause(settings.seed, background_id, utterance.utterance_id)))
        for utterance, cut in sentences
    ]

    def extend(taken: Spoken, samples: int, start: int) -> Iterator[Spoken]:
        for place in range(start, len(with_pauses)):
            utterance, cut = with_pauses[place]
            one = cut if taken else replace(cut, pause_samples=0)
            total = samples + one.pause_samples + one.samples
            if total > longest:
                continue
            longer = (*taken, (utterance, one))
            if len(longer) >= MIN_PARTS and total >= shortest:
                yield longer
            if len(longer) < MAX_PARTS:
                yield from extend(longer, total, place + 1)

    return next(extend((), 0, 0), ())


def draw_pause(seed: int, background_id: str, utterance_id: str) -> int:
    """The pause before an utterance that is not the first of its clip, in samples."""
    return MIN_PAUSE + (draw(seed, "pause", background_id, utterance_id) * (MAX_PAUSE - MIN_PAUSE + 1) >> 64)
