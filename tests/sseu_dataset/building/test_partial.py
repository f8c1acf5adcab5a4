"""Corpora that are incomplete, broken or too small, and what a partial build makes of them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import sseu_dataset
from sseu_dataset import CorpusError, Settings, build, verify
from sseu_dataset.recipe import read_recipe
from tests.sseu_dataset.tiny_corpora import RATE_HZ, VCTK_RATE_HZ, TinyCorpora, build_partial, noise, write_audio


def test_incomplete_corpora_are_refused_with_all_reasons(pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    with pytest.raises(CorpusError) as caught:
        build(tmp_path / "out", **pristine_corpora.folders, progress=False)
    message = str(caught.value)
    assert "DESED clips without speech: 378 expected, 5 found" in message
    assert "MAESTRO-Real windows: 739 expected, 4 found" in message
    assert "VCTK speakers with text: 109 expected, 4 found" in message
    assert "(sseu build --allow-partial)" in message
    assert not (tmp_path / "out").exists()


def break_everything(corpora: TinyCorpora) -> None:
    """A truncated, a silent and a NaN file, an error page and a missing annotation."""
    flac = corpora.recording("p225_021").read_bytes()
    corpora.recording("p225_021").write_bytes(flac[: len(flac) // 2])
    write_audio(corpora.recording("p226_021"), np.zeros(9 * VCTK_RATE_HZ), VCTK_RATE_HZ)
    samples = noise("x", 9, RATE_HZ)
    samples[5] = np.nan
    write_audio(corpora.clip("aaaaaaaaaaa_0_10"), samples, RATE_HZ, "FLOAT")
    corpora.clip("-bbbbbbbbbb_5_10").write_text("<html>")
    corpora.annotation("grocery_store_04").unlink()


def test_broken_sources_are_all_named_and_left_out_of_a_partial_build(
    corpora: TinyCorpora, built: Path, tmp_path: Path
) -> None:
    break_everything(corpora)
    with pytest.raises(CorpusError) as caught:
        build(tmp_path / "out", **corpora.folders, progress=False)
    for name in ("p225_021_mic1", "p226_021_mic1", "aaaaaaaaaaa_0_10", "-bbbbbbbbbb_5_10", "grocery_store_04"):
        assert name in str(caught.value)
    result = build_partial(tmp_path / "out", corpora)
    assert result.manifest.recipe == "partial"
    assert "DESED clips without speech: 378 expected, 3 found" in result.manifest.reasons
    assert "5 source items left out, see excluded.tsv" in result.manifest.reasons
    listed = (tmp_path / "out" / "excluded.tsv").read_text()
    for line in (
        "VCTK/wav48_silence_trimmed/p226/p226_021_mic1.flac\tdigital silence from 0 s on",
        "DESED/audio/eval/public/aaaaaaaaaaa_0_10.wav\tcontains NaN or infinite samples",
        "DESED/audio/eval/public/-bbbbbbbbbb_5_10.wav\tnot a wav file, it begins with '<html>'",
        "MAESTRO-Real/development_audio/grocery_store/grocery_store_04.wav\tits annotation development_annotation/",
    ):
        assert line in listed
    # What is left is paired as before, but for the two utterances that are gone.
    pairs = {pair.pair_id: pair for pair in read_recipe(built / "recipe.parquet").pairs}
    for pair in read_recipe(tmp_path / "out" / "recipe.parquet").pairs:
        before = pairs[pair.pair_id]
        assert pair == before or before.utterance.utterance_id in ("p225_021", "p226_021")


def test_what_is_listed_does_not_depend_on_where_the_corpora_lie(corpora: TinyCorpora, tmp_path: Path) -> None:
    break_everything(corpora)
    corpora.annotation("city_center_02").write_text("x\n")
    elsewhere = TinyCorpora(tmp_path / "disk: 2")
    shutil.copytree(corpora.root, elsewhere.root)
    listed = []
    for number, place in enumerate((corpora, elsewhere)):
        build_partial(tmp_path / str(number), place)
        listed.append((tmp_path / str(number) / "excluded.tsv").read_text())
    assert listed[0] == listed[1]
    assert "city_center_02.wav\tline 1: " in listed[0]


def test_nothing_left_to_mix(corpora: TinyCorpora, tmp_path: Path) -> None:
    with pytest.raises(
        CorpusError, match=r"nothing to mix: 0 utterances of 9\.99 to 9\.999 s with text, 9 backgrounds"
    ):
        build_partial(tmp_path / "out", corpora, settings=Settings(speech_min_s=9.99, speech_max_s=9.999))


def test_more_pairs_than_backgrounds_are_refused(pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="10 pairs are asked for, but there are 9 backgrounds"):
        build_partial(tmp_path / "out", pristine_corpora, settings=Settings(pairs=10))


def test_any_deviation_names_the_result_custom(pristine_corpora: TinyCorpora, tmp_path: Path) -> None:
    settings = Settings(seed=3, pairs=2, snrs_db=(20.0, -2.5), speech_min_s=8.5)
    result = build_partial(tmp_path / "out", pristine_corpora, settings=settings)
    assert result.manifest.recipe == "custom"
    assert result.manifest.reasons[:4] == [
        "seed is 3 instead of 0",
        "snrs_db is (20.0, -2.5) instead of (10.0, 5.0, 0.0, -5.0, -10.0)",
        "speech_min_s is 8.5 instead of 8.0",
        "pairs is 2 instead of None",
    ]
    assert result.manifest.conditions == ["+inf", "20", "-2.5", "-inf"]
    rows = sseu_dataset.load(tmp_path / "out", "snr_-2.5")
    assert [row["snr_clip_db"] for row in rows] == pytest.approx([-2.5, -2.5], abs=0.05)


def test_standins_are_named_custom_and_need_no_permission(corpora: TinyCorpora, tmp_path: Path) -> None:
    for root in corpora.folders.values():
        (root / "STAND-IN.txt").write_text("synthetic")
    result = build(tmp_path / "out", **corpora.folders, progress=False)
    assert result.manifest.recipe == "custom"
    assert "synthetic stand-in corpora" in result.manifest.reasons
    licence = "synthetic: generated by this project (sseu standin), under none of the corpora's licences"
    assert {row["licence"] for row in sseu_dataset.load(tmp_path / "out")} == {licence}
    card = (tmp_path / "out" / "README.md").read_text()
    assert f"All audio and texts are {licence}." in card
    assert "license_name: synthetic-stand-in" in card
    croissant = json.loads((tmp_path / "out" / "croissant.json").read_text())
    assert croissant["license"] == [{"@type": "sc:CreativeWork", "name": licence}]
    for text in ("CC BY", "YouTube users", "non-commercial"):
        assert text not in card + json.dumps(croissant)
    assert verify(tmp_path / "out", **corpora.folders, progress=False).problems == ()


def test_standins_and_corpora_are_not_mixed(corpora: TinyCorpora, tmp_path: Path) -> None:
    (corpora.desed / "STAND-IN.txt").write_text("synthetic")
    with pytest.raises(CorpusError, match=r"is a synthetic stand-in \(STAND-IN.txt\) and .* is not; give three"):
        build(tmp_path / "out", **corpora.folders, progress=False)


def test_an_snr_that_16_bits_cannot_hold_is_refused(corpora: TinyCorpora, tmp_path: Path) -> None:
    """One click far above a quiet background: at +40 dB its noise is below the last bit."""
    samples = noise("quiet", 10.0, RATE_HZ, 0.001)
    samples[:] = np.sign(samples) * 1e-4
    samples[1000] = 0.9
    write_audio(corpora.clip("aaaaaaaaaaa_0_10"), samples, RATE_HZ)
    with pytest.raises(CorpusError, match=r"an SNR of 40 dB came out as .* dB; 16-bit samples cannot represent it"):
        build_partial(tmp_path / "x", corpora, settings=Settings(snrs_db=(40.0, -40.0)))
