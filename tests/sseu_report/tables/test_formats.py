"""Every format keeps its structure whatever a system is called."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from sseu_report.paper import published_rows
from sseu_report.tables.formats import to_csv, to_latex, to_markdown, to_text
from sseu_report.tables.paper_tables import condition_table
from sseu_report.tables.records import Cell, Column, Row, Share, Standing, Table
from tests.sseu_report.made_entries import make_entry

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


@pytest.fixture
def nasty() -> Table:
    return made(NASTY, " ".join(NASTY))


def rows_of(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.endswith(r"\\")]


def test_latex_structure(nasty: Table) -> None:
    text = to_latex(nasty)
    open_names: list[str] = []
    for word, name in re.findall(r"(?<!\\)\\(begin|end)\{(\w+)\}", text):
        if word == "begin":
            open_names.append(name)
        else:
            assert open_names.pop() == name
    assert open_names == []
    assert r"\begin{tabular}{llrrrr}" in text
    assert [len(re.findall(r"(?<!\\)&", row)) for row in rows_of(text)] == [5] * 7
    assert (text.count(r"\toprule"), text.count(r"\midrule"), text.count(r"\bottomrule")) == (1, 2, 1)
    assert r"$+\infty$ & $-5$ dB & mAP $\uparrow$" in text


def test_latex_names_are_escaped(nasty: Table) -> None:
    text = to_latex(nasty)
    assert r"a \& b\_c 100\% \#1 \$\{x\}\textasciicircum{}2\textasciitilde{} \textbackslash{}input\{" in text
    assert r"\input" not in text
    body = "\n".join(rows_of(text))
    assert not re.search(r"(?<!\\)[#_%~^]", body)
    assert body.count("{") == body.count("}")
    # After a row's \\, even on the next line, LaTeX would take these for options of the line end.
    assert not any(line.lstrip().startswith(("[", "*")) for line in text.splitlines())
    assert "\x1b" not in text


def test_latex_compiles(nasty: Table, tmp_path: Path) -> None:
    latex = shutil.which("pdflatex")
    if latex is None:
        pytest.skip("there is no pdflatex (Debian: texlive-latex-recommended)")
    published = condition_table([make_entry()], "wer", reported=True)
    assert published is not None
    begin = r"\documentclass{article}\usepackage{booktabs,textcomp}\begin{document}"
    document = "\n".join([begin, to_latex(nasty), to_latex(published), r"\end{document}"])
    (tmp_path / "t.tex").write_text(document, encoding="utf-8")
    done = subprocess.run(
        [latex, "-interaction=nonstopmode", "-halt-on-error", "t.tex"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-2000:]


def test_markdown_keeps_its_columns_and_holds_no_markup(nasty: Table) -> None:
    text = to_markdown(nasty)
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert len(lines) == 2 + 6
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {7}
    assert "<" not in text.replace("<sub>", "").replace("</sub>", "")  # our own, around intervals
    assert "&lt;script&gt;" in text
    assert r"\[link\](http://x)" in text


def test_text_is_aligned_and_cannot_steer_a_terminal(nasty: Table) -> None:
    text = to_text(nasty)
    assert text.replace("\n", "").isprintable()
    assert "line�break�[31m� bell�" in text
    lines = [line for line in text.splitlines() if line.endswith("3 (1.5 %)")]
    assert len(lines) == 6
    assert len({line.index("joint") for line in lines}) == 1


def test_a_row_with_limitations_has_every_score_in_parentheses() -> None:
    table = made(["whole", "part"])
    for text in (to_text(table), to_markdown(table)):
        (whole,) = [line for line in text.splitlines() if "whole" in line]
        (part,) = [line for line in text.splitlines() if "part " in line]
        assert " 12.35±0.2 [11.00, 13.00]" in re.sub(r"\\|</?sub>", "", whole)
        assert "(12.35±0.2) [11.00, 13.00]" in re.sub(r"\\|</?sub>", "", part)
        assert "(4.00)" in part
        assert "4.00±" not in part
    assert r"part & joint & (12.35$\pm$0.2) {\tiny {[}11.00, 13.00]}" in to_latex(table)


def test_the_best_and_what_is_not_worse_are_marked_and_the_rule_stands_once_below() -> None:
    best, close, worse = (Cell(8.0 + n, None, 1, standing=Standing(not n, n == 1)) for n in range(3))
    rows = tuple(Row((name,), (cell,)) for name, cell in (("a", best), ("b", close), ("c", worse)))
    table = Table(
        "t", "T", ("System",), (Column("wer", "WER"),), (*rows, Row(("truth",), (Cell(0.0, None, 1),), "oracle"))
    )
    rule = "the best system of its column. †: not worse than it at 0.05 (paired t test of the difference"
    text, markdown, latex = to_text(table), to_markdown(table), to_latex(table)
    assert re.findall(r"^(?:a|b|c|truth).*", text, re.M) == [
        "a                8.00*", "b                9.00†", "c               10.00", "truth (oracle)   0.00",
    ]  # fmt: skip
    assert "| a | **8.00** |\n| b | 9.00† |\n| c | 10.00 |" in markdown
    assert "a & \\textbf{8.00} \\\\\nb & 9.00$^\\dagger$ \\\\\nc & 10.00 \\\\" in latex
    assert [text.count(rule), markdown.count(rule), latex.count(rule.replace("†", r"$\dagger$"))] == [1, 1, 1]
    assert [row["mark_wer"] for row in csv.DictReader(io.StringIO(to_csv(table)))] == ["best", "not worse", "", ""]
    unmarked = replace(table, rows=rows[2:])
    assert "mark_" not in to_csv(unmarked)
    assert "0.05" not in to_text(unmarked)


def test_csv_of_the_published_table_gives_its_scores_back() -> None:
    table = condition_table([make_entry()], "wer", reported=True)
    assert table is not None
    rows = {row["system"]: row for row in csv.DictReader(io.StringIO(to_csv(table)))}
    for published in (row for row in published_rows(1) if row.metric == "wer"):
        row = rows[published.system]
        assert row["kind"] == "reported"
        for condition, value in published.cells.items():
            key = f"snr_{condition.lstrip('+')}"
            assert (float(row[key]), float(row[f"std_{key}"])) == (value, published.deviations[condition])
        assert float(row["average"]) == published.average
    assert "snr_-inf" not in rows["LTU-AS"]  # nobody has a score of no words


def test_csv_keeps_precision_bounds_and_reasons() -> None:
    first, second, _ = csv.DictReader(io.StringIO(to_csv(made(["=1+1", "b,c\n"]))))
    assert (first["system"], first["limitations"]) == ("'=1+1", "")
    assert (second["system"], second["limitations"]) == ("b,c�", "why")
    assert (first["snr_inf"], first["std_snr_inf"], first["low_snr_inf"], first["high_snr_inf"]) == (
        "12.345", "0.25", "11.0", "13.0",
    )  # fmt: skip
    assert (first["snr_-5"], first["std_snr_-5"], first["n"], first["runs"]) == ("4.0", "", "3", "3")
