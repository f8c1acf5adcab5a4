"""The peers: the same mixtures made by other tools, each used as its documentation shows.

Run by the Python of `.venv-peers`, which has none of our packages: reads a list of jobs (one per mixture) and prints
their cost as JSON. Imports, first calls and the start of processes are not counted.
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE_HZ = 44_100
CLIP_S = 10


@dataclass(frozen=True)
class Job:
    """One mixture of 10 s.

    Attributes:
        name: Name of the file to write, without its suffix.
        speech: The utterance's file; None for background alone.
        background: The background's file; None for speech alone.
        offset_s: Start of the clip in the background's file.
        onset_s: Start of the utterance in the clip.
        snr_db: SNR of the mixture; None for speech or background alone.
    """

    name: str
    speech: str | None
    background: str | None
    offset_s: float
    onset_s: float
    snr_db: float | None


def librosa_loop(jobs: list[Job], folder: Path) -> None:
    """The obvious loop over mixtures: librosa.load, mix, FLAC by soundfile, Dataset.from_generator, to_parquet.

    The audio column is a plain struct of bytes and path: `datasets.Audio` would first import torch and torchcodec.
    """
    import datasets
    import librosa
    import numpy as np
    import soundfile

    def mixtures() -> Iterator[dict[str, Any]]:
        for job in jobs:
            mixture = np.zeros(CLIP_S * RATE_HZ, np.float32)
            speech = noise = np.zeros(0, np.float32)
            if job.speech:
                speech, _ = librosa.load(job.speech, sr=RATE_HZ)
            if job.background:
                noise, _ = librosa.load(job.background, sr=RATE_HZ, offset=job.offset_s, duration=CLIP_S)
            if job.snr_db is not None:
                noise *= np.sqrt(np.mean(speech**2) / np.mean(noise**2)) * 10 ** (-job.snr_db / 20)
            _add(mixture, speech, job.onset_s)
            _add(mixture, noise, 0.0)
            flac = io.BytesIO()
            soundfile.write(flac, mixture, RATE_HZ, format="FLAC")
            audio = {"bytes": flac.getvalue(), "path": f"{job.name}.flac"}
            yield {"id": job.name, "snr_db": job.snr_db, "audio": audio}

    features = datasets.Features(
        id=datasets.Value("string"),
        snr_db=datasets.Value("float64"),
        audio={"bytes": datasets.Value("binary"), "path": datasets.Value("string")},
    )
    datasets.disable_progress_bars()
    made = datasets.Dataset.from_generator(mixtures, features=features, cache_dir=str(folder / "cache"))
    made.to_parquet(str(folder / "mixtures.parquet"))


def lhotse_mix(jobs: list[Job], folder: Path) -> None:
    """lhotse: `cut.mix(other, offset_other_by, snr)`, then `save_audio`; FLAC files, no dataset.

    Speech alone starts at 0 s, not at its onset: one silence to insert instead of two, in the peer's favour.
    """
    from lhotse.cut import MultiCut

    for job in jobs:
        path = folder / f"{job.name}.flac"
        if job.background is None:
            assert job.speech is not None
            _lhotse_cut(job.speech).pad(duration=CLIP_S).save_audio(path)
        elif job.speech is None or job.snr_db is None:
            # Only a mix can be converted to one channel without encoding it once more.
            background = _lhotse_cut(job.background, job.offset_s)
            (background.to_mono()[0] if isinstance(background, MultiCut) else background).save_audio(path)
        else:
            _lhotse_mixed(job).save_audio(path, mono_downmix=True)


def _lhotse_cut(file: str, offset_s: float = 0.0) -> Any:
    from lhotse import Recording

    cut = Recording.from_file(file).to_cut()
    end_s = min(offset_s + CLIP_S, cut.duration)
    return cut.truncate(offset=offset_s, duration=end_s - offset_s).resample(RATE_HZ)


def _lhotse_mixed(job: Job) -> Any:
    """The cut whose `mix` is called starts at 0 and is the reference, hence the sign."""
    assert job.speech is not None
    assert job.background is not None
    assert job.snr_db is not None
    background = _lhotse_cut(job.background, job.offset_s)
    return background.mix(_lhotse_cut(job.speech), offset_other_by=job.onset_s, snr=-job.snr_db)


def audiomentations_noise(jobs: list[Job], folder: Path) -> None:
    """audiomentations: `AddBackgroundNoise` on the loaded utterance, then FLAC by soundfile; no dataset.

    The transform draws its own position in the background's file, which costs the same. It measures the power of the
    whole clip including padding, hence the correction.
    """
    import librosa
    import numpy as np
    import soundfile
    from audiomentations import AddBackgroundNoise  # type: ignore[import-not-found]

    for job in jobs:
        mixture = np.zeros(CLIP_S * RATE_HZ, np.float32)
        if job.speech is None:
            noise, _ = librosa.load(job.background, sr=RATE_HZ, offset=job.offset_s, duration=CLIP_S)
            _add(mixture, noise, 0.0)
        else:
            speech, _ = librosa.load(job.speech, sr=RATE_HZ)
            _add(mixture, speech, job.onset_s)
        if job.snr_db is not None:
            snr_db = job.snr_db + 10 * np.log10(len(speech) / len(mixture))
            transform = AddBackgroundNoise(sounds_path=job.background, min_snr_db=snr_db, max_snr_db=snr_db, p=1.0)
            mixture = transform(mixture, sample_rate=RATE_HZ)
        soundfile.write(folder / f"{job.name}.flac", mixture, RATE_HZ)


def _add(mixture: NDArray[np.float32], signal: NDArray[np.float32], onset_s: float) -> None:
    """Add the part of `signal` that fits, in place."""
    start = round(onset_s * RATE_HZ)
    part = mixture[start : start + len(signal)]
    part += signal[: len(part)]


def lhotse_on_the_fly(jobs: list[Job]) -> Iterator[NDArray[np.float32]]:
    """Lhotse in training: `cut.mix(...)`, then `load_audio`."""
    for job in jobs:
        yield _lhotse_mixed(job).load_audio(mono_downmix=True)


def audiomentations_on_the_fly(jobs: list[Job]) -> Iterator[NDArray[np.float32]]:
    """Audiomentations in training: one `AddBackgroundNoise` over all backgrounds' files on each loaded utterance.

    It draws file, position and SNR itself.
    """
    import librosa
    import numpy as np
    from audiomentations import AddBackgroundNoise

    files = sorted({job.background for job in jobs if job.background})
    snrs_db = [job.snr_db for job in jobs if job.snr_db is not None]
    transform = AddBackgroundNoise(sounds_path=files, min_snr_db=min(snrs_db), max_snr_db=max(snrs_db), p=1.0)
    for job in jobs:
        mixture = np.zeros(CLIP_S * RATE_HZ, np.float32)
        speech, _ = librosa.load(job.speech, sr=RATE_HZ)
        _add(mixture, speech, job.onset_s)
        yield transform(mixture, sample_rate=RATE_HZ)


PEERS: dict[str, Callable[[list[Job], Path], None]] = {
    "librosa loop": librosa_loop,
    "lhotse": lhotse_mix,
    "audiomentations": audiomentations_noise,
}

STREAMS: dict[str, Callable[[list[Job]], Iterator[NDArray[np.float32]]]] = {
    "lhotse on the fly": lhotse_on_the_fly,
    "audiomentations on the fly": audiomentations_on_the_fly,
}


def work(
    peer: str, warm_up: list[Job], jobs: list[Job], folder: Path, start: Barrier, costs: SimpleQueue[list[float]]
) -> None:
    """One process: run the warm-up jobs, wait for the others, run the jobs, report start, end and CPU time."""
    warnings.simplefilter("ignore")
    for name, part in (("warm-up", warm_up), ("jobs", jobs)):
        (folder / name).mkdir(parents=True)
        start.wait()
        begun_s, cpu_s = time.monotonic(), time.process_time()
        if peer in STREAMS:
            for _ in STREAMS[peer](part):
                pass
        else:
            PEERS[peer](part, folder / name)
        cost = [begun_s, time.monotonic(), time.process_time() - cpu_s]
    costs.put(cost)


def run(peer: str, warm_up: list[Job], jobs: list[Job], folder: Path, processes: int) -> dict[str, float]:
    """Divide the jobs among processes; wall time is from the first start to the last end, CPU time the sum."""
    context = multiprocessing.get_context("spawn")
    start, costs = context.Barrier(processes), context.SimpleQueue()
    workers = [
        context.Process(target=work, args=(peer, warm_up, jobs[number::processes], folder / str(number), start, costs))
        for number in range(processes)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        if worker.exitcode:
            raise ChildProcessError(f"{peer}: a process ended with code {worker.exitcode}")
    begun_s, ended_s, cpu_s = zip(*(costs.get() for _ in workers), strict=True)
    return {"wall_s": max(ended_s) - min(begun_s), "cpu_s": sum(cpu_s)}


def main() -> int:
    """Read the jobs, run one peer and print its cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=[*PEERS, *STREAMS])
    parser.add_argument("jobs", type=Path, help='JSON: {"warm_up": [job, ...], "jobs": [job, ...]}')
    parser.add_argument("folder", type=Path, help="where the mixtures go")
    parser.add_argument("--processes", type=int, default=1)
    arguments = parser.parse_args()
    lists = json.loads(arguments.jobs.read_text(encoding="utf-8"))
    warm_up, jobs = ([Job(**fields) for fields in lists[name]] for name in ("warm_up", "jobs"))
    print(json.dumps(run(arguments.peer, warm_up, jobs, arguments.folder, arguments.processes)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
