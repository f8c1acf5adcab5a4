"""The commands of docs/diverse.md, on corpora of a few minutes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from sseu_cli.main import sseu
from sseu_dataset import load_manifest
from tests.sseu_dataset.tiny_corpora import TinyCorpora

PAGE = Path(__file__).resolve().parents[3] / "docs" / "diverse.md"


def test_the_commands_of_the_page_run(talkative: TinyCorpora, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The corpora are not complete: what the page builds as `diverse` is `partial` here."""
    for folder in talkative.root.iterdir():
        (tmp_path / folder.name).symlink_to(folder)
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"^```bash\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    build, verify, again = (shlex.split(line)[1:] for line in block.splitlines())
    assert "not the complete official ones" in CliRunner().invoke(sseu, build).output
    said = [CliRunner().invoke(sseu, words).output for words in ([*build, "--allow-partial"], verify, again)]
    assert "63 clips, recipe partial, version " in said[0]
    assert "each text, label and sample is what the corpora give" in said[1]
    assert "63 of 63 clips have the samples and references of the manifest beside" in said[2]
    assert load_manifest("sseu-bench-d1").fingerprints == load_manifest("again").fingerprints
