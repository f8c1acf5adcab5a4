"""The request of a run, checked and opened: dataset, prompts, front end and system, before the first question."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sseu_dataset.loading import refuse_withdrawn
from sseu_dataset.parallel import worker_count
from sseu_metric.extras import require
from sseu_metric.normalisers import normaliser_for, normaliser_version
from sseu_metric.suggestions import did_you_mean
from sseu_models.job import Job, check_conditions
from sseu_models.kinds import NO_FRONTEND, REFERENCE_PREFIX
from sseu_models.planning import Reference
from sseu_models.prompts import ALL_PROMPTS, PROMPT_SETS, PromptSet, load_prompts
from sseu_models.records import Json, System
from sseu_models.results.folder import RESULT
from sseu_models.results.opened_dataset import OpenedDataset, open_dataset
from sseu_models.systems.spec import check_form, make_system, source_of

if TYPE_CHECKING:
    from sseu_models.frontends import Frontend

ENGINES = ("local", "ray")


@dataclass(frozen=True)
class Request:
    """Everything a run is configured with.

    Attributes:
        system: A name (`systems.spec.FORMS`), or a system object.
        data: Dataset folder or Hub repository.
        out: Results folder.
        settings: Settings of the system, where it is given by name.
        job: The questions.
        revision: Tag or commit of the Hub repository.
        frontend: Name of the front end (`frontends.make_frontend`).
        prompts: Prompt file, or the name of one of the project's sets; None for the first of these.
        embedder: Text embedder of the scores (`sseu_metric.make_embedder`).
        normalizer: Text normaliser of the scores; None for that of the dataset's language.
        score: Whether to write scores.json.
        fail_on: Stop after this many failed requests.
        not_deterministic: Ask every question in each run, although the system states that equal questions get equal
            answers.
        overwrite: Delete what is in the results folder and start anew.
        restart_changed: Keep the answers of the folder that are still those of this system, settings, prompts and
            samples, and ask the others again.
        give_up_after: Stop if nothing was answered and the first this many questions all failed in the same way.
        workers: Threads that decode and resample; the number of cores by default.
        engine: `local`, or `ray` for copies of the system on a Ray cluster.
        actors: Number of copies on Ray.
        gpus_per_actor: GPUs of each copy.
    """

    system: str | System
    data: str
    out: Path
    settings: Mapping[str, Json] = field(default_factory=dict)
    job: Job = field(default_factory=Job)
    revision: str | None = None
    frontend: str | None = None
    prompts: Path | None = None
    embedder: str | None = None
    normalizer: str | None = None
    score: bool = True
    fail_on: int | None = None
    not_deterministic: bool = False
    overwrite: bool = False
    restart_changed: bool = False
    give_up_after: int = 20
    workers: int | None = None
    engine: str = "local"
    actors: int | None = None
    gpus_per_actor: float = 0.0


def default_folder(system: str, frontend: str | None) -> Path:
    """The results folder of a run that names none: `hf:Qwen/Qwen2-Audio` -> `results/hf-Qwen-Qwen2-Audio`."""
    words = system.partition("@http")[0] + (f"-{frontend}" if frontend else "")
    name = "".join(letter if letter.isalnum() or letter in "._" else "-" for letter in words)
    return Path("results") / name.strip("-.")


def each_prompt_set(request: Request) -> list[Request]:
    """The request itself; with the prompts `all` one for each of the project's sets, in folders below its own.

    Raises:
        ValueError: The folder holds a run already.
    """
    if str(request.prompts) != ALL_PROMPTS:
        return [request]
    if (request.out / RESULT).exists():
        raise ValueError(
            f"{request.out} holds the results of one run; --prompts all makes a folder for each prompt set: choose "
            "another --out"
        )
    return [replace(request, prompts=Path(name), out=request.out / name) for name in PROMPT_SETS]


@dataclass(frozen=True)
class OpenedRequest:
    """A request with its dataset, prompts, front end, normaliser and system; the system is made but not started."""

    request: Request
    dataset: OpenedDataset
    prompts: PromptSet
    frontend: Frontend
    system: System
    source: Mapping[str, Json]
    normalizer: str


def open_request(request: Request) -> OpenedRequest:
    """Load and check everything but the system itself, which is made and not started.

    Raises:
        DatasetError: The dataset cannot be loaded, is not what its manifest says, or was withdrawn.
        ValueError: Unknown system, setting, front end, engine or prompt file, or a normaliser that does not suit the
            dataset's language.
        ImportError: The engine's package is missing.
    """
    from sseu_models.frontends import make_frontend

    prompts = load_prompts(request.prompts)
    refuse_withdrawn(request.data, request.revision)
    dataset = open_dataset(request.data, request.revision)
    check_conditions(request.job, dataset.identity.conditions)
    normalizer = normaliser_for(dataset.identity.language, request.normalizer)
    given = request.system
    system = _make_system(request, given, dataset.references) if isinstance(given, str) else given
    source = source_of(given)
    frontend = make_frontend(request.frontend or NO_FRONTEND, dataset.rows)
    if isinstance(given, str):
        _check_control_modes(given, request.job, system)
    return OpenedRequest(request, dataset, prompts, frontend, system, source, normalizer)


def _check_control_modes(spec: str, job: Job, system: System) -> None:
    """Name the setting with which a control that gives scores answers in text, where a mode needs that."""
    unable = [
        mode for mode in job.modes if spec.startswith(REFERENCE_PREFIX) and not system.capabilities.modes.get(mode)
    ]
    if unable and "top_k" in system.settings:
        raise ValueError(
            f"{spec} gives scores of the events, and the mode {', '.join(unable)} is answered in text: let it name the "
            "commonest events with --setting top_k=3"
        )


def _make_system(request: Request, spec: str, references: list[Reference]) -> System:
    if request.engine == "local":
        if request.actors is not None or request.gpus_per_actor:
            raise ValueError("actors and gpus-per-actor are for --engine ray; the engine local runs one copy")
        return make_system(spec, request.settings, references)
    if request.engine != "ray":
        hint = did_you_mean(request.engine, ENGINES)
        raise ValueError(f"unknown engine {request.engine!r}{hint} (there are {', '.join(ENGINES)})")
    require("ray", "ray", "--engine ray")
    from sseu_models.running.ray import RaySystem

    return RaySystem(spec, request.settings, references, actors=request.actors, gpus_per_actor=request.gpus_per_actor)


def check_request(request: Request) -> None:
    """Refuse early what would otherwise be refused only after every question was asked.

    Raises:
        ValueError: A number, or the name of the system, the normaliser or the embedder cannot be, or the results folder
            is a file.
    """
    from sseu_metric.embedder_protocol import EmbedderError
    from sseu_metric.embedders import make_embedder

    if request.out.is_file():
        raise ValueError(f"{request.out} is a file; choose another --out")
    if isinstance(request.system, str):
        check_form(request.system)
    worker_count(request.workers)
    if request.fail_on is not None and request.fail_on < 1:
        raise ValueError(f"fail-on is {request.fail_on}; at least 1 is needed")
    if request.normalizer is not None:
        normaliser_version(request.normalizer)
    with suppress(ImportError, EmbedderError):  # whether one is needed at all depends on what the system can
        make_embedder(request.embedder)
