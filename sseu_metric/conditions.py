"""Conditions: the SNRs in which a clip exists, their order, and which tasks each counts for.

A condition is a string: an SNR in dB as Python's `:g` writes it ("10", "-2.5"), or one of the two ends, "+inf" (speech
alone) and "-inf" (background alone). Which conditions there are is up to the dataset (its manifest or its rows);
`CONDITIONS` are the paper's seven (section 2.1), the default of a build and nothing else.

Rule (paper section 2.1): where nobody speaks there are no words, so ASR does not count in "-inf"; where nothing but
speech sounds there is neither scene nor event, so ASC and AT do not count in "+inf". A reference without a condition,
written "", counts for every task.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

SPEECH_ALONE = "+inf"
BACKGROUND_ALONE = "-inf"
CONDITIONS: tuple[str, ...] = (SPEECH_ALONE, "10", "5", "0", "-5", "-10", BACKGROUND_ALONE)
_NOT_COUNTED = {"asr": BACKGROUND_ALONE, "asc": SPEECH_ALONE, "at": SPEECH_ALONE}


def condition_of(snr_db: float) -> str:
    """The condition of an SNR in dB: `5.0` -> "5", `math.inf` -> "+inf"; a ValueError for NaN."""
    if math.isnan(snr_db):
        raise ValueError("an SNR is NaN; give a number of dB, inf or -inf")
    return f"{snr_db:+g}" if math.isinf(snr_db) else f"{snr_db + 0.0:g}"  # + 0.0: "-0" is not a condition


def snr_db_of(condition: str) -> float:
    """The SNR of a condition in dB: "5" -> 5.0, "+inf" -> inf.

    Raises:
        ValueError: It is not a condition; the message shows the form.
    """
    try:
        snr_db = float(condition)
        if condition_of(snr_db) == condition:
            return snr_db
    except (TypeError, ValueError):
        pass
    raise ValueError(f"{condition!r} is not a condition; it is an SNR in dB such as '5' or '-2.5', '+inf' or '-inf'")


def is_finite(condition: str) -> bool:
    """Whether it has both speech and background."""
    return math.isfinite(snr_db_of(condition))


def ordered(conditions: Iterable[str]) -> tuple[str, ...]:
    """The distinct conditions from "+inf" down to "-inf"; a ValueError if one is not a condition."""
    return tuple(sorted(set(conditions), key=snr_db_of, reverse=True))


def finite(conditions: Iterable[str]) -> tuple[str, ...]:
    """Those with both speech and background, from the highest SNR down."""
    return tuple(condition for condition in ordered(conditions) if is_finite(condition))


def counts_for(task: str, condition: str) -> bool:
    """Whether a clip in this condition has something to answer for `asr`, `asc` or `at`."""
    return condition != _NOT_COUNTED[task]


def scored_conditions(task: str, conditions: Iterable[str]) -> tuple[str, ...]:
    """The conditions that count for a task, in order: over these its average is formed (paper Table 1)."""
    return tuple(condition for condition in ordered(conditions) if counts_for(task, condition))
