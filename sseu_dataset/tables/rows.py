"""The rows of a table of speech or backgrounds, and what both kinds of table have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sseu_dataset.corpora.audio import Header
from sseu_dataset.corpora.folders import leads_outside, reason
from sseu_dataset.records import RATE_HZ, CorpusError, SourceIssue, corpus_name_fault
from sseu_dataset.tables.delimited import Fault, cell_fault, describe_faults, escaped, fields_of, lines_of, records_of
from sseu_metric.suggestions import did_you_mean

_MAX_LISTED = 40
_MAX_NAME_BYTES = 255
_MAX_ID_BYTES = 120
_MIN_RATE_HZ = 8_000
_FETCH, _RESTORE = "fetch it again", "replace it by a sound file"


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a line by column; the text of a column that the table does not have is empty."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """The text of a cell, without blanks around it."""
        return self.cells[column]


@dataclass(frozen=True)
class Rows:
    """The rows of a table that could be read, what is wrong with the others, and its further columns."""

    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]
    notes: tuple[SourceIssue, ...]


def table_name(path: Path) -> str:
    """The name of the corpus that a table describes: that of its file, without the ending.

    Raises:
        CorpusError: It cannot be the name of a corpus.
    """
    if fault := corpus_name_fault(path.stem):
        raise CorpusError(f"{path}: {fault}; rename the table, whose name is that of its corpus")
    return path.stem


def read_rows(path: Path, required: Collection[str], optional: Collection[str]) -> Rows:
    """Read the columns of a tab-separated table with their names in its first line.

    Raises:
        CorpusError: There is no such file, it lacks a column or has one twice, or it has no row.
        DatasetError: It is not UTF-8, or empty.
    """
    if not path.is_file():
        raise CorpusError(f"{path}: no such table; give a tab-separated file (docs/tables.md)")
    lines = lines_of(path.read_bytes(), str(path))
    header = [name.strip() for name in fields_of(lines[0][1], "\t")]
    if len(header) == 1 and (instead := next((sign for sign in ",;" if sign in header[0]), None)):
        name = {",": "commas", ";": "semicolons"}[instead]
        raise CorpusError(f"{path}: its first line has {name} and no tab; save the table with tabs between its columns")
    for column in required:
        if column not in header:
            raise CorpusError(
                f"{path}: no column {column!r} in its first line, which has {', '.join(header)[:300]}"
                f"{did_you_mean(column, header)}; it has to name {', '.join(required)}, with tabs between them"
            )
    if doubled := [name for name, count in Counter(header).items() if count > 1 and name in {*required, *optional}]:
        raise CorpusError(f"{path}: the column {doubled[0]!r} is there twice; rename one")
    wanted = [name for name in (*required, *optional) if name in header]
    absent = dict.fromkeys(name for name in optional if name not in header)
    rows, faults = [], []
    for number, fields in records_of(lines[1:], "\t", len(header)):
        if isinstance(fields, str):
            faults.append(Fault(number, fields))
        elif len(fields) != len(header):
            faults.append(Fault(number, f"{len(fields)} fields under {len(header)} columns: check the tabs"))
        else:
            cells = {name: fields[header.index(name)].strip() for name in wanted}
            wrong = [Fault(number, fault) for name, cell in cells.items() if (fault := cell_fault(name, cell))]
            faults += wrong
            rows.append(Row(number, {**dict.fromkeys(absent, ""), **cells}))
    if not rows and not faults:
        raise CorpusError(f"{path}: it has no row below its first line, which names the columns")
    known = [*required, *optional]
    further = [f"{name}{did_you_mean(name, absent)}" for name in header if name not in known]
    notes = [SourceIssue(path.name, f"columns not used: {', '.join(further)}")] if further else []
    return Rows(tuple(rows), tuple(faults), tuple(notes))


def refuse_faults(path: Path, faults: Iterable[Fault], whole: Sequence[str] = (), problems: Sequence[str] = ()) -> None:
    """Raise a CorpusError that lists all that is wrong, if a line is or the whole table.

    Args:
        path: The table.
        faults: What is wrong on which lines.
        whole: What is wrong with the table as a whole.
        problems: Missing and unreadable files, which alone are no reason to refuse it here.
    """
    listed = [*whole, *describe_faults(faults)]
    if listed:
        listed += problems
        more = [f"and {len(listed) - _MAX_LISTED} more"] if len(listed) > _MAX_LISTED else []
        text = "".join(f"\n  {escaped(line)}" for line in [*listed[:_MAX_LISTED], *more])
        raise CorpusError(f"{path}: the table cannot be used:{text}\nchange it and run the command again")


def relative_file(root: Path, cell: str) -> str:
    """The path of a row's file below the table's folder, with `/`.

    Raises:
        ValueError: It is empty, is no path, or leads out of the folder.
    """
    if not cell:
        raise ValueError("no file is named")
    file = PurePosixPath(cell)
    if not file.parts or "\0" in cell or max(len(part.encode()) for part in file.parts) > _MAX_NAME_BYTES:
        raise ValueError(f"{cell!r:.80} is not the path of a file")
    if "\\" in cell:
        raise ValueError(f"{cell!r:.80} has a backslash; write / between folders and file")
    if file.is_absolute():
        raise ValueError(f"{cell!r:.80} is not relative to the table's folder; put the table above its files")
    if ".." in file.parts:
        raise ValueError(f"{cell!r:.80} has '..'; name the file by its path below the table's folder")
    if leads_outside(root, root / file):
        raise ValueError(f"{cell!r:.80} is a symbolic link that leads out of the table's folder; copy the file there")
    return file.as_posix()


def id_of(cell: str, default: str, column: str) -> str:
    """The id in a cell, or the default where it is empty.

    Raises:
        ValueError: It holds what an id cannot.
    """
    name = cell or default
    if not name.isprintable() or set(name) & set("/\\|") or len(name.encode()) > _MAX_ID_BYTES or name.startswith("."):
        raise ValueError(
            f"{name!r:.80} cannot be an id: it has / \\ | or an unprintable character, begins with a dot or is longer "
            f"than {_MAX_ID_BYTES} bytes; give another in the column {column!r}"
        )
    return name


def audio_fault(path: Path, header: Header | CorpusError | None, place: str) -> str | None:
    """Why the file of a row cannot be used; None if it can. The header of a missing file is None."""
    if header is None:
        return f"missing; correct the table, or restore the file{place}"
    if isinstance(header, CorpusError):
        return f"{in_words_of_a_table(reason(header, path))}{place}"
    if header.rate_hz < _MIN_RATE_HZ:
        return f"{header.rate_hz} Hz are too few for speech and sounds, at least {_MIN_RATE_HZ} Hz are needed{place}"
    return None


def in_words_of_a_table(fault: str) -> str:
    """The fault of a file with the remedy for one that is not fetched: the user's own."""
    return fault.replace(_FETCH, _RESTORE)


def format_notes(table: str, headers: Collection[Header]) -> list[SourceIssue]:
    """One note for each sampling rate that is resampled and each number of channels that are averaged."""
    rates = Counter(header.rate_hz for header in headers if header.rate_hz != RATE_HZ)
    channels = Counter(header.channels for header in headers if header.channels > 1)
    found = [(count, f"{rate_hz} Hz, resampled to {RATE_HZ} Hz") for rate_hz, count in sorted(rates.items())]
    found += [(count, f"{number} channels, averaged") for number, count in sorted(channels.items())]
    return [SourceIssue(table, f"{count} file{'s' * (count > 1)} of {what}") for count, what in found]
