"""Speech of the stand-in corpora: in time, by voice, independent of what was spoken before."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from sseu_dataset.standin import speech as standin_speech
from sseu_dataset.standin.corpora import make_standin

pytest.importorskip("espeakng_loader", reason="the extra `demo` is not installed")


def test_speech_has_a_quiet_lead_in_and_is_not_silence(demo: Path) -> None:
    for path in sorted(demo.glob("VCTK-Corpus-0.92/wav48_silence_trimmed/*/*_mic1.flac")):
        samples = soundfile.read(path)[0]
        lead = samples[: 48_000 // 6]
        assert 0 < np.sqrt(np.mean(lead**2)) < 0.03 * np.sqrt(np.mean(samples**2))
        assert 0.1 < np.abs(samples).max() < 0.75


def test_an_utterance_does_not_depend_on_what_was_spoken_before() -> None:
    def speak(text: str, index: int) -> bytes:
        rng = np.random.Generator(np.random.PCG64(1))
        return standin_speech.speak(text, standin_speech.voice(index, 50), rng, None).tobytes()

    alone = speak(standin_speech.SHORT_SENTENCES[0], 2)
    speak(standin_speech.SHORT_SENTENCES[1], 3)
    assert speak(standin_speech.SHORT_SENTENCES[0], 2) == alone


def test_a_sentence_that_cannot_be_spoken_in_time_is_refused() -> None:
    rng = np.random.Generator(np.random.PCG64(1))
    with pytest.raises(ValueError, match=r"'Hello\.' takes 1\..* not 8\.0 to 10\.0 s: write a longer or shorter"):
        standin_speech.speak("Hello.", standin_speech.voice(0, 50), rng, (8.0, 10.0))


def test_an_unknown_voice_is_refused_by_name() -> None:
    rng = np.random.Generator(np.random.PCG64(1))
    nobody = standin_speech.Voice("nobody+f1", 50, "F", "English", "")
    with pytest.raises(ValueError, match=r"'Hello\.' with voice 'nobody\+f1': ValueError: eSpeak NG has no voice"):
        standin_speech.speak("Hello.", nobody, rng, None)


def test_the_missing_synthesiser_is_named_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sseu_metric.extras.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"the package espeakng_loader; install it with: pip install '\.\[demo\]'"):
        make_standin(tmp_path / "corpora", "demo", progress=False)
    assert not (tmp_path / "corpora").exists()
