"""Answers of systems that exist only as numbers, to every question about clips with the official labels.

Levels, falls with the SNR and spreads are those of the paper's Table 1: WER from 2 to 90, mACC from 20 to 75, mAP from
20 to 70 %. Errors share effects of speaker, sentence, recording and clip, as real ones do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sseu_metric.conditions import CONDITIONS, scored_conditions
from sseu_metric.labels import EVENTS, SCENES
from sseu_metric.rows import Rows
from sseu_metric.scores import Scores
from sseu_metric.tasks import TASKS

WORDS = (28, 22, 20, 19, 26, 21, 19, 36, 21, 20, 22, 28)
UTTERANCES_OF_SENTENCE = (70, 38, 32, 26, 13, 12, 12, 9, 7, 4, 3, 18)
SPEAKERS = 104


def as_pairs(labels: Sequence[Mapping[str, Any]], name: str) -> list[dict[str, Any]]:
    """The dataset rows of labelled backgrounds in the paper's conditions, each with one of 244 utterances.

    `name` is a part of every pair's id, so that another name gives other draws.
    """
    generator = np.random.default_rng(0)
    sentence_of = np.repeat(np.arange(len(WORDS)), UTTERANCES_OF_SENTENCE)
    speaker_of = generator.integers(0, SPEAKERS, len(sentence_of))
    rows = []
    for number, label in enumerate(labels):
        utterance = int(generator.integers(len(sentence_of)))
        rows += [
            {
                "id": f"{name}{number}_{condition}",
                "pair_id": f"{name}{number}",
                "condition": condition,
                "scene": SCENES.index(label["scene"]) if condition != "+inf" else None,
                "events": [EVENTS.index(event) for event in label["events"]] if condition != "+inf" else [],
                "transcript": f"sentence {sentence_of[utterance]}" if condition != "-inf" else "",
                "speaker_id": f"p{speaker_of[utterance]}",
                "source_recording_id": label["source_recording_id"],
            }
            for condition in CONDITIONS
        ]
    return rows


class Population:
    """All questions about a dataset, by task as (pairs, conditions)."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.by_task: dict[str, list[Mapping[str, Any]]] = {}
        for task in TASKS:
            asked = scored_conditions(task, CONDITIONS)
            self.by_task[task] = [row for row in rows if row["condition"] in asked]
        backgrounds = self.by_task["at"][:: len(CONDITIONS) - 1]
        self.truth = np.zeros((len(backgrounds), len(EVENTS)), dtype=bool)
        for number, row in enumerate(backgrounds):
            self.truth[number, row["events"]] = True
        self.scene = np.array([row["scene"] for row in backgrounds])
        self.recording = _codes([row["source_recording_id"] for row in backgrounds])
        speech = self.by_task["asr"][:: len(CONDITIONS) - 1]
        self.speaker = _codes([row["speaker_id"] for row in speech])
        self.sentence = _codes([row["transcript"] for row in speech])
        self.words = np.array([WORDS[int(row["transcript"].split()[1])] for row in speech])

    def effect(self, generator: np.random.Generator, **sds: float) -> NDArray[np.float64]:
        """The sum of normal effects of the named groups in each pair."""
        return np.asarray(
            sum(generator.normal(0, sd, getattr(self, name).max() + 1)[getattr(self, name)] for name, sd in sds.items())
        )

    def answers(self, generator: np.random.Generator) -> Scores:
        """The scores of one system's answers to all questions."""
        return Scores({"asr": self._words(generator), "asc": self._scenes(generator), "at": self._events(generator)})

    def _words(self, generator: np.random.Generator) -> Rows:
        rise = np.array([0, 0.3, 0.6, 1.0, 1.8, 2.8]) * generator.uniform(0.3, 1.3)
        shared = self.effect(generator, speaker=0.5, sentence=0.3, recording=0.5)
        logits = generator.uniform(-4, 0.5) + rise + shared[:, np.newaxis] + generator.normal(0, 0.6, (len(shared), 6))
        words = np.repeat(self.words[:, np.newaxis], 6, axis=1)
        wrong = generator.binomial(words, _sigmoid(logits))
        loops = generator.random(wrong.shape) < generator.choice([0, 0, 0.01])
        counts = np.stack([wrong, 0 * wrong, 40 * loops, words], axis=-1).reshape(-1, 4)
        return self._rows("asr", {"counts": counts})

    def _scenes(self, generator: np.random.Generator) -> Rows:
        level = generator.normal(generator.uniform(-1.8, 1.5), 1.2, len(SCENES))[self.scene]
        fall = np.array([0.8, 0.7, 0.6, 0.4, 0.2, 0]) * generator.uniform(0, 2)
        own = self.effect(generator, recording=0.7) + generator.normal(0, 0.8, len(level))
        hit = generator.random((len(level), 6)) < _sigmoid((level + own)[:, np.newaxis] - fall)
        reference = np.repeat(self.scene, 6)
        return self._rows("asc", {"hit": hit.reshape(-1), "reference": reference})

    def _events(self, generator: np.random.Generator) -> Rows:
        """Either names, whose confidences are few cosines, or a classifier's scores, on another scale by condition."""
        shape = self.truth.shape
        skill = np.clip(generator.normal(generator.uniform(1.6, 3.2), 0.8, len(EVENTS)), 0.2, 5)
        of_recording = generator.normal(0, 0.4, (self.recording.max() + 1, len(EVENTS)))[self.recording]
        own = of_recording + generator.normal(0, 0.8, shape) + generator.normal(0, 0.5, len(EVENTS))
        falls = np.array([0.9, 0.85, 0.75, 0.6, 0.5, 0]) * generator.uniform(0, 0.35)
        cosines = np.round(generator.uniform(0.05, 0.5, (len(EVENTS), len(EVENTS))), 6)
        cosines = (cosines + cosines.T) / 2
        np.fill_diagonal(cosines, 1)
        in_words = generator.random() < 0.6
        confidences = np.zeros((len(self.truth), 6, len(EVENTS)))
        names = np.full((len(self.truth), 6), None, dtype=object)
        for number, fall in enumerate(falls):
            heard = self.truth * skill * (1 - fall) + own + generator.normal(0, 0.7, shape)
            if not in_words:
                confidences[:, number] = heard * generator.uniform(0.7, 1.4) + generator.normal(0, 0.7, len(EVENTS))
                continue
            named = heard > 1.5
            each = np.where(named[:, np.newaxis, :], cosines, 0).max(axis=2)
            confidences[:, number] = each
            for place, one in enumerate(named):
                names[place, number] = tuple(np.flatnonzero(one).tolist())
        flat = confidences.reshape(-1, len(EVENTS))
        truth = np.repeat(self.truth, 6, axis=0)
        return self._rows("at", {"confidences": flat, "truth": truth, "names": names.reshape(-1)})

    def _rows(self, task: str, payload: Mapping[str, NDArray[Any]]) -> Rows:
        rows = self.by_task[task]
        texts = {
            "id": "id",
            "condition": "condition",
            "pair": "pair_id",
            "speaker": "speaker_id",
            "sentence": "transcript",
            "recording": "source_recording_id",
        }
        columns: dict[str, Any] = {
            name: np.array([row[key] for row in rows], dtype=object) for name, key in texts.items()
        }
        scenes = ["" if row["scene"] is None else SCENES[row["scene"]] for row in rows]
        columns |= {"scene": np.array(scenes, dtype=object), "run": np.zeros(len(rows), dtype=np.int64)}
        columns |= {
            name: np.full(len(rows), value, dtype=object)
            for name, value in {"mode": "independent", "status": "answered", "corpus": ""}.items()
        }
        return Rows(columns | dict(payload))


def only(scores: Scores, chosen: Mapping[tuple[str, str], float]) -> Scores:
    """The answers to the chosen questions."""
    return Scores(
        {
            task: rows.take(np.array([(name, task) in chosen for name in rows["id"]]))
            for task, rows in scores.tables.items()
        }
    )


def _codes(values: Sequence[str]) -> NDArray[np.int64]:
    return np.unique(values, return_inverse=True)[1]


def _sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-logits)))
