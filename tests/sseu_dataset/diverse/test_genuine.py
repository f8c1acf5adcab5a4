"""The rule on the genuine metadata of VCTK 0.92; lengths are the published times and what the detector adds to them."""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sseu_dataset.corpora.vctk import clean_transcript, is_shared
from sseu_dataset.diverse.allocation import Spoken, allocate
from sseu_dataset.diverse.sentences import Ranks, Readings, near_pairs, owners, sentence_of, usable
from sseu_dataset.records import PAPER_PAIRS, RATE_HZ, Cut, Settings, Utterance
from sseu_metric.normalisers import normalise

MEN = {
    f"p{number}"
    for number in (
        226,
        227,
        232,
        237,
        241,
        243,
        245,
        246,
        247,
        251,
        252,
        254,
        255,
        256,
        258,
        259,
        260,
        263,
        270,
        271,
        272,
        273,
        274,
        275,
        278,
        279,
        281,
        284,
        285,
        286,
        287,
        292,
        298,
        302,
        304,
        311,
        316,
        326,
        334,
        345,
        347,
        360,
        363,
        364,
        374,
        376,
    )
}
LONGER_S = 0.32
"""How much longer a cut is than the published times, as measured on seven recordings (test_speech_bounds)."""
BACKGROUNDS = [f"background {number}" for number in range(sum(PAPER_PAIRS.values()))]


@dataclass(frozen=True)
class Genuine:
    """Every utterance that has a text, its length, and the sentences that are nearly equal."""

    lengths: dict[Utterance, int]
    near: list[tuple[str, str]]

    def draw(self, without: Utterance | None = None) -> dict[str, Spoken]:
        utterances = [one for one in self.lengths if one != without]
        readings = Readings.of(utterances, shared_of(utterances))
        own = owners(readings, usable(readings, self.near), seed=0)
        cuts = ((one, Cut(0, self.lengths[one], 0)) for one in own)
        return allocate(BACKGROUNDS, cuts, Ranks(readings.genders), Settings(rule="diverse"))


@pytest.fixture(scope="module")
def genuine(metadata: Path) -> Genuine:
    lengths = {}
    with (metadata / "vctk_utterances.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            raw, speaker = row["transcript"], row["speaker"]
            name = f"{speaker}_{row['line']}"
            length_s = float(row["speech_end_s"]) - float(row["speech_start_s"]) + LONGER_S
            gender = "M" if speaker in MEN else "F"
            if raw:
                lengths[Utterance(name, speaker, gender, None, clean_transcript(raw), raw, name)] = round(
                    length_s * RATE_HZ
                )
    return Genuine(lengths, near_pairs(Readings.of(lengths).readers, workers=2))


def shared_of(utterances: Iterable[Utterance]) -> set[str]:
    return {one.utterance_id for one in utterances if is_shared(one.utterance_id)}


def words(spoken: Iterable[Utterance]) -> list[str]:
    return [word for one in spoken for word in sentence_of(one.transcript).split()]


def test_sentences_of_the_real_corpus(genuine: Genuine) -> None:
    readings = Readings.of(genuine.lengths, shared_of(genuine.lengths))
    left = usable(readings, genuine.near)
    print(f"{len({one.transcript for one in genuine.lengths})} raw, {len(readings.readers)} normalised sentences")
    print(f"{len(readings.readers) - len(readings.shared)} not shared, {len(left)} without nearly equal ones")
    assert len({one.transcript for one in genuine.lengths}) == 13_601
    assert len(readings.readers) == 13_509
    assert len(readings.readers) - len(readings.shared) == 13_434
    assert len(left) == 12_985
    assert Counter(readings.genders.values()) == {"F": 62, "M": 46}


def test_clips_of_the_real_corpus(genuine: Genuine) -> None:
    drawn = genuine.draw()
    spoken = [one for parts in drawn.values() for one, _ in parts]
    clips = Counter(parts[0][0].speaker_id for parts in drawn.values())
    genders = Counter(parts[0][0].speaker_gender for parts in drawn.values())
    lengths_s = [sum(cut.pause_samples + cut.samples for _, cut in parts) / RATE_HZ for parts in drawn.values()]
    per_clip = sorted(Counter(map(len, drawn.values())).items())
    mean_s = sum(lengths_s) / len(lengths_s)
    ordered = sorted(clips.values())
    print(f"{len(spoken)} sentences, {len(words(spoken))} words, {len(set(words(spoken)))} word forms")
    print(f"{len(clips)} speakers in {ordered[0]} to {ordered[-1]} clips (median {ordered[54]}), {dict(genders)}")
    print(f"{min(lengths_s):.2f} to {max(lengths_s):.2f} s, mean {mean_s:.2f} s; clips by utterances {per_clip}")
    assert len(drawn) == 1117
    assert len({sentence_of(one.transcript) for one in spoken}) == len(spoken) == pytest.approx(4_200, rel=0.03)
    assert len(set(normalise([one.transcript for one in spoken]))) == len(spoken)  # nor is one twice for the WER
    assert len(words(spoken)) == pytest.approx(28_100, rel=0.02)
    assert len(clips) == 108
    assert ordered[0] >= 1
    assert ordered[-1] <= 25
    assert genders["F"] == pytest.approx(592, abs=20)
    assert mean_s == pytest.approx(8.9, abs=0.1)
    assert 8 <= min(lengths_s) <= max(lengths_s) <= 10


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_losing_a_file_of_the_real_corpus_changes_few_clips(genuine: Genuine) -> None:
    whole = genuine.draw()
    used = {one for parts in whole.values() for one, _ in parts}
    lost = random.Random(0).sample(sorted(genuine.lengths, key=lambda one: one.utterance_id), 60)
    changes = {}
    for one in lost:
        without = genuine.draw(one)
        changes[one] = sum(without[name] != whole[name] for name in BACKGROUNDS)
    of_used = [count for one, count in changes.items() if one in used]
    print(f"clips changed by the loss of one of {len(lost)} files: {sorted(Counter(changes.values()).items())}")
    print(f"of {len(of_used)} used files: {sum(of_used) / max(len(of_used), 1):.1f} on average")
    assert sum(count == 0 for count in changes.values()) > 30
    assert max(changes.values()) < 50
