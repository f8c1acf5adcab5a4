"""Write docs/systems/audioset.md, the table by which classes of a tagger become labels."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from sseu_metric.match_table import names_of
from sseu_models.systems.audioset import SCENE_EVIDENCE

PAGE = Path(__file__).resolve().parent / "systems" / "audioset.md"
HEAD = """# From AudioSet's classes to labels

Every tagger with the classes of AudioSet answers through this table (`sseu_models.systems.audioset`, written here by
`docs/make_audioset_table.py`).

The score of an event is the largest score of its classes; "a train" counts for both directions of a metro. A class that
is called like the label counts too.

The score of a scene is the sum of its classes' scores, each times its weight: a class weighs 1 where it names the place
or belongs to it alone, and 0.3 where it is common there and heard elsewhere too. Speech counts for nothing.

"""


def page() -> str:
    """The text of the page."""
    lines = ["## Events", "", "| event | why | names |", "| --- | --- | --- |"]
    for (labels, reason), group in groupby(names_of("at"), key=lambda pair: tuple(pair[1])):
        names = [name for name, _ in group if name[0].isupper() and name.isascii()]
        if labels:
            lines.append(f"| {', '.join(labels)} | {reason} | {'; '.join(names) or 'the label itself'} |")
    lines += ["", "## Scenes", "", "| scene | weight | why | classes |", "| --- | --- | --- | --- |"]
    lines += [f"| {one.scene} | {one.weight:g} | {one.reason} | {one.classes} |" for one in SCENE_EVIDENCE]
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
