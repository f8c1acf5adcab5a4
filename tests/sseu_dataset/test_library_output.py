"""What libraries write while a dataset is loaded: no log of retries, no bars into files."""

from __future__ import annotations

import logging
from typing import Any

import datasets
import huggingface_hub
import pytest
from huggingface_hub.errors import LocalEntryNotFoundError

from sseu_dataset import DatasetError, load
from sseu_dataset.library_output import bars_on_terminals_only

CLIENT = logging.getLogger("huggingface_hub.utils._http")


def test_retries_of_the_hub_client_are_not_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: Any, **__: Any) -> str:
        assert not CLIENT.isEnabledFor(logging.WARNING)
        raise LocalEntryNotFoundError("no network")

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", unreachable)
    with pytest.raises(DatasetError, match="or cannot be reached: no network"):
        load("nobody/nothing")
    assert CLIENT.isEnabledFor(logging.WARNING)


@pytest.mark.parametrize("terminal", [True, False])
def test_bars_are_for_terminals(monkeypatch: pytest.MonkeyPatch, terminal: bool) -> None:
    calls: list[str] = []
    monkeypatch.setattr(datasets, "are_progress_bars_disabled", lambda: False)
    monkeypatch.setattr(datasets, "disable_progress_bars", lambda: calls.append("off"))
    monkeypatch.setattr(datasets, "enable_progress_bars", lambda: calls.append("on"))
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal)
    with bars_on_terminals_only():
        assert calls == ([] if terminal else ["off"])
    assert calls == ([] if terminal else ["off", "on"])
