"""Shards of a job become one results folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sseu_metric.embedder_protocol import EmbedderError
from sseu_models.results.folder import read_result
from sseu_models.results.folder_scoring import score_folder
from sseu_models.running.merge import merge
from tests.sseu_models.running.conftest import JOB, PART, Run
from tests.sseu_models.scripted import ScriptedSystem


def test_shards_merge_to_one_run(run: Run, built: Path, tmp_path: Path) -> None:
    whole = run(ScriptedSystem(), "whole")
    folders = []
    for number in (1, 2, 3):
        part = run(ScriptedSystem(), f"part{number}", job=replace(JOB, shard=(number, 3)))
        assert part.incomplete == (f"shard {number} of 3", PART)
        folders.append(tmp_path / f"part{number}")
    with pytest.raises(ValueError, match=r"are needed, each once; given: \S+part2 \(2/3\), \S+part1 \(1/3\)$"):
        merge([folders[1], folders[0]], tmp_path / "few")
    with pytest.raises(ValueError, match=r"given: \S+part1 \(1/3\), \S+whole \(a whole run\)$"):
        merge([folders[0], tmp_path / "whole"], tmp_path / "few")
    result = merge(folders, tmp_path / "merged", progress=False)  # with the embedder of the shards
    assert result.incomplete == (PART,)
    assert read_result(tmp_path / "merged") == score_folder(tmp_path / "merged", progress=False) == result
    assert result.answers.ok == whole.answers.ok
    assert (tmp_path / "merged" / "scores.json").read_bytes() == (tmp_path / "whole" / "scores.json").read_bytes()
    with pytest.raises(ValueError, match="not empty"):
        merge(folders, tmp_path / "merged")


def test_a_merge_that_cannot_be_scored_leaves_nothing(run: Run, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    folders = [tmp_path / f"part{number}" for number in (1, 2)]
    for number in (1, 2):
        run(ScriptedSystem(), f"part{number}", job=replace(JOB, shard=(number, 2)))
    for embedder, message in [
        ("nope", "unknown embedder 'nope'"),
        ("openai:text-embedding-3-large", "OPENAI_API_KEY"),
        (f"sentence-transformers:{tmp_path / 'nowhere'}", "nowhere"),
    ]:
        with pytest.raises((ValueError, EmbedderError), match=message):
            merge(folders, tmp_path / "merged", embedder=embedder, progress=False)
        assert not (tmp_path / "merged").exists()
    with pytest.raises(ValueError, match="unknown normaliser 'nope'"):
        merge(folders, tmp_path / "merged", normalizer="nope", progress=False)
    assert not (tmp_path / "merged").exists()
    score_folder(folders[1], embedder="exact", normalizer="basic", progress=False)
    with pytest.raises(ValueError, match=r"scored with different normalizers \(basic, whisper-english\); choose one"):
        merge(folders, tmp_path / "merged", progress=False)
    assert merge(folders, tmp_path / "merged", normalizer="basic", progress=False).normalizer == "basic"
