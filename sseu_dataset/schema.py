"""The columns of the dataset, for Parquet and for `datasets`, and the names of its configurations and rows.

`datasets` reads its feature types from the key `huggingface` of the Parquet schema's metadata. Writing that key
ourselves keeps torch and torchcodec out of the build: `datasets` 5 needs both even to store encoded audio bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sseu_dataset.records import RATE_HZ, DatasetError, Layout
from sseu_metric.labels import EVENTS, SCENES

if TYPE_CHECKING:
    import pyarrow as pa

STEMS = "stems"
"""Configuration, and folder in `data`, of the two signals of each pair before gain (layout `stems`)."""

_TEXT = {"dtype": "string", "_type": "Value"}
_NUMBER = {"dtype": "float64", "_type": "Value"}


def features() -> dict[str, Any]:
    """Every column in order, in the form of `datasets.Features.to_dict()`."""
    event = {"names": list(EVENTS), "_type": "ClassLabel"}
    segment = {"event": event, "onset_s": _NUMBER, "offset_s": _NUMBER}
    soft_label = {"event": event, "values": {"feature": _NUMBER, "_type": "List"}}
    speech_segment = {"utterance_id": _TEXT, "transcript": _TEXT, "onset_s": _NUMBER, "offset_s": _NUMBER}
    return {
        "id": _TEXT,
        "pair_id": _TEXT,
        "audio": {"sampling_rate": RATE_HZ, "_type": "Audio"},
        "condition": _TEXT,
        "snr_db": _NUMBER,
        "scene": {"names": list(SCENES), "_type": "ClassLabel"},
        "events": {"feature": event, "_type": "List"},
        "event_segments": {"feature": segment, "_type": "List"},
        "soft_labels": {"feature": soft_label, "_type": "List"},
        "speech_segments": {"feature": speech_segment, "_type": "List"},
        "transcript": _TEXT,
        "transcript_raw": _TEXT,
        "utterance_id": _TEXT,
        "speaker_id": _TEXT,
        "speaker_gender": _TEXT,
        "speaker_accent": _TEXT,
        "speech_file": _TEXT,
        "speech_onset_s": _NUMBER,
        "speech_duration_s": _NUMBER,
        "background_corpus": _TEXT,
        "background_file": _TEXT,
        "source_recording_id": _TEXT,
        "background_offset_s": _NUMBER,
        "background_duration_s": _NUMBER,
        "gain_db": _NUMBER,
        "snr_clip_db": _NUMBER,
        "snr_overlap_db": _NUMBER,
        "snr_active_db": _NUMBER,
        "snr_loudness_db": _NUMBER,
        "licence": _TEXT,
        "pcm_sha256": _TEXT,
        "recipe": _TEXT,
        "version": _TEXT,
    }


def stem_features() -> dict[str, Any]:
    """The columns of the configuration `stems`, in the form of `features`: each row is speech or a background."""
    return {
        "id": _TEXT,
        "signal": _TEXT,
        "audio": {"sampling_rate": RATE_HZ, "_type": "Audio"},
        "speech_sha256": _TEXT,
        "speech_onset_s": _NUMBER,
        "speech_gain": _NUMBER,
        "background_gain": _NUMBER,
        "licence": _TEXT,
    }


def features_of(config: str) -> dict[str, Any]:
    """Every column of a configuration, in the form of `features`."""
    return stem_features() if config == STEMS else features()


def arrow_schema(config: str = "all") -> pa.Schema:
    """The Parquet schema of a configuration, with the feature types in its metadata."""
    import pyarrow as pa

    columns = features_of(config)
    metadata = {"huggingface": json.dumps({"info": {"features": columns}})}
    return pa.schema([(name, _arrow_type(feature)) for name, feature in columns.items()], metadata=metadata)


def check_columns(found: pa.Schema, place: str, remedy: str, config: str = "all") -> None:
    """Refuse columns that no build writes: `datasets` would convert one type to another without a word.

    Raises:
        DatasetError: A column is missing or of another type.
    """
    for field in arrow_schema(config):
        number = found.get_field_index(field.name)
        if number < 0:
            raise DatasetError(f"{place}: the column {field.name} is missing; {remedy}")
        if not (kind := found.field(number).type).equals(field.type):
            raise DatasetError(f"{place}: the column {field.name} is of type {kind}, not {field.type}; {remedy}")


def _arrow_type(feature: dict[str, Any]) -> pa.DataType:
    import pyarrow as pa

    match feature:
        case {"_type": "Value", "dtype": "string"}:
            return pa.string()
        case {"_type": "Value", "dtype": "float64"}:
            return pa.float64()
        case {"_type": "ClassLabel"}:
            return pa.int64()
        case {"_type": "Audio"}:
            return pa.struct([("bytes", pa.binary()), ("path", pa.string())])
        case {"_type": "List", "feature": inner}:
            return pa.list_(pa.field("element", _arrow_type(inner)))
    return pa.struct([(name, _arrow_type(inner)) for name, inner in feature.items()])


def config_name(condition: str) -> str:
    """The dataset configuration of one condition: `+inf` -> `snr_inf`, `-10` -> `snr_-10`."""
    return f"snr_{condition.removeprefix('+')}"


def data_configs(conditions: Iterable[str], layout: Layout) -> list[str]:
    """The configurations with files of their own, in the order in which a build writes them; `all` has none."""
    return [*map(config_name, conditions), *([STEMS] if layout == "stems" else [])]


def mixture_id(pair_id: str, condition: str) -> str:
    """The id of a row: the pair and its condition."""
    return f"{pair_id}_{config_name(condition)}"
