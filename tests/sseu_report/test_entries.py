"""A `scores.json` that differs from its answers: forged, or made by other versions."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from sseu_report.entries import ScoredEntry, read_entries, score_entries
from tests.sseu_models.scripted import plain_reply


@pytest.fixture
def folder(make_scored: Any) -> Path:
    path: Path = make_scored("one", plain_reply).entry.folder
    return path


def rewrite(folder: Path, *, versions: dict[str, str], hashed: bool = True) -> ScoredEntry:
    """Another WER in `scores.json`, with the versions that `result.json` names, scored again."""
    scores, result = (json.loads((folder / name).read_text()) for name in ("scores.json", "result.json"))
    scores["modes"]["independent"]["wer"] = 0.125
    (folder / "scores.json").write_text(json.dumps(scores))
    result["scoring"]["packages"] |= versions
    if hashed:
        result["scoring"]["scores_sha256"] = hashlib.sha256((folder / "scores.json").read_bytes()).hexdigest()
    (folder / "result.json").write_text(json.dumps(result))
    return score_entries(read_entries([folder]))[0]


def test_scores_of_another_version_are_distinguished_from_forged_ones(folder: Path) -> None:
    found = rewrite(folder, versions={"numpy": "1.0.0"})
    assert found.tampered is not None
    assert found.made_by is not None
    assert found.made_by.startswith("numpy 1.0.0 (here ")
    assert found.disagreement is not None
    assert found.disagreement.startswith("scripted:one: scores.json was made with numpy 1.0.0 (here ")
    assert found.disagreement.endswith(f"Make it again with: sseu score {folder}.")


@pytest.mark.parametrize(("versions", "hashed"), [({}, True), ({"numpy": "1.0.0"}, False)])
def test_a_version_excuses_neither_the_same_version_nor_a_changed_file(
    folder: Path, versions: dict[str, str], hashed: bool
) -> None:
    found = rewrite(folder, versions=versions, hashed=hashed)
    assert found.made_by is None
    assert found.disagreement is not None
    assert "scores.json differs from the answers (scores.json, modes, independent, wer: 0.125 there, " in (
        found.disagreement
    )


def test_other_versions_with_the_same_scores_are_not_mentioned(folder: Path) -> None:
    result = json.loads((folder / "result.json").read_text())
    result["scoring"]["packages"]["numpy"] = "1.0.0"
    (folder / "result.json").write_text(json.dumps(result))
    (found,) = score_entries(read_entries([folder]))
    assert (found.tampered, found.made_by, found.disagreement) == (None, None, None)


def test_what_a_result_lacks_is_found_again_from_its_plan_and_answers(folder: Path) -> None:
    values = json.loads((folder / "result.json").read_text())
    (limited, partial) = read_entries([folder])[0].limitations
    assert limited == "limited to 3 pairs"
    assert partial.startswith("partial dataset (VCTK")
    values["incomplete"], values["dataset"]["reasons"] = [], []
    (folder / "result.json").write_text(json.dumps(values))
    scores = json.loads((folder / "scores.json").read_text())
    assert scores["limitations"] == [limited, partial]
    (folder / "scores.json").write_text(json.dumps(scores | {"limitations": []}))
    (found,) = score_entries(read_entries([folder]))
    assert found.entry.limitations == found.entry.scores.limitations == (limited, partial)
    assert found.disagreement is not None
    assert "(scores.json, limitations: " in found.disagreement
