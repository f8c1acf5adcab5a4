"""Loading a dataset: rows without torch or torchcodec, checked against the manifest."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sseu_dataset.library_output import bars_on_terminals_only, retries_unlogged
from sseu_dataset.manifest import FILE_NAME, Manifest, hint_at_folder, parse_manifest, read_manifest
from sseu_dataset.mixing import amplitude_ratio
from sseu_dataset.parallel import ordered_map, worker_count
from sseu_dataset.published.versions import WithdrawnWarning, withdrawal
from sseu_dataset.records import DatasetError
from sseu_dataset.rows.mixed import MixedAudio, with_mixtures
from sseu_dataset.rows.remixed import finite_condition, from_ends, from_stems, remixed_row
from sseu_dataset.rows.samples import read_pcm
from sseu_dataset.rows.stored import check_rows, generated_rows, read_folder
from sseu_dataset.schema import STEMS, config_name
from sseu_metric.conditions import BACKGROUND_ALONE, SPEECH_ALONE, snr_db_of
from sseu_metric.secret_transport import hub_url

if TYPE_CHECKING:
    import numpy as np
    from datasets import Dataset
    from numpy.typing import NDArray

_NO_STEMS = "imported mixtures have no stems, since how they were made is not known"


def load(
    folder_or_repo: str | Path, config: str = "all", revision: str | None = None, *, snr_db: float | None = None
) -> Dataset:
    """Load the test split of a configuration, with its audio as bytes (`load_audio` decodes them).

    Args:
        folder_or_repo: A dataset folder, or the id `owner/name` of a dataset repository on the Hub.
        config: `all`, or one condition: `snr_inf`, `snr_10`, ..., `snr_-inf`.
        revision: A tag or commit of the Hub repository, such as `v1.0.0`.
        snr_db: Every pair at this SNR in dB instead of a configuration, mixed anew where the dataset was not built at
            it (`remix`).

    Returns:
        The rows, one per mixture; the columns are described in the dataset card.

    Raises:
        DatasetError: There is no such folder or repository, the folder is unfinished or of another format than this
            package reads, or its rows are not those of the manifest (an offline cache can serve another revision than
            the one asked for); both a configuration and an SNR are given; or as `remix`.
        ValueError: As `remix`.

    Warns:
        WithdrawnWarning: The version was withdrawn; the message says why and what replaces it.
    """
    if snr_db is None:
        return load_with_manifest(folder_or_repo, config, revision)[0]
    condition = finite_condition(snr_db)
    manifest = load_manifest(folder_or_repo, revision)
    _check_config(config, manifest)
    if config != "all":
        raise DatasetError(f"the configuration {config} and an SNR of {condition} dB: give one of the two")
    if condition in manifest.conditions:
        return load_with_manifest(folder_or_repo, config_name(condition), revision)[0]
    if manifest.imported is not None:
        raise DatasetError(f"{folder_or_repo}: {_NO_STEMS}; it has {', '.join(manifest.conditions)}")
    speech, _ = load_with_manifest(folder_or_repo, config_name(SPEECH_ALONE), revision)
    background, _ = load_with_manifest(folder_or_repo, config_name(BACKGROUND_ALONE), revision)
    return generated_rows(_remixed, {"speech": speech, "background": background, "snr_db": float(snr_db)})


def _remixed(speech: Dataset, background: Dataset, snr_db: float) -> Iterator[dict[str, Any]]:
    """The rows of all pairs at an SNR, of their rows at the ends."""
    places = {pair_id: number for number, pair_id in enumerate(background["pair_id"])}
    pairs = ({SPEECH_ALONE: row, BACKGROUND_ALONE: background[places[row["pair_id"]]]} for row in speech)
    return ordered_map(
        lambda pair: remix(pair, snr_db),
        pairs,
        workers=worker_count(None),
        title="mixing",
        unit="pair",
        progress=True,
        total=len(speech),
    )


def load_with_manifest(
    folder_or_repo: str | Path, config: str = "all", revision: str | None = None
) -> tuple[Dataset, Manifest]:
    """The rows as `load` gives them, with the manifest they were checked against.

    Raises:
        DatasetError: As `load`.
    """
    import datasets

    manifest = load_manifest(folder_or_repo, revision)
    if (gone := withdrawal(folder_or_repo, manifest.version)) is not None:
        warnings.warn(gone, WithdrawnWarning, stacklevel=3)
    _check_config(config, manifest)
    rows = _read(folder_or_repo, config, revision, manifest)
    check_rows(rows, manifest, config, f"{folder_or_repo}, {config}")
    if manifest.layout == "stems":
        stored = _read(folder_or_repo, STEMS, revision, manifest)
        return with_mixtures(rows, stored, manifest.conditions, f"{folder_or_repo}, {STEMS}"), manifest
    return rows.cast_column("audio", datasets.Audio(decode=False)), manifest


def _check_config(config: str, manifest: Manifest) -> None:
    if config not in manifest.fingerprints:
        hint = "; `datasets.load_dataset` gives the stems" if config == STEMS and manifest.layout == "stems" else ""
        raise DatasetError(f"no configuration {config!r}; there are {', '.join(manifest.fingerprints)}{hint}")


def _read(folder_or_repo: str | Path, config: str, revision: str | None, manifest: Manifest) -> Dataset:
    """A configuration as it is stored."""
    import datasets

    with retries_unlogged(), bars_on_terminals_only():
        if Path(folder_or_repo).is_dir():
            return read_folder(Path(folder_or_repo), config, manifest)
        return datasets.load_dataset(str(folder_or_repo), config, split="test", revision=revision)


def load_manifest(folder_or_repo: str | Path, revision: str | None = None) -> Manifest:
    """Read the manifest of a dataset folder or Hub repository, of any version in the format that this package reads.

    Raises:
        DatasetError: There is none, or it is invalid or of another format.
    """
    is_folder = Path(folder_or_repo).is_dir()
    if is_folder and revision is not None:
        raise DatasetError(f"{folder_or_repo} is a folder; a revision ({revision}) belongs to a Hub repository")
    return read_manifest(Path(folder_or_repo)) if is_folder else _fetch_manifest(str(folder_or_repo), revision)


def refuse_withdrawn(folder_or_repo: str | Path, revision: str | None = None) -> None:
    """Refuse a version that was withdrawn, for whoever makes a new result with it.

    Raises:
        DatasetError: It was withdrawn, with the reason and the version to use instead; or as `load_manifest`.
    """
    if Path(folder_or_repo).is_dir():
        return
    if (gone := withdrawal(folder_or_repo, load_manifest(folder_or_repo, revision).version)) is not None:
        raise DatasetError(gone)


def _fetch_manifest(name: str, revision: str | None) -> Manifest:
    """The manifest of a Hub repository; a name that may be a mistyped folder is answered with both possibilities."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    no_folder = f"{name}: no such dataset folder{hint_at_folder(Path(name))}"
    try:
        if name.count("/") != 1:
            raise HFValidationError(name)
        hub_url()  # refuses to send a token unencrypted
        with retries_unlogged():
            path = hf_hub_download(name, FILE_NAME, repo_type="dataset", revision=revision)
    except HFValidationError:
        raise DatasetError(f"{no_folder}; the Hub was not asked, since a repository is owner/name") from None
    except (HfHubHTTPError, LocalEntryNotFoundError) as error:
        why = str(error).strip().splitlines()[0]
        place = FILE_NAME if revision is None else f"{FILE_NAME} at {revision}"
        raise DatasetError(
            f"{no_folder}; and the Hub has no dataset {name} with a {place}, or cannot be reached: {why}"
        ) from error
    return parse_manifest(Path(path).read_bytes(), f"{name}/{FILE_NAME}")


def stems(pair: Mapping[str, Mapping[str, Any]], condition: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Speech and background as they went into a mixture: `speech + background == mixture` to within rounding.

    In the layout `stems` the rounded sum is the mixture. In the full layout the speech is the pair's `+inf` row and the
    background its `-inf` row times 10 ** (-SNR / 20): each of the three rows was rounded once, so a sample of the sum
    may differ from the mixture's by 1 + 10 ** (-SNR / 20) / 2 steps of 16 bits.

    Args:
        pair: Rows of one pair from `load`, by condition (`+inf` and `-inf` are needed).
        condition: An SNR in dB such as `-5`; or `+inf`, `-inf`, where one stem is zero.

    Returns:
        (speech, background), float64 in steps of 16 bits (full scale 32768), shape (441000,) each.

    Raises:
        DatasetError: A row is missing, the rows are not of one pair, or their mixtures were made elsewhere.
        ValueError: The condition is invalid.
    """
    import numpy as np

    _check_pair(pair)
    snr_db = snr_db_of(condition)
    if isinstance(audio := pair[BACKGROUND_ALONE]["audio"], MixedAudio):
        return audio.pair_stems().parts(condition)
    speech = read_pcm(pair[SPEECH_ALONE]).astype(np.float64)
    background = read_pcm(pair[BACKGROUND_ALONE]).astype(np.float64)
    if condition == SPEECH_ALONE:
        return speech, np.zeros_like(speech)
    if condition == BACKGROUND_ALONE:
        return np.zeros_like(background), background
    return speech, background * amplitude_ratio(-snr_db)


def remix(pair: Mapping[str, Mapping[str, Any]], snr_db: float) -> dict[str, Any]:
    """The row of a pair at any SNR: the pair's own where it has one, otherwise mixed from its rows at the ends.

    Nothing clips: where the peak would exceed -1 dBFS the whole is attenuated, and `gain_db` says by how much in all.
    SNRs, hashes and licences are those of the new samples, and the recipe is `custom`. Rows of the layout `stems` give
    exactly what a build at the dataset's SNRs and this one would have made; rows of the full layout are samples of the
    sources mixed directly to within the bound of `stems`.

    Args:
        pair: Rows of one pair from `load`, by condition (`+inf` and `-inf` are needed).
        snr_db: The SNR in dB, -40 to 40, of at most six digits.

    Returns:
        A row as `load` gives it.

    Raises:
        DatasetError: A row is missing, the rows are not of one pair, or 16-bit samples cannot hold both signals.
        ValueError: The SNR is no number, not finite, out of range or of more digits.
    """
    condition, snr_db = finite_condition(snr_db), float(snr_db)
    _check_pair(pair)
    if condition in pair:
        return dict(pair[condition])
    speech, background = pair[SPEECH_ALONE], pair[BACKGROUND_ALONE]
    audio = background["audio"]
    if isinstance(audio, MixedAudio):
        return remixed_row(speech, background, snr_db, lambda: from_stems(audio.pair_stems(), audio.snrs_db, snr_db))
    return remixed_row(speech, background, snr_db, lambda: from_ends(speech, background, snr_db))


def _check_pair(pair: Mapping[str, Mapping[str, Any]]) -> None:
    for name in (SPEECH_ALONE, BACKGROUND_ALONE):
        if name not in pair:
            raise DatasetError(f"the pair lacks its row {name!r}; it has {', '.join(sorted(pair))}")
    ids = {row["pair_id"] for row in pair.values()}
    if len(ids) != 1:
        raise DatasetError(f"rows of several pairs: {', '.join(sorted(ids))}")
    if pair[SPEECH_ALONE]["recipe"] == "imported":
        raise DatasetError(f"{ids.pop()}: {_NO_STEMS}")
