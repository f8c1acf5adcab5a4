"""Submitting a result: everything is checked and recomputed here before anything leaves the machine.

Answers go to the leaderboard's results dataset, which scores them again; scores go to the
model's page as a pull request. Both steps may be repeated: what is there already is not sent again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sseu_dataset.loading import load_manifest
from sseu_dataset.published.versions import withdrawal
from sseu_dataset.records import OFFICIAL, DatasetError
from sseu_hub.client import (
    Announce,
    check_repo_id,
    hub_errors,
    require_local_hub,
)
from sseu_hub.eval_results import eval_results_files, headline_scores, with_model_index
from sseu_hub.files import commit_files, may_write, read_file
from sseu_metric.secret_transport import hub_url
from sseu_metric.text_table import score_cell
from sseu_models.kinds import NO_FRONTEND, kind_of, may_be_submitted
from sseu_models.results.terminal import in_parentheses

if TYPE_CHECKING:
    from sseu_dataset.manifest import Manifest

    # the records bring pydantic, which an import of this package does without
    from sseu_models.results.records import Result
    from sseu_models.results.scores_file import ModeScores, ScoresFile


@dataclass(frozen=True)
class Prepared:
    """A submission that may be sent.

    Attributes:
        model: Hub id of the model.
        folder: Its folder in the results dataset, or on this machine.
        files: Contents by name.
        result: Its `result.json`, whose `data` is the Hub id of the benchmark, or the name of a folder.
        scores: The scores computed from the answers.
    """

    model: str
    folder: str
    files: Mapping[str, bytes]
    result: Result
    scores: ScoresFile

    @property
    def title(self) -> str:
        """Title of commits and pull requests; equal answers have equal titles."""
        return f"SSEU-Bench {self.result.dataset.version}: results {self.folder[-8:]}"

    def lines(self) -> list[str]:
        """Lines that say what would be sent."""
        limitations = self.result.limitations
        scores = [
            f"  {mode} {metric}: {score_cell(value, whole=not limitations)} %"
            for mode, values in headline_scores(self.scores).items()
            for metric, value in values.items()
        ]
        scores += [f"  {line}" for line in in_parentheses({self.model: limitations})]
        return [
            f"{self.model}, computed from the answers:",
            *scores,
            f"to {self.folder}/:",
            *(f"{len(data):>14,}  {name}" for name, data in self.files.items()),
            f"settings that become public: {dict(self.result.settings)}",
        ]


def prepare_submission(
    result_folder: str | Path,
    model: str,
    *,
    date: str,
    data: str | None = None,
    dataset: str | None = None,
    allow_custom: bool = False,
    out: str | Path | None = None,
    progress: bool = True,
) -> Prepared:
    """Check a result and score its answers again; nothing is sent or written.

    Args:
        result_folder: A results folder.
        model: Hub id of the model.
        date: Today, UTC, `YYYY-MM-DD`.
        data: Folder or Hub id of the dataset, with or without audio; by default the one the result names. Of a Hub
            repository, the revision that the result names or the tag of its version is taken, not the newest.
        dataset: Hub id of the benchmark; by default `data`, if that is one.
        allow_custom: Accept builds that are not the paper's; only with a Hub on this machine, for demonstrations. The
            real leaderboard refuses them anyway, since its reference has other clips.
        out: Folder of submissions that it is for, instead of a dataset of them on the Hub; the benchmark need not be
            published then, nor the Hub be this machine's.
        progress: Show bars.

    Raises:
        ValueError: The result may not be submitted; the message says why.
        DatasetError: The result's own version of the dataset cannot be loaded.
    """
    from sseu_hub.submission import answer_lines, check_complete, folder_of, pack
    from sseu_models.results.folder import asked_conditions
    from sseu_models.results.log import heard_every_clip
    from sseu_report.entries import read_entries, score_entries

    check_repo_id(model, "model")
    entry = read_entries([Path(result_folder)])[0]
    result = entry.result
    kind = kind_of(result.system, result.frontend.name)
    if not may_be_submitted(kind):
        front = "" if result.frontend.name == NO_FRONTEND else f" with the front end {result.frontend.name}"
        raise ValueError(
            f"{result_folder} cannot be submitted: {result.system}{front} is of the kind {kind}, which the board does "
            "not take; submit a system that is given the mixtures and nothing else"
        )
    if result.incomplete:
        raise ValueError(f"{result_folder} is incomplete: {'; '.join(result.incomplete)}; complete the run first")
    place = data or result.data
    dataset = dataset or (None if Path(place).is_dir() else place)
    if dataset is None and out is None:
        raise ValueError(
            f"{place} is a folder here: say with --dataset which Hub dataset it is, such as my-lab/sseu-bench; or give "
            "--out for a folder of submissions, if it is not published"
        )
    if dataset is not None:
        check_repo_id(dataset, "dataset")
    if (gone := withdrawal(dataset or place, result.dataset.version)) is not None:
        raise ValueError(f"{result_folder} cannot be submitted: {gone}; run the system on that version")
    manifest = _own_manifest(result, place)
    _check_recipe(manifest, place, allow_custom, is_sent=out is None)
    scored = score_entries([entry], data=data, progress=progress)[0]
    if scored.tampered is not None:
        raise ValueError(f"{scored.disagreement} Then submit again.")
    asked = asked_conditions(scored.clips)
    answers = [scored.answers[key] for key in asked if key in scored.answers and scored.answers[key].status == "ok"]
    if len(answers) < len(asked):
        raise ValueError(
            f"{result_folder}: {len(asked) - len(answers)} of {len(asked)} questions have no answer; continue the run "
            "with the command that began it"
        )
    if not heard_every_clip(answers):
        raise ValueError(
            f"{result_folder} cannot be submitted: {result.system} did not hear the clips (pcm_sha256 is null in its "
            "answers), so it is not ranked; submit a system that is given the mixtures"
        )
    check_complete(result, scored.dataset.references, asked)
    scores = scored.entry.scores
    if is_ground_truth(scores):
        raise ValueError(f"{result_folder}: every answer is the reference itself, as the control ground-truth gives it")
    log = answer_lines(answers)
    sha256 = hashlib.sha256(log).hexdigest()
    public = _published(result, dataset or Path(place).resolve().name, sha256, f"v{manifest.version}" * bool(dataset))
    folder = folder_of(model, date, sha256)
    return Prepared(
        model=model,
        folder=folder if out is None else str(Path(out, folder.removeprefix("results/"))),
        files=pack(model, public, scores, answers),
        result=public,
        scores=scores,
    )


def is_ground_truth(scores: ScoresFile) -> bool:
    """Whether every score is the references' own.

    A recogniser of speech alone may make no error on a few clips, so scenes or events must be among the scores.
    """
    from sseu_hub.submission import equals_ground_truth

    values = [(metric, value) for mode in headline_scores(scores).values() for metric, value in mode.items()]
    return any(metric != "wer" for metric, _ in values) and all(equals_ground_truth(*one) for one in values)


def _own_manifest(result: Result, place: str) -> Manifest:
    """The manifest of the result's own dataset, which need not be the newest in a repository.

    Raises:
        ValueError: What is there is another dataset, with what differs; or nothing is there.
    """
    from sseu_models.results.opened_dataset import own_revision

    asked = result.dataset
    about = f"the result is about version {asked.version} (fingerprint {asked.fingerprint[:12]})"
    try:
        revision = own_revision(result, place)
        manifest = load_manifest(place, revision)
    except DatasetError as error:
        raise DatasetError(f"{error}\n{about}; give the folder or repository that has it with --data") from None
    found = manifest.fingerprints["all"]
    if (manifest.version, found) != (asked.version, asked.fingerprint):
        where = f"{place} at {revision}" if revision else place
        same = ": the same audio with other transcripts or labels" * (manifest.pcm_fingerprint == asked.pcm_fingerprint)
        raise ValueError(
            f"{about}, {where} is version {manifest.version} (fingerprint {found[:12]}){same}; give what the system "
            "heard with --data, or run the system again on what is published"
        )
    return manifest


def _check_recipe(manifest: Manifest, place: str, allow_custom: bool, *, is_sent: bool) -> None:
    if manifest.recipe in OFFICIAL:
        return
    if not allow_custom:
        reasons = "".join(f"\n  {reason}" for reason in manifest.reasons)
        raise ValueError(
            f"{place} is of the recipe {manifest.recipe}, so scores on it are not scores on SSEU-Bench:{reasons}"
        )
    if is_sent:
        require_local_hub()


def _published(result: Result, data: str, answers_sha256: str, revision: str) -> Result:
    """The result as it is published: with the hash of the answers that are sent, and where its dataset is."""
    answers = None if result.answers is None else result.answers.replace(sha256=answers_sha256)
    scoring = None if result.scoring is None else result.scoring.replace(answers_sha256=answers_sha256)
    return result.replace(answers=answers, data=data, revision=revision or None, scoring=scoring)


def _note(result: Result, mode: str, scores: ModeScores) -> str:
    parts = [f"{mode} prompts of the set {result.prompts.set}", f"{result.runs} run{'s' * (result.runs > 1)}"]
    parts += [f"text embedder {scores.embedder.id}"] if scores.embedder else []
    parts += [f"front end {result.frontend.name}"] if result.frontend.name != NO_FRONTEND else []
    parts += [f"not a score of the whole benchmark: {reason}" for reason in result.limitations]
    return "; ".join(parts)


def submit(prepared: Prepared, leaderboard: str, *, leaderboard_only: bool, announce: Announce) -> list[str]:
    """Send a submission: the answers to the results dataset, the scores to the model's page.

    Without write access to the results dataset a pull request is opened there; the model's page always gets a pull
    request.

    Args:
        prepared: From `prepare_submission`.
        leaderboard: Dataset repository of the results.
        leaderboard_only: Leave out the model's page, for a model that has none on the Hub.
        announce: Called with one line for each stage.

    Returns:
        The addresses of the commits and pull requests, existing ones included.

    Raises:
        ValueError: A name is no repository, or the published dataset has other samples.
        HubError: A repository does not exist, or the Hub refuses or cannot be reached.
    """
    from huggingface_hub import HfApi

    check_repo_id(leaderboard, "dataset")
    result = prepared.result
    revision = _published_revision(result)
    card = "" if leaderboard_only else (read_file(prepared.model, "model", "README.md") or b"").decode()
    with hub_errors(leaderboard):
        paths = HfApi().list_repo_files(leaderboard, repo_type="dataset")
    model_folder, short = prepared.folder.rsplit("/", 1)[0], prepared.folder[-8:]
    known = sorted({p.rsplit("/", 1)[0] for p in paths if p.startswith(f"{model_folder}/") and f"-{short}/" in p})
    folder = known[0] if known else prepared.folder
    source_url = f"{hub_url()}/datasets/{leaderboard}/tree/main/{folder}"
    if known:
        announce(f"{leaderboard} already has these answers, in {folder}")
        addresses = [source_url]
    else:
        files = {f"{folder}/{name}": data for name, data in prepared.files.items()}
        addresses = [
            commit_files(leaderboard, "dataset", files, prepared.title, pull_request=not may_write(leaderboard))
        ]
        announce(f"answers: {addresses[0]}")
    if not leaderboard_only:
        page: dict[str, bytes] = eval_results_files(
            prepared.scores,
            result.data,
            revision,
            date=folder.rsplit("/", 1)[1][:10],
            source_url=source_url,
            notes={str(mode): _note(result, mode, scores) for mode, scores in prepared.scores.modes.items()},
        )
        text = with_model_index(card, prepared.model, prepared.scores, result.data, revision, source_url=source_url)
        page["README.md"] = text.encode()
        addresses.append(commit_files(prepared.model, "model", page, prepared.title, pull_request=True))
        announce(f"model page: {addresses[1]}")
    return addresses


def _published_revision(result: Result) -> str:
    """Git SHA of the published version, whose samples must be those of the answers."""
    from huggingface_hub import HfApi

    tag, asked = f"v{result.dataset.version}", result.dataset.fingerprint
    published = load_manifest(result.data, tag).fingerprints["all"]
    if published != asked:
        raise ValueError(
            f"{result.data} {tag} has the fingerprint {published[:12]}, the answers are about {asked[:12]}: these are "
            "other samples or other references, so another dataset; run the system on the published one"
        )
    with hub_errors(result.data):
        return str(HfApi().dataset_info(result.data, revision=tag).sha)
