#!/usr/bin/env python3
"""Do the intervals hold the true value, and does the test of a difference reject at its level? Simulated.

Data sets have the size and the crossing of the official one: 244 utterances of 28 sentences by 104 speakers; each of
1,117 backgrounds of 426 recordings takes one utterance at random. Speakers, sentences and recordings have normal
effects on the logit of an answer's error rate, some of them on each system alone; there is no other difference between
the systems of a test. Each line: how often the 95 % interval of one system holds the true value (coverage), how often
two equal systems differ at p < 0.05 (size), and how often two do that differ by the given points (power).

Exit code 1 if a coverage leaves 91 to 97 % (mAP: 99 %; 100 % where nothing is shared) or a size exceeds 7.5 % (10 %
where recordings matter to each system alone).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sseu_metric.classification import mean_average_precision, mean_class_accuracy
from sseu_metric.jackknife import Jackknife, make_jackknife
from sseu_metric.replicates import class_accuracy_replicates, mean_average_precision_replicates, ratio_replicates

# (utterances, words) of each sentence and utterances of each speaker, counted in the texts and lengths of VCTK 0.92;
# recordings and clips of each scene (docs/protocol.md): every DESED clip is a recording of its own.
SENTENCES = (
    *(
        (70, 28),
        (38, 22),
        (32, 20),
        (26, 19),
        (13, 26),
        (12, 21),
        (12, 19),
        (9, 36),
        (7, 21),
        (4, 20),
        (3, 22),
        (2, 28),
    ),
    *((1, words) for words in (28, 28, 28, 28, 22, 22, 22, 22, 20, 20, 20, 19, 19, 18, 18, 17)),
)
UTTERANCES_OF_SPEAKERS = (*[8] * 4, 7, 6, *[5] * 5, *[4] * 9, *[3] * 12, *[2] * 30, *[1] * 42)
CLIPS = {
    "Restaurant": (10, 64),
    "City Center": (10, 237),
    "Grocery Store": (8, 22),
    "Metro Station": (9, 194),
    "Residential Area": (11, 222),
    "Home": (378, 378),
}
SPEAKERS, EVENTS = len(UTTERANCES_OF_SPEAKERS), 18
WER, ACCURACY = 0.10, 0.50
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Scenario:
    """Standard deviations on the logit scale.

    Attributes:
        speaker: Effect of a speaker on every system; `sentence` and `recording` likewise.
        own: The same three effects on each system alone.
        max_size: Largest tolerated share of false positives, in percent.
        max_coverage: Largest tolerated coverage, in percent.
        differences: Points by which the second system is worse, for the power.
    """

    speaker: float = 0.0
    sentence: float = 0.0
    recording: float = 0.0
    own: tuple[float, float, float] = (0.0, 0.0, 0.0)
    max_size: float = 7.5
    max_coverage: float = 97.0
    differences: tuple[float, ...] = ()

    @property
    def effects(self) -> tuple[float, float, float]:
        """The three standard deviations."""
        return self.speaker, self.sentence, self.recording


WER_SCENARIOS = (
    Scenario(max_coverage=100.0),  # the largest of three equal variances is chosen: too wide, and harmless
    Scenario(speaker=0.6),
    Scenario(speaker=0.6, sentence=0.15),
    Scenario(speaker=0.6, sentence=0.3),
    Scenario(speaker=0.6, sentence=0.6),
    Scenario(speaker=0.6, recording=0.5),
    Scenario(speaker=0.5, sentence=0.4, recording=0.5, differences=(1.0, 2.0)),
    *(Scenario(0.5, 0.4, 0.5, own=(0.0, sd, 0.0)) for sd in (0.05, 0.15, 0.3)),
    Scenario(0.5, 0.4, 0.5, own=(0.3, 0.0, 0.0)),
    Scenario(0.5, 0.4, 0.5, own=(0.0, 0.0, 0.3), max_size=10.0),
    Scenario(0.5, 0.4, 0.5, own=(0.2, 0.2, 0.2)),
)
SCENE_SCENARIOS = (
    Scenario(),
    Scenario(recording=0.6),
    Scenario(recording=0.6, own=(0.0, 0.0, 0.4), differences=(6.7, 9.0)),
    Scenario(recording=1.0, own=(0.0, 0.0, 0.8)),
)
EVENT_SCENARIOS = (
    Scenario(recording=0.5, max_coverage=99.0),
    Scenario(recording=0.5, own=(0.0, 0.0, 0.25), max_coverage=99.0, differences=(2.5,)),
)


@dataclass(frozen=True)
class Design:
    """The clips of a data set: their utterances and recordings, and what their jackknives leave out."""

    speaker: NDArray[np.int64]
    sentence: NDArray[np.int64]
    recording: NDArray[np.int64]
    scene: NDArray[np.int64]
    words: NDArray[np.int64]
    by_speech: Jackknife
    by_recording: Jackknife

    @classmethod
    def draw(cls, generator: np.random.Generator) -> Design:
        """Give every utterance a speaker and a sentence, and every background an utterance."""
        sentence_of = np.repeat(np.arange(len(SENTENCES)), [count for count, _ in SENTENCES])
        speaker_of = generator.permutation(np.repeat(np.arange(SPEAKERS), UTTERANCES_OF_SPEAKERS))
        scene = np.repeat(np.arange(len(CLIPS)), [clips for _, clips in CLIPS.values()])
        names = [f"{name} {number % count}" for name, (count, clips) in CLIPS.items() for number in range(clips)]
        utterance = generator.integers(0, len(sentence_of), len(scene))
        speaker, sentence = speaker_of[utterance], sentence_of[utterance]
        words = np.array([count for _, count in SENTENCES])[sentence]
        columns = {"speaker": list(map(str, speaker)), "sentence": list(map(str, sentence)), "recording": names}
        return cls(
            speaker,
            sentence,
            np.unique(names, return_inverse=True)[1],
            scene,
            words,
            make_jackknife(columns, [""] * len(names), words.astype(float)),
            make_jackknife({"recording": names}, list(map(str, scene)), np.ones(len(names))),
        )

    def effect(self, sds: Sequence[float], generator: np.random.Generator) -> Floats:
        """The sum of a speaker's, a sentence's and a recording's effect in each clip."""
        groups = zip((self.speaker, self.sentence, self.recording), sds, strict=True)
        return np.asarray(sum(generator.normal(0, sd, group.max() + 1)[group] for group, sd in groups))


@dataclass(frozen=True)
class Measured:
    """A metric of one system: its value, its jackknife and its replicates."""

    value: float
    jackknife: Jackknife
    replicates: Floats


def sigmoid(logits: Floats) -> Floats:
    """The logistic function."""
    return np.asarray(1 / (1 + np.exp(-logits)))


def shift_for(rate: float, sds: Sequence[float]) -> float:
    """The logit at which the mean rate over normal effects is `rate` (Gauss-Hermite quadrature, bisection)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    spread = float(np.sqrt(np.sum(np.square(sds))))
    low, high = -10.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        mean = float((weights * sigmoid(middle + spread * nodes)).sum() / weights.sum())
        low, high = (middle, high) if mean < rate else (low, middle)
    return low


def word_errors(design: Design, logits: Floats, generator: np.random.Generator) -> Measured:
    """WER of a system whose words are wrong with these logits."""
    errors = generator.binomial(design.words, sigmoid(logits))
    value = 100 * float(errors.sum() / design.words.sum())
    return Measured(value, design.by_speech, ratio_replicates(design.by_speech, errors, design.words))


def scene_hits(design: Design, logits: Floats, generator: np.random.Generator) -> Measured:
    """MACC of a system that hits with these logits."""
    hits = generator.random(len(logits)) < sigmoid(logits)
    value = mean_class_accuracy(hits, design.scene, len(CLIPS))
    replicates = class_accuracy_replicates(design.by_recording, hits, design.scene, len(CLIPS))
    return Measured(value, design.by_recording, replicates)


def rate_trial(
    scenario: Scenario,
    seed: int,
    *,
    rate: float,
    measure: Callable[[Design, Floats, np.random.Generator], Measured],
    better: int,
    factors: tuple[int, ...],
) -> list[bool]:
    """One data set for WER or mACC: does the interval hold, do equal systems differ, do different ones."""
    generator = np.random.default_rng([seed, 1])
    design = Design.draw(generator)
    sds = [scenario.effects[one] for one in factors] + [scenario.own[one] for one in factors]
    both = scenario.effects, scenario.own
    common, own = ([sd if number in factors else 0.0 for number, sd in enumerate(some)] for some in both)
    shared = design.effect(common, generator)

    def system(points: float = 0.0) -> Measured:
        logits = shift_for(rate + better * points / 100, sds) + shared + design.effect(own, generator)
        return measure(design, logits, generator)

    first, second = system(), system()
    return [
        holds(first, 100 * rate),
        differ(first, second),
        *(differ(first, system(one)) for one in scenario.differences),
    ]


def event_trial(scenario: Scenario, seed: int) -> list[float]:
    """One data set for mAP: value, half width of the interval, two equal systems, different ones and their distance."""
    generator = np.random.default_rng([seed, 2])
    design = Design.draw(generator)
    recordings, clips = int(design.recording.max()) + 1, len(design.scene)
    group = design.recording
    present = generator.normal(-1.6, 0.5, (recordings, EVENTS))[group] + generator.normal(0, 1, (clips, EVENTS)) > 0
    shared = generator.normal(0, scenario.recording, (recordings, EVENTS))[group]

    def system(strength: float = 1.2) -> Measured:
        own = generator.normal(0, scenario.own[2], (recordings, EVENTS))[group]
        scores = np.round(strength * present + shared + own + generator.normal(0, 1, (clips, EVENTS)), 1)
        replicates = mean_average_precision_replicates(design.by_recording, present, scores)
        return Measured(mean_average_precision(present, scores), design.by_recording, replicates)

    first, second = system(), system()
    interval = first.jackknife.error_of(first.replicates, first.value).interval(first.value)  # type: ignore[union-attr]
    found = [first.value, (interval.high - interval.low) / 2, float(differ(first, second))]
    if scenario.differences:
        worse = system(1.2 - 0.0276 * scenario.differences[0])
        found += [float(differ(first, worse)), first.value - worse.value]
    return found


def holds(system: Measured, true: float) -> bool:
    """Whether the interval holds the true value."""
    error = system.jackknife.error_of(system.replicates, system.value)
    assert error is not None
    interval = error.interval(system.value)
    return interval.low <= true <= interval.high


def differ(one: Measured, other: Measured) -> bool:
    """Whether two systems differ at 0.05."""
    difference = one.value - other.value
    error = one.jackknife.error_of(one.replicates - other.replicates, difference)
    assert error is not None
    return error.p_value(difference) < 0.05


def report(name: str, scenario: Scenario, coverage: float, size: float, powers: Sequence[str]) -> bool:
    """Print a line; whether it is within the limits."""
    text = " ".join(f"{letter}{sd:g}" for letter, sd in zip("vsr", scenario.effects, strict=True) if sd) or "none"
    own = " ".join(f"{letter}{sd:g}" for letter, sd in zip("vsr", scenario.own, strict=True) if sd) or "none"
    met = 91 <= coverage <= scenario.max_coverage and size <= scenario.max_size
    fault = "" if met else "  <- outside"
    print(f"{name:<5} {text:<16} {own:<16} {coverage:6.1f} {size:6.1f}  {'; '.join(powers)}{fault}")
    return met


def main(trials: int, event_trials: int, workers: int) -> int:
    """Simulate and judge."""
    print(
        f"{trials} data sets a line ({event_trials} for mAP); effects: v speaker, s sentence, r recording (SD, logit)"
    )
    print(f"{'':<5} {'shared effects':<16} {'own effects':<16} {'cover':>6} {'size':>6}  power at points of difference")
    met = True
    word_trial = partial(rate_trial, rate=WER, measure=word_errors, better=1, factors=(0, 1, 2))
    scene_trial = partial(rate_trial, rate=ACCURACY, measure=scene_hits, better=-1, factors=(2,))
    with ProcessPoolExecutor(workers) as pool:
        for name, trial, scenarios in (("WER", word_trial, WER_SCENARIOS), ("mACC", scene_trial, SCENE_SCENARIOS)):
            for scenario in scenarios:
                found = np.array(list(pool.map(partial(trial, scenario), range(trials), chunksize=10)))
                shares = 100 * found.mean(axis=0)
                pairs = zip(scenario.differences, shares[2:], strict=True)
                powers = [f"{share:.0f} % at {points:g}" for points, share in pairs]
                met &= report(name, scenario, shares[0], shares[1], powers)
        for scenario in EVENT_SCENARIOS:
            table = np.array(list(pool.map(partial(event_trial, scenario), range(event_trials), chunksize=5)))
            true = table[:, 0].mean()  # no closed form
            coverage = 100 * (abs(table[:, 0] - true) <= table[:, 1]).mean()
            powers = []
            if scenario.differences:
                powers = [f"{100 * table[:, 3].mean():.0f} % at {table[:, 4].mean():.1f}"]
            met &= report("mAP", scenario, coverage, 100 * table[:, 2].mean(), powers)
    return 0 if met else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1000, help="data sets of each line for WER and mACC (1000)")
    parser.add_argument("--event-trials", type=int, default=600, help="data sets of each line for mAP (600)")
    parser.add_argument("--workers", type=int, default=2, help="processes (2)")
    arguments = parser.parse_args()
    sys.exit(main(arguments.trials, arguments.event_trials, arguments.workers))
