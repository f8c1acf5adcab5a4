"""CPU and wall time of a command, of libsndfile's FLAC encoder alone, and of our build and a peer per mixture."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from peers import Job

if TYPE_CHECKING:
    from sseu_dataset.records import Pair, Recipe

ROOT = Path(__file__).resolve().parents[1]
CORPORA = {"vctk": "VCTK-Corpus-0.92", "desed": "DESED", "maestro": "MAESTRO_Real_development"}
"""Options of `sseu build` and names of the corpora's folders."""

_PEERS_FOLDER = ROOT / ".venv-peers"
_PEERS_PYTHON = _PEERS_FOLDER / "bin" / "python"
_PEERS_REQUIREMENTS = Path(__file__).with_name("requirements-peers.txt")


@dataclass(frozen=True)
class Cost:
    """CPU time (user and system, all threads and finished children) and wall time."""

    cpu_s: float
    wall_s: float


def build_command(*arguments: str | Path) -> list[str]:
    """A command line of `build_dataset.py`."""
    return [sys.executable, str(ROOT / "build_dataset.py"), *map(str, arguments)]


def corpora_arguments(corpora: Path) -> list[str]:
    """The options `--vctk ... --desed ... --maestro ...`."""
    return [word for option, name in CORPORA.items() for word in (f"--{option}", str(corpora / name))]


def read_all(folder: Path) -> None:
    """Read every file below `folder`, so that it is in the page cache."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb", buffering=0) as file:
                while file.read(1 << 20):
                    pass


def run_measured(command: Sequence[str], environment: Mapping[str, str] | None = None) -> tuple[Cost, float]:
    """Run a command without its output; returns its cost and peak memory in MiB.

    Linux counts the memory of the process that starts a command towards the command's peak: the caller must be small.

    Raises:
        ChildProcessError: The command failed; its message went to standard error.
    """
    begun_s = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, **(environment or {})})
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        process.kill()
        raise
    wall_s = time.monotonic() - begun_s
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise ChildProcessError(f"exit code {process.returncode}: {' '.join(command)}")
    return Cost(usage.ru_utime + usage.ru_stime, wall_s), usage.ru_maxrss / 1024


def encode_alone(dataset: Path, workers: int) -> tuple[float, int]:
    """CPU seconds of libsndfile for encoding every clip of a dataset folder at the build's FLAC level; number of clips.

    Clips are decoded first, one row group at a time; only the encoding calls are timed, in their threads' CPU time.
    """
    from sseu_dataset.parallel import ordered_map

    files = sorted((dataset / "data").glob("*/*.parquet"))
    costs = ordered_map(_encode_file, files, workers=workers, title="encoding alone", unit="file", progress=True)
    seconds, clips = zip(*costs, strict=True)
    return sum(seconds), sum(clips)


def _encode_file(path: Path) -> tuple[float, int]:
    import pyarrow.parquet as pq
    import soundfile

    from sseu_dataset.rows.flac import FLAC_LEVEL

    options = {"format": "FLAC", "subtype": "PCM_16", "compression_level": FLAC_LEVEL}
    cpu_s, clips = 0.0, 0
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            rows = file.read_row_group(group, columns=["audio"]).column("audio").to_pylist()
            decoded = [soundfile.read(io.BytesIO(row["bytes"]), dtype="int16") for row in rows]
            begun_s = time.thread_time()
            for samples, rate_hz in decoded:
                soundfile.write(io.BytesIO(), samples, rate_hz, **options)
            cpu_s += time.thread_time() - begun_s
            clips += len(decoded)
    return cpu_s, clips


def sample_pairs(recipe: Recipe, pairs: int) -> Recipe:
    """About `pairs` pairs: all of every n-th background file, so that files are used as often as in the whole."""
    by_file: dict[tuple[str, str], list[Pair]] = {}
    for pair in sorted(recipe.pairs, key=lambda item: (item.background.corpus, item.background.file)):
        by_file.setdefault((pair.background.corpus, pair.background.file), []).append(pair)
    step = max(1, round(len(recipe.pairs) / pairs))
    groups = list(by_file.values())[step // 2 :: step]
    return replace(recipe, pairs=tuple(pair for group in groups for pair in group))


def rebuild_cost(recipe: Recipe, corpora: Path, folder: Path, workers: int) -> Cost:
    """Our cost per mixture without start-up: `build_dataset.py --recipe` on all pairs minus the same on the first.

    It includes what a build does for each source file or pair: hashing, decoding, mixing, FLAC, Parquet, manifest.
    """
    from sseu_dataset.recipe import write_recipe

    costs = []
    for pairs in (recipe.pairs, recipe.pairs[:1]):
        part = folder / f"recipe-{len(pairs)}" / "recipe.parquet"
        part.parent.mkdir(parents=True)
        write_recipe(replace(recipe, pairs=pairs), part)
        options = ["--recipe", str(part), "--out", str(folder / f"out-{len(pairs)}"), "--workers", str(workers)]
        costs.append(run_measured(build_command(*corpora_arguments(corpora), *options))[0])
    mixtures = (len(recipe.pairs) - 1) * len(recipe.settings.conditions)
    return Cost((costs[0].cpu_s - costs[1].cpu_s) / mixtures, (costs[0].wall_s - costs[1].wall_s) / mixtures)


def peer_jobs(recipe: Recipe, corpora: Path) -> list[Job]:
    """The mixtures of a recipe as jobs for the peers."""
    from sseu_dataset.corpora import vctk
    from sseu_dataset.planning.sources import Corpora, find_roots
    from sseu_dataset.records import RATE_HZ
    from sseu_metric.conditions import BACKGROUND_ALONE, SPEECH_ALONE

    roots = find_roots(Corpora(**{name: corpora / folder for name, folder in CORPORA.items()}))
    speech_root = roots[vctk.CORPUS]
    snrs_db: list[float | None] = [None, *recipe.settings.snrs_db, None]
    return [
        Job(
            name=f"{pair.pair_id}_{condition}",
            speech=None if condition == BACKGROUND_ALONE else str(speech_root / pair.utterance.file),
            background=None if condition == SPEECH_ALONE else str(roots[pair.background.corpus] / pair.background.file),
            offset_s=pair.background.offset_s,
            onset_s=pair.speech_onset_samples / RATE_HZ,
            snr_db=snr_db,
        )
        for pair in recipe.pairs
        for condition, snr_db in zip(recipe.settings.conditions, snrs_db, strict=True)
    ]


def peer_cost(peer: str, warm_up: Iterable[Job], jobs: Sequence[Job], folder: Path, processes: int) -> Cost:
    """A peer's cost per mixture without start-up.

    Raises:
        CalledProcessError: The peer failed; its message went to standard error.
    """
    lists = {"warm_up": [asdict(job) for job in warm_up], "jobs": [asdict(job) for job in jobs]}
    (folder / "jobs.json").write_text(json.dumps(lists), encoding="utf-8")
    script = Path(__file__).with_name("peers.py")
    command: list[str | Path] = [_PEERS_PYTHON, script, peer, folder / "jobs.json", folder / "out"]
    command += ["--processes", str(processes)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    cost = json.loads(printed.splitlines()[-1])
    return Cost(cost["cpu_s"] / len(jobs), cost["wall_s"] / len(jobs))


def install_peers() -> None:
    """Create `.venv-peers`, unless it was made from the current requirements."""
    wanted = _PEERS_REQUIREMENTS.read_text(encoding="utf-8")
    stamp = _PEERS_FOLDER / _PEERS_REQUIREMENTS.name
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    subprocess.run([sys.executable, "-m", "venv", _PEERS_FOLDER], check=True)
    subprocess.run([_PEERS_PYTHON, "-m", "pip", "install", "-q", "-r", _PEERS_REQUIREMENTS], check=True)
    stamp.write_text(wanted, encoding="utf-8")
