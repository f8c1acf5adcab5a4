"""Texts that are published name no folder of the machine."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pytest

from sseu_models.private_paths import own_folders, without_paths

FOLDERS = {"/home/me": "~", "/home/me/work": "work", "/tmp": "tmp", "/home/me/envs/asr": "asr"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[Errno 2] No such file: '/home/me/x.pt'", "[Errno 2] No such file: '~/x.pt'"),
        ("in /home/me/work/model/a.bin, line 3", "in work/model/a.bin, line 3"),
        ("its stderr is in /tmp/sseu-x.log; see /home/me", "its stderr is in tmp/sseu-x.log; see ~"),
        ("/home/me/envs/asr/lib/python3.11/x.py:", "asr/lib/python3.11/x.py:"),
        ("left in /tmp.", "left in tmp."),
        ("No such file or directory: '/data/models/tiny/model.bin'", "No such file or directory: 'model.bin'"),
        ('"/data/models/my model/model.bin"', '"model.bin"'),
        # other paths and what only looks like one
        (
            "/home/me2/x and /var/tmp/y and /tmp2 and /home/me.old",
            "/home/me2/x and /var/tmp/y and /tmp2 and /home/me.old",
        ),
        ("HTTP 404 from http://localhost:8000/v1/chat", "HTTP 404 from http://localhost:8000/v1/chat"),
        ("/no_think and/or 5/7 </s>", "/no_think and/or 5/7 </s>"),
        ("it's 5/7 and 'a/b/c'", "it's 5/7 and 'a/b/c'"),
        ("", ""),
    ],
)
def test_folders_are_cut_to_their_names(text: str, expected: str) -> None:
    assert without_paths(text, FOLDERS) == expected
    assert without_paths(expected, FOLDERS) == expected


def test_the_folders_are_those_of_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.setattr(tempfile, "tempdir", "/scratch/jobs/17")
    monkeypatch.chdir(tmp_path)
    text = f"/home/somebody/a /scratch/jobs/17/b {tmp_path}/c {sys.prefix}/d {os.path.realpath(tmp_path)}/e"
    assert without_paths(text) == f"~/a 17/b {tmp_path.name}/c {Path(sys.prefix).name}/d {tmp_path.name}/e"


def test_roots_and_removed_folders_are_no_folders_to_hide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    monkeypatch.setenv("HOME", "/")
    assert "/" not in own_folders()
    assert str(gone) not in own_folders()
