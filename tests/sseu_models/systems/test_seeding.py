"""The seed of a question decides what is drawn in this process, and the caller's generators do not notice."""

from __future__ import annotations

import random

import numpy as np
import pytest

from sseu_models.records import Capabilities, Prompt, Question
from sseu_models.systems.seeding import seeded, seeded_for
from tests.sseu_models.scripted import ScriptedSystem


def draws() -> list[float]:
    import torch

    return [random.random(), float(np.random.random()), float(torch.rand(1))]  # noqa: NPY002


def test_every_generator_is_seeded_and_restored() -> None:
    import torch

    draws()
    states = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()  # type: ignore[index]  # noqa: NPY002
    drawn = []
    for seed in (1, 1, 2):
        with seeded(seed):
            drawn.append(draws())
    assert drawn[0] == drawn[1]
    assert not set(drawn[0]) & set(drawn[2])
    after = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()  # type: ignore[index]  # noqa: NPY002
    assert after == states
    with pytest.raises(RuntimeError), seeded(3):
        raise RuntimeError(draws())
    assert random.getstate() == states[0]


@pytest.mark.parametrize(("in_flight", "is_seeded"), [(1, True), (2, False)])
def test_concurrent_calls_are_not_seeded(in_flight: int, is_seeded: bool) -> None:
    system = ScriptedSystem(capabilities=Capabilities(rate_hz=None, in_flight=in_flight))
    question = Question("clip", None, "asr", "independent", Prompt("a", "asr", "independent", None, "?", "project"), 7)
    drawn = []
    for _ in range(2):
        with seeded_for(system, [question]):
            drawn.append(random.random())
    assert (drawn[0] == drawn[1]) is is_seeded
