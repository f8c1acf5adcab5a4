"""A dataset built with other SNRs than the paper's is asked, averaged and judged by its own conditions."""

from __future__ import annotations

from pathlib import Path

import pytest

from sseu_dataset import Settings, build
from sseu_models.job import Job
from sseu_models.records import Question, Reply
from sseu_models.results.folder import read_scores
from sseu_models.results.records import Result
from sseu_models.results.terminal import score_lines
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request
from tests.sseu_dataset.tiny_corpora import TinyCorpora
from tests.sseu_models.scripted import ScriptedSystem

MODES = ("independent", "joint", "cot")


@pytest.fixture(scope="module")
def data(pristine_corpora: TinyCorpora, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("other") / "dataset"
    build(out, **pristine_corpora.folders, settings=Settings(snrs_db=(15.0, 0.0)), allow_partial=True, progress=False)
    return out


def ask(data: Path, out: Path, **values: object) -> Result:
    def reply(question: Question) -> Reply:
        wrong = 5 if question.clip_id.endswith("_snr_15") else 50
        return Reply(text=f"Transcript: {'word ' * wrong}\nScene: Home\nEvents: Dog")

    job = Job(modes=MODES, runs=1, **values)  # type: ignore[arg-type]
    return evaluate(Request(ScriptedSystem(reply=reply), str(data), out, job=job, embedder="exact"), progress=False)


def test_every_mode_is_asked_and_averaged_over_the_conditions_there_are(data: Path, tmp_path: Path) -> None:
    result = ask(data, tmp_path / "out")
    assert result.incomplete == ()
    assert result.dataset.conditions == ("+inf", "15", "0", "-inf")
    scores = read_scores(tmp_path / "out")
    averages = {mode: found.averages for mode, found in scores.modes.items()}
    assert averages["independent"]["wer"].conditions == ("+inf", "15", "0")
    assert averages["independent"]["map"].conditions == ("15", "0", "-inf")
    for mode in ("joint", "cot"):
        found = scores.modes[mode]
        assert averages[mode]["wer"].conditions == averages[mode]["macc"].conditions == ("15", "0")
        assert found.wer == averages[mode]["wer"].finite
        assert found.wer == pytest.approx((found.by_condition["15"]["wer"] + found.by_condition["0"]["wer"]) / 2)
        assert found.by_condition["15"]["wer"] < found.by_condition["0"]["wer"]
    lines = list(score_lines(scores))
    assert lines[0].split()[-5:] == ["0", "+inf", "15", "0", "-inf"]
    assert "  15 to 0: average over 15, 0" in lines
