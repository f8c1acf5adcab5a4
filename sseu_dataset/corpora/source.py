"""What the reader of a corpus, or of a table that describes one, gives to the plan: speech, or backgrounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sseu_dataset.records import Background, SourceIssues, Utterance


@dataclass(frozen=True)
class Speech:
    """A corpus of speech: the utterances to draw from, and what a dataset made of them has to say.

    Attributes:
        corpus: Its name, with which its files begin in recipe and manifest.
        root: The folder to which the utterances' files are relative.
        utterances: The utterances, sorted by id.
        max_samples: Upper bound of each utterance's length in samples at 44,100 Hz.
        issues: What was found while reading the corpus.
        language: Language of every utterance, a tag such as `en`.
        deviations: Why a dataset of this speech is not the paper's, whatever else it is made of.
        shortfalls: How the corpus falls short of the complete official one.
    """

    corpus: str
    root: Path
    utterances: list[Utterance]
    max_samples: Mapping[str, int]
    issues: SourceIssues
    language: str = "en"
    deviations: tuple[str, ...] = ()
    shortfalls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Backgrounds:
    """A corpus of backgrounds: those selected, and what a dataset made of them has to say.

    Attributes:
        corpus: Its name.
        root: The folder to which the backgrounds' files are relative.
        selected: The backgrounds.
        issues: What was found while reading the corpus.
        deviations: Why a dataset of these backgrounds is not the paper's, whatever else it is made of.
        expected: What the complete official corpus has, such as `DESED clips without speech`, and how many; None where
            there is no such corpus.
    """

    corpus: str
    root: Path
    selected: list[Background]
    issues: SourceIssues
    deviations: tuple[str, ...] = ()
    expected: tuple[str, int] | None = None

    def shortfalls(self, found: int) -> list[str]:
        """How `found` sound backgrounds fall short of the complete official corpus."""
        if self.expected is None or self.expected[1] == found:
            return []
        what, number = self.expected
        return [f"{what}: {number} expected, {found} found"]
