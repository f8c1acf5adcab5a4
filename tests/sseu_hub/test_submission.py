"""Hazards: untrusted files of any content; answers about other clips; parts of a benchmark."""

from __future__ import annotations

import gzip
import json
import shutil
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sseu_dataset.loading import load
from sseu_hub.submission import (
    ANSWERS_GZ,
    Limits,
    check_answers,
    folder_of,
    pack,
    read_submission,
)
from sseu_models.planning import Reference, read_references
from sseu_models.results.folder import check_log
from tests.sseu_hub.made_submissions import MODEL, edit, make_submission, read_lines, write_lines


@pytest.fixture(scope="module")
def good(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound submission."""
    return make_submission(built, tmp_path_factory.mktemp("submission"), "scripted:plain")


@pytest.fixture
def folder(good: Path, tmp_path: Path) -> Path:
    """A copy to be spoilt."""
    return Path(shutil.copytree(good, tmp_path / "submission"))


@pytest.fixture(scope="module")
def references(built: Path) -> list[Reference]:
    """What the leaderboard holds."""
    return read_references(load(built))


def test_a_sound_submission_is_read_and_belongs_to_the_benchmark(folder: Path, references: list[Reference]) -> None:
    submission = read_submission(folder)
    assert submission.model == MODEL
    assert submission.stated is not None
    assert len(submission.answers) == sum(len(clip.questions) for clip in check_answers(submission, references))
    assert submission.answers_sha256 == submission.result.answers.sha256


def test_result_and_answers_alone_are_enough(folder: Path) -> None:
    (folder / "scores.json").unlink()
    (folder / "submission.json").unlink()
    submission = read_submission(folder)
    assert (submission.model, submission.stated) == (None, None)


def test_packing_is_deterministic(folder: Path) -> None:
    submission = read_submission(folder)
    assert submission.stated is not None
    packed = [pack(MODEL, submission.result, submission.stated, list(submission.answers.values())) for _ in range(2)]
    assert packed[0] == packed[1]
    assert packed[0][ANSWERS_GZ] == (folder / ANSWERS_GZ).read_bytes()


def set_first(name: str, value: Any) -> Callable[[list[dict[str, Any]]], None]:
    def change(values: list[dict[str, Any]]) -> None:
        values[0][name] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (set_first("text", 3), "line 1: text is 3"),
        (set_first("extra", 1), "line 1: unknown keys"),
        (set_first("run", 99), "line 1: run 99; 0 to 19 are allowed"),
        (set_first("run", 10**400), "line 1: run 1000"),
        (set_first("run", -1), "line 1: run -1"),
        (set_first("mode", "telepathy"), "line 1: no task 'asr' in the mode 'telepathy'"),
        (set_first("task", "all"), "line 1: no task 'all' in the mode 'independent'"),
        (set_first("status", "failed"), "line 1: status 'failed' with 1 of text and scores"),
        (set_first("pcm_sha256", "../../etc"), "line 1: a hash is not 64 hexadecimal digits"),
        (set_first("sent_sha256", "f" * 63), "line 1: a hash is not 64 hexadecimal digits"),
        (set_first("sent_sha256", None), "line 1: pcm_sha256 without sent_sha256"),
        (lambda values: values[0].pop("sent_sha256"), r"line 1: unknown keys \[\], missing keys \['sent_sha256'\]"),
        (set_first("latency_s", float("nan")), "line 1: latency_s is nan"),
        (set_first("latency_s", 10**400), "line 1: latency_s is 1000"),
        (set_first("text", "\ud800"), "line 1: its text is not Unicode"),
        (set_first("id", "a\u202eb"), "not printable"),
        (lambda values: values.append(values[0]), "is answered twice"),
        (lambda values: values[0].pop("id"), r"missing keys \['id'\]"),
        (lambda values: values.insert(0, [1]), "line 1: an object is needed"),
        (list.clear, "no answers"),
    ],
)
def test_a_bad_answer_is_refused_with_its_line(folder: Path, change: Callable[[Any], Any], message: str) -> None:
    values = read_lines(folder)
    change(values)
    write_lines(folder, values)
    with pytest.raises(ValueError, match=message):
        read_submission(folder)


def with_number(line: dict[str, Any], name: str, digits: bytes) -> bytes:
    return json.dumps({**line, name: 0}).encode().replace(f'"{name}": 0'.encode(), f'"{name}": '.encode() + digits)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda line: b'{"a":' * 20_000, "line 1: not JSON"),
        (lambda line: b"\xff\xfe" + json.dumps(line).encode(), "line 1: not JSON"),
        (lambda line: b"", "line 1: not JSON"),
        (lambda line: with_number(line, "run", b"9" * 5_000), "line 1: not JSON"),
        (lambda line: with_number(line, "run", b"1e999"), "line 1: run is inf"),
        (lambda line: with_number(line, "latency_s", b"1e999"), "line 1: latency_s is inf"),
    ],
)  # fmt: skip
def test_a_line_that_is_no_answer_is_refused(
    folder: Path, spoil: Callable[[dict[str, Any]], bytes], message: str
) -> None:
    values = read_lines(folder)
    rest = b"".join(json.dumps(value).encode() + b"\n" for value in values[1:])
    (folder / ANSWERS_GZ).write_bytes(gzip.compress(spoil(values[0]) + b"\n" + rest))
    with pytest.raises(ValueError, match=message):
        read_submission(folder)


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("scores.json", '{"schema_version": 1, "modes": {}, "x": [' + "0," * 30_000 + "0]}", "more than 20000 values"),
        ("scores.json", " " * (2 << 20), "at most 1048576 are allowed"),
        ("scores.json", '{"schema_version": 9, "modes": {}}', "schema_version is 9, .* reads 1; make it with"),
        ("submission.json", '{"schema_version": 1, "model": 5}', "model: Input should be a valid string, found 5"),
        ("submission.json", '{"schema_version": 1, "model": "a", "more": 1}', "more: .* not permitted"),
    ],
)
def test_other_files_are_checked_too(folder: Path, file: str, text: str, message: str) -> None:
    (folder / file).write_text(text)
    with pytest.raises(ValueError, match=message):
        read_submission(folder)


@pytest.mark.parametrize("scores", [[1.0] * 5, [float("nan")] * 6, [10**400] * 6, [0.5] * 6])
def test_scores_of_the_wrong_number_or_value_are_refused(folder: Path, scores: list[float]) -> None:
    values = read_lines(folder)
    values[0].pop("text")
    values[0]["scores"] = scores  # the first is an answer to asr, which has none
    write_lines(folder, values)
    with pytest.raises(ValueError, match=f"{ANSWERS_GZ} line 1: "):
        read_submission(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda values: values.update(schema_version=2), "schema_version is 2, this version of the project reads 1"),
        (lambda values: values.update(system=[]), r"system: .* found \[\]"),
        (lambda values: values.update(deterministic=1), "deterministic: .* found 1"),
        (lambda values: values.update(surprise=1), "surprise: .* not permitted"),
        (lambda values: values.pop("job"), "job: Field required"),
        (lambda values: values["job"].update(runs=10**9), "1000000000 runs, at most 20"),
        (lambda values: values["job"].update(runs="3"), "job.runs: .* found '3'"),
        (lambda values: values["job"].update(modes=["x"]), "result.json: job.modes.0: .* found 'x'"),
        (lambda values: values["job"].update(modes=[[]]), r"job.modes.0: .* found \[\]"),
        (lambda values: values["job"].update(shard=[1, 1e9]), "job.shard.1: "),
        (lambda values: values["modes"].update(joint=[{}]), "modes.joint.0: "),
        (lambda values: values["frontend"].update(name=None), "frontend.name: .* found None"),
        (lambda values: values["prompts"]["templates"].update(x=1), "templates.x: .* found 1"),
        (lambda values: values["scoring"].update(embedder={}), "scoring.embedder: .* found {}"),
        (lambda values: values["dataset"].update(pairs=True), "dataset.pairs: .* found True"),
        (lambda values: values.update(system="x" * 300), "a name is longer than 200"),
        (lambda values: values.update(system="a\x00b"), "not printable"),
        (lambda values: values["settings"].update(n=[0] * 30_000), "more than 20000 values"),
        (lambda values: values["settings"].update(n=float("inf")), "Infinity is not JSON"),
        (lambda values: values["settings"].update(n=10**400), "a number is out of range"),
    ],
)
def test_a_bad_result_is_refused(folder: Path, change: Callable[[dict[str, Any]], Any], message: str) -> None:
    edit(folder, "result.json", change)
    with pytest.raises(ValueError, match=message):
        read_submission(folder)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "{", "[1]", '{"x": 1e999}', "\ufeff{}", ""])
def test_invalid_or_deeply_nested_json_is_refused(folder: Path, text: str) -> None:
    (folder / "result.json").write_text(text)
    with pytest.raises(ValueError, match=r"^result.json: (not JSON|an object|a number|nested)") as error:
        read_submission(folder)
    assert str(folder) not in str(error.value)


def test_a_nested_object_within_the_parser_s_reach_is_refused(folder: Path) -> None:
    edit(folder, "result.json", lambda values: values["settings"].update(json.loads('{"a":' * 30 + "1" + "}" * 30)))
    with pytest.raises(ValueError, match="nested deeper than 20 levels"):
        read_submission(folder)


@pytest.mark.parametrize("model", ["../../etc", "a/b/c", "<b>", "a--b/c", "", "x" * 200, "a/..b", "lab/\u0435"])
def test_an_invalid_model_id_is_refused(folder: Path, model: Any) -> None:
    (folder / "submission.json").write_text(json.dumps({"schema_version": 1, "model": model}))
    with pytest.raises(ValueError, match="is no model id of the Hub; owner/name is needed"):
        read_submission(folder)


def test_two_models_never_share_a_folder() -> None:
    assert folder_of("a/b", "2026-01-01", "f" * 64) == "results/a--b/2026-01-01-ffffffff"
    with pytest.raises(ValueError, match="is no model id"):
        folder_of("a--b", "2026-01-01", "f" * 64)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda data: data[: len(data) // 2], "truncated"),
        (lambda data: data[:-4], "truncated"),
        (lambda data: data + data, "data after the gzip stream"),
        (lambda data: data + b"x", "data after the gzip stream"),
        (lambda data: data + gzip.compress(b"") * 1_000, "data after the gzip stream"),
        (lambda data: b"PK" + data, "not gzip"),
        (lambda data: data[:-8] + bytes(8), "not gzip, or damaged"),
        (lambda data: gzip.compress(gzip.decompress(data)[:-1]), "its last line has no line break"),
        (lambda data: b"", "truncated"),
    ],
)
def test_damaged_gzip_is_refused(folder: Path, spoil: Callable[[bytes], bytes], message: str) -> None:
    (folder / ANSWERS_GZ).write_bytes(spoil((folder / ANSWERS_GZ).read_bytes()))
    with pytest.raises(ValueError, match=message):
        read_submission(folder)


@pytest.mark.parametrize("content", [b"0", b"\n", b"{}\n"])
def test_a_gzip_bomb_costs_little(folder: Path, content: bytes) -> None:
    (folder / ANSWERS_GZ).write_bytes(gzip.compress(content * ((200 << 20) // len(content)), 1))
    limits = Limits(unpacked_bytes=32 << 20)
    tracemalloc.start()
    with pytest.raises(ValueError, match=ANSWERS_GZ):
        read_submission(folder, limits)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 32 << 20


def test_limits_hold(folder: Path) -> None:
    sizes = {
        "packed_bytes": "bytes, at most 10",
        "unpacked_bytes": "unpacks to more than 10",
        "answers": "more than 10",
    }
    for name, message in {**sizes, "line_bytes": "longer than 10", "json_bytes": "bytes, at most 10"}.items():
        with pytest.raises(ValueError, match=message):
            read_submission(folder, replace(Limits(), **{name: 10}))


def test_what_is_no_file_is_refused(folder: Path) -> None:
    (folder / "result.json").unlink()
    with pytest.raises(ValueError, match=r"^result\.json: missing, or no file$"):
        read_submission(folder)
    (folder / "result.json").mkdir()
    with pytest.raises(ValueError, match=r"result\.json: missing, or no file"):
        read_submission(folder)


def test_words_in_the_mode_likelihood_are_refused(folder: Path, references: list[Reference]) -> None:
    submission = read_submission(folder)
    clips = check_answers(submission, references)
    values = read_lines(folder)
    scene = next(number for number, value in enumerate(values) if value["task"] == "asc")
    values[scene]["mode"] = "likelihood"
    write_lines(folder, values)
    answers = read_submission(folder).answers.values()
    with pytest.raises(ValueError, match=r"asc/0 cannot be used: it has words where scores are needed: .*; correct"):
        check_log(folder / ANSWERS_GZ, submission.result, answers, clips)


def test_other_samples_are_refused_with_both_hashes(folder: Path, references: list[Reference]) -> None:
    values = read_lines(folder)
    theirs, ours = "0" * 64, values[0]["pcm_sha256"]
    values[0]["pcm_sha256"] = theirs
    write_lines(folder, values)
    message = (
        f"^{ANSWERS_GZ}: the answer .*/asr/0 is about samples with the SHA-256 {theirs}, the dataset's clip has {ours}"
    )
    with pytest.raises(ValueError, match=message):
        check_answers(read_submission(folder), references)
    values[0] |= {"pcm_sha256": None}
    write_lines(folder, values)
    with pytest.raises(ValueError, match="answers are of a system that heard the clip and 1 of one that did not"):
        check_answers(read_submission(folder), references)


def test_an_unknown_clip_a_missing_and_a_foreign_answer_are_refused(folder: Path, references: list[Reference]) -> None:
    values = read_lines(folder)
    write_lines(folder, values[1:])
    with pytest.raises(ValueError, match=f"1 of {len(values)} questions have no answer, the first is .*/asr/0"):
        check_answers(read_submission(folder), references)
    write_lines(folder, [{**values[0], "id": "elsewhere"}, *values[1:]])
    with pytest.raises(ValueError, match="'elsewhere' is no clip of the benchmark"):
        check_answers(read_submission(folder), references)
    write_lines(folder, [{**values[0], "system": "another"}, *values[1:]])
    with pytest.raises(ValueError, match="has system 'another'"):
        check_answers(read_submission(folder), references)


@pytest.mark.parametrize(
    ("job", "message"),
    [
        ({"limit": 1}, "incomplete: limited to 1 pair"),
        ({"shard": [1, 2]}, "incomplete: shard 1 of 2"),
        ({"conditions": ["10"]}, "incomplete: only the conditions 10"),
        ({"conditions": ["10", "5", "0", "-5", "-10"]}, "only the conditions"),
    ],
)
def test_a_part_is_refused(folder: Path, references: list[Reference], job: dict[str, Any], message: str) -> None:
    edit(folder, "result.json", lambda values: values["job"].update(job))
    with pytest.raises(ValueError, match=message):
        check_answers(read_submission(folder), references)
