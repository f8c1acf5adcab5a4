"""Kill -9 at a random moment of a build, a run or a publication; then the same command again."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sseu_hub.local import running_hub
from tests.campaign.trials import Trial, command, environment
from tests.sseu_dataset.tiny_corpora import TinyCorpora, differing_files

BUILDS, RUNS, PUBLISHES = "killed builds", "killed runs", "killed publications"
_LIMIT_S = 120
_SMALL_BLOCKS = """
import sys
from sseu_cli.main import main
from sseu_dataset.building import shards
shards.PAIRS_PER_SHARD = 2
sys.exit(main(sys.argv[1:]))
"""
_SYSTEM = '''
"""Never answers the same twice, so that an answer that was asked again is told from the first one."""

import asyncio
import uuid

from sseu_models.records import Capabilities, Reply


class Restless:
    id, settings = "python:restless", {}
    capabilities = Capabilities(rate_hz=16_000, in_flight=4)

    async def start(self):
        pass

    async def answer(self, questions):
        await asyncio.sleep(0.02)
        return [Reply(text=f"Transcript: {uuid.uuid4()}\\nScene: Home\\nEvents: Dog") for _ in questions]

    async def close(self):
        pass


def make():
    return Restless()
'''


def killed_builds(root: Path, corpora: TinyCorpora, seeds: range) -> Iterator[Trial]:
    """The folder must be that of a build that nobody stopped, with nothing beside it."""
    words = [sys.executable, "-c", _SMALL_BLOCKS, "build", *corpora.options, "--allow-partial", "--out"]
    unbroken = root / "unbroken" / "sseu-bench"
    whole_s = _timed([*words, str(unbroken)], {})
    for seed in seeds:
        place = root / "killed"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        out = place / "sseu-bench"
        what = _kill([*words, str(out)], {}, seed, whole_s)
        code, said = _run([*words, str(out)], {})
        faults = _ending(code, said)
        if code == 0 and differing_files(out, unbroken):
            faults.append("lost")
        if strange := sorted({path.name for path in place.iterdir()} - {out.name}):
            faults.append("left over")
        yield Trial(BUILDS, seed, what, code, tuple(faults), f"{said[-1500:]}\nbeside it: {strange}")


def killed_runs(root: Path, dataset: Path, seeds: range) -> Iterator[Trial]:
    """Every answer that the log held at the kill must be there at the end, word for word."""
    (root / "restless.py").write_text(_SYSTEM)
    out, extra = root / "killed-run", {"PYTHONPATH_EXTRA": str(root)}
    words = command("run", "--system", "python:restless:make", "--data", dataset, "--modes", "independent,joint",
                    "--embedder", "exact", "--runs", "1", "--out", out)  # fmt: skip
    whole_s = _timed(words, extra)
    for seed in seeds:
        shutil.rmtree(out)
        what = _kill(words, extra, seed, whole_s)
        confirmed = _answers(out / "answers.jsonl")
        code, said = _run(words, extra)
        faults = _ending(code, said)
        kept = _answers(out / "answers.jsonl")
        if any(kept.get(key) != text for key, text in confirmed.items()):
            faults.append("lost")
        expected = {"answers.jsonl", ".answers.jsonl.lock", "result.json", "scores.json"}
        if strange := sorted({path.name for path in out.iterdir()} - expected):
            faults.append("left over")
        what = f"{what} with {len(confirmed)} answers confirmed"
        yield Trial(RUNS, seed, what, code, tuple(faults), f"{said[-1500:]}\nunexpected: {strange}")


def killed_publications(root: Path, dataset: Path, seeds: range) -> Iterator[Trial]:
    """The repository must hold what an undisturbed publication sends, and the machine nothing new."""
    temporary = root / "tmp"
    temporary.mkdir()
    before = sorted(path.relative_to(dataset) for path in dataset.rglob("*"))
    with running_hub(root / "hub") as hub:
        extra = {**hub.env(root / "home"), "TMPDIR": str(temporary)}

        def words(name: str) -> list[str]:
            return command(
                "publish", "dataset", dataset, "--repo", f"sseu/{name}", "--with-audio", "all", "--private", "--yes"
            )

        whole_s = _timed(words("whole"), extra)
        expected = hub.files("datasets", "sseu/whole")
        for seed in seeds:
            name = f"killed-{seed}"
            what = _kill(words(name), extra, seed, whole_s)
            code, said = _run(words(name), extra)
            faults = _ending(code, said)
            if code == 0 and _without_name(hub.files("datasets", f"sseu/{name}")) != _without_name(expected):
                faults.append("lost")
            strange = [path.name for path in temporary.iterdir()]
            after = sorted(path.relative_to(dataset) for path in dataset.rglob("*"))
            if strange or after != before:
                faults.append("left over")
            yield Trial(PUBLISHES, seed, what, code, tuple(faults), f"{said[-1500:]}\nleft over: {strange}")


def _without_name(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files without the repository's own name, which stands in the card."""
    import re

    return {path: re.sub(rb"sseu/(whole|killed-\d+)", b"sseu/name", data) for path, data in files.items()}


def _timed(words: Sequence[str], extra: Mapping[str, str]) -> float:
    begun_s = time.monotonic()
    code, said = _run(words, extra)
    assert code == 0, said
    return time.monotonic() - begun_s


def _kill(words: Sequence[str], extra: Mapping[str, str], seed: int, whole_s: float) -> str:
    """Start a command and kill it, with its children, at a moment of its second two thirds; when, in words."""
    wait_s = random.Random(f"kill {seed}").uniform(0.3, 1.0) * whole_s
    process = subprocess.Popen(
        words, env=_env(extra), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        process.wait(wait_s)
        return f"ended before {wait_s:.2f} s"
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return f"killed after {wait_s:.2f} s of {whole_s:.2f}"


def _run(words: Sequence[str], extra: Mapping[str, str]) -> tuple[int | None, str]:
    try:
        done = subprocess.run(
            words, env=_env(extra), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=_LIMIT_S
        )
    except subprocess.TimeoutExpired as late:
        return None, str(late.stdout)
    return done.returncode, done.stdout


def _env(extra: Mapping[str, str]) -> dict[str, str]:
    own = dict(extra)
    more = own.pop("PYTHONPATH_EXTRA", None)
    return environment(own, paths=[Path(more)] if more else [])


def _ending(code: int | None, said: str) -> list[str]:
    if code is None:
        return ["hung"]
    return ["traceback"] if "Traceback (most recent call last)" in said else [] if code == 0 else ["lost"]


def _answers(log: Path) -> dict[tuple[str, str, str, int], str]:
    """The answers whose lines are complete."""
    if not log.exists():
        return {}
    lines = log.read_bytes().split(b"\n")[:-1]
    rows = [json.loads(line) for line in lines]
    return {(row["id"], row["mode"], row["task"], row["run"]): row["text"] for row in rows}
