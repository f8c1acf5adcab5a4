"""Renew docs/screenshots: report, leaderboard, the metric's page and dataset card in a headless Chromium.

    python docs/make_screenshots.py [report] [board] [space] [card] [demo]

The systems of report and leaderboard are invented (`tests/plausible.py`), the report `demo` is about the recogniser
that `make demo` runs. What is made on the way is kept in build/screenshots; `make browser` installs Chromium.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from sseu_hub.submission import pack
from sseu_leaderboard import write_references
from sseu_models.kinds import REFERENCE_PREFIX
from sseu_models.results.folder import read_result, read_scores
from sseu_models.results.folder_scoring import open_result_dataset, read_answers
from sseu_report import report
from tests.headless import chromium, free_port, serving, wait
from tests.plausible import plausible_results

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

PROJECT = Path(__file__).resolve().parents[1]
SCREENSHOTS = PROJECT / "docs" / "screenshots"
DEMO = PROJECT / "demo"
WORK = PROJECT / "build" / "screenshots"
SYSTEMS = 14
SIZES = {1280: 900, 800: 1000, 390: 844}
"""Width and height of a desktop window, a tablet and a phone, in CSS pixels."""
COLOURS = 256


@dataclass(frozen=True)
class Shot:
    """A picture to take.

    Attributes:
        name: Start of the file name; the width follows.
        address: What to open.
        ready: CSS selector of what is there once the page is complete.
        dark: In the dark scheme too.
        click: CSS selector of what to click first.
        shown: CSS selector of what is there after the click.
        widths: Window widths in CSS pixels.
        height: Window height in CSS pixels; 0 for that of `SIZES`.
    """

    name: str
    address: str
    ready: str
    dark: bool = False
    click: str = ""
    shown: str = ""
    widths: tuple[int, ...] = tuple(SIZES)
    height: int = 0


def take(browser: Chrome, shot: Shot) -> None:
    """The first screen of a page at each width."""
    browser.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
    for scheme in ("light", "dark") if shot.dark else ("light",):
        for width in shot.widths:
            browser.execute_cdp_cmd(
                "Emulation.setDeviceMetricsOverride",
                {
                    "width": width,
                    "height": shot.height or SIZES[width],
                    "deviceScaleFactor": 1,
                    "mobile": width < 500,
                },
            )
            features = [{"name": "prefers-color-scheme", "value": scheme}]
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
            browser.get(shot.address)
            wait(lambda: browser.find_elements("css selector", shot.ready), 60)
            if shot.click:
                browser.execute_script("document.querySelector(arguments[0]).click()", shot.click)
                wait(lambda: browser.find_elements("css selector", shot.shown), 60)
            wait(lambda: browser.execute_script("return document.fonts.status == 'loaded'"))
            name = f"{shot.name}-{width}{'-dark' if scheme == 'dark' else ''}.png"
            write_small(browser.get_screenshot_as_png(), SCREENSHOTS / name)


def write_small(png: bytes, path: Path) -> None:
    """The picture with a palette, which is enough for pages and a third of the size."""
    from PIL import Image

    path.parent.mkdir(exist_ok=True)
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(COLOURS, kmeans=1, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.relative_to(PROJECT)}: {path.stat().st_size // 1000} kB")


@contextmanager
def report_shots() -> Iterator[Shot]:
    """A report about invented systems."""
    page = report(_invented(), WORK / "report", progress=True).page
    yield Shot("report", page.as_uri(), "main", dark=True)


@contextmanager
def demo_shots() -> Iterator[Shot]:
    """A report about what was really run."""
    results = sorted((DEMO / "results").iterdir())
    page = report(results, WORK / "demo-report", progress=True).page
    yield Shot("demo-report", page.as_uri(), "main", widths=(1280,), height=535)


@contextmanager
def board_shots() -> Iterator[Shot]:
    """A leaderboard that has scored the invented systems' submissions itself."""
    references, results = WORK / "references", WORK / "submissions"
    if not references.exists():
        write_references(str(DEMO / "sseu-bench"), references)
    for number, folder in enumerate(_invented()):
        result = read_result(folder)
        if not result.system.startswith(REFERENCE_PREFIX):
            kind, _, name = result.system.partition(":")
            model = name if kind == "hf" else f"lab/{folder.name}"
            day = date(2026, 3, 2 + number)
            _submit(folder, model, results / model.replace("/", "--") / f"{day}-{number:08x}")
    port = free_port()
    code = (
        f"from sseu_leaderboard import serve_board; serve_board({str(references)!r}, results={str(results)!r}, "
        f"embedder='exact', allow_custom=True, host='127.0.0.1', port={port})"
    )
    with serving([sys.executable, "-c", code], port, WORK / "board.log", cwd=PROJECT):
        yield Shot("board", f"http://127.0.0.1:{port}/", "#board table")


@contextmanager
def space_shots() -> Iterator[Shot]:
    """The metric's page, after its button was pressed; with the embedder that needs no weights."""
    port = free_port()
    environment = os.environ | {"GRADIO_SERVER_PORT": str(port), "GRADIO_ANALYTICS_ENABLED": "False"}
    code = (
        "from sseu_metric import app; app.EMBEDDERS = app.EMBEDDERS[::-1]; "
        "app.EXAMPLE = 'Transcript: Please call Bella now.\\nScene: home\\nEvents: dog; a siren'; app.main()"
    )
    with serving([sys.executable, "-c", code], port, WORK / "space.log", cwd=PROJECT, env=environment):
        yield Shot("space", f"http://127.0.0.1:{port}/", "#score", dark=True, click="#score", shown="#found table")


@contextmanager
def card_shots() -> Iterator[Shot]:
    """The dataset card as a page, about as the Hub shows it."""
    from markdown_it import MarkdownIt

    data = DEMO / "sseu-bench"
    text = (data / "README.md").read_text(encoding="utf-8").split("---\n", 2)[2]
    body = MarkdownIt("gfm-like", {"linkify": False}).render(text)
    page = data / "card.html"
    try:
        page.write_text(f"<!doctype html><meta charset=utf-8>{_VIEWPORT}{_HUB_STYLE}<main>{body}</main>", "utf-8")
        yield Shot("card", page.as_uri(), "main")
    finally:
        page.unlink()


_VIEWPORT = '<meta name="viewport" content="width=device-width">'
_HUB_STYLE = """<style>
body { font: 16px/1.6 system-ui, sans-serif; color: #1f2937; margin: 0 }
main { max-width: 62rem; margin: 1.5rem auto; padding: 0 1rem; overflow-wrap: break-word }
table { border-collapse: collapse; display: block; overflow-x: auto; font-size: 14px }
td, th { border: 1px solid #e5e7eb; padding: .25rem .6rem; text-align: left }
pre { background: #f6f8fa; padding: .75rem; overflow-x: auto; font-size: 13px }
img { max-width: 100% }
</style>"""

PAGES = {
    "report": report_shots,
    "board": board_shots,
    "space": space_shots,
    "card": card_shots,
    "demo": demo_shots,
}


def _invented() -> list[Path]:
    return plausible_results(DEMO / "sseu-bench", WORK / "results", SYSTEMS)


def _submit(run: Path, model: str, folder: Path) -> None:
    """Pack a results folder as `sseu submit` does."""
    result = read_result(run)
    _, answers = read_answers(run, result, open_result_dataset(result))
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in pack(model, result, read_scores(run), list(answers.values())).items():
        (folder / name).write_bytes(data)


def main(names: list[str]) -> None:
    """Take the pictures of some pages, by default of all."""
    if unknown := [name for name in names if name not in PAGES]:
        raise SystemExit(f"no pictures are named {', '.join(unknown)}; there are {', '.join(PAGES)}")
    os.environ["HF_HUB_OFFLINE"] = "1"
    WORK.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile, chromium(Path(profile)) as browser:
        for name in names or PAGES:
            with PAGES[name]() as shot:
                take(browser, shot)


if __name__ == "__main__":
    main(sys.argv[1:])
