"""Datasets in German and Chinese, built from tables: asked, scored, and scored again."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import jiwer
import pytest
from whisper_normalizer.basic import BasicTextNormalizer

from sseu_dataset import build
from sseu_models.job import Job
from sseu_models.records import Question, Reply
from sseu_models.results.folder import read_result, read_scores
from sseu_models.results.folder_scoring import score_folder
from sseu_models.results.terminal import answer_lines, score_lines
from sseu_models.running.evaluation import evaluate
from sseu_models.running.merge import merge
from sseu_models.running.request import Request
from tests.sseu_dataset.tables.own_tables import SPEECH, own_background, own_speech
from tests.sseu_models.scripted import ScriptedSystem

ENGLISH = ("A sentence of our own.", '"Another", she said.', "And a third.", "The last of them.")
SENTENCES = {
    "de": ("Die Katze schläft.", "Über den Dächern, sagt sie.", "Der Hund bellt laut.", "Das ist der letzte Satz."),
    "zh": ("今天天气，很好。", "你好，世界！", "请给我打电话。", "这是最后一句话。"),
}
HEARD = {"de": "die katze schleft", "zh": "今天 天汽 很好"}


@pytest.fixture(scope="module")
def datasets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("languages")
    background = own_background(root / "b")
    found = {}
    for language, sentences in SENTENCES.items():
        table = SPEECH.replace("\ten\t", f"\t{language}\t")
        for old, new in zip(ENGLISH, sentences, strict=True):
            assert old in table
            table = table.replace(old, new)
        speech = own_speech(root / language, table)
        licences: dict[str, Any] = {"speech_licence": "CC0 1.0", "background_licence": "CC0 1.0"}
        found[language] = root / f"built-{language}"
        build(found[language], speech=speech, background=background, **licences, progress=False)
    return found


def request(language: str, datasets: dict[str, Path], out: Path, **values: Any) -> Request:
    def reply(question: Question) -> Reply:
        return Reply(text=HEARD[language] if question.task == "asr" else "Home")

    return Request(ScriptedSystem(reply=reply), str(datasets[language]), out, embedder="exact", **values)


@pytest.mark.parametrize("language", SENTENCES)
def test_the_dataset_chooses_characters(language: str, datasets: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = evaluate(request(language, datasets, out, job=Job(runs=1)), progress=False)
    assert result.dataset.language == language
    assert result.normalizer == "basic-characters"
    assert read_result(out) == result
    scores = read_scores(out)
    found = scores.modes["independent"]
    assert (found.asr_unit, found.spelling) == ("character", None)
    opened = [row["transcript"] for row in _rows(datasets[language], "snr_0")]
    basic = BasicTextNormalizer()
    sides = [[basic(text).strip() for text in side] for side in (opened, [HEARD[language]] * len(opened))]
    if language == "zh":
        sides = [[text.replace(" ", "") for text in side] for side in sides]
    assert found.by_condition["0"]["wer"] == pytest.approx(100 * jiwer.cer(sides[0], sides[1]))
    assert f"  language of the dataset: {language}" in list(answer_lines(result))
    text = "\n".join(score_lines(scores))
    assert "independent CER" in text
    assert "WER" not in text


def _rows(folder: Path, condition: str) -> list[dict[str, Any]]:
    from sseu_dataset import load

    rows: list[dict[str, Any]] = load(folder, condition).remove_columns("audio").to_list()
    return rows


def test_words_of_german_may_be_asked_for(datasets: dict[str, Path], tmp_path: Path) -> None:
    first = evaluate(request("de", datasets, tmp_path / "out", job=Job(runs=1), score=False), progress=False)
    assert first.scoring is None
    assert score_folder(tmp_path / "out", embedder="exact", progress=False).normalizer == "basic-characters"
    assert score_folder(tmp_path / "out", normalizer="basic", progress=False).normalizer == "basic"
    assert read_scores(tmp_path / "out").modes["independent"].asr_unit == "word"
    assert score_folder(tmp_path / "out", progress=False).normalizer == "basic"  # as before


def test_words_of_chinese_are_refused_before_a_question(datasets: dict[str, Path], tmp_path: Path) -> None:
    message = re.escape("the normaliser 'basic' counts words, but zh is written without blanks between words")
    wrong = request("zh", datasets, tmp_path / "out", normalizer="basic")
    with pytest.raises(ValueError, match=message):
        evaluate(wrong, progress=False)
    assert isinstance(wrong.system, ScriptedSystem)
    assert wrong.system.asked == []
    assert not (tmp_path / "out").exists()
    job = Job(runs=1)
    folders = [tmp_path / f"part{number}" for number in (1, 2)]
    for number, folder in enumerate(folders, 1):
        evaluate(request("zh", datasets, folder, job=replace(job, shard=(number, 2))), progress=False)
    with pytest.raises(ValueError, match=message):
        score_folder(folders[0], normalizer="basic", progress=False)
    with pytest.raises(ValueError, match=message):
        merge(folders, tmp_path / "merged", normalizer="basic")
    assert merge(folders, tmp_path / "merged", progress=False).normalizer == "basic-characters"
