"""Memory, not hearing: words of an utterance that were given although they were never audible.

The corpus has few sentences, which every model may have read. Where the utterance is silenced from a share of its
length on, what an answer still has of the rest is remembered, or guessed from the beginning.

No forced alignment says when a word was spoken. A word is taken to begin at its share of the letters and blanks of the
sentence, from the first to the last sound of the utterance. In 20 utterances of VCTK the word times of a recogniser
(Whisper base) put the words of the middle from 0.08 of the utterance before that place to 0.11 after it. So a word
counts as silenced only where it begins `MARGIN` after the cut; the words around the cut count for nothing.

The answer is aligned with the whole sentence at the least word errors; of such alignments the one with the fewest
silenced words counts. By chance, too, words such as "the" are met: the same answers are aligned with the end of another
sentence after the beginning of theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

from .conditions import ordered
from .floors import commonest
from .matching import difference_interval
from .normalisers import Unit, normalise, unit_of
from .rows import Rows
from .scores import Scores

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MARGIN = 0.1
"""Share of an utterance by which a word must begin after the cut to count as silenced."""

_METRIC = "words_remembered"
_ALIKE = 0.5  # Jaccard index of the words from which on one sentence is a variant of the other


def first_silenced(words: Sequence[str], heard: float) -> int:
    """How many words stand before the first silenced one; all of them where none is.

    Args:
        words: The words of a sentence.
        heard: The share of the utterance that is heard, 0 to 1.
    """
    ends = list(accumulate(len(word) + 1 for word in words))
    starts = (end - len(word) - 1 for end, word in zip(ends, words, strict=True))
    return next((place for place, start in enumerate(starts) if start >= (heard + MARGIN) * ends[-1]), len(words))


def count_remembered(sentence: Sequence[str], answer: Sequence[str], first: int) -> int:
    """How many words of a sentence, from the word with the number `first` on, an answer has.

    Of the alignments with the least word errors (Levenshtein) that with the fewest such words.
    """
    from rapidfuzz.distance import Levenshtein

    # Words that were heard and begin both are kept by one of the alignments in question.
    same = next((n for n, (word, said) in enumerate(zip(sentence, answer, strict=False)) if word != said), first)
    same = min(same, first, len(answer))
    sentence, answer, first = sentence[same:], answer[same:], first - same
    changed = {edit.src_pos for edit in Levenshtein.editops(sentence, answer) if edit.tag != "insert"}
    if changed.issuperset(range(first, len(sentence))):
        return 0
    error = len(sentence) + 1  # more than any number of remembered words
    costs = [error * place for place in range(len(answer) + 1)]
    for place, word in enumerate(sentence):
        before, costs = costs, [costs[0] + error]
        for said, other in enumerate(answer):
            kept = before[said] + (place >= first if word == other else error)
            costs.append(min(kept, before[said + 1] + error, costs[said] + error))
    return costs[-1] % error


def add_memory(rows: Rows, answers: Sequence[str], heard: Sequence[float], normalizer: str) -> Rows:
    """The rows of `asr` with the columns of `words_remembered`.

    Args:
        rows: Answers about utterances that were silenced from some place on.
        answers: The transcript that each row was scored on, "" where there is none.
        heard: The share of the utterance that was heard in each row.
        normalizer: One of `normalisers.NORMALISERS`.

    Returns:
        With `silenced` (n, 2), the silenced words of the sentence and of another one in its place, and `remembered`
        (n, 2), how many of either the answer has; 0 words where there is no other sentence.
    """
    import numpy as np

    texts = rows["sentence"].tolist()
    normal = normalise([*texts, *answers], normalizer)
    sentences, said = normal[: len(texts)], normal[len(texts) :]
    unit, distinct = unit_of(normalizer), tuple(sorted(set(sentences)))
    other_of = {text: _other_sentence(text, distinct, unit) for text in distinct}

    @cache
    def counted(sentence: str, answer: str, share: float) -> tuple[int, int, int, int]:
        words, others = sentence.split(), other_of[sentence].split()
        begin, end = first_silenced(words, share), first_silenced(others, share)
        exchanged = [*words[:begin], *others[end:]]
        given = answer.split()
        return (
            len(words) - begin,
            len(others) - end,
            count_remembered(words, given, begin),
            count_remembered(exchanged, given, begin),
        )

    counts = np.array([counted(*row) for row in zip(sentences, said, heard, strict=True)], dtype=np.int32)
    counts = counts.reshape(-1, 4)
    return Rows({**rows.columns, "silenced": counts[:, :2], "remembered": counts[:, 2:]})


def _other_sentence(sentence: str, sentences: Sequence[str], unit: Unit) -> str:
    """The next in alphabetical order that is no variant of it; "" where all others are variants.

    Of characters, which all sentences of a language share, the pairs of neighbours are compared instead of the words.
    """

    def parts(text: str) -> set[tuple[str, ...]]:
        words = text.split()
        return set(pairwise(words)) if unit == "character" else {(word,) for word in words}

    place, ours = sentences.index(sentence), parts(sentence)
    for other in (*sentences[place + 1 :], *sentences[:place]):
        theirs = parts(other)
        if len(ours & theirs) < _ALIKE * len(ours | theirs):
            return other
    return ""


def find_memory(scores: Scores, *, intervals: bool = True) -> dict[str, Any] | None:
    """How many of the words that were silenced the answers of one mode have.

    Returns:
        `words_remembered` in percent of the silenced words, averaged as WER, `silenced` (how many they are, over all
        answers), `by_chance` (the same with the end of another sentence) and `difference` (above chance, in points)
        with its `interval`, None where there is no other sentence; `by_condition`, `by_sentence`, and with `intervals`
        the 95 % intervals. None where no utterance was silenced.
    """
    rows = scores.tables.get("asr")
    if rows is None or "silenced" not in rows.columns or (value := scores.value(_METRIC)) is None:
        return None
    own = replace(scores, tables={"asr": rows})
    replicates = own.replicates(_METRIC) if intervals else None
    found: dict[str, Any] = {_METRIC: value, "silenced": int(rows["silenced"][:, 0].sum())}
    exchanged = Rows({**rows.columns, **{name: rows[name][:, ::-1] for name in ("silenced", "remembered")}})
    chance = own.answered_with("asr", exchanged)
    by_chance = chance.value(_METRIC)
    found |= {"by_chance": by_chance, "difference": None, "interval": None}
    if by_chance is not None:
        found["difference"] = value - by_chance
        if replicates is not None and chance.cells(_METRIC).keys() == own.cells(_METRIC).keys():
            interval = difference_interval(chance, own, _METRIC, chance.replicates(_METRIC))
            found["interval"] = None if interval is None else asdict(interval)
    by_condition = own.by("condition")
    found["by_condition"] = {name: by_condition[name].value(_METRIC) for name in ordered(filter(None, by_condition))}
    if replicates is not None:
        found["intervals"] = _as_dicts(own.intervals(_METRIC, replicates))
    found["by_sentence"] = _by_sentence(own, intervals)
    return found


def _by_sentence(scores: Scores, intervals: bool) -> dict[str, dict[str, Any]]:
    """For each sentence, in its commonest spelling, its silenced words and what is remembered of them."""
    from .clusters import grouping_column

    rows = scores.tables["asr"]
    keys = grouping_column(rows, "sentence")
    found = {}
    for key in sorted(set(keys.tolist())):
        part = rows.take(keys == key)
        # Within one sentence the speakers and the recordings are what varies.
        alone = replace(scores, tables={"asr": Rows({**part.columns, "sentence": _blank(part["sentence"])})})
        if (value := alone.value(_METRIC)) is not None:
            one: dict[str, Any] = {_METRIC: value, "silenced": int(part["silenced"][:, 0].sum())}
            if intervals:
                one["interval"] = _as_dicts(alone.intervals(_METRIC))["all"]
            found[commonest(part["sentence"].tolist())] = one
    return found


def _blank(column: NDArray[np.object_]) -> NDArray[np.object_]:
    blank = column.copy()
    blank[:] = ""
    return blank


def _as_dicts(intervals: Mapping[str, Any]) -> dict[str, dict[str, float] | None]:
    return {key: None if one is None else asdict(one) for key, one in intervals.items()}
