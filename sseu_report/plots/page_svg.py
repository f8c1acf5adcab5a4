"""A plot as the page shows it: one small SVG that follows the reader's light or dark mode."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from sseu_report.plots.style import DARK, as_svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NUMBER = re.compile(r"-?\d+\.\d{2,}")
_FONT = re.compile(r"'[^']*'(?:, ?'[^']*')*")
_NUMERIC = ("d", "x", "y", "transform", "points", "width", "height")
_VARIABLES = {light: f"--c{number}" for number, light in enumerate(DARK)}


def page_svg(figure: Figure) -> str:
    """The SVG document.

    Its colours are CSS variables with a value for each colour scheme, its background is transparent, its font the
    system's. Ids that nothing refers to, metadata and digits beyond a tenth of a point are left out.
    """
    root = ElementTree.fromstring(as_svg(figure))
    used = set(
        re.findall(r"#([\w-]+)", " ".join(value for element in root.iter() for value in element.attrib.values()))
    )
    for parent in root.iter():
        for child in [child for child in parent if child.tag.endswith(("}metadata", "}style"))]:
            parent.remove(child)
    shown = set()
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        attributes = {name.rpartition("}")[2]: value for name, value in element.attrib.items()}
        element.attrib.clear()
        for name, value in attributes.items():
            if (name == "id" and value not in used) or value.startswith("rotate(-0 "):
                continue
            if name in _NUMERIC:
                value = _NUMBER.sub(lambda found: f"{float(found[0]):.1f}".removesuffix(".0"), value)
            elif name == "style":
                value = _FONT.sub("system-ui, sans-serif", value)
                for light, variable in _VARIABLES.items():
                    if light in value:
                        shown.add(light)
                        value = value.replace(light, f"var({variable})")
            element.set(name, value)
    root.set("xmlns", "http://www.w3.org/2000/svg")
    style = ElementTree.Element("style")
    style.text = (
        "*{stroke-linejoin:round;stroke-linecap:butt}"
        f":root{{{_declared({light: light for light in shown})}}}"
        f"@media (prefers-color-scheme:dark){{:root{{{_declared({light: DARK[light] for light in shown})}}}}}"
    )
    root.insert(0, style)
    return re.sub(r">\s+<", "><", ElementTree.tostring(root, encoding="unicode"))


def _declared(colours: dict[str, str]) -> str:
    return ";".join(f"{_VARIABLES[light]}:{colour}" for light, colour in sorted(colours.items()))
