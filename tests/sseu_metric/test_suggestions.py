"""What was probably meant."""

from sseu_metric.suggestions import did_you_mean


def test_a_close_name_is_offered_and_none_that_is_far_off() -> None:
    assert did_you_mean("wroker", ["worker", "hf"]) == "; did you mean 'worker'?"
    assert did_you_mean("gpt", ["worker", "hf"]) == ""
    assert did_you_mean("", ["worker", "hf"]) == ""


def test_the_beginning_of_a_long_name_is_close() -> None:
    assert did_you_mean("kimi", ["LTU-AS", "Kimi-Audio"]) == "; did you mean 'Kimi-Audio'?"
