"""The job: which modes, conditions, runs and pairs to ask about; planning.py makes questions of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from sseu_metric.conditions import condition_of, finite, is_finite, ordered, snr_db_of
from sseu_metric.suggestions import did_you_mean
from sseu_models.records import TASKS, Mode, Task

LITE_QUESTIONS = 2450
"""Questions of a lite run that names no number: each metric within about two points of the whole benchmark."""

MIN_LITE_QUESTIONS = 90
"""With fewer, a condition or a scene would have less than five questions of a task."""


@dataclass(frozen=True)
class Job:
    """What to ask (paper sections 2 and 4; DESIGN section 3).

    Attributes:
        modes: Some of `independent`, `joint`, `cot`, `likelihood`.
        conditions: Only these; `all` for every condition of the dataset. None asks what the paper asks: each single
            task in the conditions that count for it, joint and cot in those where speech and background sound together.
        runs: How often each question is asked; a deterministic system is asked once.
        limit: The first so many pairs only.
        shard: (i, n): the i-th of n equal parts of the pairs, 1 <= i <= n.
        probe_noise: Ask for the words in `-inf` too, where nobody speaks, and for the events in `+inf`, where there is
            speech alone (independent mode; outside WER and mAP).
        seed: Seed of the system's sampling.
        lite: About so many questions of the single tasks, chosen by design to stand for all (lite_design.py); each is
            asked once, whatever `runs` says.
    """

    modes: tuple[Mode, ...] = ("independent",)
    conditions: tuple[str, ...] | Literal["all"] | None = None
    runs: int = 3
    limit: int | None = None
    shard: tuple[int, int] | None = None
    probe_noise: bool = False
    seed: int = 0
    lite: int | None = None

    def __post_init__(self) -> None:
        _check_once("mode", self.modes, f"of {', '.join(TASKS)}")
        for mode in self.modes:
            if mode not in TASKS:
                raise ValueError(f"unknown mode {mode!r}{did_you_mean(mode, TASKS)} (there are {', '.join(TASKS)})")
        if self.conditions is not None and self.conditions != "all":
            _check_once("condition", self.conditions, "of those the dataset has, or 'all'")
        for name in self.named_conditions:
            _check_form(name)
        for name, value in (("runs", self.runs), ("limit", self.limit)):
            if value is not None and value < 1:
                raise ValueError(f"{name} is {value}; at least 1 is needed")
        if self.shard is not None and not 1 <= self.shard[0] <= self.shard[1]:
            raise ValueError(f"shard {self.shard[0]}/{self.shard[1]}; I/N with 1 <= I <= N is needed")
        if self.probe_noise and "independent" not in self.modes:
            raise ValueError("the noise probe asks for ASR alone: it needs the mode independent")

        if self.lite is not None:
            self._check_lite(self.lite)

    def _check_lite(self, questions: int) -> None:
        if questions < MIN_LITE_QUESTIONS:
            raise ValueError(f"lite is {questions} questions; at least {MIN_LITE_QUESTIONS} are needed")
        if together := [mode for mode in self.modes if TASKS[mode] == ("all",)]:
            raise ValueError(
                f"lite asks each task alone, the mode {together[0]} asks all in one; leave it out, or ask the whole "
                "benchmark"
            )
        chosen = {
            "conditions": self.conditions,
            "limit": self.limit,
            "shard": self.shard,
            "probe-noise": self.probe_noise,
        }
        if others := [name for name, value in chosen.items() if value]:
            raise ValueError(f"lite chooses the questions itself; leave {', '.join(others)} out")

    @property
    def named_conditions(self) -> tuple[str, ...]:
        """The conditions given one by one; empty for the paper's rule and for `all`."""
        return () if self.conditions is None or self.conditions == "all" else self.conditions


class Key(NamedTuple):
    """What identifies a question, and with it its answer: clip, mode, task and run."""

    id: str
    mode: Mode
    task: Task
    run: int


def _check_once(what: str, given: Sequence[str], known: str) -> None:
    if not given or len(set(given)) < len(given):
        raise ValueError(f"{what} {', '.join(given) or '(none)'}: give each once, {known}")


def _check_form(condition: str) -> None:
    """Refuse what is not a condition; an SNR in another spelling is named as it is written here."""
    try:
        snr_db_of(condition)
    except ValueError as error:
        try:
            meant = condition_of(float(condition))
        except ValueError:
            raise error from None
        raise ValueError(f"{error}; did you mean {meant!r}?") from None


def check_conditions(job: Job, available: Iterable[str]) -> None:
    """Refuse conditions that are not among those of a dataset, `available`.

    Raises:
        ValueError: Names the unknown condition, the nearest one, and those there are.
    """
    known = ordered(available)
    for name in job.named_conditions:
        if name not in known:
            level_db = snr_db_of(name)
            near = min(finite(known), key=lambda one: abs(snr_db_of(one) - level_db), default=None)
            hint = "" if near is None or not is_finite(name) else f"; the nearest is {near}"
            raise ValueError(f"condition {name}: the dataset has {', '.join(known)}{hint}")
