"""Fetching over a network that fails in every known way, against a local server."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import tracemalloc
import urllib.error
import urllib.request
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from sseu_dataset.download import fetch as fetch_module
from sseu_dataset.download.archives import Archive, DownloadError
from tests.sseu_dataset.download.server import DATA, NEWER, Caller, Server, refuse, send


def test_one_request_brings_the_file_and_leaves_nothing_else(server: Server, archive: Archive, call: Caller) -> None:
    server.replies = [send(etag='"1"')]
    path = call(archive)
    assert path == call.folder / "corpus.zip"
    assert path.read_bytes() == DATA
    assert call.names() == ["corpus.zip"]
    assert call.messages == []
    assert call.waits == []


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


def test_a_busy_server_is_waited_for_as_long_as_it_asks(server: Server, archive: Archive, call: Caller) -> None:
    server.replies = [*(refuse(503, retry_after) for retry_after in ("7", "7.5", "soon", None)), send()]
    assert call(archive).read_bytes() == DATA
    assert call.waits == [7, 7.5, 4, 8]
    assert call.messages[0] == "corpus.zip: HTTP 503 Service Unavailable; next attempt in 7 s"


def test_a_very_long_wait_is_left_to_the_user(server: Server, archive: Archive, call: Caller) -> None:
    server.replies = [refuse(503, "7200")]
    with pytest.raises(DownloadError, match="the server asks to wait 7200 s: run the same command again then"):
        call(archive)
    assert call.waits == []


@pytest.mark.parametrize(
    ("status", "words"), [(400, "Bad Request"), (403, "Forbidden"), (404, "Not Found"), (410, "Gone")]
)
def test_a_dead_address_is_final(server: Server, archive: Archive, call: Caller, status: int, words: str) -> None:
    server.replies = [refuse(status)]
    with pytest.raises(DownloadError) as error:
        call(archive)
    message = str(error.value)
    assert message.startswith(f"{server.url}: HTTP {status} {words}.")
    assert "Download corpus.zip from https://records.example/1 in a browser" in message
    assert f"put it into {call.folder} and run the same command again" in message
    assert len(server.requests) == 1


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
    assert "Download corpus.zip from https://records.example/1" in str(error.value)
    assert (call.part.read_bytes() if received else b"") == DATA[:received]  # nothing that had arrived is lost
    assert len(server.requests) == 1


def test_a_length_nobody_tells_needs_a_checksum(server: Server, archive: Archive, call: Caller) -> None:
    server.replies = [send(with_length=False)]
    with pytest.raises(DownloadError, match="does not state the file's length and no checksum is published"):
        call(replace(archive, checksum=None))
    assert call(archive).read_bytes() == DATA


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_named_with_its_path(server: Server, archive: Archive, call: Caller) -> None:
    server.replies = [send()]
    call.part.symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left on device") as error:
        call(archive)
    assert error.value.filename == str(call.folder)
    assert len(server.requests) == 1


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
