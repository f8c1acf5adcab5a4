"""The manifest: everything needed to tell whether a dataset folder is what it claims to be.

`manifest.json` holds version, recipe name, settings, conditions, the SHA-256 of every source file, of every row's
samples and of its references, and the versions of the packages that made them. It holds no time and no path, so two
builds of one recipe write the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sseu_dataset.fingerprints import RowHashes, fingerprint, pcm_fingerprint, sources_sha256
from sseu_dataset.records import (
    CLIP_SAMPLES,
    RATE_HZ,
    STRICT,
    DatasetError,
    ImportRecord,
    Layout,
    Recipe,
    RecipeName,
    Settings,
    check_name,
    version_of,
    written,
)
from sseu_dataset.schema import config_name, data_configs
from sseu_dataset.validation import parse_json
from sseu_metric.conditions import ordered

if TYPE_CHECKING:
    from datasets import Dataset

FILE_NAME = "manifest.json"
FORMAT = 2
"""Format of manifest, recipe and columns, `schema_version` in the files; format 1 had labels outside the hashes."""
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
        recipe: `paper`, `partial`, `custom` or `imported`.
        reasons: Why the recipe is not `paper`; empty when it is.
        recipe_sha256: SHA-256 of the recipe's content; of an import that of its sources (`sources_sha256`).
        settings: The build settings; None for an import.
        conditions: The conditions, in the order in which a pair's rows are made.
        pairs: Number of pairs; each has one row per condition, in an import at most one.
        sources: SHA-256 of each source file, by corpus and path in it.
        pcm_sha256: SHA-256 of each row's little-endian int16 samples, by row id.
        reference_sha256: SHA-256 of each row's references (`fingerprints.reference_sha256`), by row id.
        fingerprints: For each configuration, the hash of its samples and references (`fingerprints.fingerprint`).
        excluded: Number of source files left out (`excluded.tsv`).
        excluded_sha256: SHA-256 of that list.
        measured: SNR definitions added after the build (`measure`).
        pcm: Format of every clip.
        packages: Versions of the packages that made the samples and files.
        schema_version: Version of the format of this file and of the dataset's columns.
        imported: What is known of an import; None for a build.
        layout: What the folder stores; mixtures, hashes and fingerprints are the same in both layouts.
        language: Language of all speech, a tag such as `en`.

    Raises:
        ValueError: A string in `conditions` is not a condition, a checksum is not the hex digits of a SHA-256, fields
            contradict each other, or the name is `paper` and this is not the paper's benchmark.
    """

    __pydantic_config__ = STRICT

    version: str
    recipe: RecipeName
    reasons: list[str]
    recipe_sha256: str
    settings: Settings | None
    conditions: list[str]
    pairs: int
    sources: dict[str, str]
    pcm_sha256: dict[str, str]
    reference_sha256: dict[str, str]
    fingerprints: dict[str, str]
    excluded: int
    excluded_sha256: str
    measured: list[str]
    pcm: PcmFormat = field(default_factory=PcmFormat)
    packages: dict[str, str] = field(default_factory=lambda: {name: version(name) for name in _PACKAGES})
    schema_version: int = FORMAT
    imported: ImportRecord | None = None
    layout: Layout = "full"
    language: str = "en"

    def __post_init__(self) -> None:
        """Check conditions and checksums, that the fields agree with each other, and the name."""
        ordered(self.conditions)
        for name in ("sources", "pcm_sha256", "reference_sha256", "fingerprints"):
            for key, sha256 in getattr(self, name).items():
                check_sha256(f"{name}.{key}", sha256)
        if uneven := sorted(self.pcm_sha256.keys() ^ self.reference_sha256.keys()):
            raise ValueError(f"only one of pcm_sha256 and reference_sha256 has the row {uneven[0]}")
        if len({self.recipe == "imported", self.settings is None, self.imported is not None}) > 1:
            raise ValueError("recipe `imported`, a record of the import and no settings belong together")
        if self.imported is not None and self.layout != "full":
            raise ValueError(
                f"layout `{self.layout}` needs the two signals of each pair, which an import does not have"
            )
        if self.settings is None:
            self._check_import()
        elif tuple(self.conditions) != self.settings.conditions:
            raise ValueError(f"the conditions {self.conditions} are not those of the settings")
        elif self.pairs * len(self.conditions) != len(self.pcm_sha256):
            rows, conditions = len(self.pcm_sha256), len(self.conditions)
            raise ValueError(f"{self.pairs} pairs in {conditions} conditions are not {rows} rows")
        own = fingerprints_of(self.row_hashes, self.conditions)
        if wrong := sorted(dict(self.fingerprints.items() ^ own.items())):
            raise ValueError(f"fingerprints.{wrong[0]} does not follow from the hashes of the rows")
        check_name(
            self.recipe,
            self.pairs,
            self.conditions,
            settings=self.settings,
            reasons=self.reasons,
            sources=self.sources,
        )

    def _check_import(self) -> None:
        """Check that each row is of a condition, and that pairs and sources are as stated."""
        endings = [f"_{config_name(condition)}" for condition in self.conditions]
        pairs = {row.removesuffix(end) for row in self.pcm_sha256 for end in endings if row.endswith(end)}
        if len(pairs) != self.pairs or not all(row.endswith(tuple(endings)) for row in self.pcm_sha256):
            raise ValueError(f"its rows are not of {self.pairs} pairs in the conditions {', '.join(self.conditions)}")
        if sources_sha256(self.sources) != self.recipe_sha256:
            raise ValueError("recipe_sha256 does not follow from the sources")

    @property
    def data_configs(self) -> list[str]:
        """The configurations with files of their own (`schema.data_configs`)."""
        return data_configs(self.conditions, self.layout)

    @property
    def row_hashes(self) -> dict[str, RowHashes]:
        """Both hashes of every row, by row id."""
        return {row: RowHashes(sha256, self.reference_sha256[row]) for row, sha256 in self.pcm_sha256.items()}

    @property
    def pcm_fingerprint(self) -> str:
        """One hash of all samples, whatever the references say (`fingerprints.pcm_fingerprint`)."""
        return pcm_fingerprint(self.pcm_sha256)

    def to_json(self) -> str:
        """The text of the file."""
        return json.dumps(self, default=written, indent=1, ensure_ascii=False) + "\n"


def make_manifest(
    recipe: Recipe,
    recipe_sha256: str,
    hashes: Mapping[str, RowHashes],
    *,
    excluded: int,
    excluded_sha256: str,
    layout: Layout,
) -> Manifest:
    """The manifest of a finished build; `hashes` holds those of every row, by row id."""
    conditions = recipe.settings.conditions
    return Manifest(
        version=recipe.version,
        recipe=recipe.name,
        reasons=list(recipe.reasons),
        recipe_sha256=recipe_sha256,
        settings=recipe.settings,
        conditions=list(conditions),
        pairs=len(recipe.pairs),
        sources=recipe.sources,
        pcm_sha256={row: found.pcm_sha256 for row, found in sorted(hashes.items())},
        reference_sha256={row: found.reference_sha256 for row, found in sorted(hashes.items())},
        fingerprints=fingerprints_of(hashes, conditions),
        excluded=excluded,
        excluded_sha256=excluded_sha256,
        measured=[],
        layout=layout,
        language=recipe.language,
    )


def fingerprints_of(hashes: Mapping[str, RowHashes], conditions: Iterable[str]) -> dict[str, str]:
    """The fingerprint of each configuration, of both hashes of every row."""
    found = {"all": fingerprint(hashes)}
    for name in map(config_name, conditions):
        found[name] = fingerprint({row: hashes[row] for row in hashes if row.endswith(f"_{name}")})
    return found


def conditions_of(data: Manifest | Dataset | Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The conditions of a dataset, from `+inf` down to `-inf`.

    Args:
        data: A manifest; rows from `load` (of one configuration or all), or any mappings with a `condition`.

    Returns:
        Only conditions that occur, each once: the paper's seven for a default build.

    Raises:
        ValueError: A row has an invalid condition.
    """
    if isinstance(data, Manifest):
        return ordered(data.conditions)
    rows: Any = data
    return ordered(rows.unique("condition") if hasattr(rows, "unique") else (row["condition"] for row in rows))


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
        values = json.loads(text)
        found = values.get("schema_version", values.get("schema", FORMAT))  # format 1 called it `schema`
    except (ValueError, AttributeError, RecursionError):
        found = FORMAT  # `parse_json` says what is wrong
    check_format(found, source)
    return parse_json(Manifest, text, source, "build or fetch the dataset again")


def check_sha256(name: str, value: str) -> None:
    """Raise a ValueError unless the value called `name` is the hex digits of a SHA-256."""
    if not _SHA256.fullmatch(value):
        raise ValueError(f"{name} is {value!r} instead of a SHA-256 of 64 hex digits")


def check_format(found: object, source: str) -> None:
    """Raise a DatasetError, which names the remedy, unless `found` is the format that this package reads."""
    if found != FORMAT:
        newer = isinstance(found, int) and found > FORMAT
        remedy = (
            "update the package" if newer else "make the dataset anew from the corpora, into another --out: sseu build"
        )
        raise DatasetError(f"{source}: dataset format {found!r}, this package reads {FORMAT}; {remedy}")


def check_version(manifest: Manifest, source: str) -> None:
    """Raise a DatasetError unless the dataset is of the version that this package builds."""
    if manifest.version != (built := version_of(manifest.settings)):
        raise DatasetError(
            f"{source} is version {manifest.version}, this package builds {built} and can only load others; "
            f"install version {manifest.version} of the package"
        )


def hint_at_folder(folder: Path) -> str:
    """A hint at a dataset folder beside `folder` whose name is nearly the same; empty where there is none."""
    if folder.is_file():
        return f" but a file (did you mean its folder, {folder.parent}?)"
    try:
        neighbours = [path.parent.name for path in folder.parent.glob(f"*/{FILE_NAME}")]
    except OSError:
        return ""
    close = get_close_matches(folder.name, neighbours, n=1)
    return f" (did you mean {folder.parent / close[0]}?)" if close else ""
