"""From corpora on disk to a recipe: read, select, check, draw, hash. No sample is mixed here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sseu_dataset.building.utterances import UtteranceStore
from sseu_dataset.corpora import desed, maestro, vctk
from sseu_dataset.corpora.audio import check_clip, file_sha256
from sseu_dataset.corpora.folders import is_standin, leads_outside, readable, reason
from sseu_dataset.parallel import ordered_map
from sseu_dataset.recipe import pair_up
from sseu_dataset.records import (
    Background,
    CorpusError,
    DatasetError,
    Finding,
    Findings,
    Pair,
    Recipe,
    RecipeName,
    Settings,
)

_LISTED = 40
_EXCLUDED_HEADER = ("path", "reason")
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
    """A recipe, where its files lie, and what reading the corpora brought to light (paths start with the corpus)."""

    recipe: Recipe
    roots: Mapping[str, Path]
    findings: Findings

    def speech_path(self, pair: Pair) -> Path:
        """The utterance's file on disk."""
        return self.roots[vctk.CORPUS] / pair.utterance.file

    def background_path(self, pair: Pair) -> Path:
        """The background's file on disk."""
        return self.roots[pair.background.corpus] / pair.background.file


def check_folders(folders: Mapping[str, Path]) -> None:
    """Raise a CorpusError where a folder, by field name of `Corpora`, does not hold its corpus; no file is read."""
    find_root = {"vctk": vctk.find_root, "desed": desed.find_root, "maestro": maestro.find_root}
    for name, folder in folders.items():
        find_root[name](folder)


@dataclass(frozen=True, slots=True)
class Effort:
    """How to work: number of threads, progress bars, and where headers are remembered."""

    workers: int
    progress: bool
    header_cache: Path


def plan_build(
    corpora: Corpora, settings: Settings, *, allow_partial: bool, effort: Effort, utterances: UtteranceStore
) -> Plan:
    """Select and check every source file, and draw the recipe; `utterances` keeps what checking the pool decodes.

    Raises:
        CorpusError: A corpus is missing; or something in one is broken or not there, or the official counts are not
            met, and `allow_partial` is False.
    """
    pool = vctk.read_vctk(corpora.vctk, settings, effort.header_cache, progress=effort.progress)
    clips = desed.read_desed(corpora.desed, effort.header_cache, progress=effort.progress)
    windows = maestro.read_maestro(corpora.maestro, effort.header_cache, progress=effort.progress)
    roots = {vctk.CORPUS: pool.root, desed.CORPUS: clips.root, maestro.CORPUS: windows.root}
    findings = (
        _below(vctk.CORPUS, pool.findings)
        + _below(desed.CORPUS, clips.findings)
        + _below(maestro.CORPUS, windows.findings)
    )
    sources = [(vctk.CORPUS, utterance.file, 0) for utterance in pool.utterances]
    sources += [(item.corpus, item.file, item.offset_s) for item in (*clips.backgrounds, *windows.backgrounds)]
    broken = _check(sources, roots, effort, utterances)
    findings += Findings(problems=tuple(Finding(f"{corpus}/{file}", why) for (corpus, file, _), why in broken.items()))
    sound = [item for item in pool.utterances if (vctk.CORPUS, item.file, 0) not in broken]
    backgrounds = [
        item
        for item in (*clips.backgrounds, *windows.backgrounds)
        if (item.corpus, item.file, item.offset_s) not in broken
    ]
    standin = any(is_standin(root) for root in roots.values())
    shortfalls = (() if standin else _shortfalls(pool, backgrounds)) + _dropped(findings.problems)
    if not allow_partial:
        _refuse(
            "the corpora are not the complete official ones",
            findings.problems,
            shortfalls,
            "fetch the files again, or leave them out and name the result `partial` (--allow-partial)",
        )
    if not sound or not backgrounds:
        raise CorpusError(
            f"nothing to mix: {len(sound)} utterances of {settings.speech_min_s:g} to {settings.speech_max_s:g} s "
            f"with text, {len(backgrounds)} backgrounds"
        )
    deviations = _deviations(settings, pool.release, standin)
    name: RecipeName = "custom" if deviations else "partial" if shortfalls else "paper"
    drawn = pair_up(backgrounds, sound, pool.longest_samples, settings)
    if settings.pairs is not None and settings.pairs > len(drawn):
        raise CorpusError(
            f"{settings.pairs} pairs asked for, but there are {len(drawn)} backgrounds; each is used once"
        )
    files = {(vctk.CORPUS, utterance.file) for _, utterance, _ in drawn}
    files |= {(background.corpus, background.file) for background, _, _ in drawn}
    hashes = _hash(sorted(files), roots, effort)
    pairs = tuple(
        Pair(
            background=background,
            background_sha256=hashes[background.corpus, background.file],
            utterance=utterance,
            speech_sha256=hashes[vctk.CORPUS, utterance.file],
            speech_onset_samples=onset,
        )
        for background, utterance, onset in drawn
    )
    return Plan(Recipe(name, (*deviations, *shortfalls), settings, pairs), roots, findings)


def plan_rebuild(corpora: Corpora, recipe: Recipe, *, effort: Effort) -> Plan:
    """Find the files a recipe names and make sure that they are the ones it was made from.

    Raises:
        CorpusError: A file is missing, leads out of its corpus, or has other bytes; every such file is named.
        DatasetError: The recipe is named `paper` and is not the paper's.
    """
    _check_name(recipe)
    roots = {
        vctk.CORPUS: vctk.find_root(corpora.vctk),
        desed.CORPUS: desed.find_root(corpora.desed),
        maestro.CORPUS: maestro.find_root(corpora.maestro),
    }
    wanted = {(vctk.CORPUS, pair.utterance.file): pair.speech_sha256 for pair in recipe.pairs}
    wanted |= {(pair.background.corpus, pair.background.file): pair.background_sha256 for pair in recipe.pairs}
    problems = []
    for corpus, file in wanted:
        if corpus not in roots or leads_outside(roots[corpus], roots[corpus] / file):
            problems.append(Finding(f"{corpus}/{file}", "the recipe names a file outside the corpora"))
        elif not (roots[corpus] / file).is_file():
            problems.append(Finding(f"{corpus}/{file}", "named in the recipe but not there"))
    remedy = "a recipe is rebuilt only from the very files it was made from"
    _refuse("the recipe does not fit the corpora", problems, (), remedy)
    hashes = _hash(sorted(wanted), roots, effort)
    changed = [
        Finding(f"{corpus}/{file}", f"SHA-256 is {hashes[corpus, file]}, the recipe says {sha256}")
        for (corpus, file), sha256 in wanted.items()
        if hashes[corpus, file] != sha256
    ]
    _refuse("the recipe was made from other files", changed, (), remedy)
    return Plan(recipe, roots, Findings())


def _check_name(recipe: Recipe) -> None:
    """Refuse a recipe that is named `paper` with other settings or other numbers of pairs than the paper's."""
    counts = Counter(pair.background.corpus for pair in recipe.pairs)
    official = {desed.CORPUS: desed.EXPECTED_CLIPS, maestro.CORPUS: maestro.EXPECTED_WINDOWS}
    if recipe.name == "paper" and (recipe.settings != Settings() or counts != official):
        found = " + ".join(f"{count} {corpus}" for corpus, count in sorted(counts.items()))
        expected = " + ".join(f"{count} {corpus}" for corpus, count in official.items())
        raise DatasetError(
            f"the recipe is named `paper`, but has other settings or pairs ({found}) than the paper's ({expected}); "
            "fetch the published recipe again"
        )


def _below(corpus: str, findings: Findings) -> Findings:
    def prefix(items: Iterable[Finding]) -> tuple[Finding, ...]:
        return tuple(Finding(readable(f"{corpus}/{item.path}"), readable(item.reason)) for item in items)

    return Findings(prefix(findings.problems), prefix(findings.excluded), prefix(findings.notes))


_Source = tuple[str, str, int]


def _check(
    sources: list[_Source], roots: Mapping[str, Path], effort: Effort, utterances: UtteranceStore
) -> dict[_Source, str]:
    """Decode every clip once: headers cannot show truncation, NaN or silence. The reason for each that fails."""

    def fault(source: _Source) -> str | None:
        corpus, file, offset_s = source
        path = roots[corpus] / file
        try:
            if corpus == vctk.CORPUS:
                utterances.check(path)
            else:
                check_clip(path, offset_s)
        except CorpusError as error:
            return reason(error, path)
        return None

    reasons = _each(fault, sources, "checking the sources", effort)
    return {source: text for source, text in reasons.items() if text is not None}


def _hash(files: list[tuple[str, str]], roots: Mapping[str, Path], effort: Effort) -> dict[tuple[str, str], str]:
    return _each(lambda file: file_sha256(roots[file[0]] / file[1]), files, "hashing the sources", effort)


def excluded_table(findings: Findings) -> str:
    """The text of `excluded.tsv`: path and reason of every source file left out, tab separated, by path."""
    excluded = sorted((*findings.excluded, *findings.problems), key=lambda finding: finding.path)
    rows = [_EXCLUDED_HEADER, *((finding.path, finding.reason) for finding in excluded)]
    return "".join("\t".join(" ".join(cell.split()) for cell in row) + "\n" for row in rows)


def count_excluded(text: str) -> int:
    """Number of source files that an `excluded.tsv` lists.

    Raises:
        DatasetError: It is not such a table.
    """
    rows = [tuple(line.split("\t")) for line in text.splitlines()]
    if not rows or rows[0] != _EXCLUDED_HEADER or any(len(row) != len(_EXCLUDED_HEADER) for row in rows):
        raise DatasetError("excluded.tsv: not a table of path and reason; build or fetch the dataset again")
    return len(rows) - 1


def _each(function: Callable[[K], V], keys: list[K], title: str, effort: Effort) -> dict[K, V]:
    results = ordered_map(
        function, keys, total=len(keys), workers=effort.workers, title=title, unit="file", progress=effort.progress
    )
    return dict(zip(keys, results, strict=True))


def _shortfalls(pool: vctk.VctkPool, backgrounds: list[Background]) -> tuple[str, ...]:
    """Where the corpora are not the complete official ones."""
    found = Counter(background.corpus for background in backgrounds)
    counts = [
        ("DESED clips without speech", desed.EXPECTED_CLIPS, found[desed.CORPUS]),
        ("MAESTRO-Real windows", maestro.EXPECTED_WINDOWS, found[maestro.CORPUS]),
    ]
    if pool.release == "0.92":
        counts.insert(0, ("VCTK speakers with text", vctk.EXPECTED_SPEAKERS, pool.speakers_with_text))
    return tuple(f"{what}: {expected} expected, {count} found" for what, expected, count in counts if count != expected)


def _dropped(problems: tuple[Finding, ...]) -> tuple[str, ...]:
    return (f"{len(problems)} source items left out, see excluded.tsv",) if problems else ()


def _deviations(settings: Settings, release: str, standin: bool) -> tuple[str, ...]:
    """Where the recipe is not the paper's."""
    usual = Settings()
    changed = [
        f"{name} is {getattr(settings, name)} instead of {getattr(usual, name)}"
        for name in Settings.__dataclass_fields__
        if getattr(settings, name) != getattr(usual, name)
    ]
    if release != "0.92":
        changed.append(f"VCTK {release} instead of 0.92")
    if standin:
        changed.append("synthetic stand-in corpora")
    return tuple(changed)


def _refuse(what: str, problems: Sequence[Finding], shortfalls: tuple[str, ...], remedy: str) -> None:
    """Raise a CorpusError that lists everything wrong, if anything is."""
    if not problems and not shortfalls:
        return
    lines = [f"  {item.path}: {item.reason}" for item in problems[:_LISTED]]
    if len(problems) > _LISTED:
        lines.append(f"  and {len(problems) - _LISTED} more")
    lines += [f"  {shortfall}" for shortfall in shortfalls]
    raise CorpusError("\n".join([f"{what}:", *lines, remedy]))
