"""Handing a result in: everything is checked and computed anew here before anything leaves the machine.

Two places get it: the leaderboard's results dataset (the answers, which it scores again) and the model's page (the
figures, as a pull request). Both steps may be repeated: what is there already is not sent again.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sseu_dataset.loading import load_manifest
from sseu_hub.client import Announce, HubError, check_repo_id, commit_files, endpoint, hub_errors, is_local, may_write
from sseu_hub.eval_results import eval_results_files, headline_scores, with_model_index
from sseu_hub.submission import answer_lines, check_whole_job, folder_of, pack
from sseu_models.job import Key, flatten
from sseu_models.kinds import REFERENCE_PREFIX, kind_of, may_be_ranked
from sseu_models.results.folder import asked_conditions, summarise_log
from sseu_report.entries import read_entries, score_entries

if TYPE_CHECKING:
    from sseu_models.results.records import Result


@dataclass(frozen=True)
class Prepared:
    """A submission that may be sent.

    Attributes:
        model: Hub id of the model.
        folder: Where it goes in the results dataset.
        files: By name.
        figures: What was computed from the answers.
        dataset: Hub id of the benchmark.
        version: Of the benchmark.
        fingerprint: Of the benchmark's samples.
        date: Of the submission, UTC.
        notes: By mode, what one must know to compare.
        settings: What becomes public of the system's settings.
    """

    model: str
    folder: str
    files: Mapping[str, bytes]
    figures: Mapping[str, Any]
    dataset: str
    version: str
    fingerprint: str
    date: str
    notes: Mapping[str, str]
    settings: Mapping[str, Any]

    @property
    def title(self) -> str:
        """Of commits and pull requests; equal answers have an equal one."""
        return f"SSEU-Bench {self.version}: results {self.folder[-8:]}"

    def lines(self) -> list[str]:
        """What would leave the machine."""
        figures = [
            f"  {mode} {metric}: {value:.2f} %"
            for mode, values in headline_scores(self.figures).items()
            for metric, value in values.items()
        ]
        return [
            f"{self.model}, computed from the answers just now:",
            *figures,
            f"to {self.folder}/:",
            *(f"{len(data):>14,}  {name}" for name, data in self.files.items()),
            f"made public with it: the settings {dict(self.settings)}",
        ]


def prepare(
    result_folder: Path,
    model: str,
    *,
    date: str,
    data: str | None = None,
    dataset: str | None = None,
    allow_custom: bool = False,
    progress: bool = True,
) -> Prepared:
    """Check a result and score its answers anew; nothing is sent.

    Args:
        result_folder: A results folder.
        model: Hub id of the model.
        date: Today, UTC, `YYYY-MM-DD`.
        data: Where the dataset with its audio or at least its rows is now; by default where the answers were made from.
        dataset: Hub id of the benchmark; by default `data`, where that is one.
        allow_custom: Take builds that are not the paper's; only with a Hub on this machine, for demonstrations. The
            real leaderboard refuses them anyway, since its reference has other clips.
        progress: Show bars.

    Raises:
        ValueError: The result may not be submitted; the message says why.
    """
    check_repo_id(model, "model")
    entry = read_entries([result_folder])[0]
    result = entry.result
    _check_system(result)
    check_whole_job(result)
    place = data or result.data
    dataset = dataset or (None if Path(place).is_dir() else place)
    if dataset is None:
        raise ValueError(
            f"{place} is a folder here: say with --dataset which Hub dataset it is, such as my-lab/sseu-bench"
        )
    check_repo_id(dataset, "dataset")
    _check_recipe(place, allow_custom)
    (scored,) = score_entries([entry], data=data, progress=progress)
    scores = scored.entry.scores.json_values()
    if scored.tampered is not None:
        raise ValueError(
            f"{result_folder}: scores.json is not what the answers give ({scored.tampered}); "
            f"another version of the metric may have made it: remove it, then python run_model.py score {result_folder}"
        )
    asked = asked_conditions(scored.clips)
    answers = [
        scored.answers[key]
        for _, key in flatten(scored.clips)
        if key in scored.answers and scored.answers[key].status == "ok"
    ]
    if len(answers) < len(asked):
        raise ValueError(
            f"{result_folder}: {len(asked) - len(answers)} of {len(asked)} questions have no answer; the command that "
            "began the run continues it"
        )
    if is_ground_truth(scores):
        raise ValueError(f"{result_folder}: every answer is the reference itself, as the control ground-truth gives it")
    log = answer_lines(answers)
    result = _public(result, dataset, log, asked, scored.answers)
    return Prepared(
        model=model,
        folder=folder_of(model, date, hashlib.sha256(log).hexdigest()),
        files=pack(model, result, scores, answers),
        figures=scores,
        dataset=dataset,
        version=str(result.dataset.version),
        fingerprint=str(result.dataset.fingerprint),
        date=date,
        notes={mode: _note(result, mode, values) for mode, values in scores["modes"].items()},
        settings=result.settings,
    )


def is_ground_truth(figures: Mapping[str, Any]) -> bool:
    """Whether every figure is perfect, which only the references themselves are.

    A recogniser of speech alone may be faultless on a few clips: scenes or events must be among the figures.
    """
    values = [(metric, value) for mode in headline_scores(figures).values() for metric, value in mode.items()]
    judged = any(metric != "wer" for metric, _ in values)
    return judged and all(value == (0.0 if metric == "wer" else 100.0) for metric, value in values)


def _check_system(result: Result) -> None:
    if result.system.startswith(REFERENCE_PREFIX):
        raise ValueError(f"{result.system} is a control, which hears nothing; the leaderboard shows its own")
    if not may_be_ranked(kind_of(result.system, result.frontend.name)):
        raise ValueError(
            f"the front end {result.frontend.name} is a control: it hides the mixture or knows the answer; "
            "submit the run without it"
        )


def _check_recipe(place: str, allow_custom: bool) -> None:
    manifest = load_manifest(place)
    if manifest.recipe == "paper":
        return
    if not allow_custom:
        reasons = "".join(f"\n  {reason}" for reason in manifest.reasons)
        raise ValueError(
            f"{place} is a {manifest.recipe} build: scores on it are not scores on SSEU-Bench, because:{reasons}"
        )
    if not is_local(endpoint()):
        raise ValueError(f"--allow-custom is for a Hub on this machine, not for {endpoint()}")


def _public(result: Result, dataset: str, log: bytes, asked: Mapping[Key, str], answers: Mapping[Key, Any]) -> Result:
    """The result as it is published: its log is the one that is sent, and no local path is in it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.jsonl"
        path.write_bytes(log)
        summary = summarise_log(path, asked, answers)
    scoring = None if result.scoring is None else result.scoring.replace(answers_sha256=summary.sha256)
    return result.replace(answers=summary, incomplete=(), data=dataset, scoring=scoring)


def _note(result: Result, mode: str, values: Mapping[str, Any]) -> str:
    embedder = values.get("embedder")
    runs = result.runs
    parts = [f"{mode} prompts of the set {result.prompts.set}", f"{runs} run{'s' * (runs > 1)}"]
    parts += [f"text embedder {embedder['id']}"] if embedder else []
    parts += [f"front end {result.frontend.name}"] if result.frontend.name != "none" else []
    return "; ".join(parts)


def submit(prepared: Prepared, leaderboard: str, *, leaderboard_only: bool, announce: Announce) -> list[str]:
    """Send a submission: the answers to the leaderboard's dataset, the figures to the model's page.

    Where this token may not write to the results dataset a pull request is opened there; the model's page always gets a
    pull request.

    Args:
        prepared: From `prepare`.
        leaderboard: Dataset repository of the results.
        leaderboard_only: Leave the model's page alone, for a model that has none on the Hub.
        announce: Called with one line for each stage.

    Returns:
        The addresses of the commits and pull requests, or of what was there already.

    Raises:
        ValueError: A name is no repository, or the published dataset has other samples.
        HubError: A repository is not there, or the Hub refuses or cannot be reached.
    """
    from huggingface_hub import HfApi

    check_repo_id(leaderboard, "dataset")
    api = HfApi()
    revision = _published_revision(prepared)
    card = ""
    if not leaderboard_only:
        check_repo_id(prepared.model, "model")
        card = _model_card(prepared.model)
    with hub_errors(leaderboard):
        paths = api.list_repo_files(leaderboard, repo_type="dataset")
    model_folder, short = prepared.folder.rsplit("/", 1)[0], prepared.folder[-8:]
    known = sorted({p.rsplit("/", 1)[0] for p in paths if p.startswith(f"{model_folder}/") and f"-{short}/" in p})
    folder = known[0] if known else prepared.folder
    source_url = f"{endpoint()}/datasets/{leaderboard}/tree/main/{folder}"
    if known:
        announce(f"{leaderboard} has these answers already, in {folder}")
        addresses = [source_url]
    else:
        files = {f"{folder}/{name}": data for name, data in prepared.files.items()}
        addresses = [
            commit_files(leaderboard, "dataset", files, prepared.title, pull_request=not may_write(leaderboard))
        ]
        announce(f"answers: {addresses[0]}")
    if not leaderboard_only:
        page: dict[str, bytes] = eval_results_files(
            prepared.figures,
            prepared.dataset,
            revision,
            date=folder.rsplit("/", 1)[1][:10],
            source_url=source_url,
            notes=prepared.notes,
        )
        text = with_model_index(
            card, prepared.model, prepared.figures, prepared.dataset, revision, source_url=source_url
        )
        page["README.md"] = text.encode()
        addresses.append(commit_files(prepared.model, "model", page, prepared.title, pull_request=True))
        announce(f"model page: {addresses[1]}")
    return addresses


def _published_revision(prepared: Prepared) -> str:
    """Git SHA of the published version, whose samples must be those that were answered about."""
    from huggingface_hub import HfApi

    tag = f"v{prepared.version}"
    published = load_manifest(prepared.dataset, tag).fingerprints["all"]
    if published != prepared.fingerprint:
        raise ValueError(
            f"{prepared.dataset} {tag} has fingerprint {published[:12]}, the answers are about "
            f"{prepared.fingerprint[:12]}: other samples, so another benchmark"
        )
    with hub_errors(prepared.dataset):
        return str(HfApi().dataset_info(prepared.dataset, revision=tag).sha)


def _model_card(model: str) -> str:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    try:
        with hub_errors(model):
            return Path(hf_hub_download(model, "README.md")).read_text(encoding="utf-8")
    except LocalEntryNotFoundError as error:
        raise HubError(f"{model}: the Hub cannot be reached ({error})") from error
    except HubError as error:
        if isinstance(error.__cause__, EntryNotFoundError):
            return ""
        raise
