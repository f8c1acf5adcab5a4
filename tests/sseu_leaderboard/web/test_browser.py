"""The page in a real Chromium, served by serve_board, with hostile entries."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sseu_leaderboard.intake.store import list_submissions
from tests.headless import chromium, free_port, needs_chromium, serving, wait
from tests.sseu_hub.made_submissions import edit, make_submission, speaking

if TYPE_CHECKING:
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

pytest.importorskip("gradio", reason="gradio is not installed: pip install -e '.[leaderboard]'")
pytest.importorskip("selenium", reason="selenium is not installed: pip install selenium")
pytestmark = needs_chromium
PROJECT = Path(__file__).resolve().parents[3]
HOSTILE = "x:<img src=q onerror='window.hacked=1'></td><script>window.hacked=2</script>${window.hacked=3}{{hacked}}"


@pytest.fixture(scope="module")
def results(pristine: Path, built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("browser")
    results = root / "results"
    shutil.copytree(pristine, results / "lab--model" / "2026-03-04-0123abcd")
    hostile = make_submission(built, root / "hostile", HOSTILE, reply=speaking("evil"), model="evil")
    shutil.copytree(hostile, results / "evil" / "2026-03-05-0123abcd")
    return results


@pytest.fixture(scope="module")
def address(results: Path, references: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running board."""
    port, log = free_port(), tmp_path_factory.mktemp("log") / "log"
    code = (
        f"from sseu_leaderboard import serve_board; serve_board({str(references)!r}, results={str(results)!r}, "
        f"embedder='exact', allow_custom=True, accept=True, host='127.0.0.1', port={port})"
    )
    with serving([sys.executable, "-c", code], port, log, cwd=PROJECT):
        yield f"http://127.0.0.1:{port}/"
    assert "Traceback" not in log.read_text()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with chromium(tmp_path_factory.mktemp("profile")) as started:
        yield started


def find(browser: Chrome, selector: str) -> list[WebElement]:
    return browser.find_elements("css selector", selector)


def systems(browser: Chrome) -> list[str]:
    names: list[str] = browser.execute_script(
        "return [...document.querySelectorAll('#board button[data-entry]')].map(button => button.textContent)"
    )
    return names


def open_page(browser: Chrome, address: str, query: str = "") -> None:
    browser.get("about:blank")
    browser.get_log("browser")  # type: ignore[no-untyped-call]
    browser.get(address + query)
    wait(lambda: find(browser, "#board table"), 40)


def click(browser: Chrome, selector: str) -> None:
    browser.execute_script("document.querySelector(arguments[0]).click()", selector)


def test_it_loads_without_errors_and_from_nowhere_else(browser: Chrome, address: str, tmp_path: Path) -> None:
    browser.get_log("performance")  # type: ignore[no-untyped-call]
    open_page(browser, address)
    assert "Kimi-Audio" in systems(browser)
    assert "scripted:plain" in systems(browser)
    assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]  # type: ignore[no-untyped-call]
    asked = {event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"}
    assert any(url.startswith(address) for url in asked)
    assert [url for url in asked if not url.startswith((address, "data:", "blob:", "about:"))] == []
    picture = tmp_path / "leaderboard.png"
    assert browser.save_screenshot(str(picture))
    assert picture.stat().st_size > 20_000


def test_an_untrusted_name_is_shown_as_text(browser: Chrome, address: str) -> None:
    open_page(browser, address)
    shown = [name for name in systems(browser) if name.startswith("x:")]
    assert shown == [HOSTILE]
    index = systems(browser).index(HOSTILE)
    browser.execute_script("document.querySelectorAll('#board button[data-entry]')[arguments[0]].click()", index)
    opened = "return document.querySelector('#board .opened')?.textContent ?? ''"
    wait(lambda: HOSTILE in browser.execute_script(opened))
    assert browser.execute_script("return window.hacked === undefined")


def test_heads_sort_and_the_address_follows(browser: Chrome, address: str) -> None:
    open_page(browser, address, "?task=asr&kinds=reported")
    first = systems(browser)
    assert first[0] == "Kimi-Audio"
    click(browser, '#board button[data-sort="average"]')
    wait(lambda: systems(browser) == first[::-1])
    wait(lambda: "reverse=1" in browser.current_url)
    click(browser, '#board button[data-sort="-10"]')
    wait(lambda: "sort=-10" in browser.current_url and "reverse" not in browser.current_url)
    before = systems(browser)
    open_page(browser, browser.current_url)
    assert systems(browser) == before


def test_filters_columns_and_the_curve_are_in_the_address(browser: Chrome, address: str) -> None:
    open_page(browser, address, "?task=at&mode=joint&columns=average,date&kinds=verified&search=plain")
    assert systems(browser) == ["scripted:plain"]
    heads = [head.text.strip(" ▲▼") for head in find(browser, "#board th")]
    assert heads == ["Rank", "System", "Average", "Date"]
    click(browser, "#board button[data-entry]")
    wait(lambda: find(browser, "#board .opened svg .chosen"))
    wait(lambda: "entry=" in browser.current_url)
    box = find(browser, "#search textarea, #search input")[0]
    box.clear()
    box.send_keys("nothing of this name")
    wait(lambda: systems(browser) == [])
    assert "No rows match." in find(browser, "#board")[0].text


def test_an_address_that_attacks_is_answered_in_words(browser: Chrome, address: str) -> None:
    open_page(browser, address, "?task=%3Cscript%3Ewindow.hacked%3D9%3C/script%3E&sort=__class__")
    text = find(browser, "#board")[0].text
    assert "In the address: task: there is no '<script>window.hacked=9" in text
    assert "Kimi-Audio" in systems(browser)
    assert browser.execute_script("return window.hacked === undefined")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 800, 1280])
def test_rank_system_and_scores_fit_every_width_and_a_curve_opens_in_view(
    browser: Chrome, address: str, width: int, dark: bool
) -> None:
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    scheme = {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", scheme)
    try:
        open_page(browser, address)
        box = "document.querySelector('#board .scroll')"
        assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
        assert browser.execute_script(f"return {box}.scrollWidth <= {box}.clientWidth")
        rows = "return [...document.querySelectorAll('#board tr.entry')].map(row => row.getBoundingClientRect().height)"
        assert max(browser.execute_script(rows)) <= 49
        light = "return getComputedStyle(document.querySelector('#board td.name')).color.match(/[0-9]+/)[0] > 128"
        assert browser.execute_script(light) is dark
        click(browser, "#board button[data-entry]")
        wait(lambda: find(browser, "#board .opened svg"))
        assert browser.execute_script(
            "const box = document.querySelector('#board .opened svg').getBoundingClientRect();"
            "return box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth"
        )
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def upload(browser: Chrome, address: str, files: list[Path]) -> str:
    open_page(browser, address)
    tabs = [tab for tab in find(browser, "button[role=tab]") if tab.text == "Submit"]
    tabs[0].click()
    chooser = wait(lambda: find(browser, "#files input[type=file]"))[0]
    chooser.send_keys("\n".join(map(str, files)))
    wait(lambda: all(file.name[:6] in find(browser, "#files")[0].text for file in files))
    click(browser, "#check")
    wait(lambda: find(browser, "#outcome strong"), 60)
    return find(browser, "#outcome")[0].text.strip()


def test_a_bad_submission_is_refused_in_words(browser: Chrome, address: str, folder: Path, results: Path) -> None:
    edit(folder, "result.json", lambda values: values["dataset"].update(version="9.9.9"))
    said = upload(browser, address, [folder / "result.json", folder / "answers.jsonl.gz"])
    assert said.startswith("Refused. result.json: made on version '9.9.9' of the dataset, this board has 1.0.0rc1")
    said = upload(browser, address, [folder / "result.json"])
    assert said.startswith("Refused. answers.jsonl.gz missing")
    assert len(list_submissions(results)) == 2


def test_a_good_submission_is_accepted_and_appears(
    browser: Chrome, address: str, built: Path, results: Path, tmp_path: Path
) -> None:
    folder = make_submission(built, tmp_path, "scripted:newcomer", reply=speaking("newcomer"))
    said = upload(browser, address, [folder / "result.json", folder / "answers.jsonl.gz", folder / "scores.json"])
    assert said.startswith("Accepted: scripted:newcomer.")
    assert len(list_submissions(results)) == 3
    open_page(browser, address)
    assert "scripted:newcomer" in systems(browser)
    assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]
