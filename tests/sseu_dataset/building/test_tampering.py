"""One value, byte, row or file of a dataset is changed: who notices, and in which words.

docs/build.md has the table of what is checked when; these tests are its evidence.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from sseu_dataset import CorpusError, DatasetError, Settings, build, load, load_audio, measure, verify
from sseu_dataset.building.build import check_request
from sseu_dataset.corpora import vctk
from sseu_dataset.corpora.folders import STANDIN_MARKER
from sseu_dataset.fingerprints import REFERENCE_COLUMNS
from sseu_dataset.planning.sources import Corpora
from sseu_dataset.recipe import read_recipe
from sseu_dataset.recipe_rows import RecipeRow
from sseu_dataset.records import PAPER_PAIRS
from sseu_dataset.schema import arrow_schema
from sseu_hub.publishing import prepare_dataset
from sseu_leaderboard.intake.reference import write_reference
from tests.sseu_dataset.tampering import (
    Rows,
    adapt_manifest,
    change_manifest,
    change_recipe,
    change_rows,
    first_pair,
    shard,
)
from tests.sseu_dataset.tiny_corpora import TinyCorpora, build_partial


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Path:
    shutil.copytree(built, tmp_path / "copy")
    return tmp_path / "copy"


@pytest.fixture(scope="module")
def other_build(pristine_corpora: TinyCorpora, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another build of the same corpora, with the same rows by id."""
    out = tmp_path_factory.mktemp("other") / "sseu-bench"
    build_partial(out, pristine_corpora, settings=Settings(seed=1))
    return out


def rebuild(recipe: Path, corpora: TinyCorpora, out: Path) -> None:
    build(out, **corpora.folders, recipe=recipe, progress=False)


def begin_rebuild(recipe: Path, out: Path) -> None:
    """What a rebuild checks before it reads the corpora."""
    check_request(out, corpora=Corpora(), settings=None, recipe=recipe, allow_partial=False, workers=None)


def problems(folder: Path, corpora: TinyCorpora | None = None) -> list[str]:
    return list(verify(folder, **({} if corpora is None else corpora.folders), progress=False).problems)


def other_value(value: Any) -> Any:
    """A value of the same type that a build might have written, as far as there is one."""
    match value:
        case None:
            return 1.0
        case float():
            return value + 0.5
        case int():
            return value + 1
        case str():
            return f"{value}x"
        case dict():
            return {**value, "path": "x.flac"}
        case [{"values": [first, *others]} as head, *tail]:
            return [{**head, "values": [first + 0.1, *others]}, *tail]
        case [{"onset_s": onset_s} as head, *tail]:
            return [{**head, "onset_s": onset_s + 0.1}, *tail]
        case [first, *tail]:
            return [first + 1, *tail]
    raise AssertionError(value)


# -- rows

NAMES = [name for name in arrow_schema().names if name != "id"]


def of_maestro(rows: Rows) -> int:
    """The number of a row whose background is of MAESTRO-Real, so that it has soft labels."""
    return next(number for number, row in enumerate(rows) if row["soft_labels"])


def a_row_each(folder: Path) -> Iterator[tuple[str, str, int]]:
    """For each column a file and a row of its own whose background is of MAESTRO-Real, so that none is null."""
    places = [
        (config, number)
        for config in ("snr_10", "snr_5", "snr_0", "snr_-5", "snr_-10")
        for number, row in enumerate(pq.read_table(shard(folder, config), columns=["soft_labels"]).to_pylist())
        if row["soft_labels"]
    ]
    yield from ((name, *places[number % len(places)]) for number, name in enumerate(NAMES))


def test_verify_names_every_column_in_which_a_value_was_changed(copy: Path, pristine_corpora: TinyCorpora) -> None:
    expected: dict[str, str] = {}
    for name, config, number in a_row_each(copy):

        def edit(rows: Rows, name: str = name, number: int = number) -> Rows:
            value = other_value(rows[number][name])
            row = rows[number] | {name: value} | ({"snr_db": 7.0} if name == "snr_db" else {})
            expected[name] = f"{row['id']}: {'audio.path' if name == 'audio' else name} is "
            return [*rows[:number], row, *rows[number + 1 :]]

        change_rows(copy, config, edit)
    assert len(expected) == len(arrow_schema().names) - 1
    for found in (problems(copy), problems(copy, pristine_corpora)):
        missed = {name for name, start in expected.items() if not any(line.startswith(start) for line in found)}
        assert missed == set()


@pytest.mark.parametrize("column", ["id", "pcm_sha256", *REFERENCE_COLUMNS])
def test_loading_names_the_row_with_another_reference_or_hash(copy: Path, column: str) -> None:
    ids: list[str] = []

    def edit(rows: Rows) -> Rows:
        number = of_maestro(rows)
        ids.append(rows[number]["id"])
        return [*rows[:number], rows[number] | {column: other_value(rows[number][column])}, *rows[number + 1 :]]

    change_rows(copy, "snr_0", edit)
    kind = {"id": "only one of the two has 2 rows", "pcm_sha256": "the samples of 1 row differ"}
    message = f"{kind.get(column, 'the references of 1 row differ')} ({ids[0]}"
    with pytest.raises(DatasetError) as caught:
        load(copy, "snr_0")
    assert f"snr_0: not the rows of its manifest: {message}" in str(caught.value)
    assert len(load(copy, "snr_5")) == 9


def test_audio_of_another_row_is_noticed_where_it_is_decoded(copy: Path, pristine_corpora: TinyCorpora) -> None:
    def edit(rows: Rows) -> Rows:
        return [{**rows[0], "audio": {**rows[0]["audio"], "bytes": rows[1]["audio"]["bytes"]}}, *rows[1:]]

    change_rows(copy, "snr_0", edit)
    row = load(copy, "snr_0")[0]
    message = rf"{row['id']}: its audio is not the row's own: the samples have the SHA-256"
    with pytest.raises(DatasetError, match=message):
        load_audio(row)
    assert f"{row['id']}: its audio is not the row's own (pcm_sha256)" in problems(copy)
    found = verify(copy, **pristine_corpora.folders, progress=False)
    assert list(found.differing or {}) == [row["id"]]


def test_one_changed_byte_of_a_clip_is_noticed_where_it_is_decoded(copy: Path) -> None:
    def edit(rows: Rows) -> Rows:
        data = bytearray(rows[0]["audio"]["bytes"])
        data[len(data) // 2] ^= 1
        return [{**rows[0], "audio": {**rows[0]["audio"], "bytes": bytes(data)}}, *rows[1:]]

    change_rows(copy, "snr_0", edit)
    row = load(copy, "snr_0")[0]
    with pytest.raises(DatasetError, match=rf"{row['id']}: (its audio is not the row's own|its FLAC bytes cannot be)"):
        load_audio(row)
    assert any(problem.startswith(row["id"]) for problem in problems(copy))


def test_an_audio_column_of_nulls_is_noticed_where_it_is_decoded(copy: Path) -> None:
    change_rows(copy, "snr_0", lambda rows: [{**row, "audio": None} for row in rows])
    row = load(copy, "snr_0")[0]
    with pytest.raises(DatasetError, match=rf"{row['id']}: no audio bytes\. .*filled by `sseu build --recipe"):
        load_audio(row)
    assert sum("_snr_0: no audio bytes" in problem for problem in problems(copy)) == 9


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda rows: rows[:-1], "only one of the two has 1 row"),
        (lambda rows: [*rows, rows[0]], "is there twice"),
        (lambda rows: [*rows[:-1], rows[0]], "is there twice"),
    ],
)
def test_a_row_more_or_less_is_noticed_by_loading(copy: Path, edit: Callable[[Rows], Rows], message: str) -> None:
    change_rows(copy, "snr_0", edit)
    with pytest.raises(DatasetError, match=message):
        load(copy, "snr_0")


def test_a_file_of_another_build_is_noticed_by_loading(copy: Path, other_build: Path) -> None:
    shutil.copyfile(shard(other_build, "snr_0"), shard(copy, "snr_0"))
    with pytest.raises(DatasetError, match=r"the samples of \d rows differ .*, the references of \d rows differ"):
        load(copy, "snr_0")
    assert any("_snr_0: stored in place of " in problem for problem in problems(copy))


# -- manifest

FORGED = "0" * 64


@pytest.mark.parametrize(
    ("values", "loading", "verifying"),
    [
        ({"version": "9.9.9"}, "rows of the version 1.0.0rc1, the manifest says 9.9.9", "is version 9.9.9"),
        ({"recipe": "custom"}, "rows of the recipe partial, the manifest says custom", "recipe does not follow"),
        ({"recipe": "paper"}, "it is named `paper`, but its own reasons say", "it is named `paper`"),
        ({"recipe": "paper", "reasons": []}, "it is named `paper`, but it has 9 pairs", "it is named `paper`"),
        ({"settings": {"snrs_db": [10.0]}}, "are not those of the settings", "are not those of the settings"),
        ({"conditions": ["+inf", "0", "-inf"]}, "are not those of the settings", "are not those of the settings"),
        ({"pairs": 8}, "8 pairs in 7 conditions are not 63 rows", "8 pairs in 7"),
        ({"pcm_sha256": {}}, "only one of pcm_sha256 and reference_sha256", "only one of pcm_sha256"),
        ({"pcm_sha256": {}, "reference_sha256": {}}, "9 pairs in 7 conditions are not 0 rows", "are not 0 rows"),
        (
            {"fingerprints": {"all": FORGED}},
            "fingerprints.all does not follow from the hashes",
            "fingerprints.all does",
        ),
        ({"schema_version": 3}, "dataset format 3, this package reads 2; update the package", "dataset format 3"),
        ({"reasons": []}, None, "reasons does not follow"),
        ({"recipe_sha256": FORGED}, None, "recipe_sha256 does not follow"),
        ({"settings": {"seed": 1}}, None, "settings does not follow"),
        ({"sources": {}}, None, "sources does not follow"),
        ({"excluded": 2}, None, "excluded.tsv: lists 1 files, the manifest says 2"),
        ({"excluded_sha256": FORGED}, None, "excluded.tsv: not the list whose SHA-256"),
        ({"pcm": {"rate_hz": 16000}}, None, "pcm does not follow"),
        ({"measured": ["active"]}, None, None),
        ({"packages": {}}, None, "croissant.json: prov:wasGeneratedBy is not what recipe and manifest imply"),
    ],
)
def test_a_changed_value_of_the_manifest(
    copy: Path, values: dict[str, Any], loading: str | None, verifying: str | None
) -> None:
    """None: it is not noticed, as docs/build.md says."""
    change_manifest(copy, **values)
    for use, message in ((lambda: load(copy, "snr_0"), loading), (lambda: report_problems(copy), verifying)):
        if message is None:
            use()
            continue
        with pytest.raises(DatasetError) as caught:
            use()
        assert message in str(caught.value)


def report_problems(folder: Path) -> None:
    """Problems found by `verify` as an error, such as those for which it stops."""
    if found := problems(folder):
        raise DatasetError("\n".join(found))


@pytest.mark.parametrize("name", ["pcm_sha256", "reference_sha256"])
def test_a_changed_hash_of_a_row_contradicts_the_fingerprint(copy: Path, name: str) -> None:
    hashes = json.loads((copy / "manifest.json").read_text())[name]
    change_manifest(copy, **{name: hashes | {next(iter(hashes)): FORGED}})
    with pytest.raises(DatasetError, match=r"fingerprints\.all does not follow from the hashes of the rows"):
        load(copy)


def test_a_manifest_of_another_build_is_noticed_by_everyone(copy: Path, other_build: Path, tmp_path: Path) -> None:
    shutil.copyfile(other_build / "manifest.json", copy / "manifest.json")
    with pytest.raises(DatasetError, match=r"the samples of \d+ rows differ .*, the references of \d+ rows differ"):
        load(copy)
    assert "manifest.json: recipe_sha256 does not follow from the recipe" in "\n".join(problems(copy))
    with pytest.raises(DatasetError) as caught:
        begin_rebuild(copy / "recipe.parquet", tmp_path / "out")
    assert str(caught.value).startswith(f"{copy / 'recipe.parquet'} is not the recipe of {copy / 'manifest.json'}: its")
    assert str(caught.value).endswith("one of the two was changed, or they are of different builds; fetch both again")


# -- recipe

CHANGES: dict[str, Any] = {
    "scene": "Metro Station",
    "speaker_gender": "X",
    "speaker_accent": None,
    "transcript": "Words that nobody said.",
    "transcript_raw": "Words that nobody said.\n",
    "soft_labels": None,
    "event_segments": [{"event": "Dog", "onset_s": 0.0, "offset_s": 1.0}],
    "background_offset_s": 10,
    "speech_onset_samples": 3,
    "background_corpus": "ESC-50",
    "speech_file": "wav48_silence_trimmed/p225/p225_003_mic1.flac",
    "background_sha256": "0" * 64,
    "speech_sha256": "0" * 64,
}
OF_SOURCES = {
    "background_corpus": "ESC-50/development_audio/grocery_store/grocery_store_04.wav: the recipe names a file outside",
    "background_file": "MAESTRO-Real/development_audio/grocery_store/grocery_store_04.wavx: named in the recipe but",
    "background_offset_s": "grocery_store_04.wav from 10 s is not among the corpus's clips and windows",
    "background_sha256": f"the recipe says {'0' * 64}",
    "speech_file": "VCTK/wav48_silence_trimmed/p225/p225_003_mic1.flac: SHA-256 is ",
    "speech_sha256": f"the recipe says {'0' * 64}",
}
"""What is said of a file rather than a pair."""


@pytest.mark.parametrize("column", [field.name for field in fields(RecipeRow) if field.default is MISSING])
def test_a_changed_value_of_the_recipe_is_named(
    copy: Path, pristine_corpora: TinyCorpora, tmp_path: Path, column: str
) -> None:
    rows = pq.read_table(copy / "recipe.parquet").to_pylist()
    number = of_maestro(rows)
    value = CHANGES[column] if column in CHANGES else other_value(rows[number][column])
    change_recipe(
        copy / "recipe.parquet", lambda rows: [*rows[:number], rows[number] | {column: value}, *rows[number + 1 :]]
    )
    with pytest.raises(DatasetError, match="is not the recipe of"):  # while the manifest lies beside it
        begin_rebuild(copy / "recipe.parquet", tmp_path / "out")
    wrong = (
        "lists 63 rows that are not the 63" if column == "pair_id" else "recipe_sha256 does not follow from the recipe"
    )
    assert f"manifest.json: {wrong}" in "\n".join(problems(copy))

    shutil.copyfile(copy / "recipe.parquet", tmp_path / "recipe.parquet")  # alone
    pair_id = value if column == "pair_id" else rows[number]["pair_id"]
    with pytest.raises(CorpusError) as caught:
        rebuild(tmp_path / "recipe.parquet", pristine_corpora, tmp_path / "out")
    assert OF_SOURCES.get(column, f"  {pair_id}: {column}: the recipe says ") in str(caught.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ({"name": "custom"}, "recipe: name: the recipe says 'custom', the corpus 'partial'"),
        ({"reasons": []}, "recipe: name: the recipe says 'partial', the corpus 'paper'"),
        ({"settings": {"seed": 1}}, "recipe: reasons: the recipe says '.*', the corpus 'seed is 1 instead of 0'"),
        ({"settings": {"speech_max_s": 9.0}}, "is not among the utterances of the settings"),
    ],
)
def test_a_changed_head_of_the_recipe_is_named(
    built: Path, pristine_corpora: TinyCorpora, tmp_path: Path, head: dict[str, Any], message: str
) -> None:
    shutil.copyfile(built / "recipe.parquet", tmp_path / "recipe.parquet")
    change_recipe(tmp_path / "recipe.parquet", **head)
    with pytest.raises(CorpusError, match=f"(?s)the recipe and the corpora differ in .*{message}.*fetch the recipe"):
        rebuild(tmp_path / "recipe.parquet", pristine_corpora, tmp_path / "out")


def test_clips_windows_and_utterances_that_no_build_takes_are_named(
    built: Path, corpora: TinyCorpora, tmp_path: Path
) -> None:
    shutil.copyfile(built / "recipe.parquet", tmp_path / "recipe.parquet")
    table = corpora.table.read_text()
    corpora.table.write_text(table + "aaaaaaaaaaa_0_10.wav\t5.0\t6.0\tSpeech\n")
    annotation = corpora.annotation("grocery_store_04")
    annotation.write_text(annotation.read_text().replace("footsteps", "shopping cart"))
    spoken = read_recipe(tmp_path / "recipe.parquet").pairs[0].utterance
    corpora.text(spoken.utterance_id).write_text(" \n")
    with pytest.raises(CorpusError) as caught:
        rebuild(tmp_path / "recipe.parquet", corpora, tmp_path / "out")
    text = str(caught.value)
    clip, window = "DESED/audio/eval/public/aaaaaaaaaaa_0_10.wav", "MAESTRO-Real/development_audio/grocery_store/"
    assert f"aaaaaaaaaaa_0_10: {clip} from 0 s is not among the corpus's clips and windows" in text
    assert f"grocery_store_04@0: {window}grocery_store_04.wav from 0 s is not among" in text
    assert f"VCTK/{spoken.file} is not among the utterances of the settings: its text is empty" in text


def test_a_rebuild_reads_only_the_recordings_of_the_recipe(built: Path, corpora: TinyCorpora, tmp_path: Path) -> None:
    used = {pair.utterance.utterance_id for pair in read_recipe(built / "recipe.parquet").pairs}
    recordings = {path.name.removesuffix("_mic1.flac"): path for path in corpora.vctk.rglob("*_mic1.flac")}
    unused = recordings.keys() - used
    assert unused
    for name in unused:
        recordings[name].write_bytes(b"fLaC torn")
    rebuild(built / "recipe.parquet", corpora, tmp_path / "out")


# -- labels and audio against the corpora


def relabelled(corpora: TinyCorpora) -> None:
    """Other texts, speakers and labels; not a byte of audio changes."""
    corpora.text("p228_021").write_text("Entirely other words.\n")
    speakers = corpora.vctk / "speaker-info.txt"
    speakers.write_text(speakers.read_text().replace("p226  22  M    English", "p226  22  F    Scottish"))
    corpora.table.write_text(corpora.table.read_text().replace("1.203\t1.983\tCat", "1.203\t1.983\tDog"))
    annotation = corpora.annotation("residential_area_03")
    annotation.write_text(
        annotation.read_text().replace("2.0\t3.0\tbirds_singing\t1.0034", "2.0\t3.0\tbirds_singing\t0.9")
    )


def test_a_consistent_dataset_with_other_labels_is_named_beside_the_corpora_and_its_recipe_refused(
    corpora: TinyCorpora, pristine_corpora: TinyCorpora, tmp_path: Path
) -> None:
    relabelled(corpora)
    forged = tmp_path / "forged"
    build_partial(forged, corpora)
    assert problems(forged) == []
    found = verify(forged, **pristine_corpora.folders, progress=False)
    assert (found.rows, found.differing) == (63, {})  # everything else is still checked
    text = "\n".join(found.problems)
    segment = "the recipe says Dog from 1.203 to 1.983 s, the corpus Cat from 1.203 to 1.983 s"
    assert f"aaaaaaaaaaa_0_10: event_segments: {segment}" in text
    assert "residential_area_03@0: soft_labels: the recipe says Birds Singing 0.5 0.5 0.9 1.0034 " in text
    assert (
        ": transcript: the recipe says 'Entirely other words.', the corpus 'A sentence with a stray bracket.'" in text
    )
    assert ": speaker_gender: the recipe says 'F', the corpus 'M'" in text
    assert ": speaker_accent: the recipe says 'Scottish', the corpus 'English'" in text
    with pytest.raises(CorpusError) as caught:
        rebuild(forged / "recipe.parquet", pristine_corpora, tmp_path / "out")
    assert str(caught.value).startswith(f"the recipe and the corpora differ in {len(found.problems)} places:\n  ")
    assert found.problems[0] in str(caught.value)


# -- the name


@pytest.fixture
def tiny_is_official(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny corpora have the official counts here."""
    for corpus, pairs in (("DESED", 5), ("MAESTRO-Real", 4)):
        monkeypatch.setitem(PAPER_PAIRS, corpus, pairs)
    monkeypatch.setattr(vctk, "EXPECTED_SPEAKERS", 4)


@pytest.mark.usefixtures("tiny_is_official")
def test_the_official_corpora_give_the_name_and_a_stand_in_never(corpora: TinyCorpora, tmp_path: Path) -> None:
    made = build(tmp_path / "paper", **corpora.folders, progress=False)
    assert (made.manifest.recipe, made.manifest.reasons) == ("paper", [])
    rebuild(tmp_path / "paper" / "recipe.parquet", corpora, tmp_path / "again")
    for root in corpora.folders.values():
        (root / STANDIN_MARKER).write_text("synthetic")
    assert build(tmp_path / "standin", **corpora.folders, progress=False).manifest.recipe == "custom"
    for folder in ("paper", "standin"):
        if folder == "standin":  # a forger renames the stand-in's own recipe
            change_recipe(tmp_path / folder / "recipe.parquet", name="paper", reasons=[])
            adapt_manifest(tmp_path / folder)
        with pytest.raises(
            CorpusError, match=r"(?s)recipe: name: the recipe says 'paper', the corpus 'custom'.*stand-in"
        ):
            rebuild(tmp_path / folder / "recipe.parquet", corpora, tmp_path / "refused")
        found = problems(tmp_path / folder, corpora)
        assert "recipe: name: the recipe says 'paper', the corpus 'custom'" in found


@pytest.mark.usefixtures("tiny_is_official")
def test_a_paper_recipe_is_drawn_again(corpora: TinyCorpora, tmp_path: Path) -> None:
    build(tmp_path / "paper", **corpora.folders, progress=False)
    recipe = read_recipe(tmp_path / "paper" / "recipe.parquet")
    one = recipe.pairs[0]
    other = next(pair for pair in recipe.pairs if pair.utterance != one.utterance)
    spoken = {**other.utterance.columns(), "speech_sha256": other.speech[0].sha256}
    change_recipe(tmp_path / "paper" / "recipe.parquet", first_pair(**spoken))
    shutil.copyfile(tmp_path / "paper" / "recipe.parquet", tmp_path / "recipe.parquet")
    drawn = f"the recipe gives it {other.utterance.utterance_id}, the draw {one.utterance.utterance_id}"
    with pytest.raises(CorpusError, match=f"{one.pair_id}: utterance_id: {drawn}"):
        rebuild(tmp_path / "recipe.parquet", corpora, tmp_path / "out")
    corpora.text("s5_008").unlink()
    with pytest.raises(
        CorpusError, match="recipe: its corpora are not complete: VCTK speakers with text: 4 expected, 3"
    ):
        rebuild(tmp_path / "recipe.parquet", corpora, tmp_path / "out")


# -- the other files


@pytest.mark.parametrize(
    ("name", "edit", "message"),
    [
        ("excluded.tsv", lambda text: text.replace("no text", "noise"), "excluded.tsv: not the list whose SHA-256"),
        ("README.md", lambda text: text.replace("`partial` build", "`paper` build"), "README.md: does not say that"),
        (
            "README.md",
            lambda text: text.replace("- VCTK speakers", "- VCTK voices"),
            "README.md: does not say that this is a `partial`",
        ),
        ("README.md", lambda text: text.replace("44.1 kHz", "48 kHz"), ""),
        ("counts.png", lambda text: "pixels", ""),
        (
            "croissant.json",
            lambda text: text.replace("Read English by", "Spoken by"),
            "croissant.json: rai:dataBiases is",
        ),
        ("croissant.json", lambda text: text.replace("CC BY 4.0", "CC0"), "croissant.json: license is not what recipe"),
        (
            "croissant.json",
            lambda text: text.replace('"jsonPath": "bytes"', '"jsonPath": "path"'),
            "croissant.json: recordSet",
        ),
        (
            "croissant.json",
            lambda text: text.replace("{", '{"url": "https://x.org/tree/v1", "datePublished": "soon",', 1),
            "croissant.json: the whole text (Invalid isoformat string: 'soon')",
        ),
    ],
)
def test_a_changed_file_beside_the_data(copy: Path, name: str, edit: Callable[[str], str], message: str) -> None:
    """An empty message: other words on the card and the plot are not looked at."""
    (copy / name).write_text(edit((copy / name).read_text(errors="replace")))
    found = problems(copy)
    assert [problem.startswith(message) for problem in found] == [True] * bool(message)


def test_a_changed_list_beside_a_recipe_is_refused(copy: Path, tmp_path: Path) -> None:
    (copy / "excluded.tsv").write_text("path\treason\nVCTK/a.flac\tnoise\n")
    with pytest.raises(DatasetError, match=r"excluded\.tsv is not the list that .*manifest\.json was made with"):
        begin_rebuild(copy / "recipe.parquet", tmp_path / "out")


# -- the format before this one

OLD = r"dataset format 1, this package reads 2; make the dataset anew from the corpora, into another --out: sseu build"


@pytest.mark.parametrize(
    "use",
    [
        lambda folder, out: load(folder),
        lambda folder, out: verify(folder, progress=False),
        lambda folder, out: measure(folder, progress=False),
        lambda folder, out: begin_rebuild(folder / "recipe.parquet", out),
        lambda folder, out: check_request(
            folder,
            corpora=Corpora(),
            settings=None,
            recipe=out.parent / "new.parquet",
            allow_partial=False,
            workers=None,
        ),
        lambda folder, out: prepare_dataset(folder, out, progress=False),
        lambda folder, out: write_reference(folder, out),
    ],
    ids=["load", "verify", "measure", "rebuild", "build into it", "publish", "board reference"],
)
def test_format_1_is_refused_by_everyone(copy: Path, tmp_path: Path, use: Callable[[Path, Path], object]) -> None:
    shutil.copyfile(copy / "recipe.parquet", tmp_path / "new.parquet")
    values = json.loads((copy / "manifest.json").read_text())
    del values["schema_version"]
    (copy / "manifest.json").write_text(json.dumps(values | {"schema": 1}))
    with pytest.raises(DatasetError, match=OLD):
        use(copy, tmp_path / "out")


def test_a_recipe_of_format_1_is_refused(built: Path, tmp_path: Path) -> None:
    table = pq.read_table(built / "recipe.parquet").drop_columns(["soft_labels"])
    head = json.loads(table.schema.metadata[b"sseu_recipe"])
    del head["schema_version"]
    pq.write_table(table.replace_schema_metadata({b"sseu_recipe": json.dumps(head)}), tmp_path / "recipe.parquet")
    with pytest.raises(DatasetError, match=rf"recipe\.parquet: {OLD}"):
        begin_rebuild(tmp_path / "recipe.parquet", tmp_path / "out")
