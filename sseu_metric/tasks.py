"""The three tasks of SSEU-Bench and the metrics that score them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

Task: TypeAlias = Literal["asr", "asc", "at"]

TASKS: tuple[Task, ...] = ("asr", "asc", "at")
"""Automatic speech recognition, acoustic scene classification, audio tagging."""

CONFIGURATIONS: Mapping[str, tuple[Task, ...]] = {"joint": TASKS, "asr": ("asr",), "asc": ("asc",), "at": ("at",)}
"""The tasks of each configuration of the metric; its name also says how a raw answer is read."""

METRICS: Mapping[str, Task] = {"wer": "asr", "wer_capped": "asr", "macc": "asc", "map": "at"}
"""Each metric and the task whose answers it scores."""

SPELLING_METRICS: Mapping[str, Task] = {"cer": "asr", "wer_lenient": "asr"}
"""What stands beside WER to say how much of it is spelling; no column of a table of results, no rank."""

CORPUS_METRICS: Mapping[str, Task] = {"map_within_corpus": "at"}
"""MAP with each class ranked only among the clips of the corpora that annotate it; beside mAP, no rank."""

MEMORY_METRICS: Mapping[str, Task] = {"words_remembered": "asr"}
"""Words given that were silenced, in percent of these; beside WER, no rank."""

PER_CLIP_METRICS: Mapping[str, Task] = {"words_per_clip": "asr", "events_per_clip": "at"}
"""What is named where there is none of it: a number per clip, the only metrics that are no percentages; no rank."""

METRIC_NAMES: Mapping[str, str] = {
    "wer": "WER",
    "wer_capped": "WER capped",
    "macc": "mACC",
    "map": "mAP",
    "cer": "CER",
    "wer_lenient": "lenient WER",
    "map_within_corpus": "mAP within corpus",
    "words_remembered": "words remembered",
    "words_per_clip": "hallucinated words per clip",
    "events_per_clip": "hallucinated events per clip",
}
"""How each metric is written in tables."""

_OF_CHARACTERS: Mapping[str, str] = {
    "wer": "CER",
    "wer_capped": "CER capped",
    "words_remembered": "characters remembered",
    "words_per_clip": "hallucinated characters per clip",
}


def metric_names(unit: str = "word") -> Mapping[str, str]:
    """How each metric is written in tables where errors of transcripts are counted in words, or in characters."""
    return {**METRIC_NAMES, **_OF_CHARACTERS} if unit == "character" else METRIC_NAMES


DIVISORS: Mapping[str, str] = {"asr": "words", "asc": "scenes", "at": "events"}
"""What references must hold for the metrics of each task to be defined."""


def task_of_metric(metric: str) -> Task:
    """The task whose answers a metric scores.

    Raises:
        ValueError: It is none of those above.
    """
    known = {**METRICS, **SPELLING_METRICS, **CORPUS_METRICS, **MEMORY_METRICS, **PER_CLIP_METRICS}
    if metric not in known:
        raise ValueError(f"unknown metric {metric!r}; there are {', '.join(known)}")
    return known[metric]
