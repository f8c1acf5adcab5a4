"""GPU hours and what they cost: the GPUs that this process computes on, and the prices at which they are let.

Prices change; `--gpu-price-per-hour` replaces the table.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import NamedTuple

from sseu_metric.text_table import short


class GpuPrice(NamedTuple):
    """The price of one GPU.

    Attributes:
        usd_per_h: USD per hour.
        stated: Where and when it was stated; empty where the user gives it.
    """

    usd_per_h: float
    stated: str = ""


_HUGGING_FACE = "huggingface.co/docs/hub/jobs-pricing as of commit 0b8c07f, read 2026-11-28"

GPU_PRICES = {
    "T4": GpuPrice(0.4, _HUGGING_FACE),
    "L4": GpuPrice(0.8, _HUGGING_FACE),
    "A10G": GpuPrice(1.0, _HUGGING_FACE),
    "L40S": GpuPrice(1.8, _HUGGING_FACE),
    "A100 80GB": GpuPrice(2.5, _HUGGING_FACE),
    "RTX PRO 6000": GpuPrice(2.75, _HUGGING_FACE),
    "H200": GpuPrice(5.0, _HUGGING_FACE),
}
"""By words of the name that CUDA gives the card; the smallest machine with one such card."""


def gpu_price_of(gpu: str) -> GpuPrice | None:
    """The price of a card by CUDA's name of it, such as `NVIDIA A100-SXM4-80GB`; None where the table has none.

    A part of a card (MIG) has no price.
    """
    words = set(re.findall(r"\w+", gpu))
    return next(
        (price for name, price in GPU_PRICES.items() if "MIG" not in words and words >= set(name.split())), None
    )


def gpus_in_use() -> tuple[str, ...]:
    """CUDA's names of the GPUs on which this process holds memory through torch; torch is not imported for it.

    What workers, servers and copies on Ray compute on is not seen.
    """
    cuda = getattr(sys.modules.get("torch"), "cuda", None)
    if cuda is None or not cuda.is_initialized():
        return ()
    return tuple(cuda.get_device_name(index) for index in range(cuda.device_count()) if cuda.memory_allocated(index))


def gpu_hours(hours: float, gpus: Sequence[str], usd_per_h: float | None = None) -> str | None:
    """GPU hours and their cost in one line.

    Args:
        hours: Wall time.
        gpus: Names of the GPUs used at once.
        usd_per_h: The price of each, in place of the table's; then one GPU is counted where none is named.

    Returns:
        None where no GPU is known to be used and no price is given.
    """
    if not gpus and usd_per_h is None:
        return None
    count = max(len(gpus), 1)
    which = f" on {count} x {' and '.join(dict.fromkeys(gpus))}" if gpus else ""
    found = [gpu_price_of(gpu) for gpu in gpus] if usd_per_h is None else [GpuPrice(usd_per_h)] * count
    prices = [price for price in found if price is not None]
    cost = f"about {short(hours * count)} GPU hours{which}"
    if len(prices) < count:
        return f"{cost}; no price known"
    each = " + ".join(f"{price.usd_per_h:,.2f}" for price in dict.fromkeys(prices))
    stated = f" ({prices[0].stated})" if prices[0].stated else ""
    return f"{cost}, {hours * sum(price.usd_per_h for price in prices):,.2f} USD at {each} USD an hour each{stated}"
