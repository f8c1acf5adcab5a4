"""A sealed edition of the tiny corpora: its two files and its folder."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from sseu_dataset import new_edition, settings_of
from tests.sseu_dataset.tiny_corpora import TinyCorpora, build_partial

NAME = "spring.2027"


@dataclass(frozen=True)
class SealedEdition:
    """Where an edition lies."""

    public: Path
    secret: Path
    folder: Path

    @property
    def seed(self) -> str:
        return self.secret.read_text()

    def copied_to(self, root: Path) -> SealedEdition:
        """Both files copied, to be changed; the same dataset folder."""
        root.mkdir(exist_ok=True)
        files = [Path(shutil.copy(path, root)) for path in (self.public, self.secret)]
        return SealedEdition(files[0], files[1], self.folder)


def make_sealed(root: Path, corpora: TinyCorpora) -> SealedEdition:
    public, secret = new_edition(NAME, root)
    build_partial(root / NAME, corpora, settings=settings_of(public, secret))
    return SealedEdition(public, secret, root / NAME)
