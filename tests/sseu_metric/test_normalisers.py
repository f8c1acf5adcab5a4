"""What the text normalisers do to words, and that no text can stop or stall them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whisper_normalizer.basic import BasicTextNormalizer
from whisper_normalizer.english import EnglishTextNormalizer

from sseu_metric import normalisers
from sseu_metric.normalisers import (
    DEFAULT_NORMALISER,
    MAX_PIECE,
    NORMALISERS,
    normalise,
    normaliser_version,
    plain_marks,
)

# What the default does, checked manually (its equality with the library: below).
RULES = {
    # case, punctuation, white space
    "": "",
    " \t\n": "",
    "Please call Stella.": "please call stella",
    'He said, "No!"': "he said no",
    "U.K.": "u k",
    "café, naïve, œuvre": "cafe naive oeuvre",
    "你好。再见": "你好 再见",
    # contractions
    "I'm": "i am",
    "who's gone": "who has gone",
    "won't": "will not",
    "can't": "can not",
    "I wanna": "i want to",
    "the dogs' tails": "the dogs tails",
    # titles
    "Prof. Jones Jr.": "professor jones junior",
    # British spelling
    "the colour of the harbour": "the color of the harbor",
    # numbers
    "twenty one": "21",
    "the twenty-first": "the 21st",
    "one hundred and one": "101",
    "nineteen eighty four": "1984",
    "1,000,000": "1000000",
    "fifty per cent": "50%",
    "$20 million": "$20000000",
    "two and a half": "2.5",
    # hesitations and brackets
    "Um, well, uh, hmm, yes.": "well yes",
    "Mm-hmm.": "",
    "[noise] hello (laughs) <unk>": "hello",
}

# Where the default surprises; the comment says why it matters.
QUIRKS = {
    "It's Dr. Smith's": "it is doctor smith is",  # every possessive becomes "is"
    "Wait...": "wait .",  # an ellipsis at the end of the text stays as one more word
    "one two three": "123",  # numbers said one after the other are joined, so one wrong digit costs one word, not three
    "O'Neill": "0 neill",
    "in a second": "in a 2nd",
    "and a half": "",  # nothing before it to add the half to
    "x < y and y > z": "x z",  # text between two signs is taken for a tag
}

WORDS = [
    *("the", "cat", "and", "a", "half", "one", "two", "oh", "o", "point", "twenty", "first", "hundred", "million"),
    *("minus", "per", "cent", "percent", "pounds", "double", "been", "got", "cause", "mr", "Dr.", "st", "um", "Hmm"),
    *("colour", "theatre", "it's", "can't", "'tis", "'", "5", "10", "1,000", "3.5", "$5", "£2", "¢7", "%", ".", "..."),
    *(",", "?", "-", "(", ")", "[", ">", "<", "\n", "  ", "É", "\u0301", "’", "½", "٣", "™", "\u200d", "\ud800", "😀"),
]
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=30).map("".join),
    st.lists(st.sampled_from(["the", "cat", "colour", "and", "Sat.", "here,", "?", ". .", "\n"]), max_size=20).map(
        " ".join
    ),
)


@pytest.mark.parametrize(("text", "expected"), [*RULES.items(), *QUIRKS.items()])
def test_default_normaliser(text: str, expected: str) -> None:
    assert normalise([text]) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It's Dr. Smith's colour, [noise] (um) 10:00!", "it s dr smith s colour 10 00"),
        ("Wait...", "wait"),
        ("Café", "café"),
        ("  ", ""),
    ],
)
def test_basic(text: str, expected: str) -> None:
    assert normalise([text], "basic") == [expected]


def test_none_changes_white_space_and_typographic_marks_only() -> None:
    assert normalise(["  It’s\t Dr.\n\u3000Smith's [noise]… "], "none") == ["It's Dr. Smith's [noise]"]


@pytest.mark.parametrize("name", NORMALISERS)
@pytest.mark.parametrize(
    ("typeset", "typed"),
    [
        ("It’s the dogs’ bowl", "It's the dogs' bowl"),
        ("It‘s Brian´s", "It's Brian's"),
        ("He said “no” and «yes»", 'He said "no" and "yes"'),
        ("He ‘re-did’ it", "He \"re-did' it"),
        ("Wait… for me…", "Wait  for me "),
        ("one – two—three twenty‑one", "one - two-three twenty-one"),
        ("super\u00adim\u200bpo\u2060si\ufefftion", "superimposition"),
        ("\u2068left\u2069 \u202aright\u202c", "left right"),
        ("20\u00a0mm\u202fof\u2009rain", "20 mm of rain"),
        ("the ﬁrst ﬂoor oﬃce", "the first floor office"),
        ("lone \ud800surrogate", "lone surrogate"),
    ],
)
def test_typesetting_is_no_word_error(typeset: str, typed: str, name: str) -> None:
    assert normalise([typeset], name) == normalise([typed], name)


@given(TEXTS)
def test_default_is_the_librarys_rule(text: str) -> None:
    assert normalise([text]) == [" ".join(EnglishTextNormalizer()(plain_marks(text)).split())]


def test_every_word_that_the_librarys_tables_name() -> None:
    library = EnglishTextNormalizer()
    patterns = " ".join([library.ignore_patterns, *library.replacers]).replace(r"\b", " ")
    words = {
        *re.findall("[a-z']+", patterns),
        *library.standardize_numbers.words,
        *library.standardize_spellings.mapping,
    }
    texts = [text for word in sorted(words) for text in (f"The {word}, the {word}.", f"{word} {word} and {word}")]
    assert len(texts) > 3000
    assert normalise(texts) == [" ".join(library(text).split()) for text in texts]


@given(TEXTS)
def test_basic_is_the_librarys_rule(text: str) -> None:
    assert normalise([text], "basic") == [" ".join(BasicTextNormalizer()(plain_marks(text)).split())]


@pytest.mark.parametrize("sentence", ["The cat sat on the mat. ", "I'm at Dr. Brown's, in the colourful theatre! "])
def test_cuts_of_long_texts_do_not_show(sentence: str) -> None:
    text = sentence * 500
    assert len(text) > 10 * MAX_PIECE
    assert normalise([text]) == [" ".join(EnglishTextNormalizer()(text).split())]


def test_a_word_longer_than_a_piece_stays_one_word() -> None:
    assert normalise(["é" * 2500 + " x"], "basic") == ["é" * 2500 + " x"]
    assert normalise(["é" * 2500 + " x"]) == ["e" * 2500 + " x"]


def seconds(text: str, name: str) -> float:
    start = time.process_time()
    normalise([text], name)
    return time.process_time() - start


@pytest.mark.parametrize("name", NORMALISERS)
@pytest.mark.parametrize(
    "unit", ["(", "<", " '", "um ", "a\u0301\u0316", "9", "o decillion ", "the cat sat "], ids=repr
)
def test_time_is_linear_in_the_length(name: str, unit: str) -> None:
    """The library alone takes quadratic time for brackets, and fails on a long number."""
    text = (unit * 40_000)[:40_000]
    ratio = 9.0
    for _ in range(4):  # a busy machine may spoil one measurement
        half_s = seconds(text[:20_000], name)
        ratio = min(ratio, (seconds(text, name) + 0.005) / (half_s + 0.005))  # clock steps
        if ratio < 3:
            break
    assert ratio < 3


def test_the_longest_number_of_a_piece_does_not_fail() -> None:
    # Each "o decillion" adds 34 digits; Python refuses to print an integer of more than 4,300, and the library prints.
    text = "9 " + "o decillion " * 200
    with pytest.raises(ValueError, match="Exceeds the limit"):
        EnglishTextNormalizer()(text)
    assert 2500 < len(normalise([text[:MAX_PIECE]])[0]) < 4300
    assert len(normalise([text])[0]) > 2500


def test_order_is_kept_and_each_distinct_text_is_normalised_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def rule(text: str) -> str:
        seen.append(text)
        return text.upper()

    monkeypatch.setattr(normalisers, "_rule", lambda name: rule)
    assert normalise(["b", "a", "b", "", "a"]) == ["B", "A", "B", "", "A"]
    assert sorted(seen) == ["", "a", "b"]


def test_versions_name_the_rule() -> None:
    assert DEFAULT_NORMALISER == "whisper-english"
    assert [normaliser_version(name) for name in NORMALISERS] == [
        "whisper-english 0.1.15",
        "basic 0.1.15",
        "basic-characters 0.1.15",
        "none 1",
    ]


@pytest.mark.parametrize("call", [lambda name: normalise(["a"], name), normaliser_version])
def test_unknown_name(call: Callable[[str], object]) -> None:
    message = "unknown normaliser 'Whisper': choose one of whisper-english, basic, basic-characters, none"
    with pytest.raises(ValueError, match=re.escape(message)):
        call("Whisper")


def test_one_string_is_not_a_list_of_strings() -> None:
    with pytest.raises(ValueError, match=re.escape("texts is one string, 'hello': pass a list of strings")):
        normalise("hello")


@pytest.mark.parametrize("value", [None, 3, float("nan"), ["a"]], ids=repr)
def test_what_is_no_string(value: object) -> None:
    with pytest.raises(ValueError, match=re.escape(f"texts[1] is {value!r}, not a string: pass '' for an answer")):
        normalise(["a", value])  # type: ignore[list-item]
