"""What services charge for audio models, in US dollars per million tokens, as their pages stated it on a day.

Text and audio have prices of their own: a 10-s clip is most of what a request costs. Prices change; `--prices` replaces
the table.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Price:
    """The price of a model.

    Attributes:
        text: USD per million tokens of text in.
        audio: USD per million tokens of audio in.
        out: USD per million tokens of text out.
        audio_tokens_per_s: Tokens of a second of audio in.
        stated: Where and when the price was stated; empty where the user gives it.
    """

    text: float
    audio: float
    out: float
    audio_tokens_per_s: float
    stated: str = ""


_OPENAI = "developers.openai.com/api/docs/models/{}, 2026-11-28"
_OPENAI_AUDIO_TOKENS_PER_S = 10  # one token per 100 ms of a user's audio (developers.openai.com, "Managing costs")

PRICES = {
    "gpt-audio": Price(2.5, 32, 10, _OPENAI_AUDIO_TOKENS_PER_S, _OPENAI.format("gpt-audio")),
    "gpt-audio-1.5": Price(2.5, 32, 10, _OPENAI_AUDIO_TOKENS_PER_S, _OPENAI.format("gpt-audio-1.5")),
    "gpt-4o-audio-preview": Price(2.5, 40, 10, _OPENAI_AUDIO_TOKENS_PER_S, _OPENAI.format("gpt-4o-audio-preview")),
}
"""By the name of the model, without its snapshot's date."""


def price_of(model: str) -> Price | None:
    """The price of a model or of one of its dated snapshots; None where it is not in the table."""
    names = [name for name in PRICES if model == name or model.startswith(f"{name}-20")]
    return PRICES[max(names, key=len)] if names else None
