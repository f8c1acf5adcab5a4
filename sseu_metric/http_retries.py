"""Which HTTP failures are worth another request, and how long to wait before it."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

MAX_RETRY_AFTER_S = 120.0
"""A server that asks for a longer pause is not waited for: the request has failed."""

_FIRST_PAUSE_S, _MAX_PAUSE_S = 0.5, 30.0


def is_retryable(status: int) -> bool:
    """Whether the same request may succeed later: 408, 409 (a lock at OpenAI's servers), 425, 429 and every 5xx."""
    return status in (408, 409, 425, 429) or 500 <= status <= 599


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """The pause that a server asks for, in seconds from now.

    Read from `Retry-After-Ms` (OpenAI's) or `Retry-After`: seconds, also with a fraction, or a date (RFC 9110, section
    10.2.3); a date in the past is 0.

    Args:
        headers: Headers of the response; names looked up in lower case (their classes do not mind).

    Returns:
        None where there is no such header or its value is neither.
    """
    for name, seconds in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        text = (headers.get(name) or "").strip()
        if re.fullmatch(r"\d{1,12}(\.\d{0,9})?", text):
            return float(text) * seconds
    try:
        date = parsedate_to_datetime(headers.get("retry-after") or "")
        return max(date.timestamp() - time.time(), 0.0)
    except (ValueError, OverflowError):
        return None


def pause_s(attempt: int, *, seed: int = 0, asked_s: float | None = None) -> float:
    """Seconds to wait before the next attempt.

    Args:
        attempt: Number of the attempt that failed, from 0.
        seed: Seed of the random part, so that parallel requests do not all come back at once.
        asked_s: What the server asks for; else 0.5 s, doubled with each attempt up to 30 s.

    Returns:
        That, and up to a quarter more.
    """
    base_s = asked_s or min(_FIRST_PAUSE_S * 2.0**attempt, _MAX_PAUSE_S)
    return base_s * (1 + 0.25 * random.Random(seed + attempt).random())
