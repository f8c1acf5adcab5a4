"""Amounts as people read them: hours, millions of tokens and GPU hours, also where there is little of them."""

from __future__ import annotations


def short(value: float) -> str:
    """A number that is not negative, with one decimal from 1 on and two digits below: `12.5`, `0.13`, `0.0042`."""
    if value >= 1 or value == 0:
        return f"{value:,.1f}"
    return f"{value:.2g}" if value >= 0.001 else "less than 0.001"


def in_hours(hours: float) -> str:
    """A time with its unit: hours, or minutes or seconds where it is shorter than one."""
    if hours >= 1 or hours == 0:
        return f"{hours:,.1f} h"
    seconds = 3600 * hours
    return f"{seconds / 60:.1f} min" if seconds >= 60 else f"{seconds:.1f} s"
