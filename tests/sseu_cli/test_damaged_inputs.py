"""A damaged input gets one message with file, field and value, and exit code 2; no source vanishes unnamed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sseu_cli.main import main
from tests.sseu_cli.conftest import Sseu, assert_refused
from tests.sseu_dataset.tiny_corpora import TinyCorpora

Damage = Callable[[TinyCorpora], Any]
AGAIN = "fetch the recipe again"


def replace_column(path: Path, name: str, value: Any) -> None:
    """Put one value, of whatever type, into every row of a column."""
    table = pq.read_table(path)
    values = pa.array([value] * table.num_rows)
    changed = table.set_column(table.schema.get_field_index(name), name, values)
    pq.write_table(changed.replace_schema_metadata(table.schema.metadata), path)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("background_offset_s", 0.5, "0.background_offset_s: Input should be a valid integer, found 0.5"),
        ("background_offset_s", "0", "0.background_offset_s: Input should be a valid integer, found '0'"),
        ("background_offset_s", Decimal(1), '0.background_offset_s: Input should be a valid integer, found ["Decimal'),
        ("speech_onset_samples", 1.0, "0.speech_onset_samples: Input should be a valid integer, found 1.0"),
        ("speech_onset_samples", "x", "0.speech_onset_samples: Input should be a valid integer, found 'x'"),
        ("background_file", 3, "0.background_file: Input should be a valid string, found 3"),
        ("background_file", "a\0b", "'a\\x00b' is not the path of a file"),
        ("speech_file", "wav/" + "a" * 300, "is not the path of a file"),
        ("speaker_id", ["p225"], "0.speaker_id: Input should be a valid string, found ['p225']"),
        ("transcript", b"\xff", "0.transcript: Input should be a valid string, found [\"b'\\\\xff'\"]"),
        ("speech_sha256", True, "0.speech_sha256: Input should be a valid string, found True"),
    ],
)
def test_a_wrong_type_in_a_recipe_is_named(
    sseu: Sseu, built: Path, pristine_corpora: TinyCorpora, tmp_path: Path, column: str, value: Any, message: str
) -> None:
    recipe = tmp_path / "recipe.parquet"
    shutil.copy(built / "recipe.parquet", recipe)
    replace_column(recipe, column, value)
    done = sseu("build", "--recipe", recipe, *pristine_corpora.options, "--out", tmp_path / "out")
    assert_refused(done, f"error: {recipe}: ")
    assert_refused(done, message)
    assert_refused(done, AGAIN)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "Parquet file size is 0 bytes"), (b"PAR1" + bytes(60) + b"PAR1", "not a recipe"), (None, "it has no pair")],
)
def test_an_empty_or_torn_recipe_is_named(
    sseu: Sseu, built: Path, pristine_corpora: TinyCorpora, tmp_path: Path, content: bytes | None, message: str
) -> None:
    recipe = tmp_path / "recipe.parquet"
    if content is None:
        pq.write_table(pq.read_table(built / "recipe.parquet").slice(0, 0), recipe)
    else:
        recipe.write_bytes(content)
    done = sseu("build", "--recipe", recipe, *pristine_corpora.options, "--out", tmp_path / "out")
    assert_refused(done, f"error: {recipe}: ")
    assert_refused(done, message)
    assert_refused(done, AGAIN)


@pytest.mark.parametrize(
    ("column", "value", "found"),
    [
        ("speaker_id", ["p225"], "list<element: string>, not string"),
        ("pcm_sha256", True, "bool, not string"),
        ("audio", 3, "int64, not struct<bytes: binary, path: string>"),
        ("background_file", 3, "int64, not string"),
        ("background_offset_s", "0", "string, not double"),
        ("transcript", b"\xff", "binary, not string"),
    ],
)
@pytest.mark.parametrize("shards", [1, 7])
def test_a_wrong_type_in_a_dataset_is_named(
    sseu: Sseu, built: Path, tmp_path: Path, column: str, value: Any, found: str, shards: int
) -> None:
    data = tmp_path / "sseu-bench"
    shutil.copytree(built, data)
    for path in sorted(data.glob("data/*/*.parquet"))[:shards]:
        replace_column(path, column, value)
    done = sseu("run", "--system", "control:no-answer", "--data", data, "--out", tmp_path / "out")
    assert_refused(done, f"test-00000-of-00001.parquet: the column {column} is of type {found}; build or fetch the")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda made: made.update(pcm_sha256=True), "pcm_sha256: Input should be an object, found True"),
        (lambda made: made["pcm_sha256"].update({next(iter(made["pcm_sha256"])): True}), "a valid string, found True"),
        (lambda made: made.update(conditions="+inf"), "conditions: Input should be a valid array, found '+inf'"),
        ("[" * 100_000, "recursion limit exceeded"),
        ("", "Invalid JSON: EOF"),
    ],
)
@pytest.mark.parametrize("command", ["verify", "run"])
def test_a_damaged_manifest_is_named(
    sseu: Sseu, built: Path, tmp_path: Path, change: Any, message: str, command: str
) -> None:
    data = tmp_path / "sseu-bench"
    shutil.copytree(built, data)
    text = change
    if not isinstance(change, str):
        made = json.loads((data / "manifest.json").read_text())
        change(made)
        text = json.dumps(made)
    (data / "manifest.json").write_text(text)
    words = ["verify", data] if command == "verify" else ["run", "--system", "control:no-answer", "--data", data]
    done = sseu(*words, *([] if command == "verify" else ["--out", tmp_path / "out"]))
    assert_refused(done, f"error: {data / 'manifest.json'}: ")
    assert_refused(done, message)
    assert_refused(done, "build or fetch the dataset again")


@pytest.fixture(scope="module")
def answered(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("answered") / "run"
    words = ["--modes", "independent,joint", "--embedder", "exact", "--runs", "1"]
    assert main(["run", "--system", "control:random", "--data", str(built), *words, "--out", str(out)]) == 0
    return out


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda result: result["prompts"]["templates"]["joint/all"].pop("sha256"), "joint/all.sha256: Field required"),
        (
            lambda result: result["prompts"]["templates"]["joint/all"].update(sha256=True),
            "joint/all.sha256: Input should be a valid string, found True",
        ),
        (lambda result: result["modes"].update(joint="all"), "modes.joint: Input should be a valid array, found 'all'"),
        (
            lambda result: result["job"].update(modes=[["joint"]]),
            "job.modes.0: Input should be 'independent', 'joint', 'cot' or 'likelihood', found ['joint']",
        ),
        (lambda result: result["job"].update(modes="joint"), "job.modes: Input should be a valid array, found 'joint'"),
        (lambda result: result["dataset"].update(conditions=[0]), "conditions.0: Input should be a valid string"),
    ],
)
@pytest.mark.parametrize("command", ["score", "report", "run"])
def test_a_damaged_result_is_named(
    sseu: Sseu, answered: Path, built: Path, tmp_path: Path, change: Callable[[Any], Any], message: str, command: str
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(answered, folder)
    result = json.loads((folder / "result.json").read_text())
    change(result)
    (folder / "result.json").write_text(json.dumps(result))
    words: dict[str, list[str | Path]] = {
        "score": ["score", folder],
        "report": ["report", folder, "--out", tmp_path / "report"],
        "run": ["run", "--system", "control:random", "--data", built, "--out", folder],
    }
    done = sseu(*words[command])
    assert_refused(done, f"error: {folder / 'result.json'}: ")
    assert_refused(done, message)
    assert_refused(done, "restore result.json")


def rename_all(folder: Path, old: str, new: str) -> bool:
    for path in sorted(folder.rglob(f"*{old}")):
        path.rename(path.with_name(path.name.replace(old, new)))
    return True


def move_down(folder: Path) -> bool:
    files = sorted(folder.iterdir())
    (folder / "down").mkdir()
    for path in files:
        path.rename(folder / "down" / path.name)
    return True


def without_first_microphone(corpora: TinyCorpora) -> None:
    corpora.recording("p225_003").unlink()
    corpora.recording("p225_021").unlink()  # of which a second one is there


def only_dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


GONE = "development_audio/grocery_store/grocery_store_04.wav: "
P225 = "VCTK/wav48_silence_trimmed/p225/p225_021_mic1.flac: it has a text but is missing"
CLIP = "DESED/audio/eval/public/aaaaaaaaaaa_0_10.wav: "
PLACE = ": restore the official file"


def maestro(corpora: TinyCorpora, below: str) -> Path:
    return corpora.maestro / below


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (
            lambda made: made.annotation("grocery_store_04").write_text(""),
            GONE + "annotated to 0 s, which is less than",
        ),
        (lambda made: made.annotation("grocery_store_04").write_text("\n\n"), GONE + "annotated to 0 s, which is less"),
        (lambda made: made.annotation("grocery_store_04").write_bytes(b"\xff\0\xfe"), GONE + "line 1: 1 columns"),
        (lambda made: only_dangling(made.annotation("grocery_store_04")), GONE + "the annotation cannot be read (No"),
        (lambda made: made.annotation("grocery_store_04").unlink(), GONE + "its annotation development_annotation/"),
        (
            lambda made: move_down(maestro(made, "development_annotation/soft_labels_grocery_store")),
            "soft_labels_grocery_store/down/grocery_store_04.txt" + PLACE,
        ),
        (
            lambda made: move_down(maestro(made, "development_audio")) and move_down(made.annotation("x_1").parents[1]),
            GONE + "missing; there is only development_audio/down/grocery_store/grocery_store_04.wav" + PLACE,
        ),
        (
            lambda made: rename_all(maestro(made, "development_audio"), ".wav", ".flac"),
            GONE + "missing; there is only development_audio/grocery_store/grocery_store_04.flac" + PLACE,
        ),
        (
            lambda made: rename_all(made.maestro, ".wav", ".WAV") and rename_all(made.maestro, ".txt", ".TXT"),
            GONE + "missing; there is only development_audio/grocery_store/grocery_store_04.WAV" + PLACE,
        ),
        (lambda made: made.window_file("grocery_store_04").write_bytes(b""), GONE + "empty file (0 bytes)"),
        (
            lambda made: rename_all(made.vctk, ".flac", ".wav"),
            P225 + "; there is only wav48_silence_trimmed/p225/p225_021_mic",
        ),
        (without_first_microphone, P225 + "; there is only wav48_silence_trimmed/p225/p225_021_mic2.flac" + PLACE),
        (without_first_microphone, "p225/p225_003_mic1.flac: it has a text but is missing; fetch it again"),
        (
            lambda made: move_down(made.recording("p225_021").parent),
            P225 + "; there is only wav48_silence_trimmed/p225/down/p225_021_mic",
        ),
        (lambda made: made.recording("p225_021").write_bytes(b""), "p225_021_mic1.flac: empty file (0 bytes)"),
        (
            lambda made: move_down(made.text("p225_021").parent),
            "p225_021_mic1.flac: its speaker has no text: txt/p225/p225_021.txt and all others are missing",
        ),
        (lambda made: only_dangling(made.text("p225_021")), "VCTK/txt/p225/p225_021.txt: cannot be read (No such"),
        (lambda made: made.clip("aaaaaaaaaaa_0_10").unlink(), CLIP + "named in public.tsv but missing; fetch it again"),
        (lambda made: made.clip("aaaaaaaaaaa_0_10").write_bytes(b""), CLIP + "empty file (0 bytes)"),
        (
            lambda made: move_down(made.clip("x").parent),
            CLIP + "named in public.tsv but missing; there is only audio/eval/public/down/aaaaaaaaaaa_0_10.wav" + PLACE,
        ),
        (
            lambda made: rename_all(made.clip("x").parent, ".wav", ".WAV"),
            CLIP + "named in public.tsv but missing; there is only audio/eval/public/aaaaaaaaaaa_0_10.WAV" + PLACE,
        ),
    ],
)
def test_a_source_that_cannot_be_used_is_named_and_stops_the_build(
    sseu: Sseu, corpora: TinyCorpora, tmp_path: Path, damage: Damage, named: str
) -> None:
    """A stand-in's counts are not compared with the official ones: what is named is named by its own."""
    damage(corpora)
    for root in (corpora.vctk, corpora.desed, corpora.maestro):
        (root / "STAND-IN.txt").touch()
    done = sseu("build", *corpora.options, "--out", tmp_path / "out")
    assert_refused(done, named)
    assert_refused(done, "(sseu build --allow-partial)")
    assert not (tmp_path / "out").exists()


def test_the_same_corpora_undamaged_are_built(sseu: Sseu, corpora: TinyCorpora, tmp_path: Path) -> None:
    for root in (corpora.vctk, corpora.desed, corpora.maestro):
        (root / "STAND-IN.txt").touch()
    assert sseu("build", *corpora.options, "--out", tmp_path / "out").returncode == 0


def test_what_a_partial_build_leaves_out_is_named_on_standard_error_and_in_the_dataset(
    sseu: Sseu, corpora: TinyCorpora, tmp_path: Path
) -> None:
    rename_all(corpora.recording("p225_021").parent, ".flac", ".wav")
    corpora.annotation("grocery_store_04").write_text("")
    done = sseu("build", *corpora.options, "--allow-partial", "--out", tmp_path / "out")
    assert done.returncode == 0
    assert "warning: left out, though a corpus or table names it; restore it and build into another" in done.stderr
    for named in (P225, GONE):
        assert named in done.stderr
    listed = (tmp_path / "out" / "excluded.tsv").read_text()
    assert listed.count("it has a text but is missing") == 2
    assert "grocery_store_04.wav\tannotated to 0 s" in listed
    assert "3 source items left out, see excluded.tsv" in (tmp_path / "out" / "manifest.json").read_text()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a.wav\t0\t1\t" + "x" * 140_000, "unknown label 'xxxx"),
        ("a" * 140_000 + ".wav\t0\t1\tDog", "is not the bare name of a wav file"),
        ("a.wav\t" + "1" * 140_000 + "\tx\tDog", "is not a number"),
        ("a.wav\t" + "1" * 140_000, "2 columns instead of 4"),
        ("a\0.wav\t0\t1\tDog", "is not the bare name of a wav file"),
    ],
)
def test_an_oversized_cell_is_named_in_short(
    sseu: Sseu, corpora: TinyCorpora, tmp_path: Path, line: str, message: str
) -> None:
    with corpora.table.open("a") as table:
        table.write(line + "\n")
    done = sseu("build", *corpora.options, "--out", tmp_path / "out")
    assert_refused(done, message)
    assert len(done.stderr) < 2_000


@pytest.mark.parametrize("content", ["", "filename\tonset\toffset\tevent_label\n"])
def test_a_table_without_clips_is_refused(sseu: Sseu, corpora: TinyCorpora, tmp_path: Path, content: str) -> None:
    corpora.table.write_text(content)
    done = sseu("build", *corpora.options, "--allow-partial", "--out", tmp_path / "out")
    assert_refused(done, f"{corpora.table}: " + ("it lists no clip; fetch it again" if content else "the columns are"))
