"""Weights by hash, what becomes a model that can answer, and what is refused."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sseu_models.records import SystemDownError
from sseu_models.systems.content import content_sha256
from sseu_models.systems.hf.damage import damage_in
from sseu_models.systems.hf.loading import (
    Weights,
    WrongModelError,
    choose_device,
    find_weights,
    from_pretrained,
    import_transformers,
    known_identity,
    split_revision,
    system_name,
    weights_missing,
)
from sseu_models.systems.hf.model import LoadedModel, check_adapter, check_processor, load, wrap
from sseu_models.systems.hf.routes import find_route
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
    with pytest.raises(ValueError, match=f"^1 weights are missing: {name}$"):
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


def refused(folder: Path) -> str:
    """The message with which a folder is refused."""
    with pytest.raises(SystemDownError) as caught:
        load(find_weights("hf", str(folder)), dtype="float32", device_map="cpu")
    message = str(caught.value)
    assert "\n" not in message
    assert str(folder.parent) not in message
    return message


def test_a_clap_is_sent_to_its_own_kind(clap_folder: Path) -> None:
    assert refused(clap_folder).endswith("compares audio with texts; name it as clap:<Hub id or folder>")


def test_every_weight_that_does_not_fit_is_named(folder: Path, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    broken = shutil.copytree(folder, tmp_path / "broken")
    tensors = load_file(broken / "model.safetensors")
    gone = sorted(name for name in tensors if name.endswith("layers.0.self_attn.q_proj.weight"))
    for name in gone:
        del tensors[name]
    other = next(name for name in tensors if name.endswith("layers.1.mlp.up_proj.weight"))
    tensors[other] = torch.zeros(3, 5)
    tensors["language_model.lora_A.weight"] = torch.zeros(1)
    save_file(tensors, broken / "model.safetensors", metadata={"format": "pt"})
    message = refused(broken)
    for name in gone:
        assert name.removeprefix("language_model.model.") in message
    for part in (
        f"{len(gone)} weights are missing: ",
        "1 weights are of another shape: ",
        "[3, 5] instead of [64, 32]",
        "1 weights are of an adapter that is not loaded: ",
    ):
        assert part in message


def test_not_a_model(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "text.txt").write_text("no model")
    message = refused(tmp_path / "notes")
    assert "config.json" in message
    assert message.endswith("configuration, weights, tokenizer and processor")


OR_WITHOUT = "name one that takes audio, or ask it without as text-only:hf:..."


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("Qwen2Config", f"model type 'qwen2' is a language model for text alone; {OR_WITHOUT}"),
        ("ViTConfig", "model type 'vit' takes no audio; name an audio language model, a recogniser or a tagger"),
        ("DiaConfig", "model type 'dia' has no route here: it makes speech"),
    ],
)
def test_models_of_another_kind_are_refused_before_weights_are_read(tmp_path: Path, config: str, message: str) -> None:
    import transformers

    made = getattr(transformers, config)()
    made.architectures = [config.replace("Config", "ForCausalLM" if config.startswith("Q") else "Model")]
    made.save_pretrained(tmp_path / "other")
    assert refused(tmp_path / "other") == f"hf:other: {message}"


def test_without_a_chat_template(folder: Path) -> None:
    import transformers

    processor = transformers.AutoProcessor.from_pretrained(folder)
    processor.chat_template = processor.tokenizer.chat_template = None
    with pytest.raises(WrongModelError) as caught:
        check_processor(processor, "qwen2_audio")
    assert "Qwen2AudioProcessor has no chat template, and neither has its tokenizer" in str(caught.value)
    assert str(caught.value).endswith("add its chat_template.jinja to the folder")


def test_the_template_of_the_tokenizer_will_do(folder: Path) -> None:
    import transformers

    processor = transformers.AutoProcessor.from_pretrained(folder)
    processor.tokenizer.chat_template, processor.chat_template = processor.chat_template, None
    check_processor(processor, "phi4_multimodal")
    assert processor.chat_template == processor.tokenizer.chat_template is not None


def test_a_missing_package_is_named_and_the_whole_error_kept() -> None:
    text = "\nGemma3nProcessor requires the Torchvision library but it was not found.\nSee https://pytorch.org\n"
    message = str(weights_missing("hf", "google/gemma", ImportError(text)))
    assert message.startswith("hf:google/gemma needs torchvision; install it with: pip install torchvision (of a")
    assert message.endswith("requires the Torchvision library but it was not found. See https://pytorch.org")


def test_an_adapter_for_audio_needs_peft(monkeypatch: pytest.MonkeyPatch) -> None:
    import transformers

    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ImportError, match="requires the peft library, without which answers would be wrong"):
        check_adapter(transformers.GraniteSpeechConfig(has_lora_adapter=True))


def damaged(folder: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A copy of a model's folder, and its file of weights."""
    copy = shutil.copytree(folder, tmp_path / "half")
    return copy, copy / "model.safetensors"


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda _: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "is a pointer of git-lfs"),
        (
            lambda content: content[: len(content) // 2],
            r"has [\d,]+ bytes, its header states [\d,]+; download it again",
        ),
        (lambda content: content[:100], "ends within its header"),
        (lambda _: b"", r"ends within its header \(0 bytes\)"),
    ],
    ids=["pointer", "half", "header", "empty"],
)
def test_weights_that_are_not_whole_are_named(
    folder: Path, tmp_path: Path, damage: Callable[[bytes], bytes], message: str
) -> None:
    copy, file = damaged(folder, tmp_path)
    file.write_bytes(damage(file.read_bytes()))
    for kind, hears in (("hf", True), ("text-only:hf", False)):
        with pytest.raises(SystemDownError, match=f"^{kind}:half cannot be loaded: model.safetensors {message}"):
            load(find_weights(kind, str(copy)), dtype="float32", device_map="cpu", hears=hears)


def test_a_whole_folder_is_not_called_damaged(folder: Path) -> None:
    assert damage_in(folder, TypeError("of something else")) is None


def test_a_folder_without_a_tokenizer_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    error = TypeError("expected str, bytes or os.PathLike object, not NoneType")
    assert "holds no tokenizer" in str(weights_missing("hf", str(tmp_path), error))


def test_a_mistyped_folder_is_answered_with_its_neighbour(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "m" / "whisper-base").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemDownError, match=r"no such folder here either; did you mean 'm/whisper-base'; check"):
        find_weights("hf", "m/whisper-bsae")
    with pytest.raises(SystemDownError, match=r"a Hub id; did you mean '.*m/whisper-base'$"):
        find_weights("hf", str(tmp_path / "m" / "whisper-bsae"))


def test_a_model_that_hears_and_has_no_head_is_not_called_deaf() -> None:
    import transformers

    config = transformers.Wav2Vec2Config(architectures=["Wav2Vec2ForPreTraining"])
    with pytest.raises(WrongModelError, match=r"'wav2vec2' hears, but its architectures .* neither transcribe nor"):
        find_route(config)
    image = transformers.ViTConfig(architectures=["ViTForImageClassification"])
    with pytest.raises(WrongModelError, match="'vit' takes no audio; name an audio language model"):
        find_route(image)
    with pytest.raises(WrongModelError, match="'vit' is no language model; name one"):
        find_route(image, hears=False)
