"""The dataset as Croissant (JSON-LD, http://mlcommons.org/croissant/1.1), with the fields on responsible AI.

A pure function of recipe and manifest, so that `verify` can make it again. There is a record set for each condition,
named like its configuration, and one for the names of scenes and events. Paths are relative to the folder; a published
copy also says where and since when it is published.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from packaging.version import Version

from sseu_dataset.corpora.folders import STANDIN_REASON
from sseu_dataset.describing.card import PAPER, TAGS, size_sentence
from sseu_dataset.describing.columns import column_text
from sseu_dataset.describing.responsible_ai import responsible_ai
from sseu_dataset.licences import STANDIN_LICENCE, sources_of
from sseu_dataset.manifest import Manifest
from sseu_dataset.records import Recipe, title_of
from sseu_dataset.schema import features_of
from sseu_metric.labels import EVENTS, SCENES

FILE_NAME = "croissant.json"
_SPECIFICATIONS = ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"]
_LICENCE_URLS = {"CC BY 4.0": "https://creativecommons.org/licenses/by/4.0/"}
_REPOSITORY = "repository"
_NO_HASH = "https://github.com/mlcommons/croissant/issues/80"
"""What Croissant files of the Hub have in place of a repository's SHA-256, which a folder under Git does not have."""
_STEMS_ONLY = (
    " In this copy the audio of the clips is null: their two signals are in the configuration stems, of which "
    "sseu_dataset.load mixes them."
)
_TYPES = {"string": "sc:Text", "float64": "cr:Float64"}
_LABELS = {"scene", "events", "event_segments", "soft_labels", "transcript"}

_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "prov": "http://www.w3.org/ns/prov#",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


@dataclass(frozen=True)
class Place:
    """Where a dataset is published, and since when.

    Attributes:
        url: Address of the repository, which ends in `owner/name`.
        day: The day on which this version was first published, `YYYY-MM-DD`.
    """

    url: str
    day: str


def make_croissant(recipe: Recipe, made: Manifest, place: Place | None = None) -> str:
    """The text of `croissant.json`.

    Args:
        recipe: What was built.
        made: Its manifest.
        place: Where it is published; None for a folder that is not.
    """
    configs = made.data_configs
    values = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": title_of(recipe.settings),
        "description": _description(recipe) + (_STEMS_ONLY if made.layout == "stems" else ""),
        "conformsTo": _SPECIFICATIONS,
        "version": _semantic(recipe.version),
        "identifier": f"fingerprint {made.fingerprints['all']}",
        "license": _licences(recipe),
        "creator": {"@type": "sc:Organization", "name": "The contributors to this implementation of SSEU-Bench"},
        **(_published(place, recipe.version) if place else {}),
        "citeAs": PAPER,
        "inLanguage": recipe.language,
        "keywords": TAGS,
        "distribution": [
            *([_repository(place, recipe.version)] if place else []),
            *(_files(name, place) for name in configs),
        ],
        "recordSet": [
            *(_records(name, recipe) for name in configs),
            _enumeration("scenes", SCENES),
            _enumeration("events", EVENTS),
        ],
        **responsible_ai(recipe, made),
    }
    return json.dumps(values, indent=1, ensure_ascii=False) + "\n"


def differing(text: bytes, recipe: Recipe, made: Manifest) -> list[str]:
    """The keys of a `croissant.json` whose values are not those that recipe and manifest imply.

    Where and since when it is published is taken from the text itself.
    """
    try:
        found = json.loads(text)
        place = _place(found)
        expected = json.loads(make_croissant(recipe, made, place))
        return sorted(key for key in found.keys() | expected if found.get(key) != expected.get(key))
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        return [f"the whole text ({error})"]


def read_place(text: bytes, version: str) -> Place | None:
    """Where and since when this version of a dataset is published, by its `croissant.json`; None if it does not say."""
    try:
        found = json.loads(text)
        return _place(found) if found["version"] == _semantic(version) else None
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return None


def _place(values: dict[str, Any]) -> Place | None:
    if "url" not in values:
        return None
    url, _, _ = values["url"].rpartition("/tree/")
    date.fromisoformat(values["datePublished"])
    if not urlsplit(url).netloc:
        raise ValueError(f"url {values['url']!r} is not that of a repository")
    return Place(url, values["datePublished"])


def _description(recipe: Recipe) -> str:
    other = (
        f" A `{recipe.name}` build, not the benchmark itself: {'; '.join(recipe.reasons)}." if recipe.reasons else ""
    )
    semantic = _semantic(recipe.version)
    spelt = (
        ""
        if semantic == recipe.version
        else (f" This is version {recipe.version}, which this file must write as semantic versioning does, {semantic}.")
    )
    return f"Speech mixed with backgrounds, to test what is understood of both.{other} {size_sentence(recipe)}{spelt}"


def _licences(recipe: Recipe) -> list[dict[str, str]]:
    if STANDIN_REASON in recipe.reasons and not recipe.tables:
        return [{"@type": "sc:CreativeWork", "name": STANDIN_LICENCE}]
    return [
        {
            "@type": "sc:CreativeWork",
            "name": f"{source.name}: {source.licence}",
            **({"url": url} if (url := _LICENCE_URLS.get(source.licence, source.origin)) else {}),
        }
        for source in sources_of(recipe)
    ]


def _semantic(version: str) -> str:
    """`1.0.0rc1+d1` as semantic versioning has it: `1.0.0-rc1+d1`."""
    parsed = Version(version)
    pre, local = "".join(map(str, parsed.pre or ())), parsed.local or ""
    return parsed.base_version + f"-{pre}" * bool(pre) + f"+{local}" * bool(local)


def _published(place: Place, version: str) -> dict[str, Any]:
    owner = place.url.rsplit("/", 2)[-2]
    return {
        "url": f"{place.url}/tree/v{version}",
        "datePublished": place.day,
        "publisher": {"@type": "sc:Organization", "name": owner},
    }


def _repository(place: Place, version: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": _REPOSITORY,
        "name": _REPOSITORY,
        "description": "The repository at the tag of this version.",
        "contentUrl": f"{place.url}/tree/refs%2Ftags%2Fv{version}",
        "encodingFormat": "git+https",
        "sha256": _NO_HASH,
    }


def _files(name: str, place: Place | None) -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": f"{name}-files",
        "name": f"{name}-files",
        "description": f"The Parquet files of the configuration {name}.",
        **({"containedIn": {"@id": _REPOSITORY}} if place else {}),
        "encodingFormat": "application/x-parquet",
        "includes": f"data/{name}/*.parquet",
    }


def _records(name: str, recipe: Recipe) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": f"The clips of the configuration {name}, split test.",
        "key": {"@id": f"{name}/id"},
        "field": [_field(name, (column,), feature, recipe) for column, feature in features_of(name).items()],
    }


def _field(records: str, path: tuple[str, ...], feature: dict[str, Any], recipe: Recipe) -> dict[str, Any]:
    """A column, or a part of one; the parts of a list of structs are read by their names.

    Args:
        records: Id of the record set.
        path: The column and the names of the parts in it.
        feature: Its type (`schema.features`).
        recipe: What was built.
    """
    label = "/".join(path)
    array = {"isArray": True, "arrayShape": "-1"} if feature.get("_type") == "List" else {}
    inner = feature["feature"] if array else feature
    field = {
        "@type": "cr:Field",
        "@id": f"{records}/{label}",
        "name": label,
        "description": column_text(records, label, recipe),
        **array,
    }
    kind = inner.get("_type")
    if kind is None:
        return field | {"subField": [_field(records, (*path, part), type_, recipe) for part, type_ in inner.items()]}
    parts = ("bytes",) if kind == "Audio" else path[1:]
    source: dict[str, Any] = {"fileSet": {"@id": f"{records}-files"}, "extract": {"column": path[0]}}
    if parts:
        source["transform"] = [{"jsonPath": part} for part in parts]
    data_type = {"Audio": "sc:AudioObject", "ClassLabel": "sc:Integer"}.get(kind) or _TYPES[inner["dtype"]]
    return field | {"dataType": [data_type, "cr:Label"] if path[0] in _LABELS else data_type, "source": source}


def _enumeration(name: str, labels: tuple[str, ...]) -> dict[str, Any]:
    index, label = f"{name}/index", f"{name}/name"
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": f"The names of the {name}, by the index that stands in the clips' fields.",
        "dataType": "sc:Enumeration",
        "key": {"@id": index},
        "field": [
            {"@type": "cr:Field", "@id": index, "name": "index", "description": "The index.", "dataType": "sc:Integer"},
            {"@type": "cr:Field", "@id": label, "name": "name", "description": "The name.", "dataType": "sc:Text"},
        ],
        "data": [{index: number, label: text} for number, text in enumerate(labels)],
    }
