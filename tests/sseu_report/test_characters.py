"""A report on results whose transcripts were scored in characters: nothing on it calls that a word error rate."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from sseu_hub.eval_results import headline_scores
from sseu_models.results.folder import read_scores
from sseu_models.results.folder_scoring import score_folder
from sseu_models.results.terminal import score_lines
from sseu_report import compare, compare_with_paper
from sseu_report.page.sections.asked import HOW_TO_READ
from sseu_report.writing import report


@pytest.fixture(scope="module")
def in_characters(folders: list[Path], tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Both results, scored in characters."""
    root = tmp_path_factory.mktemp("characters")
    for folder in folders:
        shutil.copytree(folder, root / folder.name)
        score_folder(root / folder.name, normalizer="basic-characters", progress=False)
    return [root / folder.name for folder in folders]


def test_the_whole_report_says_cer(in_characters: list[Path], tmp_path: Path) -> None:
    found = report(in_characters, tmp_path / "out", clips=2, reported=True, progress=False)
    html = found.page.read_text(encoding="utf-8")
    for text in HOW_TO_READ:
        html = html.replace(text, "")
    files = [*(path for paths in found.tables.values() for path in paths), *found.plots]
    texts = {path.name: path.read_text(encoding="utf-8") for path in files if path.suffix not in (".pdf", ".png")}
    html = html.replace("/WER|CER|", "")  # which columns a click sorts upwards
    for name, text in {**texts, "page": html, "terminal": str(found)}.items():
        assert re.findall(r".{30}\bWER\b.{30}", text) == [], name
    for suffix in ("md", "csv", "tex"):
        name = "cer" if suffix == "csv" else "CER"
        assert name in texts[f"summary.{suffix}"]
        assert name in texts[f"table2.{suffix}"]
        assert "wer" not in texts[f"summary.{suffix}"].splitlines()[0]
    assert "CER" in texts["table1_independent_wer.md"]
    assert "CER (%)" in texts["systems_independent_wer.svg"]
    assert "CER at each SNR" in html
    assert "Words lost to spelling" not in html
    assert "reported" not in texts["table1_independent_wer.csv"]  # the paper has no such score
    assert "reported" in texts["table1_independent_macc.csv"]
    assert found.findings is not None
    assert json.loads(found.findings.read_text())["asr_unit"] == "character"


def test_terminal_and_comparison_say_cer(in_characters: list[Path]) -> None:
    scores = read_scores(in_characters[0])
    assert {mode.asr_unit for mode in scores.modes.values()} == {"character"}
    lines = "\n".join([*score_lines(scores), str(compare(*in_characters))])
    assert "independent CER" in lines
    assert "CER capped" in lines
    assert "normaliser basic-characters 0.1.15" in lines
    assert "WER" not in lines


def test_words_and_characters_are_not_put_together(
    folders: list[Path], in_characters: list[Path], tmp_path: Path
) -> None:
    message = (
        f"errors of transcripts are counted in words in {folders[0]} (whisper-english), in characters in "
        f"{in_characters[1]} (basic-characters); score one of them again with sseu score --normalizer"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        report([folders[0], in_characters[1]], tmp_path / "out", progress=False)
    with pytest.raises(ValueError, match=re.escape(message)):
        compare(folders[0], in_characters[1])


def test_published_word_error_rates_are_left_out(in_characters: list[Path]) -> None:
    found = compare_with_paper(in_characters[0], "Qwen2-Audio-Instruct")
    assert {cell.metric for cell in found.cells} == {"macc", "map"}
    assert "warning: Transcripts are scored in characters (CER), which the paper does not do" in str(found)


def test_no_character_error_rate_is_published_as_a_word_error_rate(in_characters: list[Path]) -> None:
    with pytest.raises(ValueError, match=r"scored in characters \(basic-characters 0\.1\.15\).*is a word error rate"):
        headline_scores(read_scores(in_characters[0]))
