"""A pair at an SNR it was not built at: against its sources mixed directly, and what its row says."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sseu_dataset import DatasetError, load, load_manifest, remix
from sseu_dataset.corpora.audio import read_clip
from sseu_dataset.mixing import PEAK_LIMIT, mix, pcm_sha256
from sseu_dataset.recipe import read_recipe
from sseu_dataset.records import CLIP_SAMPLES, Pair
from sseu_dataset.rows.flac import encode_flac
from sseu_dataset.rows.samples import decode_pcm
from tests.sseu_dataset.tiny_corpora import TinyCorpora

Rows = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def pairs(built: Path) -> list[tuple[Pair, Rows]]:
    """Each pair of the recipe with its rows by condition."""
    rows: dict[str, Rows] = {}
    for row in load(built):
        rows.setdefault(row["pair_id"], {})[row["condition"]] = row
    return [(pair, rows[pair.pair_id]) for pair in read_recipe(built / "recipe.parquet").pairs]


def sources(corpora: TinyCorpora, pair: Pair) -> tuple[Any, Any]:
    roots = {"DESED": corpora.desed / "dataset", "MAESTRO-Real": corpora.maestro}
    background = read_clip(roots[pair.background.corpus] / pair.background.file, pair.background.offset_s)
    return read_clip(corpora.vctk / pair.utterance.file), background


def at_level(samples: Any, level_dbfs: float) -> Any:
    values = samples.astype(np.float64)
    return values * 10 ** (level_dbfs / 20) * 32768 / np.sqrt(np.mean(values**2))


@pytest.mark.parametrize("snr_db", [7.5, -3.25, 25.0, -38.0])
def test_samples_are_within_the_stated_bound(
    snr_db: float, pairs: list[tuple[Pair, Rows]], pristine_corpora: TinyCorpora
) -> None:
    ratio = 10 ** (-snr_db / 20)
    for pair, rows in pairs:
        row = remix(rows, snr_db)
        pcm = decode_pcm(row)
        speech, background = sources(pristine_corpora, pair)
        direct = np.zeros(CLIP_SAMPLES)
        direct[pair.speech_onset_samples :][: len(speech)] = at_level(speech, -26)
        direct[: len(background)] += at_level(background, -26 - snr_db)
        error = np.abs(pcm - direct * 10 ** (row["gain_db"] / 20)).max()
        further = 10 ** ((row["gain_db"] - rows["+inf"]["gain_db"]) / 20)
        tolerance = 0.01  # `gain_db` has six decimals
        assert error <= further * (1 + ratio) / 2 + 0.5 + tolerance
        assert error <= 1 + ratio / 2 + tolerance
        assert np.abs(pcm.astype(int)).max() <= PEAK_LIMIT


def test_between_the_conditions_it_is_what_a_build_would_have_made(
    pairs: list[tuple[Pair, Rows]], pristine_corpora: TinyCorpora
) -> None:
    for pair, rows in pairs:
        speech, background = sources(pristine_corpora, pair)
        made = mix(speech, background, pair.speech_onset_samples, (10, 7.5, 5, 0, -5, -10))
        row = remix(rows, 7.5)
        assert np.abs(decode_pcm(row).astype(int) - made.pcm[2]).max() <= 1
        assert row["gain_db"] == made.gain_db
        assert row["snr_clip_db"] == pytest.approx(7.5, abs=0.01)
        assert row["snr_overlap_db"] == pytest.approx(made.snrs_db[1].overlap, abs=0.01)


def test_the_whole_is_attenuated_where_the_peak_would_clip(pairs: list[tuple[Pair, Rows]]) -> None:
    for _, rows in pairs:
        row, pcm = remix(rows, -38), decode_pcm(remix(rows, -38))
        assert row["gain_db"] < rows["+inf"]["gain_db"]
        assert np.abs(pcm.astype(int)).max() == PEAK_LIMIT
        assert row["snr_clip_db"] == pytest.approx(-38, abs=0.05)


def test_the_row_is_true_of_its_samples_and_keeps_the_references(pairs: list[tuple[Pair, Rows]]) -> None:
    new = {"id", "audio", "condition", "snr_db", "gain_db", "snr_clip_db", "snr_overlap_db", "pcm_sha256", "recipe"}
    for pair, rows in pairs:
        row = remix(rows, 7.5)
        assert row["id"] == f"{pair.pair_id}_snr_7.5"
        assert row["audio"]["path"] == f"{row['id']}.flac"
        assert (row["condition"], row["snr_db"], row["recipe"]) == ("7.5", 7.5, "custom")
        assert row["pcm_sha256"] == pcm_sha256(decode_pcm(row))
        assert list(row) == list(rows["5"])
        assert {name: row[name] for name in row.keys() - new} == {name: rows["5"][name] for name in row.keys() - new}


def test_a_stored_condition_is_the_row_itself(pairs: list[tuple[Pair, Rows]]) -> None:
    assert remix(pairs[0][1], 5) == pairs[0][1]["5"]


def test_a_dataset_loads_at_any_snr(built: Path, pairs: list[tuple[Pair, Rows]]) -> None:
    rows = load(built, snr_db=7.5)
    assert list(rows) == [remix(rows, 7.5) for _, rows in pairs]
    assert rows.features == load(built).features
    assert list(load(built, snr_db=-5)) == list(load(built, "snr_-5"))
    assert "7.5" not in load_manifest(built).conditions


@pytest.mark.parametrize(
    ("snr_db", "message"),
    [
        (math.inf, "an SNR of inf dB is not finite; the ends, speech alone and background alone, are rows"),
        (math.nan, "an SNR of nan dB is not finite"),
        (40.5, "an SNR of 40.5 dB exceeds -40 to 40 dB"),
        (-41, "an SNR of -41 dB exceeds -40 to 40 dB"),
        (True, "an SNR of True is not a number; give it in dB, such as -5 or 7.5"),
        ("x", "an SNR of 'x' is not a number"),
        (4.7712125, "an SNR of 4.7712125 dB has more digits than the name of a condition; give 4.77121"),
    ],
)
def test_other_snrs_are_refused(snr_db: float, message: str, built: Path, pairs: list[tuple[Pair, Rows]]) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        remix(pairs[0][1], snr_db)
    with pytest.raises(ValueError, match=re.escape(message)):
        load(built, snr_db=snr_db)


def test_no_snr_is_refused_and_any_kind_of_number_taken(pairs: list[tuple[Pair, Rows]]) -> None:
    with pytest.raises(ValueError, match="an SNR of None is not a number"):
        remix(pairs[0][1], None)  # type: ignore[arg-type]
    for snr_db in (-20, np.int64(-20), np.float32(-20)):
        assert type(remix(pairs[0][1], snr_db)["snr_db"]) is float  # type: ignore[arg-type]


def test_a_pair_needs_both_ends_of_one_pair(built: Path, pairs: list[tuple[Pair, Rows]]) -> None:
    (_, rows), (_, others) = pairs[:2]
    with pytest.raises(DatasetError, match=re.escape("the pair lacks its row '-inf'; it has +inf, 5")):
        remix({"+inf": rows["+inf"], "5": rows["5"]}, 7.5)
    with pytest.raises(DatasetError, match="rows of several pairs"):
        remix({"+inf": rows["+inf"], "-inf": others["-inf"]}, 7.5)
    with pytest.raises(DatasetError, match=re.escape("the configuration snr_5 and an SNR of 7.5 dB: give one")):
        load(built, "snr_5", snr_db=7.5)
    with pytest.raises(DatasetError, match="no configuration 'nope'; there are all, snr_inf"):
        load(built, "nope", snr_db=7.5)


def test_what_16_bits_cannot_hold_is_refused(pairs: list[tuple[Pair, Rows]]) -> None:
    _, rows = pairs[0]
    pcm = np.ones(CLIP_SAMPLES, np.int16)
    audio = {"bytes": encode_flac(pcm), "path": "faint.flac"}
    faint = rows["-inf"] | {"audio": audio, "pcm_sha256": pcm_sha256(pcm)}
    ends = {"+inf": rows["+inf"], "-inf": faint}
    message = "cannot hold it at an SNR of 40 dB (one of the two signals has no energy in the mixture); choose one"
    with pytest.raises(DatasetError, match=re.escape(message)):
        remix(ends, 40.0)
    with pytest.raises(DatasetError, match=r"at an SNR of 0 dB \(it came out as .* dB\)"):
        remix(ends, 0.0)


def test_rows_that_do_not_say_how_they_were_mixed_are_refused(pairs: list[tuple[Pair, Rows]]) -> None:
    rows = pairs[0][1]
    unknown = rows["+inf"] | {"speech_onset_s": None}
    with pytest.raises(DatasetError, match=re.escape("do not say how it was mixed (speech_onset_s is null)")):
        remix(rows | {"+inf": unknown}, 7.5)
