"""Do the peers make the mixtures that are timed? Their SNRs, as fitted on what they write."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.sseu_dataset.tiny_corpora import RATE_HZ, noise, write_audio

peers = import_module("peers")
ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-peers" / "bin" / "python"
SPEECH_S, ONSET_S = 8.0, 1.5

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON.exists(), reason="no .venv-peers: `make benchmark` makes it"),
]


@pytest.mark.parametrize("peer", ["lhotse", "audiomentations"])
def test_a_peer_mixes_at_the_snr_it_is_asked_for(peer: str, tmp_path: Path) -> None:
    """A mixture is a * speech + b * background; each power is the mean over the signal's own samples (`clip`)."""
    speech, background = noise("speech", SPEECH_S, RATE_HZ, 0.2), noise("background", 10.0, RATE_HZ, 0.05)
    write_audio(tmp_path / "speech.wav", speech, RATE_HZ)
    write_audio(tmp_path / "background.wav", background, RATE_HZ)
    files = {"speech": str(tmp_path / "speech.wav"), "background": str(tmp_path / "background.wav")}
    places = {"offset_s": 0.0, "onset_s": ONSET_S}
    jobs = [peers.Job(name=f"at {snr_db:g}", **files, **places, snr_db=snr_db) for snr_db in (10.0, 0.0, -5.0)]
    jobs.append(peers.Job(name="speech", **files | {"background": None}, **places, snr_db=None))
    jobs.append(peers.Job(name="background", **files | {"speech": None}, **places, snr_db=None))
    lists = {"warm_up": [asdict(jobs[0])], "jobs": [asdict(job) for job in jobs]}
    (tmp_path / "jobs.json").write_text(json.dumps(lists))
    script, out = ROOT / "benchmarks" / "peers.py", tmp_path / "out"
    command: list[str | Path] = [PYTHON, script, peer, tmp_path / "jobs.json", out]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]).keys() == {"wall_s", "cpu_s"}

    powers_db = 10 * np.log10([np.mean(speech**2), np.mean(background**2)])
    for job in jobs:
        mixture, rate_hz = soundfile.read(out / "0" / "jobs" / f"{job.name}.flac")
        assert rate_hz == RATE_HZ
        placed = np.zeros_like(background)
        onset_s = 0.0 if (peer, job.name) == ("lhotse", "speech") else ONSET_S
        placed[round(onset_s * RATE_HZ) :][: len(speech)] = speech
        signals = np.stack([placed, background], 1)
        gains, *_ = np.linalg.lstsq(signals, mixture, rcond=None)
        rest = mixture - signals @ gains
        assert np.sqrt(np.mean(rest**2) / np.mean(mixture**2)) < 0.01, job.name  # nothing else is in it
        if job.snr_db is None:
            assert gains == pytest.approx([float(job.speech is not None), float(job.background is not None)], abs=0.01)
        else:
            snr_db = powers_db[0] - powers_db[1] + 20 * np.log10(gains[0] / gains[1])
            assert snr_db == pytest.approx(job.snr_db, abs=0.02)
