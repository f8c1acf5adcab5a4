"""The first answers of a run that is not kept: how long the whole would take, and how long the answers are."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING

from sseu_dataset.parallel import worker_count
from sseu_dataset.records import CLIP_S, RATE_HZ
from sseu_metric.text_table import in_hours
from sseu_models.gpu_prices import gpu_hours, gpus_in_use
from sseu_models.planning import PlannedClip, plan
from sseu_models.results.log import Answer
from sseu_models.running.clip_audio import clip_reader
from sseu_models.running.runner import RunContext, ask_all, call_system

if TYPE_CHECKING:
    from sseu_models.running.request import OpenedRequest


@dataclass(frozen=True)
class Trial:
    """What the first answers cost, by mode and task (`joint all`).

    Attributes:
        asked: Questions asked.
        request_s: Wall seconds a question, with as many in flight as the system takes.
        output_tokens: Mean tokens of an answer, of the kinds for which the system states them.
        failed: Questions that failed, with the last error; empty if none did.
        gpus: CUDA's names of the GPUs on which this process computed.
    """

    asked: Mapping[str, int]
    request_s: Mapping[str, float]
    output_tokens: Mapping[str, float]
    failed: str
    gpus: tuple[str, ...] = ()

    def lines(self, requests: Mapping[str, int], gpu_usd_per_h: float | None = None) -> Iterator[str]:
        """The time of a whole run, as text for a terminal.

        Args:
            requests: Its number of requests by mode and task.
            gpu_usd_per_h: USD per hour of a GPU, in place of the table's price.
        """
        total_s = sum(count * self.request_s[name] for name, count in requests.items())
        each = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in self.request_s.items())
        audio_s = sum(requests.values()) * CLIP_S
        yield f"about {in_hours(total_s / 3600)} on one copy of the system (real-time factor {total_s / audio_s:.3f})"
        if (on_gpus := gpu_hours(total_s / 3600, self.gpus, gpu_usd_per_h)) is not None:
            yield on_gpus + ("; give --gpu-price-per-hour USD" if on_gpus.endswith("no price known") else "")
        yield f"  a question: {each} (from {', '.join(map(str, dict.fromkeys(self.asked.values())))} of each kind)"
        if self.failed:
            yield f"  {self.failed}"


async def ask_first(opened: OpenedRequest, count: int) -> tuple[Trial, list[PlannedClip], str]:
    """Start a system and ask it the first questions of each mode and task, one kind after the other; nothing is kept.

    Args:
        opened: The run.
        count: Questions of each kind; fewer where the run has fewer.

    Returns:
        The trial, the plan of the whole run, and the family of prompts that the system takes.

    Raises:
        SystemDownError: The system cannot start or answer.
        ValueError: A clip cannot be read.
    """
    system, request = opened.system, opened.request
    try:
        await call_system(system, "start")
        capabilities = system.capabilities
        deterministic = capabilities.deterministic and not request.not_deterministic
        clips = plan(opened.dataset.references, request.job, modes=capabilities.modes, deterministic=deterministic)
        context = RunContext(
            system=system,
            job=request.job,
            prompts=opened.prompts,
            settings_sha256="",
            read_audio=clip_reader(opened.dataset.rows, opened.frontend, capabilities.rate_hz or RATE_HZ),
            readers=worker_count(request.workers),
        )
        request_s, tokens, asked = {}, {}, {}
        answers: list[Answer] = []
        for name, some in _first_of_each_kind(clips, count).items():
            begun_s, before = time.monotonic(), len(answers)
            await ask_all(context, some, lambda answer, _: answers.append(answer))
            new = answers[before:]
            asked[name], request_s[name] = len(new), (time.monotonic() - begun_s) / len(new)
            if lengths := [answer.output_tokens for answer in new if answer.output_tokens is not None]:
                tokens[name] = fmean(lengths)
        gpus = gpus_in_use()
    finally:
        await call_system(system, "close")
    errors = [answer.error for answer in answers if answer.error is not None]
    failed = f"{len(errors)} of {len(answers)} failed, the last with: {errors[-1]}" if errors else ""
    return Trial(asked, request_s, tokens, failed, gpus), clips, capabilities.family


def _first_of_each_kind(clips: Sequence[PlannedClip], count: int) -> dict[str, list[PlannedClip]]:
    """The first clips of each mode and task, with one question each."""
    found: defaultdict[str, list[PlannedClip]] = defaultdict(list)
    for clip in clips:
        for key in clip.questions:
            some = found[f"{key.mode} {key.task}"]
            if len(some) < count and all(one.reference["id"] != clip.reference["id"] for one in some):
                some.append(replace(clip, questions=(key,)))
    return dict(found)
