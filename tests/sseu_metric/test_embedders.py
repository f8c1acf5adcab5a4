"""The names of embedders and what each makes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sseu_metric import extras
from sseu_metric.embedders import make_embedder
from sseu_metric.embedding_cache import CachedEmbedder
from sseu_metric.exact_embedder import ExactEmbedder
from tests.sseu_metric.test_similarity import Letters


@pytest.mark.parametrize(
    "spec", ["", "exakt", "exact:", "default:x", "openai:", "openai", "sentence-transformers:", "bert:x"]
)
def test_an_unknown_name_lists_the_forms(spec: str) -> None:
    with pytest.raises(
        ValueError,
        match=rf"unknown embedder '{spec}'(; did you .*)?; it must be one of: default, paper, exact, o",
    ):
        make_embedder(spec)


@pytest.mark.parametrize(("spec", "meant"), [("exakt", "exact"), ("openia:x", "openai")])
def test_a_close_name_is_suggested(spec: str, meant: str) -> None:
    with pytest.raises(ValueError, match=rf"unknown embedder '{spec}'; did you mean '{meant}'\?; it must be"):
        make_embedder(spec)


@pytest.mark.parametrize("folder", ["/no/such/folder", "./nowhere", "~/nowhere"])
def test_a_missing_folder_is_named(folder: str) -> None:
    with pytest.raises(ValueError, match=f"embedder 'sentence-transformers:{folder}@x': no such folder: {folder};"):
        make_embedder(f"sentence-transformers:{folder}@x")


def test_something_else_than_an_embedder_is_refused() -> None:
    with pytest.raises(ValueError, match="embedder is a int; give an embedder or one of: default"):
        make_embedder(3)  # type: ignore[arg-type]


def test_exact_is_not_cached() -> None:
    embedder = make_embedder("exact")
    assert isinstance(embedder, ExactEmbedder)
    assert (embedder.id, embedder.revision, embedder.dimension) == ("exact", None, None)


def test_an_embedder_is_returned_as_it_is_unless_a_file_is_named(tmp_path: Path) -> None:
    letters = Letters()
    assert make_embedder(letters) is letters
    assert make_embedder(letters, cache=False) is letters
    cached = make_embedder(letters, cache=tmp_path / "vectors.sqlite")
    assert isinstance(cached, CachedEmbedder)
    assert np.array_equal(cached.embed(["a", "b"]), letters.embed(["a", "b"]))


def test_paper_is_openais_large_model() -> None:
    pytest.importorskip("openai", reason="openai is not installed")
    embedder = make_embedder("paper")
    assert (embedder.id, embedder.revision, embedder.dimension) == ("openai:text-embedding-3-large", None, 3072)
    assert isinstance(embedder, CachedEmbedder)
    assert embedder.cache.path.parts[-2:] == ("sseu-bench", "embeddings.sqlite")


@pytest.mark.parametrize("spec", [None, "exact", "sentence-transformers:x"])
def test_a_server_belongs_to_openai_names_only(spec: str | None) -> None:
    with pytest.raises(ValueError, match="base_url and api_key_env are for openai:<model>, not for the embedder"):
        make_embedder(spec, base_url="http://localhost:1/v1")


@pytest.mark.parametrize(
    ("spec", "extra"),
    [(None, "embed"), ("sentence-transformers:org/m", "embed"), ("paper", "openai"), ("openai:m", "openai")],
)
def test_a_missing_package_is_named_with_the_line_that_installs_it(
    spec: str | None, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=rf"^the embedder [\w./:-]+ needs the package \w+; .*'.\[{extra}\]'"):
        make_embedder(spec)


def test_importing_stays_light() -> None:
    code = (
        "import sys, sseu_metric.embedders, sseu_metric.embedding_cache, sseu_metric.openai_embedder, "
        "sseu_metric.sentence_embedder; "
        "print(sorted({'numpy', 'torch', 'openai', 'sentence_transformers', 'huggingface_hub'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
