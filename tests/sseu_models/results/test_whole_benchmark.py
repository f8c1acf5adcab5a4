"""What all of the paper's pairs take at the speed of a run."""

from __future__ import annotations

import pytest

from sseu_models.gpu_prices import GPU_PRICES
from sseu_models.job import Job
from sseu_models.results.records import Speed
from sseu_models.results.terminal import answer_lines
from sseu_models.results.whole_benchmark import whole_benchmark
from tests.sseu_models.made_results import make_result, make_summary

HOUR = Speed(answers=1000, wall_s=3600.0)


def test_a_run_of_everything_takes_what_it_took() -> None:
    result = make_result(answers=make_summary(asked=84), speed=Speed(answers=84, wall_s=3600.0))
    one = 84 / result.dataset.pairs
    hours = 1117 / result.dataset.pairs
    assert whole_benchmark(result) == (
        f"all 1,117 pairs at this speed: {round(one * 1117):,} questions, about {hours:,.1f} h"
    )


@pytest.mark.parametrize(("limit", "shard"), [(2, None), (None, (1, 3)), (4, (2, 2))])
def test_a_part_is_counted_as_the_whole(limit: int | None, shard: tuple[int, int] | None) -> None:
    whole = make_result()
    pairs = (limit or whole.dataset.pairs) / (shard[1] if shard else 1)
    asked = round(pairs * 18 * 60)
    result = make_result(job=Job(limit=limit, shard=shard), answers=make_summary(asked=asked), speed=HOUR)
    assert whole_benchmark(result) == "all 1,117 pairs at this speed: 1,206,360 questions, about 1,206.4 h"


def test_gpu_hours_and_cost_stand_with_the_speed() -> None:
    speed = HOUR.replace(gpus=("NVIDIA H200",))
    result = make_result(answers=make_summary(asked=18 * 60 * make_result().dataset.pairs), speed=speed)
    line = (
        "  all 1,117 pairs at this speed: 1,206,360 questions, about 1,206.4 GPU hours on 1 x NVIDIA H200, "
        f"6,031.80 USD at 5.00 USD an hour each ({GPU_PRICES['H200'].stated})"
    )
    assert line in list(answer_lines(result))


def test_without_speed_or_questions_nothing_is_said() -> None:
    assert whole_benchmark(make_result()) is None
    assert whole_benchmark(make_result(answers=make_summary(asked=0), speed=HOUR)) is None


def test_sessions_on_different_cards_have_no_common_price() -> None:
    ours, theirs = HOUR.replace(gpus=("NVIDIA H200",)), HOUR.replace(gpus=("NVIDIA L4",))
    assert ours.plus(ours).gpus == ("NVIDIA H200",)
    assert ours.plus(theirs).gpus == ()
