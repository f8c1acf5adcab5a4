"""The recipe: which utterance lies where on which background.

Nothing here is drawn from a stateful generator. Every draw is the SHA-256 of the seed, a purpose and ids, so that the
order of the input, one more file or another machine changes no other pair.

The recipe travels inside the dataset as `recipe.parquet`, one row per pair, with the SHA-256 of every source file; with
the corpora it fixes every sample.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, get_args

from sseu_dataset import manifest
from sseu_dataset.records import (
    CLIP_S,
    CLIP_SAMPLES,
    VERSION,
    Background,
    DatasetError,
    EventSegment,
    Pair,
    Recipe,
    RecipeName,
    Settings,
    Utterance,
)
from sseu_metric.labels import EVENTS, SCENES

FILE_NAME = "recipe.parquet"
EXCLUDED = "excluded.tsv"
_METADATA_KEY = b"sseu_recipe"
_ON_HUB = re.compile(r"hf:/{1,2}datasets/([^/@]+/[^/@]+)(?:@([^/]+))?/recipe\.parquet")


def draw(seed: int, purpose: str, *ids: str) -> int:
    """A number in [0, 2**64): the first 8 bytes, big endian, of SHA-256 of `seed|purpose|id[|id]` in UTF-8."""
    text = "|".join((str(seed), purpose, *ids))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def pair_up(
    backgrounds: Iterable[Background],
    utterances: Iterable[Utterance],
    longest_samples: Mapping[str, int],
    settings: Settings,
) -> list[tuple[Background, Utterance, int]]:
    """Give each background its utterance and onset, in draw order.

    A background takes the utterance with the highest draw of (background id, utterance id): rendezvous hashing. The
    onset is uniform over the places where the utterance fits into 10 s.

    Args:
        backgrounds: All selected backgrounds; `settings.pairs` keeps the first so many in draw order.
        utterances: The pool.
        longest_samples: For each utterance id, an upper bound of its length in samples at 44,100 Hz.
        settings: Seed and number of pairs.

    Returns:
        (background, utterance, onset in samples), in an order that is itself drawn, so that any first few are a
        random sample.
    """
    pool = sorted(utterances, key=lambda utterance: utterance.utterance_id)
    seed = settings.seed
    in_order = sorted(backgrounds, key=lambda item: (draw(seed, "order", item.background_id), item.background_id))
    pairs = []
    for background in in_order[: settings.pairs]:
        background_id = background.background_id
        prefix = f"{seed}|utterance|{background_id}|"
        utterance = max(pool, key=lambda item: hashlib.sha256((prefix + item.utterance_id).encode()).digest()[:8])
        places = CLIP_SAMPLES - longest_samples[utterance.utterance_id] + 1
        onset = draw(seed, "onset", background_id, utterance.utterance_id) * places >> 64
        pairs.append((background, utterance, onset))
    return pairs


def recipe_sha256(recipe: Recipe) -> str:
    """SHA-256 of the recipe's content (not of its Parquet bytes), in hex."""
    text = json.dumps(asdict(recipe), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def write_recipe(recipe: Recipe, path: Path) -> None:
    """Write one row per pair; settings, name and version go into the schema's metadata."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    head = asdict(replace(recipe, pairs=()))
    table = pa.Table.from_pylist([_to_row(pair) for pair in recipe.pairs], schema=_schema())
    table = table.replace_schema_metadata({_METADATA_KEY: json.dumps(head)})
    pq.write_table(table, path, compression="zstd")


@dataclass(frozen=True)
class Published:
    """A recipe and what lies beside it: the manifest and the text of `excluded.tsv`, None where there is none."""

    recipe: Recipe
    manifest: manifest.Manifest | None
    excluded: str | None


def read_published(place: Path | str) -> Published:
    """Read a recipe, here or on the Hub, and what lies beside it.

    Raises:
        DatasetError: See `local_recipe` and `read_recipe`; or the manifest beside it is broken.
    """
    path = local_recipe(place)
    recipe = read_recipe(path)
    made = manifest.read_manifest(path.parent) if (path.parent / manifest.FILE_NAME).exists() else None
    excluded = path.parent / EXCLUDED
    return Published(recipe, made, excluded.read_text(encoding="utf-8") if excluded.exists() else None)


def local_recipe(place: Path | str) -> Path:
    """Where a recipe lies on this machine; one on the Hub is fetched first, with manifest and list of exclusions.

    Args:
        place: A file, or `hf://datasets/<owner>/<name>[@<tag or commit>]/recipe.parquet` (a `Path` made of that has one
            slash less, which is understood).

    Raises:
        DatasetError: There is no such recipe on the Hub, or the Hub cannot be reached.
    """
    if not str(place).startswith("hf:"):
        return Path(place)
    match = _ON_HUB.fullmatch(str(place))
    if match is None:
        raise DatasetError(f"{place}: hf://datasets/<owner>/<name>[@<tag>]/{FILE_NAME} is needed")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        folder = snapshot_download(
            match[1], repo_type="dataset", revision=match[2], allow_patterns=[FILE_NAME, manifest.FILE_NAME, EXCLUDED]
        )
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError) as error:
        raise DatasetError(f"{place}: it cannot be fetched from the Hub: {error}") from error
    recipe = Path(folder) / FILE_NAME
    if not recipe.is_file():
        raise DatasetError(f"{place}: the repository holds no {FILE_NAME} at this revision")
    return recipe


def read_recipe(path: Path) -> Recipe:
    """Read what `write_recipe` wrote.

    Raises:
        DatasetError: The file is not a recipe of this project, is of another version of the benchmark, or a pair in it
            has a value out of its range.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        raise DatasetError(f"{path}: no such recipe; it lies in a dataset folder as {FILE_NAME}")
    try:
        table = pq.read_table(path)
        head: dict[str, Any] = json.loads((table.schema.metadata or {})[_METADATA_KEY])
        if head["version"] != VERSION:
            raise DatasetError(
                f"{path} is a recipe of version {head['version']}, this code builds {VERSION}; "
                f"use version {head['version']} of the code"
            )
        settings = head["settings"] | {"snrs_db": tuple(head["settings"]["snrs_db"])}
        pairs = tuple(_from_row(row) for row in table.to_pylist())
        recipe = Recipe(head["name"], tuple(head["reasons"]), Settings(**settings), pairs, head["version"])
        faults = [f"{pair.pair_id}: {fault}" for pair in pairs if (fault := _fault(pair)) is not None]
    except DatasetError:
        raise
    except (pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise DatasetError(f"{path}: not a recipe of this benchmark ({error!r})") from error
    if recipe.name not in get_args(RecipeName):
        faults.insert(0, f"its name is {recipe.name!r} instead of one of {', '.join(get_args(RecipeName))}")
    if len({pair.pair_id for pair in pairs}) < len(pairs):
        faults.append("a pair is listed twice")
    if faults:
        more = f" and {len(faults) - 1} more faults" if len(faults) > 1 else ""
        raise DatasetError(f"{path}: {faults[0]}{more}; fetch the recipe again")
    return recipe


def _fault(pair: Pair) -> str | None:
    """What in a pair cannot have been written by a build, if anything."""
    background = pair.background
    if not 0 <= pair.speech_onset_samples < CLIP_SAMPLES:
        return f"a speech onset of {pair.speech_onset_samples} samples is not within 0 to {CLIP_SAMPLES - 1}"
    if background.offset_s < 0:
        return f"a background offset of {background.offset_s} s is negative"
    if background.scene not in SCENES:
        return f"the scene {background.scene!r} is none of {', '.join(SCENES)}"
    for segment in background.segments:
        if segment.event not in EVENTS:
            return f"the event {segment.event!r} is none of the {len(EVENTS)} of this benchmark"
        if not 0 <= segment.onset_s <= segment.offset_s <= CLIP_S:
            return f"{segment.event} from {segment.onset_s} to {segment.offset_s} s is not within 0 to {CLIP_S} s"
    return None


def _schema() -> Any:
    import pyarrow as pa

    text, seconds = pa.string(), pa.float64()
    segment = pa.struct([("event", text), ("onset_s", seconds), ("offset_s", seconds)])
    columns = dict.fromkeys(_TEXT_COLUMNS, text)
    columns |= {
        "background_offset_s": pa.int64(),
        "event_segments": pa.list_(segment),
        "speech_onset_samples": pa.int64(),
    }
    return pa.schema(list(columns.items()))


_TEXT_COLUMNS = (
    "pair_id",
    "background_corpus",
    "background_file",
    "background_sha256",
    "source_recording_id",
    "scene",
    "utterance_id",
    "speaker_id",
    "speaker_gender",
    "speaker_accent",
    "transcript",
    "transcript_raw",
    "speech_file",
    "speech_sha256",
)


def _to_row(pair: Pair) -> dict[str, Any]:
    background, utterance = pair.background, pair.utterance
    return {
        "pair_id": pair.pair_id,
        "background_corpus": background.corpus,
        "background_file": background.file,
        "background_sha256": pair.background_sha256,
        "background_offset_s": background.offset_s,
        "source_recording_id": background.source_recording_id,
        "scene": background.scene,
        "event_segments": [asdict(segment) for segment in background.segments],
        "utterance_id": utterance.utterance_id,
        "speaker_id": utterance.speaker_id,
        "speaker_gender": utterance.speaker_gender,
        "speaker_accent": utterance.speaker_accent,
        "transcript": utterance.transcript,
        "transcript_raw": utterance.transcript_raw,
        "speech_file": utterance.file,
        "speech_sha256": pair.speech_sha256,
        "speech_onset_samples": pair.speech_onset_samples,
    }


def _from_row(row: dict[str, Any]) -> Pair:
    return Pair(
        background=Background(
            background_id=row["pair_id"],
            corpus=row["background_corpus"],
            file=row["background_file"],
            offset_s=row["background_offset_s"],
            scene=row["scene"],
            segments=tuple(EventSegment(**segment) for segment in row["event_segments"]),
            source_recording_id=row["source_recording_id"],
        ),
        background_sha256=row["background_sha256"],
        utterance=Utterance(
            utterance_id=row["utterance_id"],
            speaker_id=row["speaker_id"],
            speaker_gender=row["speaker_gender"],
            speaker_accent=row["speaker_accent"],
            transcript=row["transcript"],
            transcript_raw=row["transcript_raw"],
            file=row["speech_file"],
        ),
        speech_sha256=row["speech_sha256"],
        speech_onset_samples=row["speech_onset_samples"],
    )
