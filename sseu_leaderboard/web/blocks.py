"""The page in Gradio: controls, their events and how it is served. Imports gradio, so only `server` imports it.

The contents are made in `serving` and `page`; the view stands in the page's address.
"""

from __future__ import annotations

from typing import Any

import gradio

from sseu_hub.submission import ANSWERS_GZ, Limits
from sseu_leaderboard.web.board import DETAILS, KINDS, MODES, default_view, parse_view, query_of
from sseu_leaderboard.web.page import CLICK, STYLE
from sseu_leaderboard.web.serving import Board, click, view_of
from sseu_models.results.folder import RESULT, SCORES
from sseu_report.naming import TASK_METRICS

_SWEEP_S, _UPLOAD_AGE_S = 600, 7_200
"""How often uploaded files are looked for, and their maximum age; gradio keeps them for ever otherwise."""
ABOUT = """
All scores of **verified** rows were computed here from the submitted answers, with the board's own reference, embedder
and normaliser; a submitter's own scores are compared with them and never shown. **reported** rows are the published
scores of the paper ([arXiv 2509.13148](https://arxiv.org/abs/2509.13148)), made with another text embedder and other
prompts; they are not ranked.

Each answer carries a hash of the samples the model was given, which must equal the reference's. This finds honest
mistakes, such as another version of the dataset. It does not prevent forgery: the references are public, so answers can
be written without a model. Answers that equal the references are flagged.

A system that was asked with several of the project's prompt sets, and nothing else changed, is one row, *over 3 prompt
sets*: its interval and its ranks hold the spread over runs and prompts. Those of a row with *one prompt set* are about
that wording alone.

The range of ranks stands in brackets: a submission counts as better than another only if their paired difference
exceeds what the largest difference on the table would reach by chance. So all ranges hold together with 95 %
confidence.
"""


def build(board: Board) -> gradio.Blocks:
    """The page of a board; nothing in it is loaded from another host."""
    choices, default = board.choices, default_view(board.choices)

    def redraw(*values: Any) -> tuple[str, str, str]:
        view = view_of(values, choices)
        return *board.show(view), query_of(view, choices)

    def clicked(event: gradio.EventData, *values: Any) -> tuple[Any, ...]:
        data = event._data if isinstance(event._data, dict) else {}
        view = click(view_of(values, choices), str(data.get("sort", "")), str(data.get("entry", "")), choices)
        return *board.show(view), query_of(view, choices), view.sort, view.reverse, view.entry

    def opened(request: gradio.Request) -> tuple[Any, ...]:
        view, faults = parse_view({str(name): str(value) for name, value in request.query_params.items()}, choices)
        return (
            *board.show(view, faults),
            view.task, view.mode, view.version, list(view.columns), list(view.kinds),
            view.search, view.sort, view.reverse, view.entry,
        )  # fmt: skip

    with gradio.Blocks(
        title="SSEU-Bench leaderboard", fill_width=True, analytics_enabled=False, delete_cache=(_SWEEP_S, _UPLOAD_AGE_S)
    ) as page:
        gradio.Markdown("# SSEU-Bench leaderboard\nWhat audio models hear in speech mixed with real backgrounds.")
        with gradio.Tab("Ranking"):
            with gradio.Row():
                task = gradio.Radio(list(TASK_METRICS), value="asr", label="Task", elem_id="task")
                mode = gradio.Dropdown(list(MODES), value=MODES[0], label="Mode", elem_id="mode")
                version = gradio.Dropdown(
                    [(board.label(one), one) for one in choices.versions],
                    value=default.version,
                    label="Dataset version",
                    elem_id="version",
                )
                search = gradio.Textbox("", label="Search", max_length=100, elem_id="search")
            with gradio.Accordion("Columns and rows", open=False):
                offered = [*choices.columns, *DETAILS]
                columns = gradio.CheckboxGroup(offered, value=list(default.columns), label="Columns")
                kinds = gradio.CheckboxGroup(list(KINDS), value=list(KINDS), label="Rows", elem_id="kinds")
            table = gradio.HTML("", css_template=STYLE, js_on_load=CLICK, elem_id="board")
            curve = gradio.HTML("", css_template=STYLE, js_on_load=None, elem_id="curve")
        with gradio.Tab("Submit"):
            gradio.Markdown(
                f"Upload `{RESULT}` and `{ANSWERS_GZ}` (and optionally `{SCORES}`) of one results folder; "
                f"`gzip -k answers.jsonl` makes the second. They are checked and scored here."
            )
            files = gradio.File(file_count="multiple", label="The files of a result", elem_id="files")
            button = gradio.Button("Check", variant="primary", elem_id="check")
            outcome = gradio.HTML("", css_template=STYLE, js_on_load=None, elem_id="outcome")
        with gradio.Tab("About"):
            gradio.Markdown(ABOUT)
        sort, reverse, entry = gradio.State(default.sort), gradio.State(False), gradio.State("")
        address = gradio.Textbox("", visible="hidden", elem_id="address")
        controls = [task, mode, version, columns, kinds, search, sort, reverse, entry]
        to_address = "query => { history.replaceState(null, '', query ? '?' + query : location.pathname); }"
        # not queued: waiting checks must not delay the ranking
        at_once: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}
        for control in (task, mode, version, columns, kinds, search):
            control.input(redraw, controls, [table, curve, address], **at_once)
        table.click(clicked, controls, [table, curve, address, sort, reverse, entry], **at_once)
        address.change(None, address, None, js=to_address)
        page.load(opened, None, [table, curve, *controls], **at_once)
        button.click(
            lambda given: board.check(given or []), files, outcome, concurrency_limit=1, api_visibility="private"
        )
    page.queue(max_size=16)
    return page


def launch(board: Board, *, host: str | None = None, port: int | None = None, block: bool = True) -> Any:
    """Serve the page.

    Args:
        board: The board.
        host: Address to listen on; by default this machine only.
        port: TCP port; by default gradio's.
        block: Return when the server ends, not when it has started.

    Returns:
        Gradio's (app, local address, shared address).
    """
    page = build(board)
    return page.launch(
        server_name=host,
        server_port=port,
        prevent_thread_lock=not block,
        max_file_size=Limits().packed_bytes,
        theme=gradio.themes.Default(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
        footer_links=[],
        ssr_mode=False,
        share=False,
        quiet=True,
    )
