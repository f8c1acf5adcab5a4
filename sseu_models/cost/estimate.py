"""Estimated cost of a run: requests, hours of audio, tokens, US dollars, and hours by the first answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from sseu_dataset.records import CLIP_S
from sseu_metric.text_table import in_hours, short
from sseu_models.cost.prices import Price, price_of
from sseu_models.cost.trial import Trial, ask_first
from sseu_models.kinds import REFERENCE_PREFIX, TEXT_ONLY_PREFIX
from sseu_models.planning import PlannedClip, plan
from sseu_models.prompts import PromptSet
from sseu_models.records import Capabilities
from sseu_models.running.request import Request, open_request
from sseu_models.running.run_to_end import run_to_end

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
        text_tokens: Tokens of the prompts, estimated.
        audio_tokens: Tokens of the audio, estimated.
        output_tokens: Tokens of the answers, estimated, or as the first answers had them.
        price: What the tokens cost; None where it is not known.
        trial: The first answers; None where nothing was asked.
        gpu_usd_per_h: USD per hour of a GPU as the user gives it; None for the table's.
        sends: Whether prompts go to a model; a control answers from the references.
        charged: Whether a service takes money for tokens (`api:`).
    """

    requests: dict[str, int]
    clips: int
    audio_h: float
    text_tokens: int
    audio_tokens: int
    output_tokens: int
    price: Price | None
    trial: Trial | None = None
    gpu_usd_per_h: float | None = None
    sends: bool = True
    charged: bool = True

    @property
    def usd(self) -> float | None:
        """US dollars; None without a price."""
        if self.price is None:
            return None
        text, audio = self.text_tokens * self.price.text, self.audio_tokens * self.price.audio
        return (text + audio + self.output_tokens * self.price.out) / 1e6

    def lines(self) -> Iterator[str]:
        """The estimate as text for a terminal."""
        for name, count in self.requests.items():
            yield f"{name:<18}{count:>9,} requests"
        total = sum(self.requests.values())
        sent = f"{in_hours(self.audio_h)} of audio sent" if self.audio_h else "no audio sent"
        yield f"{'all':<18}{total:>9,} requests, {self.clips:,} clips, {sent}"
        if self.sends:
            yield from self._token_lines()
        if self.trial is not None:
            yield from self.trial.lines(self.requests, self.gpu_usd_per_h)
        else:
            yield "for the hours, add --estimate-from N: it asks N questions of each kind"

    def _token_lines(self) -> Iterator[str]:
        counted = "as long as the first ones" if self.trial and self.trial.output_tokens else "of usual length"
        per_s = AUDIO_TOKENS_PER_S if self.price is None else self.price.audio_tokens_per_s
        yield (
            f"about {short(self.text_tokens / 1e6)} million tokens of text and {short(self.audio_tokens / 1e6)} "
            f"million of audio in ({per_s:g} per second), {short(self.output_tokens / 1e6)} million out (answers "
            f"{counted})"
        )
        if self.price is None and self.charged:
            yield "no price known, give --prices TEXT,AUDIO,OUT (USD per million tokens)"
        elif self.price is not None:
            stated = f", prices of {self.price.stated}" if self.price.stated else ""
            yield f"about {self.usd:,.2f} USD{stated}"


def estimate_request(
    request: Request,
    prices: tuple[float, float, float] | None = None,
    *,
    first: int | None = None,
    gpu_usd_per_h: float | None = None,
    announce: Callable[[str], None] = lambda _: None,
) -> Estimate:
    """Estimate what a run would cost; without `first` the system is not started and nothing is asked.

    Args:
        request: The run.
        prices: USD per million tokens of text in, audio in and text out; by default those of `prices.PRICES`.
        first: Ask so many questions of each mode and task, and estimate time and lengths from them; nothing is kept.
        gpu_usd_per_h: USD per hour of a GPU; by default the price in `gpu_prices.GPU_PRICES` of the card that is used.
        announce: Called with a line where the system's capabilities are not known before it starts.

    Raises:
        ValueError: As `open_request` and `plan`.
        SystemDownError: The system cannot be asked.
    """
    opened = open_request(request)
    name = opened.system.id
    model = name.removeprefix(TEXT_ONLY_PREFIX).partition(":")[2]
    price = price_of(model)
    if prices is not None:  # of money alone: how many tokens a second of audio has is the model's
        price = Price(*prices, audio_tokens_per_s=AUDIO_TOKENS_PER_S if price is None else price.audio_tokens_per_s)
    sends = not name.startswith(REFERENCE_PREFIX)
    sent_s = 0.0 if name.startswith(TEXT_ONLY_PREFIX) or not sends else CLIP_S
    if first is not None:
        trial, clips, family = run_to_end(ask_first(opened, first))
        found = estimate(clips, opened.prompts, family, price, trial, sent_s=sent_s)
        return replace(found, gpu_usd_per_h=gpu_usd_per_h, sends=sends, charged="api:" in name)
    try:
        capabilities = opened.system.capabilities
    except (ValueError, RuntimeError):
        announce(f"{opened.system.id} says what it can when it starts; counted as if it answered every mode and run")
        capabilities = Capabilities(rate_hz=None)
    references = opened.dataset.references
    deterministic = capabilities.deterministic and not request.not_deterministic
    clips = plan(references, request.job, modes=capabilities.modes, deterministic=deterministic)
    found = estimate(clips, opened.prompts, capabilities.family, price, sent_s=sent_s)
    return replace(found, sends=sends, charged="api:" in name)


def estimate(
    clips: Sequence[PlannedClip],
    prompts: PromptSet,
    family: str,
    price: Price | None,
    trial: Trial | None = None,
    *,
    sent_s: float = CLIP_S,
) -> Estimate:
    """Estimate the cost of a plan.

    Args:
        clips: The plan.
        prompts: The prompt set, for the length of the prompts.
        family: Model family of the system.
        price: What the tokens cost.
        trial: The first answers, whose lengths are taken where the system states them.
        sent_s: Seconds of audio in each request; 0 for a language model that gets none.
    """
    per_s = AUDIO_TOKENS_PER_S if price is None else price.audio_tokens_per_s
    measured = {} if trial is None else trial.output_tokens
    asked = Counter((planned.mode, planned.task) for clip in clips for planned in clip.questions)
    text = out = 0.0
    for (mode, task), count in asked.items():
        prompt = prompts.find(mode, task, family)
        words = len(f"{prompt.system or ''} {prompt.user}".split())
        text += count * words * _TOKENS_PER_WORD
        usual = _ANSWER_TOKENS[task] + (_REASONING_TOKENS if mode == "cot" else 0)
        out += count * measured.get(f"{mode} {task}", usual)
    return Estimate(
        requests={f"{mode} {task}": count for (mode, task), count in asked.items()},
        clips=len(clips),
        audio_h=sum(asked.values()) * sent_s / 3600,
        text_tokens=round(text),
        audio_tokens=round(sum(asked.values()) * sent_s * per_s),
        output_tokens=round(out),
        price=price,
        trial=trial,
    )
