"""Results folders of the whole benchmark, and the dataset that they are about, without corpora and without a model."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from synthetic_answers import Row, dataset_rows, one_model

from sseu_metric.conditions import CONDITIONS

SAMPLES = 441_000
_SHA256 = "0" * 64


def with_labels(row: Row) -> Row:
    """The row with the columns that rules of labels need: soft values of MAESTRO, segments of DESED."""
    soft = [
        {"event": event, "values": [0.05 * (event + second) % 1 for second in range(10)]} for event in row["events"]
    ]
    segments = [{"event": event, "onset_s": 0.5, "offset_s": 1.0 + event % 4} for event in row["events"]]
    return {**row, "soft_labels": None if row["background_corpus"] == "DESED" else soft, "event_segments": segments}


def full_dataset() -> Any:
    """A dataset of the official size, opened; every clip is silent, to be small."""
    import numpy as np
    import soundfile
    from datasets import Dataset

    from sseu_dataset.mixing import pcm_sha256
    from sseu_models.planning import read_references
    from sseu_models.results.opened_dataset import OpenedDataset
    from sseu_models.results.records import DatasetIdentity

    samples = np.zeros(SAMPLES, dtype=np.int16)
    flac = io.BytesIO()
    soundfile.write(flac, samples, 44_100, format="FLAC", subtype="PCM_16")
    audio = {"bytes": flac.getvalue(), "path": None}
    of_clip = {"pcm_sha256": pcm_sha256(samples), "audio": audio}
    rows = [
        {
            **with_labels(row),
            **of_clip,
            "speech_onset_s": 1.0 if row["transcript"] else None,
            "speech_duration_s": 3.0 if row["transcript"] else None,
        }
        for some in dataset_rows(CONDITIONS).values()
        for row in some
    ]
    dataset = Dataset.from_list(rows)
    identity = DatasetIdentity(
        version="1.0.0",
        recipe="paper",
        fingerprint="f" * 64,
        pcm_fingerprint="e" * 64,
        pairs=len(rows) // len(CONDITIONS),
        conditions=CONDITIONS,
    )
    return OpenedDataset("sseu-bench", dataset, read_references(dataset), identity)


def write_result(folder: Path, opened: Any, seed: int) -> None:
    """A results folder of one model asked everything, 93,828 answers, with its `scores.json`."""
    from sseu_models.job import Job
    from sseu_models.records import TASKS
    from sseu_models.results.folder import RESULT, SCORES
    from sseu_models.results.folder_scoring import read_answers, scores_json, with_answers, with_scores
    from sseu_models.results.log import FILE_NAME, Answer
    from sseu_models.results.record import SCHEMA_VERSION
    from sseu_models.results.records import FrontendIdentity, Prompts, Result

    job = Job(modes=("independent", "joint", "cot"))
    result = Result(
        system=f"synthetic:model-{seed}",
        settings={},
        deterministic=False,
        modes={mode: TASKS[mode] for mode in job.modes},
        family="*",
        frontend=FrontendIdentity(name="none", sha256=_SHA256),
        prompts=Prompts(set="project-1", templates={}),
        dataset=opened.identity,
        data=opened.place,
        revision=None,
        job=job,
        packages={},
        schema_version=SCHEMA_VERSION,
    )
    settings, pcm = result.settings_sha256, opened.references[0]["pcm_sha256"]
    folder.mkdir(parents=True)
    with (folder / FILE_NAME).open("wb") as file:
        for request in one_model(0.3, seed):
            mode, task = (request.mode, "all") if request.mode in job.modes else ("independent", request.mode)
            for row, text in zip(request.rows, request.answers, strict=True):
                answer = Answer(
                    row["id"], pcm, pcm, mode, task, request.run, result.system, _SHA256, settings,  # type: ignore[arg-type]
                    "ok", text, finish_reason="stop", latency_s=0.8, input_tokens=340, output_tokens=len(text) // 4,
                )  # fmt: skip
                file.write(answer.to_line())
    clips, answers = read_answers(folder, result, opened)
    result = with_answers(result, folder / FILE_NAME, clips, answers, opened)
    scores = scores_json(result, opened, clips, answers, embedder="exact", normalizer="whisper-english")
    (folder / SCORES).write_bytes(scores)
    result = with_scores(result, scores, embedder="exact", normalizer="whisper-english")
    (folder / RESULT).write_text(result.to_json())
