"""Files and links of a corpus that lead nowhere, or that would be waited for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sseu_dataset.corpora.audio import read_header
from sseu_dataset.corpora.folders import files_below, read_text
from sseu_dataset.records import CorpusError


def test_a_pipe_is_an_empty_file_and_a_link_to_itself_is_no_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "loop.wav").symlink_to("loop.wav")
    assert [path.name for path in files_below(tmp_path)] == ["loop.wav", "pipe.wav"]
    assert read_text(tmp_path / "pipe.wav") == ""
    with pytest.raises(CorpusError, match=r"pipe\.wav: empty file \(0 bytes\)"):
        read_header(str(tmp_path / "pipe.wav"))
    with pytest.raises(OSError, match="Too many levels of symbolic links"):
        read_text(tmp_path / "loop.wav")
