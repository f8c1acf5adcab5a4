"""Systems in this process are seeded like workers, and the caller's own generators are left as they were."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial

from sseu_models.records import Question, System
from sseu_models.systems.worker.protocol import seed_all


def seeded_for(system: System, questions: Sequence[Question]) -> AbstractContextManager[None]:
    """What to ask questions in: with the seed of the first, unless the system takes several calls at a time.

    Concurrent calls share the generators, so that no seed would be a question's own.
    """
    return seeded(questions[0].seed) if questions and system.capabilities.in_flight == 1 else nullcontext()


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed the generators of Python, NumPy, torch and CTranslate2 (`seed_all`), and restore them afterwards.

    CTranslate2's seed cannot be read, so it stays.
    """
    restore = _states()
    seed_all(seed)
    try:
        yield
    finally:
        for undo in restore:
            undo()


def _states() -> list[Callable[[], object]]:
    """Calls that bring back the present state of each generator."""
    restore: list[Callable[[], object]] = [partial(random.setstate, random.getstate())]
    if (numpy := sys.modules.get("numpy")) is not None:
        restore.append(partial(numpy.random.set_state, numpy.random.get_state()))
    if (torch := sys.modules.get("torch")) is not None:
        restore.append(partial(torch.set_rng_state, torch.get_rng_state()))
        if torch.cuda.is_initialized():
            restore.append(partial(torch.cuda.set_rng_state_all, torch.cuda.get_rng_state_all()))
        else:  # it would begin with what was seeded last
            restore.append(partial(torch.cuda.manual_seed_all, torch.initial_seed()))
    return restore
