"""A built dataset written as other people keep mixtures: WAV files and a table."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import soundfile

from sseu_dataset import load
from sseu_dataset.records import RATE_HZ
from sseu_dataset.rows.samples import read_pcm
from sseu_metric.labels import EVENTS, SCENES

NAMES: tuple[str, ...] = (
    "audio",
    "pair_id",
    "snr_db",
    "scene",
    "events",
    "speaker_id",
    "utterance_id",
    "speaker_gender",
)
NAMES += ("speaker_accent", "background_corpus", "source_recording_id", "transcript")

MAP = 'licence = "test"\n[columns]\n' + "".join(f'{name} = "{name}"\n' for name in NAMES)


def export(folder: Path, out: Path) -> list[dict[str, str]]:
    """Write every clip as WAV; the lines of the table, whose last column is the text."""
    out.mkdir(parents=True, exist_ok=True)
    lines = []
    for row in load(folder):
        name = f"{row['id']}.wav"
        soundfile.write(out / name, read_pcm(row), RATE_HZ, subtype="PCM_16")
        known: dict[str, Any] = {
            **row,
            "audio": name,
            "snr_db": row["condition"],
            "scene": "" if row["scene"] is None else SCENES[row["scene"]],
            "events": ";".join(EVENTS[event] for event in row["events"]),
        }
        lines.append({key: str(known[key] or "") for key in NAMES})
    return lines


def write_csv(path: Path, lines: Sequence[Mapping[str, str]], separator: str = ",", quoted: bool = True) -> Path:
    """A table, quoted as the csv module does it, or not at all."""
    with path.open("w", encoding="utf-8", newline="") as file:
        if quoted:
            writer = csv.DictWriter(file, [*lines[0]], delimiter=separator)
            writer.writeheader()
            writer.writerows(lines)
        else:
            file.writelines(separator.join(cells) + "\n" for cells in ([*lines[0]], *(one.values() for one in lines)))
    return path


def write_jsonl(path: Path, lines: Sequence[Mapping[str, Any]]) -> Path:
    """One object a line."""
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path
