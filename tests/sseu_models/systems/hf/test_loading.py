"""Weights by hash, what becomes a model that can answer, and what is refused."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sseu_models.records import SystemDownError
from sseu_models.systems.content import content_sha256
from sseu_models.systems.hf.loading import (
    Weights,
    choose_device,
    find_weights,
    from_pretrained,
    import_transformers,
    known_identity,
    split_revision,
    system_name,
)
from sseu_models.systems.hf.model import LoadedModel, wrap
from tests.sseu_models.systems.hf.tiny_models import save_clap

pytest.importorskip("transformers", reason="transformers is not installed (extra `hf`)")


@pytest.fixture(scope="module")
def clap_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_clap(tmp_path_factory.mktemp("models") / "tiny-clap")


def test_revision_after_the_at(tmp_path: Path) -> None:
    assert split_revision("Qwen/Qwen2-Audio@v1") == ("Qwen/Qwen2-Audio", "v1")
    assert split_revision("Qwen/Qwen2-Audio") == ("Qwen/Qwen2-Audio", None)
    odd = tmp_path / "mine@home"
    odd.mkdir()
    assert split_revision(str(odd)) == (str(odd), None)


def test_name_of_a_folder_has_no_path(clap_folder: Path) -> None:
    assert system_name(str(clap_folder)) == "tiny-clap"
    assert system_name("laion/clap@main") == "laion/clap"
    assert system_name("/on/another/machine/tiny-clap") == "tiny-clap"


def test_what_would_be_loaded_is_known_before_it_is(clap_folder: Path, tmp_path: Path) -> None:
    mine = shutil.copytree(clap_folder, tmp_path / "copy")
    first = known_identity("hf", str(mine))
    assert first == find_weights("hf", str(mine)).identity() == {"weights_sha256": content_sha256(clap_folder)}
    weights = mine / "model.safetensors"
    changed = bytearray(weights.read_bytes())
    changed[len(changed) // 2] ^= 1  # one bit, same size
    weights.write_bytes(changed)
    assert known_identity("hf", str(mine)) != first
    commit = "0123456789" * 4
    assert known_identity("hf", f"Nobody/No-Such-Audio-7B@{commit}") == {"revision": commit}
    for unknown in ("Nobody/No-Such-Audio-7B@v2", "Nobody/No-Such-Audio-7B", str(tmp_path / "absent")):
        assert known_identity("hf", unknown) == {}


def test_the_commit_in_the_hub_cache_is_known(tmp_path: Path) -> None:
    """In a process of its own: the library reads its cache folder when it is imported."""
    commit = "0123456789" * 4
    repository = tmp_path / "models--some--model"
    (repository / "snapshots" / commit).mkdir(parents=True)
    (repository / "snapshots" / commit / "config.json").write_text("{}")
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(commit)
    code = "from sseu_models.systems.hf.loading import known_identity as k; print(k('hf', 'some/model'))"
    environment = {**os.environ, "HF_HUB_CACHE": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == f"{{'revision': '{commit}'}}\n"


def test_missing_weights_name_model_and_remedy() -> None:
    with pytest.raises(SystemDownError) as caught:
        find_weights("hf", "Nobody/No-Such-Audio-7B@v2")
    for part in ("hf:Nobody/No-Such-Audio-7B@v2", "`hf download Nobody/No-Such-Audio-7B --revision v2`", "folder"):
        assert part in str(caught.value)


def test_a_missing_folder_is_not_requested_from_the_hub(tmp_path: Path) -> None:
    with pytest.raises(SystemDownError, match="is not a folder on this machine; give an existing one"):
        find_weights("hf", str(tmp_path / "absent"))


def test_missing_tensors_are_not_filled_with_random_numbers(clap_folder: Path, tmp_path: Path) -> None:
    import transformers
    from safetensors.torch import load_file, save_file

    broken = shutil.copytree(clap_folder, tmp_path / "broken")
    tensors = load_file(broken / "model.safetensors")
    name = next(name for name in tensors if name.startswith("audio_projection"))
    del tensors[name]
    save_file(tensors, broken / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ValueError, match=f"1 weights are missing or of another shape, the first is {name}"):
        from_pretrained(transformers.ClapModel, Weights("broken", str(broken), None, ""))


def test_missing_package_names_the_install_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(SystemDownError, match=r"hf: needs the package transformers; .*pip install '\.\[hf\]'"):
        import_transformers("hf")


def test_cuda_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("hf", "auto") == "cpu"
    with pytest.raises(SystemDownError, match=r"device cuda is requested, but torch .* sees no GPU.*device=cpu"):
        choose_device("hf", "cuda")


@pytest.mark.parametrize(
    ("order", "model_type", "expected"),
    [
        ("auto", "qwen2_audio", "audio-first"),
        ("auto", "audioflamingo3", "text-first"),
        ("text-first", "qwen2_audio", "text-first"),
        ("audio-first", "audioflamingo3", "audio-first"),
    ],
)
def test_the_order_of_audio_and_text(loaded: LoadedModel, order: str, model_type: str, expected: str) -> None:
    assert wrap(loaded.model, loaded.processor, model_type=model_type, order=order).order == expected


def test_what_the_checkpoint_would_sample_is_taken_away(loaded: LoadedModel) -> None:
    assert (loaded.rate_hz, loaded.max_audio_s, loaded.processor.tokenizer.padding_side) == (16_000, 30.0, "left")
    kept = loaded.model.generation_config
    assert not kept.do_sample
    assert (kept.temperature, kept.top_k, kept.repetition_penalty) in ((None, None, None), (1.0, 50, 1.0))


def test_model_that_takes_no_prompts(clap_folder: Path) -> None:
    import transformers

    model = transformers.ClapModel.from_pretrained(clap_folder)
    with pytest.raises(SystemDownError, match=r"clap: ClapProcessor has no chat template.*instruction-tuned"):
        wrap(model, transformers.ClapProcessor.from_pretrained(clap_folder), model_type="clap")
