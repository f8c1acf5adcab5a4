"""Hazards: an export that lacks rows or ranks of the page, that loads from elsewhere, or whose script does nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from sseu_cli.main import main
from sseu_dataset.records import VERSION
from sseu_leaderboard.intake.confinement import Scorer
from sseu_leaderboard.intake.reference import read_references
from sseu_leaderboard.web.export import BoardFile, write_export
from sseu_leaderboard.web.serving import Board
from tests.headless import chromium, needs_chromium, wait
from tests.sseu_hub.made_submissions import make_submission, speaking


@pytest.fixture(scope="module")
def exported(references: Path, pristine: Path, built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a board with two submissions."""
    root = tmp_path_factory.mktemp("export")
    other = make_submission(built, root / "other", "hf:lab/<b>bold</b>", reply=speaking("bold"))
    for folder, name in ((pristine, "2026-03-04-0123abcd"), (other, "2026-03-05-0123abcd")):
        shutil.copytree(folder, root / "results" / "lab--model" / name)
    held = read_references(references)
    board = Board(root / "results", root / "cache", Scorer(references, "exact", True), statuses=held.statuses)
    board.datasets = {version: one.dataset for version, one in held.by_version.items()}
    board.refresh()
    write_export(board, root / "out")
    return root / "out"


def test_the_json_has_every_row_with_scores_ranks_and_data(exported: Path) -> None:
    text = (exported / "board.json").read_text()
    found = TypeAdapter(BoardFile).validate_json(text, strict=True)
    assert [*found.datasets] == [VERSION]
    assert found.datasets[VERSION].limitations != ()
    entries = {entry.system: entry for entry in found.entries}
    assert {entry.kind for entry in found.entries} == {"verified", "reported"}
    assert len(found.entries) == 9
    plain = entries["scripted:plain"]
    assert plain.submissions == ("lab--model/2026-03-04-0123abcd",)
    score = plain.scores["joint"]["wer"]["average"]
    assert (score.rank, score.rank_low) == (1, 1)
    assert plain.overall_rank["joint"] in (1, 2)
    assert entries["Kimi-Audio"].scores["independent"]["wer"]["average"].rank is None


def test_the_schema_in_the_docs_is_that_of_the_file() -> None:
    schema = json.loads((Path(__file__).resolve().parents[3] / "docs" / "schemas" / "board.json").read_text())
    assert set(schema["properties"]) == {"datasets", "entries", "schema_version"}
    assert {"overall_rank", "scores", "submissions"} <= set(schema["$defs"]["BoardEntry"]["properties"])


def test_there_is_a_page_for_each_mode_and_nothing_is_loaded(exported: Path) -> None:
    assert {path.name for path in exported.iterdir()} == {"board.json", "index.html", f"{VERSION}-joint.html"}
    for path in exported.glob("*.html"):
        text = path.read_text()
        assert "<b>bold</b>" not in text
        assert "&lt;b&gt;bold&lt;/b&gt;" in text
        assert not any(word in text for word in ("src=", "@import", "url("))


def test_the_command_names_what_is_missing(
    tmp_path: Path, references: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["board", "export", "--references", str(references), "--out", str(tmp_path / "out")]) == 2
    assert "give one of --results (a folder) and --results-repo" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.long
@needs_chromium
def test_tabs_search_order_and_details_work_without_a_server(exported: Path, tmp_path: Path) -> None:
    pytest.importorskip("selenium", reason="selenium is not installed: pip install selenium")
    with chromium(tmp_path / "profile") as browser:
        browser.get(f"file://{exported / 'index.html'}#asr")
        names = (
            "return [...document.querySelectorAll('#asr tr.entry')].filter(row => !row.hidden)"
            ".map(row => row.querySelector('.name button').textContent)"
        )
        assert (
            browser.execute_script("return [...document.querySelectorAll('section')].filter(one => !one.hidden).length")
            == 1
        )
        before = browser.execute_script(names)
        assert "Kimi-Audio" in before
        browser.execute_script("document.querySelector('#asr button[data-sort=name]').click()")
        assert browser.execute_script(names) == sorted(before, key=str.casefold)
        box = browser.find_element("css selector", "input[type=search]")
        box.send_keys("kimi")
        assert browser.execute_script(names) == ["Kimi-Audio"]
        browser.execute_script("document.querySelector('#asr tr.entry:not([hidden]) .name button').click()")
        wait(lambda: browser.execute_script("return document.querySelector('#asr .opened:not([hidden]) svg') !== null"))
        assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]
