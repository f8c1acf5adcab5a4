"""Audio ablations among the entries: runs beside the same system on silent or shuffled audio."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sseu_models.kinds import CONTROL_FRONTENDS, HIDING_FRONTENDS
from sseu_models.results.folder import asked_conditions
from sseu_models.running.ablation import AudioAblation, compare_with_control
from sseu_report.comparability import limitations_of
from sseu_report.entries import ScoredEntry

if TYPE_CHECKING:
    from sseu_models.results.records import Result


_EQUAL = ("system", "settings", "prompts", "job", "embedder", "normalizer")


def find_ablations(scored: Sequence[ScoredEntry]) -> tuple[AudioAblation, ...]:
    """The audio ablation of every run among the entries whose control is there too.

    Run and control have the same system, settings, prompts, job, dataset, embedder and normaliser.

    Args:
        scored: The entries of a report.
    """
    return tuple(
        compare_with_control(
            run.entry.name,
            control.entry.result.frontend.name,
            (run.answers, run.scores),
            (control.answers, control.scores),
            asked_conditions(run.clips),
            limitations_of([run.entry, control.entry]),
        )
        for run in scored
        for control in scored
        if _belong_together(run.entry.result, control.entry.result)
    )


def _belong_together(run: Result, control: Result) -> bool:
    return (
        control.frontend.name in HIDING_FRONTENDS
        and run.frontend.name not in CONTROL_FRONTENDS
        and run.dataset.fingerprint == control.dataset.fingerprint
        and all(getattr(run, name) == getattr(control, name) for name in _EQUAL)
    )
