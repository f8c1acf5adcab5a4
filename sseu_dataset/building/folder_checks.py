"""Checks of a dataset folder apart from its rows: manifest, files, card, Croissant and list of exclusions."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sseu_dataset.building.shards import shard_paths
from sseu_dataset.describing.card import CARD, PLOT, status
from sseu_dataset.describing.croissant import FILE_NAME as CROISSANT
from sseu_dataset.describing.croissant import differing
from sseu_dataset.manifest import FILE_NAME as MANIFEST
from sseu_dataset.manifest import Manifest, make_manifest
from sseu_dataset.planning.exclusions import count_excluded
from sseu_dataset.published.versions import FILE_NAME as VERSIONS
from sseu_dataset.recipe import EXCLUDED, recipe_sha256
from sseu_dataset.recipe import FILE_NAME as RECIPE
from sseu_dataset.records import DatasetError, Recipe
from sseu_dataset.schema import data_configs, mixture_id

FILES = (CARD, PLOT, CROISSANT, MANIFEST, RECIPE, EXCLUDED)
"""The files of a dataset folder beside `data`."""
MAP = "import.toml"
"""The map of an imported dataset (docs/import.md), which has no recipe."""
EVAL = "eval.yaml"
"""What publishing may add, beside `versions.json`."""
_NOT_FROM_THE_RECIPE = {"packages", "measured", "excluded", "excluded_sha256", "pcm_sha256", "reference_sha256"}


def check_folder(folder: Path, recipe: Recipe, manifest: Manifest) -> tuple[list[str], bool]:
    """What is wrong with a folder apart from its rows, and whether its rows can be checked at all."""
    problems = [*_check_manifest(manifest, recipe), *_check_data_files(folder, recipe, manifest)]
    return [*problems, *_check_other_files(folder, recipe, manifest)], not problems


def unexpected_files(folder: Path) -> list[str]:
    """Names beside `data` that do not belong to a dataset folder; hidden ones (`.gitattributes`, `.cache`) may stay."""
    present = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    return sorted(present - {*FILES, EVAL, VERSIONS, "data"})


def _check_manifest(manifest: Manifest, recipe: Recipe) -> list[str]:
    """Fields of the manifest that do not follow from the recipe and its own hashes of the rows."""
    expected_ids = [
        mixture_id(pair.pair_id, condition) for pair in recipe.pairs for condition in recipe.settings.conditions
    ]
    if sorted(expected_ids) != sorted(manifest.pcm_sha256):
        return [
            f"manifest.json: lists {len(manifest.pcm_sha256)} rows that are not the {len(expected_ids)} of the recipe"
        ]
    hashes = manifest.row_hashes
    count, sha256 = manifest.excluded, manifest.excluded_sha256
    made = make_manifest(
        recipe, recipe_sha256(recipe), hashes, excluded=count, excluded_sha256=sha256, layout=manifest.layout
    )
    expected = asdict(made)
    stored = asdict(manifest)
    return [
        f"manifest.json: {name} does not follow from the recipe and the hashes of the rows"
        for name in expected.keys() - _NOT_FROM_THE_RECIPE
        if stored[name] != expected[name]
    ]


def _check_data_files(folder: Path, recipe: Recipe, manifest: Manifest) -> list[str]:
    """Parquet files that are missing, and files that do not belong to the dataset."""
    configs = data_configs(recipe.settings.conditions, manifest.layout)
    expected = {path for paths in shard_paths(folder / "data", configs, len(recipe.pairs)) for path in paths}
    present = {path for path in (folder / "data").rglob("*") if path.is_file()}
    return [f"{path.relative_to(folder).as_posix()}: missing" for path in sorted(expected - present)] + [
        f"{path.relative_to(folder).as_posix()}: does not belong here" for path in sorted(present - expected)
    ]


def _check_other_files(folder: Path, recipe: Recipe, manifest: Manifest) -> list[str]:
    """What is wrong with card, plot, Croissant and list of exclusions, and what stands beside them."""
    absent = [name for name in (CARD, PLOT, CROISSANT, EXCLUDED) if not (folder / name).is_file()]
    problems = [f"{name}: missing" for name in absent]
    problems += [f"{name}: does not belong here; move it elsewhere" for name in unexpected_files(folder)]
    if CARD not in absent:
        problems += check_card((folder / CARD).read_bytes(), manifest)
    if CROISSANT not in absent:
        wrong = differing((folder / CROISSANT).read_bytes(), recipe, manifest)
        problems += [f"{CROISSANT}: {key} is not what recipe and manifest imply" for key in wrong]
    if EXCLUDED not in absent:
        problems += _check_exclusions((folder / EXCLUDED).read_bytes(), manifest)
    return problems


def _check_exclusions(table: bytes, manifest: Manifest) -> list[str]:
    """Whether the list of exclusions is a table, and the one the manifest was made with."""
    try:
        listed = count_excluded(table.decode())
    except UnicodeDecodeError as error:
        return [f"{EXCLUDED}: not text ({error})"]
    except DatasetError as error:
        return [str(error)]
    if listed != manifest.excluded:
        return [f"{EXCLUDED}: lists {listed} files, the manifest says {manifest.excluded}"]
    changed = hashlib.sha256(table).hexdigest() != manifest.excluded_sha256
    return [f"{EXCLUDED}: not the list whose SHA-256 is in the manifest"] * changed


def check_card(card: bytes, manifest: Manifest) -> list[str]:
    """Configurations missing from the card's YAML, by which `load_dataset` finds the rows; a claim of another name."""
    import yaml

    parts = card.split(b"---\n", 2)
    try:
        front: Any = yaml.safe_load(parts[1]) if len(parts) == 3 and not parts[0].strip() else None
        names = {config["config_name"] for config in front["configs"]}
    except (yaml.YAMLError, KeyError, TypeError) as error:
        return [f"{CARD}: its YAML is unreadable or lists no configurations ({error!r})"]
    configs = dict.fromkeys([*manifest.fingerprints, *manifest.data_configs])
    problems = [f"{CARD}: the configuration {name} is not listed" for name in configs if name not in names]
    if status(manifest.recipe, manifest.reasons) not in parts[2].decode("utf-8", "replace"):
        problems.append(f"{CARD}: does not say that this is a `{manifest.recipe}` build, and why")
    return problems
