"""Hazards: stated scores that differ from the answers, other datasets, forged files, endless work, the ground truth."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sseu_dataset.records import VERSION
from sseu_leaderboard.entries.ranking import rank_spans
from sseu_leaderboard.intake.check import verify
from sseu_leaderboard.intake.reference import BoardReference, write_reference
from sseu_leaderboard.intake.verified import Verified, parse_verified
from sseu_metric.conditions import CONDITIONS
from sseu_metric.exact_embedder import ExactEmbedder
from sseu_models.job import Job
from sseu_models.records import Question, Reply
from tests.sseu_hub.made_submissions import edit, make_submission, read_lines, speaking, write_lines
from tests.sseu_models.scripted import plain_reply


def judge(folder: Path, reference: BoardReference) -> Verified:
    return verify(folder, {VERSION: reference}, embedder=ExactEmbedder(), allow_custom=True)


def test_the_scores_equal_the_runner_s(folder: Path, reference: BoardReference) -> None:
    stated = json.loads((folder / "scores.json").read_text())["modes"]
    found = judge(folder, reference)
    assert found.flags == ()
    assert found.notes == ()
    assert found.limitations == reference.dataset.limitations != ()
    for mode in ("independent", "joint"):
        for metric in ("wer", "macc", "map"):
            columns = found.cells[mode][metric]
            assert columns["average"].value == pytest.approx(stated[mode][metric], abs=1e-9)
            interval = stated[mode]["intervals"][metric]["all"]
            bounds = (None, None) if interval is None else (interval["low"], interval["high"])
            assert (columns["average"].low, columns["average"].high) == bounds
            for condition, cell in stated[mode]["by_condition"].items():
                if metric in cell:
                    assert columns[condition].value == pytest.approx(cell[metric], abs=1e-9)
    stored = parse_verified(found.to_json())
    assert stored == found
    assert len(stored.cells["joint"]["wer"]["0"].without) == sum(len(f.sizes) for f in stored.factors["joint"]["wer"])


def test_the_finite_average_is_over_the_five_finite_conditions(folder: Path, reference: BoardReference) -> None:
    columns = judge(folder, reference).cells["independent"]["wer"]
    assert set(columns) <= {"average", "finite", *CONDITIONS}
    five = [columns[condition].value for condition in CONDITIONS if not condition.endswith("inf")]
    assert columns["finite"].value == pytest.approx(sum(five) / 5)
    assert columns["average"].value == pytest.approx((sum(five) + columns["+inf"].value) / 6)


def test_submissions_of_other_runs_and_conditions_are_ranked_together(
    built: Path, folder: Path, reference: BoardReference, tmp_path: Path
) -> None:
    job = Job(modes=("independent", "joint"), runs=3, conditions="all")
    other = judge(make_submission(built, tmp_path / "other", "scripted:other", reply=speaking("x"), job=job), reference)
    ours = judge(folder, reference)
    assert (ours.runs, other.runs) == (2, 3)
    for mode in ("independent", "joint"):
        for metric in ("wer", "macc", "map"):
            factors = {"ours": ours.factors[mode][metric], "other": other.factors[mode][metric]}
            cells = {"ours": ours.cells[mode][metric]["finite"], "other": other.cells[mode][metric]["finite"]}
            assert rank_spans(cells, factors, metric).keys() == {"ours", "other"}


def test_a_dataset_with_other_snrs_has_its_own_columns(
    other_snrs: Path, reference: BoardReference, tmp_path: Path
) -> None:
    own = write_reference(other_snrs, tmp_path)
    folder = make_submission(other_snrs, tmp_path, "scripted:plain")
    cells = judge(folder, own).cells
    assert [*cells["independent"]["wer"]] == ["average", "finite", "+inf", "15", "0"]
    assert [*cells["independent"]["macc"]] == ["average", "finite", "15", "0", "-inf"]
    assert [*cells["joint"]["map"]] == ["average", "finite", "15", "0"]
    assert cells["joint"]["map"]["average"].value == cells["joint"]["map"]["finite"].value
    with pytest.raises(ValueError, match=r"made on a dataset with (recipe|conditions) "):
        judge(folder, reference)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("result.json", lambda v: v["dataset"].update(recipe="custom"), "made on a dataset with recipe 'custom'"),
        (
            "result.json",
            lambda v: v["dataset"].update(recipe="paper"),
            "dataset: it is named `paper`, but it has 9 pairs",
        ),
        (
            "result.json",
            lambda v: v["dataset"].update(version="9.9.9"),
            "made on version '9.9.9' of the dataset, this board has",
        ),
        ("result.json", lambda v: v["dataset"].update(pcm_fingerprint="f" * 64), "but the fingerprint is not"),
        (
            "result.json",
            lambda v: v["dataset"].update(fingerprint="f" * 64),
            "its transcripts or labels are not",
        ),
        ("result.json", lambda v: v["job"].update(runs=10**12), "1000000000000 runs, at most 20"),
        ("result.json", lambda v: v["job"].update(limit=1), "limited to 1 pair"),
        (
            "result.json",
            lambda v: v["prompts"].update(set="project-2"),
            r"named project-2, but the hash of 'project/asr-1' is not one of that set; run the system",
        ),
        ("scores.json", lambda v: v["modes"]["joint"].update(wer=1.0), "joint wer average is 1.0 there"),
        ("scores.json", lambda v: v["modes"]["joint"].update(wer="low"), "joint.wer: .* found 'low'"),
        ("scores.json", lambda v: v["modes"]["joint"].update(by_condition=3), "joint.by_condition: .* found 3"),
        ("scores.json", lambda v: v["modes"].pop("joint"), "no scores of the mode joint"),
        ("scores.json", lambda v: v["modes"].update(joint=[]), r"modes.joint: .* found \[\]"),
    ],
)
def test_a_forged_file_is_refused(
    folder: Path, reference: BoardReference, name: str, change: Callable[[dict[str, Any]], Any], message: str
) -> None:
    edit(folder, name, change)
    with pytest.raises(ValueError, match=message):
        judge(folder, reference)


def test_a_small_forgery_of_one_condition_is_found(folder: Path, reference: BoardReference) -> None:
    edit(folder, "scores.json", lambda v: v["modes"]["joint"]["by_condition"]["5"].update(macc=99.9))
    with pytest.raises(ValueError, match=r"joint macc 5 is 99\.9 there, .* from the answers"):
        judge(folder, reference)


def test_the_embedder_a_submission_names_is_not_opened(folder: Path, reference: BoardReference) -> None:
    edit(folder, "result.json", lambda v: v["scoring"].update(embedder="openai:steal-the-key"))
    other = {"id": "openai:steal-the-key", "revision": "http://evil.example", "dimension": 1}
    edit(folder, "scores.json", lambda v: v["modes"]["joint"].update(embedder=other, macc=99.0, map=99.0))
    found = judge(folder, reference)
    assert found.embedder == "exact"
    assert found.stated_embedder == "openai:steal-the-key"
    assert found.cells["joint"]["macc"]["average"].value != 99.0
    assert found.notes == ("its author scored with another embedder; the scores here are the board's",)


def test_a_partial_dataset_is_no_benchmark(folder: Path, reference: BoardReference) -> None:
    with pytest.raises(ValueError, match="not the benchmark; start it with --allow-custom"):
        verify(folder, {VERSION: reference}, embedder=ExactEmbedder())
    whole = replace(reference, dataset=reference.dataset.replace(recipe="paper", pairs=1117))
    with pytest.raises(ValueError, match=rf"this board's {VERSION} has 'paper'"):
        verify(folder, {VERSION: whole}, embedder=ExactEmbedder())


def test_a_board_ranks_by_english_words(folder: Path, reference: BoardReference) -> None:
    german = replace(reference, dataset=reference.dataset.replace(language="de"))
    with pytest.raises(ValueError, match=r"this board's dataset is in the language de; boards rank by English words"):
        judge(folder, german)


def test_the_ground_truth_is_flagged_under_any_name(built: Path, reference: BoardReference, tmp_path: Path) -> None:
    control = make_submission(built, tmp_path / "control", "control:ground-truth", control=True)
    equal = "equals the ground truth: independent asr, independent asc, independent at, joint asr, joint asc, joint at"
    assert (judge(control, reference).kind, judge(control, reference).flags) == ("oracle", (equal,))
    texts = {(line["id"], line["mode"], line["task"]): line["text"] for line in read_lines(control)}

    def copied(question: Question) -> Reply:
        return Reply(text=texts[question.clip_id, question.mode, question.task])

    disguised = make_submission(built, tmp_path / "disguised", "hf:lab/genius", reply=copied)
    assert judge(disguised, reference).flags == (equal,)

    def nearly(question: Question) -> Reply:
        text = texts[question.clip_id, question.mode, question.task]
        return Reply(text=f"{text} zebra" if question.task == "asr" and "_-10" not in question.clip_id else text)

    almost = judge(make_submission(built, tmp_path / "almost", "hf:lab/genius", reply=nearly), reference)
    assert almost.flags == (
        f"{equal.replace('independent asr, ', '')}",
        "equals the ground truth but for a few words: independent asr",
    )
    assert "WER does not rise with the noise" in almost.marks["independent"]["wer"][0]


def test_another_prompt_set_bears_the_hash_of_its_templates(folder: Path, reference: BoardReference) -> None:
    edit(folder, "result.json", lambda v: v["prompts"].update(set="mine"))
    found = judge(folder, reference)
    assert (found.kind, found.flags) == ("system", ())
    assert re.fullmatch(r"own \([0-9a-f]{8}\)", found.prompts)


@pytest.mark.parametrize("sent_sha256", [None, "5" * 64])
def test_answers_without_the_clip_s_hash_are_flagged(
    folder: Path, reference: BoardReference, sent_sha256: str | None
) -> None:
    write_lines(folder, [line | {"pcm_sha256": None, "sent_sha256": sent_sha256} for line in read_lines(folder)])
    assert judge(folder, reference).flags == ("did not hear the clips (pcm_sha256 is null)",)


def test_as_many_events_as_fit_are_cut(built: Path, reference: BoardReference, tmp_path: Path) -> None:
    many = "; ".join(f"e{number}" for number in range(15_000))

    def reply(question: Question) -> Reply:
        return (
            Reply(text=f"Events: {many}") if question.task == "at" and question.seed % 8 == 0 else plain_reply(question)
        )

    folder = make_submission(built, tmp_path, "scripted:many", reply=reply)
    asked: list[int] = []

    class Counting(ExactEmbedder):
        def embed(self, texts: Any) -> Any:
            asked.append(len(texts))
            return super().embed(texts)

    found = verify(folder, {VERSION: reference}, embedder=Counting(), allow_custom=True)
    assert "map" in found.cells["independent"]
    assert max(asked) < 500


def test_different_names_without_end_are_refused(
    built: Path, reference: BoardReference, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sseu_leaderboard.intake.check.MAX_NAMES", 300)

    def reply(question: Question) -> Reply:
        names = "; ".join(f"thing {question.clip_id} {question.seed} {number}" for number in range(60))
        return Reply(text=names) if question.task == "at" else plain_reply(question)

    folder = make_submission(built, tmp_path, "scripted:names", reply=reply)
    with pytest.raises(ValueError, match="name more than 300 distinct scenes and events; no model does"):
        judge(folder, reference)
