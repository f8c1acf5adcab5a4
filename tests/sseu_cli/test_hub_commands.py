"""sseu publish and sseu submit with the real clients against a local Hub, and every fault on the way."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sseu_dataset import load
from sseu_hub.local import MAINTAINER, OUTSIDER, HttpError, RunningHub, running_hub
from sseu_metric.scoring import score
from sseu_models.job import Job
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request
from tests.sseu_cli.conftest import Done, assert_refused
from tests.sseu_models.scripted import ScriptedSystem

pytestmark = pytest.mark.hub
ROOT = Path(__file__).parents[2]
DATASET, RESULTS, MODEL = "sseu/sseu-bench", "sseu/sseu-results", "outsider/model"
TAG = "v1.0.0rc1"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def hub(built: Path, home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """A Hub with the dataset, the results repository and a model on it."""
    with running_hub(tmp_path_factory.mktemp("hub")) as running:
        done = push(running, home, "dataset", str(built), "--repo", DATASET)
        assert done.returncode == 0, done.stderr
        client(running, home, f"api.create_repo({RESULTS!r}, repo_type='dataset')")
        client(running, home, f"api.create_repo({MODEL!r})", OUTSIDER)
        yield running


@pytest.fixture(scope="module")
def result(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run") / "result"
    evaluate(Request(ScriptedSystem(), str(built), out, embedder="exact", job=Job(runs=1)), progress=False)
    return out


def run(hub: RunningHub, home: Path, words: list[str], token: str | None) -> Done:
    command, env = [sys.executable, *words], hub.env(home, token)
    return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def push(hub: RunningHub, home: Path, *words: str, token: str | None = MAINTAINER) -> Done:
    return run(hub, home, ["-m", "sseu_cli", "publish", *words], token)


def client(hub: RunningHub, home: Path, code: str, token: str | None = MAINTAINER) -> str:
    done = run(hub, home, ["-c", f"from huggingface_hub import HfApi\napi = HfApi()\n{code}"], token)
    assert done.returncode == 0, done.stderr
    return done.stdout


def submit(hub: RunningHub, home: Path, result: Path, *words: str, token: str | None = MAINTAINER) -> Done:
    names = ["--model", MODEL, "--leaderboard", RESULTS, "--dataset", DATASET, "--allow-custom"]
    return run(hub, home, ["-m", "sseu_cli", "submit", str(result), *names, *words], token)


def test_publishing_again_changes_nothing_and_a_tag_never_moves(hub: RunningHub, home: Path, built: Path) -> None:
    before = hub.state("datasets", DATASET)
    assert len(before["commits"]) == 2
    again = push(hub, home, "dataset", str(built), "--repo", DATASET)
    assert (again.returncode, "nothing to do" in again.stdout) == (0, True)
    other = push(hub, home, "dataset", str(built), "--repo", DATASET, "--with-audio", "speech", "--yes")
    assert_refused(other, f"{DATASET} already has {TAG} with other content, and a tag is never moved")
    assert hub.state("datasets", DATASET) == before


def test_a_hub_that_refuses_to_gate_gets_the_audio_with_a_warning(hub: RunningHub, home: Path, built: Path) -> None:
    repo = "sseu/not-gated"
    words = ["dataset", str(built), "--repo", repo, "--with-audio", "all", "--private", "--yes"]
    hub.arm(f"PUT /api/datasets/{repo}/settings", 403)
    refused = push(hub, home, *words)
    assert (refused.returncode, hub.state("datasets", repo)["tags"]) == (1, {})
    hub.arm(f"PUT /api/datasets/{repo}/settings", 400)
    done = push(hub, home, *words)
    assert (done.returncode, "NOT gated, the Hub refuses it" in done.stdout) == (0, True)
    assert "gated: access requests need manual approval" in push(hub, home, *words).stdout


def test_card_and_evaluation_file_may_follow_the_tag(hub: RunningHub, home: Path, built: Path) -> None:
    repo = "sseu/later"
    words = ["dataset", str(built), "--repo", repo]
    assert push(hub, home, *words).returncode == 0
    tagged = hub.files("datasets", repo, TAG)
    later = push(hub, home, *words, "--evaluation-framework", "sseu-bench")
    assert (later.returncode, "uploading 1 files" in later.stdout) == (0, True)
    assert hub.files("datasets", repo).keys() - tagged.keys() == {"eval.yaml"}
    assert hub.files("datasets", repo, TAG) == tagged
    again = push(hub, home, *words, "--evaluation-framework", "sseu-bench")
    assert "nothing to do" in again.stdout


def test_what_the_build_did_not_make_is_not_published(hub: RunningHub, home: Path, built: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(built, tmp_path / "dataset")
    (folder / "recording.wav").write_bytes(b"RIFF")
    done = push(hub, home, "dataset", str(folder), "--repo", "sseu/stray")
    assert_refused(done, "unexpected file 'recording.wav', nothing is published")


def test_what_was_published_loads_by_version_streams_and_gives_its_recipe(hub: RunningHub, tmp_path: Path) -> None:
    code = f"""
import json, datasets, sseu_dataset
from sseu_dataset.recipe import local_recipe, read_recipe
rows = sseu_dataset.load({DATASET!r}, "all", {TAG!r})
stream = datasets.load_dataset({DATASET!r}, "snr_0", split="test", streaming=True, revision={TAG!r})
first = next(iter(stream.cast_column("audio", datasets.Audio(decode=False))))
recipe = local_recipe("hf://datasets/{DATASET}@{TAG}/recipe.parquet")
pairs = len(read_recipe(recipe).pairs)
print(json.dumps([len(rows), first["audio"], pairs, (recipe.parent / "manifest.json").is_file()]))
"""
    rows, audio, pairs, has_manifest = json.loads(client(hub, tmp_path / "clean", code, None))
    assert (rows, audio, has_manifest) == (7 * pairs, None, True)


def test_croissant_says_where_and_since_when_and_loads_from_what_was_published(
    hub: RunningHub, home: Path, built: Path, tmp_path: Path
) -> None:
    """The day is that of the first push, whenever the same version is pushed again."""
    url = f"{hub.url}/datasets/{DATASET}"
    values = json.loads(hub.files("datasets", DATASET, TAG)["croissant.json"])
    assert (values["url"], values["publisher"]["name"]) == (f"{url}/tree/{TAG}", "sseu")
    assert values["distribution"][0]["contentUrl"] == f"{url}/tree/refs%2Ftags%2F{TAG}"
    code = f"""
import json, huggingface_hub, mlcroissant
folder = huggingface_hub.snapshot_download({DATASET!r}, repo_type="dataset", revision={TAG!r})
dataset = mlcroissant.Dataset(folder + "/croissant.json", mapping={{"repository": folder}})
records = list(dataset.records("snr_0"))
print(json.dumps([len(records), records[0]["snr_0/audio"], records[0]["snr_0/transcript"].decode()]))
"""
    count, audio, transcript = json.loads(client(hub, tmp_path / "clean", code, None))
    (first,) = (row for row in load(built, "snr_0").select([0]))
    assert (count, audio, transcript) == (len(load(built, "snr_0")), None, first["transcript"])
    code = f"""
from sseu_hub import prepare_dataset, push_dataset
draft = prepare_dataset({str(built)!r}, {str(tmp_path / "draft")!r}, progress=False)
print(push_dataset(draft, {DATASET!r}, private=False, date="2040-01-01", announce=print).changed)
"""
    assert client(hub, home, code).splitlines() == [f"{TAG} already has this content: nothing to do", "False"]


def test_a_published_copy_with_all_audio_is_still_what_its_recipe_implies(
    hub: RunningHub, home: Path, built: Path
) -> None:
    words = ["--repo", "sseu/whole", "--with-audio", "all", "--private", "--yes"]
    done = push(hub, home, "dataset", str(built), *words)
    assert done.returncode == 0, done.stderr
    code = """
import huggingface_hub
from sseu_dataset import verify
print(verify(huggingface_hub.snapshot_download("sseu/whole", repo_type="dataset"), progress=False).problems)
"""
    assert client(hub, home, code) == "()\n"


def test_a_missing_recipe_is_named(hub: RunningHub, home: Path, tmp_path: Path) -> None:
    recipe = "hf://datasets/sseu/nothing/recipe.parquet"
    words = ["build", "--download", str(tmp_path), "--recipe", recipe, "--out", str(tmp_path / "out")]
    done = run(hub, home, ["-m", "sseu_cli", *words], None)
    assert_refused(done, f"{recipe}: it cannot be fetched from the Hub")


def test_the_published_metric_gives_the_local_scores(hub: RunningHub, home: Path) -> None:
    assert push(hub, home, "metric", "--repo", "sseu/sseu").returncode == 0
    again = push(hub, home, "metric", "--repo", "sseu/sseu")
    assert "the repository already has this content" in again.stdout
    rows = [
        {"transcript": "please call stella", "scene": "Home", "events": ["Dog"]},
        {"transcript": "ask her", "scene": "Restaurant", "events": ["Cat", "Dishes"]},
    ]
    answers = [{"transcript": "please tell stella", "scene": "Home", "events": ["Cat"]}, rows[1]]
    code = f"""
import json, evaluate
found = evaluate.load("sseu/sseu").compute(predictions={answers!r}, references={rows!r}, embedder="exact")
print(json.dumps([found["wer"], found["macc"], found["map"]]))
"""
    local = score(answers, rows, embedder="exact")
    expected = [local.value(metric) for metric in ("wer", "macc", "map")]
    assert json.loads(client(hub, home, code).splitlines()[-1]) == pytest.approx(expected)


def test_a_submission_arrives_once_and_whoever_may_not_write_opens_a_pull_request(
    hub: RunningHub, home: Path, result: Path
) -> None:
    dry = submit(hub, home, result, "--dry-run")
    assert (dry.returncode, "answers.jsonl.gz" in dry.stdout) == (0, True)
    assert not hub.state("models", MODEL)["pull_requests"]
    outsider = submit(hub, home, result, token=OUTSIDER)
    assert outsider.returncode == 0, outsider.stderr
    assert "sseu-results/discussions/1" in outsider.stdout
    hub.arm(f"POST /api/datasets/{RESULTS}/commit", 412, times=2)  # somebody else was faster, twice
    first = submit(hub, home, result)
    assert first.returncode == 0, first.stderr
    again = submit(hub, home, result)
    assert f"{RESULTS} already has these answers" in again.stdout
    sent = [path for path in hub.files("datasets", RESULTS) if path.startswith("results/outsider--model/")]
    assert sorted(path.rsplit("/", 1)[1] for path in sent) == [
        "answers.jsonl.gz", "result.json", "scores.json", "submission.json"
    ]  # fmt: skip
    opened = hub.state("models", MODEL)["pull_requests"]
    assert [one["author"] for one in opened] == ["outsider", "maintainer"]  # a title alone does not make it one's own
    page = hub.files("models", MODEL, "refs/pr/1")
    assert b"asr_wer" in page[".eval_results/sseu-bench.yaml"]


def test_two_submissions_at_once_both_arrive(hub: RunningHub, home: Path, result: Path, tmp_path: Path) -> None:
    names = ["--leaderboard", RESULTS, "--dataset", DATASET, "--allow-custom", "--leaderboard-only"]
    command = [sys.executable, "-m", "sseu_cli", "submit", str(result), *names, "--model"]
    both = [subprocess.Popen([*command, f"lab/{name}"], env=hub.env(home), cwd=ROOT) for name in ("one", "two")]
    assert [one.wait(100) for one in both] == [0, 0]
    folders = {path.split("/")[1] for path in hub.files("datasets", RESULTS) if path.startswith("results/lab--")}
    assert folders == {"lab--one", "lab--two"}


def test_the_leaderboard_is_published_once_with_its_variables_and_results(hub: RunningHub, home: Path) -> None:
    words = ["leaderboard", DATASET, "--repo", "sseu/board", "--results-repo", "sseu/board-results"]
    refused = push(hub, home, *words)
    assert_refused(refused, "build: a board on it would not rank systems on SSEU-Bench")
    dry = push(hub, home, *words, "--allow-custom", "--dry-run")
    assert (dry.returncode, "variable SSEU_RESULTS_REPO=sseu/board-results" in dry.stdout) == (0, True)
    with pytest.raises(HttpError):
        hub.state("spaces", "sseu/board")
    done = push(hub, home, *words, "--allow-custom")
    assert done.returncode == 0, done.stderr
    assert "made the results dataset sseu/board-results" in done.stdout
    files = hub.files("spaces", "sseu/board")
    assert files["app.py"] == (ROOT / "sseu_leaderboard" / "web" / "app.py").read_bytes()
    assert {"references/v1.0.0rc1.jsonl", "requirements.txt", "sseu_metric/scoring.py"} <= files.keys()
    assert not [path for path in files if "__pycache__" in path]
    code = "print({name: one.value for name, one in api.get_space_variables('sseu/board').items()})"
    assert client(hub, home, code).strip() == "{'SSEU_RESULTS_REPO': 'sseu/board-results', 'SSEU_ALLOW_CUSTOM': '1'}"
    again = push(hub, home, *words, "--allow-custom")
    assert (again.returncode, "(nothing changed)" in again.stdout) == (0, True)
    assert "variable" not in again.stdout.split("http")[-1]


def test_an_unknown_benchmark_or_leaderboard_is_named(hub: RunningHub, home: Path, result: Path) -> None:
    unknown = submit(hub, home, result, "--dataset", "sseu/nothing")
    assert_refused(unknown, "and the Hub has no dataset sseu/nothing with a manifest.json")
    unknown = submit(hub, home, result, "--leaderboard", "sseu/none", "--leaderboard-only")
    assert_refused(unknown, "sseu/none: the Hub answers 404", 1)
    assert "check the name" in unknown.stderr


@pytest.mark.parametrize(
    ("words", "token", "message"),
    [
        (["metric", "--repo", "elsewhere/sseu"], None, "the Hub answers 401"),
        (["metric", "--repo", "sseu-2/sseu"], OUTSIDER, "the Hub answers 403"),
        (["metric", "--repo", "lab/other"], MAINTAINER, "the Space must be called sseu"),
        (["metric", "--repo", "sseu"], MAINTAINER, "owner/name is needed"),
        (["dataset", "nowhere", "--repo", DATASET], MAINTAINER, "nowhere: no manifest.json"),
        (["dataset", "BUILT", "--repo", DATASET, "--with-audio", "all"], MAINTAINER, "give --private"),
        (
            ["dataset", "BUILT", "--repo", DATASET, "--with-audio", "speech"],
            MAINTAINER,
            "not confirmed, nothing was pub",
        ),
    ],
)
def test_what_goes_wrong_is_said(
    hub: RunningHub, home: Path, built: Path, words: list[str], token: str | None, message: str
) -> None:
    words = [str(built) if word == "BUILT" else word for word in words]
    assert_refused(push(hub, home, *words, token=token), message, 1 if "the Hub answers" in message else 2)


def test_a_push_that_failed_is_continued_without_sending_again(hub: RunningHub, home: Path, built: Path) -> None:
    repo = "sseu/second"
    hub.arm("PUT /_lfs/", "cut")
    hub.arm(f"POST /api/datasets/{repo}/commit", 500)
    failed = push(hub, home, "dataset", str(built), "--repo", repo)
    assert_refused(failed, "the Hub answers 500", 1)
    assert "run the same command again: files that arrived are not sent again" in failed.stderr
    assert not hub.state("datasets", repo)["tags"]
    sent = sum(line.startswith("PUT /_lfs/") for line in hub.log())
    hub.arm(f"POST /api/datasets/{repo}/tag", 503)
    assert push(hub, home, "dataset", str(built), "--repo", repo).returncode == 1
    done = push(hub, home, "dataset", str(built), "--repo", repo)
    assert done.returncode == 0, done.stderr
    assert sum(line.startswith("PUT /_lfs/") for line in hub.log()) == sent
    state = hub.state("datasets", repo)
    assert state["tags"] == {TAG: state["branches"]["main"]}
    assert len(state["commits"]) == 2


def test_a_private_repository_is_never_opened_by_mistake(hub: RunningHub, home: Path, built: Path) -> None:
    repo = "sseu/own"
    words = ["dataset", str(built), "--repo", repo, "--with-audio", "all", "--private", "--yes"]
    done = push(hub, home, *words)
    assert done.returncode == 0, done.stderr
    assert hub.state("datasets", repo)["private"]
    assert "gated: access requests need manual approval" in done.stdout
    assert hub.state("datasets", repo)["gated"] == "manual"
    assert b"extra_gated_prompt" in hub.files("datasets", repo)["README.md"]
    again = push(hub, home, *words)
    assert (again.returncode, "gated" in again.stdout) == (0, False)
    assert any(b"fLaC" in data for data in hub.files("datasets", repo).values())
    public = push(hub, home, "dataset", str(built), "--repo", repo)
    assert_refused(public, f"{repo} exists and is private")
    onto_public = push(hub, home, "dataset", str(built), "--repo", DATASET, *words[4:])
    assert_refused(onto_public, f"{DATASET} exists and is public")
