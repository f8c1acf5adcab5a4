"""What a run says that was not heard: the noise probe, and words behind the front end cut-speech."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sseu_dataset.loading import load
from sseu_models.job import Job
from sseu_models.records import Question, Reply
from sseu_models.results.folder import read_scores
from sseu_models.results.folder_scoring import score_folder
from sseu_models.results.hallucinations import NoiseProbe
from sseu_models.results.terminal import score_lines
from tests.sseu_models.running.conftest import Run, mark_stopped
from tests.sseu_models.scripted import ScriptedSystem, plain_reply


def test_the_noise_probe_stands_beside_wer(run: Run, tmp_path: Path) -> None:
    plain = run(ScriptedSystem(), "plain", job=Job(runs=1))
    probed = run(ScriptedSystem(), "probed", job=Job(runs=1, probe_noise=True))
    pairs = probed.dataset.pairs
    assert probed.answers.asked == plain.answers.asked + 2 * pairs
    scores, without = read_scores(tmp_path / "probed"), read_scores(tmp_path / "plain")
    (mode,) = scores.noise_probe
    counts: dict[str, Any] = {
        "asked": pairs,
        "answered": pairs,
        "with_any": pairs,
        "interval": None,
    }  # every answer is the same
    assert scores.noise_probe[mode] == {
        "asr": NoiseProbe(named=3 * pairs, per_clip=3, **counts),
        "at": NoiseProbe(named=2 * pairs, per_clip=2, **counts),
    }
    assert without.noise_probe == {}
    assert scores.modes == without.modes
    lines = list(score_lines(scores))
    assert (
        f"  independent: hallucinated words where nobody speaks: (3.00) per clip ({pairs} of {pairs} answers)" in lines
    )
    assert f"  independent: hallucinated events in speech alone: (2.00) per clip ({pairs} of {pairs} answers)" in lines


def test_joint_answers_in_clips_without_speech_are_a_probe_too(run: Run, tmp_path: Path) -> None:
    result = run(ScriptedSystem(), job=Job(modes=("joint",), conditions="all", runs=1))
    probes = read_scores(tmp_path / "out").noise_probe["joint"]
    assert {task: probe.per_clip for task, probe in probes.items()} == {"asr": 3, "at": 2}
    assert {probe.asked for probe in probes.values()} == {result.dataset.pairs}


def test_who_knows_the_sentences_gives_silenced_words(run: Run, built: Path, tmp_path: Path) -> None:
    said = {row["id"]: row["transcript"] for row in load(built).remove_columns("audio")}

    def knows(question: Question) -> Reply:
        return Reply(text=said[question.clip_id]) if question.task == "asr" else plain_reply(question)

    result = run(ScriptedSystem(reply=knows), job=Job(runs=1), frontend="cut-speech")
    scores = read_scores(tmp_path / "out")
    memory = scores.modes["independent"].memory
    assert memory is not None
    assert memory.words_remembered == 100
    assert set(memory.by_condition.values()) == {100}
    assert memory.silenced > result.dataset.pairs * 6
    assert set(memory.by_sentence) == set(filter(None, said.values()))
    assert any("words remembered: (100.00) % of" in line for line in score_lines(scores))
    log = tmp_path / "out" / "answers.jsonl"
    answers = [json.loads(line) for line in log.read_text().splitlines()]
    forgotten = (one | {"text": "nothing"} if one["task"] == "asr" else one for one in answers)
    log.write_text("".join(json.dumps(one) + "\n" for one in forgotten))
    mark_stopped(tmp_path / "out")
    score_folder(tmp_path / "out", embedder="exact", progress=False)
    tampered = read_scores(tmp_path / "out").modes["independent"].memory
    assert tampered is not None
    assert tampered.words_remembered == 0
