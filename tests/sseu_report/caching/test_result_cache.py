"""The cache of analyses: the same report from it, a new analysis after any change, and files that nobody trusts."""

from __future__ import annotations

import json
import logging
import os
import pickle
import resource
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from sseu_models.results.folder import RESULT
from sseu_models.results.log import FILE_NAME as ANSWERS
from sseu_report.caching import answer_scores, result_cache
from sseu_report.caching.result_cache import ResultCache
from sseu_report.entries import ScoredEntry, read_entries, score_entries
from sseu_report.findings import collect
from sseu_report.findings.collect import as_json, collect_findings
from sseu_report.writing import FINDINGS, PAGE, report


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the cache."""
    folder = tmp_path / "cache" / "sseu-bench" / "analyses"
    monkeypatch.setattr(result_cache, "default_folder", lambda: folder)
    return folder


@pytest.fixture
def result(folders: list[Path], tmp_path: Path) -> Path:
    """A results folder that may be changed."""
    return shutil.copytree(folders[0], tmp_path / "result")


@contextmanager
def nothing_computed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whoever computes an analysis fails."""

    def refuse(*_: object) -> None:
        raise AssertionError("this is stored")

    with monkeypatch.context() as patch:
        patch.setattr(answer_scores, "score_answers", refuse)
        patch.setattr(collect, "find_mode_gaps", refuse)
        yield


def scored(*results: Path) -> list[ScoredEntry]:
    return score_entries(read_entries(list(results)))


def found(*results: Path) -> str:
    return json.dumps(as_json(collect_findings(scored(*results))))


def test_a_report_from_the_cache_is_the_same_to_the_byte(
    folders: list[Path], kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = report(folders, tmp_path / "first", clips=2, progress=False)
    assert len(list(kept.iterdir())) == 4 * len(folders)  # scores, findings, ranks and labels
    with nothing_computed(monkeypatch):
        again = report(folders, tmp_path / "again", clips=2, progress=False)
    for name in (PAGE, FINDINGS):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name
    assert str(first).splitlines()[:-1] == str(again).splitlines()[:-1]


def test_nothing_is_kept_for_others_to_read(result: Path, kept: Path) -> None:
    scored(result)
    assert kept.stat().st_mode & 0o777 == 0o700
    assert [path.stat().st_mode & 0o777 for path in kept.iterdir()] == [0o600]


def test_a_changed_answer_is_analysed_anew(result: Path, kept: Path) -> None:
    (before,) = scored(result)
    lines = (result / ANSWERS).read_text().splitlines(keepends=True)
    number = next(number for number, line in enumerate(lines) if '"task":"asr"' in line and '"text":"' in line)
    answer = json.loads(lines[number])
    lines[number] = json.dumps(answer | {"text": "more words " * 40}, separators=(",", ":")) + "\n"
    (result / ANSWERS).write_text("".join(lines))
    (after,) = scored(result)
    assert len(list(kept.iterdir())) == 2
    assert before.entry.modes["independent"].value("wer") != after.entry.modes["independent"].value("wer")
    assert after.tampered is not None
    changed = [key for key, one in after.answers.items() if one.text == "more words " * 40]
    assert [(key.id, key.run) for key in changed] == [(answer["id"], answer["run"])]


def test_whatever_a_score_follows_from_is_in_the_key(
    result: Path, kept: Path, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was asked and how stands in `result.json`; embedder, dataset, code and versions are those of now."""
    (one,) = scored(result)
    entry, dataset = one.entry.result, one.dataset.identity

    def key() -> str | None:
        return result_cache.analysis_key(entry, "a" * 64, dataset)

    keys = [key(), result_cache.analysis_key(entry, "b" * 64, dataset)]
    keys.append(result_cache.analysis_key(entry, "a" * 64, dataset.replace(fingerprint="c" * 64)))
    assert entry.scoring is not None
    other = entry.replace(scoring=entry.scoring.replace(normalizer="basic"))
    keys.append(result_cache.analysis_key(other, "a" * 64, dataset))
    for name, value in (("_code_sha256", lambda: "d" * 64), ("_version", lambda name: f"{name} 99")):
        with monkeypatch.context() as patch:
            patch.setattr(result_cache, name, value)
            keys.append(key())
    asked = entry.replace(scoring=entry.scoring.replace(embedder="openai:some-model"))
    keys.append(result_cache.analysis_key(asked, "a" * 64, dataset))
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:9/v1")
    keys.append(result_cache.analysis_key(asked, "a" * 64, dataset))
    assert None not in keys
    assert len(set(keys)) == len(keys) == 8
    unknown = entry.replace(scoring=entry.scoring.replace(embedder=f"sentence-transformers:{result / 'gone'}"))
    assert result_cache.analysis_key(unknown, "a" * 64, dataset) is None


def test_any_change_of_a_source_file_is_another_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"sseu_dataset", "sseu_metric", "sseu_models", "sseu_report"} == {*result_cache._CODE}
    package = tmp_path / "package_of_a_test"
    (package / "inner").mkdir(parents=True)
    for name in ("__init__.py", "inner/module.py"):
        (package / name).write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(result_cache, "_CODE", (package.name,))
    code = result_cache._code_sha256.__wrapped__
    found = [code(), code()]
    (package / "inner" / "module.py").write_text("# changed")
    found.append(code())
    (package / "inner" / "module.py").rename(package / "inner" / "other.py")
    found.append(code())
    assert found[0] == found[1]
    assert len(set(found)) == 3


@pytest.mark.parametrize("part", ["scores", "findings", "ranks", "labels"])
def test_a_damaged_file_is_made_again(folders: list[Path], kept: Path, part: str) -> None:
    whole = found(*folders)
    (path, *_) = sorted(kept.glob(f"*.{part}.analysis"))
    content = path.read_bytes()
    for damaged in (b"", content[:-9], content[:100] + bytes([content[100] ^ 1]) + content[101:], b"PK\x03\x04" * 99):
        path.write_bytes(damaged)
        assert found(*folders) == whole
        assert result_cache._read(path) is not None


def test_a_file_under_another_name_is_not_taken(folders: list[Path], kept: Path) -> None:
    whole = [one.entry.scores for one in scored(*folders)]
    first, second = sorted(kept.iterdir())
    first.write_bytes(second.read_bytes())
    assert [one.entry.scores for one in scored(*folders)] == whole


class _Attack:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch hacked",)


@pytest.mark.parametrize("value", [_Attack(), {"scores": 1}, Path("/")], ids=["a call", "another type", "a class"])
def test_a_foreign_pickle_is_not_run(
    result: Path, kept: Path, value: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where name and checksum are right."""
    monkeypatch.chdir(tmp_path)
    (one,) = scored(result)
    (path,) = kept.iterdir()
    packed = zlib.compress(pickle.dumps(value))
    path.write_bytes(result_cache._HEAD + result_cache._digest(path, packed) + packed)
    (again,) = scored(result)
    assert again.entry.scores == one.entry.scores
    assert not (tmp_path / "hacked").exists()


def test_a_folder_that_others_can_write_to_is_not_used(
    result: Path, kept: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kept.mkdir(parents=True)
    kept.chmod(0o777)
    with caplog.at_level(logging.WARNING):
        scored(result)
        scored(result)
    (record,) = caplog.records
    assert record.getMessage() == (
        f"the cache of analyses {kept} can be written to by others, and is not used; make it private with: chmod 700 "
        f"{kept}"
    )
    assert not list(kept.iterdir())


def test_a_place_without_a_folder_is_reported_once(
    result: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "analyses"
    monkeypatch.setattr(result_cache, "default_folder", lambda: folder)
    with caplog.at_level(logging.WARNING):
        assert found(result) == found(result)
    (record,) = caplog.records
    assert record.getMessage().startswith(f"the cache of analyses {folder} cannot be used (")
    assert record.getMessage().endswith("; continuing without it")


def test_a_full_disk_is_reported_once_and_leaves_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cache = ResultCache("key", tmp_path / "analyses")
    made = answer_scores.AnswerScores({}, "x" * 100_000 + os.urandom(50_000).hex(), (), np.zeros(1, dtype=np.int64))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))
    try:
        with caplog.at_level(logging.WARNING):
            results = [cache.get("scores", answer_scores.AnswerScores, lambda: made) for _ in range(2)]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert results == [made, made]
    assert not list((tmp_path / "analyses").iterdir())
    (record,) = caplog.records
    assert record.getMessage() == (
        f"nothing can be stored in the cache of analyses {tmp_path / 'analyses'} (File too large); continuing without "
        "it"
    )


def test_beyond_its_bound_the_least_recently_used_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "analyses"

    def get(key: str) -> bool:
        """Whether it was stored."""
        calls = []

        def make() -> answer_scores.AnswerScores:
            calls.append(key)
            return answer_scores.AnswerScores({}, os.urandom(4_000).hex(), (), np.zeros(1, dtype=np.int64))

        ResultCache(key, folder).get("scores", answer_scores.AnswerScores, make)
        return not calls

    assert not any(get(key) for key in "abc")
    for age_s, key in enumerate("cba"):  # a is the oldest
        path = folder / f"{key}.scores.analysis"
        os.utime(path, (1_000_000 - age_s, 1_000_000 - age_s))
    assert get("a")  # used now
    size = path.stat().st_size
    monkeypatch.setattr(result_cache, "MAX_BYTES", int(3.5 * size))
    assert not get("d")
    assert [get(key) for key in "dac"] == [True, True, True]
    assert not (folder / "b.scores.analysis").exists()


def test_results_without_an_answer_are_kept_too(result: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (result / ANSWERS).unlink()
    (one,) = scored(result)
    with nothing_computed(monkeypatch):
        (again,) = scored(result)
    assert dict(one.answers) == dict(again.answers) == {}
    assert again.entry.result.incomplete == one.entry.result.incomplete
    assert (result / RESULT).exists()
