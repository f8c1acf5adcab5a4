"""Weights are what is in them: one changed byte anywhere, other names, links, and a cache that may be broken."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sseu_dataset.corpora.headers import default_cache
from sseu_models.systems import content
from sseu_models.systems.content import content_sha256, public_value


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A folder with three files, one of them in a folder of its own."""
    folder = tmp_path / "files" / "weights"
    (folder / "nested").mkdir(parents=True)
    for name in ("model.bin", "config.json", "nested/tokens"):
        (folder / name).write_bytes(name.encode() * 1000)
    return folder


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were read; all files count as settled."""
    read: list[str] = []
    really = content._hash_file

    def hash_file(path: str, bar: object) -> str:
        read.append(Path(path).name)
        return really(path, bar)

    monkeypatch.setattr(content, "_hash_file", hash_file)
    monkeypatch.setattr(content, "_SETTLED_NS", -(10**12))
    return read


def flip(path: Path) -> None:
    """Change one bit; size and modification time stay."""
    status = path.stat()
    changed = bytearray(path.read_bytes())
    changed[len(changed) // 2] ^= 1
    path.write_bytes(changed)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_a_folder_is_the_hash_of_its_sorted_lines(weights: Path) -> None:
    names = ("config.json", "model.bin", "nested/tokens")
    lines = "".join(f"{hashlib.sha256(name.encode() * 1000).hexdigest()}  {name}\n" for name in names)
    assert content_sha256(weights) == hashlib.sha256(lines.encode()).hexdigest()
    assert content_sha256(weights / "model.bin") == hashlib.sha256(b"model.bin" * 1000).hexdigest()


@pytest.mark.parametrize("name", ["model.bin", "config.json", "nested/tokens"])
def test_one_bit_of_any_file_is_seen_with_unchanged_size_and_time(weights: Path, hashed: list[str], name: str) -> None:
    first = content_sha256(weights)
    flip(weights / name)
    assert content_sha256(weights) != first
    assert hashed[3:] == [Path(name).name]


def test_names_and_places_inside_count_and_the_place_of_the_folder_does_not(weights: Path, tmp_path: Path) -> None:
    first = content_sha256(weights)
    moved = weights.rename(tmp_path / "elsewhere")
    assert content_sha256(moved) == first
    (moved / "model.bin").rename(moved / "nested" / "model.bin")
    assert content_sha256(moved) != first


@pytest.mark.parametrize(
    "name", ["README.md", ".git/HEAD", "nested/__pycache__/x.pyc", "LICENSE", "run.log", "NOTICE.txt"]
)
def test_what_changes_no_answer_does_not_count(weights: Path, name: str) -> None:
    first = content_sha256(weights)
    (weights / name).parent.mkdir(exist_ok=True)
    (weights / name).write_text("tuned by me")
    assert content_sha256(weights) == first


@pytest.mark.parametrize("name", ["vocab.txt", "model.pt", "modeling.py", "x", "template.jinja", "nested/deep/a.onnx"])
def test_any_other_file_counts(weights: Path, name: str) -> None:
    first = content_sha256(weights)
    (weights / name).parent.mkdir(exist_ok=True)
    (weights / name).touch()
    assert content_sha256(weights) != first


def test_links_are_followed_and_circles_end(weights: Path, tmp_path: Path) -> None:
    first = content_sha256(weights)
    linked = tmp_path / "linked"
    linked.mkdir()
    for path in weights.iterdir():
        (linked / path.name).symlink_to(path)
    assert content_sha256(linked) == first
    (linked / "nested" / "up").symlink_to(linked)
    (linked / "nothing").symlink_to(tmp_path / "absent")
    os.mkfifo(linked / "pipe")
    assert content_sha256(linked) == first
    flip(weights / "model.bin")
    assert content_sha256(linked) != first


def test_files_are_read_once_until_they_change(weights: Path, hashed: list[str]) -> None:
    first = content_sha256(weights)
    assert sorted(hashed) == ["config.json", "model.bin", "tokens"]
    assert content_sha256(weights) == first
    assert len(hashed) == 3


def test_a_file_that_has_just_changed_is_not_cached(
    weights: Path, monkeypatch: pytest.MonkeyPatch, hashed: list[str]
) -> None:
    monkeypatch.setattr(content, "_SETTLED_NS", 10**15)
    for _ in range(2):
        content_sha256(weights / "model.bin")
    assert hashed == ["model.bin"] * 2


def _garbage(cache: Path) -> None:
    cache.write_bytes(b"not a database" * 100)


def _wrong_value(cache: Path) -> None:
    with sqlite3.connect(cache) as connection:
        connection.execute("UPDATE content_1 SET sha256 = 'abc'")


def _other_table(cache: Path) -> None:
    with sqlite3.connect(cache) as connection:
        connection.execute("DROP TABLE content_1")


def _folder(cache: Path) -> None:
    cache.unlink()
    cache.mkdir()


def _cut(cache: Path) -> None:
    cache.write_bytes(cache.read_bytes()[:5000])


@pytest.mark.parametrize("damage", [_garbage, _wrong_value, _other_table, _folder, _cut])
def test_a_damaged_cache_changes_nothing(weights: Path, hashed: list[str], damage: Callable[[Path], None]) -> None:
    first = content_sha256(weights)
    cache = default_cache().with_name("content.sqlite")
    damage(cache)
    assert content_sha256(weights) == first
    assert len(hashed) == 6
    if damage is not _folder:
        assert content_sha256(weights) == first
        assert len(hashed) == 6  # written anew


def test_several_processes_may_write_at_once(tmp_path: Path, hashed: list[str]) -> None:
    files = [tmp_path / f"{number}.bin" for number in range(6)]
    for file in files:
        file.write_text(file.name)
    threads = [threading.Thread(target=content_sha256, args=(file,)) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(hashed) == 6
    assert [content_sha256(file) for file in files] == [hashlib.sha256(f.name.encode()).hexdigest() for f in files]
    assert len(hashed) == 6


def test_names_that_are_not_utf8_are_hashed(tmp_path: Path, hashed: list[str]) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / os.fsdecode(b"\xff.bin")).write_text("a")
    first = content_sha256(folder)
    assert first == content_sha256(folder)
    (folder / os.fsdecode(b"\xff.bin")).write_text("b")
    assert content_sha256(folder) != first


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"absent: there is no such file or folder"):
        content_sha256(tmp_path / "absent")


def test_recorded_values_hold_no_path(weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    (weights / ".git" / "refs").mkdir(parents=True)
    (weights / ".git" / "HEAD").write_text("ref: refs/main\n")
    (weights / ".git" / "refs" / "main").write_text("0123456789abcdef0123\n")
    file = weights / "model.bin"
    recorded = public_value(
        {"folder": str(weights), "more": [str(file), 1, None, True], "text": "a /home/somebody/b", "root": "/"}
    )
    assert recorded == {
        "folder": {"name": "weights", "sha256": content_sha256(weights), "commit": "0123456789abcdef0123"},
        "more": [{"name": "model.bin", "sha256": content_sha256(file)}, 1, None, True],
        "text": "a ~/b",
        "root": "/",
    }
    assert public_value(recorded) == recorded
    assert str(tmp_path) not in str(recorded)
