"""Stand-in corpora of the small size, which no test may change."""

from __future__ import annotations

from pathlib import Path

import pytest

from sseu_dataset.standin.corpora import make_standin


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("espeakng_loader", reason="the extra `demo` is not installed")
    out = tmp_path_factory.mktemp("standin") / "corpora"
    make_standin(out, "demo", progress=False)
    return out
