"""Unpacking archives that are damaged, hostile or interrupted."""

import contextlib
import gzip
import io
import os
import random
import resource
import signal
import stat
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sseu_dataset.download.unpack import MARKER, ArchiveError, is_unpacked, unpack

LIMIT = 1_000_000
Maker = Callable[[Path, Mapping[str, bytes]], Path]
FILES = {"a.txt": b"one", "folder/b.wav": b"two" * 1000, "folder/ä ö/c.txt": b""}


def make_zip(path: Path, files: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in files.items():
            bundle.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return path


def make_tar(path: Path, files: Mapping[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as bundle:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            bundle.addfile(member, io.BytesIO(content))
    return path


MAKERS = pytest.mark.parametrize(("make", "ending"), [(make_zip, "zip"), (make_tar, "tar.gz")])


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below the folder but the marker."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != MARKER
    }


@MAKERS
def test_every_file_arrives(tmp_path: Path, make: Maker, ending: str) -> None:
    archive = make(tmp_path / f"x.{ending}", FILES)
    target = tmp_path / "deep" / "target"
    assert unpack(archive, target, limit_bytes=LIMIT) == target
    assert contents(target) == FILES
    assert (target / MARKER).read_text() == f"x.{ending}\n"
    assert sorted(path.name for path in target.parent.iterdir()) == ["target"]


def test_real_tools_archives(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "folder").mkdir(parents=True)
    (source / "folder" / "b.txt").write_bytes(b"two")
    subprocess.run(["tar", "-czf", tmp_path / "x.tar.gz", "-C", source, "."], check=True)
    unpack(tmp_path / "x.tar.gz", tmp_path / "target", limit_bytes=LIMIT)
    assert contents(tmp_path / "target") == {"folder/b.txt": b"two"}


@MAKERS
@pytest.mark.parametrize("top", ["", "audio/", "./audio/", "Corpus/audio/"])
def test_a_top_folder_of_the_targets_name_is_dropped(tmp_path: Path, make: Maker, ending: str, top: str) -> None:
    archive = make(tmp_path / f"x.{ending}", {f"{top}home/a.wav": b"1", f"{top}b.wav": b"2"})
    target = tmp_path / "Corpus" / "audio"
    unpack(archive, target, limit_bytes=LIMIT)
    assert contents(target) == {"home/a.wav": b"1", "b.wav": b"2"}


@MAKERS
@pytest.mark.parametrize("junk", ["__MACOSX/target/x", "._target", "target/._a.wav", "target/audio/._-b.wav"])
def test_what_macos_adds_is_left_out(tmp_path: Path, make: Maker, ending: str, junk: str) -> None:
    archive = make(tmp_path / f"x.{ending}", {junk: b"junk", "target/a.wav": b"1", "target/audio/-b.wav": b"2"})
    unpack(archive, tmp_path / "target", limit_bytes=LIMIT)
    assert contents(tmp_path / "target") == {"a.wav": b"1", "audio/-b.wav": b"2"}


@MAKERS
@pytest.mark.parametrize(
    "name",
    ["../out", "/tmp/out", "a/../../out", "a/..", "..\\out", "C:/out", "C:\\out", "\\\\host\\out", "target/../../out"],
)
def test_a_name_that_leads_out_is_refused(tmp_path: Path, make: Maker, ending: str, name: str) -> None:
    archive = make(tmp_path / f"x.{ending}", {"good": b"1", name: b"2"})
    with pytest.raises(ArchiveError, match=rf"x\.{ending} holds .*, a name that leads out of its folder"):
        unpack(archive, tmp_path / "target", limit_bytes=LIMIT)
    assert [path.name for path in tmp_path.iterdir()] == [archive.name]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_a_link_or_device_in_a_tar_is_refused(tmp_path: Path, kind: bytes) -> None:
    archive = tmp_path / "x.tar.gz"
    with tarfile.open(archive, "w:gz") as bundle:
        member = tarfile.TarInfo("odd")
        member.type, member.linkname = kind, "/etc/passwd"
        bundle.addfile(member)
    with pytest.raises(ArchiveError, match=r"x\.tar\.gz holds odd, a link or device and not a file"):
        unpack(archive, tmp_path / "target", limit_bytes=LIMIT)
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_a_link_or_device_in_a_zip_is_refused(tmp_path: Path, kind: int) -> None:
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w") as bundle:
        member = zipfile.ZipInfo("odd")
        member.external_attr = (kind | 0o777) << 16
        bundle.writestr(member, "/etc/passwd")
    with pytest.raises(ArchiveError, match="holds odd, a link or device and not a file"):
        unpack(archive, tmp_path / "target", limit_bytes=LIMIT)
    assert not (tmp_path / "target").exists()


@MAKERS
def test_more_than_the_limit_is_refused_before_it_is_written(tmp_path: Path, make: Maker, ending: str) -> None:
    archive = make(tmp_path / f"x.{ending}", {"a": b"\0" * 600, "b": b"\0" * 600})
    with pytest.raises(ArchiveError, match=r"unpacks to more than 1000 bytes \(at b\)"):
        unpack(archive, tmp_path / "target", limit_bytes=1000)
    assert [path.name for path in tmp_path.iterdir()] == [archive.name]
    unpack(archive, tmp_path / "target", limit_bytes=1200)


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        (10, r"x\.zip is damaged .*Bad CRC-32 for file 'a'.*download it again"),
        (200, r"x\.zip is damaged \(a holds 100 bytes or more and declares 200\)"),
    ],
)
def test_a_zip_that_declares_another_size_than_it_holds_is_refused(tmp_path: Path, declared: int, message: str) -> None:
    archive = make_zip(tmp_path / "x.zip", {"a": b"\0" * 100})
    data = bytearray(archive.read_bytes())
    for place, offset in ((data.index(b"PK\x01\x02"), 24), (data.index(b"PK\x03\x04"), 22)):
        data[place + offset : place + offset + 4] = struct.pack("<I", declared)
    archive.write_bytes(data)
    with pytest.raises(ArchiveError, match=message):
        unpack(archive, tmp_path / "target", limit_bytes=1000)
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize("harm", ["no name", "offset before the file"])
def test_a_damaged_table_of_a_zip_is_refused(tmp_path: Path, harm: str) -> None:
    archive = make_zip(tmp_path / "x.zip", {"a": b"1"})
    data = bytearray(archive.read_bytes())
    if harm == "no name":
        data[data.index(b"PK\x01\x02") + 46] = 0
    else:
        data[data.index(b"PK\x05\x06") + 17] += 4
    archive.write_bytes(data)
    with pytest.raises(ArchiveError, match=r"x\.zip is damaged \(no name or position in the table for"):
        unpack(archive, tmp_path / "target", limit_bytes=1000)


def test_a_tar_of_negative_size_is_refused(tmp_path: Path) -> None:
    header = bytearray(tarfile.TarInfo("a").tobuf())
    header[124:136] = b"\xff" * 12  # -1 in GNU base-256
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header[:512])
    archive = tmp_path / "x.tar.gz"
    archive.write_bytes(gzip.compress(bytes(header) + b"\0" * 1024))
    with pytest.raises(ArchiveError, match=r"x\.tar\.gz is damaged"):
        unpack(archive, tmp_path / "target", limit_bytes=LIMIT)


def test_an_endless_tail_is_refused(tmp_path: Path) -> None:
    archive = make_tar(tmp_path / "x.tar.gz", {"a": b"1"})
    archive.write_bytes(archive.read_bytes() + gzip.compress(b"\0" * 3 * LIMIT))
    with pytest.raises(ArchiveError, match="continues endlessly after its last file"):
        unpack(archive, tmp_path / "target", limit_bytes=LIMIT)


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "x.zip", {"a": b"1"})
    data = bytearray(archive.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(data)
    with pytest.raises(ArchiveError, match="holds a encrypted or compressed in an unusual way"):
        unpack(archive, tmp_path / "target", limit_bytes=LIMIT)


@MAKERS
@pytest.mark.parametrize("names", [["a", "target/a"], ["a", "a/b"], ["a/b", "a"], [MARKER]])
def test_a_name_given_twice_is_refused(tmp_path: Path, make: Maker, ending: str, names: list[str]) -> None:
    archive = make(tmp_path / f"x.{ending}", dict.fromkeys(names, b"1"))
    with pytest.raises(ArchiveError, match=r"names .*/target\.unpacking/.* twice"):
        unpack(archive, tmp_path / "target", limit_bytes=LIMIT)


@MAKERS
def test_a_truncated_archive_is_refused(tmp_path: Path, make: Maker, ending: str) -> None:
    noise = random.Random(0).randbytes(5000)
    archive = make(tmp_path / f"x.{ending}", {"a": noise, "b": noise})
    data = archive.read_bytes()
    for length in range(10, len(data), 997):
        archive.write_bytes(data[:length])
        with pytest.raises(ArchiveError, match=r"is damaged \(.*\): delete it and run the same command to"):
            unpack(archive, tmp_path / "target", limit_bytes=LIMIT)
        assert not (tmp_path / "target").exists()


@MAKERS
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_gives_right_contents_or_an_archive_error(
    tmp_path: Path, make: Maker, ending: str, data: st.DataObject
) -> None:
    folder = Path(tempfile.mkdtemp(dir=tmp_path))
    archive = make(folder / f"x.{ending}", FILES)
    content = bytearray(archive.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(8, len(content) - 1))] = data.draw(st.integers(0, 255))
    archive.write_bytes(content)
    target = folder / "target"
    with contextlib.suppress(ArchiveError):
        unpack(archive, target, limit_bytes=LIMIT)
    # A zip protects contents, not its table of names: a file may become a folder, but never be wrong inside.
    assert set(contents(target).values()) <= set(FILES.values())
    assert {path.name for path in folder.iterdir()} <= {archive.name, "target"}


@pytest.mark.parametrize("start", [b"<!DOCTYPE html>", b""])
def test_something_else_is_refused(tmp_path: Path, start: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(start)
    with pytest.raises(ArchiveError, match=r"x\.zip is neither a zip nor a tar\.gz \(it begins with b'"):
        unpack(tmp_path / "x.zip", tmp_path / "target", limit_bytes=LIMIT)


def test_unpacking_twice_does_nothing(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "x.zip", FILES)
    target = unpack(archive, tmp_path / "target", limit_bytes=LIMIT)
    (target / "a.txt").write_text("mine now")
    archive.unlink()
    assert unpack(archive, target, limit_bytes=LIMIT) == target
    assert (target / "a.txt").read_text() == "mine now"


def test_a_folder_of_the_users_is_not_touched(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "x.zip", FILES)
    target = tmp_path / "target"
    target.mkdir()
    assert not is_unpacked(target)
    (target / "mine.txt").write_text("")
    with pytest.raises(ArchiveError, match=r"target exists, but it was not unpacked there by this command: move it"):
        unpack(archive, target, limit_bytes=LIMIT)
    (target / "mine.txt").unlink()
    unpack(archive, target, limit_bytes=LIMIT)
    assert is_unpacked(target)
    assert contents(target) == FILES


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL])
@MAKERS
def test_a_stopped_unpacking_is_not_complete_and_is_done_again(
    tmp_path: Path, make: Maker, ending: str, stop: signal.Signals
) -> None:
    many = {f"{number}.txt": b"x" * 100 for number in range(100)}
    archive = make(tmp_path / f"x.{ending}", many)
    target, staging = tmp_path / "target", tmp_path / "target.unpacking"
    script = """
import os, pathlib, sys
from sseu_dataset.download.unpack import unpack

def stop(event, given):
    if event == "open" and os.path.basename(str(given[0])) == "50.txt":
        os.kill(os.getpid(), int(sys.argv[3]))

sys.addaudithook(stop)
unpack(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), limit_bytes=1_000_000)
"""
    command = [sys.executable, "-c", script, str(archive), str(target), str(int(stop))]
    child = subprocess.run(command, capture_output=True, timeout=60)
    assert child.returncode != 0
    assert staging.exists()
    assert not is_unpacked(target)

    unpack(archive, target, limit_bytes=LIMIT)
    assert contents(target) == many
    assert not staging.exists()


@MAKERS
def test_a_full_disk_is_named_and_cleaned_up(tmp_path: Path, make: Maker, ending: str) -> None:
    archive = make(tmp_path / f"x.{ending}", {"big.wav": b"\0" * 100_000})
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        with pytest.raises(OSError, match=r"File too large: '.*target"):
            unpack(archive, tmp_path / "target", limit_bytes=LIMIT)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [path.name for path in tmp_path.iterdir()] == [archive.name]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_write_permission_is_named(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "x.zip", FILES)
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    with pytest.raises(PermissionError, match=r"Permission denied: '.*/locked/target"):
        unpack(archive, locked / "target", limit_bytes=LIMIT)


def test_a_missing_archive_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"No such file or directory: '.*absent\.zip'"):
        unpack(tmp_path / "absent.zip", tmp_path / "target", limit_bytes=LIMIT)
    assert list(tmp_path.iterdir()) == []
