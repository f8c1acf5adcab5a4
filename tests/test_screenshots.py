"""The pictures of the documentation: small, shown, and made by one command (`make screenshots`)."""

from __future__ import annotations

import io
import random
import re
from pathlib import Path

import pytest

from tests.scripts import load_script

PROJECT = Path(__file__).resolve().parents[1]
SCREENSHOTS = PROJECT / "docs" / "screenshots"


def test_every_picture_is_shown_and_all_are_small() -> None:
    pictures = sorted(SCREENSHOTS.iterdir())
    shown = re.findall(r"\]\(screenshots/([\w-]+\.png)\)", (PROJECT / "docs" / "looks.md").read_text())
    assert sorted(shown) == [picture.name for picture in pictures]
    assert sum(picture.stat().st_size for picture in pictures) < 3_000_000


def test_a_picture_becomes_smaller_and_keeps_its_size_in_pixels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = pytest.importorskip("PIL.Image")
    module = load_script("docs/make_screenshots.py")
    monkeypatch.setattr(module, "PROJECT", tmp_path)
    draws = random.Random(0)
    picture = image.new("RGB", (200, 100), "white")
    for x in range(150):
        picture.putpixel((x, draws.randrange(100)), tuple(draws.randrange(256) for _ in range(3)))
    png = io.BytesIO()
    picture.save(png, "PNG")
    module.write_small(png.getvalue(), tmp_path / "shots" / "one.png")
    small = image.open(tmp_path / "shots" / "one.png")
    assert (small.size, small.mode) == ((200, 100), "P")
    assert len(small.getcolors()) <= module.COLOURS


def test_a_picture_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SystemExit, match="no pictures are named reprot; there are report, board, space, card, demo"):
        load_script("docs/make_screenshots.py").main(["reprot"])
