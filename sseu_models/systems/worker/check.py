"""Does a ready worker start? Its environment, upstream's real code, random weights, one answer for each mode and task.

`sseu systems check NAME`. What was seen is a small record, from which the page of the system says what was run.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import json
import os
import re
import shlex
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sseu_metric.suggestions import did_you_mean
from sseu_models.child_environment import child_environment, installer_environment
from sseu_models.prompts import load_prompts
from sseu_models.records import Json, Question, Reply, SystemDownError
from sseu_models.systems.content import public_value
from sseu_models.systems.worker.environments import (
    ENVIRONMENTS,
    PROGRAMS,
    REQUIREMENTS,
    WORKERS,
    default_folder,
    interpreter,
    set_up,
)
from sseu_models.systems.worker.system import WorkerSystem, make_worker

SECONDS = 10
SHOWN_LINES = 8
MAKE_RANDOM = """
import json, os, runpy, sys, types
worker, file, folder, settings = sys.argv[1:]
for name, path in (("sseu_models", []), ("sseu_models.systems.worker", [worker])):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = path
made = runpy.run_path(file)["make_random"](folder, json.loads(settings))
with open(os.path.join(folder, "settings.json"), "w") as out:
    json.dump(made, out)
"""
VERSIONS = """
import importlib.metadata, json, platform, sys
found = {"python": platform.python_version()}
for name in sys.argv[1:]:
    try:
        found[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        found[name] = None
for package in importlib.metadata.distributions():
    if "editable" in (package.read_text("direct_url.json") or ""):
        found[package.metadata["Name"]] = package.version
print(json.dumps(found))
"""
NO_CUDA = re.compile(r"Torch not compiled with CUDA enabled|NVIDIA driver|No CUDA GPUs|no CUDA-capable")


@dataclass(frozen=True, slots=True)
class Step:
    """What was tried, whether it passed, and what came of it."""

    name: str
    passed: bool
    seen: str


@dataclass(frozen=True, slots=True)
class Check:
    """What a check saw.

    Attributes:
        system: The worker's name.
        date: The day, in UTC.
        versions: Python, the packages that the environment's requirements name (None where one is not installed), and
            those installed from the checkout.
        commit: The commit of upstream's checkout; None where it does not say, or upstream is a package.
        model: What was built in place of the published model.
        steps: What was tried, in order.
    """

    system: str
    date: str
    versions: Mapping[str, str | None]
    commit: str | None
    model: str
    steps: tuple[Step, ...]

    @property
    def passed(self) -> bool:
        """Every step did."""
        return all(step.passed for step in self.steps)


def check_worker(name: str, *, upstream: Path | None, announce: Callable[[str], object] = print) -> Check:
    """Make the environment of a ready worker if it is missing, then start the worker with random weights and ask it.

    Args:
        name: A ready worker, such as `mga-clap`.
        upstream: Folder with the checkouts that the environment's manual steps clone.
        announce: Takes each line that is meant for the user.

    Raises:
        ValueError: The name is unknown, or the checkout is not there.
        SetupError: The environment cannot be made.
    """
    name = _known(name)
    worker = WORKERS[name]
    environment = ENVIRONMENTS[worker.environment]
    settings: dict[str, Json] = dict(worker.fixed)
    if environment.checkout is not None:
        if upstream is None:
            raise ValueError(f"{name} needs --upstream DIR, the folder that holds {environment.checkout}")
        if not (upstream / environment.checkout).is_dir():
            raise ValueError(f"{upstream / environment.checkout} is no folder; there: {environment.manual_steps[0]}")
        settings["checkout"] = str((upstream / environment.checkout).resolve())
    python = interpreter(default_folder(worker.environment))
    if not python.exists():
        set_up(worker.environment, upstream=upstream, announce=announce)
    _drop_unloadable(python, announce)
    with tempfile.TemporaryDirectory(prefix="sseu-check-") as folder, _pointing_to(Path(folder)):
        made, step = _make_random(python, worker.file.name, Path(folder), settings)
        steps = [step]
        if step.passed:
            given = {key: value for key, value in (settings | made).items() if key not in worker.fixed}
            log = os.path.join(folder, "stderr.log")
            system = make_worker(name, python=str(python), stderr_log=log, **given)
            steps += asyncio.run(_ask(system, needs_gpu=worker.needs_gpu))
    return Check(
        system=name,
        date=datetime.now(UTC).date().isoformat(),
        versions=_versions(python, worker.environment),
        commit=None if environment.checkout is None else _commit(Path(str(settings["checkout"]))),
        model=_docstring(PROGRAMS / "random_weights" / worker.file.name),
        steps=tuple(steps),
    )


def _known(name: str) -> str:
    name = name.removeprefix("worker:")
    if name not in WORKERS:
        raise ValueError(f"no ready worker {name!r}{did_you_mean(name, WORKERS)} (there are {', '.join(WORKERS)})")
    return name


@contextlib.contextmanager
def _pointing_to(folder: Path) -> Iterator[None]:
    """Everything that this process starts finds the Hub's cache, and substitutes for packages, in the folder."""
    variables = {
        "HF_HUB_CACHE": str(folder / "hub"),
        "HF_HUB_OFFLINE": "1",
        "HF_MODULES_CACHE": str(folder / "modules"),
        "PYTHONPATH": str(folder / "packages"),
    }
    (folder / "packages").mkdir()
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _drop_unloadable(python: Path, announce: Callable[[str], object]) -> None:
    """Uninstall what came as a CUDA build beside a CPU torch: of it only errors come, and no answer needs it."""
    for package in ("torchaudio", "torchvision"):
        code = f"import importlib.util as u, torch; u.find_spec({package!r}) and __import__({package!r})"
        tried = subprocess.run([str(python), "-c", code], env=child_environment(), capture_output=True, check=False)
        if tried.returncode and b"import torch" not in tried.stderr:
            command = [str(python), "-m", "pip", "uninstall", "-q", "-y", package]
            announce(f"+ {shlex.join(command)}    (it cannot be loaded beside this torch)")
            subprocess.run(command, env=installer_environment(), check=False)


def _make_random(python: Path, file: str, folder: Path, settings: Mapping[str, Json]) -> tuple[dict[str, Any], Step]:
    """Import upstream and make its model in the environment; the settings that point there."""
    program = PROGRAMS / "random_weights" / file
    arguments = [str(PROGRAMS.parent), str(program), str(folder), json.dumps(settings)]
    done = subprocess.run(
        [str(python), "-c", MAKE_RANDOM, *arguments],
        env=child_environment(),
        cwd=folder,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    name = "upstream is imported, its model made with random weights"
    if done.returncode:
        return {}, Step(name, passed=False, seen="\n".join(done.stderr.splitlines()[-SHOWN_LINES:]))
    made: dict[str, Any] = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    return made, Step(name, passed=True, seen="")


async def _ask(system: WorkerSystem, *, needs_gpu: bool) -> list[Step]:
    """Start the worker as `sseu run` does, and ask one question for each mode and task that it states."""
    prompts = load_prompts()
    steps = []
    try:
        await system.start()
        stated = system.capabilities
        steps.append(Step("the worker starts", passed=True, seen=f"{stated.rate_hz or 0:,} Hz"))
        for mode, tasks in stated.modes.items():
            for task in tasks:
                audio = None if stated.rate_hz is None else _sound(stated.rate_hz)
                prompt = prompts.find(mode, task, stated.family)
                [reply] = await system.answer([Question("check", audio, task, mode, prompt, seed=1)])
                steps.append(
                    Step(f"mode {mode}, task {task}", passed=bool(reply.text or reply.scores), seen=_seen(reply))
                )
    except SystemDownError as error:
        if needs_gpu and (found := NO_CUDA.search(str(error))):
            steps.append(Step("the worker starts, up to upstream's first CUDA call", passed=True, seen=found[0]))
        else:
            steps.append(Step("the worker starts and stays", passed=False, seen=str(error)))
    finally:
        await system.close()
    return steps


def _sound(rate_hz: int) -> NDArray[np.float32]:
    """Ten seconds of a rising tone in noise, shape (n,)."""
    times = np.arange(SECONDS * rate_hz) / rate_hz
    noise = np.random.default_rng(0).normal(0, 0.01, len(times))
    return (0.1 * np.sin(2 * np.pi * (200 + 50 * times) * times) + noise).astype(np.float32)


def _seen(reply: Reply) -> str:
    if reply.error is not None:
        return reply.error
    if reply.scores is not None:
        return f"{len(reply.scores)} scores"
    tokens = "" if reply.output_tokens is None else f"{reply.output_tokens} tokens, "
    return f"{tokens}{len(reply.text or '')} characters, finish_reason {reply.finish_reason}"


def _versions(python: Path, environment: str) -> dict[str, str | None]:
    lines = (REQUIREMENTS / f"{environment}.txt").read_text(encoding="utf-8").splitlines()
    names = [found[0] for line in lines if (found := re.match(r"[\w.-]+", line))]
    asked = [str(python), "-c", VERSIONS, *names]
    done = subprocess.run(asked, env=child_environment(), capture_output=True, text=True, check=True)
    versions: dict[str, str | None] = json.loads(done.stdout)
    return versions


def _docstring(file: Path) -> str:
    return " ".join((ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").split())


def _commit(checkout: Path) -> str | None:
    named = public_value(str(checkout))
    return str(named["commit"]) if isinstance(named, dict) and "commit" in named else None
