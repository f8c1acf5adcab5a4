"""A table of scored answers to one task, as columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_CLUSTERS = ("corpus", "pair", "recording", "speaker", "gender", "accent", "sentence")
KEYS: tuple[str, ...] = ("id", "run", "mode", "condition", "scene", *_CLUSTERS, "status")
"""The columns of every table. `scene` is a name or empty; `status` is `answered`, or the parse status."""


@dataclass(frozen=True)
class Rows:
    """The answers to one task, as columns of equal length.

    Columns beside `KEYS`: `counts` (n, 4), `characters` (n, 2), `lenient_errors` (n,) for asr; `reference` (n,),
    `hit` (n,), `confidences` (n, 6) for asc; `truth` (n, 18), `confidences` (n, 18) for at. The confidences are those
    of eq. (1) to (3), or a classifier's own scores; `names` (n,) has a tuple of what each answer named, None for a
    classifier's scores. `memory.add_memory` and `hallucinations` add columns of their own.
    """

    columns: Mapping[str, NDArray[Any]]

    def __len__(self) -> int:
        return len(self.columns["id"])

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def take(self, mask: NDArray[np.bool_]) -> Rows:
        """The rows where `mask` is True."""
        if mask.all():
            return self
        return Rows({name: column[mask] for name, column in self.columns.items()})

    def __add__(self, other: Rows) -> Rows:
        """Both tables, one after the other."""
        import numpy as np

        return Rows({name: np.concatenate([self[name], other[name]]) for name in self.columns})


def check_unique(rows: Rows, task: str) -> None:
    """Raise a ValueError if an answer with an id (id, run, mode) occurs twice."""
    seen: dict[tuple[int, str], set[str]] = {}
    for name, run, mode in zip(rows["id"], rows["run"], rows["mode"], strict=True):
        ids = seen.setdefault((int(run), mode), set())
        if name and name in ids:
            raise ValueError(f"{task}: answer {name!r} (run {run}, mode {mode}) occurs twice; give each once")
        ids.add(name)
