"""Checks that a dataset folder agrees with its manifest and recipe, and, given the corpora, with its sources.

Without the corpora everything is checked that the folder itself shows: rows against the recipe, samples against their
hashes, SNRs from the `+inf` and `-inf` rows, lengths, peaks, and the manifest's digests. With them every transcript and
label of the recipe is read again and compared, and every sample is mixed again and compared.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sseu_dataset.building.folder_checks import check_folder
from sseu_dataset.building.imported_checks import check_imported
from sseu_dataset.building.measure import DEFINITIONS
from sseu_dataset.building.render import Signals, read_signals, render, to_rows
from sseu_dataset.building.stems import check_stems
from sseu_dataset.building.stored_pairs import StoredPair, read_pairs
from sseu_dataset.corpora.headers import default_cache
from sseu_dataset.corpora.utterances import UtteranceCache
from sseu_dataset.fingerprints import reference_sha256
from sseu_dataset.manifest import Manifest, check_version, read_manifest
from sseu_dataset.mixing import PEAK_LIMIT, SPEECH_LEVEL_DBFS, Mixtures, Placement, energy, measure_snrs_db, pcm_sha256
from sseu_dataset.parallel import ordered_map, worker_count
from sseu_dataset.planning.plan import Execution
from sseu_dataset.planning.rebuild import differences, plan_rebuild
from sseu_dataset.planning.sources import Corpora, check_complete
from sseu_dataset.recipe import FILE_NAME, read_recipe
from sseu_dataset.records import CLIP_SAMPLES, RATE_HZ, CorpusError, DatasetError, Pair, Recipe
from sseu_dataset.rows.samples import decode_pcm
from sseu_dataset.schema import mixture_id

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LEVEL_TOLERANCE_DB = 0.05
_NOT_RECOMPUTED = {"audio", "snr_active_db", "snr_loudness_db"}
_PairRows = list[dict[str, Any]]  # one per condition


@dataclass(frozen=True)
class Difference:
    """How a row's samples differ from newly mixed ones: number of samples, largest difference in steps of 16 bits."""

    samples: int
    max_steps: int


@dataclass(frozen=True)
class Verification:
    """The result of `verify`.

    Attributes:
        rows: Number of rows checked.
        problems: What is wrong with the folder, one line each; empty for a valid dataset.
        differing: The rows whose samples are not those mixed from the sources, by id; None if no sources were given.
    """

    rows: int
    problems: tuple[str, ...]
    differing: dict[str, Difference] | None


def verify(
    folder: str | Path,
    *,
    vctk: str | Path | None = None,
    desed: str | Path | None = None,
    maestro: str | Path | None = None,
    speech: str | Path | None = None,
    background: str | Path | None = None,
    workers: int | None = None,
    progress: bool = True,
    header_cache: str | Path | None = None,
) -> Verification:
    """Check a dataset folder; given all its sources, also compare every text, label and sample with them.

    Args:
        folder: The dataset folder.
        vctk: The folder VCTK was unpacked into.
        desed: The folder of the DESED public evaluation set.
        maestro: The folder of the MAESTRO-Real development set.
        speech: The table of its speech, in place of VCTK.
        background: The table of its backgrounds, in place of DESED and MAESTRO-Real.
        workers: Number of threads; the available cores by default.
        progress: Show progress bars on standard error, if that is a terminal.
        header_cache: File that remembers the headers of audio files between builds.

    Raises:
        DatasetError: The folder has no readable manifest or recipe, the recipe is named `paper` but is not the paper's,
            only some of the sources are given, or others than its own, or any for an imported dataset.
        CorpusError: The corpora do not hold the recipe's files.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    check_version(manifest, str(folder))
    corpora = Corpora.of(vctk=vctk, desed=desed, maestro=maestro, speech=speech, background=background)
    if manifest.imported is not None:
        if not corpora.is_empty:
            raise DatasetError(f"{folder}: imported mixtures cannot be compared with corpora; leave them out")
        count, problems = check_imported(folder, manifest, manifest.imported, workers=workers, progress=progress)
        return Verification(count, tuple(problems), None)
    recipe = read_recipe(folder / FILE_NAME)
    execution = Execution(worker_count(workers), progress, Path(header_cache or default_cache()))
    plan = None
    if not corpora.is_empty:
        corpora = corpora.of_recipe(recipe)
        check_complete(corpora, recipe)
        plan = plan_rebuild(corpora, recipe, execution=execution)

    problems, readable = check_folder(folder, recipe, manifest)
    if plan is not None:
        found_issues = differences(corpora, recipe, execution=execution)
        problems += [f"{issue.path}: {issue.reason}" for issue in found_issues]
    differing: dict[str, Difference] = {}
    rows = 0
    if readable:
        utterances = UtteranceCache()

        def check(stored: StoredPair) -> tuple[list[str], dict[str, Difference]]:
            try:
                if stored.stems is None:
                    pcm = _stack(stored.rows)
                    found = _check_pair(stored.pair, stored.rows, pcm, recipe, manifest)
                else:
                    signals = stored.signals()
                    mixtures = _mix(stored.pair, signals, recipe)
                    pcm = mixtures.pcm
                    found = check_stems(stored.pair, stored.stems, signals, mixtures, stored.rows)
                    found += _check_rows(stored.pair, stored.rows, mixtures, recipe, manifest)
            except (DatasetError, CorpusError) as error:
                return [str(error)], {}
            if plan is None:
                return found, {}
            try:
                made = render(stored.pair, read_signals(plan, stored.pair, utterances), recipe)
                return found, _compare(made, stored.rows, pcm)
            except ValueError as error:
                return [*found, f"{stored.pair.pair_id}: {error}"], {}

        checks = ordered_map(
            check,
            read_pairs(folder, recipe, manifest.layout),
            workers=execution.workers,
            title="verifying",
            unit="pair",
            progress=execution.progress,
            total=len(recipe.pairs),
        )
        with closing(utterances), closing(checks):
            try:
                for found, different in checks:
                    rows += len(recipe.settings.conditions)
                    problems += found
                    differing |= different
            except DatasetError as error:
                problems.append(str(error))
    return Verification(rows, tuple(problems), differing if plan else None)


def _mix(pair: Pair, signals: Signals, recipe: Recipe) -> Mixtures:
    try:
        return render(pair, signals, recipe)
    except ValueError as error:
        raise DatasetError(f"{pair.pair_id}: its stems cannot be mixed ({error})") from error


def _stack(rows: _PairRows) -> NDArray[np.int16]:
    """The samples of a pair's rows, shape (conditions, 441,000)."""
    import numpy as np

    decoded = [decode_pcm(row) for row in rows]
    for row, samples in zip(rows, decoded, strict=True):
        if len(samples) != CLIP_SAMPLES:
            raise DatasetError(f"{row['id']}: {len(samples)} samples instead of {CLIP_SAMPLES}")
    return np.stack(decoded)


def _check_pair(
    pair: Pair, rows: _PairRows, stored: NDArray[np.int16], recipe: Recipe, manifest: Manifest
) -> list[str]:
    """Compare a pair of the full layout with what follows from the recipe and the stored samples."""
    if misplaced := _misplaced(pair, rows, recipe):
        return misplaced
    speech_samples = round((rows[0]["speech_duration_s"] or 0) * RATE_HZ)
    background_samples = round((rows[-1]["background_duration_s"] or 0) * RATE_HZ)
    onset = pair.speech_onset_samples
    placement = Placement(onset, onset + speech_samples, background_samples)
    gain_db = rows[0]["gain_db"]
    problems = _check_samples(pair, stored, placement, gain_db)
    if problems:
        return problems + _foreign_audio(rows, stored)
    measured = Mixtures(stored, 10 ** (gain_db / 20), placement, measure_snrs_db(stored, placement))
    try:
        return _check_rows(pair, rows, measured, recipe, manifest)
    except CorpusError as error:
        return [str(error), *_foreign_audio(rows, stored)]


def _misplaced(pair: Pair, rows: _PairRows, recipe: Recipe) -> list[str]:
    """Rows that stand in another's place."""
    expected_ids = [mixture_id(pair.pair_id, condition) for condition in recipe.settings.conditions]
    return [
        f"{row['id']}: stored in place of {expected}"
        for row, expected in zip(rows, expected_ids, strict=True)
        if row["id"] != expected
    ]


def _check_rows(pair: Pair, rows: _PairRows, mixtures: Mixtures, recipe: Recipe, manifest: Manifest) -> list[str]:
    """Compare every column of the stored rows with what follows from the recipe and the mixtures.

    Raises:
        CorpusError: A measured SNR is not the nominal one.
    """
    if misplaced := _misplaced(pair, rows, recipe):
        return misplaced
    problems: list[str] = []
    full = manifest.layout == "full"
    expected_rows = to_rows(pair, mixtures, recipe, (lambda _: b"") if full else None)
    for row, expected in zip(rows, expected_rows, strict=True):
        problems += [
            f"{row['id']}: {name} is {row[name]!r}, recipe and samples imply {expected[name]!r}"
            for name in expected.keys() - _NOT_RECOMPUTED
            if row[name] != expected[name]
        ]
        problems += _check_unhashed(row, expected["audio"] and expected["audio"]["path"], manifest)
        if manifest.pcm_sha256[expected["id"]] != expected["pcm_sha256"]:
            problems.append(f"{row['id']}: its samples do not have the SHA-256 in the manifest")
        if manifest.reference_sha256[expected["id"]] != reference_sha256(expected):
            problems.append(f"{row['id']}: its references do not have the SHA-256 in the manifest")
    return problems


def _foreign_audio(rows: _PairRows, stored: NDArray[np.int16]) -> list[str]:
    """Rows whose samples are not their own, which explains other faults of the pair."""
    return [
        f"{row['id']}: its audio is not the row's own (pcm_sha256)"
        for row, samples in zip(rows, stored, strict=True)
        if pcm_sha256(samples) != row["pcm_sha256"]
    ]


def _check_unhashed(row: dict[str, Any], path: str | None, manifest: Manifest) -> list[str]:
    """Check what is not recomputed: the clip's file name, and that only measured SNRs stand in the row."""
    problems = []
    if path is None:
        problems += [f"{row['id']}: it has audio, which the layout stems stores apart"] * (row["audio"] is not None)
    elif row["audio"]["path"] != path:
        problems.append(f"{row['id']}: audio.path is {row['audio']['path']!r} instead of {path!r}")
    for name in DEFINITIONS:
        column = f"snr_{name}_db"
        if row[column] is not None and (name not in manifest.measured or row["snr_clip_db"] is None):
            problems.append(f"{row['id']}: {column} is {row[column]}, but was not measured")
    return problems


def _check_samples(pair: Pair, stored: NDArray[np.int16], placement: Placement, gain_db: float) -> list[str]:
    """Check peaks, silence outside both signals, and the level of the speech."""
    import numpy as np

    peak = int(np.abs(stored.astype(np.int32)).max())
    if peak > PEAK_LIMIT:
        return [f"{pair.pair_id}: a peak of {peak} exceeds -1 dBFS ({PEAK_LIMIT})"]
    speech, background = stored[0], stored[-1]
    if speech[: placement.speech_onset].any() or speech[placement.speech_end :].any():
        return [f"{pair.pair_id}: the +inf row is not silent outside the utterance"]
    if background[placement.background_end :].any():
        return [f"{pair.pair_id}: the -inf row is not silent after the background's end"]
    power = energy(speech) / max(placement.speech_end - placement.speech_onset, 1)
    level_db = 10 * np.log10(max(power, 1e-9) / 32768**2)
    if abs(level_db - (SPEECH_LEVEL_DBFS + gain_db)) > _LEVEL_TOLERANCE_DB:
        return [
            f"{pair.pair_id}: the speech is at {level_db:.2f} dBFS, by its gain at {SPEECH_LEVEL_DBFS + gain_db:.2f}"
        ]
    return []


def _compare(mixtures: Mixtures, rows: _PairRows, stored: NDArray[np.int16]) -> dict[str, Difference]:
    """The rows whose samples differ from newly mixed ones."""
    import numpy as np

    differing = {}
    for row, old, new in zip(rows, stored, mixtures.pcm, strict=True):
        steps = np.abs(old.astype(np.int32) - new)
        if steps.any():
            differing[row["id"]] = Difference(int(np.count_nonzero(steps)), int(steps.max()))
    return differing
