"""Answers as real systems give them, invented: errors that grow with the noise, habits of speech, confusions of scenes.

What a simulated system says of a clip depends on its name, the clip's references and the SNR, through draws that are
the same in every condition of a pair: a word that is lost at 0 dB is lost at -10 dB too. Systems share effects of
speaker and recording, so that some are hard for all. A system that samples draws a part anew in each run.
"""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Any

from rapidfuzz.distance import Levenshtein

from sseu_dataset.standin.speech import SENTENCES
from sseu_metric.conditions import BACKGROUND_ALONE, SPEECH_ALONE, snr_db_of
from sseu_metric.labels import EVENTS, SCENES

HOME_EVENTS, OUTDOOR_EVENTS = EVENTS[:9], EVENTS[9:]
_WORDS = sorted({word for text in SENTENCES for word in re.findall(r"[a-z']+", text.lower())})
_FILLERS = ("the", "and", "a", "so", "to", "of", "well")
_CONFUSED: Mapping[str, Sequence[str]] = {
    "Home": ("Restaurant", "Residential Area"),
    "Restaurant": ("Home", "Grocery Store", "Home"),
    "City Center": ("Residential Area", "Residential Area", "Metro Station"),
    "Grocery Store": ("Restaurant", "Metro Station", "Home"),
    "Metro Station": ("City Center", "Grocery Store"),
    "Residential Area": ("City Center", "City Center", "Home"),
}
_IN_OTHER_WORDS: Mapping[str, str] = {
    "Home": "a kitchen",
    "Restaurant": "a busy cafe",
    "City Center": "a street with traffic",
    "Grocery Store": "a supermarket",
    "Metro Station": "a train platform",
    "Residential Area": "a quiet street",
}
_REFUSALS = (
    "I'm sorry, but I can't make out what is said in this recording.",
    "I am unable to listen to audio.",
)
_HALLUCINATED = (
    "Thank you for watching.",
    "please subscribe to the channel",
    "I don't know what you're talking about.",
)


@dataclass(frozen=True, slots=True)
class Skill:
    """How well a simulated system hears; levels and falls are log odds.

    Attributes:
        words: Of an error in a word of clean speech; None where it does not transcribe.
        words_fall: How much they rise towards -10 dB.
        scenes: Of the right scene where nobody speaks; None where it names none.
        events: Of hearing an event that is there; None where it names none.
        background_fall: How much both fall where speech covers the background.
        scores: It gives a score of each label instead of words.
        prose, refusals, loops: How often it talks around its answer, refuses or repeats itself at -10 dB, 0 to 1.
        other_words: How often a scene is named by another name than its label.
        wobble: Which share of its draws differs from run to run.
        style: `lines` or `json`, of an answer to all tasks.
    """

    words: float | None = None
    words_fall: float = 4.0
    scenes: float | None = None
    events: float | None = None
    background_fall: float = 1.5
    scores: bool = False
    prose: float = 0.0
    refusals: float = 0.0
    loops: float = 0.0
    other_words: float = 0.0
    wobble: float = 0.0
    style: str = "lines"


@dataclass(frozen=True, slots=True)
class Heard:
    """What a system makes of one clip."""

    transcript: str
    scene: str
    events: tuple[str, ...]


class Draws:
    """Numbers in [0, 1), in order: a share `wobble` of them from `seed`, the rest from `name` alone."""

    def __init__(self, name: str, seed: int, wobble: float) -> None:
        self._lasting, self._fresh, self._wobble = random.Random(name), random.Random(f"{name}|{seed}"), wobble

    def __call__(self) -> float:
        """The next number."""
        lasting, fresh = self._lasting.random(), self._fresh.random()
        return fresh if self._fresh.random() < self._wobble else lasting

    def normal(self, deviation: float) -> float:
        """A normal number around 0."""
        return NormalDist(0, deviation).inv_cdf(min(max(self(), 1e-9), 1 - 1e-9))

    def choice(self, values: Sequence[str]) -> str:
        """One of the values."""
        return values[int(self() * len(values))]


def masked_speech(condition: str) -> float:
    """How much of the speech the background covers, 0 (speech alone) to 1."""
    return 0.0 if condition == SPEECH_ALONE else _sigmoid(-(snr_db_of(condition) + 2) / 4.5)


def masked_background(condition: str) -> float:
    """How much of the background the speech covers, 0 (background alone) to 1."""
    return 0.0 if condition == BACKGROUND_ALONE else _sigmoid(snr_db_of(condition) / 6)


def hear(system: str, skill: Skill, row: Mapping[str, Any], mode: str, seed: int) -> Heard:
    """Transcript, scene and events that a system makes of a clip; what it cannot do is empty."""

    def draws(task: str) -> Draws:
        return Draws(f"{system}|{row['pair_id']}|{mode}|{task}", seed, skill.wobble)

    scene = "" if row["scene"] is None else SCENES[row["scene"]]
    return Heard(
        "" if skill.words is None else _words(system, skill, row, draws("asr")),
        "" if skill.scenes is None else _scene(system, skill, row, scene, draws("asc")),
        () if skill.events is None else _events(system, skill, row, scene, draws("at")),
    )


def hear_nothing(system: str, clip: str, seed: int) -> Heard:
    """What a language model says when it is given no audio, or silence: its habits."""
    draws = Draws(f"{system}|{clip}|nothing", seed, 0.3)
    events = tuple(dict.fromkeys(draws.choice(("Dog", "Footsteps", "Car", "Birds Singing")) for _ in range(2)))
    return Heard(draws.choice(_HALLUCINATED), draws.choice(("Home", "Home", "Restaurant", "City Center")), events)


def _words(system: str, skill: Skill, row: Mapping[str, Any], draws: Draws) -> str:
    assert skill.words is not None
    masked = masked_speech(row["condition"])
    strange, spoilt = draws(), draws.choice(_HALLUCINATED)
    if row["condition"] == BACKGROUND_ALONE:
        return spoilt if strange < 0.1 + skill.prose else ""
    speaker, recording = row["speaker_id"], row["source_recording_id"] or ""
    effect = _effect("speaker", speaker, 0.5) + _effect(system + "speaker", speaker, 0.3)
    effect += masked * (_effect("recording", recording, 0.8) + _effect(system + "recording", recording, 0.3))
    wrong = _sigmoid(skill.words + effect + skill.words_fall * masked)
    if strange < skill.refusals * masked:
        return draws.choice(_REFUSALS)
    said: list[str] = []
    for word in row["transcript"].split():
        error, kind, which = draws(), draws(), draws()
        if error >= wrong:
            said.append(word)
        elif kind < 0.62:
            near = _sounds_like(word)
            said.append(near[int(which * len(near))])
        elif kind > 0.88:
            said += [word, _FILLERS[int(which * len(_FILLERS))]]
    if strange > 1 - skill.loops * masked and said:
        return " ".join([*said[:6], *(said[4:6] * 40)])
    text = " ".join(said)
    return spoilt if masked > 0.8 and not text else text


def _scene(system: str, skill: Skill, row: Mapping[str, Any], scene: str, draws: Draws) -> str:
    assert skill.scenes is not None
    right, wrong, named = draws(), draws(), draws()
    if not scene:
        return ""
    level = skill.scenes + _effect(system + "scene", scene, 1.1) + _effect("recording", row["source_recording_id"], 0.6)
    hit = right < _sigmoid(level - skill.background_fall * masked_background(row["condition"]))
    others = _CONFUSED[scene]
    heard = scene if hit else others[int(wrong * len(others))]
    return _IN_OTHER_WORDS[heard] if named < skill.other_words else heard


def _events(system: str, skill: Skill, row: Mapping[str, Any], scene: str, draws: Draws) -> tuple[str, ...]:
    """The events it names, true ones first: at most three, as the prompts' answers have."""
    strengths = {event: draws() for event in EVENTS}
    chances = _event_chances(system, skill, row, scene)
    named = [event for event in EVENTS if strengths[event] < chances[event]]
    return tuple(sorted(named, key=lambda event: strengths[event] / chances[event])[:3])


def _event_chances(system: str, skill: Skill, row: Mapping[str, Any], scene: str) -> dict[str, float]:
    assert skill.events is not None
    covered = skill.background_fall * masked_background(row["condition"])
    fitting = HOME_EVENTS if scene == "Home" else OUTDOOR_EVENTS if scene else ()
    present = {EVENTS[event] for event in row["events"]}
    chances = {}
    for event in EVENTS:
        own = _effect(system + "event", event, 0.9)
        alarm = -3.2 + 0.5 * own + 0.5 * covered - 0.3 * skill.events - (0 if event in fitting else 1.3)
        chances[event] = _sigmoid(skill.events + own - covered if event in present else alarm)
    return chances


def scores_of(system: str, skill: Skill, row: Mapping[str, Any], task: str, seed: int) -> tuple[float, ...]:
    """A classifier's scores of the labels of `asc` or `at`, 0 to 1."""
    draws = Draws(f"{system}|{row['pair_id']}|{task}|scores", seed, skill.wobble)
    if task == "at":
        chances = _event_chances(system, skill, row, "" if row["scene"] is None else SCENES[row["scene"]])
        return tuple(round(_sigmoid(0.6 * _logit(chances[event]) + draws.normal(1.8)), 6) for event in EVENTS)
    heard = _scene(system, skill, row, "" if row["scene"] is None else SCENES[row["scene"]], draws)
    return tuple(round(0.35 * draws() + (0.4 if scene == heard else 0), 6) for scene in SCENES)


def written(heard: Heard, skill: Skill, task: str, mode: str, draws: Draws) -> str:
    """An answer in a system's own way of answering."""
    talks = draws() < skill.prose
    listed = "; ".join(heard.events) or "none"
    if task == "asr":
        if not heard.transcript:
            return "There is no speech in this recording." if talks else ""
        return f"The speaker says: '{heard.transcript}'" if talks else heard.transcript
    if task == "asc":
        return f"The audio was recorded in {heard.scene.lower()}." if talks else f"Scene: {heard.scene}"
    if task == "at":
        return f"I can hear the following sounds: {listed.lower()}." if talks else listed
    answer = f"Transcript: {heard.transcript or 'none'}\nScene: {heard.scene or 'none'}\nEvents: {listed}"
    if skill.style == "json":
        answer = json.dumps({"transcript": heard.transcript, "scene": heard.scene, "events": list(heard.events)})
        answer = f"```json\n{answer}\n```" if talks else answer
    elif talks:
        answer = re.sub(r"^(\w+:)", r"**\1**", answer, flags=re.MULTILINE)
    if mode != "cot":
        return answer
    other = draws.choice(SCENES)
    steps = (
        "1. Energy & Onset: the speech begins after about one second and is louder than the background.",
        f"2. ASR: {heard.transcript or 'none'}",
        f"3. Scene candidates: {heard.scene}, {other}",
        f"4. Event candidates: {listed}; {draws.choice(EVENTS)}",
        "5. Correction: scene and events agree.",
    )
    return "\n".join([*steps, "", answer])


@lru_cache(maxsize=4096)
def _effect(what: str, which: str, deviation: float) -> float:
    """A normal number that belongs to a speaker, a recording or a label; the same in every answer."""
    return random.Random(f"{what}|{which}").gauss(0, deviation)


@lru_cache(maxsize=4096)
def _sounds_like(word: str) -> tuple[str, ...]:
    """Other words with similar letters."""
    plain = re.sub(r"[^a-z']", "", word.lower())
    return tuple(sorted(_WORDS, key=lambda other: (other == plain, Levenshtein.distance(plain, other), other))[:4])


def _sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-max(min(logit, 60), -60)))


def _logit(chance: float) -> float:
    return math.log(chance / (1 - chance))
