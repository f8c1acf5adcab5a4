"""What the log says was heard is what was heard; samples that are not a row's own stop the run."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soxr

import sseu_models
from sseu_cli.main import main
from sseu_dataset import DatasetError, load, load_audio
from sseu_dataset.mixing import pcm_sha256
from sseu_dataset.rows.flac import encode_flac
from sseu_dataset.rows.samples import decode_pcm
from sseu_models.frontends import shuffled_partners
from sseu_models.job import Job
from sseu_models.records import Capabilities, Question, Reply
from sseu_models.results.log import Answer, read_log
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request
from sseu_models.running.runner import NothingAnsweredError
from tests.sseu_dataset.tampering import Rows, change_rows
from tests.sseu_models.running.conftest import Run
from tests.sseu_models.scripted import ScriptedSystem, plain_reply


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Iterator[Path]:
    """The dataset, to be tampered with."""
    yield Path(shutil.copytree(built, tmp_path / "copy"))
    shutil.rmtree(tmp_path / "copy")


def tamper(folder: Path, config: str, edit: Callable[[Rows], None]) -> list[str]:
    """Edit the rows of a configuration; their ids."""
    ids: list[str] = []

    def edited(rows: Rows) -> Rows:
        edit(rows)
        ids.extend(row["id"] for row in rows)
        return rows

    change_rows(folder, config, edited)
    return ids


def other_rows_audio(rows: Rows) -> None:
    rows[0]["audio"]["bytes"] = rows[1]["audio"]["bytes"]


def one_sample_changed(rows: Rows) -> None:
    samples = decode_pcm(rows[0]).copy()
    samples[220_500] ^= 1
    rows[0]["audio"]["bytes"] = encode_flac(samples)


def cut_short(rows: Rows) -> None:
    rows[0]["audio"]["bytes"] = encode_flac(decode_pcm(rows[0])[:-1])


def no_audio(rows: Rows) -> None:
    rows[0]["audio"] = None


def no_bytes(rows: Rows) -> None:
    for row in rows:
        row["audio"] = {"bytes": None, "path": row["audio"]["path"]}


NOT_ITS_OWN = "its audio is not the row's own: the samples have the SHA-256 "
TAMPERED = [
    (other_rows_audio, NOT_ITS_OWN),
    (one_sample_changed, NOT_ITS_OWN),
    (cut_short, NOT_ITS_OWN),
    (no_audio, "no audio bytes. Load it with sseu_dataset.load"),
    (no_bytes, "no audio bytes. Load it with sseu_dataset.load"),
]


def constant_answer(samples: Any, rate_hz: int, prompt: str) -> str:
    return "Scene: Home"


@pytest.mark.parametrize(("edit", "message"), TAMPERED)
def test_samples_that_are_not_the_rows_own_stop_the_run(
    copy: Path, tmp_path: Path, edit: Callable[[Rows], None], message: str
) -> None:
    ids = tamper(copy, "snr_0", edit)
    out = tmp_path / "out"
    with pytest.raises(DatasetError, match=message) as error:
        sseu_models.run(constant_answer, copy, conditions=["0"], out=out, embedder="exact", progress=False)
    assert str(error.value).split(":")[0] in (ids if edit is no_bytes else ids[:1])
    assert not (out / "scores.json").exists()
    assert json.loads((out / "result.json").read_text())["incomplete"] == ["not finished"]


@pytest.mark.parametrize(("edit", "message"), [TAMPERED[0], TAMPERED[-1]])
def test_the_command_names_the_clip(
    copy: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], edit: Callable[[Rows], None], message: str
) -> None:
    pytest.importorskip("pocketsphinx", reason="the recogniser is part of the demo extra")
    ids = tamper(copy, "snr_0", edit)
    words = ["--system", "asr:pocketsphinx", "--setting", "grammar=sentences", "--conditions=0", "--embedder", "exact"]
    code = main(["run", "--data", str(copy), "--out", str(tmp_path / "out"), *words])
    shown = capfd.readouterr().err
    assert code == 2
    assert "Traceback" not in shown
    assert any(f"{row}: {message}" in shown for row in (ids if edit is no_bytes else ids[:1]))


def test_what_was_answered_before_is_kept_and_the_mended_dataset_goes_on(run: Run, built: Path, copy: Path) -> None:
    job = Job(modes=("joint",), runs=2)
    first = ScriptedSystem()
    run(first, "whole", job=job, score=False)
    last = first.asked[-1].clip_id
    config = next(row["condition"] for row in load(built) if row["id"] == last)

    def swap(rows: Rows) -> None:
        place = next(place for place, row in enumerate(rows) if row["id"] == last)
        rows[place]["audio"]["bytes"] = rows[place - 1]["audio"]["bytes"]

    sound = shutil.copytree(copy / "data", copy.parent / "sound")
    tamper(copy, f"snr_{config}", swap)
    with pytest.raises(DatasetError, match=f"^{re.escape(last)}: {NOT_ITS_OWN}"):
        run(ScriptedSystem(), job=job, data=str(copy))
    shutil.rmtree(copy / "data")
    sound.rename(copy / "data")
    again = ScriptedSystem()
    whole = run(again, job=job, data=str(copy))
    assert whole.incomplete == ()
    assert 0 < len(again.asked) < len(first.asked)


@pytest.mark.parametrize("frontend", ["oracle-speech", "oracle-background", "shuffled"])
def test_rows_that_stand_in_for_the_clip_are_checked_too(run: Run, copy: Path, frontend: str) -> None:
    config = {"oracle-speech": "snr_inf", "oracle-background": "snr_-inf", "shuffled": "snr_0"}[frontend]
    ids = tamper(copy, config, other_rows_audio)
    with pytest.raises(DatasetError, match=f"^{re.escape(ids[0])}: {NOT_ITS_OWN}"):
        run(ScriptedSystem(), data=str(copy), frontend=frontend, job=Job(conditions=("0",)))


# ---- the hashes


def float32_sha256(samples: Any) -> str:
    return hashlib.sha256(np.asarray(samples).astype("<f4").tobytes()).hexdigest()


def pcm16_sha256(samples: Any) -> str:
    return hashlib.sha256((np.asarray(samples) * 32768).astype("<i2").tobytes()).hexdigest()


def logged(folder: Path) -> list[Answer]:
    return list(read_log(folder / "answers.jsonl"))


@pytest.mark.parametrize("rate_hz", [16_000, 44_100])
def test_the_log_has_the_hashes_of_what_was_decoded_and_sent(
    run: Run, built: Path, tmp_path: Path, rate_hz: int
) -> None:
    run(ScriptedSystem(capabilities=Capabilities(rate_hz=rate_hz)), job=Job(limit=1), score=False)
    rows = {row["id"]: row for row in load(built)}
    for answer in logged(tmp_path / "out"):
        samples = load_audio(rows[answer.id])
        assert answer.pcm_sha256 == rows[answer.id]["pcm_sha256"] == pcm16_sha256(samples)
        assert answer.sent_sha256 == float32_sha256(soxr.resample(samples, 44_100, rate_hz, quality="VHQ"))


def test_what_a_front_end_puts_in_the_clips_place_was_not_heard(run: Run, built: Path, tmp_path: Path) -> None:
    rows = load(built)
    by_key = {(row["pair_id"], row["condition"]): row for row in rows}
    partners = shuffled_partners(rows)
    by_id = {row["id"]: row for row in rows}
    system = ScriptedSystem(capabilities=Capabilities(rate_hz=44_100))
    for frontend in ("silence", "shuffled", "oracle-speech"):
        run(system, frontend, frontend=frontend, job=Job(limit=1), score=False)
        for answer in logged(tmp_path / frontend):
            assert answer.pcm_sha256 is None
            row = by_id[answer.id]
            if frontend == "silence":
                assert answer.sent_sha256 == float32_sha256(np.zeros(441_000))
            if frontend == "shuffled":
                other = by_key[partners[row["pair_id"]], row["condition"]]
                assert answer.sent_sha256 == float32_sha256(load_audio(other))


def test_a_system_without_audio_input_says_so(run: Run, tmp_path: Path) -> None:
    run("control:majority", job=Job(limit=1), score=False)
    lines = [json.loads(line) for line in (tmp_path / "out" / "answers.jsonl").read_bytes().splitlines()]
    assert {(line["pcm_sha256"], line["sent_sha256"]) for line in lines} == {(None, None)}


def test_a_clip_is_decoded_and_hashed_once_for_all_tasks(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "by_task.py").write_text(
        "def f(samples, rate_hz, task):\n    samples *= len(task)\n    return samples / 4\n"
    )
    monkeypatch.chdir(tmp_path)
    decoded: Counter[str] = Counter()
    hashed: Counter[str] = Counter()
    decode = decode_pcm

    def counted_decode(row: Any) -> Any:
        decoded[row["id"]] += 1
        return decode(row)

    def counted_hash(samples: Any) -> str:
        hashed[found := pcm_sha256(samples)] += 1
        return found

    monkeypatch.setattr("sseu_dataset.rows.samples.decode_pcm", counted_decode)
    monkeypatch.setattr("sseu_dataset.rows.samples.pcm_sha256", counted_hash)
    job = Job(modes=("independent", "joint"), runs=2, limit=2)
    system = ScriptedSystem()
    request = Request(system, str(built), tmp_path / "out", frontend="by_task:f", job=job, embedder="exact")
    evaluate(request, progress=False)
    assert decoded == {question.clip_id: 1 for question in system.asked}
    assert hashed == {row["pcm_sha256"]: 1 for row in load(built) if row["id"] in decoded}
    sent: dict[tuple[str, str], set[str | None]] = {}
    for answer in logged(tmp_path / "out"):
        sent.setdefault((answer.id, answer.task), set()).add(answer.sent_sha256)
    assert all(len(hashes) == 1 for hashes in sent.values())
    clip = next(question.clip_id for question in system.asked if question.task == "all")
    row = next(row for row in load(built) if row["id"] == clip)
    expected = {
        task: soxr.resample(load_audio(row) * np.float32(len(task)) / 4, 44_100, 16_000, "VHQ")
        for task in ("asr", "all")
    }
    assert {task: sent[clip, task] for task in expected} == {
        task: {float32_sha256(samples)} for task, samples in expected.items()
    }


def test_a_system_cannot_change_what_the_next_question_gets(run: Run) -> None:
    def in_place(question: Question) -> Reply:
        assert question.audio is not None
        np.negative(question.audio, out=question.audio)
        return plain_reply(question)

    with pytest.raises(NothingAnsweredError, match=r"scripted:one raised ValueError: .*read-only"):
        run(ScriptedSystem(reply=in_place), score=False)
