"""`cascade:<asr system>+<tagger>`: two specialists as one system, a baseline (docs/systems/baselines.md).

The recogniser writes the words, the tagger scores scenes and events. In `joint` the same answers are one text: the
words, the best scene and the best events.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from pydantic import Field

from sseu_dataset.records import RATE_HZ
from sseu_dataset.rows.samples import resample
from sseu_metric.answers import parse_answer
from sseu_metric.labels import EVENTS, SCENES
from sseu_models.prompts import load_prompts
from sseu_models.records import Capabilities, Json, Mode, Question, Reply, System, SystemDownError, Task
from sseu_models.systems.seeding import seeded_for
from sseu_models.systems.settings import Settings, read_settings

_PARTS: Mapping[str, tuple[Task, ...]] = {"asr": ("asr",), "tagger": ("asc", "at")}
"""The specialists, and the tasks of each. A setting of one bears its name: `asr.beam_size`, `tagger.template`."""

_Key: TypeAlias = tuple[str, Task, int]
"""Clip, task and seed: one question to a part."""


class CascadeSettings(Settings):
    """What `--setting` may set for `cascade:` beside the settings of its parts.

    Attributes:
        events: How many events `joint` names, the highest scored first. Scores of taggers have no common scale on which
            a threshold could lie.
    """

    events: int = Field(default=2, ge=0, le=len(EVENTS))


def make_cascade(name: str, make: Callable[[str, Mapping[str, Json]], System], **settings: Json) -> CascadeSystem:
    """Make the system of two others.

    Args:
        name: `<asr system>+<tagger>`, such as `asr:faster-whisper:base+clap:laion/clap-htsat-unfused`.
        make: Makes a system of its name and settings.
        settings: The attributes of `CascadeSettings`, and settings of the parts.

    Raises:
        ValueError: The name is not that of two systems, or a setting is unknown.
        SystemDownError: A package is missing.
    """
    own = {key: value for key, value in settings.items() if key.partition(".")[0] not in _PARTS}
    try:
        read = read_settings("cascade", CascadeSettings, own)
    except ValueError as error:
        raise ValueError(f"{error}; settings of its parts are asr.NAME and tagger.NAME") from error
    parts = {}
    for part, spec in part_specs(name).items():
        if spec.startswith(("cascade:", "control:", "text-only:")):
            raise ValueError(f"cascade:{name}: {spec} cannot be the {part} of a cascade; name a system that hears")
        given = {key.partition(".")[2]: value for key, value in settings.items() if key.startswith(f"{part}.")}
        try:
            parts[part] = make(spec, given)
        except ValueError as error:
            raise ValueError(f"cascade: its {part}: {error} (settings of it are {part}.NAME)") from error
    return CascadeSystem(parts, read)


def part_specs(name: str) -> dict[str, str]:
    """The two systems in the name of a cascade, by what they are for.

    Raises:
        ValueError: There are not two.
    """
    specs = re.split(r"\+(?=[a-z-]+:)", name)
    if len(specs) != len(_PARTS):
        raise ValueError(
            f"cascade:{name}: it must be cascade:<asr system>+<tagger>, such as "
            "cascade:asr:faster-whisper:base+clap:laion/clap-htsat-unfused"
        )
    return dict(zip(_PARTS, specs, strict=True))


class CascadeSystem:
    """A recogniser and a tagger, each asked about its own tasks."""

    def __init__(self, parts: Mapping[str, System], settings: CascadeSettings) -> None:
        """Use `make_cascade`."""
        self.id = f"cascade:{'+'.join(part.id for part in parts.values())}"
        self._parts = parts
        self._given = settings
        self._gates: dict[str, asyncio.Semaphore] = {}
        self._known: dict[tuple[str, Task], tuple[Mode, Reply]] = {}
        self._prompts = load_prompts()

    @property
    def settings(self) -> Mapping[str, Json]:
        """Its own, and those of the parts under their names."""
        return {**self._given.model_dump(), **{name: dict(part.settings) for name, part in self._parts.items()}}

    @property
    def capabilities(self) -> Capabilities:
        """The audio as the dataset has it: each part gets it at its own rate, as if it were asked alone."""
        parts = [part.capabilities for part in self._parts.values()]
        lengths = [part.max_audio_s for part in parts if part.max_audio_s is not None]
        return Capabilities(
            rate_hz=RATE_HZ,
            max_audio_s=min(lengths, default=None),
            deterministic=all(part.deterministic for part in parts),
            modes={"independent": ("asr", "asc", "at"), "joint": ("all",)},
            batch_size=max(part.batch_size for part in parts),
            in_flight=max(part.in_flight for part in parts),
        )

    async def start(self) -> None:
        """Start both.

        Raises:
            SystemDownError: One of them cannot answer, or does not answer the tasks that it is for.
        """
        for name, part in self._parts.items():
            await part.start()
            missing = [task for task in _PARTS[name] if task not in part.capabilities.modes.get("independent", ())]
            if missing:
                raise SystemDownError(
                    f"{self.id}: {part.id} does not answer {', '.join(missing)} in mode independent; it cannot be its "
                    f"{name}"
                )
            self._gates[name] = asyncio.Semaphore(part.capabilities.in_flight)

    async def answer(self, questions: Sequence[Question]) -> list[Reply]:
        """The specialists' own replies; for `all` one text of the three.

        Raises:
            SystemDownError: One of them cannot answer any more.
        """
        asked: dict[str, list[Question]] = {name: [] for name in _PARTS}
        for question in questions:
            for name, tasks in _PARTS.items():
                asked[name] += [self._question(question, task) for task in tasks if question.task in (task, "all")]
        replies = await asyncio.gather(*(self._ask(name, some) for name, some in asked.items()))
        found = {key: reply for one in replies for key, reply in one.items()}
        return [self._reply(question, found) for question in questions]

    async def close(self) -> None:
        """Close both."""
        for part in self._parts.values():
            await part.close()

    def _question(self, question: Question, task: Task) -> Question:
        """The question about one task, as the part would be asked alone; the audio still at the dataset's rate."""
        family = self._parts["asr" if task == "asr" else "tagger"].capabilities.family
        prompt = self._prompts.find("independent", task, family) if question.task == "all" else question.prompt
        return replace(question, task=task, prompt=prompt)

    async def _ask(self, name: str, questions: Sequence[Question]) -> dict[_Key, Reply]:
        """The replies of a part; a deterministic one is not asked in both modes about the same audio.

        Within a mode it is, so that the check whether it is deterministic (`running.claims`) reaches it.
        """
        part, states = self._parts[name], self._parts[name].capabilities
        heard = {_key(one): (_audio_sha256(one), one.task) for one in questions}
        modes = {_key(one): one.mode for one in questions}
        found = {
            key: reply
            for key, audio in heard.items()
            for mode, reply in [self._known.get(audio, (modes[key], None))]
            if mode != modes[key] and reply is not None
        }
        left = [one for one in questions if _key(one) not in found]
        for some in ([one for one in left if one.task == task] for task in _PARTS[name]):
            for start in range(0, len(some), states.batch_size):
                batch = [_at_rate(one, states.rate_hz) for one in some[start : start + states.batch_size]]
                async with self._gates[name]:
                    with seeded_for(part, batch):
                        replies = await part.answer(batch)
                found |= {_key(one): reply for one, reply in zip(batch, replies, strict=True)}
        if states.deterministic:
            fresh = [one for one in left if found[_key(one)].error is None]
            self._known |= {heard[_key(one)]: (one.mode, found[_key(one)]) for one in fresh}
        return found

    def _reply(self, question: Question, found: Mapping[_Key, Reply]) -> Reply:
        if question.task != "all":
            return found[question.clip_id, question.task, question.seed]
        asr, asc, at = (found[question.clip_id, task, question.seed] for task in ("asr", "asc", "at"))
        error = asr.error or asc.error or at.error
        if error is not None:
            return Reply(error=error)
        scene = _scene_of(asc) or ""
        return Reply(
            text=f"Transcript: {asr.text}\nScene: {scene}\nEvents: {'; '.join(_events_of(at, self._given.events))}",
            restarted=asr.restarted or asc.restarted or at.restarted,
        )


def _scene_of(reply: Reply) -> str | None:
    if reply.scores is None:
        return parse_answer(reply.text, "asc").scene
    return max(zip(reply.scores, SCENES, strict=True), key=lambda pair: pair[0])[1]


def _events_of(reply: Reply, count: int) -> Sequence[str]:
    if reply.scores is None:
        return parse_answer(reply.text, "at").events or ()
    ranked = sorted(zip(reply.scores, EVENTS, strict=True), key=lambda pair: -pair[0])
    return [event for _, event in ranked[:count]]


def _key(question: Question) -> _Key:
    return question.clip_id, question.task, question.seed


def _at_rate(question: Question, rate_hz: int | None) -> Question:
    """The question with its audio as the runner sends it to a system of this rate."""
    if question.audio is None or rate_hz is None:
        return replace(question, audio=None, mode="independent")
    samples = resample(question.audio, rate_hz)
    samples.flags.writeable = False
    return replace(question, audio=samples, mode="independent")


def _audio_sha256(question: Question) -> str:
    assert question.audio is not None  # `capabilities` asks for it
    return hashlib.sha256(question.audio.data).hexdigest()
