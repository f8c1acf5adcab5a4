"""The training stream: its rows, their order in every kind of worker, and what it draws."""

from __future__ import annotations

import hashlib
import math
import re
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pytest

from sseu_dataset import MixtureStream, load, load_audio, mixtures, read_backgrounds, read_speech
from sseu_dataset.corpora.audio import read_clip
from sseu_dataset.mixing import mix
from sseu_dataset.rows.samples import read_pcm
from sseu_dataset.schema import arrow_schema
from sseu_dataset.streaming.stream import possible_snrs_db
from tests.sseu_dataset.streaming.own_sources import own_background, own_speech
from tests.sseu_dataset.tiny_corpora import TinyCorpora


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    root = tmp_path_factory.mktemp("own")
    return own_speech(root), own_background(root)


def stream_of(sources: tuple[Any, Any], **options: Any) -> MixtureStream:
    return mixtures(*sources, **{"seed": 3, "exclude": None, **options})


def test_rows_have_the_columns_of_the_benchmark(sources: tuple[Any, Any], built: Path) -> None:
    rows = list(stream_of(sources, snr_db=[0.0, math.inf, -math.inf], stop=12))
    assert {row["condition"] for row in rows} == {"0", "+inf", "-inf"}
    expected = {row["condition"]: row for row in load(built)}
    for row, stored in zip(rows, pa.Table.from_pylist(rows, schema=arrow_schema()).to_pylist(), strict=True):
        assert stored == row
        benchmark_row = expected[row["condition"]]
        assert list(row) == list(benchmark_row)
        empty = {name for name, value in row.items() if value in (None, "", [])}
        of_benchmark = {name for name, value in benchmark_row.items() if value in (None, "", [])}
        unknown = {"speaker_gender", "speaker_accent", "soft_labels"}  # of these sources
        assert empty - unknown == of_benchmark - unknown
        assert load_audio(row, 16_000).shape == (160_000,)


def test_samples_are_those_of_the_named_sources(sources: tuple[Any, Any]) -> None:
    speech = {item.utterance.utterance_id: item for item in sources[0]}
    for row in stream_of(sources, stop=6):
        root = speech[row["utterance_id"]].root
        voice = read_clip(root / row["speech_file"])
        noise = read_clip(root / row["background_file"], int(row["background_offset_s"]))
        made = mix(voice, noise, round(row["speech_onset_s"] * 44_100), [row["snr_db"]])
        assert (read_pcm(row) == made.pcm[1]).all()
        assert row["snr_clip_db"] == pytest.approx(row["snr_db"], abs=0.05)
        assert row["transcript"] == speech[row["utterance_id"]].utterance.transcript
        assert row["licence"] == "CC0 + CC BY 4.0"


def test_draws_are_hashes_of_seed_and_row(sources: tuple[Any, Any]) -> None:
    speech = sorted(item.utterance.utterance_id for item in sources[0])
    for index, row in enumerate(stream_of(sources, stop=8)):
        digest = hashlib.sha256(f"3|stream utterance|{index}".encode()).digest()
        assert row["utterance_id"] == speech[int.from_bytes(digest[:8], "big") * len(speech) >> 64]


def test_rows_depend_on_seed_and_number_only(sources: tuple[Any, Any]) -> None:
    rows = list(stream_of(sources, stop=8))
    assert list(mixtures(sources[0][::-1], sources[1][::-1], seed=3, exclude=None, stop=8)) == rows
    assert list(stream_of(sources, start=5, stop=8)) == rows[5:]
    assert stream_of(sources).row(6) == rows[6]
    assert list(stream_of(sources, seed=4, stop=8)) != rows
    dealt = [list(shard) for shard in stream_of(sources, stop=8).shards(3)]
    assert dealt == [rows[0::3], rows[1::3], rows[2::3]]
    endless = iter(stream_of(sources, start=6))
    assert [next(endless), next(endless)] == rows[6:]


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_workers_of_torch_share_the_rows(workers: int, sources: tuple[Any, Any]) -> None:
    pytest.importorskip("torch")
    from torch.utils.data import DataLoader

    stream = stream_of(sources, stop=7)
    rows = list(stream)
    assert list(DataLoader(stream, batch_size=None, num_workers=workers)) == rows  # type: ignore[arg-type]
    batches: Any = DataLoader(stream, batch_size=2, num_workers=workers, collate_fn=list)  # type: ignore[arg-type]
    assert sorted(row["id"] for batch in batches for row in batch) == sorted(row["id"] for row in rows)
    made: Any = stream.to_dataset(shards=max(workers, 1))
    assert list(DataLoader(made, batch_size=None, num_workers=workers)) == rows
    generated: Any = datasets.IterableDataset.from_generator(lambda: iter(stream))
    assert list(DataLoader(generated, batch_size=None, num_workers=workers)) == rows


def test_a_range_and_a_list_of_snrs() -> None:
    drawn = possible_snrs_db((-10, 10))
    assert (len(drawn), min(drawn), max(drawn)) == (2001, -10.0, 10.0)
    assert possible_snrs_db((5, 5)) == (5.0,)
    assert possible_snrs_db((0.125, 0.14)) == (0.125, 0.135)
    assert possible_snrs_db([7.5, math.inf]) == (7.5, math.inf)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"snr_db": (10, -10)}, "SNRs of (10, -10): give a range as a tuple such as (-10, 10), or a list"),
        ({"snr_db": []}, "SNRs of []"),
        ({"snr_db": (1, 2, 3)}, "SNRs of (1, 2, 3)"),
        ({"snr_db": (-50, 0)}, "an SNR of -50 dB exceeds -40 to 40 dB"),
        ({"snr_db": (0, math.inf)}, "an SNR of inf dB is not finite"),
        ({"snr_db": [0, math.nan]}, "an SNR of nan dB is not finite"),
        ({"start": -1}, "rows from -1 to None: there are none"),
        ({"start": 5, "stop": 5}, "rows from 5 to 5: there are none"),
    ],
)
def test_impossible_requests_are_refused(options: dict[str, Any], message: str, sources: tuple[Any, Any]) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        stream_of(sources, **options)


def test_no_sources_and_no_shards_are_refused(sources: tuple[Any, Any]) -> None:
    with pytest.raises(ValueError, match="0 recordings of speech and 6 backgrounds: give one of each"):
        mixtures([], sources[1], exclude=None)
    with pytest.raises(ValueError, match="0 shards; at least 1 is needed"):
        stream_of(sources).shards(0)


def test_a_source_that_breaks_later_is_named_with_its_row(tmp_path: Path) -> None:
    speech, background = own_speech(tmp_path, 1), own_background(tmp_path, 1)
    stream = mixtures(speech, background, exclude=None, stop=3)
    speech[0].path.write_bytes(b"")
    with pytest.raises(ValueError, match=r"row 0 of the stream: .*own0_0\.wav: unreadable"):
        list(stream)


@pytest.mark.filterwarnings("ignore:VCTK")
def test_the_official_corpora_feed_it(real_corpora: TinyCorpora) -> None:
    speech = read_speech(real_corpora.vctk)
    background = read_backgrounds(desed_folder=real_corpora.desed, maestro_folder=real_corpora.maestro)
    rows = list(mixtures(speech, background, exclude=None, stop=4))
    assert len({row["id"] for row in rows}) == 4
    assert all(re.match(r"VCTK: CC BY 4.0 \+ (DESED|MAESTRO-Real):", row["licence"]) for row in rows)
