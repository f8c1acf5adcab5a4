"""From what the user gives to speech and backgrounds: the official corpora and tables are read alike from here on."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from sseu_dataset.corpora import desed, maestro, vctk
from sseu_dataset.corpora.folders import STANDIN_REASON, are_standins, locate, readable
from sseu_dataset.corpora.source import Backgrounds, Corpus, Speech
from sseu_dataset.planning.refusals import joined
from sseu_dataset.records import (
    Background,
    CorpusError,
    DatasetError,
    Recipe,
    Role,
    RuleName,
    Settings,
    SourceIssue,
    SourceIssues,
    Table,
    default_settings,
)
from sseu_dataset.tables import background, speech
from sseu_dataset.tables.rows import read_rows, table_name

_READERS = {"vctk": vctk, "desed": desed, "maestro": maestro}
_ROLES: dict[Role, tuple[str, ...]] = {"speech": ("vctk",), "background": ("desed", "maestro")}
"""The official corpora that a table of each role replaces."""


@dataclass(frozen=True, slots=True)
class Corpora:
    """What the user gives: folders of the official corpora, or a table of speech, of backgrounds, or both.

    Attributes:
        vctk: The folder VCTK was unpacked into.
        desed: The folder of the DESED public evaluation set.
        maestro: The folder of the MAESTRO-Real development set.
        speech: A table that describes other speech.
        background: A table that describes other backgrounds.
        speech_licence: The licence of that speech.
        background_licence: The licence of those backgrounds.

    Raises:
        DatasetError: A table and a corpus that it replaces are both given, or a licence without its table.
    """

    vctk: Path | None = None
    desed: Path | None = None
    maestro: Path | None = None
    speech: Path | None = None
    background: Path | None = None
    speech_licence: str | None = None
    background_licence: str | None = None

    def __post_init__(self) -> None:
        """Check that each role is taken once."""
        for role, replaced in _ROLES.items():
            given = [f"--{name}" for name in replaced if getattr(self, name) is not None]
            if getattr(self, role) is not None and given:
                raise DatasetError(f"--{role} is given and {' and '.join(given)} too: leave out one or the other")
            if getattr(self, role) is None and getattr(self, f"{role}_licence") is not None:
                raise DatasetError(f"--{role}-licence is that of a table: give --{role} with it, or leave it out")

    @classmethod
    def of(cls, *, speech_licence: str | None = None, background_licence: str | None = None, **paths: Any) -> Corpora:
        """The same of paths that may be texts."""
        given = {name: None if path is None else Path(path) for name, path in paths.items()}
        return cls(**given, speech_licence=speech_licence, background_licence=background_licence)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is given."""
        return self == Corpora()

    @property
    def absent(self) -> list[str]:
        """The official corpora that no table replaces and that are not given."""
        return [
            name
            for role, names in _ROLES.items()
            if getattr(self, role) is None
            for name in names
            if getattr(self, name) is None
        ]

    def settings(self, rule: RuleName = "paper") -> Settings:
        """The settings of a build for which none are given: one recording of a table of speech may be a short one."""
        if self.speech is None or rule != "paper":
            return Settings(rule=rule)
        return Settings(speech_min_s=speech.MIN_S)

    def tables(self) -> tuple[Table, ...]:
        """The tables as a recipe remembers them.

        Raises:
            DatasetError: The licence of one is missing.
            ValueError: A licence is no line of text, or a table has a name that no corpus can have.
        """
        return tuple(
            Table(role, table_name(path), self.licence(role))
            for role in _ROLES
            if (path := getattr(self, role)) is not None
        )

    def licence(self, role: Role) -> str:
        """The licence of the table of a role.

        Raises:
            DatasetError: It is missing.
        """
        licence: str | None = getattr(self, f"{role}_licence")
        if licence is None:
            raise DatasetError(
                f"--{role}-licence is missing: under which licence is the audio that {getattr(self, role)} describes? "
                f"It stands in every row and in the card: --{role}-licence 'CC BY 4.0', say"
            )
        return licence

    def of_recipe(self, recipe: Recipe) -> Corpora:
        """The same with the licences that the recipe remembers of its tables.

        Raises:
            DatasetError: A table is given where the recipe is of an official corpus, or the other way round; or a table
                has another name, or another licence, than in the recipe.
        """
        licences: dict[Role, str | None] = {"speech": None, "background": None}
        for role, replaced in _ROLES.items():
            table, path, licence = recipe.table(role), getattr(self, role), getattr(self, f"{role}_licence")
            given = [f"--{name}" for name in replaced if getattr(self, name) is not None]
            if table is None:
                if path is not None:
                    official = " and ".join(f"--{name}" for name in replaced)
                    raise DatasetError(f"the recipe's {role} is not of a table: give {official} instead of --{role}")
                continue
            known = f"the recipe's {role} is of the table {table.name}"
            if given:
                raise DatasetError(f"{known}: give --{role} {table.name}.tsv instead of {' and '.join(given)}")
            if path is not None and table_name(path) != table.name:
                raise DatasetError(f"{known}, {path} has another name: rename it, or give the other")
            if licence not in (None, table.licence):
                raise DatasetError(f"{known} under {table.licence!r}, not {licence!r}: leave out --{role}-licence")
            if path is not None:
                licences[role] = table.licence
        return replace(self, speech_licence=licences["speech"], background_licence=licences["background"])


def check_complete(corpora: Corpora, recipe: Recipe | None = None) -> None:
    """Raise a DatasetError that names what is missing for a build, or for a comparison with a recipe's sources."""
    missing = [f"--{name}" for name in corpora.absent]
    for role, replaced in _ROLES.items() if recipe is not None else ():
        if recipe is not None and recipe.table(role) is not None and getattr(corpora, role) is None:
            missing = [name for name in missing if name[2:] not in replaced] + [f"--{role}"]
    if missing:
        hint = "" if recipe is not None else "; a table of --speech or of --background takes their place"
        raise DatasetError(f"all sources are needed: {', '.join(missing)} missing{hint}")


def find_roots(corpora: Corpora, recipe: Recipe | None = None) -> dict[str, Path]:
    """The root of each corpus that is given, by its name; of files only the first lines of tables are read.

    Args:
        corpora: Not necessarily all.
        recipe: What is to be rebuilt of them; of a table it names every corpus.

    Raises:
        CorpusError: A folder does not hold its corpus, or a table cannot be used.
        DatasetError: A table is not UTF-8, or empty.
    """
    roots: dict[str, Path] = {}
    for name, corpus in _READERS.items():
        if (folder := getattr(corpora, name)) is not None:
            roots[corpus.CORPUS], _ = locate(corpus.CORPUS, folder, corpus.LAYOUTS)
    for role, table in (("speech", speech), ("background", background)):
        if (path := getattr(corpora, role)) is not None:
            read_rows(path, table.COLUMNS, table.OPTIONAL)
            roots[table_name(path)] = path.parent
    if recipe is not None and corpora.background is not None:
        roots |= {pair.background.corpus: corpora.background.parent for pair in recipe.pairs}
    return roots


@dataclass(frozen=True)
class Sources:
    """Speech and backgrounds of a build, of whatever corpora.

    Attributes:
        speech: The speech.
        backgrounds: The corpora of backgrounds.
        tables: The tables among them.
        is_standin: Whether the official corpora among them are synthetic stand-ins.
    """

    speech: Speech
    backgrounds: tuple[Backgrounds, ...]
    tables: tuple[Table, ...]
    is_standin: bool

    @property
    def selected(self) -> list[Background]:
        """The backgrounds of all corpora."""
        return [item for corpus in self.backgrounds for item in corpus.selected]

    @property
    def corpora(self) -> tuple[Corpus, ...]:
        """All of them."""
        return (self.speech, *self.backgrounds)

    @property
    def roots(self) -> dict[str, Path]:
        """The root of each corpus by its name."""
        roots = {corpus.corpus: corpus.root for corpus in self.corpora}
        return roots | {item.corpus: corpus.root for corpus in self.backgrounds for item in corpus.selected}

    @property
    def places(self) -> dict[tuple[str, str], str]:
        """Where tables name their files, by corpus and file."""
        places = {(self.speech.corpus, file): place for file, place in self.speech.places.items()}
        for corpus in self.backgrounds:
            places |= {(item.corpus, item.file): corpus.places.get(item.file, "") for item in corpus.selected}
        return places

    def issues(self) -> SourceIssues:
        """All issues, each path preceded by the corpus and made printable."""
        found = SourceIssues()
        for corpus in self.corpora:
            for field in fields(SourceIssues):
                getattr(found, field.name).extend(_with_corpus(corpus.corpus, getattr(corpus.issues, field.name)))
        return found

    def deviations(self, settings: Settings) -> list[str]:
        """How a recipe of these sources deviates from that of the official benchmark with its rule."""
        default = default_settings(settings)
        changed = [
            f"{name} is {getattr(settings, name)} instead of {getattr(default, name)}"
            for name in Settings.__dataclass_fields__
            if getattr(settings, name) != getattr(default, name)
        ]
        for corpus in self.corpora:
            changed += corpus.deviations
        return [*changed, STANDIN_REASON] if self.is_standin else changed

    def shortfalls(self, backgrounds: Collection[Background]) -> list[str]:
        """How the corpora fall short of the complete official ones, where these `backgrounds` are left."""
        if self.is_standin:
            return []
        found = list(self.speech.shortfalls)
        for corpus in self.backgrounds:
            found += corpus.shortfalls(sum(item.corpus == corpus.corpus for item in backgrounds))
        return found


def _with_corpus(corpus: str, issues: list[SourceIssue]) -> Iterator[SourceIssue]:
    return (SourceIssue(readable(f"{corpus}/{item.path}"), readable(item.reason)) for item in issues)


def _read_speech(
    corpora: Corpora, settings: Settings, cache: Path, only: Collection[str] | None, progress: bool
) -> Speech:
    if corpora.speech is not None:
        licence = corpora.licence("speech")
        return speech.read_speech_table(corpora.speech, licence, settings, cache, only=only, progress=progress)
    assert corpora.vctk is not None
    return vctk.read_vctk(corpora.vctk, settings, cache, only=only, progress=progress)


def _read_backgrounds(corpora: Corpora, cache: Path, progress: bool) -> tuple[Backgrounds, ...]:
    if corpora.background is not None:
        licence = corpora.licence("background")
        return (background.read_background_table(corpora.background, licence, cache, progress=progress),)
    assert corpora.desed is not None
    assert corpora.maestro is not None
    return (
        desed.read_desed(corpora.desed, cache, progress=progress),
        maestro.read_maestro(corpora.maestro, cache, progress=progress),
    )


def read_sources(
    corpora: Corpora, settings: Settings, cache: Path, *, only: Collection[str] | None = None, progress: bool = True
) -> Sources:
    """Read corpora and tables.

    Args:
        corpora: All that is needed (`check_complete`).
        settings: Minimum and maximum length of speech.
        cache: The cache of headers (`read_headers`).
        only: Read the recordings of these utterances only.
        progress: Show progress bars on standard error, if that is a terminal.

    Raises:
        CorpusError: A corpus is not in its folder, a table cannot be used, some corpora are stand-ins and others are
            not, or speech and backgrounds have one name.
        DatasetError: A table is not UTF-8, or empty, or its licence is missing.
    """
    tables = corpora.tables()
    spoken, found = None, None
    refused: list[CorpusError | DatasetError] = []
    try:
        spoken = _read_speech(corpora, settings, cache, only, progress)
    except (CorpusError, DatasetError) as error:
        refused.append(error)
    try:
        found = _read_backgrounds(corpora, cache, progress)
    except (CorpusError, DatasetError) as error:
        refused.append(error)
    if spoken is None or found is None:
        sound = [one for one in (spoken, *(found or ())) if one is not None]
        raise joined(refused, [issue for one in sound for issue in _with_corpus(one.corpus, one.issues.problems)])
    described = {table.name for table in tables}
    official = [corpus.root for corpus in (spoken, *found) if corpus.corpus not in described]
    sources = Sources(spoken, found, tables, are_standins(official))
    if spoken.corpus in {corpus.corpus for corpus in found} | {item.corpus for item in sources.selected}:
        raise CorpusError(f"speech and backgrounds are both called {spoken.corpus}; rename one of the tables")
    return sources
