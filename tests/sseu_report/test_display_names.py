"""Names of systems for readers."""

from __future__ import annotations

from pathlib import Path

import pytest

from sseu_report.display_names import display_name, read_names


@pytest.mark.parametrize(
    ("system", "name"),
    [
        ("hf:Qwen/Qwen2-Audio-7B-Instruct", "Qwen2-Audio-7B-Instruct"),
        ("hf:/data/models/whisper-small/", "whisper-small"),
        ("hf:openai/whisper-small@abc1234", "whisper-small"),
        ("api:gpt-audio@https://api.example.org/v1", "gpt-audio"),
        ("api:Qwen/Qwen2.5-Omni-7B@http://127.0.0.1:8000", "Qwen2.5-Omni-7B"),
        ("asr:faster-whisper:base", "faster-whisper base"),
        ("asr:pocketsphinx", "pocketsphinx"),
        ("cascade:asr:faster-whisper:base+clap:lab/m", "faster-whisper base + m"),
        ("text-only:hf:Qwen/Qwen3-8B", "Qwen3-8B, text only"),
        ("python:level:Level", "level:Level"),
        ("worker:ltu-as", "ltu-as"),
        ("control:majority", "control:majority"),
        ("my_function", "my_function"),
        ("hf:/", "hf:/"),
    ],
)
def test_an_id_becomes_a_name(system: str, name: str) -> None:
    assert display_name(system) == name


def test_the_front_end_stands_behind_the_name() -> None:
    assert display_name("hf:openai/whisper-small", "oracle-speech") == "whisper-small + oracle-speech"


def test_names_of_ones_own_are_read(tmp_path: Path) -> None:
    file = tmp_path / "names.toml"
    file.write_text('"hf:lab/model" = "Ours"\n')
    assert read_names(file) == {"hf:lab/model": "Ours"}


@pytest.mark.parametrize("text", ["ours", '"a" = 3', '"a" = " "', '"a" = "b\\u001b"', "[a]\nb = 1"])
def test_what_is_no_file_of_names_is_refused_with_an_example(tmp_path: Path, text: str) -> None:
    file = tmp_path / "names.toml"
    file.write_text(text)
    with pytest.raises(ValueError, match=r'names\.toml: .*write lines such as "hf:lab/model" = "Ours"'):
        read_names(file)
