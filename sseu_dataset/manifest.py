"""The manifest: everything needed to tell whether a dataset folder is what it claims to be.

`manifest.json` holds version, recipe name, settings, the SHA-256 of every source file and of every row's samples, and
the versions of the packages that made them. It holds no time and no path, so two builds of one recipe write the same
bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sseu_dataset.records import CLIP_SAMPLES, RATE_HZ, STRICT, VERSION, DatasetError, Recipe, RecipeName, Settings
from sseu_dataset.schema import config_name, mixture_id
from sseu_dataset.validation import parse_json
from sseu_metric.conditions import ordered

if TYPE_CHECKING:
    from datasets import Dataset

FILE_NAME = "manifest.json"
_FORMAT = 1
_PACKAGES = ("numpy", "pyarrow", "soundfile", "soxr")
_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class PcmFormat:
    """Sampling rate, channels, bits per sample and samples per channel of every clip."""

    __pydantic_config__ = STRICT

    rate_hz: int = RATE_HZ
    channels: int = 1
    bits: int = 16
    samples: int = CLIP_SAMPLES


@dataclass(frozen=True)
class Manifest:
    """The content of `manifest.json`.

    Attributes:
        version: Version of the benchmark.
        recipe: `paper`, `partial` or `custom`.
        reasons: Why the recipe is not `paper`; empty when it is.
        recipe_sha256: SHA-256 of the recipe's content.
        settings: The build settings.
        conditions: The conditions, in the order of the class label `snr`.
        pairs: Number of pairs; each has one row per condition.
        sources: SHA-256 of each source file, by corpus and path in it.
        pcm_sha256: SHA-256 of each row's little-endian int16 samples, by row id.
        fingerprints: For each configuration, SHA-256 of its sorted `id,pcm_sha256` lines.
        excluded: Number of source files left out (`excluded.tsv`).
        measured: SNR definitions added after the build (`measure`).
        pcm: Format of every clip.
        packages: Versions of the packages that made the samples and files.
        schema: Version of this file's format.

    Raises:
        ValueError: A string in `conditions` is not a condition, or a checksum is not the hex digits of a SHA-256.
    """

    __pydantic_config__ = STRICT

    version: str
    recipe: RecipeName
    reasons: list[str]
    recipe_sha256: str
    settings: Settings
    conditions: list[str]
    pairs: int
    sources: dict[str, str]
    pcm_sha256: dict[str, str]
    fingerprints: dict[str, str]
    excluded: int
    measured: list[str]
    pcm: PcmFormat = field(default_factory=PcmFormat)
    packages: dict[str, str] = field(default_factory=lambda: {name: version(name) for name in _PACKAGES})
    schema: int = _FORMAT

    def __post_init__(self) -> None:
        """Check conditions and checksums."""
        ordered(self.conditions)
        for name in ("sources", "pcm_sha256", "fingerprints"):
            for key, sha256 in getattr(self, name).items():
                if not _SHA256.fullmatch(sha256):
                    raise ValueError(f"{name}.{key} is {sha256!r} instead of a SHA-256 of 64 hex digits")

    def to_json(self) -> str:
        """The text of the file."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"


def make_manifest(recipe: Recipe, recipe_sha256: str, pcm_sha256: Mapping[str, str], *, excluded: int) -> Manifest:
    """The manifest of a finished build; `pcm_sha256` maps every row id to its hash."""
    conditions = recipe.settings.conditions
    rows_of = {"all": dict(pcm_sha256)}
    for condition in conditions:
        ids = [mixture_id(pair.pair_id, condition) for pair in recipe.pairs]
        rows_of[config_name(condition)] = {row: pcm_sha256[row] for row in ids}
    sources = {f"{pair.background.corpus}/{pair.background.file}": pair.background_sha256 for pair in recipe.pairs}
    sources |= {f"VCTK/{pair.utterance.file}": pair.speech_sha256 for pair in recipe.pairs}
    return Manifest(
        version=recipe.version,
        recipe=recipe.name,
        reasons=list(recipe.reasons),
        recipe_sha256=recipe_sha256,
        settings=recipe.settings,
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


def conditions_of(data: Manifest | Dataset | Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The conditions of a dataset, from `+inf` down to `-inf`.

    Args:
        data: A manifest; rows from `load` (of one configuration or all); or rows whose `snr` is a condition's name.

    Returns:
        Only conditions that occur, each once: the paper's seven for a default build.

    Raises:
        ValueError: A row has an invalid condition.
    """
    if isinstance(data, Manifest):
        return ordered(data.conditions)
    rows: Any = data
    if not hasattr(rows, "features"):
        return ordered(row["snr"] for row in rows)
    names: list[str] = rows.features["snr"].names
    return ordered(names[label] for label in rows.unique("snr"))


def read_manifest(folder: Path) -> Manifest:
    """Read `folder/manifest.json`.

    Raises:
        DatasetError: It is missing, invalid, or of a format this code does not know.
    """
    path = folder / FILE_NAME
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        unfinished = folder.name.endswith(".partial")
        why = "an unfinished build; run its command again" if unfinished else "not a finished dataset folder"
        raise DatasetError(f"{folder}: no {FILE_NAME}, so this is {why}") from None
    return parse_manifest(text, str(path))


def parse_manifest(text: str | bytes, source: str) -> Manifest:
    """The manifest in `text`; `source` names it in errors.

    Raises:
        DatasetError: It is invalid, or of a format this code does not know.
    """
    try:
        found = json.loads(text).get("schema", _FORMAT)
    except (ValueError, AttributeError):
        found = _FORMAT  # `parse_json` says what is wrong
    if found != _FORMAT:
        raise DatasetError(f"{source}: manifest format {found!r}, this package reads {_FORMAT}; update the package")
    return parse_json(Manifest, text, source, "build or fetch the dataset again")


def check_version(manifest: Manifest, source: str) -> None:
    """Raise a DatasetError unless the dataset is of the version this package implements."""
    if manifest.version != VERSION:
        raise DatasetError(
            f"{source} is version {manifest.version}, this package reads {VERSION}; "
            "load that revision or install the matching package"
        )
