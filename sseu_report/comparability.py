"""What makes results unfair to put side by side: dataset, embedder, normaliser, prompts.

Different datasets are refused, since their clips are others; anything else is told in a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sseu_models.kinds import REFERENCE_PREFIX
from sseu_report.entries import Entry

__all__ = ["by_mode", "check_datasets", "embedder_name", "unequal"]


def check_datasets(entries: Sequence[Entry], mixed_datasets: bool = False) -> None:
    """Refuse answers about different datasets side by side.

    Args:
        entries: Side by side.
        mixed_datasets: Allow them; `unequal` then names them.

    Raises:
        ValueError: The fingerprints differ; each entry's version and fingerprint are named.
    """
    pairs = [
        (entry.name, f"{entry.result.dataset.version} {str(entry.result.dataset.fingerprint)[:12]}")
        for entry in entries
    ]
    if not mixed_datasets and len({str(entry.result.dataset.fingerprint) for entry in entries}) > 1:
        raise ValueError(
            f"the results are about different datasets: {'; '.join(f'{name}: {value}' for name, value in pairs)}. "
            "Report them apart, or allow mixed datasets"
        )


def unequal(entries: Sequence[Entry], metrics: Sequence[str], modes: Sequence[str]) -> list[str]:
    """What makes the figures of several entries unfair to compare, a sentence each: dataset, embedder, and so on.

    Controls are left out of prompts, which they do not read; classifiers have no embedder.

    Args:
        entries: Side by side.
        metrics: Shown; the embedder matters to `macc` and `map`, the normaliser to `wer`.
        modes: Shown.
    """
    told: list[tuple[str, list[tuple[str, str]]]] = [
        ("dataset versions", [(entry.name, str(entry.result.dataset.version)) for entry in entries]),
        ("dataset recipes", [(entry.name, str(entry.result.dataset.recipe)) for entry in entries]),
        ("datasets", [(entry.name, str(entry.result.dataset.fingerprint)[:12]) for entry in entries]),
    ]
    if set(metrics) & {"macc", "map"}:
        told.append(("text embedders", by_mode(entries, modes, embedder_name)))
    if "wer" in metrics:
        told.append(("text normalisers", by_mode(entries, modes, lambda figures: figures["normalizer"])))
    readers = [entry for entry in entries if not entry.result.system.startswith(REFERENCE_PREFIX)]
    told.append(("prompt sets", [(entry.name, str(entry.result.prompts.set)) for entry in readers]))
    notes = [note for what, pairs in told if (note := _difference(what, pairs))]
    return notes + _unequal_prompts(readers, modes)


def embedder_name(figures: Mapping[str, Any]) -> str | None:
    """Id and revision of the embedder behind the figures of a mode; None where none was needed."""
    embedder = figures["embedder"]
    if embedder is None:
        return None
    revision = embedder.get("revision")
    return str(embedder["id"]) + (f" at {str(revision)[:19]}" if revision else "")


def by_mode(
    entries: Iterable[Entry], modes: Sequence[str], read: Callable[[Mapping[str, Any]], Any]
) -> list[tuple[str, str]]:
    """Each entry's name with what stands in the figures of each mode that it has; what is None is left out."""
    found = [
        (entry.name, read(entry.scores["modes"][mode]))
        for entry in entries
        for mode in modes
        if mode in entry.scores["modes"]
    ]
    return [(name, str(value)) for name, value in dict.fromkeys(found) if value is not None]


def _difference(what: str, pairs: Sequence[tuple[str, str]]) -> str | None:
    owners: dict[str, list[str]] = {}
    for name, value in pairs:
        owners.setdefault(value, []).append(name)
    if len(owners) < 2:
        return None
    parts = (f"{value} ({', '.join(dict.fromkeys(names))})" for value, names in owners.items())
    return f"Not comparable as they stand, different {what}: {'; '.join(parts)}."


def _unequal_prompts(entries: Sequence[Entry], modes: Sequence[str]) -> list[str]:
    """Prompts that differ although set and family of models are the same: an edited file."""
    notes = []
    groups: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    for entry in entries:
        for name, prompt in entry.result.prompts.templates.items():
            if name.partition("/")[0] in modes:
                key = (entry.result.prompts.set, entry.result.family, name)
                groups.setdefault(key, []).append((entry.name, f"{prompt.id} {prompt.sha256[:12]}"))
    for (_, _, name), pairs in groups.items():
        if note := _difference(f"prompts for {name}", pairs):
            notes.append(note)
    return notes
