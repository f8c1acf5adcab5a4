"""Tables of the page carry what their cells show, for other programs too."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

from sseu_report.page.render import PageCell, PageTable
from sseu_report.page.sections.heat import linked
from sseu_report.page.tables import page_table, with_texts, without_empty_columns
from sseu_report.tables.formats import to_csv, to_markdown
from sseu_report.tables.latex import to_latex, to_wide_latex
from sseu_report.tables.records import Cell, Column, Row, RowKind, Share, Standing, Table


def test_cells_have_a_text_an_interval_a_mark_and_a_number_to_sort_by() -> None:
    cells = (
        Cell(8.0, 0.5, 3, (7.0, 9.0), Standing(is_best=True)),
        Cell(9.0, None, 1, standing=Standing(is_best=False, p=0.5)),
        Share(3, 200),
        None,
    )
    columns = tuple(Column(f"c{number}", f"C {number}") for number in range(4))
    rows = (Row(("a",), cells, limitations=("why",)), Row(("truth",), cells, "oracle"))
    table = Table("t", "T", ("System",), columns, rows, ("A note.",))
    shown = page_table(table)
    assert shown.rows[0] == (
        "a",
        PageCell("(8.00±0.5)", "[7.00, 9.00]", "best", 8.0),
        PageCell("(9.00)", "", "not worse", 9.0),
        PageCell("3 (1.5 %)", "", "", 3.0),
        PageCell("-"),
    )
    assert shown.rows[1][0] == "truth (oracle)"
    assert shown.header == ("System", "C 0", "C 1", "C 2", "C 3")
    assert (list(shown.breaks), shown.heads, shown.name) == ([1], 1, "t")
    assert shown.notes[0].startswith("Bold: the best system of its column.")
    assert shown.texts == {
        "csv": to_csv(table),
        "md": to_markdown(table),
        "tex": to_latex(table),
        "wide.tex": to_wide_latex(table),
    }


def test_findings_are_copied_as_they_are_shown() -> None:
    rows: list[tuple[str | PageCell, ...]] = [
        ("a_b", "long words, " * 9, "+1.20", "-5.0 to 3.0"),
        ("=1+1", "none", "-", PageCell("(2.00)")),
    ]
    table = with_texts(
        PageTable("What, 95 %", ("System", "Why", "Points", "95 % interval"), rows, words=1, notes=("N.",))
    )
    assert table.name == "what_95"
    first, second = csv.DictReader(io.StringIO(table.texts["csv"]))
    assert first == {"system": "a_b", "why": str(rows[0][1]), "points": "+1.20", "95_interval": "'-5.0 to 3.0"}
    assert second == {"system": "'=1+1", "why": "none", "points": "", "95_interval": "(2.00)"}
    assert r"| a\_b | long words, long" in table.texts["md"]
    assert table.texts["md"].endswith("\n- N.\n")
    assert r"a\_b & " + "long words, " * 9 + r" & +1.20 & -5.0 to 3.0 \\" in table.texts["tex"]


def test_a_column_without_any_value_is_left_out() -> None:
    table = PageTable("T", ("System", "words", "none", "share"), [("-", "-", "a", PageCell("-")), ("-", "b", "-", "-")])
    shown = without_empty_columns(replace(table, words=2))
    assert list(shown.header) == ["System", "words", "none"]
    assert shown.rows == [("-", "-", "a"), ("-", "b", "-")]
    assert shown.words == without_empty_columns(replace(table, words=3)).words == 2


def test_only_scores_of_systems_lead_to_clips() -> None:
    kinds: tuple[RowKind, ...] = ("system", "front end", "oracle", "baseline", "control", "reported")
    rows = tuple(Row((kind,), (Cell(8.0, None, 1),), kind) for kind in kinds)
    table = Table("t", "T", ("System",), (Column("snr_0", "0"),), rows)
    links = [cell.link for _, cell in linked(table, "joint", "wer").rows if isinstance(cell, PageCell)]
    assert [bool(link) for link in links] == [True, True, False, False, False, False]
    assert links[0] == "#clips?system=system&mode=joint&task=asr&outcome=missed&condition=0"
