"""LaTeX keeps its structure whatever a system is called, and compiles without an overfull box."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sseu_metric.conditions import CONDITIONS, counts_for
from sseu_metric.tasks import METRICS
from sseu_report.tables.latex import to_latex, to_wide_latex
from sseu_report.tables.paper_tables import all_tables
from sseu_report.tables.records import Cell, Column, Row, Share, Standing, Standings, Table
from tests.sseu_report.made_entries import make_entry, make_mode
from tests.sseu_report.tables.made_tables import made, made_nasty

FORMS = pytest.mark.parametrize("write", [to_latex, to_wide_latex])
CLASSES = {
    "article": r"\documentclass{article}",
    "IEEEtran": r"\documentclass[conference]{IEEEtran}",
    # The measures of ICASSP's spconf.sty, which Debian does not have.
    "spconf": r"\documentclass[twocolumn]{article}"
    r"\usepackage[textwidth=178mm,textheight=229mm,columnsep=6mm]{geometry}",
}
_SAY_SHRINKING = (
    r"\let\shrink\resizebox"
    r"\renewcommand\resizebox[3]{\typeout{Shrunk \the\wd0 \space to \the\linewidth}\shrink{#1}{#2}{#3}}"
)


def rows_of(text: str) -> list[str]:
    return [line for line in text.splitlines() if re.search(r"\\\\(\[.*?ex\])?$", line)]


@FORMS
def test_structure(write: Callable[[Table], str]) -> None:
    text = write(made_nasty())
    open_names: list[str] = []
    for word, name in re.findall(r"(?<!\\)\\(begin|end)\{([\w*]+)\}", text):
        if word == "begin":
            open_names.append(name)
        else:
            assert open_names.pop() == name
    assert open_names == []
    assert r"\begin{tabular}{@{}llrrrr@{}}" in text
    assert {len(re.findall(r"(?<!\\)&", row)) for row in rows_of(text)} == {5}
    assert len(rows_of(text)) == 1 + (6 if write is to_wide_latex else 2 * 6)  # with intervals beside, or below
    assert (text.count(r"\toprule"), text.count(r"\midrule"), text.count(r"\bottomrule")) == (1, 2, 1)
    assert r"$+\infty$ & $-5$ & mAP $\uparrow$" in text


@FORMS
def test_names_are_escaped(write: Callable[[Table], str]) -> None:
    text = write(made_nasty())
    first = r"a \& b\_c 100\% \#1 \$\{x\}\textasciicircum{}2\textasciitilde{} \textbackslash{}input\{"
    assert first in text  # in title and note, which are not shortened
    assert r"\input" not in text
    body = "\n".join(rows_of(text)).replace(r"$^\mathrm{b}$", "")  # our own
    assert not re.search(r"(?<!\\)[#_%~^]", body)
    assert len(re.findall(r"(?<!\\)\{", body)) == len(re.findall(r"(?<!\\)\}", body))
    # After a row's \\, even on the next line, LaTeX would take these for options of the line end.
    assert not any(line.lstrip().startswith(("[", "*")) for line in text.splitlines())
    assert "\x1b" not in text


def test_scores_are_marked_and_what_a_column_cannot_hold_is_in_the_wide_form() -> None:
    best = Cell(8.04, 0.25, 3, (7.123, 9.0), Standing(is_best=True))
    close = Cell(9.06, None, 1, (8.0, 10.0), Standing(is_best=False, p=0.06))
    shares = Share(3, 200)
    rows = (
        Row(("a",), (best,) * 3 + (None, shares)),
        Row(("b",), (close,) * 3 + (None, shares), limitations=("why",)),
    )
    table = Table("t_x", "T", ("System",), tuple(Column(f"{n}", f"{n} dB") for n in range(5)), rows)
    narrow, wide = to_latex(table), to_wide_latex(table)
    assert r"\begin{table}[t]" in narrow
    assert [line for line in rows_of(narrow) if line[0] in "ab"] == [
        r"a & \textbf{8.0} & \textbf{8.0} & \textbf{8.0} & -- & 1.5 \% \\",
        r"b & (9.1)\rlap{$^\dagger$} & (9.1)\rlap{$^\dagger$} & (9.1)\rlap{$^\dagger$} & -- & 1.5 \% \\",
    ]
    assert r"\begin{table*}[t]" in wide
    assert r"a & \textbf{8.04$\pm$0.2} & " in wide
    assert r"& {\tiny {[}7.1, 9.0]} &  &  \\" in wide
    assert r"(9.06)\rlap{$^\dagger$}" in wide
    assert r"3 (1.5 \%)" in wide
    assert [text.count("95") for text in (narrow, wide)] == [0, 1]  # the note about intervals is where they are
    assert all(r"Bold: the best system of its column. $\dagger$: not told" in text for text in (narrow, wide))


def test_names_are_shortened_unless_two_would_be_the_same() -> None:
    rows = [Row((f"Qwen3-Omni-A3B-{n}0B-Instruct-GPTQ-Int4",), (Cell(1.0, None, 1),) * 5) for n in range(2)]
    table = Table("t", "T", ("System",), tuple(Column(f"{n}", f"{n} dB") for n in range(5)), tuple(rows[:1]))
    assert r"Qwen3-Omni-A\ldots{}uct-GPTQ-Int4 &" in to_latex(table)
    both = to_latex(replace(table, rows=tuple(rows)))
    assert all(f"Qwen3-Omni-A3B-{n}0B-Instruct-GPTQ-Int4 &" in both for n in range(2))


def test_what_is_longer_than_a_page_is_several_tables() -> None:
    rows = tuple(Row((f"system {n}",), (Cell(1.0, None, 1, (0.5, 1.5)),)) for n in range(90))
    text = to_latex(Table("t", "T", ("System",), (Column("wer", "WER"),), rows, ("A note.",)))
    assert [text.count(f"system {n} &") for n in range(90)] == [1] * 90
    assert re.findall(r"\\caption.*", text) == [rf"\caption{{T (part {n})}}" for n in range(1, 6)]
    assert re.findall(r"\\label.*", text) == [r"\label{tab:t}", *(rf"\label{{tab:t-{n}}}" for n in range(2, 6))]
    assert text.count("A note.") == 1
    assert text.rindex(r"\begin{table}") < text.index("A note.")


def large(systems: int) -> list[Table]:
    """All tables of so many systems with names as long as those of real ones, of controls and of the paper."""
    names = [f"Qwen{n}-Omni-30B-A3B-Instruct" if n % 3 else f"whisper-{n} + enhancer" for n in range(systems)]
    scores = {"wer": 100.0, "macc": 40.0, "map": 9.0}
    run = {
        condition: {metric: value for metric, value in scores.items() if counts_for(METRICS[metric], condition)}
        for condition in CONDITIONS
    }
    modes = {mode: make_mode([run] * 3, half_width=12.0) for mode in ("independent", "joint", "cot")}
    entries = [make_entry(name, modes) for name in (*names, "control:ground-truth", "control:majority")]
    best, close = Standing(is_best=True), Standing(is_best=False, p=0.06)
    standings: Standings = {
        (entry.name, mode, metric): dict.fromkeys((*CONDITIONS, "all", "finite"), close if n else best)
        for n, entry in enumerate(entries[:3])
        for mode in modes
        for metric in scores
    }
    return all_tables(entries, standings=standings, reported=True)


@pytest.mark.long
@pytest.mark.parametrize("systems", [1, 3, 14, 30])
@pytest.mark.parametrize("name", CLASSES)
def test_no_class_gets_an_overfull_box(name: str, systems: int, tmp_path: Path) -> None:
    latex = shutil.which("pdflatex")
    if latex is None:
        pytest.skip("there is no pdflatex; `make tex` installs it (Debian)")
    tables = [*large(systems), replace(made(["short"]), name="y", title="Short"), made_nasty()]
    floats = [write(table) for table in tables for write in (to_latex, to_wide_latex)]
    head = [CLASSES[name], r"\usepackage{booktabs,graphicx,textcomp}", _SAY_SHRINKING, r"\begin{document}", "Text."]
    document = "\n".join([*head, *(f"{one}\\clearpage" for one in floats), r"\end{document}"])
    (tmp_path / "t.tex").write_text(document, encoding="utf-8")
    done = subprocess.run(
        [latex, "-interaction=nonstopmode", "-halt-on-error", "t.tex"], cwd=tmp_path, capture_output=True, check=False
    )
    log = (tmp_path / "t.log").read_text(encoding="utf-8", errors="replace")
    assert done.returncode == 0, log[-2000:]
    assert "Overfull" not in log
    assert "Float too large" not in log
    shrunk = [float(there) / float(wide) for wide, there in re.findall(r"Shrunk ([\d.]+)pt to ([\d.]+)pt", log)]
    assert min(shrunk[:-2]) > 0.6  # of a font of 8 points, and less only where a name is made to hurt
