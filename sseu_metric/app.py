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
_EMBEDDERS = ("default", "exact")


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
    """The explanation as HTML."""
    parsed, (substitutions, deletions, insertions, words) = explanation.prediction, explanation.counts
    events = None if parsed["events"] is None else "; ".join(parsed["events"])
    wer = "not defined" if explanation.wer is None else f"{explanation.wer:.2f} %"
    fields = [("asr", "Transcript", parsed["transcript"]), ("asc", "Scene", parsed["scene"]), ("at", "Events", events)]
    shown = [
        [name, "(none found)" if value is None else value or "(empty)", explanation.statuses[task]]
        for task, name, value in fields
    ]
    reference, transcript = explanation.normalised
    return "\n".join(
        [
            "<h3>Parsed answer</h3>",
            _table(["", "value", "status"], shown),
            "<h3>Words</h3>",
            _table(["", "normalised"], [["reference", reference], ["transcript", transcript]]),
            f"<p>WER {wer}: {substitutions} substituted, {deletions} deleted, {insertions} inserted, of {words}.</p>",
            f"<h3>Scene: {'hit' if explanation.scene_hit else 'missed'}</h3>",
            _class_table(explanation.scenes),
            "<h3>Events</h3>",
            _class_table(explanation.events),
            "<p>Average precision ranks many clips by the confidence of one class; one clip has none.</p>",
            f"<p>Embedder: {escape(explanation.embedder)}</p>",
        ]
    )


def _class_table(similarities: Sequence[Similarity]) -> str:
    rows = [
        [row.label, "-" if row.cosine is None else f"{row.cosine:.3f}", f"{row.confidence:.3f}", "yes" * row.true]
        for row in similarities
    ]
    return _table(["class", "cosine", "confidence", "in the reference"], rows)


def _table(head: list[str], rows: list[list[str]]) -> str:
    def line(cells: list[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    return "\n".join(["<table>", line(head, "th"), *(line(row, "td") for row in rows), "</table>"])


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

    if name not in _EMBEDDERS:
        raise ValueError(f"unknown embedder {name!r}; there are {', '.join(_EMBEDDERS)}")
    return make_embedder(name)


def build() -> gradio.Blocks:
    """The page as gradio blocks: the inputs above, the explanation below."""
    import gradio

    from .labels import EVENTS, SCENES

    with gradio.Blocks(title="SSEU-Bench metric") as page:
        gradio.Markdown("# SSEU-Bench metric\nWhat did the model hear? Enter its answer and the ground truth.")
        with gradio.Row():
            with gradio.Column():
                answer = gradio.Textbox(EXAMPLE, label="Raw answer", lines=4, max_length=MAX_CHARACTERS)
                with gradio.Accordion("or in three fields (used if the raw answer is empty)", open=False):
                    transcript = gradio.Textbox("", label="Transcript", max_length=MAX_CHARACTERS)
                    scene = gradio.Textbox("", label="Scene", max_length=MAX_CHARACTERS)
                    events = gradio.Textbox("", label="Events, separated by ;", max_length=MAX_CHARACTERS)
            with gradio.Column():
                true_transcript = gradio.Textbox(
                    "Please call Stella", label="True transcript", max_length=MAX_CHARACTERS
                )
                true_scene = gradio.Dropdown(list(SCENES), value=SCENES[0], label="True scene")
                true_events = gradio.CheckboxGroup(list(EVENTS), value=["Dog"], label="True events")
                embedder = gradio.Dropdown(list(_EMBEDDERS), value=_EMBEDDERS[0], label="Embedder")
        button = gradio.Button("Score", variant="primary")
        output = gradio.HTML()
        inputs = [answer, transcript, scene, events, true_transcript, true_scene, true_events, embedder]
        button.click(show, inputs, output)
    return page


def main() -> None:
    """Serve the page on the port that gradio chooses."""
    build().launch()


if __name__ == "__main__":
    if not __package__:  # run as a script: the folder becomes a package, so that the modules find each other
        __package__ = "sseu_space"
        package = ModuleType(__package__)
        package.__path__ = [str(Path(__file__).resolve().parent)]
        sys.modules[__package__] = package
    main()
