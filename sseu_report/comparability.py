"""What makes results unfair to compare (dataset, embedder, normaliser, prompts), and less than the whole benchmark.

Results about different datasets are refused, since their clips differ; every other difference becomes a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from sseu_models.kinds import REFERENCE_PREFIX
from sseu_models.results.opened_dataset import dataset_difference
from sseu_models.results.terminal import in_parentheses
from sseu_report.entries import Entry
from sseu_report.naming import some_of

if TYPE_CHECKING:
    from sseu_models.results.scores_file import ModeScores


def check_datasets(entries: Sequence[Entry]) -> None:
    """Refuse to show answers about different datasets together, or transcripts that were scored in different units.

    Raises:
        ValueError: The fingerprints differ, in audio, transcripts or labels; each entry's version and fingerprint are
            named, and the rows that differ from the first entry's where both datasets are at hand. Or the errors of one
            entry are counted in words, of another in characters.
    """
    for entry in entries[1:]:
        if entry.asr_unit != entries[0].asr_unit:
            first = entries[0]
            raise ValueError(
                f"errors of transcripts are counted in {first.asr_unit}s in {first.folder} ({first.normalizer}), in "
                f"{entry.asr_unit}s in {entry.folder} ({entry.normalizer}); score one of them again with sseu score "
                "--normalizer"
            )
    for entry in entries[1:]:
        if (difference := dataset_difference(entries[0].result, entry.result)) is not None:
            named = "; ".join(
                f"{one.name}: {one.result.dataset.version} {one.result.dataset.fingerprint[:12]}" for one in entries
            )
            raise ValueError(
                f"the results are about different datasets: {named}. {entry.name} is about {difference}. Report them "
                "separately"
            )


def refuse_lite(entries: Sequence[Entry], shown: str) -> None:
    """Refuse estimates from a part of the questions among scores of all.

    Raises:
        ValueError: An entry is a lite result; it is named.
    """
    for entry in entries:
        if entry.result.job.lite is not None:
            raise ValueError(
                f"{entry.folder} is a lite result ({entry.result.answers.asked:,} questions): an estimate, which "
                f"{shown} does not show. `sseu score` prints it, `sseu compare` compares two lite results; for the "
                "whole benchmark run the system without --lite"
            )


def check_same_questions(a: Entry, b: Entry) -> None:
    """Refuse to compare a lite result with a whole one, or with one of another size.

    Raises:
        ValueError: Says what each of the two is.
    """
    sizes = [one.result.job.lite for one in (a, b)]
    if sizes[0] != sizes[1]:
        what = ["a whole run" if size is None else f"a lite run (--lite {size})" for size in sizes]
        raise ValueError(
            f"{a.folder} is {what[0]}, {b.folder} is {what[1]}: their scores are of other questions; run both in the "
            "same way"
        )


def limitations_of(entries: Iterable[Entry]) -> dict[str, tuple[str, ...]]:
    """For each entry by name why its scores stand in parentheses; no reasons if they do not."""
    return {entry.name: entry.limitations for entry in entries}


def parentheses_notes(limitations: Mapping[str, Sequence[str]]) -> list[str]:
    """The sentence below a table with scores in parentheses; none where all results are whole.

    Args:
        limitations: As for `in_parentheses`.
    """
    return [f"{line[0].upper()}{line[1:]}." for line in in_parentheses(limitations)]


def unequal(entries: Sequence[Entry], metrics: Sequence[str], modes: Sequence[str]) -> list[str]:
    """Why the scores of several entries are not comparable, one sentence for each cause.

    Entries that hear nothing read no prompts, and classifiers need no embedder: they are left out there.

    Args:
        entries: Shown together.
        metrics: The metrics shown; the embedder matters to `macc` and `map`, the normaliser to `wer`.
        modes: The modes shown.
    """
    parts: list[tuple[str, list[tuple[str, str]]]] = [
        ("dataset versions", [(entry.name, entry.result.dataset.version) for entry in entries]),
        ("dataset recipes", [(entry.name, entry.result.dataset.recipe) for entry in entries]),
    ]
    if set(metrics) & {"macc", "map"}:
        parts.append(("text embedders", by_mode(entries, modes, embedder_name)))
    if "wer" in metrics:
        parts.append(("text normalisers", by_mode(entries, modes, lambda scores: scores.normalizer)))
    prompted = [entry for entry in entries if not entry.result.system.startswith(REFERENCE_PREFIX)]
    parts.append(("prompt sets", [(entry.name, entry.result.prompts.set) for entry in prompted]))
    notes = [note for what, pairs in parts if (note := _difference(what, pairs))]
    return notes + _unequal_prompts(prompted, modes)


def embedder_name(scores: ModeScores) -> str | None:
    """Id and revision of the embedder behind the scores of a mode; None where none was needed."""
    embedder = scores.embedder
    if embedder is None:
        return None
    return embedder.id + (f" at {embedder.revision[:19]}" if embedder.revision else "")


def by_mode(
    entries: Iterable[Entry], modes: Sequence[str], read: Callable[[ModeScores], str | None]
) -> list[tuple[str, str]]:
    """Each entry's name with what `read` finds in the scores of each mode; None is left out."""
    found = [(entry.name, read(entry.modes[mode])) for entry in entries for mode in modes if mode in entry.modes]
    return [(name, value) for name, value in dict.fromkeys(found) if value is not None]


def _difference(what: str, pairs: Sequence[tuple[str, str]]) -> str | None:
    owners: dict[str, list[str]] = {}
    for name, value in pairs:
        owners.setdefault(value, []).append(name)
    if len(owners) < 2:
        return None
    parts = (f"{value} ({some_of(dict.fromkeys(names))})" for value, names in owners.items())
    return f"Not comparable as they stand, different {what}: {'; '.join(parts)}."


def _unequal_prompts(entries: Sequence[Entry], modes: Sequence[str]) -> list[str]:
    """Prompts that differ although set and model family are the same, as in an edited file."""
    groups: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    for entry in entries:
        for name, prompt in entry.result.prompts.templates.items():
            if name.partition("/")[0] in modes:
                key = (entry.result.prompts.set, entry.result.family, name)
                groups.setdefault(key, []).append((entry.name, f"{prompt.id} {prompt.sha256[:12]}"))
    notes = (_difference(f"prompts for {name}", pairs) for (_, _, name), pairs in groups.items())
    return [note for note in notes if note]
