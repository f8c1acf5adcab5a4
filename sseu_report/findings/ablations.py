"""Audio ablations among the entries: runs beside the same system on silent or shuffled audio."""

from __future__ import annotations

from collections.abc import Sequence

from sseu_metric.significance import SIGN_FLIP_DRAWS
from sseu_models.kinds import CONTROL_FRONTENDS
from sseu_models.results.folder import asked_conditions
from sseu_models.running.ablation import AudioAblation, compare_with_control
from sseu_report.entries import Entry, ScoredEntry


def pair_controls(entries: Sequence[Entry]) -> list[tuple[int, int]]:
    """Positions (run, control) of the entries that are a run and its control on silent or shuffled audio.

    The two have the same system, settings, prompts, job, dataset, embedder and normaliser.
    """
    return [
        (place, number)
        for place, run in enumerate(entries)
        for number, control in enumerate(entries)
        if control.result.frontend.name in CONTROL_FRONTENDS
        and run.result.frontend.name not in CONTROL_FRONTENDS
        and all(getattr(run.result, name) == getattr(control.result, name) for name in _EQUAL)
        and run.result.dataset.fingerprint == control.result.dataset.fingerprint
        and _scoring(run) == _scoring(control)
    ]


_EQUAL = ("system", "settings", "prompts", "job")


def _scoring(entry: Entry) -> tuple[str | None, str | None]:
    return entry.result.embedder, entry.result.normalizer


def find_ablations(scored: Sequence[ScoredEntry], *, draws: int = SIGN_FLIP_DRAWS) -> tuple[AudioAblation, ...]:
    """The audio ablation of every run among the entries whose control is there too.

    Args:
        scored: The entries of a report.
        draws: Number of sign flips for the p values.
    """
    return tuple(
        _ablation(scored[run], scored[control], draws) for run, control in pair_controls([one.entry for one in scored])
    )


def _ablation(run: ScoredEntry, control: ScoredEntry, draws: int) -> AudioAblation:
    return compare_with_control(
        run.entry.name,
        control.entry.result.frontend.name,
        (run.answers, run.scores),
        (control.answers, control.scores),
        asked_conditions(run.clips),
        draws=draws,
    )
