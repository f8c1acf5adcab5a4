"""The page in a real Chromium, from file://, with answers that attack it."""

from __future__ import annotations

import io
import json
import subprocess
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sseu_cli.main import main
from sseu_report.writing import Report
from tests.headless import chromium, needs_chromium, wait
from tests.sseu_report.made_report import HOSTILE, NAME

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

pytest.importorskip("selenium", reason="selenium is not installed: pip install selenium")
pytestmark = needs_chromium
CLIPS = 16


@pytest.fixture
def page(made: Report) -> Path:
    return made.page


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def browser(started: Chrome, page: Path) -> Chrome:
    """The page, freshly opened, in a wide window."""
    started.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    started.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    messages(started)
    started.get(page.as_uri())
    return started


def messages(browser: Chrome) -> list[dict[str, Any]]:
    """What the console has said since the last call."""
    found: list[dict[str, Any]] = browser.get_log("browser")  # type: ignore[no-untyped-call]
    return found


def js(browser: Chrome, script: str, *values: Any) -> Any:
    return browser.execute_script(script, *values)


def open_clip(browser: Chrome, number: int = 0) -> None:
    clip = f"document.querySelectorAll('details.clip')[{number}]"
    js(browser, f"{clip}.open = true")
    wait(lambda: js(browser, f"return {clip}.querySelector('.body')"))


def open_all(browser: Chrome) -> None:
    for number in range(CLIPS):
        open_clip(browser, number)


def open_rows(browser: Chrome) -> None:
    """Open all clips, and in them the whole answers of every system."""
    open_all(browser)
    js(browser, "for (const one of document.querySelectorAll('.grid th button')) one.click()")


def texts(browser: Chrome, selector: str) -> list[str]:
    script = "return [...document.querySelectorAll(arguments[0])].map((node) => node.textContent)"
    found: list[str] = js(browser, script, selector)
    return found


def choose(browser: Chrome, name: str, value: str) -> None:
    script = """
        const field = document.getElementById('filter-' + arguments[0]);
        field.value = arguments[1];
        field.dispatchEvent(new Event('input', {bubbles: true}));
        return field.value"""
    assert js(browser, script, name, value) == value, f"no such choice: {value}"


def shown(browser: Chrome) -> list[str]:
    titles = texts(browser, "#list > li:not([hidden]) .title")
    assert texts(browser, "#shown") == [f"{len(titles)} of {CLIPS} clips shown"]
    return titles


def test_it_opens_without_a_message_and_loads_nothing(browser: Chrome) -> None:
    assert browser.title == "SSEU-Bench report"
    assert len(shown(browser)) == CLIPS
    open_all(browser)
    wait(lambda: js(browser, "return [...document.images].every((image) => image.complete)"))
    assert js(browser, "return [...document.images].every((image) => image.naturalWidth > 0)")
    names = js(browser, "return performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert [name for name in names if not name.startswith("data:")] == []
    assert messages(browser) == []


def test_the_player_plays_and_the_playhead_moves(browser: Chrome) -> None:
    open_clip(browser)
    js(browser, "document.querySelector('audio').play()")
    wait(lambda: js(browser, "return document.querySelector('audio').currentTime") > 0.5)
    assert js(browser, "return document.querySelector('audio').duration") == pytest.approx(10, abs=0.1)
    wait(lambda: float(js(browser, "return document.querySelector('.playhead').style.left").rstrip("%")) > 2)
    js(browser, "document.querySelector('audio').currentTime = 8")
    wait(lambda: js(browser, "return document.querySelector('audio').currentTime") > 8.1)
    open_clip(browser, 1)
    js(browser, "document.querySelectorAll('audio')[1].play()")
    wait(lambda: js(browser, "return document.querySelectorAll('audio')[0].paused"))
    assert messages(browser) == []


def test_hostile_answers_stay_text(browser: Chrome) -> None:
    open_rows(browser)
    assert HOSTILE in texts(browser, "pre")
    assert f"{NAME}, joint" in texts(browser, ".answer h3")
    assert js(browser, "return window.hacked") is None
    assert js(browser, "return document.scripts.length") == 2
    assert texts(browser, ".grid img, .grid svg, .grid b, textarea") == []


def test_the_command_beneath_an_answer_reads_it_again_in_a_shell(browser: Chrome) -> None:
    open_rows(browser)
    read = set()
    for command in set(texts(browser, ".answer details code")):
        shell = f'sseu() {{ printf "%s\\0" "$@"; }}; {command}'
        words = subprocess.run(["bash", "-c", shell], check=True, capture_output=True, text=True).stdout.split("\0")[
            :-1
        ]
        assert main(words) == 0
        read.add((*words[:3], *words[4:]))
    assert ("metric", "read", "--mode", "--", HOSTILE) in read
    assert messages(browser) == []


def test_the_policy_stops_a_script_that_got_in_after_all(browser: Chrome, page: Path, tmp_path: Path) -> None:
    html = page.read_text(encoding="utf-8")
    bad = (
        "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'><p style='color: red' id='red'>x</p>"
    )
    broken = tmp_path / "broken.html"
    broken.write_text(html.replace("<main", bad + "<main", 1), encoding="utf-8")
    browser.get(broken.as_uri())
    assert js(browser, "return window.hacked") is None
    assert js(browser, "return getComputedStyle(document.getElementById('red')).color") != "rgb(255, 0, 0)"
    text = " ".join(entry["message"] for entry in messages(browser))
    assert "Content Security Policy" in text
    assert len(shown(browser)) == CLIPS


def test_filters_filter(browser: Chrome) -> None:
    everything = shown(browser)
    choose(browser, "condition", "0")
    some = shown(browser)
    assert 0 < len(some) < len(everything)
    assert all(" · 0 dB · " in title for title in some)
    choose(browser, "condition", "")
    choose(browser, "condition", "-inf")
    alone = shown(browser)
    choose(browser, "task", "asr")
    assert alone
    assert shown(browser) == []  # nobody speaks there, so nobody was asked
    js(browser, "document.querySelector('button[type=reset]').click()")
    wait(lambda: len(shown(browser)) == len(everything))


def test_outcome_and_system_hold_for_one_answer(browser: Chrome) -> None:
    open_all(browser)
    choose(browser, "task", "asr")
    for outcome, mark in {"hit": "✓ hit ", "missed": "✗ missed ", "unanswered": "! unanswered "}.items():
        choose(browser, "outcome", outcome)
        assert not any("background alone" in title for title in shown(browser))
        assert set(texts(browser, "#list > li:not([hidden]) .grid .outcome")) <= {mark}
    choose(browser, "outcome", "missed")
    both = len(shown(browser))
    choose(browser, "system", "scripted:plain")
    choose(browser, "mode", "joint")
    assert 0 < len(shown(browser)) <= both
    assert set(texts(browser, "#list > li:not([hidden]) .grid tbody th bdi")) == {"scripted:plain"}
    assert set(texts(browser, "#list > li:not([hidden]) .grid thead th + th")) == {"joint"}


def test_text_search_finds_words_of_answers_and_of_clips(browser: Chrome) -> None:
    choose(browser, "text", "stella WINDOW.HACKED=2")
    assert 0 < len(shown(browser)) < CLIPS  # joint was asked in the finite conditions only
    choose(browser, "text", "stella nowhere")
    assert shown(browser) == []
    js(browser, "document.querySelector('button[type=reset]').click()")
    title = wait(lambda: shown(browser))[0]
    choose(browser, "text", title.split(" · ")[0])
    assert title in shown(browser)


def test_errors_are_marked_by_more_than_colour(browser: Chrome) -> None:
    open_all(browser)
    for kind, element in (("substituted", "s"), ("inserted", "ins"), ("deleted", "del")):
        assert texts(browser, f".alignment .{kind} {element}"), kind
        assert texts(browser, f".alignment .{kind} .hidden")[0] == f"{kind}: "


def test_the_keyboard_is_enough(browser: Chrome) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    assert js(browser, "return document.activeElement.className") == "skip"
    summary = browser.find_element(By.CSS_SELECTOR, "details.clip > summary")
    summary.send_keys(Keys.ENTER)
    wait(lambda: js(browser, "return document.querySelector('details.clip').open"))
    browser.switch_to.active_element.send_keys(Keys.TAB)
    assert js(browser, "return document.activeElement.tagName") == "AUDIO"
    width = js(browser, "return getComputedStyle(document.activeElement).outlineWidth")
    assert width == "3px"


def test_every_control_and_image_has_a_name(browser: Chrome) -> None:
    open_all(browser)
    nodes = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    controls = {
        "button", "combobox", "searchbox", "textbox", "link", "slider", "image", "Audio", "region", "form", "table"
    }  # fmt: skip
    seen = set()
    for node in nodes:
        role = node.get("role", {}).get("value")
        if node.get("ignored") or role not in controls:
            continue
        seen.add(role)
        assert node.get("name", {}).get("value", "").strip(), node
    assert {"combobox", "searchbox", "button", "link", "image", "table"} <= seen
    assert js(browser, "return document.documentElement.lang") == "en"
    assert js(browser, "return document.querySelectorAll('main, nav, header, footer').length") >= 4
    assert js(browser, "return document.getElementById('shown').getAttribute('aria-live')") == "polite"
    ids = js(browser, "return [...document.querySelectorAll('[id]')].map((node) => node.id)")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_does_not_scroll_sideways(browser: Chrome, width: int) -> None:
    metrics = {"width": width, "height": 740, "deviceScaleFactor": 2, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    open_all(browser)
    js(browser, "for (const one of document.querySelectorAll('details')) one.open = true")
    assert js(browser, "return innerWidth") == width
    assert js(browser, "return document.documentElement.scrollWidth") <= width
    assert js(
        browser, "return [...document.querySelectorAll('.scroll')].some((box) => box.scrollWidth > box.clientWidth)"
    )


def test_light_and_dark_have_contrast_and_a_picture_is_made(browser: Chrome, tmp_path: Path) -> None:
    open_clip(browser)
    backs = []
    for scheme in ("light", "dark"):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        backs.append(js(browser, "return getComputedStyle(document.body).backgroundColor"))
        script = """
            const found = [];
            const lightness = (text) => {
              const whole = text.startsWith('color(') ? 1 : 255;
              const parts = text.match(/[\\d.]+/g).slice(0, 3).map((value) => value / whole)
                .map((value) => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
              return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
            };
            const kinds = 'p, li, a, td, th, summary, .outcome, .word, .counts, pre, label, dt';
            const clear = (node) => getComputedStyle(node).backgroundColor === 'rgba(0, 0, 0, 0)';
            for (const node of document.querySelectorAll(kinds)) {
              let back = node;
              while (back && clear(back)) back = back.parentElement;
              const [one, other] = [lightness(getComputedStyle(node).color),
                lightness(getComputedStyle(back || document.body).backgroundColor)].sort((a, b) => b - a);
              found.push((one + 0.05) / (other + 0.05));
            }
            return Math.min(...found)"""
        assert js(browser, script) >= 4.5, scheme  # WCAG 2.2, 1.4.3
        picture = tmp_path / f"{scheme}.png"
        assert browser.save_screenshot(str(picture))
        assert picture.stat().st_size > 20_000
    assert backs[0] != backs[1]


def test_the_first_screen_holds_ranking_answers_and_curves(browser: Chrome) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 1280, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    )
    assert len(texts(browser, "#summary tbody th")) == 2
    assert texts(browser, "#first h2") == ["Who is best, and is it sure?", "Where does the best fail?"]
    assert texts(browser, ".faults > summary")[0].startswith("What is wrong with the comparison: ")
    assert js(browser, "return document.getElementById('first').getBoundingClientRect().bottom") <= 800
    assert js(browser, "return document.documentElement.scrollWidth") <= 1280


def test_a_click_on_a_header_sorts_and_the_address_keeps_it(browser: Chrome, page: Path) -> None:
    from selenium.webdriver.common.by import By

    def order() -> list[str]:
        return texts(browser, "#summary tbody th .name")

    button = browser.find_elements(By.CSS_SELECTOR, "#summary thead button")[1]
    button.click()
    assert order() == sorted(order())
    button.click()
    assert order() == sorted(order(), reverse=True)
    assert (
        js(browser, "return document.querySelectorAll('#summary thead th')[1].getAttribute('aria-sort')")
        == "descending"
    )
    before, address = order(), browser.current_url
    assert address.endswith("sort-summary=1d")
    browser.get("about:blank")
    browser.get(address)
    assert order() == before


def test_a_view_of_the_clips_is_an_address(browser: Chrome, page: Path) -> None:
    choose(browser, "task", "asr")
    choose(browser, "outcome", "missed")
    wanted = shown(browser)
    clip = js(browser, "return document.querySelector('#list > li:not([hidden]) details').id")
    js(browser, f"document.getElementById('{clip}').open = true")
    wait(lambda: clip in browser.current_url)
    address = browser.current_url
    browser.get("about:blank")
    browser.get(address)
    assert shown(browser) == wanted
    wait(lambda: js(browser, f"return document.getElementById('{clip}').querySelector('.grid')"))
    assert js(browser, "return scrollY") > 0


def test_a_link_to_a_clip_opens_it_and_one_to_none_is_no_link(browser: Chrome) -> None:
    links = "document.querySelectorAll('#where td a, #where tbody th a')"
    assert js(browser, f"return {links}.length") > 0
    hrefs = js(browser, f"return [...{links}].filter((one) => one.hasAttribute('href')).map((one) => one.hash)")
    for href in hrefs:
        assert js(
            browser,
            "return document.getElementById(decodeURIComponent(arguments[0].slice(1).split('?')[0])) !== null",
            href,
        )
    js(browser, "document.querySelector('details.clip').id = 'clip-here'; location.hash = '#clip-here?task=asr'")
    wait(lambda: js(browser, "return document.querySelector('details.clip').open"))
    assert js(browser, "return document.getElementById('filter-task').value") == "asr"


def test_a_link_with_filters_brings_its_clip_to_the_top(browser: Chrome, page: Path) -> None:
    clips = js(browser, "return [...document.querySelectorAll('details.clip')].map((one) => one.id)")
    top = "return Math.abs(document.getElementById(arguments[0]).getBoundingClientRect().top)"
    for clip in (clips[-1], clips[CLIPS // 2]):
        js(browser, "location.hash = `#${arguments[0]}?mode=independent`", clip)
        wait(partial(js, browser, "return document.getElementById(arguments[0]).open", clip))
        wait(partial(js, browser, f"{top} < 2", clip))
    browser.get("about:blank")
    browser.get(f"{page.as_uri()}#{clips[-1]}?mode=independent")
    wait(lambda: js(browser, top, clips[-1]) < 2)


def test_an_address_that_asks_for_what_is_not_here_says_so(browser: Chrome, page: Path) -> None:
    js(browser, "location.hash = '#clip-none?system=Nobody&mode=joint&colour=red'")
    wait(lambda: "ignored" in texts(browser, "#shown")[0])
    assert texts(browser, "#shown")[0].endswith(
        "clips shown. The address asks for what is not on this page, which is ignored: system “Nobody”, “colour”, "
        "clip “none”."
    )
    assert js(browser, "return document.getElementById('filter-mode').value") == "joint"
    choose(browser, "task", "asr")
    assert shown(browser)
    assert "Nobody" not in browser.current_url


def test_a_link_to_clips_leads_to_some(browser: Chrome) -> None:
    hashes = js(browser, "return [...document.querySelectorAll('td a[href^=\"#clips?\"]')].map((one) => one.hash)")
    assert hashes
    for view in hashes[::25]:
        js(browser, "location.hash = arguments[0]", view)
        wait(partial(js, browser, "return location.hash === arguments[0]", view))
        wait(lambda: shown(browser))


def test_a_phone_reads_the_answers_first_and_sees_ranks_and_looks(browser: Chrome) -> None:
    metrics = {"width": 390, "height": 740, "deviceScaleFactor": 2, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    top = "return document.querySelector(arguments[0]).getBoundingClientRect().top"
    assert js(browser, top, ".first .answers") < js(browser, top, "#summary")
    for part in ("#summary tbody td.number", "#summary tbody svg.look"):
        assert js(browser, "return document.querySelector(arguments[0]).getBoundingClientRect().width", part) > 5
    assert (
        js(browser, "const box = document.querySelector('.ranked .scroll'); return box.scrollWidth - box.clientWidth")
        <= 0
    )


def test_plots_follow_the_colour_scheme_of_the_page_and_paper_is_light(browser: Chrome) -> None:
    image = pytest.importorskip("PIL.Image")
    for media, scheme, light in (("screen", "light", True), ("screen", "dark", False), ("print", "dark", True)):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
        back = js(browser, "return getComputedStyle(document.body).backgroundColor")
        assert back == ("rgb(255, 255, 255)" if light else "rgb(22, 22, 26)")
        plot = browser.find_element("css selector", "#first .on-wide img")
        shown = image.open(io.BytesIO(plot.screenshot_as_png)).convert("L")
        counts = shown.histogram()
        paper, ink = sum(counts[240:]), sum(counts[:60])
        assert (paper > 10 * ink) if light else (ink > 10 * paper)
        assert min(paper, ink) > 200  # the text, in the other tone


def test_the_first_printed_page_is_the_first_screen(browser: Chrome) -> None:
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert js(browser, "return getComputedStyle(document.getElementById('first')).breakAfter") == "page"
        for hidden in ("nav", "#filters"):
            assert js(browser, f"return getComputedStyle(document.querySelector('{hidden}')).display") == "none"
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_axe_finds_nothing(browser: Chrome) -> None:
    """The rules of axe-core, which runs beside the page's policy."""
    package = find_spec("axe_playwright_python")
    if package is None or package.submodule_search_locations is None:
        pytest.skip("no axe: pip install --no-deps axe-playwright-python")
    axe = (Path(package.submodule_search_locations[0]) / "axe.min.js").read_text(encoding="utf-8")
    open_rows(browser)
    js(browser, "for (const one of document.querySelectorAll('details')) one.open = true")
    browser.execute_cdp_cmd("Runtime.evaluate", {"expression": f"{axe}; 0"})
    run = "axe.run({resultTypes: ['violations']}).then((all) => JSON.stringify(all.violations.map((one) => one.help)))"
    answer = browser.execute_cdp_cmd(
        "Runtime.evaluate", {"expression": run, "awaitPromise": True, "returnByValue": True, "timeout": 120_000}
    )
    assert json.loads(answer["result"]["value"]) == []
