"""GPU hours and their cost."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest

from sseu_models.gpu_prices import GPU_PRICES, gpu_hours, gpu_price_of, gpus_in_use

H200 = "NVIDIA H200"
SOURCE = GPU_PRICES["H200"].stated


@pytest.mark.parametrize(
    ("gpu", "name"),
    [
        ("NVIDIA H200", "H200"),
        ("NVIDIA A100-SXM4-80GB", "A100 80GB"),
        ("NVIDIA A100 80GB PCIe", "A100 80GB"),
        ("NVIDIA A100-SXM4-40GB", None),
        ("NVIDIA L4", "L4"),
        ("NVIDIA L40S", "L40S"),
        ("Tesla T4", "T4"),
        ("NVIDIA RTX PRO 6000 Blackwell Server Edition", "RTX PRO 6000"),
        ("NVIDIA RTX 6000 Ada Generation", None),
        ("NVIDIA H200 MIG 1g.18gb", None),
        ("NVIDIA H100 80GB HBM3", None),
    ],
)
def test_a_card_has_the_price_of_its_kind(gpu: str, name: str | None) -> None:
    assert gpu_price_of(gpu) == (None if name is None else GPU_PRICES[name])
    assert all("2026" in price.stated and price.usd_per_h > 0 for price in GPU_PRICES.values())


@pytest.mark.parametrize(
    ("gpus", "usd_per_h", "line"),
    [
        ((), None, None),
        ((H200,), None, f"about 2.5 GPU hours on 1 x {H200}, 12.50 USD at 5.00 USD an hour each ({SOURCE})"),
        ((H200, H200), 3.0, f"about 5.0 GPU hours on 2 x {H200}, 15.00 USD at 3.00 USD an hour each"),
        (("NVIDIA H100 PCIe",), None, "about 2.5 GPU hours on 1 x NVIDIA H100 PCIe; no price known"),
        ((), 4.0, "about 2.5 GPU hours, 10.00 USD at 4.00 USD an hour each"),
        ((H200,), 0.0, f"about 2.5 GPU hours on 1 x {H200}, 0.00 USD at 0.00 USD an hour each"),
    ],
)
def test_hours_times_cards_times_price(gpus: tuple[str, ...], usd_per_h: float | None, line: str | None) -> None:
    assert gpu_hours(2.5, gpus, usd_per_h) == line


def test_only_cards_that_hold_memory_are_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    names, held = ("NVIDIA L4", H200), (0, 10)
    cuda = SimpleNamespace(
        is_initialized=lambda: True,
        device_count=lambda: 2,
        get_device_name=names.__getitem__,
        memory_allocated=held.__getitem__,
    )
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    assert gpus_in_use() == (H200,)


def test_torch_is_not_imported_to_look() -> None:
    program = "import sys; from sseu_models.gpu_prices import gpus_in_use; print(gpus_in_use(), 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "() False\n"
