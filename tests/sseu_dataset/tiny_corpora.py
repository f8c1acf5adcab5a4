"""Corpora of a few seconds each in the official layouts: enough for every rule, made in a moment."""

from __future__ import annotations

import filecmp
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from sseu_dataset import BuildResult, build

VCTK_RATE_HZ, RATE_HZ = 48_000, 44_100


@dataclass(frozen=True)
class TinyCorpora:
    """Where the three corpora lie."""

    root: Path

    @property
    def vctk(self) -> Path:
        return self.root / "VCTK-Corpus-0.92"

    @property
    def desed(self) -> Path:
        return self.root / "DESED"

    @property
    def maestro(self) -> Path:
        return self.root / "MAESTRO_Real_development"

    @property
    def folders(self) -> dict[str, Any]:
        """As the arguments of `build` and `verify`."""
        return {"vctk": self.vctk, "desed": self.desed, "maestro": self.maestro}

    @property
    def options(self) -> list[str]:
        """As the options of the script."""
        return [word for name, folder in self.folders.items() for word in (f"--{name}", str(folder))]

    def recording(self, utterance_id: str) -> Path:
        return self.vctk / "wav48_silence_trimmed" / utterance_id.split("_")[0] / f"{utterance_id}_mic1.flac"

    def text(self, utterance_id: str) -> Path:
        return self.vctk / "txt" / utterance_id.split("_")[0] / f"{utterance_id}.txt"

    def clip(self, name: str) -> Path:
        return self.desed / "dataset" / "audio" / "eval" / "public" / f"{name}.wav"

    @property
    def table(self) -> Path:
        return self.desed / "dataset" / "metadata" / "eval" / "public.tsv"

    def window_file(self, name: str) -> Path:
        return self.maestro / "development_audio" / name.rsplit("_", 1)[0] / f"{name}.wav"

    def annotation(self, name: str) -> Path:
        scene = name.rsplit("_", 1)[0]
        return self.maestro / "development_annotation" / f"soft_labels_{scene}" / f"{name}.txt"


def noise(name: str, seconds: float, rate_hz: int, level: float = 0.1) -> NDArray[np.float64]:
    """Low-passed noise that depends on nothing but its name."""
    generator = np.random.default_rng(list(name.encode()))
    white = generator.standard_normal(round(seconds * rate_hz))
    smooth = np.convolve(white, [0.25, 0.5, 0.25], mode="same")
    samples: NDArray[np.float64] = level * smooth / np.abs(smooth).max()
    return samples


def write_audio(path: Path, samples: NDArray[Any], rate_hz: int, subtype: str = "PCM_16") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate_hz, subtype=subtype)


def make_tiny_corpora(root: Path) -> TinyCorpora:
    """Three speakers with five utterances in the pool, six DESED clips (one with speech), three MAESTRO files."""
    corpora = TinyCorpora(root)
    utterances = {
        "p225_021": (8.2, "The difference in the rainbow depends upon the size of the drops."),
        "p225_003": (3.0, "Six spoons of fresh snow peas."),
        "p226_021": (8.0, "A sentence that lasts exactly eight seconds."),
        "p226_022": (9.5, '"A sentence in quotes. "'),
        "p228_021": (10.0, "A sentence with a stray bracket. )"),
        "s5_008": (9.1, "We also need a small plastic snake (and a big toy frog)."),
        "p228_024": (10.5, "A sentence that is too long."),
    }
    for utterance_id, (seconds, text) in utterances.items():
        write_audio(corpora.recording(utterance_id), noise(utterance_id, seconds, VCTK_RATE_HZ, 0.3), VCTK_RATE_HZ)
        corpora.text(utterance_id).parent.mkdir(parents=True, exist_ok=True)
        corpora.text(utterance_id).write_text(text + "\n", encoding="utf-8")
    mic2 = corpora.recording("p225_021")
    shutil.copy(mic2, mic2.with_name("p225_021_mic2.flac"))
    write_audio(corpora.recording("p315_001"), noise("p315_001", 9.0, VCTK_RATE_HZ), VCTK_RATE_HZ)
    (corpora.vctk / "speaker-info.txt").write_text(
        "ID  AGE  GENDER  ACCENTS  REGION COMMENTS \n"
        "p225  23  F    English    Southern  England\n"
        "p226  22  M    English    Surrey\n"
        "p228  22  F    English    Southern  England\n"
        "p315  18  M    American  New  England (Text and mic2 files unavailable)\n"
        "s5    18  F    British \n"
    )
    clips = {
        "aaaaaaaaaaa_0_10": (10.0, 1, [("1.203", "1.983", "Cat"), ("4.020", "12.000", "Cat")]),
        "-bbbbbbbbbb_5_10": (5.0, 2, [("0.000", "5.000", "Alarm_bell_ringing")]),
        "c c é cccc_30_40": (10.0, 1, [("0.350", "7.420", "Dog"), ("0.350", "2.000", "Running_water")]),
        "ddddddddddd_1_11": (10.3, 1, [("2.0", "3.0", "Blender"), ("10.1", "10.3", "Frying")]),
        "eeeeeeeeeee_7_16": (9.2, 1, [("0", "9", "Electric_shaver_toothbrush")]),
        "fffffffffff_2_12": (10.0, 1, [("0.0", "3.0", "Speech"), ("4.0", "5.0", "Dishes")]),
    }
    rows = ["filename\tonset\toffset\tevent_label"]
    for number, (name, (seconds, channels, events)) in enumerate(clips.items()):
        mono = noise(name, seconds, RATE_HZ, 0.02 * 2**number)
        write_audio(corpora.clip(name), mono if channels == 1 else np.stack([mono, 0.5 * mono[::-1]], 1), RATE_HZ)
        rows += [f"{name}.wav\t{onset}\t{offset}\t{label}" for onset, offset, label in events]
    corpora.table.parent.mkdir(parents=True, exist_ok=True)
    corpora.table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    annotations: dict[str, tuple[float, int, dict[str, Iterable[int]]]] = {
        "city_center_02": (30.4, 27, {"car": range(3, 14), "large_vehicle": [0], "people talking": range(27)}),
        "grocery_store_04": (20.0, 20, {"footsteps": range(10), "people talking": range(20)}),
        "residential_area_03": (10.0, 10, {"birds_singing": [2, 3, 4, 7], "children voices": [0]}),
    }
    for name, (seconds, annotated_s, labels) in annotations.items():
        left = noise(name, seconds, RATE_HZ, 0.2)
        write_audio(corpora.window_file(name), np.stack([left, noise(name + "R", seconds, RATE_HZ, 0.1)], 1), RATE_HZ)
        lines = [
            f"{second}.0\t{second + 1}.0\t{label}\t{1.0034 if second in seconds_active else 0.5}"
            for second in range(annotated_s)
            for label, seconds_active in labels.items()
        ]
        corpora.annotation(name).parent.mkdir(parents=True, exist_ok=True)
        corpora.annotation(name).write_text("\n".join(lines) + "\n")
    return corpora


def build_partial(out: Path | str, corpora: TinyCorpora, **options: Any) -> BuildResult:
    """A build without progress bars, of corpora that are not the complete official ones."""
    return build(out, **corpora.folders, allow_partial=True, progress=False, **options)


def differing_files(left: Path, right: Path) -> list[str]:
    """Files that are not byte-equal in both folders."""
    names = {
        path.relative_to(folder).as_posix() for folder in (left, right) for path in folder.rglob("*") if path.is_file()
    }
    _, differing, missing = filecmp.cmpfiles(left, right, names, shallow=False)
    return sorted(differing + missing)
