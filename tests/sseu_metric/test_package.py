"""The package's names are found at their first use."""

from __future__ import annotations

import subprocess
import sys

import pytest

import sseu_metric


def test_every_name_is_there() -> None:
    assert [getattr(sseu_metric, name).__class__ for name in sseu_metric.__all__]
    assert set(sseu_metric.__all__) <= set(dir(sseu_metric))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'sseu_metric' has no attribute 'scores_of'"):
        getattr(sseu_metric, "scores_of")  # noqa: B009 - mypy knows that it is not there


def test_importing_the_dataset_compiles_no_pattern_of_an_answer() -> None:
    code = "import sys, sseu_dataset; print([name for name in sys.modules if name.startswith('sseu_metric.answer')])"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "[]\n"
