"""The work folder of a build is filled: block after block of pairs, and then what describes them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from sseu_dataset.building.render import read_signals, render, to_rows
from sseu_dataset.building.shards import Journal, blocks_of, read_journal, shard_paths, sizes_bytes, write_block
from sseu_dataset.building.stems import first_with_speech, stem_rows
from sseu_dataset.building.work_folder import DATASET, JOURNALS
from sseu_dataset.corpora.utterances import UtteranceCache
from sseu_dataset.describing import card, card_plot, croissant
from sseu_dataset.files import write_atomically
from sseu_dataset.manifest import FILE_NAME as MANIFEST
from sseu_dataset.manifest import make_manifest
from sseu_dataset.mixing import pcm_sha256
from sseu_dataset.parallel import ordered_map
from sseu_dataset.planning.exclusions import count_excluded
from sseu_dataset.planning.plan import Execution, Plan
from sseu_dataset.recipe import EXCLUDED, write_recipe
from sseu_dataset.recipe import FILE_NAME as RECIPE
from sseu_dataset.records import CorpusError, DatasetError, Layout, Pair, Recipe, SpeechPart
from sseu_dataset.rows.flac import encode_flac
from sseu_dataset.schema import data_configs

_AHEAD: Mapping[Layout, int] = {"full": 2, "stems": 16}
"""Pairs per thread that are mixed while a block is written: about as many bytes of either layout."""

_HIDDEN_DATA = ".data"  # so that `load_dataset("<out>.partial")` finds no samples


def fill(
    work: Path,
    plan: Plan,
    recipe_sha256: str,
    excluded: str,
    layout: Layout,
    execution: Execution,
    utterances: UtteranceCache,
) -> int:
    """Write every missing block, then what describes them; returns the number of pairs that were there already."""
    folder = work / DATASET
    data = folder / "data" if (folder / "data").exists() else folder / _HIDDEN_DATA
    recipe, pairs = plan.recipe, plan.recipe.pairs
    data.mkdir(exist_ok=True)
    blocks = blocks_of(pairs)
    shards = shard_paths(data, data_configs(recipe.settings.conditions, layout), len(pairs))
    journal_paths = [work / JOURNALS / f"{number:05d}.json" for number in range(len(blocks))]
    journals = [read_journal(path, data) for path in journal_paths]
    missing = [number for number, journal in enumerate(journals) if journal is None]
    todo = [pair for number in missing for pair in blocks[number]]
    first = first_with_speech(pairs)
    speech_sha256: dict[tuple[SpeechPart, ...], str] = {}

    def rows_of(pair: Pair) -> list[list[dict[str, Any]]]:
        try:
            signals = read_signals(plan, pair, utterances)
            mixtures = render(pair, signals, recipe)
        except CorpusError as error:
            raise CorpusError(f"{pair.pair_id}: {error}") from error
        except ValueError as error:
            raise DatasetError(f"{pair.pair_id}: {error}") from error
        if layout == "full":
            return [[row] for row in to_rows(pair, mixtures, recipe, encode_flac)]
        rows = to_rows(pair, mixtures, recipe, None)
        if pair.speech not in speech_sha256:
            speech_sha256[pair.speech] = pcm_sha256(signals.speech)
        stems = stem_rows(
            pair,
            signals,
            mixtures,
            rows,
            speech_sha256=speech_sha256[pair.speech],
            with_speech=pair.pair_id in first,
        )
        return [*([row] for row in rows), stems]

    workers, progress = execution.workers, execution.progress
    ahead = _AHEAD[layout]
    rendered = ordered_map(rows_of, todo, workers=workers, title="mixing", unit="pair", progress=progress, ahead=ahead)
    with closing(rendered):
        for number in missing:
            block = islice(rendered, len(blocks[number]))
            journals[number] = write_block(data, shards[number], journal_paths[number], block)
    written = [journal for journal in journals if journal is not None]
    _write_descriptions(folder, data, recipe, recipe_sha256, excluded, written, layout)
    if data.name == _HIDDEN_DATA:
        data.rename(folder / "data")
    return len(pairs) - len(todo)


def _write_descriptions(
    folder: Path,
    data: Path,
    recipe: Recipe,
    recipe_sha256: str,
    excluded: str,
    journals: list[Journal],
    layout: Layout,
) -> None:
    """Recipe, list of exclusions, card, plot, Croissant and, last, the manifest."""
    write_recipe(recipe, folder / RECIPE)
    write_atomically(folder / EXCLUDED, excluded)
    hashes = {row: found for journal in journals for row, found in journal.rows.items()}
    gains_db = {pair: gain for journal in journals for pair, gain in journal.gain_db.items()}
    made = make_manifest(
        recipe,
        recipe_sha256,
        hashes,
        excluded=count_excluded(excluded),
        excluded_sha256=hashlib.sha256(excluded.encode()).hexdigest(),
        layout=layout,
    )
    snrs_db: dict[str, list[float]] = {}
    for journal in journals:
        for condition, values in journal.overlap_snrs_db.items():
            snrs_db.setdefault(condition, []).extend(values)
    card_plot.write_plot(recipe, gains_db, snrs_db, folder / card.PLOT)
    write_atomically(folder / card.CARD, card.make_card(recipe, made, gains_db, sizes_bytes(data)))
    write_atomically(folder / croissant.FILE_NAME, croissant.make_croissant(recipe, made))
    write_atomically(folder / MANIFEST, made.to_json())
