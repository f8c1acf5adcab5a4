"""The environments of the ready workers: `python -m sseu_models.systems.worker.system setup NAME`.

A plain virtual environment with the packages of `programs/requirements/NAME.txt`. Weights and checkouts that no package
index has are never fetched: what is left to do by hand is printed.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

DONE, FAILED, BAD_INPUT = 0, 1, 2
REQUIREMENTS = Path(__file__).parent / "programs" / "requirements"


@dataclass(frozen=True, slots=True)
class Environment:
    """What a system needs.

    Attributes:
        python: The version of Python, such as `3.10`.
        systems: The workers that run in it.
        by_hand: What cannot be installed from a package index, in order; `{python}` is the environment's interpreter.
    """

    python: str
    systems: tuple[str, ...]
    by_hand: tuple[str, ...]


ENVIRONMENTS: Mapping[str, Environment] = {
    "ltu-as": Environment(
        "3.10",
        ("ltu-as",),
        (
            "git clone https://github.com/YuanGongND/ltu    (no licence file; its demo says research only)",
            (
                "{python} -m pip install -e ltu/src/ltu_as/hf-dev/transformers-main -e ltu/src/ltu_as/peft-main "
                "-e ltu/src/ltu_as/whisper"
            ),
            (
                "from the Dropbox links in ltu/src/ltu_as/inference.sh into ltu/pretrained_mdls: the folders vicuna "
                "and vicuna_ltuas (with the two links between them that the script makes), "
                "ltuas_long_noqa_a6.bin, large-v1.pt"
            ),
            "run with --setting checkout=ltu    (weights=FOLDER where pretrained_mdls lies elsewhere)",
        ),
    ),
    "kimi-audio": Environment(
        "3.10",
        ("kimi-audio",),
        (
            "git clone --recurse-submodules https://github.com/MoonshotAI/Kimi-Audio",
            "{python} -m pip install flash-attn --no-build-isolation    (needs nvcc; takes long)",
            (
                "weights come from the Hub at the first start: moonshotai/Kimi-Audio-7B-Instruct and "
                "THUDM/glm-4-voice-tokenizer (about 32 GB of GPU memory)"
            ),
            "run with --setting checkout=Kimi-Audio",
        ),
    ),
    "step-audio-2-mini": Environment(
        "3.10",
        ("step-audio-2-mini",),
        (
            "git clone https://github.com/stepfun-ai/Step-Audio2",
            (
                "weights come from the Hub at the first start: stepfun-ai/Step-Audio-2-mini (18 GB), or give a local "
                "folder with --setting weights=FOLDER"
            ),
            "run with --setting checkout=Step-Audio2",
        ),
    ),
    "msclap": Environment(
        "3.11",
        ("msclap-2022", "msclap-2023"),
        (
            (
                "weights come from the Hub at the first start: microsoft/msclap, and bert-base-uncased (2022) or gpt2 "
                "(2023); --setting weights=FILE.pth takes a local file for the first"
            ),
        ),
    ),
    "mga-clap": Environment(
        "3.10",
        ("mga-clap",),
        (
            "git clone https://github.com/Ming-er/MGA-CLAP",
            (
                "from the Google Drive link in MGA-CLAP/README.md: model.pt, to "
                "MGA-CLAP/pretrained_models/models/model.pt; bert-base-uncased comes from the Hub at the first start"
            ),
            "run with --setting checkout=MGA-CLAP    (weights=FILE.pt where it lies elsewhere)",
        ),
    ),
}


def environment_of(name: str) -> str:
    """The environment of a system, or the environment of that name.

    Raises:
        ValueError: There is none.
    """
    for environment, entry in ENVIRONMENTS.items():
        if name == environment or name in entry.systems:
            return environment
    raise ValueError(f"no environment for {name!r}; there are {', '.join(ENVIRONMENTS)}")


def default_folder(environment: str) -> Path:
    """Where an environment lies: under $SSEU_WORKERS, else ~/.local/share/sseu-bench."""
    root = os.environ.get("SSEU_WORKERS")
    return (Path(root) if root else Path.home() / ".local" / "share" / "sseu-bench") / environment


def interpreter(folder: Path) -> Path:
    """The Python of a virtual environment."""
    return folder / "bin" / "python"


def plan(environment: str, folder: Path, python: str) -> list[list[str]]:
    """The commands that make an environment."""
    pip = [str(interpreter(folder)), "-m", "pip", "--disable-pip-version-check", "install"]
    return [
        [python, "-m", "venv", str(folder)],
        # Old packages import pkg_resources, which setuptools 81 dropped.
        [*pip, "--upgrade", "pip", "setuptools<81", "wheel"],
        [*pip, "-r", str(REQUIREMENTS / f"{environment}.txt")],
    ]


def find_python(version: str, given: str | None) -> str:
    """An interpreter of that version.

    Raises:
        ValueError: There is none, or the given one is of another version.
    """
    for candidate in (given,) if given is not None else (f"python{version}", "python3", sys.executable):
        path = shutil.which(candidate)
        if path is None:
            continue
        asked = [path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        found = subprocess.run(asked, capture_output=True, text=True, check=False)
        if found.returncode == 0 and found.stdout.strip() == version:
            return path
        if given is not None:
            raise ValueError(f"{given} is Python {found.stdout.strip() or 'of no known version'}, {version} is needed")
    raise ValueError(
        f"Python {version} was not found{f' at {given}' if given else ''}: install it (for instance `uv python install "
        f"{version}`) and say --python PATH"
    )


def main(arguments: Sequence[str]) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m sseu_models.systems.worker.system", description=(__doc__ or "").split("\n")[0]
    )
    setup = parser.add_subparsers(dest="command", required=True).add_parser("setup", help="make an environment")
    setup.add_argument("name", help=f"one of {', '.join(ENVIRONMENTS)}")
    setup.add_argument("--out", type=Path, metavar="DIR", help="default: $SSEU_WORKERS or ~/.local/share/sseu-bench")
    setup.add_argument("--python", metavar="PATH", help="the interpreter to make it from")
    setup.add_argument("--dry-run", action="store_true", help="print what would be done")
    given = parser.parse_args(arguments)
    try:
        environment = environment_of(given.name)
        entry = ENVIRONMENTS[environment]
        folder = (given.out or default_folder(environment)).expanduser().resolve()
        python = given.python or f"python{entry.python}"
        if not given.dry_run:
            python = find_python(entry.python, given.python)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return BAD_INPUT
    for command in plan(environment, folder, python):
        print(f"+ {shlex.join(command)}", flush=True)
        if not given.dry_run and (code := subprocess.run(command, check=False).returncode):
            print(f"error: that ended with status {code}; the environment in {folder} is unfinished", file=sys.stderr)
            return FAILED
    print("Left to do by hand:" if entry.by_hand else "Nothing is left to do by hand.")
    for number, step in enumerate(entry.by_hand, 1):
        print(f"  {number}. {step.replace('{python}', str(interpreter(folder)))}")
    if given.out is not None:
        print(f"Run with --setting python={interpreter(folder)}, since it lies outside the default folder.")
    return DONE
