#!/usr/bin/env python3
"""Overhead of the runner: against a bare loop, with a system that sleeps and over HTTP; memory; a restart.

Ratios and limits come first. Exit code 1 if one misses its requirement. The sleeping system takes 200 ms and gets
clips at 44.1 kHz from the reader of a run, which hashes each as decoded and as sent; only decoding is left out, and
there is nothing to resample. The bare loop beside it sleeps and does nothing else. The HTTP system is the real client
against a local server; the bare loop beside it does the same reading, resampling and encoding, and does not hash what
is sent. The restart is of a finished run of 93,828 answers, in a fresh process.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from build_speed import DEFAULT_CORPORA, Ratio
from costs import ROOT, build_command, corpora_arguments

from sseu_metric.text_table import aligned, markdown

sys.path.insert(0, str(ROOT))

SLEEP_S = 0.2
IN_FLIGHT = (64, 256)
MIN_SHARE_SLEEPING = 0.95
MIN_SHARE_HTTP = 0.90
MAX_GROWTH_MIB = 64
MAX_RESTART_S = 5.0
HTTP_DELAY_S, HTTP_IN_FLIGHT, HTTP_PAIRS = 0.2, 64, 24
_QUIET_LOAD = 0.3


class SleepingSystem:
    """Answers after a pause."""

    def __init__(self, in_flight: int, sleep_s: float = SLEEP_S, rate_hz: int | None = None) -> None:
        """State how many questions are asked concurrently, the pause before each answer, and the rate of the audio."""
        from sseu_models.records import Capabilities

        self.id, self.settings = "sleeping", {"sleep_s": sleep_s}
        self.capabilities = Capabilities(rate_hz, in_flight=in_flight)
        self._sleep_s = sleep_s

    async def start(self) -> None:
        """Nothing to do."""

    async def answer(self, questions: Sequence[Any]) -> list[Any]:
        """The same text for each question, after the pause."""
        from sseu_models.records import Reply

        await asyncio.sleep(self._sleep_s)
        return [
            Reply(text="Transcript: please call stella\nScene: Home\nEvents: Dog; Cat", output_tokens=12)
            for _ in questions
        ]

    async def close(self) -> None:
        """Nothing to do."""


def decoded(row: Mapping[str, Any]) -> Any:
    """Ten seconds of silence, in place of `sseu_dataset.rows.samples.decode_pcm`."""
    import numpy as np

    return np.zeros(441_000, dtype=np.int16)


def rows(pairs: int) -> list[dict[str, Any]]:
    """Rows with the columns that plan and reader use, in all conditions of the paper; every clip is `decoded`."""
    from sseu_dataset.mixing import pcm_sha256
    from sseu_metric.conditions import CONDITIONS

    sha256 = pcm_sha256(decoded({}))
    return [
        {
            "id": f"{pair}_{condition}",
            "pair_id": str(pair),
            "condition": condition,
            "scene": pair % 6,
            "pcm_sha256": sha256,
        }
        for pair in range(pairs)
        for condition in CONDITIONS
    ]


def ask_sleeping(
    in_flight: int, pairs: int, sleep_s: float, rate_hz: int | None, each: Callable[[int], None] | None = None
) -> tuple[int, float, float]:
    """(requests, wall s, CPU s) of the runner with a real log."""
    from sseu_models.frontends import make_frontend
    from sseu_models.job import Job
    from sseu_models.planning import plan
    from sseu_models.prompts import load_prompts
    from sseu_models.results.log import Answer, AnswerLog
    from sseu_models.running.clip_audio import clip_reader
    from sseu_models.running.runner import RunContext, ask_all

    system = SleepingSystem(in_flight, sleep_s, rate_hz)
    job = Job(modes=("independent", "joint", "cot"))
    dataset: Any = rows(pairs)
    clips = plan(dataset, job, modes=system.capabilities.modes, deterministic=False)
    read_audio = clip_reader(dataset, make_frontend("none", dataset), rate_hz or 0)
    asking = RunContext(system, job, load_prompts(), "settings", read_audio)
    count = 0
    with (
        patch("sseu_dataset.rows.samples.decode_pcm", decoded),
        TemporaryDirectory() as folder,
        AnswerLog(Path(folder) / "answers.jsonl") as log,
    ):

        def record(answer: Answer, traceback: str) -> None:
            nonlocal count
            log.append(answer)
            count += 1
            if each is not None:
                each(count)

        wall_s, cpu_s = time.monotonic(), time.process_time()
        asyncio.run(ask_all(asking, clips, record))
        return count, time.monotonic() - wall_s, time.process_time() - cpu_s


def bare_sleeping(in_flight: int, requests: int) -> float:
    """Wall seconds of the simplest loop: a semaphore and a sleep."""

    async def main() -> None:
        semaphore = asyncio.Semaphore(in_flight)

        async def one() -> None:
            async with semaphore:
                await asyncio.sleep(SLEEP_S)

        await asyncio.gather(*(one() for _ in range(requests)))

    begun_s = time.monotonic()
    asyncio.run(main())
    return time.monotonic() - begun_s


def sleeping_ratios(pairs: int) -> list[Ratio]:
    """Throughput of the runner over that of the bare loop."""
    found = []
    for in_flight in IN_FLIGHT:
        requests, wall_s, cpu_s = ask_sleeping(in_flight, pairs, SLEEP_S, 44_100)
        share = bare_sleeping(in_flight, requests) / wall_s
        name = f"throughput / bare semaphore, {in_flight} in flight, {requests} requests of {SLEEP_S:g} s"
        found.append(Ratio(name, f"{share:.3f}", f">= {MIN_SHARE_SLEEPING}", share >= MIN_SHARE_SLEEPING))
        found.append(Ratio(f"CPU ms per request of the runner, {in_flight} in flight", f"{1e3 * cpu_s / requests:.2f}"))
    return found


def http_ratios(data: Path, pairs: int) -> list[Ratio]:
    """The real client against a local server: the runner, and a bare loop with the same work per clip and request."""
    from sseu_dataset.loading import load
    from sseu_dataset.rows.samples import load_audio
    from sseu_metric.openai_client import open_async_client
    from sseu_models.frontends import make_frontend
    from sseu_models.job import Job
    from sseu_models.planning import plan, read_references
    from sseu_models.prompts import load_prompts
    from sseu_models.running.clip_audio import clip_reader
    from sseu_models.running.runner import RunContext, ask_all
    from sseu_models.systems.api.system import make_api
    from sseu_models.systems.api.wav import wav_base64
    from tests.sseu_models.systems.api.stub_server import StubServer

    dataset = load(data)
    job = Job(modes=("independent", "joint"), runs=1, limit=pairs)
    read_audio = clip_reader(dataset, make_frontend("none", dataset), 16_000)

    def run_ours(url: str) -> tuple[int, float, float]:
        async def main() -> tuple[float, float]:
            system = make_api(f"stub-audio@{url}", in_flight=HTTP_IN_FLIGHT)
            await system.start()
            wall_s, cpu_s = time.monotonic(), time.process_time()
            asking = RunContext(system, job, load_prompts(), "settings", read_audio)
            try:
                await ask_all(asking, clips, lambda answer, traceback: answers.append(answer))
            finally:
                await system.close()
            return time.monotonic() - wall_s, time.process_time() - cpu_s

        answers: list[Any] = []
        spent = asyncio.run(main())
        if any(answer.status != "ok" for answer in answers):
            raise RuntimeError(f"the server refused: {answers[0].error}")
        return len(answers), *spent

    def run_bare(url: str) -> tuple[float, float]:
        prompts = load_prompts()

        async def main() -> None:
            client = open_async_client(url, "", connections=HTTP_IN_FLIGHT)
            semaphore = asyncio.Semaphore(HTTP_IN_FLIGHT)

            async def one(audio: Any, prompt: Any) -> None:
                async with semaphore:
                    part = {"type": "input_audio", "input_audio": {"data": wav_base64(audio, 16_000), "format": "wav"}}
                    content: Any = [part, {"type": "text", "text": prompt.user}]
                    await client.chat.completions.create(
                        model="stub-audio", messages=[{"role": "user", "content": content}], max_tokens=512,
                        temperature=0.0, top_p=1.0, seed=1,
                    )  # fmt: skip

            async def clip(item: Any) -> None:
                async with reading:
                    audio = await asyncio.to_thread(load_audio, dataset[item.index], 16_000)
                    await asyncio.gather(*(one(audio, prompts.find(ask.mode, ask.task, "*")) for ask in item.questions))

            reading = asyncio.Semaphore(HTTP_IN_FLIGHT)
            await asyncio.gather(*map(clip, clips))
            await client.close()

        wall_s, cpu_s = time.monotonic(), time.process_time()
        asyncio.run(main())
        return time.monotonic() - wall_s, time.process_time() - cpu_s

    references = read_references(dataset)
    load_audio(dataset[0], 16_000)
    with StubServer(delay_s=HTTP_DELAY_S) as server:
        clips = plan(references, job, modes=make_api(f"stub-audio@{server.url}").capabilities.modes, deterministic=True)
        shares = []
        for _ in range(3):
            requests, ours_s, ours_cpu_s = run_ours(server.url)
            bare_s, bare_cpu_s = run_bare(server.url)
            shares.append(bare_s / ours_s)
    share = sorted(shares)[1]
    return [
        Ratio(
            f"throughput / bare loop over HTTP, {HTTP_IN_FLIGHT} in flight, {requests} requests, median of 3",
            f"{share:.3f}",
            f">= {MIN_SHARE_HTTP}",
            share >= MIN_SHARE_HTTP,
        ),
        Ratio("requests per second over HTTP (the server shares the cores)", f"{requests / ours_s:.0f}"),
        Ratio(
            "CPU ms per request over HTTP, runner / bare loop",
            f"{1e3 * ours_cpu_s / requests:.1f} / {1e3 * bare_cpu_s / requests:.1f}",
        ),
    ]


def memory_ratio(pairs: int) -> Ratio:
    """Growth of the peak over the last 80 % of a whole run's requests."""
    early_mib = 0.0

    def watch(count: int) -> None:
        nonlocal early_mib
        if count == pairs * 28 * 3 // 5:
            early_mib = _peak_mib()

    requests, _, _ = ask_sleeping(256, pairs, 0.0, None, watch)
    growth_mib = _peak_mib() - early_mib
    name = f"MiB that the peak grows over the last 80 % of {requests} requests"
    return Ratio(name, f"{growth_mib:.1f}", f"< {MAX_GROWTH_MIB}", growth_mib < MAX_GROWTH_MIB)


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def restart_ratio(data: Path, folder: Path) -> Ratio:
    """Seconds until the same command finds that every question is answered."""
    from sseu_models.job import Job
    from sseu_models.running.evaluation import evaluate
    from sseu_models.running.request import Request

    job = Job(modes=("independent", "joint", "cot"))
    request = Request(SleepingSystem(256, 0.0), str(data), folder / "run", job=job, embedder="exact")
    result = evaluate(request)
    script = f"""
import sys
from pathlib import Path
sys.path[:0] = [{str(ROOT / "benchmarks")!r}, {str(ROOT)!r}]
from run_speed import SleepingSystem
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request
from sseu_models.job import Job
job = Job(modes=("independent", "joint", "cot"))
request = Request(SleepingSystem(256, 0.0), {str(data)!r}, Path({str(folder / "run")!r}), job=job, embedder="exact")
evaluate(request, announce=print)
"""
    begun_s = time.monotonic()
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    took_s = time.monotonic() - begun_s
    if "every question has its answer already" not in done.stdout:
        raise RuntimeError(f"the restart asked again: {done.stdout}")
    name = f"s until a finished run of {result.answers.ok} answers is recognised as finished"
    return Ratio(name, f"{took_s:.1f}", f"< {MAX_RESTART_S:g}", took_s < MAX_RESTART_S)


def full_dataset(corpora: Path, folder: Path) -> Path:
    """A dataset of the official size, made from the full-size stand-in corpora if it is not there."""
    out = folder / "sseu-bench-full"
    if not corpora.is_dir():
        subprocess.run(build_command("standin", "--out", corpora, "--size", "full"), check=True)
    if not out.is_dir():
        subprocess.run(build_command(*corpora_arguments(corpora), "--out", out), check=True, stdout=subprocess.DEVNULL)
    return out


def main() -> int:
    """Measure, print, compare with the requirements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="dataset folder of 1,117 pairs; by default built from the stand-in")
    parser.add_argument("--pairs", type=int, default=90, help="for the sleeping system (90: 7,560 requests)")
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    quiet = "quiet" if load < _QUIET_LOAD else "NOT QUIET: do not quote these measurements"
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    found = [memory_ratio(1117), *sleeping_ratios(arguments.pairs)]
    with TemporaryDirectory(prefix="run-speed-") as folder:
        data = arguments.data or full_dataset(DEFAULT_CORPORA, Path(folder))
        found += http_ratios(data, HTTP_PAIRS)
        found.append(restart_ratio(data, Path(folder)))
    table = [("ratio or limit", "measured", "required", "")]
    table += [(r.name, r.measured, r.required, "" if not r.required else "met" if r.met else "MISSED") for r in found]
    print(f"{os.cpu_count()} cores, load {load:.2f} at the start ({quiet})\n\n{aligned(table)}\n\n{markdown(table)}")
    return 0 if all(ratio.met for ratio in found) else 1


if __name__ == "__main__":
    sys.exit(main())
