"""The system `clap:` with a tiny random CLAP in real transformers code."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sseu_metric.labels import EVENTS, SCENES
from sseu_models.records import Capabilities, Json, Mode, Prompt, Question, Reply, System, SystemDownError, Task
from sseu_models.systems import clap
from sseu_models.systems.clap import ClapSystem, LoadedClap, audio_embeddings, make_clap, unit_rows
from tests.sseu_models.systems.hf.tiny_models import question, save_clap, save_qwen2_audio, sound

pytest.importorskip("transformers", reason="transformers is not installed (extra `hf`)")

ASC = Prompt("test/asc-1", "asc", "independent", None, "Which scene?", "project")
AT = Prompt("test/at-1", "at", "independent", None, "Which events?", "project")


def started(folder: Path, **settings: Json) -> ClapSystem:
    given: dict[str, Json] = {"device": "cpu", **settings}
    system = make_clap(str(folder), **given)
    asyncio.run(system.start())
    assert isinstance(system, ClapSystem)
    return system


def ask(system: System, questions: Sequence[Question]) -> list[Reply]:
    return asyncio.run(system.answer(questions))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_clap(tmp_path_factory.mktemp("models") / "tiny-clap")


@pytest.fixture(scope="module")
def system(folder: Path) -> ClapSystem:
    return started(folder)


def test_what_it_is(system: ClapSystem) -> None:
    assert isinstance(system, System)
    assert system.id == "clap:tiny-clap"
    modes: Mapping[Mode, tuple[Task, ...]] = {"independent": ("asc", "at")}
    assert system.capabilities == Capabilities(48_000, 10.0, deterministic=True, modes=modes, batch_size=8)
    assert (system.settings["template"], system.settings["crop_s"]) == ("{}", 10.0)
    assert len(str(system.settings["weights_sha256"])) == 64


def test_scores_are_softmax_and_sigmoid_of_the_models_own_cosines(system: ClapSystem, folder: Path) -> None:
    import torch
    import transformers

    audio = sound(10, 48_000)
    asc, at = ask(system, [question(ASC, audio), question(AT, audio)])
    model = transformers.ClapModel.from_pretrained(folder).eval()
    processor = transformers.ClapProcessor.from_pretrained(folder)
    made = processor.feature_extractor(audio, sampling_rate=48_000, return_tensors="pt")
    for labels, reply in ((SCENES, asc), (EVENTS, at)):
        tokens = processor.tokenizer(list(labels), padding=True, return_tensors="pt")
        with torch.inference_mode():
            output = model(**tokens, **made)
        cosines = output.text_embeds @ output.audio_embeds[0]
        wanted = cosines.softmax(0) if labels is SCENES else cosines.sigmoid()
        assert reply.scores == pytest.approx(wanted.tolist(), abs=2e-6)
        assert len(set(reply.scores or ())) == len(labels)


def test_ranks_do_not_depend_on_the_batch(system: ClapSystem) -> None:
    asked = [question(prompt, sound(10, 48_000, n)) for n in range(3) for prompt in (ASC, AT)]
    single = [ask(system, [one])[0].scores for one in asked]
    assert [reply.scores for reply in ask(system, asked)] == [pytest.approx(scores, abs=2e-6) for scores in single]


@pytest.mark.parametrize("is_fusion", [False, True], ids=["unfused", "fused"])
def test_a_long_clip_is_cut_at_ten_seconds_and_not_at_random(tmp_path: Path, is_fusion: bool) -> None:
    system = started(save_clap(tmp_path / "clap", is_fusion=is_fusion))
    audio = sound(14, 48_000)
    first = ask(system, [question(ASC, audio[:480_000].copy())])[0].scores
    state = np.random.get_state()[1].tolist()  # type: ignore[index]  # noqa: NPY002
    assert all(ask(system, [question(ASC, audio)])[0].scores == first for _ in range(3))
    assert ask(system, [question(ASC, audio), question(ASC, sound(10, 48_000, 1))])[0].scores == pytest.approx(
        first, abs=2e-6
    )
    if is_fusion:  # in its batches the extractor itself would mark one clip at random
        pairs = [ask(system, [question(ASC, sound(10, 48_000, n)) for n in (1, 2)]) for _ in range(4)]
        assert all(pair == pairs[0] for pair in pairs)
    else:
        assert np.random.get_state()[1].tolist() == state  # type: ignore[index]  # noqa: NPY002


def test_a_short_clip_is_repeated(system: ClapSystem) -> None:
    audio = sound(5, 48_000)
    once, twice = ask(system, [question(ASC, audio), question(ASC, np.concatenate([audio, audio]))])
    assert once.scores == pytest.approx(twice.scores, abs=2e-6)


def test_labels_are_encoded_in_the_template_and_tasks_of_one_clip_share_its_embedding(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts: list[str] = []
    counts: list[int] = []
    embed_texts, embed_audio = clap._text_embeddings, audio_embeddings

    def spy_texts(model: Any, tokenizer: Any, names: list[str]) -> Any:
        texts.append(names[0])
        return embed_texts(model, tokenizer, names)

    def spy_audio(loaded: LoadedClap, audios: Sequence[Any]) -> Any:
        counts.append(len(audios))
        return embed_audio(loaded, audios)

    monkeypatch.setattr(clap, "_text_embeddings", spy_texts)
    monkeypatch.setattr(clap, "audio_embeddings", spy_audio)
    system = started(folder, template="the sound of {}")
    audio = sound(10, 48_000)
    ask(system, [question(ASC, audio), question(AT, audio)])
    assert texts == ["the sound of Home", "the sound of Alarm Bell Ringing"]
    assert counts == [1]
    assert system.settings["template"] == "the sound of {}"


def test_embeddings_from_either_transformers() -> None:
    import torch

    class Output:
        pooler_output = torch.tensor([[3.0, 4.0]])

    assert unit_rows(Output()).tolist() == unit_rows(torch.tensor([[3.0, 4.0]])).tolist() == [[0.6, 0.8]]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"template": "a sound"}, "clap: setting template='a sound': it must hold {} once"),
        ({"dtype": "bfloat16"}, r"clap: no setting 'dtype'.*\(it has device, template, batch_size\)"),
    ],
)
def test_bad_settings(settings: dict[str, Json], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_clap("laion/clap-htsat-unfused", **settings)


def test_a_model_that_is_no_clap(tmp_path: Path) -> None:
    folder = save_qwen2_audio(tmp_path / "other")
    with pytest.raises(SystemDownError, match=r"clap:other cannot be loaded .ValueError: it is a qwen2_audio, not"):
        started(folder)


def test_missing_weights() -> None:
    with pytest.raises(SystemDownError, match=r"clap:laion/no-such-clap .*`hf download laion/no-such-clap`"):
        asyncio.run(make_clap("laion/no-such-clap", device="cpu").start())
