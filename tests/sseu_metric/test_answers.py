"""Golden answers are read as they say; any text at all is read without error, in linear time."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sseu_metric.answer_cleaning import normalise_text
from sseu_metric.answer_values import MAX_EVENTS, MAX_NAME_LENGTH, ParseStatus
from sseu_metric.answers import ParsedAnswer, ParseMode, parse_answer, parse_answers
from sseu_metric.labels import EVENTS, SCENES

HERE = Path(__file__).parent
GOLDEN = [json.loads(line) for line in (HERE / "golden_answers.jsonl").read_text(encoding="utf-8").splitlines()]
"""Answers in the manner of real models and what must be read from them; a status for all tasks asked, or one each."""
PIECES = json.loads((HERE / "answer_pieces.json").read_text(encoding="utf-8"))
"""`fragments` from which any text is drawn; `units` whose repetition must not take quadratic time."""
MODES: tuple[ParseMode, ...] = get_args(ParseMode)
WITHOUT_VALUE = {ParseStatus.EMPTY, ParseStatus.REFUSED, ParseStatus.UNPARSED, ParseStatus.MISSING}


@pytest.mark.parametrize("golden", GOLDEN, ids=[f"{golden['mode']} {golden['name']}" for golden in GOLDEN])
def test_golden_answers(golden: dict[str, Any]) -> None:
    answer = parse_answer(golden["text"], golden["mode"])
    events = None if answer.events is None else list(answer.events)
    assert (answer.transcript, answer.scene, events) == tuple(map(golden.get, ("transcript", "scene", "events")))
    statuses = golden["status"].split()
    assert list(answer.status.values()) == (statuses if len(statuses) > 1 else statuses * len(answer.status))


def test_golden_answers_have_unique_names_and_every_status() -> None:
    assert len({(golden["mode"], golden["name"]) for golden in GOLDEN}) == len(GOLDEN)
    assert {word for golden in GOLDEN for word in golden["status"].split()} == set(ParseStatus) - {ParseStatus.CAPPED}


# ---- what must never be confused


def test_missing_empty_refused_unparsed_and_none_differ() -> None:
    texts = (None, "", "I'm sorry, I can't hear any audio.", "Scene: Home", "None")
    answers = [parse_answer(text, "at") for text in texts]
    assert [answer.status["at"] for answer in answers] == ["missing", "empty", "refused", "unparsed", "plain"]
    assert [answer.events for answer in answers] == [None, None, None, None, ()]


def test_unknown_mode_is_refused_with_the_modes_there_are() -> None:
    with pytest.raises(ValueError, match=r"mode='ASR': expected one of asr, asc, at, joint, cot"):
        parse_answer("Home", "ASR")  # type: ignore[arg-type]


# ---- the labels themselves come through every format unchanged

FORMATS = (
    "Transcript: {t}\nScene: {s}\nEvents: {e}",
    "Spoken text: {t}\nAcoustic scene: {s}.\nSound events: {e}.",
    "**Transcript:** “{t}”\n**Scene:** {s}\n**Events:** {e}",
    "Events: {e}\nScene: {s}\nTranscript: {t}",
    "Transcript: {t} Scene: {s} Events: {e}",
    "<think>Scene: no idea</think>Transcript: {t}\nScene: {s}\nEvents: {e}<|im_end|>",
    '{{"transcript": "{t}", "scene": "{s}", "events": "{e}"}}',
    "{{'transcript': '{t}', 'scene': '{s}', 'events': '{e}'}}",
    "| Transcript | Scene | Events |\n|---|---|---|\n| {t} | {s} | {e} |",
    "### Transcript\n{t}\n\n### Scene\n{s}\n\n### Events\n{e}",
)


@pytest.mark.parametrize("form", FORMATS)
@given(
    words=st.lists(
        st.sampled_from(["please", "call", "Stella", "it's", "a", "rainbow", "£100", "I'm", "B", "sorry"]), min_size=1
    ),
    scene=st.sampled_from(SCENES),
    events=st.lists(st.sampled_from(EVENTS), min_size=1, unique=True),
)
@settings(max_examples=25, deadline=None)
def test_every_format_gives_back_what_was_put_in(form: str, words: list[str], scene: str, events: list[str]) -> None:
    transcript = " ".join(["Yes", *words])
    answer = parse_answer(form.format(t=transcript, s=scene, e="; ".join(events)), "joint")
    assert (answer.transcript, answer.scene, answer.events) == (transcript, scene, tuple(events))


@pytest.mark.parametrize("separator", ["; ", ", ", "\n", ",", ";", "\n- ", " / ", " and "])
def test_every_separator_keeps_the_class_names(separator: str) -> None:
    answer = parse_answer(separator.join(EVENTS), "at")
    assert answer.events == EVENTS


# ---- nothing is dropped without a word


def test_events_beyond_the_cap_are_reported() -> None:
    names = [f"sound number {'a' * i}" for i in range(1, MAX_EVENTS + 2)]
    full = parse_answer("; ".join(names[:-1]), "at")
    assert (full.events, full.status["at"]) == (tuple(names[:-1]), "plain")
    over = parse_answer("; ".join(names), "at")
    assert (over.events, over.status["at"]) == (tuple(names[:-1]), "capped")
    listed = parse_answer(f"Transcript: a\nScene: b\nEvents: {'; '.join(names)}", "joint")
    assert listed.status == {"asr": "labelled", "asc": "labelled", "at": "capped"}


@pytest.mark.parametrize("mode", ["asc", "at"])
def test_names_beyond_the_cap_are_reported(mode: ParseMode) -> None:
    answer = parse_answer("x" * (MAX_NAME_LENGTH + 1), mode)
    assert answer.status[mode] == "capped"  # type: ignore[index]
    assert (answer.scene or answer.events) in ("x" * MAX_NAME_LENGTH, ("x" * MAX_NAME_LENGTH,))
    assert parse_answer("x" * MAX_NAME_LENGTH, mode).status[mode] == "plain"  # type: ignore[index]


def test_a_runaway_transcript_keeps_every_word() -> None:
    text = "and then I said yes " * 5000
    assert len(text) == 100_000
    for answer in (parse_answer(text, "asr"), parse_answer(f"Transcript: {text}\nScene: Home\nEvents: Dog", "joint")):
        assert (answer.transcript or "").split() == text.split()


def test_an_article_is_no_part_of_a_name() -> None:
    answer = parse_answer("The scene is a busy street. Events: a dog; the sound of some cars; several birds", "joint")
    assert (answer.scene, answer.events) == ("busy street", ("dog", "cars", "several birds"))


def test_a_repeated_event_counts_once_and_keeps_the_first_spelling() -> None:
    answer = parse_answer("Dog; Cat; " + "DOG (1.0-2.0s); dog; " * 5000, "at")
    assert (answer.events, answer.status["at"]) == (("Dog", "Cat"), "plain")


@pytest.mark.long
def test_a_million_events_in_one_answer() -> None:
    answer = parse_answer(";".join(f"b{number}" for number in range(1_000_000)), "at")
    assert answer.events is not None
    assert (len(answer.events), answer.status["at"]) == (MAX_EVENTS, "capped")


def test_one_hundred_kilobytes_of_repeated_blocks_give_the_last_complete_one() -> None:
    blocks = "".join(f"Transcript: take {number}\nScene: Home\nEvents: Dog\n\n" for number in range(2200))
    answer = parse_answer(blocks + "Transcript: take", "cot")
    assert (answer.transcript, answer.scene, answer.events) == ("take 2199", "Home", ("Dog",))


# ---- any text

TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=200),
    st.lists(
        st.one_of(st.sampled_from(PIECES["fragments"]), st.text(st.characters(exclude_categories=()), max_size=5)),
        max_size=40,
    ).map("".join),
)


def _check(answer: ParsedAnswer, mode: ParseMode) -> None:
    asked = ("asr", "asc", "at") if mode in ("joint", "cot") else (mode,)
    assert tuple(answer.status) == asked
    values = {"asr": answer.transcript, "asc": answer.scene, "at": answer.events}
    for task, value in values.items():
        status = answer.status.get(task)  # type: ignore[call-overload]
        assert (value is None) == (status is None or status in WITHOUT_VALUE)
    assert answer.events is None or type(answer.events) is tuple
    for text in (answer.transcript, answer.scene, *(answer.events or ())):
        assert text is None or type(text) is str
        assert not text or (text == " ".join(text.split()) and text.encode())
        assert not text or all(character.isprintable() or ord(character) > 0xFF for character in text)
    names = [name.casefold() for name in answer.events or ()]
    assert len(set(names)) == len(names) <= MAX_EVENTS
    assert all(names)


@given(text=TEXTS, mode=st.sampled_from(MODES))
@example(text="\ud83d", mode="asr")
@example(text='{"transcript": "\\ud83d"}', mode="asr")
@settings(max_examples=600, deadline=None)
def test_any_text_is_read_without_error_and_always_alike(text: str, mode: ParseMode) -> None:
    answer = parse_answer(text, mode)
    _check(answer, mode)
    assert parse_answer(text, mode) == answer


def _seconds(text: str, mode: ParseMode) -> float:
    start = time.process_time()
    parse_answer(text, mode)
    return time.process_time() - start


@pytest.mark.parametrize("unit", PIECES["units"], ids=ascii)
def test_time_is_linear_in_the_length(unit: str) -> None:
    text = (unit * (100_000 // len(unit) + 1))[:100_000]
    _check_linear(text[:50_000], text, MODES[PIECES["units"].index(unit) % 4])


@pytest.mark.parametrize("marks", ["“”", "«»", "「」", "‘’", '""', "''", "“«»”"])
@pytest.mark.parametrize("mode", ["asr", "asc", "at", "joint"])
def test_quotes_in_quotes_take_linear_time(marks: str, mode: ParseMode) -> None:
    opening, closing = marks[: len(marks) // 2], marks[len(marks) // 2 :]
    half, whole = (f"Transcript: {opening * depth}x{closing * depth}" for depth in (25_000, 50_000))
    _check_linear(half, whole, mode)
    assert parse_answer(whole, "asr").transcript == "x"


def _check_linear(half: str, whole: str, mode: ParseMode) -> None:
    """Twice the length takes about twice as long; a quadratic scan would take four times as long."""
    ratio = 9.0
    for _ in range(4):  # a busy machine may spoil one measurement
        before = _seconds(half, mode)
        ratio = min(ratio, (_seconds(whole, mode) + 0.002) / (before + 0.002))  # clock steps
        if ratio < 3:
            break
    assert ratio < 3


def test_typographic_signs_stay_as_they_were_written() -> None:
    """The normaliser of the metric treats them, in raw text and in structured predictions alike."""
    read = parse_answer("Spoken text: “It’s Smith‘s… we think... so”", "asr")
    assert read.transcript == "It’s Smith‘s… we think... so"


def _is_subsequence(part: str, whole: str) -> bool:
    rest = iter(filter(str.isalnum, whole))
    return all(character in rest for character in filter(str.isalnum, part))


@given(text=TEXTS, mode=st.sampled_from(MODES))
@settings(max_examples=400, deadline=None)
def test_what_is_read_stands_in_the_answer_in_this_order(text: str, mode: ParseMode) -> None:
    text = text.replace("\\", "")  # JSON's escapes stand for other characters
    answer, clean = parse_answer(text, mode), normalise_text(text)
    for value in (answer.transcript, answer.scene, *(answer.events or ())):
        assert _is_subsequence(value or "", clean)


HELLO = (
    "Hola, ¿qué tal?",
    "Guten Tag, wie geht’s?",
    "Bonjour, ça va bien ?",
    "Ciao, come stai?",
    "Olá, tudo bem?",
    "Привет, как дела?",
    "Γεια σου, τι κάνεις",
    "Merhaba, nasılsın?",
    "你好，最近怎么样？",
    "こんにちは、元気ですか。",
    "안녕하세요, 잘 지내세요?",
    "नमस्ते, आप कैसे हैं?",
    "مرحبا، كيف حالك؟",
    "שלום, מה שלומך?",
    "สวัสดี สบายดีไหม",
    "Xin chào, bạn khỏe không?",
    "Cześć, jak się masz?",
    "Hej, hur mår du?",
    "Szia, hogy vagy?",
    "Halo, apa kabar?",
)


@pytest.mark.parametrize("words", HELLO)
def test_words_of_twenty_languages_are_read(words: str) -> None:
    for text, mode in ((words, "asr"), (f"Transcript: {words}\nScene: Home\nEvents: Dog", "joint")):
        assert parse_answer(text, mode).transcript == words  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_hundred_thousand_answers_are_read_alike_and_in_time() -> None:
    generator = random.Random(0)
    texts = ["".join(generator.choices(PIECES["fragments"], k=generator.randrange(1, 30))) for _ in range(100_000)]
    first = [parse_answer(text, MODES[number % 5]) for number, text in enumerate(texts)]
    assert [parse_answer(text, MODES[number % 5]) for number, text in enumerate(texts)] == first
    for number, answer in enumerate(first):
        _check(answer, MODES[number % 5])


@pytest.mark.long
@pytest.mark.parametrize("unit", PIECES["units"], ids=ascii)
def test_time_doubles_with_the_size_up_to_a_megabyte(unit: str) -> None:
    mode = MODES[PIECES["units"].index(unit) % 5]
    text = (unit * (1_000_000 // len(unit) + 1))[:1_000_000]
    _check_linear(text[:500_000], text, mode)


def test_many_answers_are_read_on_two_processes_as_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str | None, ParseMode]] = [(golden["text"], golden["mode"]) for golden in GOLDEN]
    asked += asked[::-3]  # models repeat themselves
    expected = [parse_answer(text, mode) for text, mode in asked]
    assert parse_answers(asked) == expected
    monkeypatch.setattr("sseu_metric.answers._MANY", 10)
    assert parse_answers(asked) == expected
