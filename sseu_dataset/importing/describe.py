"""Manifest and card of an imported dataset."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

from sseu_dataset.building.folder_checks import MAP
from sseu_dataset.describing.card import counts_table, front_matter, status
from sseu_dataset.describing.how_to_load import HOW_TO_LOAD
from sseu_dataset.fingerprints import RowHashes, sources_sha256
from sseu_dataset.importing.clips import Clip
from sseu_dataset.manifest import Manifest, fingerprints_of
from sseu_dataset.records import CLIP_S, VERSION, ImportRecord
from sseu_metric.conditions import ordered
from sseu_metric.labels import EVENTS, SCENES

_QUESTIONS = (
    "Every clip poses three questions: what is said, in which scene, and which events sound. 44.1 kHz, mono, 16 bit.\n"
)
_INTERVALS = (
    "Intervals resample by what there is of speaker_id, transcript and source_recording_id, and hold fixed what is not "
    "there."
)
_HASHES = "`manifest.json` holds the SHA-256 of table, map, every audio file, and every clip's samples and references."
_LICENCE_METADATA = {"license": "other", "license_name": "see-licence-column"}


def make_import_manifest(
    clips: Sequence[Clip],
    table_name: str,
    sources: Mapping[str, str],
    hashes: Mapping[str, RowHashes],
    record: ImportRecord,
) -> Manifest:
    """The manifest of a finished import; `hashes` holds those of every row, by row id."""
    conditions = ordered(clip.condition for clip in clips)
    return Manifest(
        version=VERSION,
        recipe="imported",
        reasons=[f"its mixtures were made elsewhere and are taken from {table_name} as they are, SNRs unchecked"],
        recipe_sha256=sources_sha256(sources),
        settings=None,
        conditions=list(conditions),
        pairs=len({clip.pair_id for clip in clips}),
        sources=dict(sorted(sources.items())),
        pcm_sha256={row: found.pcm_sha256 for row, found in sorted(hashes.items())},
        reference_sha256={row: found.reference_sha256 for row, found in sorted(hashes.items())},
        fingerprints=fingerprints_of(hashes, conditions),
        excluded=0,
        excluded_sha256=hashlib.sha256(b"").hexdigest(),
        measured=[],
        imported=record,
    )


def make_import_card(
    clips: Sequence[Clip], made: Manifest, record: ImportRecord, licence: str, sizes_bytes: Mapping[str, int]
) -> str:
    """The text of the dataset's README.md."""
    counts = Counter(clip.condition for clip in clips)
    by_condition = {condition: counts[condition] for condition in made.conditions}
    filled = {name for clip in clips for name, value in clip.ids.items() if value is not None}
    notes = [
        *record.notes,
        _clipping(record, len(clips)),
        "No stems: of these mixtures the two signals, their levels and their placement are not known.",
        f"Ids known: {', '.join(sorted(filled)) or 'those of pairs alone'}. {_INTERVALS}",
        f"`{MAP}` is the map by which labels and conditions were read; {_HASHES}",
    ]
    events = Counter(event for clip in clips for event in clip.events)
    scenes = Counter(clip.scene for clip in clips if clip.scene is not None)
    sections = [
        front_matter(by_condition, sizes_bytes, _LICENCE_METADATA, made.version, origin={}),
        "# Imported mixtures\n",
        status(made.recipe, made.reasons),
        f"{len(clips)} clips of {CLIP_S} s, {made.pairs} pairs. {_QUESTIONS}",
        HOW_TO_LOAD,
        "## Counts\n",
        counts_table(("condition", "clips"), by_condition, tuple(made.conditions)),
        counts_table(("scene", "clips"), scenes, SCENES),
        counts_table(("event", "clips with it"), events, EVENTS),
        "## What to know\n",
        "".join(f"- {note}\n" for note in notes),
        f"## Licence\n\n{licence}\n",
    ]
    return "\n".join(sections)


def _clipping(record: ImportRecord, clips: int) -> str:
    found = record.clipped_samples
    if not found:
        return "No sample of any clip is at full scale."
    return (
        f"{len(found)} of {clips} clips have samples at full scale, {sum(found.values())} in all (`clipped_samples` in "
        "`manifest.json`): where there are runs of them, the mixture was clipped."
    )
