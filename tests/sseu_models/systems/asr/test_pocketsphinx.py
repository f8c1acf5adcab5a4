"""The offline recogniser: it recognises, deterministically, beside a running event loop, and ends with its caller."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from numpy.typing import NDArray

from sseu_dataset.standin.speech import SENTENCES, speak, voice
from sseu_metric import parse_answer
from sseu_metric.normalisers import normalise
from sseu_metric.wer import count_word_errors, word_error_rate
from sseu_models.prompts import load_prompts
from sseu_models.records import Mode, Question, Reply, System, SystemDownError, Task
from sseu_models.systems.asr.pocketsphinx import RATE_HZ, PocketsphinxSystem, make_pocketsphinx, sentence_grammar
from tests.sseu_dataset.tiny_corpora import TinyCorpora
from tests.sseu_models.systems.worker.scripts import alive

pytest.importorskip("pocketsphinx", reason="the extra `demo` (pocketsphinx) is not installed")

Samples = NDArray[np.float32]
REFERENCES = [{"transcript": sentence} for sentence in (*SENTENCES[:6], "", SENTENCES[0])]


@pytest.fixture(scope="module")
def speech() -> list[Samples]:
    """The first four sentences, synthesised."""
    pytest.importorskip("espeakng_loader", reason="the extra `demo` (speech synthesis) is not installed")
    spoken = []
    for number, sentence in enumerate(SENTENCES[:4]):
        pcm = speak(sentence, voice(number, 50), np.random.default_rng(number), (8.0, 9.5))
        spoken.append(soxr.resample(pcm.astype(np.float32) / 32768, 48_000, RATE_HZ).astype(np.float32))
    return spoken


def question(audio: Samples, mode: Mode = "independent", task: Task = "asr") -> Question:
    return Question("clip", audio, task, mode, load_prompts().find(mode, task, "*"), 0)


def with_sentences() -> PocketsphinxSystem:
    return make_pocketsphinx(REFERENCES, grammar="sentences")


def ask(system: PocketsphinxSystem, questions: Sequence[Question]) -> list[Reply]:
    async def session() -> list[Reply]:
        await system.start()
        try:
            return [reply for [reply] in await asyncio.gather(*(system.answer([one]) for one in questions))]
        finally:
            await system.close()

    return asyncio.run(session())


def wer(replies: Sequence[Reply], sentences: Sequence[str]) -> float:
    heard = [parse_answer(reply.text, "asr").transcript or "" for reply in replies]
    return word_error_rate(count_word_errors(normalise(sentences), normalise(heard)))


def test_it_recognises_sentences_and_fails_in_noise(speech: list[Samples]) -> None:
    noise = np.random.default_rng(0).standard_normal(200_000).astype(np.float32)
    drowned = [samples + np.float32(0.5) * noise[: len(samples)] for samples in speech]
    replies = ask(with_sentences(), [question(one) for one in speech + drowned])
    assert wer(replies[:4], SENTENCES[:4]) <= 25
    assert wer(replies[4:], SENTENCES[:4]) >= 75


def test_the_order_of_the_clips_changes_nothing(speech: list[Samples]) -> None:
    faint = [speech[0] * np.float32(0.05)]
    one, other = (with_sentences() for _ in range(2))
    clips = [question(samples) for samples in (*speech[:2], faint[0])]
    assert ask(one, clips) == ask(other, clips[::-1])[::-1]


def test_each_mode_gets_the_transcript_and_no_more(speech: list[Samples]) -> None:
    system = with_sentences()
    assert isinstance(system, System)
    asked = [question(speech[0], *of) for of in (("independent", "asr"), ("joint", "all"), ("cot", "all"))]
    silence = np.zeros(10 * RATE_HZ, np.float32)
    alone, joint, cot, nothing = ask(system, [*asked, question(silence)])
    assert alone.text
    assert joint.text == cot.text == f"Transcript: {alone.text}"
    parsed = parse_answer(joint.text, "joint")
    assert (parsed.transcript, parsed.scene, parsed.events) == (alone.text, None, None)
    assert nothing.text == ""
    assert system.capabilities.modes == {"independent": ("asr",), "joint": ("all",), "cot": ("all",)}
    assert (system.capabilities.rate_hz, system.capabilities.deterministic) == (16_000, True)


def test_the_event_loop_is_not_blocked_while_it_decodes(speech: list[Samples]) -> None:
    async def session() -> int:
        system = with_sentences()
        await system.start()
        turns = 0
        decoding = asyncio.ensure_future(system.answer([question(np.concatenate(speech))]))
        while not decoding.done():
            await asyncio.sleep(0.005)
            turns += 1
        await system.close()
        return turns

    assert asyncio.run(session()) > 3  # a loop that is blocked gets one


def test_a_killed_process_is_the_end_of_the_system(speech: list[Samples]) -> None:
    async def session() -> None:
        system = with_sentences()
        await system.start()
        for process in system._processes:
            process.kill()
        try:
            await system.answer([question(speech[0])])
        finally:
            await system.close()

    with pytest.raises(SystemDownError, match=r"asr:pocketsphinx: a decoding process has ended \(out of memory\?\)"):
        asyncio.run(session())


CALLER = """
import asyncio
from sseu_models.systems.asr.pocketsphinx import make_pocketsphinx
async def main():
    system = make_pocketsphinx([{"transcript": "the cat"}], grammar="sentences")
    await system.start()
    print(*(process.pid for process in system._processes), flush=True)
    await asyncio.sleep(60)
if __name__ == "__main__":
    asyncio.run(main())
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc")
def test_its_processes_end_with_a_caller_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "caller.py").write_text(CALLER)
    project = Path(__file__).resolve().parents[4]
    caller = subprocess.Popen(
        [sys.executable, str(tmp_path / "caller.py")],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(project)},
    )
    assert caller.stdout is not None
    children = caller.stdout.readline().split()
    assert children
    caller.send_signal(signal.SIGKILL)
    caller.wait()
    caller.stdout.close()
    while any(map(alive, children)):  # for ever: the suite's timeout fails it
        time.sleep(0.05)


def test_real_speech_when_present(real_corpora: TinyCorpora) -> None:
    recordings = sorted((real_corpora.vctk / "wav48_silence_trimmed").glob("p*/*_mic1.flac"))
    found = [(path, real_corpora.text(path.name.removesuffix("_mic1.flac"))) for path in recordings]
    found = [(path, text) for path, text in found if text.exists() and 3 < soundfile.info(path).duration < 10][:4]
    if not found:
        pytest.skip(f"no recordings with their text in {real_corpora.vctk}")
    sentences = [text.read_text(encoding="utf-8").strip() for _, text in found]
    clips = []
    for path, _ in found:
        samples, rate_hz = soundfile.read(path, dtype="float32")
        clips.append(question(soxr.resample(samples, rate_hz, RATE_HZ).astype(np.float32)))
    system = make_pocketsphinx([{"transcript": sentence} for sentence in sentences], grammar="sentences")
    assert wer(ask(system, clips), sentences) <= 25


# ---- the grammar and the settings


def test_a_sentence_with_an_unknown_word_is_left_out() -> None:
    grammar, left_out = sentence_grammar(
        ["A cat’s tail.", "The zzyx barks!", "7 dogs", "..."], frozenset({"a", "cat's", "tail", "the", "barks", "dogs"})
    )
    assert left_out == ["...", "7 dogs", "The zzyx barks!"]
    assert grammar == "#JSGF V1.0;\ngrammar sentences;\npublic <sentence> =\n    a cat's tail;\n"
    system = make_pocketsphinx([{"transcript": "The cat."}, {"transcript": "The qqzyx."}], grammar="sentences")
    assert (system.settings["sentences"], system.settings["sentences_left_out"]) == (1, ["The qqzyx."])


def test_the_settings_say_what_was_used() -> None:
    used = with_sentences().settings
    assert (used["sentences"], used["sentences_left_out"], used["cmn"]) == (6, [], "batch")
    fewer = make_pocketsphinx(REFERENCES[:3], grammar="sentences").settings
    assert used["sentences_sha256"] != fewer["sentences_sha256"]
    assert make_pocketsphinx().settings["grammar"] == "none"


def test_bad_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="asr:pocketsphinx: no setting 'beam'"):
        make_pocketsphinx(beam=1)
    with pytest.raises(ValueError, match="setting grammar='words': it should be 'none' or 'sentences'"):
        make_pocketsphinx(grammar="words")
    with pytest.raises(ValueError, match="needs references whose words are in its dictionary; none of the 0"):
        make_pocketsphinx(grammar="sentences")

    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("sseu_models.systems.asr.pocketsphinx.version", missing)
    with pytest.raises(SystemDownError, match=r"needs the package pocketsphinx; .*pip install '\.\[demo\]'"):
        make_pocketsphinx()
