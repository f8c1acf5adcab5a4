"""Text normalisers for the word error rate, by name and version.

A word error rate depends on which spellings count as the same word, so every result records
`normaliser_version(name)`:

`whisper-english` (default): `EnglishTextNormalizer` of the package whisper-normalizer, the English rule of the Whisper
paper (arXiv 2212.04356, appendix C): lower case, no punctuation, bracketed text and hesitations dropped, contractions
and titles written out, numbers as digits, American spelling. It has quirks ("Smith's" becomes "smith is"); they are
kept, so that scores are comparable with others computed with the same version.

`basic`: `BasicTextNormalizer` of the same package, the Whisper paper's rule for other languages: lower case, bracketed
text dropped, every punctuation mark, symbol and combining mark a blank ("don't" is the two words "don t").

`basic-characters`, for languages other than English (`normaliser_for`): the same rule, but combining marks stay, since
they are vowels in many scripts, and every character is a word of its own. So the word error rate is the character error
rate (CER), and so is everything counted in words (`unit_of`). A blank between words counts as a character (`BLANK`), as
in jiwer; one beside a character of a script that is written without blanks (Chinese, Japanese, Thai, ...) is dropped.

`none`: runs of white space become one blank, nothing else.

Each rule is applied to the text with plain marks (`plain_marks`): typographic apostrophes, quotes, dashes and ligatures
as on a keyboard, an ellipsis a blank, invisible characters gone. How a model typesets its answer is no word error.

Up to `MAX_PIECE` characters a text comes out as the library gives it, without white space at the ends. A longer
one is worked on in pieces, cut at white space, because some of the library's regular expressions take quadratic time
and its number rule fails on 4,301 digits; only what spans a cut (a bracket, a number in several words) can differ then.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Literal, TypeAlias

Unit: TypeAlias = Literal["word", "character"]
"""What the errors of a transcript are counted in."""

DEFAULT_NORMALISER = "whisper-english"
OTHER_LANGUAGES = "basic-characters"
NORMALISERS: tuple[str, ...] = ("whisper-english", "basic", "basic-characters", "none")

BLANK = "\u2423"
"""The blank between two words as a character of its own; a symbol, so none of a text is left beside it."""

# Languages that put no blanks between words: whatever is split there at blanks is no word.
_WITHOUT_BLANKS = frozenset(
    ("bo", "dz", "gan", "hak", "hsn", "ja", "km", "lo", "lzh", "my", "nan", "th", "wuu", "yue", "zh")
)
# By Unicode block: Thai, Lao, Tibetan, Myanmar; Khmer; Han, kana, bopomofo.
_UNSPACED = (
    r"[\u0e00-\u109f\u1780-\u17ff\u19e0-\u19ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u312f\u31a0-\u31bf\u31f0-\u31ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\ua9e0-\ua9ff\uaa60-\uaa7f\uf900-\ufaff\U0001aff0-\U0001b16f\U00020000-\U000323af]"
)
_NEEDLESS_BLANK = re.compile(f"(?<={_UNSPACED}) | (?={_UNSPACED})")

# Far above the longest sentence of VCTK (185 characters); low enough that the longest number a piece can spell
# ("o decillion o decillion ...", 2.8 digits per character) stays below Python's limit of 4,300 digits.
MAX_PIECE = 1000

# A piece ends with white space, or inside a word that is longer than a piece.
_PIECE = re.compile(rf".{{1,{MAX_PIECE - 1}}}(?:\s|\Z)|.{{1,{MAX_PIECE}}}", re.DOTALL)

# Characters that nobody sees or types: controls, soft hyphens, zero-width and directional ones, lone surrogates.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    r"\ud800-\udfff]"
)
_OPENING_QUOTE = re.compile(r"(?<!\w)[‘‛]")
_PLAIN_MARKS = str.maketrans(
    {
        **dict.fromkeys("’‘‛ʼʹ´＇", "'"),
        **dict.fromkeys("“”„‟«»＂", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "…": " ",
        "ﬀ": "ff",
        "ﬁ": "fi",
        "ﬂ": "fl",
        "ﬃ": "ffi",
        "ﬄ": "ffl",
        "ﬅ": "st",
        "ﬆ": "st",
    }
)

# Lower-case letters and marks that become blanks wherever they stand (of two full stops in a row, one can stay).
_PLAIN = re.compile(r'[a-z\s,;:?!"-]*(?:\.(?!\.)[a-z\s,;:?!"-]*)*')
_WORD = re.compile(r"[a-z]+")


def normalise(texts: Sequence[str], name: str = DEFAULT_NORMALISER) -> list[str]:
    """Normalise texts, each distinct one once.

    Args:
        texts: Any strings, in any script and of any length.
        name: One of `NORMALISERS`.

    Returns:
        The normalised texts in the order given; words are separated by one blank, none stands at an end.

    Raises:
        ValueError: The name is unknown, `texts` is one string, or a text is not a string.
    """
    rule = _rule(name)
    check_texts(texts, "texts")
    normalised = {text: rule(plain_marks(text)) for text in dict.fromkeys(texts)}
    return [normalised[text] for text in texts]


def plain_marks(text: str) -> str:
    """The text with typographic marks as on a keyboard, and without invisible characters.

    An ellipsis becomes a blank. An opening quote becomes a double one: a straight single one would begin a contraction.
    """
    if text.isascii() and text.isprintable():
        return text
    return _OPENING_QUOTE.sub('"', _INVISIBLE.sub("", text)).translate(_PLAIN_MARKS)


def normaliser_version(name: str = DEFAULT_NORMALISER) -> str:
    """What a result records: the name of the normaliser and the version of its rule, e.g. `whisper-english 0.1.15`.

    Raises:
        ValueError: The name is unknown.
    """
    _check_name(name)
    if name == "none":
        return "none 1"
    from whisper_normalizer import __version__

    return f"{name} {__version__}"


def unit_of(name: str | None) -> Unit:
    """What errors are counted in with a normaliser, from its name or its `normaliser_version`; of None words."""
    return "character" if name is not None and name.partition(" ")[0] == OTHER_LANGUAGES else "word"


def normaliser_for(language: str, asked: str | None = None) -> str:
    """The normaliser of transcripts in a language.

    Args:
        language: BCP 47 tag; its first part (`de` of `de-AT`) decides.
        asked: The one that was asked for; None for the language's own: `DEFAULT_NORMALISER` for English,
            `OTHER_LANGUAGES` for every other one.

    Raises:
        ValueError: One was asked for that counts words, and the language puts no blanks between words.
    """
    first = language.partition("-")[0].lower()
    own = DEFAULT_NORMALISER if first == "en" else OTHER_LANGUAGES
    if asked is None:
        return own
    _check_name(asked)
    if first in _WITHOUT_BLANKS and unit_of(asked) == "word":
        raise ValueError(
            f"the normaliser {asked!r} counts words, but {language} is written without blanks between words; leave it "
            f"out, or take {OTHER_LANGUAGES!r}, with which every character is a word (CER)"
        )
    return asked


def check_texts(texts: Sequence[str], argument: str) -> None:
    """Check that an argument is a list of strings.

    Raises:
        ValueError: it is one string (which would be read letter by letter), or an element is not a string; the
            message names the argument, the row and the value.
    """
    if isinstance(texts, str):
        raise ValueError(f"{argument} is one string, {texts!r:.60}: pass a list of strings")
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise ValueError(
                f"{argument}[{row}] is {text!r:.60}, not a string: pass '' for an answer without a transcript"
            )


def _check_name(name: str) -> None:
    if name not in NORMALISERS:
        raise ValueError(f"unknown normaliser {name!r}: choose one of {', '.join(NORMALISERS)}")


@cache
def _rule(name: str) -> Callable[[str], str]:
    _check_name(name)
    if name == "none":
        return _single_blanks
    if name == "basic":
        from whisper_normalizer.basic import BasicTextNormalizer

        return _in_pieces(BasicTextNormalizer())
    if name == OTHER_LANGUAGES:
        return _characters()
    return _whisper_english()


def _single_blanks(text: str) -> str:
    return " ".join(text.split())


def _characters() -> Callable[[str], str]:
    """The basic rule with marks kept, every character a word."""
    from whisper_normalizer.basic import BasicTextNormalizer

    basic = _in_pieces(BasicTextNormalizer(preserve_marks=True))
    return lambda text: " ".join(_NEEDLESS_BLANK.sub("", basic(text)).replace(" ", BLANK))


def _in_pieces(rule: Callable[[str], str]) -> Callable[[str], str]:
    """Make a rule of superlinear time linear in the length of the text."""

    def in_pieces(text: str) -> str:
        if len(text) <= MAX_PIECE:
            return _single_blanks(rule(text))
        # A word longer than a piece stays one word: its parts are joined without a blank.
        cleaned = [rule(piece).strip() + " " * piece[-1].isspace() for piece in _PIECE.findall(text)]
        return _single_blanks("".join(cleaned))

    return in_pieces


def _whisper_english() -> Callable[[str], str]:
    """The library's rule, with a shortcut of the same result for plain sentences, 30 times as fast.

    The library runs over 60 substitutions on each text. In letters and simple punctuation none of them does more than
    make blanks unless one of the words they name is there, and the spelling table looks at single words.
    """
    from whisper_normalizer.english import EnglishTextNormalizer

    library = EnglishTextNormalizer()
    in_pieces = _in_pieces(library)
    american: dict[str, str] = library.standardize_spellings.mapping
    patterns = [library.ignore_patterns, *(pattern for pattern in library.replacers if "'" not in pattern)]
    named = {word for pattern in patterns for word in _WORD.findall(pattern.replace(r"\b", ""))}
    # "and" alone stays as it is: it matters beside numbers and in "and a half".
    special = named | (set(library.standardize_numbers.words) - {"and"}) | {"half"}

    def whisper_english(text: str) -> str:
        lowered = text.lower()
        if _PLAIN.fullmatch(lowered):
            words = _WORD.findall(lowered)
            if special.isdisjoint(words):
                return " ".join([american.get(word, word) for word in words])
        return in_pieces(text)

    return whisper_english
