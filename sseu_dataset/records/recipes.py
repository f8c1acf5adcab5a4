"""A recipe and its pairs: with the corpora they determine every sample."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from sseu_dataset.records.benchmark import OFFICIAL, PAPER_PAIRS, PAPER_SPEECH, STRICT, RecipeName
from sseu_dataset.records.settings import Settings, version_of
from sseu_dataset.records.sources import Background, Utterance

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

NOT_WRITTEN: Mapping[str, object] = {
    "imported": None,
    "layout": "full",
    "rule": "paper",
    "edition": None,
    "language": "en",
    "tables": (),
}
"""Fields that joined the records after format 2, and the value at which they are not written: v1 keeps its bytes."""

JOINT = " + "
"""Between the ids and files of several utterances, and between licences."""

OFFICIAL_CORPORA = ("VCTK", "DESED", "MAESTRO-Real")
"""The names of the official corpora, which no other may have."""

_CORPUS_NAME = re.compile(r"\w[\w .+-]{0,63}")
_MAX_LICENCE = 300

Role = Literal["speech", "background"]
"""What a corpus is used for."""


def written(record: DataclassInstance) -> dict[str, Any]:
    """The fields of a record as they are written to a file and hashed (`NOT_WRITTEN`), records within it as they are.

    `json.dumps(record, default=written)` writes those too.
    """
    values = {name: getattr(record, name) for name in record.__dataclass_fields__}
    return {name: value for name, value in values.items() if name not in NOT_WRITTEN or value != NOT_WRITTEN[name]}


@dataclass(frozen=True, slots=True)
class Cut:
    """The part of a recording that is used, in samples at 44,100 Hz, and the pause before it in the clip."""

    first_sample: int
    samples: int
    pause_samples: int


@dataclass(frozen=True, slots=True)
class SpeechPart:
    """One utterance of the speech of a pair, the SHA-256 of its file, and its cut; None uses the recording as it is."""

    utterance: Utterance
    sha256: str
    cut: Cut | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Speech placed on a background: with the corpora it determines every sample of the pair's mixtures.

    Attributes:
        background: The background.
        background_sha256: SHA-256 of its file.
        speech: What is said, by one speaker: one recording as it is, or cuts of several, in order.
        speech_onset_samples: Where the speech begins, counted at 44,100 Hz from the start of the 10-s clip.
    """

    background: Background
    background_sha256: str
    speech: tuple[SpeechPart, ...]
    speech_onset_samples: int

    @property
    def pair_id(self) -> str:
        """The background's id: every background is used once."""
        return self.background.background_id

    @property
    def utterance(self) -> Utterance:
        """The whole speech as one utterance."""
        return joined([part.utterance for part in self.speech])


def joined(utterances: Sequence[Utterance]) -> Utterance:
    """Utterances of one speaker as one: ids, files and texts in order."""
    first, *others = utterances
    if not others:
        return first
    return replace(
        first,
        utterance_id=JOINT.join(one.utterance_id for one in utterances),
        transcript=" ".join(one.transcript for one in utterances),
        transcript_raw=JOINT.join(one.transcript_raw for one in utterances),
        file=JOINT.join(one.file for one in utterances),
    )


@dataclass(frozen=True, slots=True)
class Table:
    """A table that described the speech, or the backgrounds, in place of the official corpora.

    Attributes:
        role: What it described.
        name: The name of its corpus.
        licence: That of its audio and texts, as whoever built the dataset stated it.

    Raises:
        ValueError: The name is none that a corpus can have, or the licence is empty, too long, or not one line of text.
    """

    __pydantic_config__ = STRICT

    role: Role
    name: str
    licence: str

    def __post_init__(self) -> None:
        """Check name and licence."""
        if fault := corpus_name_fault(self.name):
            raise ValueError(fault)
        if not self.licence.strip() or not self.licence.isprintable() or len(self.licence) > _MAX_LICENCE:
            raise ValueError(
                f"the licence {self.licence!r:.80} of the table {self.name} is not one line of 1 to {_MAX_LICENCE} "
                "characters, such as CC BY 4.0 and an address"
            )


def corpus_name_fault(name: str) -> str | None:
    """Why a corpus of a table cannot be called `name`; None if it can."""
    if name in OFFICIAL_CORPORA:
        return f"the name {name} means the official corpus"
    if not _CORPUS_NAME.fullmatch(name):
        return f"{name!r:.80} cannot be the name of a corpus (letters, digits and _ - . + only, at most 64)"
    return None


@dataclass(frozen=True)
class Recipe:
    """Everything that determines a benchmark's samples, given the corpora.

    Attributes:
        name: That of the rule, or `edition`, only for the complete official corpora with the rule's settings; never
            `imported`.
        reasons: Why it has another name; empty when it has not.
        settings: The build settings.
        pairs: The pairs in the order of the dataset's rows.
        version: Version of the benchmark; by default what this code builds with these settings (`version_of`).
        language: Language of all speech, a tag such as `en`.
        tables: The tables that described speech or backgrounds, each role at most once; none for official corpora.

    Raises:
        ValueError: The name is an official one, but this is not that benchmark (`check_name`), or it is `imported`; or
            tables have a name other than `custom` or a role in common.
    """

    name: RecipeName
    reasons: tuple[str, ...]
    settings: Settings
    pairs: tuple[Pair, ...]
    version: str = ""
    language: str = "en"
    tables: tuple[Table, ...] = ()

    def __post_init__(self) -> None:
        """Check name and tables, and fill in the version."""
        if (self.tables or self.language != "en") and self.name != "custom":
            raise ValueError(f"it is named `{self.name}`, but its sources are not official: only `custom` fits")
        if len({table.role for table in self.tables}) < len(self.tables):
            raise ValueError("two of its tables have the same role")
        object.__setattr__(self, "version", self.version or version_of(self.settings))
        if self.name == "imported":
            raise ValueError("it is named `imported`, but mixtures made elsewhere have no recipe")
        check_name(
            self.name,
            len(self.pairs),
            self.settings.conditions,
            settings=self.settings,
            reasons=self.reasons,
            sources=self.sources,
        )

    def table(self, role: Role) -> Table | None:
        """The table that described the speech, or the backgrounds; None where the official corpora did."""
        return next((table for table in self.tables if table.role == role), None)

    @property
    def speech_corpus(self) -> str:
        """Name of the corpus of all speech."""
        table = self.table("speech")
        return "VCTK" if table is None else table.name

    @property
    def sources(self) -> dict[str, str]:
        """SHA-256 of each source file, by corpus and path in it, sorted."""
        found = {f"{pair.background.corpus}/{pair.background.file}": pair.background_sha256 for pair in self.pairs}
        corpus, spoken = self.speech_corpus, [part for pair in self.pairs for part in pair.speech]
        found |= {f"{corpus}/{part.utterance.file}": part.sha256 for part in spoken}
        return dict(sorted(found.items()))


@dataclass(frozen=True)
class ImportRecord:
    """What a manifest says of mixtures that were made elsewhere (`sseu import`).

    Attributes:
        clipped_samples: Number of samples at full scale of each row that has any, by row id.
        notes: What was done to files and labels, one line each, such as how many clips were resampled.
    """

    __pydantic_config__ = STRICT

    clipped_samples: dict[str, int]
    notes: list[str]


def default_settings(settings: Settings) -> Settings:
    """The settings of the official benchmark that has the rule, and the edition and its seed, of `settings`."""
    if settings.edition is None:
        return Settings(rule=settings.rule)
    return Settings(rule=settings.rule, edition=settings.edition, seed=settings.seed)


def check_name(
    name: str,
    pairs: int,
    conditions: Sequence[str],
    *,
    settings: Settings | None = None,
    reasons: Sequence[str] = (),
    sources: Collection[str] | None = None,
) -> None:
    """Refuse an official name for anything but that benchmark; every record that holds a name calls this.

    Args:
        name: The name.
        pairs: Number of pairs.
        conditions: The conditions, from `+inf` down.
        settings: The build settings, where they are known.
        reasons: Why the name is not an official one.
        sources: The source files as `corpus/path`, where they are known.

    Raises:
        ValueError: The name is `paper`, `diverse` or `edition`, and something about it is not that benchmark's.
    """
    if name not in OFFICIAL:
        return
    faults = {
        f"its own reasons say that it is not ({', '.join(reasons)})": bool(reasons),
        f"its conditions are {', '.join(conditions)}": tuple(conditions) != Settings().conditions,
        f"it has {pairs} pairs": pairs != sum(PAPER_PAIRS.values()),
    }
    if settings is not None:
        own = settings.rule if settings.edition is None else "edition"
        faults = {
            "its settings are not the default": settings != default_settings(settings) or name != own,
            **faults,
        }
    if sources is not None:
        clips = sum(file.startswith("DESED/") for file in sources)
        foreign = [file for file in sources if file.split("/")[0] not in OFFICIAL_CORPORA]
        other = [file for file in sources if file.startswith("VCTK/") and not file.startswith(f"VCTK/{PAPER_SPEECH}/")]
        faults |= {
            f"{clips} of its clips are of DESED": clips != PAPER_PAIRS["DESED"],
            f"its speech is not that of VCTK 0.92 ({', '.join(other[:1])})": bool(other),
            f"{', '.join(foreign[:1])} is of no official corpus": bool(foreign),
        }
    if wrong := [fault for fault, is_so in faults.items() if is_so]:
        expected = " + ".join(f"{count} {corpus}" for corpus, count in PAPER_PAIRS.items())
        raise ValueError(
            f"it is named `{name}`, but {wrong[0]}; that name needs the {expected} pairs of the complete official "
            "corpora, VCTK 0.92 and the default settings"
        )
