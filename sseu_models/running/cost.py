"""Estimated cost of a run: requests, hours of audio, tokens, and US dollars where prices are given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sseu_dataset.records import CLIP_S
from sseu_models.planning import PlannedClip, plan
from sseu_models.prompts import PromptSet
from sseu_models.records import Capabilities
from sseu_models.running.request import Request, open_request

AUDIO_TOKENS_PER_S = 25
"""Qwen2-Audio's rate (one token per 40 ms, from its paper); other models differ by a factor of about two."""

_TOKENS_PER_WORD = 1.3
_ANSWER_TOKENS = {"asr": 40, "asc": 8, "at": 25, "all": 70}
_REASONING_TOKENS = 350


@dataclass(frozen=True)
class Estimate:
    """The cost of one job.

    Attributes:
        requests: Number of requests by mode and task.
        clips: Number of distinct mixtures.
        audio_h: Hours of audio sent, over all requests.
        input_tokens: Tokens of prompts and audio, estimated.
        output_tokens: Tokens of the answers, estimated.
        usd: Price; None without prices.
    """

    requests: dict[str, int]
    clips: int
    audio_h: float
    input_tokens: int
    output_tokens: int
    usd: float | None

    def lines(self) -> Iterator[str]:
        """The estimate as text for a terminal."""
        for name, count in self.requests.items():
            yield f"{name:<18}{count:>9,} requests"
        total = sum(self.requests.values())
        yield f"{'all':<18}{total:>9,} requests, {self.clips:,} clips, {self.audio_h:,.1f} h of audio sent"
        yield (
            f"about {self.input_tokens / 1e6:,.1f} million tokens in (at {AUDIO_TOKENS_PER_S} per second of audio) and "
            f"{self.output_tokens / 1e6:,.1f} million out"
        )
        price = "for a price, add --prices IN,OUT (USD per million)"
        yield price if self.usd is None else f"about {self.usd:,.2f} USD"


def estimate_request(
    request: Request, prices: tuple[float, float] | None = None, *, announce: Callable[[str], None] = lambda _: None
) -> Estimate:
    """Estimate what a run would cost; the system is not started and nothing is asked.

    Args:
        request: The run.
        prices: USD per million tokens in and out.
        announce: Called with a line where the system's capabilities are not known before it starts.

    Raises:
        ValueError: As `open_request` and `plan`.
    """
    opened = open_request(request)
    try:
        capabilities = opened.system.capabilities
    except (ValueError, RuntimeError):
        announce(f"{opened.system.id} says what it can when it starts; counted as if it answered every mode and run")
        capabilities = Capabilities(rate_hz=None)
    references = opened.dataset.references
    deterministic = capabilities.deterministic and not request.not_deterministic
    clips = plan(references, request.job, modes=capabilities.modes, deterministic=deterministic)
    return estimate(clips, opened.prompts, capabilities.family, prices)


def estimate(
    clips: Sequence[PlannedClip], prompts: PromptSet, family: str, prices: tuple[float, float] | None
) -> Estimate:
    """Estimate the cost of a plan.

    Args:
        clips: The plan.
        prompts: The prompt set, for the length of the prompts.
        family: Model family of the system.
        prices: USD per million tokens in and out.
    """
    asked = Counter((planned.mode, planned.task) for clip in clips for planned in clip.questions)
    total_in = total_out = 0.0
    for (mode, task), count in asked.items():
        prompt = prompts.find(mode, task, family)
        words = len(f"{prompt.system or ''} {prompt.user}".split())
        total_in += count * (words * _TOKENS_PER_WORD + CLIP_S * AUDIO_TOKENS_PER_S)
        total_out += count * (_ANSWER_TOKENS[task] + (_REASONING_TOKENS if mode == "cot" else 0))
    usd = None if prices is None else (total_in * prices[0] + total_out * prices[1]) / 1e6
    return Estimate(
        requests={f"{mode} {task}": count for (mode, task), count in asked.items()},
        clips=len(clips),
        audio_h=sum(asked.values()) * CLIP_S / 3600,
        input_tokens=round(total_in),
        output_tokens=round(total_out),
        usd=usd,
    )
