"""Tables whose names are hostile, and large ones."""

from __future__ import annotations

from sseu_report.tables.records import Cell, Column, Row, Share, Table

NASTY = [
    r"a & b_c 100% #1 ${x}^2~ \input{/etc/passwd} <script>alert(1)</script>",
    "[0pt] first",
    "* starred | piped | `code` **bold** [link](http://x)",
    "line\nbreak\x1b[31m\x07 bell\u202e",
    "=HYPERLINK(0)",
]


def made(names: list[str], note: str = "") -> Table:
    cells = (Cell(12.345, 0.25, 3, (11.0, 13.0)), Cell(4.0, None, 1), None, Share(3, 200))
    columns = (Column("snr_inf", "+inf"), Column("snr_-5", "-5 dB"), Column("map", "mAP ↑"), Column("n", "n"))
    rows = tuple(
        Row((name, "joint"), cells, limitations=("why",) if number else ()) for number, name in enumerate(names)
    )
    rows += (Row(("control:x", "joint"), cells, "baseline"),)
    return Table("table_x", f"Title {note}", ("System", "Mode"), columns, rows, (f"A note {note}.",))


def made_nasty() -> Table:
    """Every hostile name as that of a system, and in title and note."""
    return made(NASTY, " ".join(NASTY))
