"""What a job would take: the counts of the paper's protocol, tokens and money."""

from __future__ import annotations

from pathlib import Path

import pytest

from sseu_metric.conditions import CONDITIONS
from sseu_models.cost.estimate import AUDIO_TOKENS_PER_S, estimate, estimate_request
from sseu_models.cost.prices import PRICES, Price, price_of
from sseu_models.job import Job
from sseu_models.planning import PlannedClip, plan
from sseu_models.prompts import PromptSet, load_prompts
from sseu_models.records import TASKS, Prompt
from sseu_models.running.request import Request
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
    found = estimate(clips, prompts, "*", Price(2.0, 32.0, 10.0, audio_tokens_per_s=10))
    assert (found.text_tokens, found.audio_tokens, found.output_tokens) == (130, 10 * 100, 10 * 70)
    assert found.usd == pytest.approx((130 * 2 + 1000 * 32 + 700 * 10) / 1e6)
    free = estimate(clips, prompts, "*", Price(0.0, 0.0, 0.0, AUDIO_TOKENS_PER_S))
    assert free.usd == 0
    assert "about 0.00 USD" in list(free.lines())


def test_the_prompt_of_the_family_is_counted_and_reasoning_is_longer() -> None:
    asr = planned(1, Job(runs=1, conditions=("0",)))
    ours = load_prompts()
    assert estimate(asr, ours, "kimi-audio", None).text_tokens != estimate(asr, ours, "*", None).text_tokens
    joint, cot = (estimate(planned(1, Job(modes=(mode,), runs=1)), ours, "*", None) for mode in ("joint", "cot"))
    assert cot.output_tokens == joint.output_tokens + 5 * 350
    with pytest.raises(ValueError, match="unknown prompt family 'kimi'"):
        estimate(asr, ours, "kimi", None)


def test_without_prices_no_money_is_named() -> None:
    lines = list(estimate(planned(3, Job(runs=1)), load_prompts(), "*", None).lines())
    assert lines[0] == f"{'independent asr':<18}{18:>9,} requests"
    assert lines[3] == f"{'all':<18}{54:>9,} requests, 21 clips, 9.0 min of audio sent"
    assert lines[-2:] == [
        "no price known, give --prices TEXT,AUDIO,OUT (USD per million tokens)",
        "for the hours, add --estimate-from N: it asks N questions of each kind",
    ]
    assert not any("about" in line and "USD" in line for line in lines)


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("gpt-audio", "gpt-audio"),
        ("gpt-audio-2025-08-28", "gpt-audio"),
        ("gpt-audio-1.5", "gpt-audio-1.5"),
        ("gpt-4o-audio-preview-2024-12-17", "gpt-4o-audio-preview"),
        ("gpt-audio-mini", None),
        ("Qwen/Qwen2-Audio-7B-Instruct@http://localhost:8000/v1", None),
    ],
)
def test_a_snapshot_has_the_price_of_its_model(model: str, name: str | None) -> None:
    assert price_of(model) == (None if name is None else PRICES[name])
    assert all("2026" in price.stated and price.audio > price.text for price in PRICES.values())


@pytest.mark.parametrize("system", ["api:gpt-audio", "text-only:api:gpt-audio"])
def test_without_audio_none_is_paid_for(system: str, built: Path, tmp_path: Path) -> None:
    found = estimate_request(Request(system, str(built), tmp_path, job=Job(limit=2, runs=1)))
    assert found.price == PRICES["gpt-audio"]
    assert sum(found.requests.values()) == 36
    assert (found.audio_tokens, found.audio_h) == ((3600, 0.1) if system.startswith("api:") else (0, 0))
    assert found.text_tokens > 0


def test_the_users_prices_change_no_token(built: Path, tmp_path: Path) -> None:
    request = Request("api:gpt-audio", str(built), tmp_path, job=Job(limit=2, runs=1))
    known, given = estimate_request(request), estimate_request(request, (1.0, 2.0, 3.0))
    assert given.audio_tokens == known.audio_tokens == 3600
    assert given.usd != known.usd
    assert any("(10 per second)" in line for line in given.lines())


@pytest.mark.parametrize("system", ["control:majority", "asr:pocketsphinx"])
def test_what_no_service_answers_has_no_price(system: str, built: Path, tmp_path: Path) -> None:
    lines = list(estimate_request(Request(system, str(built), tmp_path, job=Job(limit=2))).lines())
    assert not any("price" in line or "USD" in line for line in lines)
    hears = system.startswith("asr")
    assert any(line.endswith("min of audio sent" if hears else "no audio sent") for line in lines)
    assert any("million tokens" in line for line in lines) == hears


def test_little_is_not_nothing(built: Path, tmp_path: Path) -> None:
    request = Request("api:gpt-audio", str(built), tmp_path, job=Job(limit=1, runs=1, conditions=("0",)))
    text = "\n".join(estimate_request(request).lines())
    assert " 0.0 " not in text
