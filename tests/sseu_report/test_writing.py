"""A whole report: its files, what it refuses, and its warnings."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from sseu_dataset import Settings, build
from sseu_models.job import Job
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request
from sseu_report import compare, writing
from sseu_report.writing import Report, report
from tests.sseu_dataset.tiny_corpora import TinyCorpora
from tests.sseu_models.scripted import ScriptedSystem, plain_reply
from tests.sseu_report.made_report import NAME


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No plots and no paired tests, which take most of the time."""
    monkeypatch.setattr(writing, "draw_plots", lambda *_: ([], []))
    monkeypatch.setattr("sseu_report.findings.collect.find_interference", lambda _: ())


def page_data(path: Path) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', path.read_text(encoding="utf-8"))
    assert found
    return json.loads(found[1])


def test_everything_is_written_and_named(made: Report) -> None:
    assert made.page.name == "report.html"
    assert {path.suffix for paths in made.tables.values() for path in paths} == {".md", ".csv", ".tex"}
    assert "table2" in made.tables
    assert {path.suffix for path in made.plots} == {".svg", ".pdf", ".png"}
    assert made.findings is not None
    findings = json.loads(made.findings.read_text())
    assert set(findings) >= {"thresholds", "interference", "hard_cases"}
    assert [(name, len(modes)) for name, modes in findings["spelling"].items()] == [("scripted:plain", 2), (NAME, 2)]
    assert "Words lost to spelling" in made.page.read_text(encoding="utf-8")
    assert not any("lenient" in path.read_text(encoding="utf-8") for paths in made.tables.values() for path in paths)
    assert all(path.stat().st_size for path in (made.page, *made.plots))
    assert (made.shown_clips, made.tampered) == (16, {})
    assert made.summary.in_order == ("scripted:plain", NAME)
    assert str(made).startswith(f"{made.summary.data}\n\nAverages over the conditions, mode independent, in %\n")


def test_names_and_answers_stay_text_on_the_page(made: Report) -> None:
    html = made.page.read_text(encoding="utf-8")
    assert NAME not in html
    assert NAME.replace("<", "&lt;").replace(">", "&gt;") in html
    assert len(re.findall("<script", html)) == 2
    raw = [raw["text"] for clip in page_data(made.page)["clips"] for answer in clip["answers"] for raw in answer["raw"]]
    assert any("</textarea></script><script>window.hacked = 1" in text for text in raw)


@pytest.mark.usefixtures("quick")
def test_the_same_folders_give_the_same_bytes(folders: list[Path], tmp_path: Path) -> None:
    one, other = (report(folders, tmp_path / name, clips=3, progress=False) for name in ("one", "other"))
    assert one.page.read_bytes() == other.page.read_bytes()
    assert one.findings is not None
    assert other.findings is not None
    assert one.findings.read_bytes() == other.findings.read_bytes()


@pytest.mark.usefixtures("quick")
def test_a_report_is_replaced_and_other_folders_are_not(folders: list[Path], tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match=r"not empty, and no report \(there is no report.json in it\); choose another"):
        report(folders, tmp_path, clips=0, progress=False)
    with pytest.raises(ValueError, match=r"notes.txt is a file; choose another --out"):
        report(folders, tmp_path / "notes.txt", clips=0, progress=False)
    with pytest.raises(ValueError, match="not empty, and no report"):
        report(folders, folders[0], clips=0, progress=False)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    out = tmp_path / "report"
    report(folders[:1], out, clips=0, progress=False)
    stale, kept = out / "tables" / "older.csv", out / "tables" / "notes.txt"
    for path in (stale, kept):
        path.write_text("")
    report(folders, out, clips=0, progress=False)
    assert [path.exists() for path in (stale, kept)] == [False, True]
    assert NAME in json.loads((out / "report.json").read_text())["entries"]


def test_wrong_requests_are_refused_before_any_work(folders: list[Path], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no results folders: name at least one"):
        report([], tmp_path / "out")
    with pytest.raises(ValueError, match="clips is -1; give 0 or more"):
        report(folders, tmp_path / "out", clips=-1)
    with pytest.raises(ValueError, match=r"not a results folder \(it has no result.json\)"):
        report([tmp_path], tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("quick")
def test_a_tampered_score_is_a_warning_and_not_shown(folders: list[Path], tmp_path: Path) -> None:
    forged = tmp_path / "forged"
    shutil.copytree(folders[0], forged)
    scores = json.loads((forged / "scores.json").read_text())
    scores["modes"]["joint"]["wer"] = 0.125
    scores["modes"]["joint"]["by_run"][0]["by_condition"]["0"]["wer"] = 0.125
    (forged / "scores.json").write_text(json.dumps(scores))
    made = report([forged], tmp_path / "out", clips=0, progress=False)
    assert "0.125 there" in made.tampered["scripted:plain"]
    assert "0.125 there" in made.page.read_text()
    assert any("scores.json differs from the answers" in fault for fault in made.summary.faults)
    assert "0.125" not in (tmp_path / "out" / "tables" / "table1_joint_wer.csv").read_text()


def test_a_log_that_is_damaged_is_refused(folders: list[Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(folders[0], broken)
    lines = (broken / "answers.jsonl").read_bytes().splitlines(keepends=True)
    (broken / "answers.jsonl").write_bytes(b"".join([*lines[:3], lines[3][:40] + b"\n", *lines[4:]]))
    with pytest.raises(ValueError, match=r"answers.jsonl line 4: not JSON"):
        report([broken], tmp_path / "out", clips=0, progress=False)


@pytest.mark.usefixtures("quick")
def test_a_log_that_was_cut_counts_what_is_missing_as_missing(folders: list[Path], tmp_path: Path) -> None:
    cut = tmp_path / "cut"
    shutil.copytree(folders[0], cut)
    content = (cut / "answers.jsonl").read_bytes()
    (cut / "answers.jsonl").write_bytes(content[: len(content) // 2])
    made = report([cut], tmp_path / "out", clips=2, progress=False)
    assert made.tampered
    assert "missing" in (tmp_path / "out" / "tables" / "rates.csv").read_text()


@pytest.mark.usefixtures("quick")
def test_without_the_dataset_there_are_tables_and_the_reason(folders: list[Path], built: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(folders[0], moved)
    result = json.loads((moved / "result.json").read_text())
    (moved / "result.json").write_text(json.dumps(result | {"data": str(tmp_path / "gone")}))
    made = report([moved], tmp_path / "out", progress=False)
    assert (made.shown_clips, made.findings) == (0, None)
    assert "not checked against the answers" in made.summary.faults[0]
    assert "Give its place with --data" in made.summary.faults[0]
    assert "There are no clips here" in made.page.read_text()
    with pytest.raises(ValueError, match="gone: no such dataset folder"):
        report([moved], tmp_path / "other", data=str(tmp_path / "gone"), progress=False)
    assert report([moved], tmp_path / "out", data=str(built), clips=2, progress=False).shown_clips == 2


@pytest.mark.usefixtures("quick")
def test_a_page_never_outgrows_its_limit(folders: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MAX_PAGE_BYTES", 1_200_000)
    made = report(folders, tmp_path / "out", clips=20, progress=False)
    assert 0 < made.shown_clips < 20
    assert made.page.stat().st_size <= 1_200_000
    assert "more clips did not fit on the page" in made.page.read_text()


@pytest.mark.usefixtures("quick")
def test_the_dataset_is_loaded_once_and_the_page_rendered_once(
    folders: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    third = tmp_path / "third"
    shutil.copytree(folders[0], third)
    calls: Counter[str] = Counter()

    def count(place: str) -> None:
        module, name = place.rsplit(".", 1)
        original = getattr(import_module(module), name)

        def counted(*values: Any, **named: Any) -> Any:
            calls[name] += 1
            return original(*values, **named)

        monkeypatch.setattr(place, counted)

    for place in (
        "sseu_dataset.loading.load_with_manifest",
        "sseu_dataset.loading.load_manifest",
        "sseu_report.writing.render_page",
    ):
        count(place)
    report([*folders, third], tmp_path / "out", clips=3, progress=False)
    assert calls == {"load_with_manifest": 1, "load_manifest": 1, "render_page": 1}


@pytest.mark.usefixtures("quick")
def test_runs_and_texts_are_results_too(folders: list[Path], tmp_path: Path) -> None:
    class LikeRun:
        folder = folders[1]

    made = report([str(folders[0]), LikeRun()], str(tmp_path / "out"), clips=0, progress=False)
    assert len(json.loads((tmp_path / "out" / "report.json").read_text())["entries"]) == 2
    assert str(made).startswith("2 results on ")
    assert str(made).endswith("report.html")


@pytest.mark.usefixtures("quick")
def test_warnings_cannot_write_to_the_terminal(make_scored: Any, tmp_path: Path) -> None:
    one = make_scored("loud", plain_reply, system="scripted:\x1b[2Jloud")
    made = report([one.entry.folder], tmp_path / "out", clips=0, progress=False)
    (warning,) = [one for one in made.summary.faults if "limited to 3 pairs" in one]
    assert warning.startswith(
        "Scores in parentheses are not scores of the whole benchmark: limited to 3 pairs; partial"
    )
    assert "\x1b" not in "".join(made.summary.faults)


def test_other_snrs_give_a_whole_report(
    pristine_corpora: TinyCorpora, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables, findings, clips and the comparison follow a dataset of 15 and 0 dB; so do curves, see `test_curves`."""
    monkeypatch.setattr(writing, "draw_plots", lambda *_: ([], []))
    data, out = tmp_path / "data", tmp_path / "report"
    settings = Settings(snrs_db=(15.0, 0.0))
    build(data, **pristine_corpora.folders, settings=settings, allow_partial=True, progress=False)
    job = Job(modes=("independent", "joint"), runs=1)
    for name in ("one", "two"):
        system = ScriptedSystem(id=f"scripted:{name}", reply=plain_reply)
        evaluate(Request(system, str(data), tmp_path / name, job=job, embedder="exact"), progress=False)
    made = report([tmp_path / "one", tmp_path / "two"], out, clips=4, progress=False)
    with (out / "tables" / "table1_independent_map.csv").open(encoding="utf-8") as file:
        row = next(csv.DictReader(file))
    shown = [float(row[name]) for name in ("snr_15", "snr_0", "snr_-inf")]
    assert "snr_inf" not in row
    assert "snr_10" not in row
    assert float(row["average"]) == pytest.approx(sum(shown) / 3, abs=1e-5)
    assert {clip["condition"] for clip in page_data(made.page)["clips"]} <= {"+inf", "15", "0", "-inf"}
    findings = json.loads((out / "findings.json").read_text())
    (threshold,) = findings["thresholds"]["scripted:one"]
    assert (threshold["highest_db"], threshold["lowest_db"]) == (15, 0)
    assert {cost["condition"] for cost in findings["speech_costs"]["scripted:one"]} == {"15"}
    assert {tuple(part["conditions"]) for part in findings["interference"]["scripted:one"]} == {("15", "0")}
    compared = compare(tmp_path / "one", tmp_path / "two", cells=True)
    assert {cell.condition for cell in compared.cells if cell.mode == "joint"} == {"15", "0"}
