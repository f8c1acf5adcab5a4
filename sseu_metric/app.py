"""The Space's page: enter an answer and the ground truth, see how it is parsed, compared and scored.

`explain` computes, `render` writes HTML in which all user input is escaped; only `build` and `main` need gradio. A
Space runs this file as a script, see the end.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import gradio

    from .embedder_protocol import Embedder

EXAMPLE = "Transcript: Please call Stella.\nScene: a kitchen\nEvents: dog barking; traffic"
MAX_CHARACTERS = 20_000
EMBEDDERS = ("default", "exact")
"""What the page offers; the first is chosen."""

PUBLISHED: Mapping[str, tuple[str, Mapping[str, float]]] = {
    "wer": (
        "WER, lower is better",
        {"LTU-AS": 89.29, "Qwen2-Audio-Instruct": 14.5, "Kimi-Audio": 8.78, "Step-Audio 2 Mini": 18.88},
    ),
    "macc": (
        "mACC, higher is better",
        {"CLAP": 56.85, "LAION-CLAP": 67.91, "MGA-CLAP": 53.15}
        | {"LTU-AS": 23.6, "Qwen2-Audio-Instruct": 32.48, "Kimi-Audio": 24.78, "Step-Audio 2 Mini": 38.2},
    ),
    "map": (
        "mAP, higher is better",
        {"CLAP": 57.95, "LAION-CLAP": 62.2, "MGA-CLAP": 64.29}
        | {"LTU-AS": 27.05, "Qwen2-Audio-Instruct": 34.54, "Kimi-Audio": 26.51, "Step-Audio 2 Mini": 38.11},
    ),
}
"""By metric its title and the averages of the paper's Table 1, in percent."""

FLOORS: Mapping[str, Mapping[str, float]] = {
    "wer": {"always the best beginning of a sentence": 69.0, "always the commonest sentence": 75.58, "no answer": 100},
    "macc": {"knowing the corpus alone": 33.33, "one scene for all": 16.67},
    "map": {"knowing the scene alone": 29.75, "knowing the corpus alone": 14.71, "no answer": 8.13},
}
"""By metric what answers without understanding score on the complete corpora, in percent (README.md)."""

STYLE = """
.parts {display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); gap: 1.5rem}
section {border: 1px solid var(--border-color-primary); border-radius: .5rem; padding: .75rem}
section {min-width: 0; overflow-x: auto}
h3, p, table {color: var(--body-text-color)} h3 {margin: 0 0 .5rem; font-size: 1.1rem; font-weight: 600}
p {margin: .4rem 0; overflow-wrap: anywhere} small {display: block; opacity: .8}
.read {border-left: .25rem solid var(--color-accent); padding-left: .6rem}
mark {background: #b02a37; color: #fff; border-radius: .2rem; padding: 0 .2rem}
table {width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums} table, tr, th, td {border: 0}
th, td {text-align: right; padding: .2rem .3rem; border-bottom: 1px solid var(--border-color-primary)}
th:first-child, td:first-child {text-align: left} td:last-child {white-space: nowrap}
th {font-weight: 600} .true {font-weight: 700} .floor td:first-child {font-style: italic}
.bar {display: inline-block; width: clamp(1.5rem, 7vw, 4rem); height: .6em; margin-left: .5rem; background: #8884}
.bar i {display: block; height: 100%; background: #2f6fdb} .floor .bar i {background: #85858f}
"""


@dataclass(frozen=True)
class Similarity:
    """How similar an answer is to one class.

    Attributes:
        label: Name of the class.
        cosine: The largest cosine of a named scene or event with the label; None where nothing is named.
        confidence: Eq. (1), or (2) and (3), of the paper.
        true: Whether the reference holds the class.
    """

    label: str
    cosine: float | None
    confidence: float
    true: bool


@dataclass(frozen=True)
class Explanation:
    """The scores of one answer and their intermediate values.

    Attributes:
        prediction: `transcript`, `scene`, `events` as parsed.
        statuses: Parse status of each task.
        counts: Substitutions, deletions, insertions and reference words, after the normaliser.
        wer: In percent; None without reference words.
        normalised: Reference and transcript after the normaliser.
        scenes: In falling order of confidence.
        scene_hit: Whether the true scene alone has the highest confidence.
        events: In falling order of confidence.
        embedder: Id of the text embedder.
    """

    prediction: Mapping[str, Any]
    statuses: Mapping[str, str]
    counts: tuple[int, int, int, int]
    wer: float | None
    normalised: tuple[str, str]
    scenes: tuple[Similarity, ...]
    scene_hit: bool
    events: tuple[Similarity, ...]
    embedder: str


def explain(prediction: str | Mapping[str, Any], reference: Mapping[str, Any], embedder: Embedder) -> Explanation:
    """Score one answer and keep the intermediate values.

    Args:
        prediction: The raw text of a joint answer, or `transcript`, `scene`, `events`.
        reference: Ground truth, with the same three keys.
        embedder: Text embedder that compares names with labels.

    Raises:
        ValueError: The reference names no scene, or a value is of the wrong type.
        EmbedderError: The embedder cannot answer.
    """
    from .labels import EVENTS, SCENES
    from .normalisers import normalise
    from .predictions import as_prediction
    from .scoring import score
    from .similarity import similarities

    def compare(names: Sequence[str | None], labels: tuple[str, ...], task: str, true: Any) -> tuple[Similarity, ...]:
        texts = [name for name in names if name and name.strip()]
        cosines = similarities(embedder, texts, labels).max(axis=0).tolist() if texts else [None] * len(labels)
        columns = zip(labels, cosines, tables[task]["confidences"][0].tolist(), true, strict=True)
        return tuple(sorted((Similarity(*column) for column in columns), key=lambda row: -row.confidence))

    parsed = as_prediction(prediction) if isinstance(prediction, str) else prediction
    scores = score([parsed], [reference], embedder=embedder)
    tables = scores.tables
    normal_reference, normal_transcript = normalise([reference["transcript"], parsed["transcript"] or ""])
    return Explanation(
        prediction={key: parsed[key] for key in ("transcript", "scene", "events")},
        statuses={task: str(rows["status"][0]) for task, rows in tables.items()},
        counts=tuple(tables["asr"]["counts"][0].tolist()),
        wer=scores.value("wer"),
        normalised=(normal_reference, normal_transcript),
        scenes=compare([parsed["scene"]], SCENES, "asc", [label == reference["scene"] for label in SCENES]),
        scene_hit=bool(tables["asc"]["hit"][0]),
        events=compare(parsed["events"] or (), EVENTS, "at", tables["at"]["truth"][0].tolist()),
        embedder=embedder.id,
    )


def render(explanation: Explanation) -> str:
    """The explanation as HTML: words, scene and events side by side where there is room."""
    parsed, (substitutions, deletions, insertions, words) = explanation.prediction, explanation.counts
    events = None if parsed["events"] is None else "; ".join(parsed["events"])
    wer = "not defined" if explanation.wer is None else f"{explanation.wer:.2f} %"
    said = f"<p>WER {wer}: {substitutions} substituted, {deletions} deleted, {insertions} inserted, of {words}.</p>"
    ranking = "<p>Average precision ranks many clips by the confidence of one class; one clip has none.</p>"
    parts = {
        "asr": ("Words", parsed["transcript"], [*_diff(*explanation.normalised), said]),
        "asc": (
            f"Scene: {'hit' if explanation.scene_hit else 'missed'}",
            parsed["scene"],
            [_class_table(explanation.scenes)],
        ),
        "at": ("Events", events, [_class_table(explanation.events), ranking]),
    }
    sections = [
        f"<section><h3>{title}</h3>\n{_as_read(value, explanation.statuses[task])}\n{chr(10).join(lines)}</section>"
        for task, (title, value, lines) in parts.items()
    ]
    return f'<div class="parts">{"".join(sections)}</div><p>Embedder: {escape(explanation.embedder)}</p>'


def _as_read(value: str | None, status: str) -> str:
    text = "(none found)" if value is None else value or "(empty)"
    return f'<p class="read"><small>read as, {escape(status)}</small>{escape(text)}</p>'


def _diff(reference: str, transcript: str) -> list[str]:
    """Reference and transcript after the normaliser, words that differ marked in both."""
    from rapidfuzz.distance import Levenshtein

    said = (reference.split(), transcript.split())
    marked: tuple[list[str], list[str]] = ([], [])
    for step in Levenshtein.opcodes(*said):
        spans = (said[0][step.src_start : step.src_end], said[1][step.dest_start : step.dest_end])
        for words, line in zip(spans, marked, strict=True):
            text = escape(" ".join(words))
            line += [text if step.tag == "equal" else f"<mark>{text}</mark>"] if text else []
    names = ("reference", "transcript")
    return [
        f"<p><small>{name}, normalised</small>{' '.join(line)}</p>" for name, line in zip(names, marked, strict=True)
    ]


def _class_table(similarities: Sequence[Similarity]) -> str:
    """Classes by confidence, each with a bar; those of the reference are ticked and bold."""
    rows = [
        f"<tr{' class=true' * row.true}><td>{escape(row.label)}</td><td>{'✓' * row.true}</td>"
        f"<td>{'-' if row.cosine is None else f'{row.cosine:.3f}'}</td>"
        f"<td>{row.confidence:.3f}{_bar(100 * row.confidence)}</td></tr>"
        for row in similarities
    ]
    head = "<tr><th>class</th><th>true</th><th>cosine</th><th>confidence</th></tr>"
    return "\n".join(["<table>", head, *rows, "</table>"])


def _bar(percent: float) -> str:
    return f'<span class="bar"><i style="width:{max(0.0, min(percent, 100.0)):.1f}%"></i></span>'


def worth() -> str:
    """What scores on the whole benchmark are worth: the paper's systems among the floors, best first, as HTML."""
    sections = []
    for metric, (title, systems) in PUBLISHED.items():
        rows = [(name, score, "") for name, score in systems.items()]
        rows += [(name, score, " class=floor") for name, score in FLOORS[metric].items()]
        lines = [
            f"<tr{kind}><td>{escape(name)}</td><td>{score:.2f}{_bar(score)}</td></tr>"
            for name, score, kind in sorted(rows, key=lambda row: row[1] if metric == "wer" else -row[1])
        ]
        sections.append(f"<section><h3>{escape(title)}</h3><table>{''.join(lines)}</table></section>")
    note = (
        "<p>Independent answers, averages over six SNRs, in percent: the systems of the paper's Table 1 (with "
        "text-embedding-3-large), and in grey what an answer scores that understands nothing of a clip, on the label "
        "counts of the complete corpora.</p>"
    )
    return f'{note}<div class="parts">{"".join(sections)}</div>'


def show(
    answer: str,
    transcript: str,
    scene: str,
    events: str,
    true_transcript: str,
    true_scene: str,
    true_events: list[str],
    embedder: str,
) -> str:
    """Handle the button: score the raw answer if there is one, else the three fields; errors are shown, not raised."""
    from .embedder_protocol import EmbedderError

    names = [name.strip() for name in events.split(";") if name.strip()]
    prediction = answer if answer.strip() else {"transcript": transcript, "scene": scene, "events": names}
    reference = {"transcript": true_transcript, "scene": true_scene, "events": true_events}
    try:
        return render(explain(prediction, reference, _embedder(embedder)))
    except (ValueError, ImportError, EmbedderError) as error:
        return f"<p>{escape(str(error))}</p>"


@cache
def _embedder(name: str) -> Embedder:
    from .embedders import make_embedder

    if name not in EMBEDDERS:
        raise ValueError(f"unknown embedder {name!r}; there are {', '.join(EMBEDDERS)}")
    return make_embedder(name)


def build() -> gradio.Blocks:
    """The page as gradio blocks: the inputs above, the explanation below."""
    import gradio

    from .labels import EVENTS, SCENES

    with gradio.Blocks(title="SSEU-Bench metric", fill_width=True, analytics_enabled=False) as page:
        gradio.Markdown(
            "# SSEU-Bench metric\nWhat did the model hear? Enter its answer and the ground truth, and see how the "
            "answer is read, compared and scored."
        )
        with gradio.Row():
            with gradio.Column():
                answer = gradio.Textbox(EXAMPLE, label="Raw answer", lines=4, max_length=MAX_CHARACTERS)
                with gradio.Accordion("or in three fields (used if the raw answer is empty)", open=False):
                    transcript = gradio.Textbox("", label="Transcript", max_length=MAX_CHARACTERS)
                    scene = gradio.Textbox("", label="Scene", max_length=MAX_CHARACTERS)
                    events = gradio.Textbox("", label="Events, separated by ;", max_length=MAX_CHARACTERS)
                embedder = gradio.Dropdown(list(EMBEDDERS), value=EMBEDDERS[0], label="Embedder", elem_id="embedder")
            with gradio.Column():
                true_transcript = gradio.Textbox(
                    "Please call Stella", label="True transcript", max_length=MAX_CHARACTERS
                )
                true_scene = gradio.Dropdown(list(SCENES), value=SCENES[0], label="True scene")
                true_events = gradio.Dropdown(list(EVENTS), value=["Dog"], multiselect=True, label="True events")
        button = gradio.Button("Score", variant="primary", elem_id="score")
        output = gradio.HTML("", css_template=STYLE, js_on_load=None, elem_id="found")
        gradio.Markdown("## What a score is worth")
        gradio.HTML(worth(), css_template=STYLE, js_on_load=None, elem_id="worth")
        inputs = [answer, transcript, scene, events, true_transcript, true_scene, true_events, embedder]
        button.click(show, inputs, output)
    return page


def main() -> None:
    """Serve the page on the port that gradio chooses."""
    import gradio

    page = build()
    fonts: Any = {"font": ["system-ui", "sans-serif"], "font_mono": ["ui-monospace", "monospace"]}
    theme = gradio.themes.Default(primary_hue="blue", **fonts).set(  # white text on them has a contrast of 4.5 or more
        button_primary_background_fill="*primary_600", button_primary_background_fill_dark="*primary_600"
    )
    page.launch(theme=theme, footer_links=[])


if __name__ == "__main__":
    if not __package__:  # run as a script: the folder becomes a package, so that the modules find each other
        __package__ = "sseu_space"
        package = ModuleType(__package__)
        package.__path__ = [str(Path(__file__).resolve().parent)]
        sys.modules[__package__] = package
    main()
