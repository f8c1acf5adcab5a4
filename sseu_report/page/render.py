"""The page as one HTML file: no server, no network, and nothing that a model wrote is ever markup or code.

Tables, plots and findings come as plain records and are escaped by the templates. The clips go into the file as JSON;
the page's own script, which the content security policy names by its hash, puts them on the page as text.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from typing import Any
from urllib.parse import quote, urlencode

from sseu_report.page.clips.records import ClipCard
from sseu_report.page.first_screen import FirstScreen, look_css
from sseu_report.tables.records import Mark

_TEMPLATE, _CLIPS, _STYLE, _SCRIPTS = "report.html.j2", "clips.html.j2", "report.css", ("report.js", "clips.js")
_MAX_TEXT_BYTES = 8_000  # of the paragraphs above the clips and the rules of the parser


@dataclass(frozen=True)
class PageCell:
    """A cell with more than one text.

    Attributes:
        text: What it shows.
        small: An interval, to stand small below or beside it.
        mark: Shown bold if `best`, with a † if `not worse`: a note below the table says so.
        value: The number to sort by; None for texts, and where there is no score.
        link: Of the text: `#` and an anchor, behind it `?` and the values of filters (`view_link`).
        shade: In a heat map, from 0 (the lowest score) to 9.
    """

    text: str
    small: str = ""
    mark: Mark = ""
    value: float | None = None
    link: str = ""
    shade: int | None = None

    def __str__(self) -> str:
        """Both texts."""
        dagger = "†" if self.mark == "not worse" else ""
        return f"{self.text}{dagger} {self.small}".rstrip()


@dataclass(frozen=True)
class PageTable:
    """A table of texts.

    Attributes:
        caption: Title of the table.
        header: Titles of the columns.
        rows: As many cells each.
        heads: Number of columns on the left that name the row.
        words: Number of columns after them that hold words, set to the left; the others hold numbers, set to the right.
        notes: Sentences below the table.
        breaks: Numbers of the rows that have a rule above them.
        name: For links and files; letters, digits and `_`. Empty where `texts` is.
        sentence: What it shows, in one line.
        texts: The whole table for other programs: `csv`, `md` and `tex`, by the suffix of a file.
    """

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str | PageCell]]
    heads: int = 1
    words: int = 0
    notes: Sequence[str] = ()
    breaks: Sequence[int] = ()
    name: str = ""
    sentence: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PagePlot:
    """A plot.

    Attributes:
        title: The caption.
        svg: The whole SVG document. It is shown as an image, in which no script runs.
        description: Its content in words, for those who cannot see it.
        wide: Whether it needs the whole width of the page.
        name: Of its file, without the suffix.
    """

    title: str
    svg: str
    description: str
    wide: bool = False
    name: str = ""

    @property
    def uri(self) -> str:
        """The document as a data URI."""
        return f"data:image/svg+xml;base64,{base64.b64encode(self.svg.encode('utf-8')).decode('ascii')}"


@dataclass(frozen=True)
class Block:
    """Plots and tables about one thing.

    Attributes:
        title: Its heading.
        sentence: What it shows, in one line.
        text: Paragraphs.
        plots: Shown after the text.
        tables: Shown after the plots.
        is_open: Whether it is open before a reader opens it.
    """

    title: str
    sentence: str = ""
    text: Sequence[str] = ()
    plots: Sequence[PagePlot] = ()
    tables: Sequence[PageTable] = ()
    is_open: bool = False


@dataclass(frozen=True)
class Section:
    """A section of the page.

    Attributes:
        id: Id of its anchor: letters, digits and `-`.
        title: Its heading.
        blocks: Its content.
    """

    id: str
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Page:
    """What the page shows beside the clips.

    Attributes:
        title: Title of the page.
        first: The first screen.
        texts: The ranked summary for other programs, by the suffix of a file.
        plots: The metrics against the SNR, on the first screen.
        narrow_plots: The same where the screen is narrow, a plot for each metric.
        sections: The sections, in order.
        systems: Names of the systems, in the order of `AnswerView.system`.
    """

    title: str
    first: FirstScreen
    texts: Mapping[str, str]
    plots: Sequence[PagePlot]
    narrow_plots: Sequence[PagePlot]
    sections: Sequence[Section]
    systems: Sequence[str]


@dataclass(frozen=True)
class ClipSection:
    """The clips of the page.

    Attributes:
        text: Paragraphs above the clips: how they were chosen, or why there are none.
        cards: The clips.
        controls: Which systems are not counted, as in `AnswerView.system`.
        rules: What the rules of the parser say that `TaskView.rule` names.
    """

    text: Sequence[str]
    cards: Sequence[ClipCard] = ()
    controls: Sequence[int] = ()
    rules: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RenderedPage:
    """The HTML of a page before and after its section of clips."""

    before: str
    after: str
    systems: Sequence[str]

    @property
    def size(self) -> int:
        """At most how many bytes the page takes without cards of clips."""
        around = _MAX_TEXT_BYTES + len(_read(_CLIPS)) + len(script_json(list(self.systems)))
        return len(_encodable(self.before + self.after).encode()) + around


def view_link(anchor: str, **filters: str) -> str:
    """A link to a place on the page, with filters of the clips set."""
    query = urlencode({name: value for name, value in filters.items() if value})
    return f"#{quote(anchor, safe='')}" + (f"?{query}" if query else "")


def render_page(page: Page) -> RenderedPage:
    """The HTML document without its clips, so that as many can follow as there is space for."""
    from markupsafe import Markup

    style, script = _read(_STYLE) + look_css(), "".join(map(_read, _SCRIPTS))
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "img-src data:; media-src data:; base-uri 'none'; form-action 'none'"
    )
    # Everything untrusted is escaped, so that this mark can only be the template's own.
    mark = "<!-- clips -->"
    html = _render(
        _TEMPLATE,
        page=page,
        policy=policy,
        style=Markup(style),  # our own file
        script=Markup(script),
        clips=Markup(mark),
    )
    before, after = html.split(mark)
    return RenderedPage(before, after, page.systems)


def add_clips(page: RenderedPage, clips: ClipSection) -> str:
    """The whole HTML document; a lone surrogate, which JSON can hold and UTF-8 cannot, becomes a question mark."""
    from markupsafe import Markup

    values = {
        "systems": list(page.systems),
        "controls": list(clips.controls),
        "rules": dict(clips.rules),
        "clips": [asdict(card) for card in clips.cards],
    }
    data = Markup(script_json(values))  # escaped for a script element
    return _encodable(page.before + _render(_CLIPS, clips=clips, data=data) + page.after)


def _render(template: str, **values: Any) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("sseu_report.page"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["data_uri"] = _text_uri
    environment.globals["anchor"] = _anchors()
    return environment.get_template(template).render(**values)


def _anchors() -> Callable[[str], str]:
    """A function that makes an id of a title, another one each time."""
    seen: Counter[str] = Counter()

    def anchor(title: str) -> str:
        slug = re.sub("[^a-z0-9]+", "-", title.lower()).strip("-") or "part"
        seen[slug] += 1
        return slug if seen[slug] == 1 else f"{slug}-{seen[slug]}"

    return anchor


def _text_uri(text: str) -> str:
    """A text as a data URI."""
    return f"data:text/plain;charset=utf-8;base64,{base64.b64encode(text.encode('utf-8', 'replace')).decode('ascii')}"


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def script_json(value: Any) -> str:
    """JSON in ASCII that cannot end or comment out the script element around it, whatever texts it holds.

    Raises:
        ValueError: A number is not finite, which JSON does not know.
    """
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _read(name: str) -> str:
    return files("sseu_report.page").joinpath("templates", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """The source expression of Content Security Policy Level 3 for an inline script or style."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}"
