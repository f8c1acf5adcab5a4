"""Checksums: published ones are compared, unknown ones recorded at the first download and compared from then on."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import replace

import pytest

from sseu_dataset.download.archives import Archive
from sseu_dataset.download.checksums import ChecksumError, record_archive
from tests.sseu_dataset.download.server import DATA, NEWER, SHA256, Caller, Server, send


def test_wrong_bytes_are_named_and_deleted(server: Server, archive: Archive, call: Caller) -> None:
    server.replies = [send(NEWER), send(DATA)]
    with pytest.raises(ChecksumError) as error:
        call(archive)
    found = hashlib.sha256(NEWER).hexdigest()
    assert f"sha256 expected {SHA256} (published), found {found}" in str(error.value)
    assert "It has been deleted: run the same command again." in str(error.value)
    assert call.names() == []
    assert call(archive).read_bytes() == DATA


def test_md5_is_checked_too(server: Server, archive: Archive, call: Caller) -> None:
    server.replies = [send()]
    call(replace(archive, checksum=f"md5:{hashlib.md5(DATA).hexdigest()}"))
    (call.folder / "corpus.zip").unlink()
    with pytest.raises(ChecksumError, match="md5 expected 00ff"):
        call(replace(archive, checksum="md5:00ff"))


def test_a_checked_file_is_not_fetched_again(server: Server, archive: Archive, call: Caller) -> None:
    (call.folder / "corpus.zip").write_bytes(DATA)
    assert call(archive).read_bytes() == DATA
    assert server.requests == []


def test_a_wrong_file_of_that_name_is_left_alone(server: Server, archive: Archive, call: Caller) -> None:
    (call.folder / "corpus.zip").write_bytes(NEWER)
    with pytest.raises(ChecksumError, match=rf"{SHA256} \(published\).*Delete it and run the same command again\."):
        call(archive)
    assert (call.folder / "corpus.zip").read_bytes() == NEWER
    assert server.requests == []


def test_an_unknown_checksum_is_recorded_then_compared(server: Server, archive: Archive, call: Caller) -> None:
    unknown = replace(archive, checksum=None)
    server.replies = [send()]
    (call.folder / "checksums.txt").write_text("00ff  another.zip\n")
    path = call(unknown)
    assert call.messages == []
    record_archive(unknown, path, call.messages.append)
    record_archive(unknown, path, call.messages.append)  # once is enough
    book = call.folder / "checksums.txt"
    said = f"recorded, not verified: no checksum is published; sha256 {SHA256} is now in {book}"
    assert call.messages == [f"corpus.zip: {said}"]
    assert book.read_text() == f"00ff  another.zip\n{SHA256}  corpus.zip\n"

    call(unknown)
    assert call.messages[1] == f"corpus.zip: as recorded on first use in {book}"

    (call.folder / "corpus.zip").unlink()
    server.replies = [send(NEWER)]
    with pytest.raises(ChecksumError, match=rf"expected {SHA256} \(recorded on first use in .*txt\)") as error:
        call(unknown)
    assert str(error.value).endswith(f"If it has changed, first delete the line of corpus.zip in {book}.")
    assert call.names() == ["checksums.txt"]
    assert len(server.requests) == 2


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="needs sha256sum")
def test_sha256sum_reads_the_record(server: Server, archive: Archive, call: Caller) -> None:
    server.replies = [send()]
    unknown = replace(archive, checksum=None)
    record_archive(unknown, call(unknown), call.messages.append)
    subprocess.run(["sha256sum", "--check", "--strict", "checksums.txt"], cwd=call.folder, check=True)
