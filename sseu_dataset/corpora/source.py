"""What the reader of a corpus, or of a table that describes one, gives to the plan: speech, or backgrounds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sseu_dataset.records import Background, SourceIssues, Utterance


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """What speech and backgrounds have in common.

    Attributes:
        corpus: The name, with which its files begin in recipe and manifest.
        licence: What the rows say of its licence.
        root: The folder to which its files are relative.
        issues: What was found while reading it.
        deviations: Why a dataset made of it is not the paper's, whatever else it is made of.
        places: Where a table names each file, such as ` (line 3 of speech.tsv)`; empty for official corpora.
    """

    corpus: str
    licence: str
    root: Path
    issues: SourceIssues
    deviations: tuple[str, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Speech(Corpus):
    """A corpus of speech.

    Attributes:
        utterances: The utterances to draw from, sorted by id.
        max_samples: Upper bound of each utterance's length in samples at 44,100 Hz, by id.
        language: Language of every utterance, a tag such as `en`.
        shortfalls: How the corpus falls short of the complete official one.
        shared: The ids of the utterances whose text the corpus gives to every speaker.
    """

    utterances: list[Utterance]
    max_samples: Mapping[str, int]
    language: str = "en"
    shortfalls: tuple[str, ...] = ()
    shared: Collection[str] = ()


@dataclass(frozen=True, kw_only=True)
class Backgrounds(Corpus):
    """A corpus of backgrounds.

    Attributes:
        selected: The backgrounds that a build of all of them uses.
        expected: What the complete official corpus has, such as `DESED clips without speech`, and how many; None where
            there is no such corpus.
    """

    selected: list[Background]
    expected: tuple[str, int] | None = None

    def shortfalls(self, found: int) -> list[str]:
        """How `found` sound backgrounds fall short of the complete official corpus."""
        if self.expected is None or self.expected[1] == found:
            return []
        what, number = self.expected
        return [f"{what}: {number} expected, {found} found"]
