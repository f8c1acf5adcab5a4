"""The package as a script or a notebook cell uses it: paths as text, any list of SNRs, a running event loop."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from sseu_dataset import Manifest, Settings, build, conditions_of, load, load_audio, load_manifest, stems, verify
from sseu_dataset.rows.samples import read_pcm
from tests.sseu_dataset.tiny_corpora import TinyCorpora


@pytest.fixture(scope="module")
def other_snrs(pristine_corpora: TinyCorpora, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The benchmark at 15 and 0 dB, built in a cell of a notebook, where an event loop runs."""
    out = tmp_path_factory.mktemp("snrs") / "sseu-bench"

    async def cell() -> None:
        vctk, desed, maestro = map(str, pristine_corpora.folders.values())
        settings = Settings(snrs_db=(15, 0))
        build(
            str(out),
            vctk=vctk,
            desed=desed,
            maestro=maestro,
            settings=settings,
            allow_partial=True,
            progress=False,
            header_cache=str(out.parent / "cache" / "headers"),
        )

    asyncio.run(cell())
    assert (out.parent / "cache" / "headers").is_file()
    return out


def test_any_list_of_snrs_is_built_listed_and_verified(other_snrs: Path, pristine_corpora: TinyCorpora) -> None:
    manifest = load_manifest(str(other_snrs))
    assert conditions_of(manifest) == ("+inf", "15", "0", "-inf")
    assert list(manifest.fingerprints) == ["all", "snr_inf", "snr_15", "snr_0", "snr_-inf"]
    card = (other_snrs / "README.md").read_text()
    assert "in 4 conditions (+inf, 15, 0, -inf dB SNR;" in card
    assert "- config_name: snr_15\n" in card
    vctk, desed, maestro = map(str, pristine_corpora.folders.values())
    found = verify(str(other_snrs), vctk=vctk, desed=desed, maestro=maestro, progress=False)
    assert (found.rows, found.problems, found.differing) == (36, (), {})


def test_any_list_of_snrs_is_loaded_and_separated(other_snrs: Path) -> None:
    assert {row["snr_db"] for row in load(str(other_snrs), "snr_15")} == {15.0}
    rows = load(str(other_snrs))
    pair = {row["condition"]: row for row in rows if row["pair_id"] == rows[0]["pair_id"]}
    speech, background = stems(pair, "15")
    assert abs(speech + background - read_pcm(pair["15"])).max() <= 1.1
    assert load_audio(pair["15"]).shape == (441_000,)


def test_conditions_are_those_that_occur(built: Path, other_snrs: Path) -> None:
    assert conditions_of(load(built)) == ("+inf", "10", "5", "0", "-5", "-10", "-inf")
    assert conditions_of(load(other_snrs)) == ("+inf", "15", "0", "-inf")
    assert conditions_of(load(other_snrs, "snr_0")) == ("0",)
    assert conditions_of([{"condition": "0"}, {"condition": "-inf"}, {"condition": "15"}, {"condition": "0"}]) == (
        "15",
        "0",
        "-inf",
    )
    with pytest.raises(ValueError, match="3 is not a condition"):
        conditions_of([{"condition": 3}])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"pairs": "9"},
            r"manifest\.json: pairs: Input should be a valid integer, found '9'; build or fetch the datas",
        ),
        ({"extra": 1}, r"manifest\.json: extra: Unexpected keyword argument, found 1"),
        ({"recipe": "official"}, r"recipe: Input should be 'paper', .* or 'imported'"),
        ({"conditions": ["+inf", "loud"]}, r"'loud' is not a condition"),
        ({"pcm_sha256": {"a": "b"}}, r"pcm_sha256\.a is 'b' instead of a SHA-256 of 64 hex digits"),
        ({"settings": {"seed": 0.5}}, r"settings\.seed: Input should be a valid integer, found 0\.5"),
    ],
)
def test_a_manifest_with_a_wrong_field_is_refused_by_name(
    built: Path, tmp_path: Path, change: dict[str, object], message: str
) -> None:
    content = json.loads((built / "manifest.json").read_text())
    (tmp_path / "manifest.json").write_text(json.dumps(content | change))
    with pytest.raises(ValueError, match=message):
        load_manifest(tmp_path)


def test_the_schema_of_the_manifest_lists_every_field(built: Path) -> None:
    schema = TypeAdapter(Manifest).json_schema()
    written = list(json.loads((built / "manifest.json").read_text()))
    later = ["imported", "layout", "language"]  # of an import; of stems; of languages other than English
    assert list(schema["properties"]) == [*written, *later]
    assert schema["additionalProperties"] is False
