"""The official archives of the three corpora: address, licence, size and checksum."""

from __future__ import annotations

from dataclasses import dataclass


class DownloadError(RuntimeError):
    """An archive could not be downloaded; the message names the URL and the remedy."""


@dataclass(frozen=True, slots=True)
class Archive:
    """One file of an official record.

    Attributes:
        corpus: The corpus it belongs to: `vctk`, `desed` or `maestro`.
        name: Name of the file on disk, ending in `.zip` or `.gz`.
        url: Address of the file.
        target: The folder to unpack into, relative to the download folder; its first part is the corpus root.
        source: The record's web page.
        licence: The licence's terms in a sentence.
        size_bytes: Size of the file; an estimate unless `size_is_exact`.
        unpacked_bytes: Upper estimate of the unpacked size.
        size_is_exact: Whether the size is published, and therefore checked.
        checksum: `sha256:<hex>` or `md5:<hex>`; None if none is published.
    """

    corpus: str
    name: str
    url: str
    target: str
    source: str
    licence: str
    size_bytes: int
    unpacked_bytes: int
    size_is_exact: bool = False
    checksum: str | None = None


def _maestro(part: str, *, size_bytes: int, unpacked_bytes: int, checksum: str) -> Archive:
    source = "https://zenodo.org/records/7244360"
    return Archive(
        corpus="maestro",
        name=f"{part}.zip",
        url=f"{source}/files/{part}.zip?download=1",
        target=f"MAESTRO_Real_development/{part}",
        source=source,
        licence="two statements exist, CC BY 4.0 and an academic licence of Tampere University (experimental and "
        "non-commercial use only, copyright notice kept); treat it as non-commercial and do not redistribute the audio",
        size_bytes=size_bytes,
        unpacked_bytes=unpacked_bytes,
        checksum=checksum,
    )


OFFICIAL: tuple[Archive, ...] = (
    Archive(
        corpus="vctk",
        name="VCTK-Corpus-0.92.zip",
        url="https://datashare.ed.ac.uk/bitstream/handle/10283/3443/VCTK-Corpus-0.92.zip",
        target="VCTK-Corpus-0.92",
        source="https://doi.org/10.7488/ds/2645",
        licence="CC BY 4.0; may be redistributed with attribution",
        size_bytes=11_747_302_977,
        size_is_exact=True,
        unpacked_bytes=12_500_000_000,
        checksum="sha256:f96258be9fdc2cbff6559541aae7ea4f59df3fcaf5cf963aae5ca647357e359c",
    ),
    Archive(
        corpus="desed",
        name="DESED_public_eval.tar.gz",
        url="https://zenodo.org/records/4560759/files/DESED_public_eval.tar.gz?download=1",
        target="DESED",
        source="https://zenodo.org/records/4560759",
        licence="clips from YouTube, each under the licence its uploader chose; do not redistribute the audio",
        size_bytes=890_000_000,
        unpacked_bytes=1_300_000_000,
    ),
    _maestro(
        "development_audio",
        size_bytes=2_610_000_000,
        unpacked_bytes=3_200_000_000,
        checksum="md5:3de7cb4f92a115a6f5cc077a41ca07b3",
    ),
    _maestro(
        "development_annotation",
        size_bytes=1_000_000,
        unpacked_bytes=20_000_000,
        checksum="md5:e6a3f84f8020725d559b38ccb494ef3d",
    ),
)
"""The files the benchmark needs. Checksums as in torchaudio and TFDS (VCTK) and soundata (MAESTRO); for DESED none was
found. The size of VCTK is exact, the others are rounded from public reports."""
