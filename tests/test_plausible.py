"""The invented results that tests and pictures use: are they what real ones would be to the rest of the project?"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from sseu_cli.main import main
from sseu_metric.conditions import CONDITIONS, scored_conditions
from sseu_models.kinds import kind_of
from sseu_models.results.folder import read_result, read_scores
from tests.plausible import SYSTEMS, Simulated, plausible_results
from tests.plausible_answers import Skill

pytestmark = pytest.mark.slow  # a minute and a half; `make screenshots` uses it too
_RECOGNISER = next(one for one in SYSTEMS if one.id == "hf:openai/whisper-small")


@pytest.fixture(scope="module")
def folders(built: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Of all systems, on the tiny dataset."""
    return plausible_results(built, tmp_path_factory.mktemp("plausible"), len(SYSTEMS))


def _wer(folder: Path) -> list[float]:
    by_condition: Mapping[str, Mapping[str, float]] = {
        name: {**cell} for name, cell in read_scores(folder).modes["independent"].by_condition.items()
    }
    return [by_condition[condition]["wer"] for condition in scored_conditions("asr", CONDITIONS)]


def test_every_system_has_a_folder_with_every_answer(folders: list[Path]) -> None:
    assert len(set(folders)) == len(SYSTEMS) == 30
    for folder, system in zip(folders, SYSTEMS, strict=True):
        result = read_result(folder)
        assert (result.system, result.answers.failed) == (system.id, 0)
        assert result.answers.ok == result.answers.asked


def test_every_kind_of_result_is_there_among_the_first_fourteen() -> None:
    kinds = {kind_of(one.id, one.frontend or "none") for one in SYSTEMS[:14]}
    assert kinds == {"system", "front end", "oracle", "control", "baseline"}


def test_a_result_says_that_it_is_invented(folders: list[Path]) -> None:
    for folder, system in zip(folders, SYSTEMS, strict=True):
        if not system.id.startswith("control:"):
            assert read_result(folder).settings["answers"] == "invented by tests/plausible.py"


def test_words_are_lost_as_the_noise_rises(folders: list[Path]) -> None:
    heard = [one for one, system in zip(folders, SYSTEMS, strict=True) if _transcribes(system)]
    assert len(heard) > 15
    for folder in heard:
        by_snr = _wer(folder)
        assert by_snr[0] < by_snr[-1], (folder, by_snr)
    recogniser = _wer(folders[SYSTEMS.index(_RECOGNISER)])
    assert recogniser == sorted(recogniser)


def _transcribes(system: Simulated) -> bool:
    return system.skill.words is not None and system.hears and system.frontend != "silence"


def test_systems_differ(folders: list[Path]) -> None:
    average = [read_scores(one).modes["independent"].wer for one in folders]
    spread = [value for value, system in zip(average, SYSTEMS, strict=True) if value is not None and system.skill.words]
    assert min(spread) < 20 < 35 < max(spread)


def test_equal_seeds_give_equal_answers_and_others_do_not(built: Path, tmp_path: Path) -> None:
    def transcripts(name: str, seed: int) -> list[float]:
        return _wer(plausible_results(built, tmp_path / name, 1, seed=seed, systems=[replace(_RECOGNISER)])[0])

    assert transcripts("one", 0) == transcripts("two", 0) != transcripts("three", 1)


def test_a_system_that_samples_differs_from_run_to_run(folders: list[Path]) -> None:
    modes = read_scores(folders[0]).modes["independent"]
    assert len({run.by_condition["-5"]["wer"] for run in modes.by_run}) == len(modes.by_run) == 3


def test_more_skill_gives_better_scores(built: Path, tmp_path: Path) -> None:
    good = Simulated("hf:one/good", Skill(-6, 1.0, scenes=8, events=8, background_fall=0))
    bad = Simulated("hf:one/bad", Skill(1, 1.0, scenes=-8, events=-8, background_fall=0))
    better, worse = (
        read_scores(one).modes["independent"] for one in plausible_results(built, tmp_path, 2, systems=[good, bad])
    )
    assert (better.wer or 0) < 10 < 50 < (worse.wer or 0)
    assert (better.macc or 0) > 90 > 20 > (worse.macc or 0)
    assert (better.map or 0) > (worse.map or 0) + 20


def test_the_command_writes_folders_that_the_report_takes(built: Path, tmp_path: Path) -> None:
    options = ["--data", str(built), "--out", str(tmp_path / "results"), "--systems", "9"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.plausible", *options], check=True, capture_output=True, text=True
    )
    folders = done.stdout.split()
    assert len(folders) == 9
    assert main(["report", *folders, "--out", str(tmp_path / "report")]) == 0
    page = (tmp_path / "report" / "report.html").read_text()
    assert all(system.id in page for system in SYSTEMS[:9])


@pytest.mark.parametrize("count", [0, 31])
def test_there_are_thirty_systems(built: Path, tmp_path: Path, count: int) -> None:
    with pytest.raises(ValueError, match=f"{count} systems; there are 1 to 30"):
        plausible_results(built, tmp_path, count)
