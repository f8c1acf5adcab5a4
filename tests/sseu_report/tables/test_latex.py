"""LaTeX keeps its structure whatever a system is called, and compiles without an overfull box."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sseu_metric.conditions import CONDITIONS
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
    assert len(rows_of(text)) == 1 + 2 * 6  # each with the intervals below it
    assert (text.count(r"\toprule"), text.count(r"\midrule"), text.count(r"\bottomrule")) == (1, 2, 1)
    assert r"$+\infty$ & $-5$ & mAP $\uparrow$" in text


@FORMS
def test_names_are_escaped(write: Callable[[Table], str]) -> None:
    text = write(made_nasty())
    assert r"a \& b\_c 100\% \#1 \$\{" in text
    assert r"2\textasciitilde{} \textbackslash{}input\{" in text
    assert r"\input" not in text
    body = "\n".join(rows_of(text))
    assert not re.search(r"(?<!\\)[#_%~^]", body)
    assert len(re.findall(r"(?<!\\)\{", body)) == len(re.findall(r"(?<!\\)\}", body))
    # After a row's \\, even on the next line, LaTeX would take these for options of the line end.
    assert not any(line.lstrip().startswith(("[", "*")) for line in text.splitlines())
    assert "\x1b" not in text


def test_scores_are_marked_and_what_a_column_cannot_hold_is_in_the_wide_form() -> None:
    best = Cell(8.04, 0.25, 3, (7.123, 9.0), Standing(is_best=True, not_worse=False))
    close = Cell(9.06, None, 1, (8.0, 10.0), Standing(is_best=False, not_worse=True))
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
    assert all(r"Bold: the best system of its column. $\dagger$: not worse" in text for text in (narrow, wide))


def large(systems: int) -> list[Table]:
    """All tables of so many systems with names as long as those of real ones, of controls and of the paper."""
    names = [f"hf:lab/Qwen{n}-Omni-{n}0B-A3B-Instruct-GPTQ" if n % 4 else f"hf:lab/model-{n}" for n in range(systems)]
    snrs = [name for name in CONDITIONS if name != "-inf"]
    runs = [{name: {"wer": 100.0 + n, "macc": 40.0 + n, "map": 9.0 + n} for name in snrs} for n in range(3)]
    modes = {mode: make_mode(runs, half_width=12.0) for mode in ("independent", "joint")}
    entries = [make_entry(name, modes, incomplete=("limited to 6 pairs",)) for name in (*names, "control:ground-truth")]
    entries += [make_entry(name, modes, prompts="mine-1") for name in ("control:majority", "control:corpus")]
    best, close = Standing(is_best=True, not_worse=False), Standing(is_best=False, not_worse=True)
    standings: Standings = {
        (entry.name, mode, metric): dict.fromkeys((*snrs, "all", "finite"), close if n else best)
        for n, entry in enumerate(entries[:3])
        for mode in modes
        for metric in ("wer", "macc", "map")
    }
    return all_tables(entries, standings=standings, reported=True)


@pytest.mark.long
@pytest.mark.parametrize("systems", [1, 3, 14, 30])
@pytest.mark.parametrize("name", CLASSES)
def test_no_class_gets_an_overfull_box(name: str, systems: int, tmp_path: Path) -> None:
    latex = shutil.which("pdflatex")
    if latex is None:
        pytest.skip("there is no pdflatex; `make tex` installs it (Debian)")
    tables = [*large(systems), made_nasty(), replace(made(["short"]), name="y", title="Short")]
    floats = [write(table) for table in tables for write in (to_latex, to_wide_latex)]
    head = [CLASSES[name], r"\usepackage{booktabs,graphicx,textcomp}", r"\begin{document}", "Text."]
    document = "\n".join([*head, *(f"{one}\\clearpage" for one in floats), r"\end{document}"])
    (tmp_path / "t.tex").write_text(document, encoding="utf-8")
    done = subprocess.run(
        [latex, "-interaction=nonstopmode", "-halt-on-error", "t.tex"], cwd=tmp_path, capture_output=True, check=False
    )
    log = (tmp_path / "t.log").read_text(encoding="utf-8", errors="replace")
    assert done.returncode == 0, log[-2000:]
    assert "Overfull" not in log
    assert "Float too large" not in log
