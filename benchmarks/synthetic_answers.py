"""Dataset rows and raw answers of the size of a whole run, without corpora and without a model.

Scenes, source recordings and speakers have the official numbers; the sentences are recombined from the stand-in
corpora's, so that no two runs of this file differ. 53 % of those sentences need the text normaliser's long way, against
31 % of VCTK's: the times err on the slow side.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from interval_coverage import CLIPS, SPEAKERS

from sseu_dataset.standin.speech import SENTENCES, SHORT_SENTENCES
from sseu_metric import EVENTS, SCENES
from sseu_metric.conditions import CONDITIONS, counts_for, finite, is_finite, scored_conditions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RUNS = 3
UTTERANCES = 244
DIMENSION = 384
FINITE = finite(CONDITIONS)
WORDS = sorted({word for text in (*SENTENCES, *SHORT_SENTENCES) for word in re.findall(r"[a-z']+", text.lower())})
"""543 words of the stand-in corpora."""

Row = dict[str, Any]
Mode = Literal["asr", "asc", "at", "joint", "cot"]


@dataclass(frozen=True)
class Request:
    """One question put to every row of some conditions in one run."""

    mode: Mode
    run: int
    rows: list[Row]
    answers: list[str]


def dataset_rows(conditions: Sequence[str], copies: int = 1) -> dict[str, list[Row]]:
    """1,117 rows for each condition, with the columns that scoring reads; `copies` makes the dataset larger."""
    generator = random.Random(0)
    halves = [text.rstrip(".").split(" ") for text in SENTENCES]
    sentences = [
        " ".join([*first[: len(first) // 2], *second[len(second) // 2 :]]) + "."
        for first, second in (generator.sample(halves, 2) for _ in range(UTTERANCES))
    ]
    clips = [(scene, f"{scene} {n % recordings}") for scene, (recordings, count) in CLIPS.items() for n in range(count)]
    found: dict[str, list[Row]] = {condition: [] for condition in conditions}
    for number, (scene, recording) in enumerate(clips * copies):
        utterance = generator.randrange(UTTERANCES)
        events = generator.sample(range(len(EVENTS)), generator.choice((1, 1, 1, 2, 2, 3)))
        for condition in conditions:
            speech, background = counts_for("asr", condition), counts_for("asc", condition)
            found[condition].append(
                {
                    "id": f"{number}_{condition}",
                    "pair_id": f"{number}",
                    "condition": condition,
                    "snr_db": float(condition) if is_finite(condition) else None,
                    "scene": SCENES.index(scene) if background else None,
                    "events": events if background else [],
                    "transcript": sentences[utterance] if speech else "",
                    "speaker_id": f"p{utterance % SPEAKERS}" if speech else None,
                    "speaker_gender": "FM"[utterance % 2] if speech else None,
                    "speaker_accent": "English" if speech else None,
                    "background_corpus": ("DESED" if scene == "Home" else "MAESTRO") if background else None,
                    "source_recording_id": recording if background else None,
                }
            )
    return found


def one_model(distinct: float, seed: int = 0) -> Iterator[Request]:
    """All questions to one model: three single tasks in six conditions, joint and chain of thought in five; 93,828.

    Args:
        distinct: Share of the transcripts that differ from all others; the rest repeat, as a steady model's do.
        seed: Another one is another model.
    """
    rows = dataset_rows(CONDITIONS)
    tasks: tuple[Mode, ...] = ("asr", "asc", "at")
    asked: dict[Mode, tuple[str, ...]] = {task: scored_conditions(task, CONDITIONS) for task in tasks}
    asked |= {"joint": FINITE, "cot": FINITE}
    transcribed = 0
    for run in range(RUNS):
        for mode, conditions in asked.items():
            some = [row for condition in conditions for row in rows[condition]]
            answers = []
            for number, row in enumerate(some):
                hearing = transcribed // len(rows["0"])
                transcribed += mode in ("asr", "joint", "cot")
                answers.append(
                    _answer(mode, row, round(hearing * distinct), random.Random(f"{mode}{run}{number}{seed or ''}"))
                )
            yield Request(mode, run, some, answers)


def _answer(mode: Mode, row: Row, hearing: int, generator: random.Random) -> str:
    """A raw answer, in one of the styles models have; one in fifty cannot be read."""
    if generator.random() < 0.02:
        return "I cannot help with that."
    transcript = misheard(row["transcript"], random.Random(f"{row['pair_id']}|{hearing}"))
    scene, events = named_scene(row["scene"], generator), named_events(row["events"], generator)
    listed = "; ".join(events) or "none"
    style = generator.random()
    if mode == "asr":
        return transcript if style < 0.5 else f"Spoken text: {transcript}" if style < 0.8 else f'"{transcript}"'
    if mode == "asc":
        return f"Scene: {scene}" if style < 0.8 else f"The scene is {scene}."
    if mode == "at":
        return listed if style < 0.8 else "\n".join(f"{place}. {event}" for place, event in enumerate(events, 1))
    final = f"Transcript: {transcript}\nScene: {scene}\nEvents: {listed}"
    if style < 0.1:
        quoted = ", ".join(f'"{event}"' for event in events)
        final = f'```json\n{{"transcript": "{transcript}", "scene": "{scene}", "events": [{quoted}]}}\n```'
    elif style < 0.3:
        final = f"**Transcript:** {transcript}\n**Scene:** {scene}\n**Events:** {listed}"
    if mode == "joint":
        return final
    steps = (
        "Step 1, energy and onset: the speech begins after about one second, the background is steady.",
        f"Step 2, ASR: {transcript}",
        f"Step 3, scene candidates: {scene}, {generator.choice(SCENES)}, {generator.choice(SCENES)}",
        f"Step 4, event candidates: {listed}; {generator.choice(EVENTS)}",
        "Step 5, correction: the candidates agree with each other, and what contradicts the scene is dropped.",
    )
    return "\n".join([*steps, "Final answer:", final])


def misheard(text: str, generator: random.Random) -> str:
    """The text with about 15 % word errors of every kind, at least one substitution."""
    words = text.split(" ")
    words[generator.randrange(len(words))] = generator.choice(WORDS)
    heard = []
    for word in words:
        kind = generator.random()
        if kind < 0.07:
            heard.append(generator.choice(WORDS))
        elif kind >= 0.11:
            heard.append(word)
        if kind > 0.97:
            heard.append(generator.choice(WORDS))
    return " ".join(heard)


def named_scene(scene: int | None, generator: random.Random) -> str:
    """A scene in words: often the label, else one of some 3,000 phrases."""
    name = SCENES[scene] if scene is not None and generator.random() < 0.6 else generator.choice(SCENES)
    return name if generator.random() < 0.5 else f"{name.lower()} with {generator.choice(WORDS)}"


def named_events(events: Sequence[int], generator: random.Random) -> list[str]:
    """None to five events in words: often the labels, else one of some 3,000 phrases, so that scores tie."""
    heard = [EVENTS[event] for event in events if generator.random() < 0.6]
    heard += generator.choices(EVENTS, k=generator.choice((0, 0, 1, 2)))
    return [name if generator.random() < 0.5 else f"{generator.choice(WORDS[:160])} {name.lower()}" for name in heard]


class HashEmbedder:
    """A stand-in for a model: a direction drawn from each text's hash; it refuses to work once it is `closed`."""

    id = "benchmark-hash"
    revision = None
    dimension = DIMENSION
    closed = False

    def embed(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return (texts, DIMENSION), rows of length 1."""
        import numpy as np

        from sseu_metric.embedder_protocol import unit_rows

        if self.closed:
            raise RuntimeError(f"the cache was to hold every text, but {texts[0]!r} is new")
        seeds = [int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") for text in texts]
        return unit_rows(np.array([np.random.default_rng(seed).standard_normal(DIMENSION) for seed in seeds]), self.id)
