"""Names of metrics, tasks and conditions in a report, and untrusted names and texts on one line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sseu_metric import tasks
from sseu_metric.conditions import is_finite
from sseu_metric.normalisers import Unit

METRIC_NAMES: Mapping[str, str] = {"wer": "WER", "macc": "mACC", "map": "mAP"}
"""Where errors of transcripts are counted in words; else `metric_names`."""
TASK_METRICS: Mapping[str, str] = {"asr": "wer", "asc": "macc", "at": "map"}
"""The metric that the paper scores each task with, and the board ranks by."""
TASK_NAMES: Mapping[str, str] = {"asr": "speech", "asc": "scene", "at": "events"}


def metric_names(unit: Unit) -> Mapping[str, str]:
    """How metrics are written where errors of transcripts are counted in a unit: `wer` is WER of words, else CER."""
    return {metric: tasks.metric_names(unit)[metric] for metric in METRIC_NAMES}


def condition_name(condition: str) -> str:
    """A condition as readers see it: `10 dB`, but `+inf`."""
    return f"{condition} dB" if is_finite(condition) else condition


def some_of(names: Iterable[str], most: int = 4) -> str:
    """The first few names, and how many more there are: `a, b, c, d and 9 more`."""
    listed = list(names)
    shown = listed if len(listed) <= most else [*listed[:most], f"{len(listed) - most} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def printable(text: str) -> str:
    """The text on one line, with U+FFFD for whatever does not print (line ends, terminal controls)."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def shortened(text: str, max_characters: int = 80) -> str:
    """An untrusted text as `printable` gives it, without its middle where it is longer than `max_characters`."""
    clean = printable(text)
    if len(clean) <= max_characters:
        return clean
    head = (max_characters - 1) // 2
    return f"{clean[:head]}…{clean[len(clean) - (max_characters - 1 - head) :]}"
