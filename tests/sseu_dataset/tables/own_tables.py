"""Two corpora of nobody, described by tables: noise, each with a line that a test may change."""

from __future__ import annotations

from pathlib import Path

from tests.sseu_dataset.tiny_corpora import noise, write_audio

SPEECH = """\
file\ttext\tspeaker\tlanguage\tgender
a/one.wav\tA sentence of our own.\tanna\ten\tF
a/two.flac\t"Another", she said.\tanna\ten\tF
b/three.wav\tAnd a third.\tben\ten\tM
b/four.wav\tThe last of them.\tben\ten\tM
"""
BACKGROUND = """\
file\tscene\tonset\toffset\tlabel\trecording\tstart
street.wav\tCity Center\t1.0\t3.5\tCar\tstreet\t0
street.wav\tCity Center\t3.5\t10\tCar\tstreet\t0
street.wav\tCity Center\t2\t4\tFootsteps\tstreet\t0
street.wav\tCity Center\t\t\t\tstreet\t10
kitchen/k1.wav\tHome\t0.5\t4.0\tDishes\tk1\t
"""


def own_speech(root: Path, table: str = SPEECH, name: str = "letters.tsv") -> Path:
    """The table; its recordings have 2, 3, 4 and 5 s at 16 and 44.1 kHz."""
    for seconds, file, rate_hz in (
        (2, "a/one.wav", 16_000),
        (3, "a/two.flac", 44_100),
        (4, "b/three.wav", 16_000),
        (5, "b/four.wav", 44_100),
    ):
        write_audio(root / file, noise(file, seconds, rate_hz, 0.3), rate_hz)
    return write_table(root / name, table)


def own_background(root: Path, table: str = BACKGROUND, name: str = "places.tsv") -> Path:
    """The table; the street lasts 25 s, the kitchen 4 s."""
    for seconds, file, rate_hz in ((25, "street.wav", 44_100), (4, "kitchen/k1.wav", 22_050)):
        write_audio(root / file, noise(file, seconds, rate_hz, 0.1), rate_hz)
    return write_table(root / name, table)


def write_table(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def changed(table: str, line: int, column: str, cell: str) -> str:
    """The table with another cell on a line, counted from 1."""
    lines = [text.split("\t") for text in table.splitlines()]
    lines[line - 1][lines[0].index(column)] = cell
    return "".join("\t".join(cells) + "\n" for cells in lines)


def with_column(table: str, column: str, cells: list[str]) -> str:
    """The table with a further column."""
    texts = [column, *cells]
    return "".join(f"{line}\t{cell}\n" for line, cell in zip(table.splitlines(), texts, strict=True))
