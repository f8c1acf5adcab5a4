"""From corpora on disk to a recipe: read, select, check, draw, hash. Nothing is mixed here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sseu_dataset.corpora.audio import check_clip, file_sha256
from sseu_dataset.corpora.folders import reason
from sseu_dataset.corpora.utterances import UtteranceCache
from sseu_dataset.parallel import ordered_map
from sseu_dataset.planning.refusals import refuse
from sseu_dataset.planning.sources import Corpora, read_sources
from sseu_dataset.planning.speech import Cuts, draw_speech, sentences_note, usable_speech
from sseu_dataset.records import (
    CorpusError,
    Pair,
    Recipe,
    RecipeName,
    Settings,
    SourceIssue,
    SourceIssues,
    SpeechPart,
)
from sseu_dataset.tables.rows import in_words_of_a_table

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True)
class Plan:
    """A recipe, the folders of its corpora, and the issues found in them (paths begin with the corpus)."""

    recipe: Recipe
    roots: Mapping[str, Path]
    issues: SourceIssues


@dataclass(frozen=True, slots=True)
class Execution:
    """How a build or check runs: number of threads, progress bars, and the file that remembers audio headers."""

    workers: int
    progress: bool
    header_cache: Path


def plan_build(
    corpora: Corpora, settings: Settings, *, allow_partial: bool, execution: Execution, utterances: UtteranceCache
) -> Plan:
    """Select and check every source file, and draw the recipe; `utterances` keeps what is decoded for the checks.

    Raises:
        CorpusError: A corpus is missing; or, unless `allow_partial`, a file is broken or missing or the official counts
            are not met.
    """
    read = read_sources(corpora, settings, execution.header_cache, progress=execution.progress)
    issues, roots, spoken = read.issues(), read.roots, read.speech.corpus
    usable, cuts = usable_speech(read.speech, settings, execution.workers), Cuts()
    check_speech = utterances.read if settings.rule == "paper" else cuts.read
    sources = [(spoken, utterance.file, 0) for utterance in usable]
    sources += [(item.corpus, item.file, item.offset_s) for item in read.selected]
    broken = check_sources(sources, roots, {spoken: check_speech}, execution)
    places = read.places
    for (corpus, file, _), why in broken.items():
        if place := places.get((corpus, file)):
            why = in_words_of_a_table(why) + place
        issues.problems.append(SourceIssue(f"{corpus}/{file}", why))
    for item in usable:
        if unsuitable := cuts.unsuitable.get(roots[spoken] / item.file):
            issues.excluded.append(
                SourceIssue(f"{spoken}/{item.file}", unsuitable + places.get((spoken, item.file), ""))
            )
    if settings.rule == "diverse":
        issues.notes.append(SourceIssue(spoken, sentences_note(read.speech, len(usable))))
    sound = [item for item in usable if (spoken, item.file, 0) not in broken]
    backgrounds = [item for item in read.selected if (item.corpus, item.file, item.offset_s) not in broken]
    shortfalls = read.shortfalls(backgrounds)
    if not allow_partial:
        refuse(
            "the corpora are not the complete official ones" if not read.tables else "some sources cannot be used",
            issues.problems,
            shortfalls,
            "fetch the files again, or leave them out and name the result `partial` (sseu build --allow-partial)"
            if not read.tables
            else "restore the files or correct the tables, or leave them out (sseu build --allow-partial)",
        )
    if not sound or not backgrounds:
        length = f"{settings.speech_min_s:g} to {settings.speech_max_s:g} s"
        kind = (
            f"utterances of {length} with text"
            if settings.rule == "paper"
            else f"usable sentences ({sentences_note(read.speech, len(usable))})"
        )
        what = f"nothing to mix: {len(sound)} {kind}, {len(backgrounds)} backgrounds"
        remedy = "fetch the corpora again" if not read.tables else "see docs/tables.md, and --speech-min-s"
        refuse(what, issues.problems, shortfalls, remedy)
        raise CorpusError(f"{what}; {remedy}")
    if count := len(issues.problems):
        shortfalls.append(f"{count} source item{'s' * (count != 1)} left out, see excluded.tsv")
    if settings.pairs is not None and settings.pairs > len(backgrounds):
        raise CorpusError(
            f"{settings.pairs} pairs are asked for, but there are {len(backgrounds)} backgrounds and each is used "
            f"once; give --pairs {len(backgrounds)} or fewer"
        )
    deviations = read.deviations(settings)
    drawn = draw_speech(backgrounds, sound, read.speech, cuts, settings)
    files = {(spoken, utterance.file) for one in drawn for utterance, _ in one.speech}
    files |= {(one.background.corpus, one.background.file) for one in drawn}
    hashes = hash_files(sorted(files), roots, execution)
    pairs = tuple(
        Pair(
            background=one.background,
            background_sha256=hashes[one.background.corpus, one.background.file],
            speech=tuple(SpeechPart(utterance, hashes[spoken, utterance.file], cut) for utterance, cut in one.speech),
            speech_onset_samples=one.onset,
        )
        for one in drawn
    )
    name = name_of(settings, deviations, shortfalls)
    recipe = Recipe(
        name=name,
        reasons=(*deviations, *shortfalls),
        settings=settings,
        pairs=pairs,
        language=read.speech.language,
        tables=read.tables,
    )
    return Plan(recipe, roots, issues)


Source = tuple[str, str, int]


def check_sources(
    sources: list[Source],
    roots: Mapping[str, Path],
    checks: Mapping[str, Callable[[Path], object]],
    execution: Execution,
) -> dict[Source, str]:
    """Decode every clip once, since headers cannot show truncation, NaN or silence.

    Args:
        sources: Corpus, file in it and start in seconds.
        roots: The root of each corpus.
        checks: What raises a CorpusError for a broken file of a corpus; of others it is `check_clip`.
        execution: Number of threads and progress bar.

    Returns:
        Why each bad one fails.
    """

    def fault(source: Source) -> str | None:
        corpus, file, offset_s = source
        path = roots[corpus] / file
        try:
            if corpus in checks:
                checks[corpus](path)
            else:
                check_clip(path, offset_s)
        except CorpusError as error:
            return reason(error, path)
        return None

    reasons = _each(fault, sources, "checking the sources", execution)
    return {source: text for source, text in reasons.items() if text is not None}


def hash_files(
    files: list[tuple[str, str]], roots: Mapping[str, Path], execution: Execution
) -> dict[tuple[str, str], str]:
    """SHA-256 of each file, given as corpus and path in it."""
    return _each(lambda file: file_sha256(roots[file[0]] / file[1]), files, "hashing the sources", execution)


def _each(function: Callable[[K], V], keys: list[K], title: str, execution: Execution) -> dict[K, V]:
    workers, progress = execution.workers, execution.progress
    results = ordered_map(function, keys, workers=workers, title=title, unit="file", progress=progress)
    return dict(zip(keys, results, strict=True))


def name_of(settings: Settings, deviations: Collection[str], shortfalls: Collection[str]) -> RecipeName:
    """The recipe's name, of what `Sources.deviations` and `Sources.shortfalls` found."""
    if deviations or shortfalls:
        return "custom" if deviations else "partial"
    return settings.rule if settings.edition is None else "edition"
