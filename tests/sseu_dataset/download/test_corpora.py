"""From the announcement to three unpacked corpora, against a local server; the official addresses by their form."""

import functools
import hashlib
import io
import re
import shutil
import tarfile
import threading
import zipfile
from collections import namedtuple
from collections.abc import Iterator
from dataclasses import replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sseu_dataset.download.archives import OFFICIAL, Archive, DownloadError
from sseu_dataset.download.corpora import download
from sseu_dataset.download.unpack import ArchiveError
from sseu_dataset.records import DatasetError

FILES = {
    "VCTK-Corpus-0.92.zip": {"txt/p225/p225_001.txt": b"text", "speaker-info.txt": b"ID"},
    "DESED_public_eval.tar.gz": {"dataset/metadata/eval/public.tsv": b"filename\tonset\toffset\tevent_label\n"},
    "development_audio.zip": {"development_audio/grocery_store/grocery_store_01.wav": b"RIFF"},
    "development_annotation.zip": {"soft_labels_grocery_store/grocery_store_01.txt": b"0\t1\tcar\t1\n"},
}
Usage = namedtuple("Usage", ["total", "used", "free"])


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder, without Range, and keeps the paths asked for."""

    paths: list[str] = []  # noqa: RUF012 (shared on purpose: one handler object per request)

    def do_GET(self) -> None:
        self.paths.append(self.path)
        super().do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Archive]]:
    """The official archives with tiny contents, served from this machine."""
    root = tmp_path_factory.mktemp("server")
    for name, files in FILES.items():
        if name.endswith(".zip"):
            with zipfile.ZipFile(root / name, "w") as bundle:
                for member, content in files.items():
                    bundle.writestr(member, content)
        else:
            with tarfile.open(root / name, "w:gz") as tar:
                for member, content in files.items():
                    info = tarfile.TarInfo(member)
                    info.size = len(content)
                    tar.addfile(info, io.BytesIO(content))
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(root))) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield [
            replace(
                archive,
                url=f"http://127.0.0.1:{server.server_port}/{archive.name}?download=1",
                size_bytes=(root / archive.name).stat().st_size,
                checksum=archive.checksum and f"md5:{hashlib.md5((root / archive.name).read_bytes()).hexdigest()}",
                unpacked_bytes=10_000,
            )
            for archive in OFFICIAL
        ]
        server.shutdown()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(Handler, "paths", [])


def test_the_official_records_are_well_formed() -> None:
    assert [archive.corpus for archive in OFFICIAL] == ["vctk", "desed", "maestro", "maestro"]
    for archive in OFFICIAL:
        assert archive.url.startswith("https://")
        assert archive.name in archive.url
        if "zenodo" in archive.url:
            assert re.fullmatch(rf"https://zenodo\.org/records/\d+/files/{archive.name}\?download=1", archive.url)
        if archive.checksum:
            assert re.fullmatch(r"sha256:[0-9a-f]{64}|md5:[0-9a-f]{32}", archive.checksum)
    assert [archive.name for archive in OFFICIAL if archive.checksum is None] == ["DESED_public_eval.tar.gz"]


def test_the_three_roots_have_the_official_layouts(archives: list[Archive], tmp_path: Path) -> None:
    folder = tmp_path / "new"
    roots = download(folder, announce=lambda message: None, archives=archives)
    assert roots == {
        "vctk": folder / "VCTK-Corpus-0.92",
        "desed": folder / "DESED",
        "maestro": folder / "MAESTRO_Real_development",
    }
    assert (roots["vctk"] / "txt/p225/p225_001.txt").read_bytes() == b"text"
    assert (roots["desed"] / "dataset/metadata/eval/public.tsv").is_file()
    assert (roots["maestro"] / "development_audio/grocery_store/grocery_store_01.wav").is_file()
    assert (roots["maestro"] / "development_annotation/soft_labels_grocery_store/grocery_store_01.txt").is_file()


def test_licences_sizes_and_sources_come_before_the_first_request(archives: list[Archive], tmp_path: Path) -> None:
    messages: list[tuple[str, int]] = []
    download(tmp_path, announce=lambda message: messages.append((message, len(Handler.paths))), archives=archives)
    statement, requests_before = messages[0]
    assert requests_before == 0
    assert "By downloading you accept their licences" in statement
    assert "vctk: VCTK-Corpus-0.92.zip (0.0 GB) from https://doi.org/10.7488/ds/2645. Licence: CC BY 4.0" in statement
    assert "each under the licence its uploader chose; do not redistribute the audio" in statement
    assert statement.count("CC BY 4.0 and an academic licence of Tampere University") == 1
    assert "treat it as non-commercial" in statement
    assert len(messages) == 2  # beside the statement only DESED's missing checksum is worth a message
    assert messages[1][0].startswith("DESED_public_eval.tar.gz: recorded, not verified")


def test_the_official_statement_gives_the_official_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(10**12, 0, 30_000_000_000))
    messages: list[str] = []
    with pytest.raises(OSError, match=r"about 32\.3 GB are needed and 30\.0 GB are free: free some space") as error:
        download(tmp_path, announce=messages.append)
    assert error.value.filename == str(tmp_path)
    assert "about 15.2 GB to download, 32.3 GB on disk" in messages[0]
    assert "VCTK-Corpus-0.92.zip (11.7 GB)" in messages[0]


def test_what_is_there_is_not_fetched_again(
    archives: list[Archive], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    download(tmp_path, announce=lambda message: None, archives=archives)
    for archive in archives:
        (tmp_path / archive.name).unlink()
    with monkeypatch.context() as patch:  # complete corpora need no right to write
        patch.setattr("sseu_dataset.download.corpora.locked", lambda *_: pytest.fail("locked"))
        assert download(tmp_path, announce=lambda message: None, archives=archives)["desed"] == tmp_path / "DESED"
    assert len(Handler.paths) == 4

    shutil.rmtree(tmp_path / "DESED")
    download(tmp_path, announce=lambda message: None, archives=archives)
    assert Handler.paths[4:] == ["/DESED_public_eval.tar.gz?download=1"]


def test_what_has_arrived_needs_no_space_again(
    archives: list[Archive], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vctk = replace(archives[0], size_bytes=10**9)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(10**12, 0, 10**9))
    with pytest.raises(OSError, match="GB are needed"):
        download(tmp_path, announce=lambda message: None, archives=[vctk])
    with (tmp_path / f"{vctk.name}.part").open("wb") as part:
        part.truncate(10**8)
    with pytest.raises(DownloadError):  # enough space now: the request is made and its size found wrong
        download(tmp_path, announce=lambda message: None, archives=[vctk])
    assert Handler.paths == ["/VCTK-Corpus-0.92.zip?download=1"]


def test_a_folder_of_the_users_stops_before_any_request(archives: list[Archive], tmp_path: Path) -> None:
    (tmp_path / "DESED").mkdir()
    (tmp_path / "DESED" / "mine.wav").write_bytes(b"")
    with pytest.raises(ArchiveError, match="DESED exists, but it was not unpacked there by this command"):
        download(tmp_path, announce=lambda message: None, archives=archives)
    assert Handler.paths == []


def test_a_dead_address_leaves_what_is_finished(archives: list[Archive], tmp_path: Path) -> None:
    gone = replace(archives[0], url=archives[0].url.replace(".zip", ".gone"))
    with pytest.raises(DownloadError, match=r"VCTK-Corpus-0\.92\.gone.*HTTP 404.*https://doi\.org/10\.7488/ds/2645"):
        download(tmp_path, announce=lambda message: None, archives=[gone, *archives[1:]])
    assert download(tmp_path, announce=lambda message: None, archives=archives)["vctk"].is_dir()
    assert len(set(Handler.paths)) == len(Handler.paths) == 5


def test_the_checksum_of_a_damaged_archive_is_not_recorded(archives: list[Archive], tmp_path: Path) -> None:
    name = "DESED_public_eval.tar.gz"
    download(tmp_path, announce=lambda message: None, archives=archives)
    good = (tmp_path / name).read_bytes()
    shutil.rmtree(tmp_path / "DESED")
    (tmp_path / "checksums.txt").unlink()
    (tmp_path / name).write_bytes(good[:-8] + bytes(8))  # what gzip tells only at the end
    with pytest.raises(ArchiveError, match="delete it and run the same command to download it again"):
        download(tmp_path, announce=lambda message: None, archives=archives)
    assert not (tmp_path / "checksums.txt").exists()
    (tmp_path / name).unlink()
    download(tmp_path, announce=lambda message: None, archives=archives)
    digest = hashlib.sha256(good).hexdigest()
    assert (tmp_path / "checksums.txt").read_text() == f"{digest}  {name}\n"


def test_a_second_download_into_the_same_folder_is_locked_out(archives: list[Archive], tmp_path: Path) -> None:
    refused: list[str] = []

    def start_another(message: str) -> None:
        if "recorded, not verified" in message:  # half-way through the first one
            with pytest.raises(DatasetError) as error:
                download(tmp_path, announce=lambda message: None, archives=archives)
            refused.append(str(error.value))

    download(tmp_path, announce=start_another, archives=archives)
    assert refused == [f"{tmp_path}: another download is writing here; wait for it or give another folder"]
    assert len(Handler.paths) == 4
    shutil.rmtree(tmp_path / "DESED")
    download(tmp_path, announce=lambda message: None, archives=archives)  # the lock ended with the first
    assert len(Handler.paths) == 4  # the archive itself is still there


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileExistsError, match=r"File exists: '.*/file'"):
        download(tmp_path / "file", announce=lambda message: None)
