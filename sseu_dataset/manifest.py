"""The manifest: everything needed to tell whether a dataset folder is what it claims to be.

`manifest.json` holds version, recipe, counts, the SHA-256 of every source file, the PCM hash of every row and the
versions of the packages that made them. It holds no time and no path, so two builds of one recipe write the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sseu_dataset.records import CLIP_SAMPLES, RATE_HZ, VERSION, DatasetError, Recipe
from sseu_dataset.schema import config_name

FILE_NAME = "manifest.json"
_SCHEMA = 1
_PACKAGES = ("numpy", "pyarrow", "soundfile", "soxr")


@dataclass(frozen=True)
class Manifest:
    """The content of `manifest.json`.

    Attributes:
        version: Of the benchmark.
        recipe: `paper`, `partial` or `custom`.
        reasons: Why it is not `paper`.
        recipe_sha256: Of the recipe's content.
        settings: What the build was asked for.
        conditions: In the order of the class label `snr`.
        pairs: Number of pairs; each has one row per condition.
        sources: SHA-256 of each source file, by corpus and path in it.
        pcm_sha256: SHA-256 of each row's little-endian int16 samples, by row id.
        fingerprints: For each configuration, SHA-256 of its sorted `id,pcm_sha256` lines.
        excluded: Number of source files left out (excluded.tsv).
        measured: The SNR definitions added after the build.
        pcm: Sampling rate, channels, bits and samples of every clip.
        packages: Versions that took part in making the samples or the files.
        schema: Of this file.
    """

    version: str
    recipe: str
    reasons: list[str]
    recipe_sha256: str
    settings: dict[str, Any]
    conditions: list[str]
    pairs: int
    sources: dict[str, str]
    pcm_sha256: dict[str, str]
    fingerprints: dict[str, str]
    excluded: int
    measured: list[str]
    pcm: dict[str, int] = field(
        default_factory=lambda: {"rate_hz": RATE_HZ, "channels": 1, "bits": 16, "samples": CLIP_SAMPLES}
    )
    packages: dict[str, str] = field(default_factory=lambda: {name: version(name) for name in _PACKAGES})
    schema: int = _SCHEMA

    def to_json(self) -> str:
        """The text of the file."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"


def make_manifest(recipe: Recipe, recipe_sha256: str, pcm_sha256: Mapping[str, str], *, excluded: int) -> Manifest:
    """The manifest of a finished build; `pcm_sha256` maps every row id to its hash, in the order of the rows."""
    conditions = recipe.settings.conditions
    rows_of = {"all": dict(pcm_sha256)}
    for condition in conditions:
        name = config_name(condition)
        rows_of[name] = {row: pcm_sha256[row] for pair in recipe.pairs for row in [f"{pair.pair_id}_{name}"]}
    sources = {f"{pair.background.corpus}/{pair.background.file}": pair.background_sha256 for pair in recipe.pairs}
    sources |= {f"VCTK/{pair.utterance.file}": pair.speech_sha256 for pair in recipe.pairs}
    return Manifest(
        version=recipe.version,
        recipe=recipe.name,
        reasons=list(recipe.reasons),
        recipe_sha256=recipe_sha256,
        settings=asdict(recipe.settings) | {"snrs_db": list(recipe.settings.snrs_db)},
        conditions=list(conditions),
        pairs=len(recipe.pairs),
        sources=dict(sorted(sources.items())),
        pcm_sha256=dict(sorted(pcm_sha256.items())),
        fingerprints={name: fingerprint(rows.items()) for name, rows in rows_of.items()},
        excluded=excluded,
        measured=[],
    )


def fingerprint(rows: Iterable[tuple[str, str]]) -> str:
    """SHA-256 of the sorted lines `id,pcm_sha256`, in hex: one value for the audio of a whole configuration."""
    lines = "".join(f"{row},{sha256}\n" for row, sha256 in sorted(rows))
    return hashlib.sha256(lines.encode()).hexdigest()


def read_manifest(folder: Path) -> Manifest:
    """Read `folder/manifest.json`.

    Raises:
        DatasetError: It is missing, broken, or of a version this code does not know.
    """
    path = folder / FILE_NAME
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        unfinished = folder.name.endswith(".partial")
        why = "an unfinished build; run its command again" if unfinished else "not a finished dataset folder"
        raise DatasetError(f"{folder}: no {FILE_NAME}, so this is {why}") from None
    return parse_manifest(text, str(path))


def parse_manifest(text: str, where: str) -> Manifest:
    """The manifest in `text`; `where` names it in errors.

    Raises:
        DatasetError: It is broken, or of a version this code does not know.
    """
    try:
        content = json.loads(text)
        if content["schema"] != _SCHEMA:
            raise DatasetError(f"{where}: manifest schema {content['schema']}, this code reads {_SCHEMA}; update it")
        return Manifest(**content)
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, DatasetError):
            raise
        raise DatasetError(f"{where}: broken manifest ({error!r}); build or fetch the dataset again") from error


def check_version(manifest: Manifest, where: str) -> None:
    """Raise a DatasetError unless the dataset is of the version this package implements."""
    if manifest.version != VERSION:
        raise DatasetError(
            f"{where} is version {manifest.version}, this package reads {VERSION}; "
            "load that revision or install the matching package"
        )
