"""The pairs of a dataset folder as they are stored, in either layout, few of which are in memory at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sseu_dataset.building.render import Signals
from sseu_dataset.building.shards import blocks_of, shard_paths
from sseu_dataset.building.stems import first_with_speech
from sseu_dataset.records import DatasetError, Layout, Pair, Recipe, SpeechPart
from sseu_dataset.rows.mixed import PairStems, gains_of
from sseu_dataset.rows.samples import decode_pcm
from sseu_dataset.schema import STEMS, arrow_schema, data_configs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Row = dict[str, Any]


@dataclass(frozen=True)
class StoredPair:
    """A pair of the recipe and what is stored of it.

    Attributes:
        pair: The pair.
        rows: Its rows, one for each condition.
        stems: Its rows of speech and background in the layout `stems`; None in the full layout.
    """

    pair: Pair
    rows: list[Row]
    stems: tuple[Row, Row] | None

    def signals(self) -> Signals:
        """Both signals before gain, of the layout `stems`.

        Raises:
            DatasetError: They cannot be decoded.
        """
        if self.stems is None:
            raise AssertionError("the full layout stores mixtures")
        return Signals(*map(decode_pcm, self.stems))

    def ends(self) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
        """The samples of the rows `+inf` and `-inf`, shape (441000,) each.

        Raises:
            DatasetError: They cannot be decoded.
        """
        if self.stems is None:
            return decode_pcm(self.rows[0]), decode_pcm(self.rows[-1])
        stems = PairStems(*self.signals(), self.pair.speech_onset_samples, gains_of(self.stems[1]))
        return stems.mixture(self.rows[0]["condition"]), stems.mixture(self.rows[-1]["condition"])


def read_pairs(folder: Path, recipe: Recipe, layout: Layout) -> Iterator[StoredPair]:
    """Each pair of the recipe with what the folder stores of it.

    Raises:
        DatasetError: A file cannot be read, or has other columns or another number of rows than the recipe asks for.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    configs = data_configs(recipe.settings.conditions, layout)
    first = first_with_speech(recipe.pairs)
    uses = Counter(pair.speech for pair in recipe.pairs)
    speech: dict[tuple[SpeechPart, ...], Row] = {}  # what later pairs use again
    blocks = blocks_of(recipe.pairs)
    for pairs, paths in zip(blocks, shard_paths(folder / "data", configs, len(recipe.pairs)), strict=True):
        with ExitStack() as stack:
            rows = {}
            for path, config in zip(paths, configs, strict=True):
                name = path.relative_to(folder).as_posix()
                try:
                    file = stack.enter_context(pq.ParquetFile(path))
                except (pa.ArrowException, OSError) as error:
                    raise DatasetError(f"{name}: not readable as Parquet ({error})") from error
                if not file.schema_arrow.equals(arrow_schema(config), check_metadata=True):
                    raise DatasetError(f"{name}: its columns or their types are not those of the dataset")
                expected = len(pairs) + (sum(pair.pair_id in first for pair in pairs) if config == STEMS else 0)
                if file.metadata.num_rows != expected:
                    raise DatasetError(f"{name}: {file.metadata.num_rows} rows, the recipe has {expected}")
                if config == STEMS:
                    _check_order(file, name, pairs, first)
                rows[config] = _rows_of(file, name)
            stems = rows.pop(STEMS, None)
            for pair in pairs:
                clips = [next(found) for found in rows.values()]
                if stems is None:
                    yield StoredPair(pair, clips, None)
                    continue
                if pair.pair_id in first:
                    speech[pair.speech] = next(stems)
                uses[pair.speech] -= 1
                spoken = speech[pair.speech] if uses[pair.speech] else speech.pop(pair.speech)
                yield StoredPair(pair, clips, (spoken, next(stems)))


def _check_order(file: Any, name: str, pairs: Sequence[Pair], first: frozenset[str]) -> None:
    """Check that each row of a file of stems is the one that the recipe has there.

    Raises:
        DatasetError: One is not.
    """
    expected = []
    for pair in pairs:
        if pair.pair_id in first:
            expected.append(("speech", pair.utterance.utterance_id))
        expected.append(("background", pair.pair_id))
    for row, wanted in zip(_rows_of(file, name, ["signal", "id"]), expected, strict=True):
        if (found := (row["signal"], row["id"])) != wanted:
            raise DatasetError(
                f"{name}: its rows are not those of the recipe in its order: the {found[0]} {found[1]} stands in place "
                f"of the {wanted[0]} {wanted[1]}; build or fetch the dataset again"
            )


def _rows_of(file: Any, name: str, columns: list[str] | None = None) -> Iterator[Row]:
    import pyarrow as pa

    try:
        for batch in file.iter_batches(batch_size=8, columns=columns):
            yield from batch.to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise DatasetError(f"{name}: not readable as Parquet ({error})") from error
