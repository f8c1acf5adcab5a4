"""The recipe file: `recipe.parquet`, one row per pair, with the SHA-256 of every source file.

It travels inside the dataset; with the corpora it determines every sample. Settings, name and version stand in the
metadata of its Parquet schema.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from sseu_dataset import manifest
from sseu_dataset.library_output import retries_unlogged
from sseu_dataset.records import (
    CLIP_S,
    CLIP_SAMPLES,
    STRICT,
    VERSION,
    Background,
    DatasetError,
    EventSegment,
    Pair,
    Recipe,
    RecipeName,
    Settings,
    SoftLabel,
    Utterance,
)
from sseu_dataset.validation import parse_json
from sseu_metric.labels import EVENTS, SCENES
from sseu_metric.secret_transport import hub_url

FILE_NAME = "recipe.parquet"
EXCLUDED = "excluded.tsv"
_METADATA_KEY = b"sseu_recipe"
_ON_HUB = re.compile(r"hf:/{1,2}datasets/([^/@]+/[^/@]+)(?:@([^/]+))?/recipe\.parquet")
_MAX_NAME_BYTES = 255
_REMEDY = "fetch the recipe again"


@dataclass(frozen=True)
class RecipeRow:
    """A row of `recipe.parquet`: a pair, flattened; its fields are the file's columns in order.

    Raises:
        ValueError: A value that no build writes, such as an onset outside the clip or an unknown label.
    """

    __pydantic_config__ = STRICT

    pair_id: str
    background_corpus: str
    background_file: str
    background_sha256: str
    source_recording_id: str
    scene: str
    utterance_id: str
    speaker_id: str
    speaker_gender: str | None
    speaker_accent: str | None
    transcript: str
    transcript_raw: str
    speech_file: str
    speech_sha256: str
    background_offset_s: int
    event_segments: list[EventSegment]
    soft_labels: list[SoftLabel] | None
    speech_onset_samples: int

    def __post_init__(self) -> None:
        """Check checksums, ranges and labels."""
        for name in ("background_sha256", "speech_sha256"):
            manifest.check_sha256(f"{self.pair_id}: {name}", getattr(self, name))
        fault = None
        for file in (self.background_file, self.speech_file):
            if "\0" in file or max(len(part.encode()) for part in file.split("/")) > _MAX_NAME_BYTES:
                fault = f"{file!r:.80} is not the path of a file"
        if not 0 <= self.speech_onset_samples < CLIP_SAMPLES:
            fault = f"a speech onset of {self.speech_onset_samples} samples is not within 0 to {CLIP_SAMPLES - 1}"
        elif self.background_offset_s < 0:
            fault = f"a background offset of {self.background_offset_s} s is negative"
        fault = fault or label_fault(self.scene, self.event_segments, self.soft_labels or ())
        if fault is not None:
            raise ValueError(f"{self.pair_id}: {fault}")

    @classmethod
    def from_pair(cls, pair: Pair) -> RecipeRow:
        """The row of a pair."""
        background = pair.background
        return cls(
            pair_id=pair.pair_id,
            background_corpus=background.corpus,
            background_file=background.file,
            background_sha256=pair.background_sha256,
            source_recording_id=background.source_recording_id,
            scene=background.scene,
            **pair.utterance.columns(),
            speech_sha256=pair.speech_sha256,
            background_offset_s=background.offset_s,
            event_segments=list(background.segments),
            soft_labels=None if background.soft_labels is None else list(background.soft_labels),
            speech_onset_samples=pair.speech_onset_samples,
        )

    def to_pair(self) -> Pair:
        """The pair of a row."""
        return Pair(
            background=Background(
                background_id=self.pair_id,
                corpus=self.background_corpus,
                file=self.background_file,
                offset_s=self.background_offset_s,
                scene=self.scene,
                segments=tuple(self.event_segments),
                source_recording_id=self.source_recording_id,
                soft_labels=None if self.soft_labels is None else tuple(self.soft_labels),
            ),
            background_sha256=self.background_sha256,
            utterance=Utterance.from_columns(asdict(self)),
            speech_sha256=self.speech_sha256,
            speech_onset_samples=self.speech_onset_samples,
        )


def label_fault(scene: str, segments: Iterable[EventSegment], soft_labels: Iterable[SoftLabel]) -> str | None:
    """What is wrong with the labels of a background: a name that is not the benchmark's, or a time outside the clip."""
    fault = None if scene in SCENES else f"the scene {scene!r} is none of {', '.join(SCENES)}"
    segments = list(segments)
    for event in [segment.event for segment in segments] + [label.event for label in soft_labels]:
        if event not in EVENTS:
            fault = f"the event {event!r} is none of the {len(EVENTS)} of this benchmark"
    for segment in segments:
        if not 0 <= segment.onset_s <= segment.offset_s <= CLIP_S:
            fault = f"{segment.event} from {segment.onset_s} to {segment.offset_s} s is not within 0 to {CLIP_S} s"
    return fault


@dataclass(frozen=True)
class RecipeHead:
    """What stands in the metadata of the file's schema: a recipe without its pairs, and the format."""

    __pydantic_config__ = STRICT

    name: RecipeName
    reasons: tuple[str, ...]
    settings: Settings
    version: str
    schema_version: int


def recipe_sha256(recipe: Recipe) -> str:
    """SHA-256 of the recipe's content (not of its Parquet bytes), in hex."""
    text = json.dumps(asdict(recipe), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def write_recipe(recipe: Recipe, path: Path) -> None:
    """Write one row per pair; settings, name and version go into the schema's metadata."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    head = asdict(RecipeHead(recipe.name, recipe.reasons, recipe.settings, recipe.version, manifest.FORMAT))
    rows = [asdict(RecipeRow.from_pair(pair)) for pair in recipe.pairs]
    segment = pa.struct([("event", pa.string()), ("onset_s", pa.float64()), ("offset_s", pa.float64())])
    soft_label = pa.struct([("event", pa.string()), ("values", pa.list_(pa.float64()))])
    types = {
        "int": pa.int64(),
        "list[EventSegment]": pa.list_(segment),
        "list[SoftLabel] | None": pa.list_(soft_label),
    }
    schema = pa.schema([(field.name, types.get(str(field.type), pa.string())) for field in fields(RecipeRow)])
    table = pa.Table.from_pylist(rows, schema=schema)
    table = table.replace_schema_metadata({_METADATA_KEY: json.dumps(head)})
    pq.write_table(table, path, compression="zstd")


def read_recipe(path: Path) -> Recipe:
    """Read what `write_recipe` wrote.

    Raises:
        DatasetError: The file is not a recipe of this benchmark, is of another format or version, is named `paper` but
            is not the paper's, has no pair, or a pair in it has a value of another type or out of range.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        raise DatasetError(f"{path}: no such recipe; a dataset folder holds it as {FILE_NAME}")
    try:
        table = pq.read_table(path)
        text = (table.schema.metadata or {})[_METADATA_KEY]
        values = json.loads(text)
        found = values["version"]
        rows_text = json.dumps(table.to_pylist(), default=lambda value: [repr(value)])  # bytes, say: no field is such
    except (pa.ArrowException, KeyError, TypeError, ValueError, RecursionError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # of the disk; Arrow's own for damage has no number
            raise
        raise DatasetError(f"{path}: not a recipe of this benchmark ({error!r}); {_REMEDY}") from error
    manifest.check_format(values.get("schema_version", 1), str(path))
    if found != VERSION:
        raise DatasetError(
            f"{path} is a recipe of version {found}, this code builds {VERSION}; use version {found} of the code"
        )
    head = parse_json(RecipeHead, text, str(path), _REMEDY)
    rows = parse_json(list[RecipeRow], rows_text, str(path), _REMEDY)
    if not rows:
        raise DatasetError(f"{path}: it has no pair; {_REMEDY}")
    if len({row.pair_id for row in rows}) < len(rows):
        raise DatasetError(f"{path}: a pair is listed twice; {_REMEDY}")
    pairs = tuple(row.to_pair() for row in rows)
    try:
        return Recipe(head.name, head.reasons, head.settings, pairs, head.version)
    except ValueError as error:
        raise DatasetError(f"{path}: {error}; {_REMEDY}") from None


@dataclass(frozen=True)
class PublishedRecipe:
    """A recipe and the files beside it: the manifest and the text of `excluded.tsv`, None where missing."""

    recipe: Recipe
    manifest: manifest.Manifest | None
    excluded: str | None


def read_published(location: Path | str) -> PublishedRecipe:
    """Read a recipe, on disk or on the Hub, and the files beside it.

    Raises:
        DatasetError: See `local_recipe` and `read_recipe`; or the manifest beside it is invalid or of another recipe,
            or the list of exclusions is not the manifest's.
    """
    path = local_recipe(location)
    recipe = read_recipe(path)
    stated, listed = path.with_name(manifest.FILE_NAME), path.with_name(EXCLUDED)
    made = manifest.read_manifest(path.parent) if stated.exists() else None
    excluded = listed.read_bytes() if listed.exists() else None
    if made is not None:
        manifest.check_version(made, str(stated))
        if made.recipe_sha256 != (found := recipe_sha256(recipe)):
            raise DatasetError(
                f"{path} is not the recipe of {stated}: its content has the SHA-256 {found[:12]}, the manifest says "
                f"{made.recipe_sha256[:12]}: one of the two was changed, or they are of different builds; fetch both "
                "again"
            )
        if excluded is None:
            raise DatasetError(f"{listed} is missing, which {stated} was made with; fetch it too")
        if made.excluded_sha256 != hashlib.sha256(excluded).hexdigest():
            raise DatasetError(f"{listed} is not the list that {stated} was made with; fetch both again")
    return PublishedRecipe(recipe, made, None if excluded is None else excluded.decode("utf-8", "replace"))


def local_recipe(location: Path | str) -> Path:
    """The local path of a recipe; one on the Hub is fetched first, with manifest and list of exclusions.

    Args:
        location: A file, or `hf://datasets/<owner>/<name>[@<tag or commit>]/recipe.parquet` (as a `Path` it has one
            slash less, which is accepted).

    Raises:
        DatasetError: There is no such recipe on the Hub, or the Hub cannot be reached.
    """
    if not str(location).startswith("hf:"):
        return Path(location)
    match = _ON_HUB.fullmatch(str(location))
    if match is None:
        raise DatasetError(f"{location}: a recipe on the Hub is hf://datasets/<owner>/<name>[@<tag>]/{FILE_NAME}")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    hub_url()  # refuses to send a token unencrypted
    try:
        with retries_unlogged():
            files = [FILE_NAME, manifest.FILE_NAME, EXCLUDED]
            folder = snapshot_download(match[1], repo_type="dataset", revision=match[2], allow_patterns=files)
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError) as error:
        raise DatasetError(f"{location}: it cannot be fetched from the Hub: {error}") from error
    recipe = Path(folder) / FILE_NAME
    if not recipe.is_file():
        raise DatasetError(f"{location}: the repository holds no {FILE_NAME} at this revision")
    return recipe
