"""The page in Gradio: controls, their events and how it is served. Imports gradio, so only `server` imports it.

The contents are made in `serving` and `page`; the view stands in the page's address.
"""

from __future__ import annotations

from typing import Any

import gradio

from sseu_hub.submission import ANSWERS_GZ, Limits
from sseu_leaderboard.entries.view import DETAILS, KINDS, MODES, TABS, default_view, parse_view, query_of
from sseu_leaderboard.web.about import about
from sseu_leaderboard.web.page import CLICK, STYLE
from sseu_leaderboard.web.serving import Board, click, view_of
from sseu_models.results.folder import RESULT, SCORES

_SWEEP_S, _UPLOAD_AGE_S = 600, 7_200
"""How often uploaded files are looked for, and their maximum age; gradio keeps them for ever otherwise."""
_PAGE_STYLE = """
.gradio-container {--color-accent: #1d4ed8; --button-primary-background-fill: #1d4ed8;
  --button-primary-background-fill-hover: #1e40af}
.dark .gradio-container {--color-accent: #8fb2ff}
#files .or {color: inherit}
.main.fillable {padding: 8px 16px !important}
#board .html-container, #about .html-container {padding: 0}
#board, #outcome, #about {color-scheme: light}
.dark #board, .dark #outcome, .dark #about {color-scheme: dark}
#title h1 {font-size: 20px; margin: 0}
#controls {align-items: center; gap: 8px; flex-wrap: wrap}
#controls > * {min-width: 0 !important}
#task .wrap {flex-wrap: nowrap; gap: 4px}
#task label {padding: 6px 12px; border-radius: 4px 4px 0 0}
#task label.selected {border-bottom: 2px solid var(--color-accent)}
#task input {position: absolute; opacity: 0}
#task label:has(input:focus-visible) {outline: 2px solid var(--color-accent)}
#choices {padding: 2px 10px}
@media (max-width: 600px) {
  .main.fillable {padding: 4px 6px !important}
  #task label {padding: 6px 4px; font-size: 12px} #task label span {margin: 0}
  #controls > * {flex: 1 1 100% !important}
}
"""


def build(board: Board) -> gradio.Blocks:
    """The page of a board; nothing in it is loaded from another host."""
    choices, default = board.choices, default_view(board.choices)

    def redraw(*values: Any) -> tuple[str, str]:
        view = view_of(values, choices)
        return board.show(view), query_of(view, choices)

    def clicked(event: gradio.EventData, *values: Any) -> tuple[Any, ...]:
        data = event._data if isinstance(event._data, dict) else {}
        view = click(view_of(values, choices), data, choices)
        return board.show(view), query_of(view, choices), view.sort, view.reverse, view.entry, view.every

    def opened(request: gradio.Request) -> tuple[Any, ...]:
        view, faults = parse_view({str(name): str(value) for name, value in request.query_params.items()}, choices)
        return (
            board.show(view, faults),
            view.task, view.mode, view.version, list(view.columns), list(view.kinds),
            view.search, view.sort, view.reverse, view.entry, view.every,
        )  # fmt: skip

    with gradio.Blocks(
        title="SSEU-Bench leaderboard", fill_width=True, analytics_enabled=False, delete_cache=(_SWEEP_S, _UPLOAD_AGE_S)
    ) as page:
        gradio.Markdown("# SSEU-Bench leaderboard", elem_id="title")
        with gradio.Tab("Ranking"):
            with gradio.Row(elem_id="controls"):
                task = gradio.Radio(
                    [(name, tab) for tab, name in TABS.items()], value=default.task, label="Task", show_label=False,
                    container=False, elem_id="task", scale=3,
                )  # fmt: skip
                search = gradio.Textbox(
                    "", label="Search systems", show_label=False, placeholder="Search systems", max_length=100,
                    container=False, elem_id="search", scale=1,
                )  # fmt: skip
            with gradio.Accordion("Mode, version, columns and rows", open=False, elem_id="choices"):
                with gradio.Row():
                    mode = gradio.Dropdown(list(MODES), value=MODES[0], label="Mode", elem_id="mode")
                    version = gradio.Dropdown(
                        [(board.label(one), one) for one in choices.versions],
                        value=default.version,
                        label="Dataset version",
                        elem_id="version",
                    )
                offered = [*choices.columns, *DETAILS]
                columns = gradio.CheckboxGroup(offered, value=list(default.columns), label="Columns")
                kinds = gradio.CheckboxGroup(list(KINDS), value=list(default.kinds), label="Rows", elem_id="kinds")
            table = gradio.HTML("", css_template=STYLE, js_on_load=CLICK, apply_default_css=False, elem_id="board")
        with gradio.Tab("Submit"):
            gradio.Markdown(
                f"Upload `{RESULT}` and `{ANSWERS_GZ}` (and optionally `{SCORES}`) of one results folder; "
                f"`gzip -k answers.jsonl` makes the second. They are checked and scored here."
            )
            files = gradio.File(file_count="multiple", label="The files of a result", elem_id="files")
            button = gradio.Button("Check", variant="primary", elem_id="check")
            outcome = gradio.HTML("", css_template=STYLE, js_on_load=None, apply_default_css=False, elem_id="outcome")
        with gradio.Tab("About"):
            gradio.HTML(about(), css_template=STYLE, js_on_load=None, apply_default_css=False, elem_id="about")
        sort, reverse, entry = gradio.State(default.sort), gradio.State(False), gradio.State("")
        every = gradio.State(False)
        address = gradio.Textbox("", visible="hidden", elem_id="address")
        controls = [task, mode, version, columns, kinds, search, sort, reverse, entry, every]
        to_address = "query => { history.replaceState(null, '', query ? '?' + query : location.pathname); }"
        # not queued: waiting checks must not delay the ranking
        at_once: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}
        for control in (task, mode, version, columns, kinds, search):
            control.input(redraw, controls, [table, address], **at_once)
        table.click(clicked, controls, [table, address, sort, reverse, entry, every], **at_once)
        address.change(None, address, None, js=to_address)
        page.load(opened, None, [table, *controls], **at_once)
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
        css=_PAGE_STYLE,
        footer_links=[],
        ssr_mode=False,
        share=False,
        quiet=True,
    )
