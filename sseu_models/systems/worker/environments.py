"""The ready workers and their environments: `sseu systems list`, `sseu systems setup NAME`.

An environment is a plain virtual environment with the packages of `programs/requirements/NAME.txt`. Weights and
checkouts that no package index has are never fetched: the steps that remain are printed.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sseu_metric.suggestions import did_you_mean
from sseu_models.child_environment import child_environment, installer_environment
from sseu_models.records import Json

PROGRAMS = Path(__file__).parent / "programs"
REQUIREMENTS = PROGRAMS / "requirements"


class SetupError(RuntimeError):
    """A step of making an environment failed. The message says which, and what remains on disk."""


@dataclass(frozen=True, slots=True)
class Environment:
    """What a worker needs around it.

    Attributes:
        python: The version of Python, such as `3.11`.
        manual_steps: What no package index has, in order.
        checkout: The folder that the first of these steps clones.
        packages: Folders of the checkout that are installed into the environment. Without build isolation: their old
            `setup.py` import `pkg_resources`, which the setuptools of an isolated build has no more.
    """

    python: str
    manual_steps: tuple[str, ...]
    checkout: str | None = None
    packages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadyWorker:
    """A worker that comes with the project.

    Attributes:
        summary: What it is.
        file: Its program.
        environment: Its environment, a key of `ENVIRONMENTS`.
        fixed: Settings that the name decides.
        needs_gpu: Upstream has CUDA hard-coded.
    """

    summary: str
    file: Path
    environment: str
    fixed: Mapping[str, Json] = field(default_factory=dict)
    needs_gpu: bool = False


WORKERS: Mapping[str, ReadyWorker] = {
    "ltu-as": ReadyWorker("LTU-AS", PROGRAMS / "ltu_as.py", "ltu-as"),
    "kimi-audio": ReadyWorker("Kimi-Audio-7B-Instruct", PROGRAMS / "kimi_audio.py", "kimi-audio", needs_gpu=True),
    "step-audio-2-mini": ReadyWorker("Step-Audio 2 mini", PROGRAMS / "step_audio_2.py", "step-audio-2-mini"),
    "msclap-2022": ReadyWorker("Microsoft CLAP 2022", PROGRAMS / "msclap.py", "msclap", {"version": "2022"}),
    "msclap-2023": ReadyWorker("Microsoft CLAP 2023", PROGRAMS / "msclap.py", "msclap", {"version": "2023"}),
    "mga-clap": ReadyWorker("MGA-CLAP", PROGRAMS / "mga_clap.py", "mga-clap"),
}
"""The ready workers by name, as in `worker:NAME`."""

ENVIRONMENTS: Mapping[str, Environment] = {
    "ltu-as": Environment(
        "3.11",
        (
            "git clone https://github.com/YuanGongND/ltu    (no licence file; its demo says research only)",
            (
                "from the Dropbox links in ltu/src/ltu_as/inference.sh into ltu/pretrained_mdls: the folders vicuna "
                "and vicuna_ltuas (with the two links between them that the script makes), "
                "ltuas_long_noqa_a6.bin, large-v1.pt"
            ),
            "run with --setting checkout=ltu    (weights=FOLDER if pretrained_mdls is elsewhere)",
        ),
        checkout="ltu",
        packages=("src/ltu_as/hf-dev/transformers-main", "src/ltu_as/peft-main", "src/ltu_as/whisper"),
    ),
    "kimi-audio": Environment(
        "3.11",
        (
            "git clone --recurse-submodules https://github.com/MoonshotAI/Kimi-Audio",
            "{python} -m pip install flash-attn --no-build-isolation    (needs nvcc; takes long)",
            (
                "weights come from the Hub at the first start: moonshotai/Kimi-Audio-7B-Instruct and "
                "THUDM/glm-4-voice-tokenizer (about 32 GB of GPU memory)"
            ),
            "run with --setting checkout=Kimi-Audio",
        ),
        checkout="Kimi-Audio",
    ),
    "step-audio-2-mini": Environment(
        "3.11",
        (
            "git clone https://github.com/stepfun-ai/Step-Audio2",
            (
                "weights come from the Hub at the first start: stepfun-ai/Step-Audio-2-mini (18 GB), or give a local "
                "folder with --setting weights=FOLDER"
            ),
            "run with --setting checkout=Step-Audio2",
        ),
        checkout="Step-Audio2",
    ),
    "msclap": Environment(
        "3.11",
        (
            "weights come from the Hub at the first start: microsoft/msclap, bert-base-uncased (2022) or gpt2 (2023)",
            "run with --setting weights=FILE.pth where microsoft/msclap is a local file",
        ),
    ),
    "mga-clap": Environment(
        "3.11",
        (
            "git clone https://github.com/Ming-er/MGA-CLAP",
            (
                "from the Google Drive link in MGA-CLAP/README.md: model.pt, to "
                "MGA-CLAP/pretrained_models/models/model.pt; bert-base-uncased comes from the Hub at the first start"
            ),
            "run with --setting checkout=MGA-CLAP    (weights=FILE.pt if it is elsewhere)",
        ),
        checkout="MGA-CLAP",
    ),
}


def set_up(
    name: str,
    *,
    folder: Path | None = None,
    python: str | None = None,
    upstream: Path | None = None,
    dry_run: bool = False,
    announce: Callable[[str], object] = print,
) -> None:
    """Make the environment of a ready worker, and say what remains to be done manually.

    Args:
        name: A worker or an environment: `msclap-2023` and `msclap` make the same one.
        folder: Where to make it; `default_folder` by default.
        python: Path of the interpreter to make it from; found by its version by default.
        upstream: Folder with the checkout, whose packages are installed then.
        dry_run: Only announce the commands.
        announce: Takes each line that is meant for the user.

    Raises:
        ValueError: The name is unknown, or there is no interpreter of the version needed.
        SetupError: A command failed; the environment is unfinished.
    """
    name = environment_of(name)
    environment = ENVIRONMENTS[name]
    made = (folder or default_folder(name)).expanduser().resolve()
    base = (python or f"python{environment.python}") if dry_run else find_python(environment.python, python)
    commands = _plan(name, made, base)
    if environment.packages and upstream is not None:
        commands.append(_install_packages(environment, interpreter(made), upstream))
    for command in commands:
        announce(f"+ {shlex.join(command)}")
        if not dry_run and (code := subprocess.run(command, env=installer_environment(), check=False).returncode):
            raise SetupError(f"that command ended with status {code}; the environment in {made} is unfinished")
    first, *others = environment.manual_steps
    if environment.packages and upstream is None:
        others = [shlex.join(_install_packages(environment, interpreter(made), Path())), *others]
    announce("Remaining manual steps:")
    for number, step in enumerate((first, *others), 1):
        announce(f"  {number}. {step.replace('{python}', str(interpreter(made)))}")
    if folder is not None:
        announce(f"Run with --setting python={interpreter(made)}, since it is outside the default folder.")


def environment_of(name: str) -> str:
    """The environment of a worker (`worker:msclap-2022`, `msclap-2022`), or the environment of that name (`msclap`).

    Raises:
        ValueError: Neither exists.
    """
    name = name.removeprefix("worker:")
    if name in WORKERS:
        return WORKERS[name].environment
    if name in ENVIRONMENTS:
        return name
    raise ValueError(
        f"no environment for {name!r}{did_you_mean(name, {**ENVIRONMENTS, **WORKERS})} "
        f"(there are {', '.join(ENVIRONMENTS)})"
    )


def default_folder(environment: str) -> Path:
    """Default folder of an environment: under $SSEU_WORKERS, else ~/.local/share/sseu-bench."""
    root = os.environ.get("SSEU_WORKERS")
    return (Path(root) if root else Path.home() / ".local" / "share" / "sseu-bench") / environment


def interpreter(folder: Path) -> Path:
    """The Python of a virtual environment; a file where the environment has been made."""
    return folder / "bin" / "python"


def is_gone(python: Path) -> bool:
    """Whether it is the Python of an environment that was made from an interpreter which has been removed."""
    return python.is_symlink() and not python.exists()


def _install_packages(environment: Environment, python: Path, upstream: Path) -> list[str]:
    assert environment.checkout is not None
    folders = [str(upstream / environment.checkout / package) for package in environment.packages]
    edited = [argument for folder in folders for argument in ("-e", folder)]
    return [str(python), "-m", "pip", "install", "--no-build-isolation", *edited]


def _plan(environment: str, folder: Path, python: str) -> list[list[str]]:
    pip = [str(interpreter(folder)), "-m", "pip", "--disable-pip-version-check", "install"]
    clear = ["--clear"] if is_gone(interpreter(folder)) else []  # else venv keeps the link to nowhere
    return [
        [python, "-m", "venv", *clear, str(folder)],
        # Old packages import pkg_resources, which setuptools 81 dropped.
        [*pip, "--upgrade", "pip", "setuptools<81", "wheel"],
        [*pip, "-r", str(REQUIREMENTS / f"{environment}.txt")],
    ]


def find_python(version: str, given: str | None) -> str:
    """An interpreter of that version.

    Raises:
        ValueError: None is found, or the given one has another version.
    """
    for candidate in (given,) if given is not None else (f"python{version}", "python3", sys.executable):
        path = shutil.which(candidate)
        if path is None:
            continue
        asked = [path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        found = subprocess.run(asked, env=child_environment(), capture_output=True, text=True, check=False)
        if found.returncode == 0 and found.stdout.strip() == version:
            return path
        if given is not None:
            raise ValueError(f"{given} is Python {found.stdout.strip() or 'of unknown version'}, {version} is needed")
    raise ValueError(
        f"Python {version} was not found{f' at {given}' if given else ''}: install it (for instance `uv python install "
        f"{version}`) and give --python PATH"
    )
