"""What things cost: a command, libsndfile's FLAC encoder alone, our build per mixture, a peer per mixture."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from peers import Job

if TYPE_CHECKING:
    from sseu_dataset.records import Pair, Recipe

ROOT = Path(__file__).resolve().parents[1]
PEER_PYTHON = ROOT / ".venv-peers" / "bin" / "python"
_PEER_REQUIREMENTS = Path(__file__).with_name("requirements-peers.txt")


@dataclass(frozen=True)
class Cost:
    """CPU time (user and system, of all threads and finished children) and wall time."""

    cpu_s: float
    wall_s: float


@dataclass(frozen=True)
class Corpora:
    """The three corpora below one folder."""

    folder: Path

    @property
    def arguments(self) -> list[str]:
        """For `build_dataset.py`."""
        names = {"--vctk": "VCTK-Corpus-0.92", "--desed": "DESED", "--maestro": "MAESTRO_Real_development"}
        return [word for option, name in names.items() for word in (option, str(self.folder / name))]


def run_measured(command: Sequence[str], environment: Mapping[str, str] | None = None) -> tuple[Cost, float]:
    """Run a command with its output dropped; its cost and its peak memory in MiB.

    The kernel counts the memory of the process that starts a command into the command's peak, so the caller should
    be small when it wants that figure.

    Raises:
        ChildProcessError: The command failed.
    """
    begun_s = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, **(environment or {})})
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.monotonic() - begun_s
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise ChildProcessError(f"exit code {process.returncode}: {' '.join(command)}")
    return Cost(usage.ru_utime + usage.ru_stime, wall_s), usage.ru_maxrss / 1024


def build_command(arguments: Iterable[str | Path]) -> list[str]:
    """`python build_dataset.py ...`."""
    return [sys.executable, str(ROOT / "build_dataset.py"), *map(str, arguments)]


def encode_alone(dataset: Path, workers: int) -> tuple[float, int]:
    """CPU seconds that libsndfile needs to encode every clip of a dataset folder to FLAC, and the number of clips.

    Clips are decoded first, a row group at a time; only the calls that encode are timed, in threads' CPU time.
    """
    files = sorted((dataset / "data").glob("*/*.parquet"))
    with ThreadPoolExecutor(workers) as pool:
        costs = list(pool.map(_encode_file, files))
    return sum(cpu_s for cpu_s, _ in costs), sum(clips for _, clips in costs)


def _encode_file(path: Path) -> tuple[float, int]:
    import pyarrow.parquet as pq
    import soundfile

    cpu_s, clips = 0.0, 0
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            rows = file.read_row_group(group, columns=["audio"]).column("audio").to_pylist()
            decoded = [soundfile.read(io.BytesIO(row["bytes"]), dtype="int16") for row in rows]
            begun_s = time.thread_time()
            for samples, rate_hz in decoded:
                soundfile.write(io.BytesIO(), samples, rate_hz, format="FLAC", subtype="PCM_16")
            cpu_s += time.thread_time() - begun_s
            clips += len(decoded)
    return cpu_s, clips


def rebuild_cost(recipe: Recipe, corpora: Corpora, folder: Path, workers: int) -> Cost:
    """Our cost per mixture, without start-up: `build_dataset.py --recipe` on all pairs less the same on the first.

    What a build does once per source file or pair is in it: hashing, decoding, mixing, FLAC, Parquet, manifest.
    """
    from sseu_dataset.recipe import write_recipe

    costs = []
    for pairs in (recipe.pairs, recipe.pairs[:1]):
        part = folder / f"recipe-{len(pairs)}" / "recipe.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        write_recipe(replace(recipe, pairs=pairs), part)
        out = folder / f"ours-{len(pairs)}"
        options = ["--recipe", part, "--out", out, "--workers", str(workers)]
        costs.append(run_measured(build_command([*corpora.arguments, *options]))[0])
    mixtures = (len(recipe.pairs) - 1) * len(recipe.settings.conditions)
    return Cost((costs[0].cpu_s - costs[1].cpu_s) / mixtures, (costs[0].wall_s - costs[1].wall_s) / mixtures)


def peer_jobs(recipe: Recipe, corpora: Corpora) -> list[Job]:
    """The mixtures of a recipe, as the peers read them."""
    from sseu_dataset import desed, maestro, vctk

    roots = {
        vctk.CORPUS: vctk.find_root(corpora.folder / "VCTK-Corpus-0.92"),
        desed.CORPUS: desed.find_root(corpora.folder / "DESED"),
        maestro.CORPUS: maestro.find_root(corpora.folder / "MAESTRO_Real_development"),
    }
    snrs_db: list[float | None] = [None, *recipe.settings.snrs_db, None]
    return [
        _job(pair, condition, snr_db, roots)
        for pair in recipe.pairs
        for condition, snr_db in zip(recipe.settings.conditions, snrs_db, strict=True)
    ]


def _job(pair: Pair, condition: str, snr_db: float | None, roots: Mapping[str, Path]) -> Job:
    from sseu_dataset.records import RATE_HZ

    return Job(
        name=f"{pair.pair_id}_{condition}",
        speech=str(roots["VCTK"] / pair.utterance.file) if condition != "-inf" else None,
        background=str(roots[pair.background.corpus] / pair.background.file) if condition != "+inf" else None,
        offset_s=pair.background.offset_s,
        onset_s=pair.speech_onset_samples / RATE_HZ,
        snr_db=snr_db,
    )


def peer_cost(peer: str, warm_up: Sequence[Job], jobs: Sequence[Job], folder: Path, processes: int) -> Cost:
    """A peer's cost per mixture, without start-up.

    Raises:
        CalledProcessError: The peer failed; its message went to standard error.
    """
    folder.mkdir()
    lists = {"warm_up": [asdict(job) for job in warm_up], "jobs": [asdict(job) for job in jobs]}
    (folder / "jobs.json").write_text(json.dumps(lists), encoding="utf-8")
    script = Path(__file__).with_name("peers.py")
    command = [PEER_PYTHON, script, peer, folder / "jobs.json", folder / "out", "--processes", str(processes)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    cost = json.loads(printed.splitlines()[-1])
    return Cost(cost["cpu_s"] / len(jobs), cost["wall_s"] / len(jobs))


def install_peers() -> None:
    """Make `.venv-peers` unless it was made from the present requirements."""
    wanted = _PEER_REQUIREMENTS.read_text(encoding="utf-8")
    stamp = PEER_PYTHON.parents[1] / "requirements-peers.txt"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    subprocess.run([sys.executable, "-m", "venv", PEER_PYTHON.parents[1]], check=True)
    subprocess.run([PEER_PYTHON, "-m", "pip", "install", "-q", "-r", _PEER_REQUIREMENTS], check=True)
    stamp.write_text(wanted, encoding="utf-8")
