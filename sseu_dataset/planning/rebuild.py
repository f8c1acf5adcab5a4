"""From a published recipe to a plan: whether the corpora hold its files, and say of them what the recipe says.

A recipe states transcripts, speakers and labels; none of them is believed. They are read again from the corpora, by the
readers that a build uses, and compared pair by pair.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import zip_longest
from typing import Any

from sseu_dataset.corpora.folders import leads_outside
from sseu_dataset.planning.plan import Execution, Plan, Source, check_sources, hash_files, name_of
from sseu_dataset.planning.refusals import refuse
from sseu_dataset.planning.sources import Corpora, Sources, find_roots, read_sources
from sseu_dataset.planning.speech import Cuts, draw_speech, drawn_again, faults_of_rule, usable_speech
from sseu_dataset.recipe_rows import RecipeRow
from sseu_dataset.records import OFFICIAL, EventSegment, Recipe, SoftLabel, SourceIssue, SourceIssues, joined

_MAX_SHOWN = 80
_CONTEXT = 20  # characters shown before the first that differs


def plan_rebuild(corpora: Corpora, recipe: Recipe, *, execution: Execution) -> Plan:
    """Find the files a recipe names and check that they are the ones it was made from.

    Raises:
        CorpusError: A file is missing, leads out of its corpus, or has other bytes; every such file is named.
    """
    roots = find_roots(corpora, recipe)
    spoken = [part for pair in recipe.pairs for part in pair.speech]
    stated = {(recipe.speech_corpus, part.utterance.file, part.sha256) for part in spoken}
    stated |= {(pair.background.corpus, pair.background.file, pair.background_sha256) for pair in recipe.pairs}
    wanted = sorted({(corpus, file) for corpus, file, _ in stated})
    problems = []
    for corpus, file in wanted:
        if corpus not in roots or leads_outside(roots[corpus], roots[corpus] / file):
            problems.append(SourceIssue(f"{corpus}/{file}", "the recipe names a file outside the corpora"))
        elif not (roots[corpus] / file).is_file():
            problems.append(SourceIssue(f"{corpus}/{file}", "named in the recipe but missing"))
    remedy = "a recipe can only be rebuilt from the files it was made from"
    refuse("the recipe does not fit the corpora", problems, [], remedy)
    hashes = hash_files(wanted, roots, execution)
    changed = [
        SourceIssue(f"{corpus}/{file}", f"SHA-256 is {hashes[corpus, file]}, the recipe says {sha256}")
        for corpus, file, sha256 in sorted(stated)
        if hashes[corpus, file] != sha256
    ]
    refuse("the recipe was made from other files", changed, [], remedy)
    return Plan(recipe, roots, SourceIssues())


def refuse_differences(corpora: Corpora, recipe: Recipe, *, execution: Execution) -> None:
    """Stop a rebuild whose recipe says anything that the corpora do not (`differences`).

    Raises:
        CorpusError: The first differences by pair and field, and their number.
    """
    found = differences(corpora, recipe, execution=execution)
    places = f"{len(found)} place" + "s" * (len(found) > 1)
    remedy = "the recipe, or a text or table of the corpora, was changed: fetch the recipe again, or the corpus"
    refuse(f"the recipe and the corpora differ in {places}", found, [], remedy)


def differences(corpora: Corpora, recipe: Recipe, *, execution: Execution) -> list[SourceIssue]:
    """Where a recipe differs from what its corpora and settings give: name, reasons, and every field of every pair.

    Of VCTK only the recordings in the recipe are read, unless its corpora are the complete ones (`paper`, `diverse`) or
    it is an edition, whose draws are what has to be proved: then which speech each background got, and the order of the
    pairs, are drawn again too, from the whole pool.

    Returns:
        Pair and difference, in the order of the pairs; for the whole recipe `recipe` in place of the pair.

    Raises:
        CorpusError: A corpus is not in its folder, or a table has other columns.
    """
    settings, is_complete = recipe.settings, recipe.name in OFFICIAL
    draws_again = is_complete or settings.edition is not None
    used = {part.utterance.utterance_id for pair in recipe.pairs for part in pair.speech}
    only = None if draws_again else used
    read = read_sources(corpora, settings, execution.header_cache, only=only, progress=execution.progress)
    issues, pool, selected = read.issues(), read.speech, read.selected
    why = {issue.path: f": {issue.reason}" for issue in (*issues.problems, *issues.excluded)}
    found = list(_differences_of_head(recipe, read))
    drawn: dict[str, str] = {}
    usable, cuts, broken = pool.utterances, Cuts(), dict[Source, str]()
    if draws_again:
        usable = usable_speech(pool, settings, execution.workers)
    if settings.rule == "diverse":
        sources = [(pool.corpus, utterance.file, 0) for utterance in usable]
        broken = check_sources(sources, read.roots, {pool.corpus: cuts.read}, execution)
        found += [SourceIssue(*fault) for fault in faults_of_rule(recipe.pairs, pool.root, cuts, settings)]
    if is_complete:
        lacking = [
            *read.shortfalls(selected),
            *(f"{file}: {fault}" for (_, file, _), fault in broken.items()),
        ]
        found += [SourceIssue("recipe", f"its corpora are not complete: {one}") for one in lacking]
    if draws_again:
        sound = [utterance for utterance in usable if (pool.corpus, utterance.file, 0) not in broken]
        pairs = draw_speech(selected, sound, pool, cuts, settings)
        drawn = {
            one.background.background_id: joined([spoken for spoken, _ in one.speech]).utterance_id for one in pairs
        }
        if [pair.pair_id for pair in recipe.pairs] != list(drawn):
            text = f"pairs: its {len(recipe.pairs)} are not the {len(drawn)} that are drawn, in their order"
            found.append(SourceIssue("recipe", text))
    backgrounds = {(item.corpus, item.file, item.offset_s): item for item in selected}
    utterances = {utterance.file: utterance for utterance in pool.utterances}
    for pair in recipe.pairs:
        stated = pair.background
        background = backgrounds.get((stated.corpus, stated.file, stated.offset_s))
        if background is None:
            place = f"{stated.corpus}/{stated.file} from {stated.offset_s} s"
            rest = why.get(f"{stated.corpus}/{stated.file}", "")
            found.append(SourceIssue(pair.pair_id, f"{place} is not among the corpus's clips and windows{rest}"))
        absent = [part.utterance.file for part in pair.speech if part.utterance.file not in utterances]
        for file in absent:
            place = f"{pool.corpus}/{file}"
            rest = why.get(place, "")
            found.append(SourceIssue(pair.pair_id, f"{place} is not among the utterances of the settings{rest}"))
        if background is None or absent:
            continue
        speech = tuple(replace(part, utterance=utterances[part.utterance.file]) for part in pair.speech)
        again = replace(pair, background=background, speech=speech)
        name = again.utterance.utterance_id
        if drawn.get(background.background_id, name) != name:
            text = f"the recipe gives it {name}, the draw {drawn[background.background_id]}"
            found.append(SourceIssue(pair.pair_id, f"utterance_id: {text}"))
        again = drawn_again(again, pool, cuts, settings)
        for one, other in zip(RecipeRow.of_pair(pair), RecipeRow.of_pair(again), strict=True):
            for field in fields(RecipeRow):
                values = getattr(one, field.name), getattr(other, field.name)
                if values[0] != values[1]:
                    found.append(SourceIssue(pair.pair_id, f"{field.name}: {_say(*values)}"))
    return found


def _differences_of_head(recipe: Recipe, read: Sources) -> Iterator[SourceIssue]:
    """Whether name, reasons and language follow from settings and sources; shortfalls are taken as stated."""
    deviations = read.deviations(recipe.settings)
    shortfalls = [reason for reason in recipe.reasons if reason not in deviations]
    for field, stated, found in (
        ("name", recipe.name, name_of(recipe.settings, deviations, shortfalls)),
        ("reasons", list(recipe.reasons), [*deviations, *shortfalls]),
        ("language", recipe.language, read.speech.language),
    ):
        if stated != found:
            yield SourceIssue("recipe", f"{field}: {_say(stated, found)}")


def _say(stated: object, found: object) -> str:
    """Both values in words; of lists the first items that differ, of long texts the part that does."""
    if isinstance(stated, list) and isinstance(found, list):
        stated, found = next(items for items in zip_longest(stated, found) if items[0] != items[1])
    texts = [_in_words(stated), _in_words(found)]
    same = next((place for place, letters in enumerate(zip(*texts, strict=False)) if letters[0] != letters[1]), 0)
    first = max(0, same - _CONTEXT) if max(map(len, texts)) > _MAX_SHOWN else 0
    shown = [("..." if first else "") + text[first : first + _MAX_SHOWN] for text in texts]
    return f"the recipe says {shown[0]}, the corpus {shown[1]}"


def _in_words(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, EventSegment):
        return f"{value.event} from {value.onset_s:g} to {value.offset_s:g} s"
    if isinstance(value, SoftLabel):
        return f"{value.event} {' '.join(map(str, value.values))}"
    return repr(value)
