"""Whisper through CTranslate2: transcripts of real speech, equal in any order; sampling only where it is asked for.

The tests with weights need those of `make real`: SSEU_WHISPER names a folder with a converted Whisper.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from numpy.typing import NDArray

from sseu_metric.normalisers import normalise
from sseu_metric.wer import count_word_errors, word_error_rate
from sseu_models.prompts import load_prompts
from sseu_models.records import Question, Reply, System, SystemDownError
from sseu_models.systems.asr.faster_whisper import RATE_HZ
from sseu_models.systems.spec import make_system
from tests.sseu_dataset.tiny_corpora import TinyCorpora

needs_package = pytest.mark.skipif(find_spec("faster_whisper") is None, reason="the extra `asr` is not installed")
WEIGHTS = os.environ.get("SSEU_WHISPER", "")
needs_weights = pytest.mark.skipif(
    find_spec("faster_whisper") is None or not WEIGHTS, reason="SSEU_WHISPER names no weights (make real)"
)


def ask(system: System, clips: Sequence[NDArray[np.float32]], seed: int = 0) -> list[Reply]:
    prompt = load_prompts().find("independent", "asr", "*")

    async def session() -> list[Reply]:
        await system.start()
        try:
            asked = (Question(f"clip {i}", clip, "asr", "independent", prompt, seed) for i, clip in enumerate(clips))
            return [reply for [reply] in await asyncio.gather(*(system.answer([one]) for one in asked))]
        finally:
            await system.close()

    return asyncio.run(session())


@needs_weights
def test_it_transcribes_real_speech_and_the_order_changes_nothing(real_corpora: TinyCorpora) -> None:
    recordings = sorted((real_corpora.vctk / "wav48_silence_trimmed").glob("p*/*_mic1.flac"))
    texts = [real_corpora.text(path.name.removesuffix("_mic1.flac")) for path in recordings]
    found = [(path, text) for path, text in zip(recordings, texts, strict=True) if text.exists()][:3]
    if not found:
        pytest.skip(f"no recordings with their text in {real_corpora.vctk}")
    clips = []
    for path, _ in found:
        samples, rate_hz = soundfile.read(path, dtype="float32")
        clips.append(soxr.resample(samples, rate_hz, RATE_HZ).astype(np.float32))
    clips[0].flags.writeable = False  # as in a run
    clips += [np.zeros(RATE_HZ, np.float32), np.random.default_rng(0).normal(0, 0.1, 10 * RATE_HZ).astype(np.float32)]
    system = make_system(f"asr:faster-whisper:{WEIGHTS}", {}, [])
    replies = ask(system, clips)
    heard = [reply.text or "" for reply in replies[:3]]
    sentences = [text.read_text(encoding="utf-8").strip() for _, text in found]
    assert word_error_rate(count_word_errors(normalise(sentences), normalise(heard))) <= 25
    assert ask(make_system(f"asr:faster-whisper:{WEIGHTS}", {}, []), clips[::-1]) == replies[::-1]


@needs_weights
def test_what_it_records_and_states() -> None:
    system = make_system(f"asr:faster-whisper:{WEIGHTS}", {}, [])
    assert system.id == f"asr:faster-whisper:{Path(WEIGHTS).name}"
    before = dict(system.settings)
    ask(system, [])
    after = system.settings
    assert before.items() <= after.items()
    assert after["weights_sha256"]
    assert after["compute_type"]
    assert after["temperature"] == [0.0]
    assert system.capabilities.deterministic
    assert system.capabilities.modes == {"independent": ("asr",)}
    sampling = make_system(f"asr:faster-whisper:{WEIGHTS}", {"fallback": True}, [])
    assert sampling.settings["temperature"] == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert not sampling.capabilities.deterministic
    assert sampling.capabilities.in_flight == 1  # a seed is a question's own only then


@needs_weights
def test_a_language_that_the_weights_do_not_have() -> None:
    with pytest.raises(SystemDownError, match=r"does not know the language 'klingon'; it has .*en"):
        ask(make_system(f"asr:faster-whisper:{WEIGHTS}", {"language": "klingon"}, []), [])


@needs_package
def test_a_gpu_that_is_not_there(tmp_path: Path) -> None:
    import ctranslate2

    if ctranslate2.get_cuda_device_count():
        pytest.skip("there is a GPU")
    with pytest.raises(SystemDownError, match=r"CTranslate2 sees no GPU; use --setting device=cpu"):
        ask(make_system(f"asr:faster-whisper:{tmp_path}", {"device": "cuda"}, []), [])


@needs_package
def test_names_and_folders_that_are_no_model(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no folder and no size; did you mean 'tiny.en'"):
        make_system("asr:faster-whisper:tinyen", {}, [])
    with pytest.raises(ValueError, match="no setting 'beamsize'; did you mean 'beam_size'"):
        make_system("asr:faster-whisper:tiny.en", {"beamsize": 1}, [])
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "config.json").write_text("{}")
    with pytest.raises(
        SystemDownError, match=r"asr:faster-whisper:broken cannot be loaded \(RuntimeError: .*model.bin"
    ):
        ask(make_system(f"asr:faster-whisper:{tmp_path / 'broken'}", {}, []), [])
    with pytest.raises(SystemDownError, match="is not a folder on this machine"):
        ask(make_system(f"asr:faster-whisper:{tmp_path / 'none'}", {}, []), [])


def test_without_a_model_or_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="names no model; write asr:faster-whisper:base"):
        make_system("asr:faster-whisper", {}, [])
    monkeypatch.setitem(sys.modules, "ctranslate2", None)
    with pytest.raises(SystemDownError, match=r"needs the package ctranslate2; .*pip install '\.\[asr\]'"):
        make_system("asr:faster-whisper:base", {}, [])
