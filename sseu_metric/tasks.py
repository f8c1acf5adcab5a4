"""The three tasks of SSEU-Bench and the metrics that score them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

Task: TypeAlias = Literal["asr", "asc", "at"]

TASKS: tuple[Task, ...] = ("asr", "asc", "at")
"""Automatic speech recognition, acoustic scene classification, audio tagging."""

METRICS: Mapping[str, Task] = {"wer": "asr", "wer_capped": "asr", "macc": "asc", "map": "at"}
"""Each metric and the task whose answers it scores."""

METRIC_NAMES: Mapping[str, str] = {"wer": "WER", "wer_capped": "WER capped", "macc": "mACC", "map": "mAP"}
"""How each metric is written in tables."""

DIVISORS: Mapping[str, str] = {"asr": "words", "asc": "scenes", "at": "events"}
"""What references must hold for the metrics of each task to be defined."""


def check_metric(metric: str) -> None:
    """Raise a ValueError if it is not one of `METRICS`."""
    if metric not in METRICS:
        raise ValueError(f"unknown metric {metric!r}; there are {', '.join(METRICS)}")
