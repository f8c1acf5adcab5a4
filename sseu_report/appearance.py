"""One look for each system, the same in every plot and table of a report and on the leaderboard.

Eight systems have a colour, marker and line of their own; the others and what is no system are grey. A system keeps
its look from one report to the next as long as no other of the eight wants the same: the place in the palette follows
from its name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

MAX_NAMED = 8
"""So many systems are told apart by their look in one plot."""


@dataclass(frozen=True)
class Appearance:
    """How a system is drawn.

    Attributes:
        colour: On white: contrast of at least 3 to 1.
        dark_colour: On a dark page: contrast of at least 3 to 1 with #16161a.
        marker: As matplotlib names it.
        dash: As matplotlib's `linestyle`.
        named: Whether it has a look of its own; the others are thin and grey.
    """

    colour: str
    dark_colour: str
    marker: str
    dash: tuple[int, tuple[float, ...]]
    named: bool = True


PALETTE: tuple[Appearance, ...] = (
    Appearance("#2707f9", "#8068fa", "o", (0, ())),
    Appearance("#286569", "#328d89", "s", (0, (5, 1.5))),
    Appearance("#a3900c", "#f9d322", "^", (0, (1, 1.2))),
    Appearance("#c9735c", "#d38a67", "D", (0, (6, 1.5, 1, 1.5))),
    Appearance("#6501a6", "#9f6ac6", "v", (0, (3, 1, 1, 1, 1, 1))),
    Appearance("#1b1b1f", "#f2f2f5", "P", (0, (8, 3))),
    Appearance("#0698f9", "#a7ccfb", "X", (0, (4, 1))),
    Appearance("#6c3c02", "#e26a00", "p", (0, (2, 1))),
)
"""Each pair of colours is at least 25 CIELAB steps apart, for readers without one kind of cone too."""
GREY = Appearance("#8a8a92", "#85858f", "", (0, ()), named=False)
"""Of controls, baselines and oracles, and of systems beyond the eight."""


def appearances(names: Sequence[str], grey: Collection[str] = ()) -> dict[str, Appearance]:
    """The look of each system.

    Args:
        names: Of the systems, the best first: the first `MAX_NAMED` that may have one get a look of their own.
        grey: Those that never have one.
    """
    places: dict[int, str] = {}
    for name in [name for name in dict.fromkeys(names) if name not in grey][:MAX_NAMED]:
        place = int.from_bytes(hashlib.sha256(name.encode("utf-8", "replace")).digest()[:8], "big") % len(PALETTE)
        while place in places:
            place = (place + 1) % len(PALETTE)
        places[place] = name
    looks = {name: PALETTE[place] for place, name in places.items()}
    return {name: looks.get(name, GREY) for name in names}
