"""Hazards: a file that Croissant's own library refuses or reads otherwise than we do, facts that are not the build's.

`mlcroissant` judges and loads; what it loads is compared with `load` and `read_pcm`.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import mlcroissant
import numpy as np
import pytest
import soundfile

from sseu_dataset import load
from sseu_dataset.corpora.folders import STANDIN_REASON
from sseu_dataset.describing.columns import COLUMNS
from sseu_dataset.describing.croissant import Place, differing, make_croissant, read_place
from sseu_dataset.manifest import Manifest, read_manifest
from sseu_dataset.recipe import read_recipe
from sseu_dataset.records import Recipe
from sseu_dataset.schema import config_name, features
from sseu_metric.labels import EVENTS, SCENES

PLACE = Place("https://huggingface.co/datasets/my-lab/sseu-bench", "2026-11-28")

# All terms of http://mlcommons.org/croissant/RAI/1.0 that hold here: nobody states dataCollectionTimeframe, and no
# machine annotated (machineAnnotationTools).
RAI_1_0 = {
    *("annotationsPerItem", "annotatorDemographics", "dataAnnotationAnalysis", "dataAnnotationPlatform"),
    *("dataAnnotationProtocol", "dataBiases", "dataCollection", "dataCollectionMissingData", "dataCollectionRawData"),
    *("dataCollectionType", "dataImputationProtocol", "dataLimitations", "dataManipulationProtocol"),
    *("dataPreprocessingProtocol", "dataReleaseMaintenancePlan", "dataSocialImpact", "dataUseCases"),
    *("personalSensitiveInformation",),
}
NEURIPS_2026 = {
    *("rai:dataLimitations", "rai:dataBiases", "rai:personalSensitiveInformation", "rai:dataUseCases"),
    *("rai:dataSocialImpact", "rai:hasSyntheticData", "prov:wasDerivedFrom", "prov:wasGeneratedBy"),
}
REQUIRED = {"@context", "@type", "conformsTo", "description", "license", "name", "url", "creator", "datePublished"}


@pytest.fixture
def made(built: Path) -> tuple[Recipe, Manifest]:
    return read_recipe(built / "recipe.parquet"), read_manifest(built)


def opened(path: Path, caplog: pytest.LogCaptureFixture, **mapping: Path) -> tuple[Any, list[str]]:
    """A dataset as mlcroissant opens it, which raises where it finds an error, and its warnings."""
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        dataset = mlcroissant.Dataset(jsonld=str(path), mapping={name: str(there) for name, there in mapping.items()})
    return dataset, [record.getMessage() for record in caplog.records]


def plain(value: Any) -> Any:
    """A value of mlcroissant as `load` gives it: text for bytes, parts by their names alone."""
    if isinstance(value, dict):
        return {name.rpartition("/")[2]: plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    if isinstance(value, bytes):
        return value.decode()
    return value.item() if isinstance(value, np.generic) else value


def leaves(columns: dict[str, Any], above: str = "") -> Iterator[str]:
    for name, feature in columns.items():
        yield above + name
        inner = feature.get("feature", feature)
        if "_type" not in inner:
            yield from leaves(inner, f"{above}{name}/")


def test_mlcroissant_finds_a_built_folder_valid_and_misses_only_its_publication(
    built: Path, caplog: pytest.LogCaptureFixture
) -> None:
    dataset, warnings = opened(built / "croissant.json", caplog)
    assert "datePublished" in warnings[0]
    assert (len(warnings), warnings[0].count("  -  ")) == (1, 1)
    read = dataset.metadata
    assert (read.name, read.version, read.in_language) == ("SSEU-Bench", "1.0.0-rc1", ["en"])
    assert len(read.data_biases) == 4
    assert "Rainbow Passage" in read.data_biases[1]
    assert "This is version 1.0.0rc1, which this file must write as semantic versioning does" in read.description
    assert "arXiv:2509.13148" in read.cite_as


@pytest.mark.parametrize("condition", ["+inf", "0", "-inf"])
def test_what_mlcroissant_loads_are_the_rows(built: Path, condition: str) -> None:
    name = config_name(condition)
    records = list(mlcroissant.Dataset(jsonld=str(built / "croissant.json")).records(name))
    rows = list(load(built, name))
    assert len(records) == len(rows) > 0
    for record, row in zip(records, rows, strict=True):
        found = {key.removeprefix(f"{name}/"): value for key, value in record.items()}
        samples, rate_hz = soundfile.read(io.BytesIO(found.pop("audio")), dtype="int16")
        assert rate_hz == 44_100
        assert hashlib.sha256(samples.astype("<i2").tobytes()).hexdigest() == row["pcm_sha256"]
        if row["soft_labels"] is None:  # a null list becomes a list of nulls there
            assert found.pop("soft_labels") == [{f"{name}/soft_labels/event": None, f"{name}/soft_labels/values": None}]
        assert plain(found) == {key: value for key, value in row.items() if key in found}
        assert row.keys() - found.keys() <= {"audio", "soft_labels"}


def test_indices_have_their_names(built: Path) -> None:
    dataset = mlcroissant.Dataset(jsonld=str(built / "croissant.json"))
    for name, labels in (("scenes", SCENES), ("events", EVENTS)):
        listed = {record[f"{name}/index"]: record[f"{name}/name"] for record in dataset.records(name)}
        assert listed == dict(enumerate(labels))


def test_a_published_copy_has_all_that_is_required_and_loads_from_a_clone(
    built: Path, made: tuple[Recipe, Manifest], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "croissant.json"
    path.write_text(make_croissant(*made, PLACE))
    dataset, warnings = opened(path, caplog, repository=built)
    assert warnings == []
    assert len(list(dataset.records("snr_5"))) == 9
    values = json.loads(path.read_text())
    assert values.keys() >= REQUIRED | NEURIPS_2026 | {f"rai:{term}" for term in RAI_1_0}
    assert values["url"] == f"{PLACE.url}/tree/v1.0.0rc1"
    assert values["publisher"]["name"] == "my-lab"
    assert differing(path.read_bytes(), *made) == []
    assert read_place(path.read_bytes(), "1.0.0rc1") == PLACE


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"version": "2.0.0"}', b'{"version": "1.0.0-rc1", "url": 3}'])
def test_what_states_no_place_of_this_version(text: bytes) -> None:
    assert read_place(text, "1.0.0rc1") is None


def test_every_column_is_described_and_nothing_else() -> None:
    assert list(COLUMNS) == list(leaves(features()))


def test_counts_are_those_of_the_build(made: tuple[Recipe, Manifest]) -> None:
    recipe, manifest = made
    values = json.loads(make_croissant(recipe, manifest))
    speakers = {pair.utterance.speaker_id for pair in recipe.pairs}
    assert f"Read English by {len(speakers)} speakers." in values["rai:dataBiases"][0]
    assert "Source files left out: 1, listed in excluded.tsv." in values["rai:dataCollectionMissingData"]
    assert values["rai:hasSyntheticData"] is False
    assert values["description"].count("partial") == 1
    assert [text for text in values["rai:dataLimitations"] if "DESED clips without speech: 378 expected, 5" in text]
    fewer = replace(recipe, pairs=recipe.pairs[:1])
    assert "Read English by 1 speakers." in json.loads(make_croissant(fewer, manifest))["rai:dataBiases"][0]


def test_stand_ins_are_not_described_as_people_and_corpora(made: tuple[Recipe, Manifest]) -> None:
    recipe, manifest = made
    values = json.loads(make_croissant(replace(recipe, name="custom", reasons=(STANDIN_REASON,)), manifest))
    assert values["rai:hasSyntheticData"] is True
    assert values["rai:personalSensitiveInformation"] == [
        "None: a synthesiser speaks; genders and accents are invented."
    ]
    assert "Amazon" not in json.dumps(values)
    assert not any("@id" in source for source in values["prov:wasDerivedFrom"])
    assert values.keys() >= NEURIPS_2026
