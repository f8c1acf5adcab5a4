"""The Space's page: its computing and rendering, without gradio; that it is built, where gradio is installed."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from sseu_metric import EVENTS, SCENES, app
from sseu_metric.app import explain, render, show
from sseu_metric.exact_embedder import ExactEmbedder
from sseu_metric.floors import FLOOR_NAMES

REFERENCE = {"transcript": "please call Stella", "scene": "Home", "events": ["Dog", "Cat"]}
RAW = "Transcript: please call Bella now\nScene: home\nEvents: dog; a siren"


def test_explanation_of_a_raw_answer() -> None:
    found = explain(RAW, REFERENCE, ExactEmbedder())
    assert found.prediction == {"transcript": "please call Bella now", "scene": "home", "events": ("dog", "siren")}
    assert found.statuses == {"asr": "labelled", "asc": "labelled", "at": "labelled"}
    assert found.counts == (1, 0, 1, 3)
    assert found.wer == pytest.approx(200 / 3)
    assert found.scene_hit is True
    assert [(row.label, row.cosine, row.true) for row in found.scenes][:2] == [
        ("Home", 1.0, True),
        ("Restaurant", 0.0, False),
    ]
    assert sum(row.confidence for row in found.scenes) == pytest.approx(1)
    assert [row.label for row in found.events][:1] == ["Dog"]
    assert {row.label for row in found.events if row.true} == {"Dog", "Cat"}
    assert {row.label for row in found.events} == set(EVENTS)


def test_fields_and_an_answer_that_names_nothing() -> None:
    found = explain({"transcript": "", "scene": "", "events": []}, REFERENCE, ExactEmbedder())
    assert (found.wer, found.scene_hit) == (100.0, False)
    assert {row.cosine for row in (*found.scenes, *found.events)} == {None}
    assert {row.confidence for row in found.events} == {0.0}
    assert "(empty)" in render(found)
    assert "(none found)" in render(explain("What a lovely day.", REFERENCE, ExactEmbedder()))


def test_a_reference_without_words_has_no_wer() -> None:
    found = explain(RAW, REFERENCE | {"transcript": ""}, ExactEmbedder())
    assert found.wer is None
    assert "WER not defined" in render(found)


def test_everything_typed_is_escaped() -> None:
    evil = "<img src=x onerror=alert(1)>"
    page = show("", evil, evil, f"{evil}; dog", evil, "Home", ["Dog"], "exact")
    assert "<img" not in page
    assert page.count("&lt;img") >= 3
    raw = show(f"Transcript: {evil}\nScene: {evil}\nEvents: {evil}", "", "", "", evil, "Home", [], "exact")
    assert "<img" not in raw
    assert "<b>" not in show("", "x", "x", "x", "y", "<b>Home</b>", [], "exact")


def test_the_raw_answer_comes_before_the_fields() -> None:
    def page(raw: str) -> str:
        fields = "please call Stella", "Home", "dog; cat; "
        return show(raw, *fields, "please call Stella", "Home", ["Dog", "Cat"], "exact")

    assert "WER 66.67 %: 1 substituted, 0 deleted, 1 inserted, of 3." in page(RAW)
    assert "WER 0.00 %" in page("  ")
    assert "<h3>Scene: hit</h3>" in page("")


def test_faults_are_shown() -> None:
    assert "reference 0: scene holds" in show(RAW, "", "", "", "x", "", [], "exact")
    assert "unknown embedder &#x27;openai:x&#x27;; there are default, exact" in show(
        RAW, "", "", "", "x", "Home", [], "openai:x"
    )


def test_tables_hold_every_class() -> None:
    page = render(explain(RAW, REFERENCE, ExactEmbedder()))
    cells = re.findall(r"<tr(?: class=true)?><td>([^<]*)</td>", page)
    assert set(SCENES) | set(EVENTS) <= set(cells)


def test_words_that_differ_are_marked_in_both_lines() -> None:
    page = render(explain(RAW, REFERENCE, ExactEmbedder()))
    assert "please call <mark>stella</mark></p>" in page
    assert re.search(r"please call <mark>[^<]*</mark>( <mark>now</mark>)?</p>", page)
    assert "<mark>" not in render(explain(RAW.replace("Bella now", "Stella"), REFERENCE, ExactEmbedder()))


def test_classes_of_the_reference_are_ticked() -> None:
    page = render(explain(RAW, REFERENCE, ExactEmbedder()))
    assert re.findall(r"<tr class=true><td>([^<]*)</td><td>✓</td>", page) == ["Home", "Dog", "Cat"]
    assert page.count("✓") == 3


def test_published_scores_and_floors_are_those_of_the_records() -> None:
    folder = Path(app.__file__).parents[1] / "sseu_report" / "published"
    with (folder / "table1.csv").open() as file:
        rows = list(csv.DictReader(file))
    tasks = {"wer": "asr", "macc": "asc", "map": "at"}
    for metric, (_, systems) in app.PUBLISHED.items():
        paper = {row["system"]: float(row["average"]) for row in rows if row["task"] == tasks[metric]}
        assert systems == paper
    floors = json.loads((folder / "floors.json").read_text())
    for metric, named in app.FLOORS.items():
        known = {FLOOR_NAMES[name]: one["value"] for name, one in floors[metric].items()}
        assert {name: value for name, value in named.items() if name in known} == known
    card = (Path(app.__file__).parent / "README.md").read_text()
    assert "| no answer | 100 | 0 | 8.13 |" in card
    assert "| one scene for all | 100 | 16.67 | 8.13 |" in card


def test_floors_stand_among_the_systems_in_order() -> None:
    names = re.findall(r"<tr(?: class=floor)?><td>([^<]*)</td>", app.worth())
    assert names.index("Kimi-Audio") < names.index("always the best beginning of a sentence") < names.index("LTU-AS")
    assert names.index("MGA-CLAP") < names.index("knowing the corpus alone") < names.index("LTU-AS", 10)


def test_the_page_is_built() -> None:
    if find_spec("gradio") is None:
        pytest.skip("gradio is not installed")
    assert type(app.build()).__name__ == "Blocks"


def test_runs_as_a_script_in_a_flat_folder(tmp_path: Path) -> None:
    for path in Path(app.__file__).parent.glob("*.py"):
        shutil.copy(path, tmp_path)
    (tmp_path / "gradio.py").write_text("def Blocks(**_):\n    print(SystemExit('built'))\n    raise SystemExit(0)\n")
    done = subprocess.run([sys.executable, "-I", "-c", RUN, str(tmp_path)], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "built\n"), done.stderr


RUN = """
import runpy, sys
sys.path.insert(0, sys.argv[1])
runpy.run_path(sys.argv[1] + "/app.py", run_name="__main__")
"""
