"""Results folders of realistic spread for tests and pictures: invented answers, written by the project's own runner.

The systems bear names of real ones, so that tables and plots are as crowded as with them. Their answers are drawn
(`plausible_answers.py`) and say nothing about the models of these names; the settings of each result say so.

    python -m tests.plausible --data sseu-bench --out results --systems 14
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sseu_dataset import load
from sseu_models.job import Job
from sseu_models.planning import Reference, read_references
from sseu_models.records import Capabilities, Json, Mode, Question, Reply, System, Task
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request, default_folder
from tests.plausible_answers import Draws, Heard, Skill, hear, hear_nothing, scores_of, written

ALL: tuple[Mode, ...] = ("independent", "joint", "cot")
SINGLE: tuple[Mode, ...] = ("independent",)
BOTH: tuple[Mode, ...] = ("independent", "joint")
DENOISER = "tests.denoiser:enhance"


@dataclass(frozen=True, slots=True)
class Simulated:
    """A system that exists only here.

    Attributes:
        id: The name it bears; a control of the project if it begins with `control:`.
        skill: How well it hears.
        modes: What it is asked.
        family: The family whose prompts it gets.
        samples: It gives other answers in each run, and has three of them.
        hears: It is given audio.
        frontend: Its front end.
    """

    id: str
    skill: Skill = field(default_factory=Skill)
    modes: tuple[Mode, ...] = SINGLE
    family: str = "*"
    samples: bool = False
    hears: bool = True
    frontend: str | None = None


def _model(name: str, words: float, scenes: float, events: float, **values: Any) -> Simulated:
    """An audio language model that samples."""
    own = {key: values.pop(key) for key in ("modes", "family", "hears", "frontend") if key in values}
    skill = {"prose": 0.1, "refusals": 0.03, "loops": 0.02, "other_words": 0.08, "wobble": 0.15} | values
    simulated = Simulated(name, Skill(words, scenes=scenes, events=events, **skill), modes=BOTH, samples=True)
    return replace(simulated, **own)


def _recogniser(name: str, words: float, fall: float, frontend: str | None = None) -> Simulated:
    return Simulated(name, Skill(words, words_fall=fall, loops=0.02), frontend=frontend)


def _tagger(name: str, scenes: float, events: float) -> Simulated:
    return Simulated(name, Skill(scenes=scenes, events=events, scores=True))


_QWEN2_AUDIO = _model(
    "hf:Qwen/Qwen2-Audio-7B-Instruct", -3.0, -0.4, 0.5, words_fall=4.0, modes=ALL, family="qwen2-audio", prose=0.3
)
_TAGGER = "hf:MIT/ast-finetuned-audioset-10-10-0.4593"
_KIMI_AUDIO = {"family": "kimi-audio", "refusals": 0.0}
_LTU_AS = {"family": "ltu-as", "prose": 0.5, "words_fall": 3.0, "loops": 0.06}

SYSTEMS: tuple[Simulated, ...] = (
    _QWEN2_AUDIO,
    _recogniser("hf:openai/whisper-small", -3.4, 4.3),
    Simulated("control:majority", modes=ALL),
    _model("api:gpt-4o-audio-preview", -3.9, 0.6, 0.3, modes=ALL, refusals=0.1, style="json", prose=0.4),
    _tagger(_TAGGER, -0.3, 1.6),
    Simulated("control:corpus"),
    Simulated("control:ground-truth", modes=ALL),
    replace(_QWEN2_AUDIO, frontend="silence"),
    _recogniser("hf:openai/whisper-small", -3.3, 3.6, frontend=DENOISER),
    _model("worker:step-audio-2-mini", -4.0, 0.3, 0.7, modes=ALL, family="step-audio-2"),
    _model("worker:kimi-audio", -4.3, -0.2, -0.2, words_fall=4.6, **_KIMI_AUDIO),
    _model("worker:ltu-as", -1.6, -1.2, -0.5, **_LTU_AS),
    _model("hf:Qwen/Qwen2.5-Omni-7B", -3.9, 0.5, 0.6, modes=ALL),
    _tagger("clap:laion/clap-htsat-unfused", 0.4, 0.9),
    _model("hf:Qwen/Qwen2.5-Omni-3B", -3.5, 0.1, 0.3),
    _recogniser("hf:openai/whisper-large-v3", -4.4, 4.4),
    _recogniser("asr:faster-whisper:base", -2.8, 4.0),
    _recogniser("hf:openai/whisper-tiny", -2.3, 3.9),
    _model("hf:mistralai/Voxtral-Mini-3B-2507", -4.0, -0.5, -0.4),
    _model("hf:nvidia/audio-flamingo-3-hf", -3.6, 0.7, 1.1),
    _model("hf:microsoft/Phi-4-multimodal-instruct", -3.7, -0.9, -0.6, refusals=0.06),
    _model("hf:google/gemma-3n-E4B-it", -3.1, -0.5, -0.2),
    _recogniser("hf:ibm-granite/granite-speech-3.3-8b", -4.1, 4.5),
    _model("api:gemini-2.5-flash", -4.2, 0.8, 0.8, style="json"),
    Simulated("control:no-answer", modes=BOTH),
    Simulated(
        "cascade:asr:faster-whisper:base+hf:MIT/ast-finetuned-audioset-10-10-0.4593", Skill(-2.8, 4.0, -0.4, 1.2)
    ),
    _model("text-only:hf:Qwen/Qwen2.5-7B-Instruct", 0, 0, 0, hears=False),
    _model("hf:Qwen/Qwen3-Omni-30B-A3B-Instruct", -4.4, 1.0, 1.0),
    _recogniser("hf:facebook/wav2vec2-base-960h", -2.0, 5.2),
    _model("hf:openbmb/MiniCPM-o-2_6", -3.3, -0.2, 0.0),
)
"""In the order in which they are taken: 1, 3, 12, 14 or 30 of them make a small, a usual and a crowded report."""


@dataclass(frozen=True, slots=True)
class PlausibleSystem:
    """A `Simulated` as a `System`: it knows the references of every clip and hears them imperfectly."""

    simulated: Simulated
    rows: Mapping[str, Reference] = field(repr=False)
    seed: int = 0

    @property
    def id(self) -> str:
        """The name it bears."""
        return self.simulated.id

    @property
    def settings(self) -> Mapping[str, Json]:
        """A marker that nothing of it is real, and its seed."""
        sampling: Mapping[str, Json] = {"do_sample": True, "temperature": 0.7} if self.simulated.samples else {}
        return {"answers": "invented by tests/plausible.py", "answers_seed": self.seed, **sampling}

    @property
    def capabilities(self) -> Capabilities:
        """What the skill covers; the rate is the dataset's, so that nothing is resampled."""
        simulated, skill = self.simulated, self.simulated.skill
        levels: Mapping[Task, float | None] = {"asr": skill.words, "asc": skill.scenes, "at": skill.events}
        tasks = tuple(task for task, level in levels.items() if level is not None)
        modes: Mapping[Mode, tuple[Task, ...]] = {"independent": tasks}
        return Capabilities(
            rate_hz=44_100 if simulated.hears else None,
            deterministic=not simulated.samples,
            modes={**modes, "joint": ("all",), "cot": ("all",)} if len(tasks) > 2 else modes,
            family=simulated.family,
            batch_size=64,
        )

    async def start(self) -> None:
        """Nothing to load."""

    async def answer(self, questions: Sequence[Question]) -> list[Reply]:
        """A reply for each."""
        return [self._reply(question) for question in questions]

    async def close(self) -> None:
        """Nothing to release."""

    def _reply(self, question: Question) -> Reply:
        row, skill, mode = self.rows[question.clip_id], self.simulated.skill, question.mode
        name, seed = f"{self.seed}|{self.id}", question.seed if self.simulated.samples else 0
        if skill.scores:
            return Reply(scores=scores_of(name, skill, row, question.task, seed))
        heard = self._heard(question, name, seed)
        text = written(heard, skill, question.task, mode, Draws(f"{name}|{row['id']}|{mode}|written", seed, 0.5))
        tokens = len(text) // 4
        return Reply(text=text, finish_reason="stop", input_tokens=340, output_tokens=tokens)

    def _heard(self, question: Question, name: str, seed: int) -> Heard:
        row, simulated = self.rows[question.clip_id], self.simulated
        if question.audio is None or not question.audio[::101].any():
            return hear_nothing(name, row["pair_id"], seed)
        harder = {"joint": 0.3, "cot": 0.15}.get(
            question.mode, 0.0
        )  # the paper finds one question for each task easier
        skill = simulated.skill
        if skill.words is not None:
            skill = replace(skill, words=skill.words + harder)
        return hear(name, skill, row, question.mode, seed)


def plausible_results(
    data: Path, out: Path, count: int, *, seed: int = 0, systems: Sequence[Simulated] = SYSTEMS
) -> list[Path]:
    """Write the results folders of the first `count` systems.

    Args:
        data: Dataset folder, such as `make demo-data` builds.
        out: Folder for the results folders; those that are there already are kept.
        count: How many, 1 to 30.
        seed: Seed of every answer; the same gives the same answers.
        systems: Other systems than the usual ones.

    Returns:
        The results folders, in the order of the systems.

    Raises:
        ValueError: There are not so many systems.
    """
    if not 1 <= count <= len(systems):
        raise ValueError(f"{count} systems; there are 1 to {len(systems)}")
    rows = {str(row["id"]): row for row in read_references(load(data))}
    folders = []
    for simulated in systems[:count]:
        reference = simulated.id.startswith("control:")
        settings: Mapping[str, Json] = {"top_k": 3} if simulated.id == "control:corpus" else {}
        system: str | System = simulated.id if reference else PlausibleSystem(simulated, rows, seed)
        folders.append(out / default_folder(simulated.id, simulated.frontend).name)
        evaluate(
            Request(
                system,
                str(data),
                folders[-1],
                settings=settings,
                job=Job(modes=simulated.modes, probe_noise=True),
                frontend=simulated.frontend,
                embedder="exact",
            ),
            progress=False,
        )
    return folders


def main() -> None:
    """Parse the arguments and write the folders."""
    parser = argparse.ArgumentParser(prog="python -m tests.plausible", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="dataset folder, such as demo/sseu-bench")
    parser.add_argument("--out", type=Path, required=True, help="folder for the results folders")
    parser.add_argument("--systems", type=int, default=14, help=f"how many, 1 to {len(SYSTEMS)} (default: 14)")
    parser.add_argument("--seed", type=int, default=0, help="seed of every answer (default: 0)")
    given = parser.parse_args()
    for folder in plausible_results(given.data, given.out, given.systems, seed=given.seed):
        print(folder)


if __name__ == "__main__":
    main()
