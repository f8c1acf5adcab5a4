"""The SVG of the page: small, transparent, and with two sets of colours."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from sseu_report.appearance import GREY, PALETTE
from sseu_report.plots.curves import draw_systems
from sseu_report.plots.page_svg import page_svg
from sseu_report.plots.style import BACK, DARK, INK, as_svg
from tests.sseu_report.plots.test_curves import entry


def test_every_colour_has_a_value_for_each_scheme() -> None:
    source = page_svg(draw_systems([entry()], "independent", "wer", {"api:model": PALETTE[0]}))
    style, drawn = source.split("</style>")
    light, dark = style.split("@media (prefers-color-scheme:dark)")
    for colour in (PALETTE[0].colour, INK):
        assert colour in light
        assert DARK[colour] in dark
        assert colour not in drawn
    used = set(re.findall(r"var\((--c\d+)\)", drawn))
    assert used == set(re.findall(r"(--c\d+):", light)) == set(re.findall(r"(--c\d+):", dark))
    assert not re.findall(r"#[0-9a-f]{6}\b", drawn)
    assert "fill: #ffffff" not in drawn


def test_colours_of_looks_have_one_dark_colour_each() -> None:
    assert len(DARK) == len(PALETTE) + len({GREY.colour, INK, BACK, *DARK} - {look.colour for look in PALETTE})
    assert all(DARK[look.colour] == look.dark_colour for look in (*PALETTE, GREY))


def test_it_is_a_document_with_text_and_without_what_nobody_reads() -> None:
    figure = draw_systems([entry("a <b> & 1.23456")], "independent", "wer", {"a <b> & 1.23456": PALETTE[0]})
    source, before = page_svg(figure), as_svg(figure)
    root = ElementTree.fromstring(source)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"a <b> & 1.23456", "+∞", "−10", "SNR (dB)"} <= set(texts)
    assert len(source) < 0.75 * len(before)
    for left_out in ("metadata", "<!--", "DejaVu"):
        assert left_out not in source
    referred = set(re.findall(r"(?:href=\"#|url\(#)([\w-]+)", source))
    assert referred == {element.get("id") for element in root.iter() if element.get("id")}
