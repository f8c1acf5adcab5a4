"""A built dataset, written as files and a table, is imported with the samples and references that it had."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import soundfile

from sseu_dataset import DatasetError, ImportResult, import_mixtures, load, load_manifest, measure, stems, verify
from sseu_dataset.records import RATE_HZ
from sseu_dataset.rows.samples import read_pcm
from sseu_hub.publishing import prepare_dataset
from tests.sseu_dataset.importing.exported import MAP, export, write_csv, write_jsonl
from tests.sseu_dataset.tiny_corpora import TinyCorpora, build_partial

Lines = list[dict[str, str]]
SAME = ("id", "pair_id", "condition", "scene", "events", "transcript", "speaker_id", "utterance_id", "pcm_sha256")


@pytest.fixture(scope="module")
def exported(built: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Lines]:
    """Files and lines of three pairs in all conditions."""
    folder = tmp_path_factory.mktemp("exported")
    lines = export(built, folder)
    kept = sorted({line["pair_id"] for line in lines})[:3]
    return folder, [line for line in lines if line["pair_id"] in kept]


def imported(
    out: Path, lines: Lines, audio: Path, rules: str = MAP, write: Callable[[Path, Lines], Path] = write_csv
) -> ImportResult:
    table, mapping = out.with_suffix(".table"), out.with_suffix(".toml")
    mapping.write_text(rules)
    return import_mixtures(out, write(table, lines), audio=audio, mapping=mapping, progress=False)


def faults(out: Path, lines: Lines, audio: Path, rules: str = MAP) -> str:
    with pytest.raises(DatasetError) as error:
        imported(out, lines, audio, rules)
    assert not out.exists()
    assert not out.with_name(out.name + ".partial").exists()
    return str(error.value)


def test_what_was_exported_comes_back(built: Path, exported: tuple[Path, Lines], tmp_path: Path) -> None:
    audio, lines = exported
    found = imported(tmp_path / "one", lines, audio).manifest
    unquoted = imported(tmp_path / "two", lines, audio, write=lambda path, rows: write_csv(path, rows, quoted=False))
    assert unquoted.manifest.fingerprints == found.fingerprints
    assert (found.recipe, found.settings, found.pairs) == ("imported", None, 3)
    was = {row["id"]: row for row in load(built)}
    rows = load(tmp_path / "one")
    assert len(rows) == len(lines) == 21
    for row in rows:
        assert {name: row[name] for name in SAME} == {name: was[row["id"]][name] for name in SAME}
        assert np.array_equal(read_pcm(row), read_pcm(was[row["id"]]))
    assert load_manifest(built).pcm_sha256.items() >= found.pcm_sha256.items()
    assert verify(tmp_path / "one", progress=False).problems == ()
    before = (tmp_path / "one" / "manifest.json").stat().st_mtime_ns
    assert imported(tmp_path / "one", lines, audio).manifest == found
    assert (tmp_path / "one" / "manifest.json").stat().st_mtime_ns == before
    pair = {row["condition"]: row for row in rows if row["pair_id"] == rows[0]["pair_id"]}
    with pytest.raises(DatasetError, match="imported mixtures have no stems"):
        stems(pair, "5")
    with pytest.raises(DatasetError, match="imported mixtures have no stems"):
        load(tmp_path / "one", snr_db=7.5)
    with pytest.raises(DatasetError, match="imported mixtures have no SNRs to measure"):
        measure(tmp_path / "one")
    with pytest.raises(ValueError, match="an imported dataset is not published from here"):
        prepare_dataset(tmp_path / "one", tmp_path / "published", audio="none", private=True)
    assert not (tmp_path / "published").exists()
    with pytest.raises(DatasetError, match="imported mixtures cannot be compared with corpora"):
        verify(tmp_path / "one", vctk=audio, desed=audio, maestro=audio)


def test_real_recordings_come_back(real_corpora: TinyCorpora, tmp_path: Path) -> None:
    build_partial(tmp_path / "built", real_corpora)
    lines = export(tmp_path / "built", tmp_path / "audio")
    found = imported(tmp_path / "imported", lines, tmp_path / "audio").manifest
    assert found.pcm_sha256 == load_manifest(tmp_path / "built").pcm_sha256


def test_names_of_conditions_and_lists_of_events_are_read(exported: tuple[Path, Lines], tmp_path: Path) -> None:
    """The least that a table can have, with a scene and a text in every line, as one row per clip often has."""
    audio, lines = exported
    named = {"inf": "clean", "-inf": "noise"}
    least: list[Any] = [
        {
            "audio": line["audio"],
            "level": named.get(line["snr_db"].removeprefix("+"), line["snr_db"] + " dB"),
            "scene": "home" if not line["scene"] else line["scene"].lower(),
            "events": [event.replace(" ", "_") for event in line["events"].split(";") if event] + ["people talking"],
            "text": line["transcript"] or "The text of the pair.",
        }
        for line in lines
    ]
    rules = (
        'licence = "test"\n[columns]\naudio = "audio"\ncondition = "level"\nscene = "scene"\nevents = "events"\n'
        'transcript = "text"\n[conditions]\nclean = "+inf"\nnoise = "-inf"\n[events]\n"people talking" = ""\n'
    )
    found = imported(tmp_path / "out", least, audio, rules, write_jsonl).manifest
    assert (found.pairs, len(found.pcm_sha256)) == (21, 21)
    assert found.imported is not None
    assert found.imported.notes == [
        "3 clips of speech alone have a scene or events, which are left out",
        "3 transcripts of background alone are left out, since nobody speaks there",
    ]
    assert "Ids known: those of pairs alone." in (tmp_path / "out" / "README.md").read_text()
    assert verify(tmp_path / "out", progress=False).problems == ()


def changed(lines: Lines, number: int, **cells: str) -> Lines:
    """The lines with other cells in one of them, counted as the table counts: the first has the number 2."""
    return [{**line, **cells} if place == number else line for place, line in enumerate(lines, 2)]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"audio": "gone.wav"}, "no audio file 'gone.wav' in --audio"),
        ({"audio": "sub/{audio}"}, "no audio file 'sub/{audio}' in --audio; there is {audio}"),
        ({"audio": "{next}"}, "line 6: the file '{next}' is on line 5 already"),
        ({"scene": "Hom"}, "unknown scene 'Hom', to be added to [scenes] of the map; did you mean 'Home'?"),
        ({"scene": "5", "snr_db": "Home"}, "'Home' is neither an SNR in dB nor a name in [conditions]"),
        ({"events": "Dgo"}, "unknown event 'Dgo', to be added to [events] of the map; did you mean 'Dog'?"),
        ({"transcript": ""}, "no transcript, though the condition is"),
        ({"transcript": "a" * 1001}, "1001 characters in the column 'transcript', at most 1000 are allowed"),
        ({"transcript": "a\u202eb"}, "the transcript 'a\\u202eb' holds U+202E, which controls"),
        ({"snr_db": ""}, "neither an SNR nor a condition"),
        ({"pair_id": "{pair}"}, "the pair '{pair}' at 10 is on line"),
        ({"transcript": "Another text."}, "the transcript of the pair"),
        ({"condition": "5"}, "condition '5' contradicts snr_db '10'"),
        ({"onset": "3.5"}, "speech that ends at 12.5 s, after the clip's 10 s"),
        ({"onset": "late"}, "speech_onset_s is 'late', no number of seconds"),
    ],
)
def test_what_is_wrong_with_a_line_is_named(
    cells: Mapping[str, str], message: str, exported: tuple[Path, Lines], tmp_path: Path
) -> None:
    audio, all_lines = exported
    lines = [line for line in all_lines if line["snr_db"] in ("10", "+inf")]
    lines = [{**line, "condition": "", "onset": "0.5", "duration": "9.0"} for line in lines]
    target = lines[3]
    assert target["snr_db"] == "10"
    words = {"{audio}": target["audio"], "{next}": lines[4]["audio"], "{pair}": lines[4]["pair_id"]}
    for word, value in words.items():
        cells = {name: cell.replace(word, value) for name, cell in cells.items()}
        message = message.replace(word, value)
    rules = MAP.replace(
        "[columns]", '[columns]\ncondition = "condition"\nspeech_onset_s = "onset"\nspeech_duration_s = "duration"'
    )
    text = faults(tmp_path / "out", changed(lines, 5, **cells), audio, rules)
    assert message in text
    assert "lines cannot be imported, and nothing is written:\n  line" in text


def test_every_fault_is_named_at_once(exported: tuple[Path, Lines], tmp_path: Path) -> None:
    audio, lines = exported
    wrong = [{**line, "scene": line["scene"] and "Kitchen"} for line in lines]
    text = faults(tmp_path / "out", changed(wrong, 2, audio="gone.wav"), audio)
    assert "19 lines cannot be imported" in text
    assert "line 2: no audio file 'gone.wav'" in text
    assert "lines 5-22: unknown scene 'Kitchen'" in text


def test_files_are_refused_unless_the_map_says_what_to_do(tmp_path: Path) -> None:
    audio = tmp_path / "audio"
    audio.mkdir()
    noise = np.random.default_rng(0).integers(-9000, 9000, (5, 11 * RATE_HZ, 2), dtype=np.int16)
    noise[3, :5, 0], noise[3, 5:8, 0] = 32767, -32768
    soundfile.write(audio / "short.wav", noise[0, : 9 * RATE_HZ, 0], RATE_HZ)
    soundfile.write(audio / "long.wav", noise[1, :, 0], RATE_HZ)
    soundfile.write(audio / "stereo.flac", noise[2, : 10 * RATE_HZ], RATE_HZ)
    soundfile.write(audio / "clipped.wav", noise[3, : 10 * RATE_HZ, 0], RATE_HZ)
    soundfile.write(audio / "slow.wav", noise[4, : 10 * 16_000, 0], 16_000)
    (audio / "damaged.wav").write_bytes((audio / "slow.wav").read_bytes()[:-100])
    (audio / "text.mp3").write_bytes(b"<html>no such file</html>")
    shutil.copy(audio / "slow.wav", audio / "twice.wav")
    names = sorted(path.name for path in audio.iterdir())
    lines = [{"audio": name, "snr": "5", "scene": "Home", "events": "Dog", "text": "A text."} for name in names]
    rules = (
        'licence = "test"\n[columns]\naudio = "audio"\nsnr_db = "snr"\nscene = "scene"\nevents = "events"\n'
        'transcript = "text"\n'
    )
    text = faults(tmp_path / "out", lines, audio, rules)
    for message in (
        "line 3: damaged.wav: truncated, 100 bytes of audio are missing",
        "line 4: long.wav: 11 s instead of 10; set cut_longer = true in [audio] of the map",
        "line 5: short.wav: 9 s instead of 10; set pad_shorter = true",
        "line 7: stereo.flac: 2 channels; set average_channels = true",
        "line 8: text.mp3: not readable as audio",
        "line 9: twice.wav has the bytes of slow.wav, line 6",
    ):
        assert message in text
    usable = [line for line in lines if line["audio"].split(".")[0] not in ("damaged", "text", "twice")]
    allowed = rules + "[audio]\naverage_channels = true\npad_shorter = true\ncut_longer = true\n"
    found = imported(tmp_path / "out", usable, audio, allowed).manifest
    assert found.imported is not None
    assert found.imported.clipped_samples == {"clipped_snr_5": 8}
    assert found.imported.notes == [
        "1 files are cut after 10 s.",
        "1 files are padded with zeros at the end.",
        "1 files are the mean of their channels.",
        "1 files of 16000 Hz are resampled to 44100 Hz.",
    ]
    card = (tmp_path / "out" / "README.md").read_text()
    assert "1 of 5 clips have samples at full scale, 8 in all" in card
    assert "1 files of 16000 Hz are resampled" in card
    rows = {row["pair_id"]: read_pcm(row) for row in load(tmp_path / "out")}
    assert not rows["short"][9 * RATE_HZ :].any()
    assert np.array_equal(rows["long"], noise[1, : 10 * RATE_HZ, 0])


def _flip_event(row: dict[str, Any]) -> None:
    row["events"] = [0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_flip_event, "its references do not have the SHA-256 in the manifest"),
        (lambda row: row.update(transcript=""), "a transcript though nobody speaks, or none though somebody does"),
        (lambda row: row.update(pcm_sha256="0" * 64), "its audio is not the row's own"),
        (lambda row: row.update(snr_db=4.0), "snr_db is 4.0, the condition 5"),
        (lambda row: row.update(condition="0"), "its condition is 0"),
        (lambda row: row.update(id="other_snr_5"), "other_snr_5: not in the manifest"),
        (lambda row: row.update(version="9"), "version 9, the manifest says otherwise"),
    ],
)
def test_tampered_rows_are_found(
    change: Callable[[dict[str, Any]], None], message: str, exported: tuple[Path, Lines], tmp_path: Path
) -> None:
    audio, lines = exported
    out = tmp_path / "out"
    imported(out, [line for line in lines if line["snr_db"] == "5"], audio)
    path = out / "data" / "snr_5" / "test-00000-of-00001.parquet"
    table = pq.read_table(path)
    rows = table.to_pylist()
    change(rows[1])
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    assert message in "\n".join(verify(out, progress=False).problems)


def test_tampered_folders_are_found(exported: tuple[Path, Lines], tmp_path: Path) -> None:
    audio, lines = exported
    out = tmp_path / "out"
    imported(out, [line for line in lines if line["snr_db"] == "5"], audio)
    (out / "import.toml").write_text(MAP + "# changed\n")
    (out / "notes.txt").write_text("mine")
    (out / "data" / "snr_5" / "more.txt").write_text("mine")
    card = out / "README.md"
    card.write_text(card.read_text().replace("`imported`", "`paper`"))
    assert set(verify(out, progress=False).problems) == {
        "import.toml: not the map whose SHA-256 is in the manifest",
        "notes.txt: does not belong here; move it elsewhere",
        "data/snr_5/more.txt: does not belong here",
        "README.md: does not say that this is a `imported` build, and why",
    }
    manifest = out / "manifest.json"
    text = manifest.read_text()
    manifest.write_text(text.replace('"pairs": 3', '"pairs": 2'))
    with pytest.raises(DatasetError, match="its rows are not of 2 pairs in the conditions 5"):
        load_manifest(out)
    manifest.write_text(text.replace('"recipe": "imported"', '"recipe": "custom"'))
    with pytest.raises(DatasetError, match="recipe `imported`, a record of the import and no settings belong together"):
        load_manifest(out)


def test_a_stopped_import_begins_anew(exported: tuple[Path, Lines], tmp_path: Path, monkeypatch: Any) -> None:
    audio, lines = exported
    kept = [line for line in lines if line["snr_db"] == "5"]

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("sseu_dataset.importing.build.make_import_card", stop)
        with pytest.raises(KeyboardInterrupt):
            imported(tmp_path / "out", kept, audio)
    assert not (tmp_path / "out").exists()
    imported(tmp_path / "out", kept, audio)
    assert verify(tmp_path / "out", progress=False).problems == ()
    assert not (tmp_path / "out.partial").exists()
