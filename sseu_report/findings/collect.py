"""Every finding of a report together, collected from scored entries, and as JSON.

Names and texts in findings come from results folders: `naming.shown` makes them safe for a terminal, HTML needs its
own escaping.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sseu_models.records import TASKS
from sseu_models.running.ablation import AudioAblation
from sseu_report.entries import ScoredEntry, is_control
from sseu_report.findings.ablations import find_hearing
from sseu_report.findings.embedders import EmbedderSensitivity, find_embedder_sensitivity
from sseu_report.findings.hard_cases import HardCase, find_hard_cases
from sseu_report.findings.interference import STEPS, Interference, find_interference
from sseu_report.findings.response_rates import AnswerRates, find_answer_rates
from sseu_report.findings.speech_cost import SpeechCost
from sseu_report.findings.thresholds import SnrThreshold, find_thresholds

if TYPE_CHECKING:
    from sseu_metric.embedder_protocol import Embedder

HARD_CASES = 20
"""Per mode and task, on the page and in the file."""


@dataclass(frozen=True)
class Findings:
    """What a report finds beside its tables; keys are names of entries.

    Attributes:
        thresholds: SNR thresholds and the cost of speech, of the systems that listen.
        interference: Joint and cot against single tasks, of the same.
        rates: How the answers came, of every entry.
        hearing: Runs beside their controls.
        embedders: The same answers under several embedders; empty unless asked for.
        hard_cases: By mode.
        problems: What could not be computed, and why.
    """

    thresholds: Mapping[str, Sequence[SnrThreshold | SpeechCost]]
    interference: Mapping[str, Sequence[Interference]]
    rates: Mapping[str, Sequence[AnswerRates]]
    hearing: Sequence[AudioAblation]
    embedders: Sequence[EmbedderSensitivity]
    hard_cases: Mapping[str, Sequence[HardCase]]
    problems: Sequence[str]


def collect_findings(
    scored: Sequence[ScoredEntry], *, embedders: Sequence[str | Embedder] = (), progress: bool = False
) -> Findings:
    """All findings.

    Args:
        scored: The entries of a report.
        embedders: For the embedder sensitivity, at least two; none leaves it out.
        progress: Show a bar on a terminal.

    Raises:
        ValueError: The embedders are too few or unknown.
        ImportError: The package of one is missing.
        EmbedderError: One cannot answer.
    """
    listening = [one for one in scored if not is_control(one.entry)]
    interference, problems = _interference(listening, progress)
    return Findings(
        thresholds={one.entry.name: find_thresholds(one.scores) for one in listening},
        interference=interference,
        rates={one.entry.name: find_answer_rates(one) for one in scored},
        hearing=find_hearing(scored),
        embedders=find_embedder_sensitivity(scored, embedders, progress=progress) if embedders else (),
        hard_cases={mode: cases for mode in TASKS if (cases := find_hard_cases(scored, mode, most=HARD_CASES))},
        problems=problems,
    )


def _interference(listening: Sequence[ScoredEntry], progress: bool) -> tuple[dict[str, list[Interference]], list[str]]:
    """Every system's interference, the steps side by side: they take most of a report's time, nearly all in NumPy."""
    import os
    from concurrent.futures import ThreadPoolExecutor

    from tqdm import tqdm

    found: dict[str, list[Interference]] = {one.entry.name: [] for one in listening}
    problems = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        tasks = [
            (one.entry.name, pool.submit(find_interference, {mode: one.scores[mode] for mode in modes}))
            for one in listening
            for modes in STEPS
            if set(modes) <= set(one.scores)
        ]
        for name, task in tqdm(tasks, desc="findings", disable=None if progress else True, leave=False):
            try:
                found[name] += task.result()
            except ValueError as error:  # modes that were asked about different clips have no paired difference
                problems.append(f"{name}: no interference between modes ({error})")
    return found, problems


def as_json(value: Any) -> Any:
    """A finding as JSON values: records by their fields, `(a, b)` keys as `a | b`, infinite numbers as text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {" | ".join(key) if isinstance(key, tuple) else str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
