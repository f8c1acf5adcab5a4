"""The text of the About tab, `about.html`, with the floors."""

from __future__ import annotations

import json
from html import escape
from importlib import resources

from sseu_metric.floors import FLOOR_NAMES
from sseu_metric.text_table import percent
from sseu_report.naming import METRIC_NAMES


def about() -> str:
    """The text; its floors are those of the official labels, as `sseu_report/published` has them."""
    text = (resources.files("sseu_leaderboard.web") / "about.html").read_text(encoding="utf-8")
    return f'<div class="about">{text.replace("<!-- floors -->", _floors())}</div>'


def _floors() -> str:
    path = resources.files("sseu_report") / "published" / "floors.json"
    floors = json.loads(path.read_text(encoding="utf-8"))
    rows = "".join(
        f'<tr><td class="text">{METRIC_NAMES[metric]}</td><td class="text">{escape(FLOOR_NAMES[name])}</td>'
        f"<td>{percent(floor['value'])}</td></tr>"
        for metric in METRIC_NAMES
        for name, floor in floors[metric].items()
    )
    return (
        "<h2>Floors</h2><p>What answers without understanding a clip score on the official labels (%):</p>"
        f'<table class="narrow"><thead><tr><th class="text">Metric</th><th class="text">Answer</th><th>Score</th></tr>'
        f"</thead><tbody>{rows}</tbody></table>"
    )
