"""The table of answers that are none: never came, could not be read, refused, empty; and of runaway transcripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sseu_report.entries import Entry
from sseu_report.stored_scores import incomplete_reasons, modes_of, number_of, part_of
from sseu_report.tables.records import Column, Row, Share, Table, in_groups, kind_of

_RATES = ("missing", "unparsed", "refused", "empty")


def rates_table(entries: Sequence[Entry]) -> Table | None:
    """What stands beside every score: how many answers never came, could not be read, refused or were empty.

    `runaway` are transcripts with more errors than the reference has words, which WER does not bound.

    Returns:
        None if nothing was scored.

    Raises:
        ValueError: A `scores.json` does not hold what it must.
    """
    rows = []
    for entry in entries:
        for mode, figures in modes_of(entry).items():
            for task in ("asr", "asc", "at"):
                counts = part_of(figures, "counts", entry).get(task)
                if counts is not None:
                    cells = _rates(counts, entry)
                    rows.append(Row((entry.name, mode, task), cells, kind_of(entry), incomplete_reasons(entry, mode)))
    if not rows:
        return None
    notes = [
        "missing: never came; unparsed: could not be read; empty: named nothing. These and refusals score as empty.",
        "runaway: transcripts with more word errors than the reference has words.",
    ]
    for entry in entries:
        notes += [f"{entry.name} is incomplete: {reason}." for reason in entry.result.incomplete]
        if cut := entry.result.answers.cut_short:
            notes.append(f"{entry.name}: {cut} answers were cut at the length limit.")
        if probe := entry.scores.get("noise_probe"):
            notes.append(f"{entry.name}: {probe['words']} words heard in {probe['answered']} clips without speech.")
    columns = (*(Column(name, name) for name in ("answers", *_RATES)), Column("runaway", "runaway"))
    title = "Answers that are none, by task and mode"
    return Table("rates", title, ("System", "Mode", "Task"), columns, in_groups(rows), tuple(notes))


def _rates(counts: Mapping[str, int], entry: Entry) -> tuple[Share | None, ...]:
    asked = int(number_of(counts.get("answers"), entry))
    cells = [Share(int(number_of(counts.get(name, 0), entry)), asked) for name in _RATES]
    runaway = counts.get("runaway")
    return (
        Share(asked, asked),
        *cells,
        None if runaway is None else Share(int(number_of(runaway, entry)), asked),
    )
