"""Every finding of a report, collected from scored entries, and as JSON.

Names and texts in findings come from results folders and are untrusted: whoever shows them escapes them.
"""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sseu_metric.normalisers import Unit
from sseu_models.kinds import may_be_ranked
from sseu_models.records import TASKS
from sseu_models.running.ablation import AudioAblation
from sseu_report.comparability import limitations_of
from sseu_report.entries import Entry, ScoredEntry
from sseu_report.findings.ablations import find_ablations
from sseu_report.findings.embedders import EmbedderSensitivity, find_embedder_sensitivity
from sseu_report.findings.hard_cases import HardCase, find_hard_cases
from sseu_report.findings.interference import STEPS, Interference, find_interference
from sseu_report.findings.matching import ModeMatching, find_matching
from sseu_report.findings.ranks import RankRange, find_rank_ranges
from sseu_report.findings.scenes import SceneRecall, find_scene_recalls
from sseu_report.findings.speech_cost import SpeechCost, find_speech_costs
from sseu_report.findings.spelling import SpellingLoss, find_spelling_losses
from sseu_report.findings.thresholds import SnrThreshold, find_thresholds
from sseu_report.findings.validity.calibration import ModeCalibration, find_calibrations
from sseu_report.findings.validity.gaps import ModeGaps, find_mode_gaps
from sseu_report.findings.validity.hallucinations import Hallucinations, find_hallucinations
from sseu_report.findings.validity.labels import LabelChanges, find_label_changes
from sseu_report.findings.validity.prompts import PromptSpread, find_prompt_spreads
from sseu_report.findings.worth import Worth, find_worth
from sseu_report.naming import METRIC_NAMES, metric_names
from sseu_report.tables.response_rates import ResponseRates, find_response_rates

if TYPE_CHECKING:
    from sseu_metric.embedder_protocol import Embedder
    from sseu_metric.scores import Scores

MAX_HARD_CASES = 20
"""Maximum number for each mode and task, on the page and in the file."""


@dataclass(frozen=True)
class Findings:
    """What a report finds beyond its tables; keys are names of entries.

    Attributes:
        ranks: Which places the systems may have, all at once; what is not ranked has none.
        thresholds: SNR thresholds of the systems; controls, which do not listen, have none.
        spelling: How much of the systems' WER is spelling.
        scenes: The recall of each scene, of the systems.
        speech_costs: What speech costs the systems in scenes and events.
        interference: Joint and cot against single tasks, of the systems.
        matching: How much of the systems' mACC and mAP is matching names with labels.
        averaged: Over which conditions the averages of every entry are, by mode and metric.
        worth: What the scores of every entry are worth, beside their floors.
        prompts: How much of the systems' scores is the wording of the prompt, of those asked with several sets.
        hallucinations: What every entry names that is not there, or was silenced.
        gaps: Whom the systems understand worse than others.
        calibration: Whether the systems' probabilities can be believed.
        labels: How far mAP and its floors depend on the labels; None where no system has mAP.
        rates: Response rates of every entry.
        ablations: Runs beside their controls.
        embedders: The same answers under several embedders; empty unless asked for.
        hard_cases: By mode, at most `MAX_HARD_CASES` of each task.
        hard_case_counts: How many there are of each task, by mode.
        problems: What could not be computed, and why.
        limitations: Why an entry's scores are not scores of the whole benchmark; empty if they are.
        asr_unit: What errors of transcripts are counted in.
    """

    ranks: Mapping[str, Sequence[RankRange]]
    thresholds: Mapping[str, Sequence[SnrThreshold]]
    spelling: Mapping[str, Sequence[SpellingLoss]]
    scenes: Mapping[str, Sequence[SceneRecall]]
    speech_costs: Mapping[str, Sequence[SpeechCost]]
    interference: Mapping[str, Sequence[Interference]]
    matching: Mapping[str, Sequence[ModeMatching]]
    averaged: Mapping[str, Mapping[str, Mapping[str, Sequence[str]]]]
    worth: Mapping[str, Sequence[Worth]]
    prompts: Sequence[PromptSpread]
    hallucinations: Mapping[str, Sequence[Hallucinations]]
    gaps: Mapping[str, Sequence[ModeGaps]]
    calibration: Mapping[str, Sequence[ModeCalibration]]
    labels: LabelChanges | None
    rates: Mapping[str, Sequence[ResponseRates]]
    ablations: Sequence[AudioAblation]
    embedders: Sequence[EmbedderSensitivity]
    hard_cases: Mapping[str, Sequence[HardCase]]
    hard_case_counts: Mapping[str, Mapping[str, int]]
    problems: Sequence[str]
    limitations: Mapping[str, Sequence[str]]
    asr_unit: Unit = "word"

    @property
    def names(self) -> Mapping[str, str]:
        """How the metrics are written."""
        return metric_names(self.asr_unit)


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
    systems = [one for one in scored if not one.entry.is_control]
    found = _of_answers(systems, progress)
    problems = [
        f"{name}: no interference between modes ({why})" for name, one in found.items() for why in one.not_compared
    ]
    labels = find_label_changes(systems)
    if isinstance(labels, str):
        problems.append(labels)
    hard_cases = {mode: cases for mode in TASKS if (cases := find_hard_cases(scored, mode))}
    return Findings(
        ranks=find_rank_ranges([one for one in systems if may_be_ranked(one.entry.kind)]),
        thresholds={name: one.thresholds for name, one in found.items()},
        spelling={name: one.spelling for name, one in found.items()},
        scenes={name: one.scenes for name, one in found.items()},
        speech_costs={name: one.speech_costs for name, one in found.items()},
        interference={name: one.interference for name, one in found.items()},
        matching={one.entry.name: find_matching(one.entry) for one in systems},
        averaged={one.entry.name: _averaged(one.entry) for one in scored},
        worth={one.entry.name: find_worth(one.entry) for one in scored},
        prompts=find_prompt_spreads(scored),
        hallucinations={one.entry.name: find_hallucinations(one.entry) for one in scored},
        gaps={name: one.gaps for name, one in found.items()},
        calibration={name: one.calibration for name, one in found.items()},
        labels=None if isinstance(labels, str) else labels,
        rates={one.entry.name: find_response_rates(one) for one in scored},
        ablations=find_ablations(scored),
        embedders=find_embedder_sensitivity(scored, embedders, progress=progress) if embedders else (),
        hard_cases={mode: _first_of_each_task(cases) for mode, cases in hard_cases.items()},
        hard_case_counts={mode: dict(Counter(case.task for case in cases)) for mode, cases in hard_cases.items()},
        problems=problems,
        limitations=limitations_of([one.entry for one in scored]),
        asr_unit=scored[0].entry.asr_unit,
    )


def _first_of_each_task(cases: Sequence[HardCase]) -> list[HardCase]:
    by_task = {task: [case for case in cases if case.task == task] for task in dict.fromkeys(c.task for c in cases)}
    return [case for found in by_task.values() for case in found[:MAX_HARD_CASES]]


def _averaged(entry: Entry) -> dict[str, dict[str, tuple[str, ...]]]:
    return {
        mode: {
            metric: scores.averages[metric].conditions
            for metric in METRIC_NAMES
            if metric in scores.averages and scores.value(metric) is not None
        }
        for mode, scores in entry.modes.items()
    }


@dataclass(frozen=True)
class _AnswerFindings:
    """What is found in the answers of one system, whatever others there are; as in `Findings`.

    `not_compared` says why there is no interference between two modes.
    """

    thresholds: Sequence[SnrThreshold]
    spelling: Sequence[SpellingLoss]
    scenes: Sequence[SceneRecall]
    speech_costs: Sequence[SpeechCost]
    interference: Sequence[Interference]
    not_compared: Sequence[str]
    gaps: Sequence[ModeGaps]
    calibration: Sequence[ModeCalibration]


def _of_answers(systems: Sequence[ScoredEntry], progress: bool) -> dict[str, _AnswerFindings]:
    """Those of every system, in parallel: they take most of a report's time, nearly all of it in NumPy."""
    from sseu_dataset.parallel import ordered_map, worker_count

    def find(one: ScoredEntry) -> _AnswerFindings:
        return one.cache.get("findings", _AnswerFindings, lambda: _find_in_answers(one.scores))

    workers = worker_count(None)
    found = ordered_map(find, systems, workers=workers, title="findings", unit="result", progress=progress)
    return {one.entry.name: each for one, each in zip(systems, found, strict=True)}


def _find_in_answers(scores: Mapping[str, Scores]) -> _AnswerFindings:
    interference: list[Interference] = []
    not_compared = []
    for modes in STEPS:
        if set(modes) <= set(scores):
            try:
                interference += find_interference({mode: scores[mode] for mode in modes})
            except ValueError as error:  # modes that were asked about different clips have no paired difference
                not_compared.append(str(error))
    return _AnswerFindings(
        thresholds=find_thresholds(scores),
        spelling=find_spelling_losses(scores),
        scenes=find_scene_recalls(scores),
        speech_costs=find_speech_costs(scores),
        interference=interference,
        not_compared=not_compared,
        gaps=find_mode_gaps(scores),
        calibration=find_calibrations(scores),
    )


def as_json(value: Any) -> Any:
    """A finding as JSON values: records by their fields, `(a, b)` keys as `a | b`, infinite numbers as text, NaN null.

    Numbers have six decimals, those below 0.001 (p values) six significant digits.
    """
    from sseu_models.results.record import Record

    if isinstance(value, Record):
        return value.model_dump(mode="json")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {" | ".join(key) if isinstance(key, tuple) else str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            return None if math.isnan(value) else str(value)
        return (float(f"{value:.6g}") if abs(value) < 1e-3 else round(value, 6)) + 0.0
    return value
