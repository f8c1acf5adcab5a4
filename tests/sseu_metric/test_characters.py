"""Transcripts in languages other than English: scored in characters, as jiwer and Whisper's own rule count them."""

from __future__ import annotations

import json
import re
from typing import Any

import evaluate
import jiwer
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein
from whisper_normalizer.basic import BasicTextNormalizer

from sseu_metric import compare, score, summarise
from sseu_metric.answer_files import score_file
from sseu_metric.answers import parse_answer
from sseu_metric.floors import best_beginning
from sseu_metric.normalisers import BLANK, DEFAULT_NORMALISER, OTHER_LANGUAGES, normalise, normaliser_for, unit_of
from sseu_metric.result_tables import describe
from sseu_metric.wer import count_word_errors, word_error_rate

RULES = {
    "": "",
    "。": "",
    "Die Katze, schläft! (leise)": "die␣katze␣schläft",
    "u\u0308ber": "über",  # composed, as it is usually written
    "Straße": "straße",
    "你好，世界。": "你好世界",
    "我 用 Python 写 hello world": "我用python写hello␣world",
    "コーヒーを\u3000飲む": "コーヒーを飲む",
    "ﾃﾞｰﾀ Ａ１": "データa1",
    "ที่นี่ ประเทศไทย": "ที่นี่ประเทศไทย",
    "ຂ້ອຍ ຮັກ": "ຂ້ອຍຮັກ",
    "हिन्दी में": "हिन्दी␣में",  # Devanagari has blanks, and its vowels are marks
    "안녕하세요 여러분": "안녕하세요␣여러분",
    f"a{BLANK}b": "a␣b",  # the sign for a blank is itself a symbol
}

TRANSCRIPTS = (
    "你好，世界。「今天」天气很好！",
    "コーヒーを飲みました。ｶﾞｷﾞＡＢＣ\u3000１２３",
    "Die Straße ist „schön“, über 3,5 km – größer.",
    "हिन्दी में बोलिए।",
    "ที่นี่ประเทศไทย",
    "u\u0308ber Cafe\u0301",
    "안녕하세요, 여러분!",
    "مرحبا بكم",
)

GERMAN = ("Die Katze schläft auf dem Sofa.", "Der Hund bellt laut.", "Bitte rufen Sie Stella an.")


def one_text(normalised: str) -> str:
    """The characters of a normalised text side by side."""
    return normalised.replace(" ", "")


@pytest.mark.parametrize("text", RULES)
def test_every_character_is_a_word(text: str) -> None:
    (found,) = normalise([text], OTHER_LANGUAGES)
    assert one_text(found) == RULES[text]
    assert found.split() == list(RULES[text])


@settings(max_examples=300, deadline=None)
@given(st.text(min_size=1, max_size=40), st.text(max_size=40))
def test_error_rate_is_jiwers_and_rapidfuzzs_cer(reference: str, hypothesis: str) -> None:
    said, heard = normalise([reference, hypothesis], OTHER_LANGUAGES)
    characters = [one_text(text).replace(BLANK, " ") for text in (said, heard)]
    if not characters[0]:
        return
    counts = count_word_errors([said], [heard])
    assert counts[0, :3].sum() == Levenshtein.distance(*characters)
    assert counts[0, 3] == len(characters[0])
    assert word_error_rate(counts) == pytest.approx(100 * jiwer.cer(characters[0], characters[1]), abs=1e-9)


@settings(max_examples=300, deadline=None)
@given(*[st.text(st.sampled_from("aäßZéñ жЩйĄł.,-'! "), max_size=40)] * 2)
def test_with_blanks_it_is_jiwers_cer_of_whispers_basic_rule(reference: str, hypothesis: str) -> None:
    basic = [BasicTextNormalizer()(text).strip() for text in (reference, hypothesis)]
    if basic[0]:
        counts = count_word_errors(*([text] for text in normalise([reference, hypothesis], OTHER_LANGUAGES)))
        assert word_error_rate(counts) == pytest.approx(100 * jiwer.cer(basic[0], basic[1]), abs=1e-9)


@settings(max_examples=300, deadline=None)
@given(*[st.text(st.sampled_from("你好世界一二三々〇あいうアイウー，。、！「」 \u3000１Ａ"), max_size=40)] * 2)
def test_without_blanks_it_is_the_rate_of_whispers_split_letters(reference: str, hypothesis: str) -> None:
    whispers = [BasicTextNormalizer(split_letters=True)(text).strip() for text in (reference, hypothesis)]
    if re.search("[你好世界一二三々〇あいうアイウー]", reference) and not re.search("[1a] +[1a]", " ".join(whispers)):
        counts = count_word_errors(*([text] for text in normalise([reference, hypothesis], OTHER_LANGUAGES)))
        assert word_error_rate(counts) == pytest.approx(100 * jiwer.wer(whispers[0], whispers[1]), abs=1e-9)


def test_choice_by_language() -> None:
    assert {normaliser_for(one) for one in ("en", "en-GB", "EN")} == {DEFAULT_NORMALISER}
    assert {normaliser_for(one) for one in ("de", "zh", "zh-Hant", "ja", "hi", "gsw")} == {OTHER_LANGUAGES}
    assert normaliser_for("de", "basic") == "basic"
    assert [unit_of(one) for one in ("basic", "basic 0.1.15", OTHER_LANGUAGES, f"{OTHER_LANGUAGES} 0.1.15", None)] == [
        *("word", "word", "character", "character", "word")
    ]


@pytest.mark.parametrize("language", ["zh", "yue", "ja-JP", "th", "lo", "km", "my"])
def test_words_are_refused_where_there_are_no_blanks(language: str) -> None:
    with pytest.raises(ValueError, match=f"'basic' counts words, but {language} is written without blanks .*'basic-ch"):
        normaliser_for(language, "basic")
    assert normaliser_for(language, OTHER_LANGUAGES) == OTHER_LANGUAGES


@pytest.mark.parametrize("text", TRANSCRIPTS)
def test_transcripts_arrive_unharmed(text: str) -> None:
    record = {"transcript": text, "scene": "Home", "events": ["Speech"]}
    answers: list[tuple[Any, str]] = [
        ("asr", text),
        ("asr", f"Transcript: {text}"),
        ("joint", json.dumps(record, ensure_ascii=False)),
        ("joint", json.dumps(record)),
        ("joint", f"Transcript: {text}\nScene: Home\nEvents: Dog"),
    ]
    found = [parse_answer(answer, mode).transcript for mode, answer in answers]
    assert found == [text.replace("\u3000", " ")] * len(answers)


def rows(languages: tuple[str, ...] = GERMAN) -> list[dict[str, Any]]:
    return [
        {
            "id": f"{number}_{condition}",
            "condition": condition,
            "transcript": languages[number % len(languages)],
            "speaker_id": f"speaker {number % 5}",
            "source_recording_id": f"recording {number % 4}",
        }
        for condition in ("0", "-5")
        for number in range(15)
    ]


def test_everything_counts_characters() -> None:
    truth = rows()
    answers = [{"transcript": row["transcript"].replace("a", "o")} for row in truth]
    answers[0] = {"transcript": "so viele Wörter, die niemand gesagt hat, und noch mehr davon"}
    found = summarise(score(answers, truth, tasks=("asr",), normalizer=OTHER_LANGUAGES))
    basic = BasicTextNormalizer()
    said, heard = ([basic(row["transcript"]).strip() for row in side] for side in (truth, answers))
    by_condition = [100 * jiwer.cer(said[start : start + 15], heard[start : start + 15]) for start in (0, 15)]
    assert found["wer"] == pytest.approx(np.mean(by_condition))
    assert found["wer_capped"] < found["wer"]
    assert found["counts"]["asr"]["runaway"] == 1
    assert (found["asr_unit"], found["normalizer"]) == ("character", "basic-characters 0.1.15")
    assert "spelling" not in found
    always = basic(min(GERMAN)).strip()  # all three are as frequent
    floor = [100 * jiwer.cer(said[start : start + 15], [always] * 15) for start in (0, 15)]
    assert found["skill"]["wer"]["sentence"]["all"]["floor"] == pytest.approx(np.mean(floor))
    assert found["intervals"]["wer"]["all"]["low"] < found["wer"] < found["intervals"]["wer"]["all"]["high"]
    text = describe(found)
    assert "CER capped" in text
    assert "intervals of CER, CER capped: clusters are speaker x sentence x recording" in text
    assert "WER" not in text


def test_english_results_do_not_name_the_unit() -> None:
    found = summarise(score(["hello"], ["hello there"], tasks=("asr",)))
    assert "asr_unit" not in found
    assert found["wer"] == 50
    assert "spelling" in found


def test_a_beginning_of_characters_ends_with_a_word() -> None:
    texts = ["der hund bellt laut", "der hund schläft", "der hund", "der hut"]
    said = normalise(texts, OTHER_LANGUAGES)
    beginnings = {" ".join(text.split()[:end]) for text in texts for end in range(5)}
    least = min(sum(Levenshtein.distance(beginning, text) for text in texts) for beginning in beginnings)
    found = one_text(best_beginning(said)).replace(BLANK, " ")
    assert found in beginnings
    assert sum(Levenshtein.distance(found, text) for text in texts) == least
    assert one_text(best_beginning(normalise(["你好世界", "你好中国", "你们"], OTHER_LANGUAGES))) == "你好"


def test_units_are_not_compared() -> None:
    truth, answers = rows(), [{"transcript": row["transcript"][:-3]} for row in rows()]
    words, characters = (score(answers, truth, tasks=("asr",), normalizer=one) for one in ("basic", OTHER_LANGUAGES))
    message = "errors are counted in words for A (basic 0.1.15), in characters for B (basic-characters 0.1.15)"
    with pytest.raises(ValueError, match=re.escape(message)):
        compare(words, characters, "wer")
    with pytest.raises(ValueError, match="scores of different normalizers do not add up"):
        words + characters
    other = score([{"transcript": row["transcript"]} for row in truth], truth, tasks=("asr",), normalizer="basic")
    assert compare(words, other, "wer").name == "WER"
    assert compare(characters, characters, "wer").name == "CER"


def test_evaluate_and_files_take_it(tmp_path: Any) -> None:
    truth, answers = ["你好，世界", "今天 天气 很好"], ["你好世界", "今天天汽很好"]
    metric = evaluate.load("sseu_metric/sseu.py", "asr")
    found = metric.compute(predictions=answers, references=truth, normalizer=OTHER_LANGUAGES)
    assert (found["wer"], found["asr_unit"]) == (10.0, "character")
    lines = [json.dumps({"prediction": heard, "reference": said}) for said, heard in zip(truth, answers, strict=True)]
    (tmp_path / "answers.jsonl").write_text("\n".join(lines))
    of_file = score_file(tmp_path / "answers.jsonl", configuration="asr", normalizer=OTHER_LANGUAGES)
    assert of_file["wer"] == 10.0
