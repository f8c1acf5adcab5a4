#!/usr/bin/env python3
"""Do two editions differ for a fixed system by sampling error only? Simulated on the corpora's own metadata.

Each trial draws a system that exists only as numbers (effects of speakers, sentences, recordings and events) and two
editions by two seeds, with the benchmark's own draws (`pair_up`). The system is the same in both, so the difference is
what the draw of speech makes of it. Three 95 % intervals of that difference, all of `sseu_metric`:

    paired   by leaving out a background, with the speech it has in either edition, of both at once
    pairs    by leaving out pairs of speech and background in each edition by itself, variances added
    usual    those of the report (speakers, sentences, recordings) in each edition by itself, variances added

Each line: how often they hold the difference, the standard deviation of the difference, and the mean half widths. The
metadata (`--metadata`) is that of VCTK 0.92, DESED and MAESTRO-Real; lengths are estimated as the end of the speech
plus 0.47 s, cuts as the speech with 0.2 s on either side, and speakers weigh as if of one gender. Where the folder is
missing, a population of the same size is drawn, and the rule `diverse` is left out.

Exit code 1 if `paired` leaves 91 to 99 %, or another holds the difference less often than 91 %.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from sseu_dataset.corpora.desed import read_table, select_clips
from sseu_dataset.corpora.maestro import EVENTS as MAESTRO_EVENTS
from sseu_dataset.corpora.maestro import SCENES as MAESTRO_SCENES
from sseu_dataset.corpora.maestro import Annotation, select_windows
from sseu_dataset.corpora.vctk import clean_transcript
from sseu_dataset.diverse.allocation import allocate
from sseu_dataset.diverse.sentences import Ranks, Readings, near_pairs, owners, usable
from sseu_dataset.pairing import pair_up
from sseu_dataset.records import (
    CLIP_SAMPLES,
    JOINT,
    RATE_HZ,
    Background,
    Cut,
    EventSegment,
    RuleName,
    Settings,
    Utterance,
    joined,
)
from sseu_metric.conditions import condition_of
from sseu_metric.labels import EVENTS, SCENES
from sseu_metric.rows import KEYS, Rows
from sseu_metric.scores import Scores
from sseu_metric.simulated_answers import draw_confidences, draw_hits, draw_words
from sseu_metric.tasks import task_of_metric

METADATA = Path(__file__).resolve().parents[2] / "shared" / "metadata"
CUT_MARGIN_S = 0.2
MARGIN_S = 0.47  # from the end of the speech to the end of the file: lengths are not in the metadata
METRICS = ("wer", "macc", "map")
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Scenario:
    """Standard deviations of a system's effects on the logit of an error.

    Attributes:
        speaker: Standard deviation of the effect of a speaker.
        sentence: That of a sentence.
        recording: That of a background recording.
    """

    speaker: float
    sentence: float
    recording: float


SCENARIOS: Mapping[RuleName, Sequence[Scenario]] = {
    "paper": (Scenario(0.0, 0.0, 0.0), Scenario(0.6, 0.4, 0.0), Scenario(0.5, 0.4, 0.5), Scenario(0.5, 0.4, 1.0)),
    "diverse": (Scenario(0.5, 0.4, 0.5),),
}


@dataclass(frozen=True)
class Population:
    """What an edition is drawn from.

    Attributes:
        backgrounds: All of them: every edition has each once.
        utterances: The pool of speech.
        max_samples: Length of each utterance at 44,100 Hz.
        sentences: Who reads what, and which sentences may be used, for the rule `diverse`; None for `paper`.
        cuts: What is taken of each recording then.
    """

    backgrounds: tuple[Background, ...]
    utterances: tuple[Utterance, ...]
    max_samples: dict[str, int]
    sentences: tuple[Readings, list[str]] | None = None
    cuts: dict[str, Cut] = field(default_factory=dict)

    def draw(self, seed: int) -> list[tuple[Background, list[Utterance]]]:
        """The backgrounds of an edition in the order of their ids, each with its speech."""
        by_id = {background.background_id: background for background in self.backgrounds}
        if self.sentences is None:
            pairs = pair_up(self.backgrounds, self.utterances, self.max_samples, Settings(seed=seed))
            speech = {background.background_id: [utterance] for background, utterance, _ in pairs}
        else:
            readings, sentences = self.sentences
            cuts = [(one, self.cuts[one.utterance_id]) for one in owners(readings, sentences, seed)]
            dealt = allocate(sorted(by_id), cuts, Ranks(readings.genders), Settings(seed=seed, rule="diverse"))
            speech = {name: [utterance for utterance, _ in parts] for name, parts in dealt.items()}
        return [(by_id[name], speech[name]) for name in sorted(by_id)]


def read_population(metadata: Path, rule: RuleName = "paper") -> Population:
    """Backgrounds and utterances by the benchmark's rules, of the corpora's own tables."""
    backgrounds = select_clips(read_table(metadata / "desed_public_eval.tsv").events)
    active: dict[str, dict[str, dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
    annotated_s: dict[str, int] = defaultdict(int)
    with (metadata / "maestro_dev_hard_labels.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            name, label = row["filename"], row["event_label"].replace("_", " ")
            annotated_s[name] = max(annotated_s[name], int(float(row["offset"])))
            if label in MAESTRO_EVENTS:
                active[name][MAESTRO_EVENTS[label]][int(float(row["onset"]))] = 1.0
    for name, end in sorted(annotated_s.items()):
        scene = MAESTRO_SCENES[name.rsplit("_", 1)[0]]
        backgrounds += select_windows(f"audio/{name}", scene, Annotation(active[name], end))
    utterances, max_samples, cuts = [], {}, {}
    with (metadata / "vctk_utterances.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            start_s, end_s = float(row["speech_start_s"]), float(row["speech_end_s"])
            if row["transcript"] and (rule == "diverse" or 8 <= end_s + MARGIN_S <= 10):
                name = f"{row['speaker']}_{row['line']}"
                text = clean_transcript(row["transcript"])
                utterances.append(Utterance(name, row["speaker"], None, None, text, text, f"{name}.flac"))
                max_samples[name] = round((end_s + MARGIN_S) * RATE_HZ)
                cuts[name] = Cut(0, round((end_s - start_s + 2 * CUT_MARGIN_S) * RATE_HZ), 0)
    sentences = None
    if rule == "diverse":
        readings = Readings.of(utterances)
        sentences = readings, usable(readings, near_pairs(readings.readers, 1))
    return Population(tuple(backgrounds), tuple(utterances), max_samples, sentences, cuts)


def draw_population(seed: int = 0) -> Population:
    """A population of the official size: 244 utterances of 28 sentences by 104 speakers, 1,117 backgrounds."""
    generator = np.random.default_rng(seed)
    backgrounds = []
    for scene, (recordings, clips) in zip(
        SCENES, ((10, 64), (10, 237), (8, 22), (9, 194), (11, 222), (378, 378)), strict=True
    ):
        for number in range(clips):
            recording = f"{scene} {number % recordings}"
            events = {EVENTS[one] for one in generator.choice(len(EVENTS), generator.integers(1, 4))}
            segments = tuple(EventSegment(event, 0.0, 10.0) for event in sorted(events))
            name = f"{scene} clip {number}"
            backgrounds.append(Background(name, "MAESTRO-Real", recording, 0, scene, segments, recording))
    utterances = []
    for number in range(244):
        speaker, sentence = f"s{generator.integers(104)}", int(28 * generator.random() ** 2)
        text = " ".join(f"word{sentence}" for _ in range(18 + sentence % 18))
        utterances.append(Utterance(f"u{number}", speaker, None, None, text, text, f"u{number}.flac"))
    return Population(tuple(backgrounds), tuple(utterances), {item.utterance_id: CLIP_SAMPLES for item in utterances})


def questions(population: Population, seed: int) -> dict[str, Rows]:
    """An edition's questions about one condition by task, in the order of the backgrounds' ids, unanswered."""
    drawn = population.draw(seed)
    pairs = [(background, joined(speech)) for background, speech in drawn]
    texts = {
        "id": [background.background_id for background, _ in pairs],
        "mode": ["independent"] * len(pairs),
        "condition": [condition_of(0.0)] * len(pairs),
        "scene": [background.scene for background, _ in pairs],
        "corpus": [background.corpus for background, _ in pairs],
        "pair": [background.background_id for background, _ in pairs],
        "recording": [background.source_recording_id for background, _ in pairs],
        "speaker": [utterance.speaker_id for _, utterance in pairs],
        "gender": [""] * len(pairs),
        "accent": [""] * len(pairs),
        "sentence": [JOINT.join(utterance.transcript for utterance in speech) for _, speech in drawn],
        "status": ["answered"] * len(pairs),
    }
    columns = {name: np.array(values, dtype=object) for name, values in texts.items()}
    columns["run"] = np.zeros(len(pairs), dtype=np.int64)
    assert columns.keys() == set(KEYS)
    words = np.array([len(utterance.transcript.split()) for _, utterance in pairs])
    counts = np.stack([0 * words, 0 * words, 0 * words, words], axis=1).astype(np.int32)
    reference = np.array([SCENES.index(background.scene) for background, _ in pairs])
    truth = np.zeros((len(pairs), len(EVENTS)), dtype=bool)
    for number, (background, _) in enumerate(pairs):
        truth[number, [EVENTS.index(segment.event) for segment in background.segments]] = True
    return {
        "asr": Rows({**columns, "counts": counts}),
        "asc": Rows({**columns, "reference": reference}),
        "at": Rows({**columns, "truth": truth}),
    }


class System:
    """A system that exists only as numbers: the same effects in every edition, new outcomes for new pairs."""

    def __init__(self, population: Population, scenario: Scenario, generator: np.random.Generator) -> None:
        self._generator = generator
        self._effects: dict[str, dict[str, Floats]] = {}
        names = {
            "speaker": [item.speaker_id for item in population.utterances],
            "sentence": [item.transcript for item in population.utterances],
            "recording": [item.source_recording_id for item in population.backgrounds],
        }
        for factor, found in names.items():
            spread = getattr(scenario, factor)
            known = sorted(set(found))
            drawn = spread * generator.standard_normal((len(known), len(EVENTS)))
            self._effects[factor] = dict(zip(known, drawn, strict=True))

    def answer(self, metric: str, rows: Rows) -> Scores:
        """Its scores on the questions of an edition, about 10 % of the words wrong, half of the scenes."""
        task, generator = task_of_metric(metric), self._generator
        effects = np.asarray(sum(
            np.array([np.mean([known[part] for part in name.split(JOINT)], axis=0) for name in rows[factor]])
            for factor, known in self._effects.items()
        ))  # fmt: skip
        if task == "at":
            draw = draw_confidences(rows["truth"], np.full(len(rows), 1.2), effects, generator)
        else:
            rate = np.full(len(rows), 0.1 if task == "asr" else 0.5)
            draw = (draw_words if task == "asr" else draw_hits)(rows, rate, effects[:, 0], 1.0, generator)
        return Scores({task: Rows({**rows.columns, **draw()})}, normalizer="simulated")


def half_widths(one: Scores, other: Scores, metric: str) -> tuple[float, list[float]]:
    """The difference of two editions, and half the width of its `paired`, `pairs` and `usual` interval."""
    values = [scores.value(metric) or 0.0 for scores in (one, other)]
    by_pair = [scores.replicates(metric, "pair") for scores in (one, other)]
    difference = values[0] - values[1]
    paired = by_pair[0].jackknife.error_of(by_pair[0].average() - by_pair[1].average(), difference)
    assert paired is not None
    errors = [paired]
    for replicates in (by_pair, [scores.replicates(metric) for scores in (one, other)]):
        first, second = (scores.error_of(metric, found) for scores, found in zip((one, other), replicates, strict=True))
        assert first is not None
        assert second is not None
        errors.append(first.plus(second.variance, second.degrees_of_freedom))
    return difference, [(interval.high - interval.low) / 2 for interval in (error.interval(0.0) for error in errors)]


def trial(population: Population, scenario: Scenario, number: int) -> list[list[float]]:
    """For each metric the difference of two editions and the three half widths."""
    generator = np.random.default_rng([number, 7])
    system = System(population, scenario, generator)
    editions = [questions(population, int(seed)) for seed in generator.integers(0, 2**62, 2)]
    found = []
    for metric in METRICS:
        one, other = (system.answer(metric, tables[task_of_metric(metric)]) for tables in editions)
        difference, widths = half_widths(one, other, metric)
        found.append([difference, *widths])
    return found


def simulate(population: Population, scenario: Scenario, trials: int, workers: int) -> NDArray[np.float64]:
    """Shape (trials, metrics, 4): what `trial` returns."""
    with ProcessPoolExecutor(workers) as pool:
        return np.array(list(pool.map(partial(trial, population, scenario), range(trials), chunksize=4)))


def coverages(found: NDArray[np.float64]) -> list[list[float]]:
    """For each metric how often its three intervals hold the difference 0, in percent."""
    held = abs(found[:, :, :1]) <= found[:, :, 1:]
    return [[100 * float(share) for share in metric] for metric in held.mean(axis=0)]


def main(metadata: Path, trials: int, workers: int, rules: Mapping[RuleName, Sequence[Scenario]] = SCENARIOS) -> int:
    """Simulate and judge, every rule in its scenarios."""
    print("effects (SD, logit): v speaker, s sentence, r recording; intervals: % that hold the difference (half width)")
    print(f"{'':<5} {'effects':<17} {'SD':>5}  {'paired':>13} {'pairs':>13} {'usual':>13}")
    met = True
    for rule, scenarios in rules.items():
        if rule == "paper" or metadata.is_dir():
            met &= judge(metadata, rule, scenarios, trials if rule == "paper" else trials // 2, workers)
    return 0 if met else 1


def judge(metadata: Path, rule: RuleName, scenarios: Sequence[Scenario], trials: int, workers: int) -> bool:
    """Simulate and print the scenarios of a rule; whether the intervals do what they say."""
    genuine, met = metadata.is_dir(), True
    population = read_population(metadata, rule) if genuine else draw_population()
    counts = f"{len(population.backgrounds):,} backgrounds, {len(population.utterances):,} utterances"
    source = "metadata of the corpora" if genuine else "drawn population"
    print(f"{rule}, {source}: {counts}; {trials} times two editions a line", flush=True)
    for scenario in scenarios:
        found = simulate(population, scenario, trials, workers)
        effects = zip("vsr", (scenario.speaker, scenario.sentence, scenario.recording), strict=True)
        text = " ".join(f"{letter} {size:g}" for letter, size in effects if size) or "none"
        for number, (metric, shares) in enumerate(zip(METRICS, coverages(found), strict=True)):
            within = 91 <= shares[0] <= 99 and min(shares) >= 91
            met &= within
            cells = [f"{share:5.1f} ({fmean(found[:, number, 1 + one]):.2f})" for one, share in enumerate(shares)]
            spread = found[:, number, 0].std(ddof=1)
            name = {"wer": "WER", "macc": "mACC", "map": "mAP"}[metric]
            fault = "" if within else "  <- outside"
            print(f"{name:<5} {text:<17} {spread:5.2f}  {' '.join(f'{cell:>13}' for cell in cells)}{fault}", flush=True)
    return met


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--metadata", type=Path, default=METADATA, help="folder of the corpora's tables")
    parser.add_argument(
        "--trials", type=int, default=400, help="times two editions, a line; half of it for diverse (400)"
    )
    parser.add_argument("--workers", type=int, default=2, help="processes (2)")
    arguments = parser.parse_args()
    sys.exit(main(arguments.metadata, arguments.trials, arguments.workers))
