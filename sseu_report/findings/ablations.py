"""Does the system listen? Runs among the entries beside their controls on silent or shuffled audio."""

from __future__ import annotations

from collections.abc import Sequence

from sseu_metric.significance import SIGN_FLIP_DRAWS
from sseu_models.kinds import CONTROL_FRONTENDS
from sseu_models.results.folder import asked_conditions
from sseu_models.running.ablation import AudioAblation, compare_hearing
from sseu_report.entries import Entry, ScoredEntry


def pair_controls(entries: Sequence[Entry]) -> list[tuple[int, int]]:
    """Which entries are a run and its control on silent or shuffled audio: positions (run, control).

    The two have the same system, settings, prompts, job, dataset, embedder and normaliser.
    """
    alike = ("system", "settings", "prompts", "job")
    return [
        (place, number)
        for place, run in enumerate(entries)
        for number, control in enumerate(entries)
        if control.result.frontend.name in CONTROL_FRONTENDS
        and run.result.frontend.name not in CONTROL_FRONTENDS
        and all(getattr(run.result, name) == getattr(control.result, name) for name in alike)
        and run.result.dataset.fingerprint == control.result.dataset.fingerprint
        and _scoring(run) == _scoring(control)
    ]


def _scoring(entry: Entry) -> tuple[str | None, str | None]:
    return entry.result.embedder, entry.result.normalizer


def find_hearing(scored: Sequence[ScoredEntry], *, draws: int = SIGN_FLIP_DRAWS) -> tuple[AudioAblation, ...]:
    """The check of `sseu_models.running.ablation` for every run among the entries that has a control there.

    Args:
        scored: The entries of a report.
        draws: For the p values.
    """
    return tuple(
        _hearing(scored[run], scored[control], draws) for run, control in pair_controls([one.entry for one in scored])
    )


def _hearing(run: ScoredEntry, control: ScoredEntry, draws: int) -> AudioAblation:
    return compare_hearing(
        run.entry.name,
        control.entry.result.frontend.name,
        (run.answers, run.scores),
        (control.answers, control.scores),
        asked_conditions(run.clips),
        draws=draws,
    )
