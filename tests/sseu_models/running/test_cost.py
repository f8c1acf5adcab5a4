"""What a job would take: the counts of the paper's protocol, tokens and money."""

from __future__ import annotations

import pytest

from sseu_metric.conditions import CONDITIONS
from sseu_models.job import Job
from sseu_models.planning import PlannedClip, plan
from sseu_models.prompts import PromptSet, load_prompts
from sseu_models.records import TASKS, Prompt
from sseu_models.running.cost import AUDIO_TOKENS_PER_S, estimate
from tests.sseu_models.scripted import reference


def planned(pairs: int, job: Job) -> list[PlannedClip]:
    rows = [reference(f"p{number}", condition) for number in range(pairs) for condition in CONDITIONS]
    return plan(rows, job, modes=TASKS, deterministic=False)


def test_the_whole_benchmark_for_one_model() -> None:
    found = estimate(planned(1117, Job(modes=("independent", "joint", "cot"))), load_prompts(), "*", None)
    assert found.requests == {
        "independent asr": 1117 * 6 * 3,
        "independent asc": 1117 * 6 * 3,
        "independent at": 1117 * 6 * 3,
        "joint all": 1117 * 5 * 3,
        "cot all": 1117 * 5 * 3,
    }
    assert sum(found.requests.values()) == 93_828
    assert found.clips == 1117 * 7
    assert found.audio_h == pytest.approx(93_828 * 10 / 3600)


def test_every_request_pays_for_its_audio_its_prompt_and_its_answer() -> None:
    prompt = Prompt(
        "mine/joint-1", "all", "joint", "One two three.", "Four five six seven eight nine ten.", "user file"
    )
    prompts = PromptSet("mine-1", (prompt,), "mine.toml", ())
    clips = planned(2, Job(modes=("joint",), runs=1))
    found = estimate(clips, prompts, "*", (2.0, 10.0))
    assert found.input_tokens == round(10 * (10 * AUDIO_TOKENS_PER_S + 10 * 1.3))
    assert found.output_tokens == 10 * 70
    assert found.usd == pytest.approx((found.input_tokens * 2 + found.output_tokens * 10) / 1e6)
    free = estimate(clips, prompts, "*", (0.0, 0.0))
    assert free.usd == 0
    assert "about 0.00 USD" in list(free.lines())


def test_the_prompt_of_the_family_is_counted_and_reasoning_is_longer() -> None:
    asr = planned(1, Job(runs=1, conditions=("0",)))
    ours = load_prompts()
    assert estimate(asr, ours, "kimi-audio", None).input_tokens != estimate(asr, ours, "*", None).input_tokens
    joint, cot = (estimate(planned(1, Job(modes=(mode,), runs=1)), ours, "*", None) for mode in ("joint", "cot"))
    assert cot.output_tokens == joint.output_tokens + 5 * 350
    with pytest.raises(ValueError, match="unknown prompt family 'kimi'"):
        estimate(asr, ours, "kimi", None)


def test_without_prices_no_money_is_named() -> None:
    lines = list(estimate(planned(3, Job(runs=1)), load_prompts(), "*", None).lines())
    assert lines[0] == f"{'independent asr':<18}{18:>9,} requests"
    assert lines[3] == f"{'all':<18}{54:>9,} requests, 21 clips, 0.1 h of audio sent"
    assert lines[-1] == "for a price, add --prices IN,OUT (USD per million)"
    assert not any("about" in line and "USD" in line for line in lines)
