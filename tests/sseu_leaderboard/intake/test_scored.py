"""Hazards: scoring the same again, outdated records, one bad submission that hides the others."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from sseu_dataset.records import VERSION
from sseu_leaderboard.intake.confinement import CheckFailedError, IntakeError, Scorer
from sseu_leaderboard.intake.scored import score_all
from sseu_leaderboard.intake.store import add_submission, hash_files
from sseu_leaderboard.intake.verified import Verified
from tests.sseu_leaderboard.intake.test_store import make_upload
from tests.sseu_leaderboard.made_records import make_verified

RECORD = make_verified()


class Judge:
    """Counts what it is asked; refuses what says so."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, folder: Path, scorer: Scorer) -> Verified:
        content = (folder / "result.json").read_text()
        self.asked.append(content)
        if content == "bad":
            raise ValueError("it is bad")
        if content == "strange":
            raise CheckFailedError("the check broke off on it")
        if content == "no embedder":
            raise IntakeError("no embedder")
        return replace(RECORD, sha256=hash_files(folder), system=content)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    for number, content in enumerate(("good", "bad", "strange")):
        add_submission(tmp_path / "results", make_upload(tmp_path / content, content), content, now_s=number * 86_400)
    return tmp_path / "results"


def test_each_is_judged_once(results: Path, tmp_path: Path, scorer: Scorer) -> None:
    judge = Judge()
    first = score_all(results, tmp_path / "cache", scorer, verify=judge)
    assert [one.system for _, one in first.verified] == ["good"]
    assert [reason for _, reason in first.refused] == ["it is bad", "the check broke off on it"]
    again = score_all(results, tmp_path / "cache", scorer, verify=judge)
    assert again == first
    assert judge.asked == ["good", "bad", "strange", "strange"]


def test_another_reference_embedder_or_damage_is_judged_anew(results: Path, tmp_path: Path, scorer: Scorer) -> None:
    judge, cache = Judge(), tmp_path / "cache"
    score_all(results, cache, scorer, verify=judge)
    score_all(results, cache, replace(scorer, embedder="default"), verify=judge)
    other = Path(shutil.copytree(scorer.references, tmp_path / "other"))
    with (other / f"v{VERSION}.jsonl").open("a") as file:
        file.write("\n")
    score_all(results, cache, replace(scorer, references=other), verify=judge)
    assert judge.asked.count("good") == 3
    for path in cache.iterdir():
        path.write_text(path.read_text()[:20])
    score_all(results, cache, scorer, verify=judge)
    assert judge.asked.count("good") == 4


def test_a_copy_under_another_name_is_refused(results: Path, tmp_path: Path, scorer: Scorer) -> None:
    make_upload(results / "thief" / "2026-05-05-abcdef12", "good")
    found = score_all(results, tmp_path / "cache", scorer, verify=Judge())
    assert [stored.model for stored, _ in found.verified] == ["good"]
    assert ("thief", "the same files as an earlier submission") in [(one.model, why) for one, why in found.refused]


def test_a_board_that_cannot_score_says_so(results: Path, tmp_path: Path, scorer: Scorer) -> None:
    add_submission(results, make_upload(tmp_path / "x", "no embedder"), "x")
    with pytest.raises(IntakeError, match="no embedder"):
        score_all(results, tmp_path / "cache", scorer, verify=Judge())
