"""Dataset and metric as repositories: a draft folder is made first, then pushed in one commit.

A dataset folder is verified before anything is written. Without audio the Parquet files keep every row and column, and
`audio` is null; recipe, manifest and hashes are those of the build, so that audio rebuilt from the corpora can be
checked against them.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sseu_dataset.building.folder_checks import EVAL, FILES, unexpected_files
from sseu_dataset.building.shards import sizes_bytes as sizes_of_configs
from sseu_dataset.describing.card import CARD
from sseu_dataset.describing.croissant import FILE_NAME as CROISSANT
from sseu_dataset.describing.croissant import Place, make_croissant, read_place
from sseu_dataset.editions.edition import refuse_sealed
from sseu_dataset.licences import CONTAINS_BACKGROUNDS
from sseu_dataset.manifest import Manifest, read_manifest
from sseu_dataset.published.versions import FILE_NAME as VERSIONS
from sseu_dataset.published.versions import VersionsFile, benchmark_of, newest_first, statuses
from sseu_dataset.recipe import FILE_NAME as RECIPE
from sseu_dataset.recipe import read_recipe
from sseu_dataset.records import Recipe
from sseu_dataset.schema import STEMS
from sseu_hub.audio_permissions import GATE, Audio, check_audio, configs_with_audio, is_gated
from sseu_hub.client import Announce, Pushed, check_repo_id, make_repo, push_folder, require_agreement, sizes_bytes
from sseu_hub.files import read_file
from sseu_hub.versions import read_versions, with_versions
from sseu_metric.secret_transport import hub_url

_METRIC_FILES = ("README.md", "app.py", "requirements.txt", "tests.py")
METRIC_NAME = "sseu"
TASK_IDS = {"wer": "asr_wer", "macc": "asc_macc", "map": "at_map"}
"""The Hub's leaderboards hold one number per task id, so every metric has its own id."""
MODES = {"independent": "", "joint": "joint_", "cot": "cot_"}
"""The modes with task ids, and the prefix of these ids."""


@dataclass(frozen=True)
class Publication:
    """A draft that is ready to be pushed.

    Attributes:
        folder: Everything in it is pushed.
        version: Version of the dataset.
        audio: Which audio it contains.
        gated: Whether readers have to agree to terms.
        sizes_bytes: Size of each file by path.
    """

    folder: Path
    version: str
    audio: Audio
    gated: bool
    sizes_bytes: Mapping[str, int]

    @property
    def tag(self) -> str:
        """Git tag of the version."""
        return f"v{self.version}"

    def lines(self) -> list[str]:
        """One line for each file with its size, and one for the total."""
        total = sum(self.sizes_bytes.values())
        files = [f"{size:>14,}  {path}" for path, size in self.sizes_bytes.items()]
        return [*files, f"{total:>14,}  bytes in {len(files)} files, to be tagged {self.tag}"]


def prepare_dataset(
    folder: str | Path,
    out: str | Path,
    *,
    audio: Audio = "none",
    private: bool = False,
    tables_redistributable: bool = False,
    framework: str | None = None,
    edition: str | Path | None = None,
    progress: bool = True,
) -> Publication:
    """Verify a dataset folder and write what may be published of it to a new folder.

    Args:
        folder: A finished dataset folder, with its audio.
        out: A new folder.
        audio: Which audio to include: `none`, `speech` (without backgrounds) or `all`.
        private: Whether the repository will be private.
        tables_redistributable: You state that the licences of the tables that describe its sources allow their audio to
            be redistributed.
        framework: Id of an evaluation framework that the Hub knows; with it an `eval.yaml` is written.
        edition: The public file of the edition that the dataset is of, with its seed.
        progress: Show a bar while verifying.

    Raises:
        ValueError: The folder does not match its manifest and recipe, holds unexpected files, is of an edition that is
            not revealed, or the licences of its sources forbid it.
        FileExistsError: `out` exists.
    """
    from sseu_dataset.building.verify import verify

    folder, out = Path(folder), Path(out)
    made = read_manifest(folder)
    if made.imported is not None:
        raise ValueError(
            f"{folder}: an imported dataset is not published from here: who may pass its audio on, its makers say"
        )
    refuse_sealed(made.settings, edition, str(folder))
    recipe = read_recipe(folder / RECIPE)
    check_audio(recipe, audio, private=private, tables_redistributable=tables_redistributable)
    if unexpected := unexpected_files(folder):
        raise ValueError(f"{folder}: unexpected file {unexpected[0]!r}, nothing is published; move it elsewhere")
    found = verify(folder, progress=progress)
    if found.problems:
        shown = "".join(f"\n  {problem}" for problem in found.problems[:10])
        raise ValueError(f"{folder}: {len(found.problems)} problems, nothing is published; build it again{shown}")
    kept = configs_with_audio(audio, made.data_configs)
    out.mkdir(parents=True)
    for name in FILES:
        shutil.copyfile(folder / name, out / name)
    for name in made.data_configs:
        (out / "data" / name).mkdir(parents=True)
        for path in sorted((folder / "data" / name).glob("*.parquet")):
            target = out / "data" / name / path.name
            if name in kept:
                shutil.copyfile(path, target)
            else:
                drop_audio(path, target, but_speech=audio == "speech" and name == STEMS)
    card = out / CARD
    card.write_text(_card(card.read_text(encoding="utf-8"), out, recipe, made, audio), encoding="utf-8")
    (out / VERSIONS).write_text(VersionsFile(statuses([made.version], {})).to_json(), encoding="utf-8")
    if framework is not None:
        (out / EVAL).write_text(eval_yaml(framework), encoding="utf-8")
    return Publication(out, made.version, audio, is_gated(recipe, audio), sizes_bytes(out))


def push_dataset(publication: Publication, repo: str, *, private: bool, date: str, announce: Announce) -> Pushed:
    """Push a dataset in one commit and tag it; only card, `eval.yaml` and `versions.json` may change after that.

    It supersedes the versions that are published in the repository. A repository with all audio is gated: readers must
    agree to the card's terms and be approved.

    Args:
        publication: From `prepare_dataset`.
        repo: `owner/name`; made if missing.
        private: Whether the repository is private.
        date: Today, UTC, `YYYY-MM-DD`; a version that is published already keeps its day.
        announce: Called with one line for each stage.

    Raises:
        ValueError: It is no `owner/name`, exists with the other visibility, or has the tag with other content, or a
            newer version or one of another benchmark.
        HubError: The Hub refuses, or cannot be reached.
    """
    make_repo(repo, "dataset", private=private)
    known, version, card = read_versions(repo), publication.version, publication.folder / CARD
    if other := [one for one in known if benchmark_of(one) != benchmark_of(version)]:
        raise ValueError(f"{repo} has version {other[0]}, another benchmark than {version}; give each a repository")
    newest = newest_first({*known, version})[0]
    if newest != version:
        raise ValueError(
            f"{repo} has version {newest}, which is newer than {version}: a repository's versions only go forward; "
            "publish a newer one, or to another repository"
        )
    found = statuses({*known, version}, {name: status for name, status in known.items() if status.withdrawn})
    (publication.folder / VERSIONS).write_text(VersionsFile(found).to_json(), encoding="utf-8")
    card.write_text(with_versions(card.read_text(encoding="utf-8"), found), encoding="utf-8")
    there = read_place(read_file(repo, "dataset", CROISSANT) or b"", version)
    place = Place(f"{hub_url()}/datasets/{repo}", there.day if there else date)
    recipe, made = read_recipe(publication.folder / RECIPE), read_manifest(publication.folder)
    (publication.folder / CROISSANT).write_text(make_croissant(recipe, made, place), encoding="utf-8")
    if publication.gated:
        require_agreement(repo, announce)
    return push_folder(
        publication.folder,
        repo,
        "dataset",
        tag=publication.tag,
        message=f"SSEU-Bench {publication.version}",
        announce=announce,
        untagged=(CARD, EVAL, VERSIONS),
    )


def drop_audio(path: Path, target: Path, *, but_speech: bool = False) -> None:
    """Copy a Parquet file with null in place of every clip; the schema and all other columns stay as they are.

    Args:
        path: The file.
        target: The copy.
        but_speech: Keep the audio of stems that are speech.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pq.read_schema(path)
    rest = pq.read_table(path, columns=[name for name in schema.names if name != "audio"])
    audio: list[Any] = [None] * rest.num_rows
    if but_speech:
        clips = pq.read_table(path, columns=["signal", "audio"]).to_pylist()
        audio = [clip["audio"] if clip["signal"] == "speech" else None for clip in clips]
    columns = [pa.array(audio, field.type) if field.name == "audio" else rest.column(field.name) for field in schema]
    pq.write_table(pa.Table.from_arrays(columns, schema=schema), target, compression="zstd")


_WITHOUT = """\
## No audio here

{which} `audio` is null {where}: {why}. It can be rebuilt from {whence}
and is checked against the SHA-256 of every clip's samples (`pcm_sha256`):

```
sseu build --recipe hf://datasets/<this repository>/recipe.parquet \\
    {sources} --out sseu-bench
```

`sseu_dataset.load("<this repository>", "snr_0")` gives the rows as they are here, `sseu_dataset.load("sseu-bench",
"snr_0")` those with audio.

"""


def _card(text: str, out: Path, recipe: Recipe, made: Manifest, audio: Audio) -> str:
    """The build's card, changed for the publication: file sizes, the section on missing audio, the gate's terms."""
    import yaml

    _, front, body = text.split("---\n", 2)
    values: dict[str, Any] = yaml.safe_load(front)
    sizes = sizes_of_configs(out / "data")
    for info in values["dataset_info"]:
        info["splits"][0]["num_bytes"] = sizes[info["config_name"]]
    if is_gated(recipe, audio):
        values |= {"extra_gated_prompt": GATE, "extra_gated_fields": {"I agree": "checkbox"}}
    if audio != "all":
        which, where = (
            ("In every condition but `+inf`", "here") if audio == "speech" else ("The column", "in every row")
        )
        section = _WITHOUT.format(which=which, where=where, **_origin(recipe))
        before, heading, after = body.partition("## Counts\n")
        after = after.replace(CONTAINS_BACKGROUNDS, "No DESED or MAESTRO-Real audio is in this repository.")
        body = before + section + heading + after
    return f"---\n{yaml.safe_dump(values, sort_keys=False, allow_unicode=True)}---\n{body}"


def _origin(recipe: Recipe) -> dict[str, str]:
    """Why a dataset is published without audio, and what it can be rebuilt from."""
    speech, background = recipe.table("speech"), recipe.table("background")
    spoken = "--vctk VCTK-Corpus-0.92" if speech is None else f"--speech {speech.name}.tsv"
    heard = (
        "--desed DESED --maestro MAESTRO_Real_development"
        if background is None
        else f"--background {background.name}.tsv"
    )
    if background is None:
        why = "the corpora's licences do not allow redistribution"
    else:
        why = "whoever published this left it out"
    return {"why": why, "whence": "its tables" if recipe.tables else "the corpora", "sources": f"{spoken} {heard}"}


def eval_yaml(framework: str) -> str:
    """The benchmark's `eval.yaml` for the Hub's own leaderboards: a task id per mode and metric.

    Args:
        framework: Id of an evaluation framework; the Hub accepts only those on its list.
    """
    import yaml

    tasks = [
        {"id": f"{prefix}{task}", "config": "all", "split": "test"}
        for prefix in MODES.values()
        for task in TASK_IDS.values()
    ]
    values = {
        "name": "SSEU-Bench",
        "description": "Speech, scene and sound events in one clip, at several signal-to-noise ratios. WER: lower is "
        "better; mACC and mAP: higher is better; all in percent.",
        "evaluation_framework": framework,
        "tasks": tasks,
    }
    return yaml.safe_dump(values, sort_keys=False)


def metric_files() -> dict[str, bytes]:
    """The files of the metric's Space by name: the metric, its sibling modules, the page and the card."""
    import sseu_metric
    from sseu_metric.install import source_files

    folder = Path(sseu_metric.__file__).parent
    paths = dict.fromkeys([*source_files(), *(folder / name for name in _METRIC_FILES)])
    return {path.name: path.read_bytes() for path in paths}


def push_metric(repo: str, work: str | Path, *, private: bool, announce: Announce) -> Pushed:
    """Publish the metric as a Space, from which `evaluate.load(repo)` loads it.

    Args:
        repo: `owner/sseu`: evaluate looks for a file of the Space's name.
        work: A new folder for the draft.
        private: Whether the Space is private.
        announce: Called with one line for each stage.

    Raises:
        ValueError: The Space has another name, or exists with the other visibility.
        HubError: The Hub refuses, or cannot be reached.
    """
    check_repo_id(repo, "space")
    if repo.split("/")[1] != METRIC_NAME:
        raise ValueError(
            f"{repo}: the Space must be called {METRIC_NAME}, since evaluate.load looks for {METRIC_NAME}.py in it"
        )
    work = Path(work)
    work.mkdir(parents=True)
    for name, data in metric_files().items():
        (work / name).write_bytes(data)
    make_repo(repo, "space", private=private)
    return push_folder(work, repo, "space", tag=None, message="The metric", announce=announce)
