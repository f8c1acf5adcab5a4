"""Starting the local Hub from a shell: it is ready when the command returns, ends with its shell, fails aloud."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sseu_hub.client import HubError
from sseu_hub.local import running_hub, serve, serve_in_background
from tests.headless import wait

PROJECT = Path(__file__).resolve().parents[3]


def test_in_the_background_it_answers_at_once_and_ends_with_its_shell(tmp_path: Path) -> None:
    start = (
        "import sys; from sseu_hub.local import serve_in_background as start;"
        " print(start(sys.argv[1], serve_for=int(sys.argv[2])))"
    )
    ask = (
        "import os, urllib.request as u; print(u.urlopen(os.environ['HF_ENDPOINT'] + '/api/validate-yaml', b'').read())"
    )
    script = f'eval "$({sys.executable} -c "{start}" "{tmp_path / "a b"}" $$)"\n{sys.executable} -c "{ask}"\n'
    done = subprocess.run(
        ["bash", "-e", "-c", script + "echo $SSEU_HUB_PID $HF_TOKEN"],
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    answer, last = done.stdout.splitlines()
    assert answer == """b'{"errors": [], "warnings": []}'"""
    pid, token = last.split()
    assert token == "hf_maintainer"
    wait(lambda: not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split())
    assert (tmp_path / "a b" / "hub.log").read_text() == ""


def test_a_port_that_is_taken_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with running_hub(tmp_path / "one") as hub:
        port = int(hub.url.rsplit(":", 1)[1])
        for start in (serve, serve_in_background):
            with pytest.raises(HubError, match=rf"cannot listen on port {port} .*; --port 0 takes a free one"):
                start(tmp_path / "two", port)
    with pytest.raises(HubError, match="cannot listen on port 99999"):
        serve(tmp_path / "two", 99_999)
    (tmp_path / "file").write_text("")
    with pytest.raises(FileExistsError):
        serve(tmp_path / "file")
