"""Fetching over a network that fails in every way we know of, against a local server."""

import hashlib
import os
import random
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import tracemalloc
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sseu_dataset.download import fetch as fetch_module
from sseu_dataset.download.archives import Archive, DownloadError
from sseu_dataset.download.checksums import ChecksumError, record_archive
from sseu_dataset.download.fetch import fetch

DATA = b"PK\x03\x04" + random.Random(1).randbytes(200_000)
NEWER = b"PK\x03\x04" + random.Random(2).randbytes(150_000)
SHA256 = hashlib.sha256(DATA).hexdigest()

Reply = Callable[[BaseHTTPRequestHandler], None]


class Server(ThreadingHTTPServer):
    """Answers with its replies in order; the last one for ever."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies: list[Reply] = []
        self.requests: list[Message] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/corpus.zip?download=1"

    def ranges(self) -> list[str | None]:
        return [headers["Range"] for headers in self.requests]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is part of these tests."""


class Handler(BaseHTTPRequestHandler):
    """Keeps every request and gives the server's next reply."""

    def do_GET(self) -> None:
        assert isinstance(self.server, Server)
        self.server.requests.append(self.headers)
        replies = self.server.replies
        (replies.pop(0) if len(replies) > 1 else replies[0])(self)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def send(
    payload: bytes = DATA,
    *,
    ranges: bool = True,
    stop_after: int | None = None,
    reset: bool = False,
    stall_s: float = 0.0,
    etag: str | None = None,
    modified: str | None = None,
    obeys_if_range: bool = True,
    content_range: str | None = None,
    with_length: bool = True,
    content_type: str = "application/octet-stream",
) -> Reply:
    """The file, or the range asked for; broken off after `stop_after` bytes."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        asked, held = handler.headers["Range"], handler.headers["If-Range"]
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and ranges else 0
        if held and obeys_if_range and held not in (etag, modified):
            start = 0
        if start >= len(payload):
            handler.send_response(416)
            handler.send_header("Content-Range", f"bytes */{len(payload)}")
            handler.end_headers()
            return
        handler.send_response(206 if start else 200)
        if start:
            default = f"bytes {start}-{len(payload) - 1}/{len(payload)}"
            handler.send_header("Content-Range", default if content_range is None else content_range)
        if with_length:
            handler.send_header("Content-Length", str(len(payload) - start))
        handler.send_header("Content-Type", content_type)
        if etag:
            handler.send_header("ETag", etag)
        if modified:
            handler.send_header("Last-Modified", modified)
        handler.end_headers()
        handler.wfile.write(payload[start:][:stop_after])
        handler.wfile.flush()
        if stall_s:
            time.sleep(stall_s)
        if reset:
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()

    return reply


def refuse(status: int, retry_after: str | None = None) -> Reply:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        if retry_after is not None:
            handler.send_header("Retry-After", retry_after)
        handler.end_headers()

    return reply


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "*")
    with Server() as running:
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield running
        running.shutdown()


@pytest.fixture
def archive(server: Server) -> Archive:
    """What most tests fetch: neither its exact size nor its licence matter, its checksum does."""
    return Archive(
        corpus="vctk",
        name="corpus.zip",
        url=server.url,
        target="corpus",
        source="https://records.example/1",
        licence="CC BY 4.0",
        size_bytes=len(DATA),
        unpacked_bytes=len(DATA),
        checksum=f"sha256:{SHA256}",
    )


class Caller:
    """Calls fetch and keeps what it said and how long it waited."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.messages: list[str] = []
        self.waits: list[float] = []

    def __call__(self, archive: Archive, retries: int = 8) -> Path:
        return fetch(archive, self.folder, announce=self.messages.append, retries=retries, sleep=self.waits.append)

    @property
    def part(self) -> Path:
        return self.folder / "corpus.zip.part"

    def leave_part(self, content: bytes, version: str = "") -> None:
        self.part.write_bytes(content)
        (self.folder / "corpus.zip.part.version").write_text(version)

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def call(tmp_path: Path) -> Caller:
    return Caller(tmp_path)


def test_one_request_brings_the_file_and_leaves_nothing_else(server: Server, archive: Archive, call: Caller) -> None:
    server.replies = [send(etag='"1"')]
    path = call(archive)
    assert path == call.folder / "corpus.zip"
    assert path.read_bytes() == DATA
    assert call.names() == ["corpus.zip"]
    assert call.messages == []
    assert call.waits == []


def test_makes_the_folder(server: Server, archive: Archive, tmp_path: Path) -> None:
    server.replies = [send()]
    assert Caller(tmp_path / "new" / "folder")(archive).read_bytes() == DATA


def test_broken_connections_are_resumed_where_they_broke(server: Server, archive: Archive, call: Caller) -> None:
    server.replies = [
        send(etag='"1"', stop_after=150_000),
        send(etag='"1"', stop_after=20_000),
        send(etag='"1"', stop_after=0),
        send(etag='"1"'),
    ]
    assert call(archive).read_bytes() == DATA
    assert server.ranges() == [None, "bytes=150000-", "bytes=170000-", "bytes=170000-"]
    assert [headers["If-Range"] for headers in server.requests] == [None, '"1"', '"1"', '"1"']
    assert call.waits == [1.0, 2.0, 4.0]
    assert call.messages[0] == ("corpus.zip: the connection broke after 150000 of 200004 bytes; next attempt in 1 s")


def test_reset_connection_is_resumed(server: Server, archive: Archive, call: Caller) -> None:
    server.replies = [send(stop_after=140_000, reset=True), send()]
    assert call(archive).read_bytes() == DATA
    assert len(server.requests) == 2


def test_stalled_connection_is_resumed(
    server: Server, archive: Archive, call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch_module, "_TIMEOUT_S", 0.2)
    server.replies = [send(stop_after=140_000, stall_s=0.6), send()]
    assert call(archive).read_bytes() == DATA
    assert "timed out" in call.messages[0]


def test_an_empty_answer_costs_nothing_that_has_arrived(server: Server, archive: Archive, call: Caller) -> None:
    server.replies = [send(stop_after=0), send(stop_after=150_000), send(ranges=False, stop_after=0), send()]
    assert call(archive).read_bytes() == DATA
    assert server.ranges() == [None, None, "bytes=150000-", "bytes=150000-"]
    assert call.messages[0] == "corpus.zip: the server sent nothing; next attempt in 1 s"


def test_attempts_without_progress_are_bounded(server: Server, archive: Archive, call: Caller) -> None:
    server.replies = [send(stop_after=100_000), send(stop_after=0)]
    with pytest.raises(DownloadError, match=r"corpus\.zip\?download=1: given up after 3 attempts without progress"):
        call(archive, retries=2)
    assert len(server.requests) == 3
    assert call.part.read_bytes() == DATA[:100_000]
    assert len(call.waits) == 2


def test_a_server_that_always_breaks_at_the_same_place_is_given_up(
    server: Server, archive: Archive, call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch_module, "_PROGRESS_BYTES", 1000)
    server.replies = [send(ranges=False, stop_after=100_000)]
    with pytest.raises(DownloadError, match="given up after 4 attempts"):
        call(archive, retries=3)
    assert len(server.requests) == 4


def test_progress_starts_the_count_of_retries_again(
    server: Server, archive: Archive, call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch_module, "_PROGRESS_BYTES", 20_000)
    server.replies = [*[send(stop_after=30_000)] * 6, send()]
    assert call(archive, retries=1).read_bytes() == DATA
    assert call.waits == [1.0] * 6


def test_refused_connections_are_bounded(archive: Archive, call: Caller) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    nobody = replace(archive, url=f"http://127.0.0.1:{port}/corpus.zip")
    with pytest.raises(DownloadError, match=r"given up after 10 attempts .*no connection .*run the same command again"):
        call(nobody, retries=9)
    assert call.waits == [1, 2, 4, 8, 16, 30, 30, 30, 30]


def test_a_server_that_ignores_range_starts_from_zero(server: Server, archive: Archive, call: Caller) -> None:
    server.replies = [send(stop_after=150_000), send(ranges=False)]
    assert call(archive).read_bytes() == DATA
    assert server.ranges() == [None, "bytes=150000-"]


@pytest.mark.parametrize("said", ["bytes 0-200003/200004", "bytes 149999-200003/200004", "", "bytes */200004"])
def test_a_range_that_was_not_asked_for_is_refused(server: Server, archive: Archive, call: Caller, said: str) -> None:
    server.replies = [send(stop_after=150_000), send(content_range=said), send()]
    assert call(archive).read_bytes() == DATA
    assert server.ranges() == [None, "bytes=150000-", None]
    assert f"asked for the bytes from 150000, the server sends {said!r}" in call.messages[1]


def test_503_waits_as_long_as_the_server_asks(server: Server, archive: Archive, call: Caller) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    past = format_datetime(datetime.now(UTC) - timedelta(seconds=100), usegmt=True)
    server.replies = [refuse(503, "7"), refuse(503, later), refuse(503, past), refuse(429, "soon"), refuse(503), send()]
    assert call(archive).read_bytes() == DATA
    assert call.waits[0] == 7
    assert 90 < call.waits[1] <= 100
    assert call.waits[2:] == [4, 8, 16]
    assert call.messages[0] == "corpus.zip: HTTP 503 Service Unavailable; next attempt in 7 s"


def test_503_for_ever_is_bounded(server: Server, archive: Archive, call: Caller) -> None:
    server.replies = [refuse(503)]
    with pytest.raises(DownloadError, match=r"given up after 3 attempts .* HTTP 503 Service Unavailable"):
        call(archive, retries=2)
    assert len(server.requests) == 3


def test_a_very_long_wait_is_left_to_the_user(server: Server, archive: Archive, call: Caller) -> None:
    server.replies = [refuse(503, "7200")]
    with pytest.raises(DownloadError, match="the server asks to wait 7200 s: run the same command again then"):
        call(archive)
    assert call.waits == []


@pytest.mark.parametrize(("status", "words"), [(404, "Not Found"), (403, "Forbidden"), (410, "Gone")])
def test_a_dead_address_is_final(server: Server, archive: Archive, call: Caller, status: int, words: str) -> None:
    server.replies = [refuse(status)]
    with pytest.raises(DownloadError) as error:
        call(archive)
    message = str(error.value)
    assert message.startswith(f"{server.url}: HTTP {status} {words}.")
    assert "Look at https://records.example/1, fetch corpus.zip in a browser" in message
    assert f"put it into {call.folder} and run the same command again" in message
    assert len(server.requests) == 1


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


@pytest.mark.parametrize("offered", [DATA[:1000], DATA + b"more"])
def test_a_file_of_another_than_the_known_size_is_refused(
    server: Server, archive: Archive, call: Caller, offered: bytes
) -> None:
    server.replies = [send(offered)]
    call.leave_part(DATA[:500])
    with pytest.raises(DownloadError, match=rf"the server offers {len(offered)} bytes, corpus\.zip has 200004"):
        call(replace(archive, size_is_exact=True))
    assert call.part.read_bytes() == DATA[:500]
    assert len(server.requests) == 1


def test_more_bytes_than_the_known_size_are_not_kept(server: Server, archive: Archive, call: Caller) -> None:
    server.replies = [send(DATA + b"more", with_length=False), send()]
    assert call(replace(archive, size_is_exact=True)).read_bytes() == DATA
    assert "the server sent more than 200004 bytes" in call.messages[0]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"etag": '"1"'}, {"etag": '"2"'}),
        ({"modified": "Mon, 01 Jan 2024 00:00:00 GMT"}, {"modified": "Tue, 02 Jan 2024 00:00:00 GMT"}),
    ],
)
@pytest.mark.parametrize("obeys", [True, False])
def test_a_file_that_changed_between_attempts_is_not_mixed(
    server: Server, archive: Archive, call: Caller, old: dict[str, str], new: dict[str, str], obeys: bool
) -> None:
    changed = replace(archive, checksum=f"sha256:{hashlib.sha256(NEWER).hexdigest()}")
    server.replies = [
        send(DATA, stop_after=100_000, etag=old.get("etag"), modified=old.get("modified")),
        send(NEWER, etag=new.get("etag"), modified=new.get("modified"), obeys_if_range=obeys),
    ]
    assert call(changed).read_bytes() == NEWER
    assert server.requests[1]["If-Range"] == next(iter(old.values()))
    assert server.ranges() == [None, "bytes=100000-"] + ([] if obeys else [None])


def test_a_weak_etag_is_no_range_condition(server: Server, archive: Archive, call: Caller) -> None:
    server.replies = [send(stop_after=100_000, etag='W/"1"'), send(etag='W/"1"')]
    assert call(archive).read_bytes() == DATA
    assert server.requests[1]["If-Range"] is None


@pytest.mark.parametrize("received", [0, 1000])
def test_a_web_page_instead_of_the_archive(server: Server, archive: Archive, call: Caller, received: int) -> None:
    server.replies = [send(b"<!DOCTYPE html><title>Sign in</title>", ranges=False, content_type="text/html")]
    if received:
        call.leave_part(DATA[:received])
    with pytest.raises(DownloadError) as error:
        call(archive)
    assert "not corpus.zip but text/html beginning with b'<!DOCTYPE html><title>" in str(error.value)
    assert "Look at https://records.example/1" in str(error.value)
    assert (call.part.read_bytes() if received else b"") == DATA[:received]  # nothing that had arrived is lost
    assert len(server.requests) == 1


def test_a_length_nobody_tells_needs_a_checksum(server: Server, archive: Archive, call: Caller) -> None:
    server.replies = [send(with_length=False)]
    with pytest.raises(DownloadError, match="does not say how long the file is and no checksum is published"):
        call(replace(archive, checksum=None))
    assert call(archive).read_bytes() == DATA


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_named_with_path_and_remedy(server: Server, archive: Archive, call: Caller) -> None:
    server.replies = [send()]
    call.part.symlink_to("/dev/full")
    with pytest.raises(
        OSError, match="No space left on device: free some space or choose a folder on another"
    ) as error:
        call(archive)
    assert error.value.filename == str(call.folder)
    assert len(server.requests) == 1


def test_a_folder_that_cannot_be_made_is_named(server: Server, archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError, match=r"check this path: '.*/file/below'"):
        Caller(tmp_path / "file" / "below")(archive)
    assert server.requests == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_write_permission_is_named(server: Server, archive: Archive, tmp_path: Path) -> None:
    server.replies = [send()]
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    with pytest.raises(PermissionError, match=r"choose a folder you may write to: '.*/locked"):
        Caller(folder)(archive)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_run_is_continued(server: Server, archive: Archive, call: Caller, stop: signal.Signals) -> None:
    server.replies = [send(etag='"1"', stop_after=196_608, stall_s=30), send(etag='"1"')]
    script = (
        "import sys, pathlib\n"
        "from sseu_dataset.download.archives import Archive\n"
        "from sseu_dataset.download.fetch import fetch\n"
        f"fetch({archive!r}, pathlib.Path(sys.argv[1]), announce=print)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", script, str(call.folder)], stderr=subprocess.PIPE)
    deadline = time.monotonic() + 20
    while not (call.part.exists() and call.part.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.01)
    child.send_signal(stop)
    child.communicate(timeout=20)
    assert child.returncode != 0
    assert not (call.folder / "corpus.zip").exists()
    arrived = call.part.read_bytes()
    assert arrived
    assert DATA.startswith(arrived)

    assert call(archive).read_bytes() == DATA
    assert server.ranges() == [None, f"bytes={len(arrived)}-"]


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


@pytest.mark.parametrize(("exact", "requests"), [(True, 0), (False, 1)])
def test_a_run_stopped_before_the_renaming_is_finished(
    server: Server, archive: Archive, call: Caller, exact: bool, requests: int
) -> None:
    server.replies = [send()]
    call.leave_part(DATA)
    assert call(replace(archive, size_is_exact=exact)).read_bytes() == DATA
    assert len(server.requests) == requests
    assert call.names() == ["corpus.zip"]


def test_a_part_longer_than_the_file_is_dropped(server: Server, archive: Archive, call: Caller) -> None:
    server.replies = [send()]
    call.leave_part(DATA + b"more")
    assert call(archive).read_bytes() == DATA
    assert server.ranges() == ["bytes=200008-", None]
    assert "HTTP 416" in call.messages[0]


def test_missing_certificates_are_explained(archive: Archive, call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def untrusted(*args: object, **kwargs: object) -> None:
        error = ssl.SSLCertVerificationError("certificate verify failed")
        error.verify_message = "unable to get local issuer certificate"
        raise urllib.error.URLError(error)

    monkeypatch.setattr(urllib.request, "urlopen", untrusted)
    with pytest.raises(DownloadError, match=r"unable to get local issuer.*apt-get install ca-certificates"):
        call(archive)
    assert call.waits == []


def test_a_large_file_is_never_held_in_memory(server: Server, archive: Archive, call: Caller) -> None:
    block, blocks = DATA[: 1 << 16], 256

    def stream(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(block) * blocks))
        handler.end_headers()
        for _ in range(blocks):
            handler.wfile.write(block)

    server.replies = [stream]
    digest = hashlib.sha256()
    for _ in range(blocks):
        digest.update(block)
    tracemalloc.start()
    try:
        call(replace(archive, checksum=f"sha256:{digest.hexdigest()}"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < len(block) * blocks / 4
