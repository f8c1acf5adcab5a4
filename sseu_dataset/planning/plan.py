"""From corpora on disk to a recipe: read, select, check, draw, hash. Nothing is mixed here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sseu_dataset.corpora import desed, maestro, vctk
from sseu_dataset.corpora.audio import check_clip, file_sha256
from sseu_dataset.corpora.folders import STANDIN_REASON, are_standins, locate, readable, reason
from sseu_dataset.corpora.utterances import UtteranceCache
from sseu_dataset.pairing import pair_up
from sseu_dataset.parallel import ordered_map
from sseu_dataset.records import (
    PAPER_PAIRS,
    Background,
    CorpusError,
    Pair,
    Recipe,
    RecipeName,
    Settings,
    SourceIssue,
    SourceIssues,
    SpeechPart,
    default_settings,
)

_MAX_LISTED = 40
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Corpora:
    """The three folders the user unpacked the corpora into."""

    vctk: Path
    desed: Path
    maestro: Path


@dataclass(frozen=True)
class Plan:
    """A recipe, the folders of its corpora, and the issues found in them (paths begin with the corpus)."""

    recipe: Recipe
    roots: Mapping[str, Path]
    issues: SourceIssues


def find_roots(folders: Mapping[str, Path]) -> dict[str, Path]:
    """The root of each corpus, of folders by field name of `Corpora`; no file is read.

    Raises:
        CorpusError: A folder does not hold its corpus.
    """
    roots = {}
    for name, folder in folders.items():
        corpus = {"vctk": vctk, "desed": desed, "maestro": maestro}[name]
        roots[corpus.CORPUS], _ = locate(corpus.CORPUS, folder, corpus.LAYOUTS)
    return roots


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
    pool = vctk.read_vctk(corpora.vctk, settings, execution.header_cache, progress=execution.progress)
    clips = desed.read_desed(corpora.desed, execution.header_cache, progress=execution.progress)
    windows = maestro.read_maestro(corpora.maestro, execution.header_cache, progress=execution.progress)
    roots = {vctk.CORPUS: pool.root, desed.CORPUS: clips.root, maestro.CORPUS: windows.root}
    issues = SourceIssues()
    for corpus, found in ((vctk.CORPUS, pool.issues), (desed.CORPUS, clips.issues), (maestro.CORPUS, windows.issues)):
        issues.problems.extend(_with_corpus(corpus, found.problems))
        issues.excluded.extend(_with_corpus(corpus, found.excluded))
        issues.notes.extend(_with_corpus(corpus, found.notes))
    selected = clips.selected + windows.selected
    sources = [(vctk.CORPUS, utterance.file, 0) for utterance in pool.utterances]
    sources += [(item.corpus, item.file, item.offset_s) for item in selected]
    broken = _check(sources, roots, execution, utterances)
    issues.problems.extend(SourceIssue(f"{corpus}/{file}", why) for (corpus, file, _), why in broken.items())
    sound = [item for item in pool.utterances if (vctk.CORPUS, item.file, 0) not in broken]
    backgrounds = [item for item in selected if (item.corpus, item.file, item.offset_s) not in broken]
    standin = are_standins(roots.values())
    shortfalls = [] if standin else shortfalls_of(pool, backgrounds)
    if issues.problems:
        count = len(issues.problems)
        shortfalls.append(f"{count} source item{'s' * (count != 1)} left out, see excluded.tsv")
    if not allow_partial:
        refuse(
            "the corpora are not the complete official ones",
            issues.problems,
            shortfalls,
            "fetch the files again, or leave them out and name the result `partial` (sseu build --allow-partial)",
        )
    if not sound or not backgrounds:
        length = f"{settings.speech_min_s:g} to {settings.speech_max_s:g} s"
        what = f"nothing to mix: {len(sound)} utterances of {length} with text, {len(backgrounds)} backgrounds"
        refuse(what, issues.problems, shortfalls, "fetch the corpora again")
        raise CorpusError(f"{what}; fetch the corpora again")
    deviations = deviations_of(settings, pool.release, standin)
    drawn = pair_up(backgrounds, sound, pool.max_samples, settings)
    if settings.pairs is not None and settings.pairs > len(drawn):
        raise CorpusError(
            f"{settings.pairs} pairs are asked for, but there are {len(drawn)} backgrounds and each is used once; "
            f"give --pairs {len(drawn)} or fewer"
        )
    files = {(vctk.CORPUS, utterance.file) for _, utterance, _ in drawn}
    files |= {(background.corpus, background.file) for background, _, _ in drawn}
    hashes = hash_files(sorted(files), roots, execution)
    pairs = tuple(
        Pair(
            background=background,
            background_sha256=hashes[background.corpus, background.file],
            speech=(SpeechPart(utterance, hashes[vctk.CORPUS, utterance.file]),),
            speech_onset_samples=onset,
        )
        for background, utterance, onset in drawn
    )
    name = name_of(settings, deviations, shortfalls)
    return Plan(Recipe(name, (*deviations, *shortfalls), settings, pairs), roots, issues)


def _with_corpus(corpus: str, issues: list[SourceIssue]) -> list[SourceIssue]:
    """The same issues, each path preceded by the corpus and made printable."""
    return [SourceIssue(readable(f"{corpus}/{item.path}"), readable(item.reason)) for item in issues]


_Source = tuple[str, str, int]


def _check(
    sources: list[_Source], roots: Mapping[str, Path], execution: Execution, utterances: UtteranceCache
) -> dict[_Source, str]:
    """Decode every clip once, since headers cannot show truncation, NaN or silence; returns why each bad one fails."""

    def fault(source: _Source) -> str | None:
        corpus, file, offset_s = source
        path = roots[corpus] / file
        try:
            if corpus == vctk.CORPUS:
                utterances.read(path)
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
    """The recipe's name, of what `deviations_of` and `shortfalls_of` found."""
    if deviations or shortfalls:
        return "custom" if deviations else "partial"
    return settings.rule if settings.edition is None else "edition"


def shortfalls_of(pool: vctk.VctkPool, backgrounds: list[Background]) -> list[str]:
    """How the corpora fall short of the complete official ones."""
    found = Counter(background.corpus for background in backgrounds)
    counts = [
        ("DESED clips without speech", PAPER_PAIRS[desed.CORPUS], found[desed.CORPUS]),
        ("MAESTRO-Real windows", PAPER_PAIRS[maestro.CORPUS], found[maestro.CORPUS]),
    ]
    if pool.release == "0.92":
        counts.insert(0, ("VCTK speakers with text", vctk.EXPECTED_SPEAKERS, pool.speakers_with_text))
    return [f"{what}: {expected} expected, {count} found" for what, expected, count in counts if count != expected]


def deviations_of(settings: Settings, release: str, standin: bool) -> list[str]:
    """How the recipe deviates from that of the official benchmark with its rule."""
    default = default_settings(settings)
    changed = [
        f"{name} is {getattr(settings, name)} instead of {getattr(default, name)}"
        for name in Settings.__dataclass_fields__
        if getattr(settings, name) != getattr(default, name)
    ]
    if release != "0.92":
        changed.append(f"VCTK {release} instead of 0.92")
    if standin:
        changed.append(STANDIN_REASON)
    return changed


def refuse(what: str, problems: list[SourceIssue], shortfalls: list[str], remedy: str) -> None:
    """Raise a CorpusError that lists every problem, if there is one."""
    if not problems and not shortfalls:
        return
    lines = [f"  {item.path}: {item.reason}" for item in problems[:_MAX_LISTED]]
    if len(problems) > _MAX_LISTED:
        lines.append(f"  and {len(problems) - _MAX_LISTED} more")
    lines += [f"  {shortfall}" for shortfall in shortfalls]
    raise CorpusError("\n".join([f"{what}:", *lines, remedy]))
