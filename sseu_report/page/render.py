"""The report as one HTML file: no server, no network, nothing that a model wrote is ever markup or code.

Tables, plots and findings come as plain records and are escaped by the template. The clips go into the file as JSON;
the page's own script, which the content security policy names by its hash, puts them on the page as text.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any

from sseu_report.page.clip_records import ClipCard

_TEMPLATE, _STYLE, _SCRIPT = "report.html.j2", "report.css", "report.js"


@dataclass(frozen=True)
class PageTable:
    """A table of texts.

    Attributes:
        caption: What it shows.
        header: Titles of the columns.
        rows: Of as many texts each.
        heads: So many columns on the left name the row.
        words: So many columns after them hold words, set to the left; the others hold numbers, set to the right.
        notes: Sentences below it.
        breaks: The rows before which a rule stands.
    """

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    heads: int = 1
    words: int = 0
    notes: Sequence[str] = ()
    breaks: Sequence[int] = ()

    def __post_init__(self) -> None:
        uneven = [row for row in self.rows if len(row) != len(self.header)]
        if uneven:
            raise ValueError(
                f"table {self.caption!r:.60}: a row of {len(uneven[0])} cells under {len(self.header)} titles: "
                f"{uneven[0]!r:.80}"
            )


@dataclass(frozen=True)
class PagePlot:
    """A plot.

    Attributes:
        title: What it shows; the caption.
        svg: The whole SVG document. It is shown as an image, where no script of it runs.
        description: The same in words, for those who cannot see it.
        wide: It needs the whole width of the page.
    """

    title: str
    svg: str
    description: str
    wide: bool = False

    @property
    def uri(self) -> str:
        """The document as a data URI."""
        return f"data:image/svg+xml;base64,{base64.b64encode(self.svg.encode('utf-8')).decode('ascii')}"


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes:
        id: Of the anchor: letters, digits and `-`.
        title: A few words.
        text: Paragraphs.
        plots: Shown first.
        tables: Shown then.
    """

    id: str
    title: str
    text: Sequence[str] = ()
    plots: Sequence[PagePlot] = ()
    tables: Sequence[PageTable] = ()


@dataclass(frozen=True)
class Page:
    """All that the page shows.

    Attributes:
        title: Of the page.
        lead: One or two sentences below it.
        warnings: What a reader must know before the scores.
        sections: In order.
        systems: Names, in the order of `AnswerView.system`.
        clips: The cards.
        clips_text: Paragraphs above the clips: how they were chosen, or why there are none.
    """

    title: str
    lead: str
    warnings: Sequence[str]
    sections: Sequence[Section]
    systems: Sequence[str]
    clips: Sequence[ClipCard]
    clips_text: Sequence[str]


def render_page(page: Page) -> str:
    """The HTML document.

    Raises:
        ValueError: Style or script would end their own element.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("sseu_report.page"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    style, script = _read(_STYLE), _read(_SCRIPT)
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "img-src data:; media-src data:; base-uri 'none'; form-action 'none'"
    )
    return environment.get_template(_TEMPLATE).render(
        page=page,
        policy=policy,
        style=Markup(style),  # our own file
        script=Markup(script),
        data=Markup(script_json(clip_data(page.systems, page.clips))),  # escaped for a script element
    )


def clip_data(systems: Sequence[str], clips: Iterable[ClipCard]) -> dict[str, Any]:
    """What the page's script reads."""
    return {
        "systems": list(systems),
        "clips": [asdict(clip) for clip in clips],
    }


def script_json(value: Any) -> str:
    """JSON in ASCII that cannot end or comment out the script element around it, whatever texts it holds.

    Raises:
        ValueError: A number is not finite, which JSON does not know.
    """
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _read(name: str) -> str:
    text = files("sseu_report.page").joinpath("templates", name).read_text(encoding="utf-8")
    if "</" in text:
        raise ValueError(f"templates/{name} holds '</', which could end the element it stands in; write it otherwise")
    return text


def _hash(text: str) -> str:
    """The source expression of Content Security Policy Level 3 for an inline script or style."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}"
