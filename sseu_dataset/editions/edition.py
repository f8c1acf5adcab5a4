"""An edition: a build whose seed was drawn in secret, and its public file, which commits to it before it is revealed.

The commitment is the SHA-256 of all that decides the mixtures, in one line that anybody can type:
`printf %s "NAME|RULE|VERSION|SEED" | sha256sum`. The public file is the same before and after, but for `seed`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from sseu_dataset.files import sync_folder, write_atomically
from sseu_dataset.manifest import check_sha256
from sseu_dataset.records import STRICT, VERSION, DatasetError, RuleName, Settings, check_edition_name, version_of
from sseu_dataset.validation import parse_json
from sseu_metric.suggestions import did_you_mean

ENDING = ".edition.json"
"""Of the public file's name."""
SEED_ENDING = ".seed"
_SEED = re.compile("[0-9a-f]{64}")
_SEED_BYTES = 32
_SEED_DIGITS = 2 * _SEED_BYTES
_MAX_BYTES = 10_000
_REMEDY = "fetch the edition's file again from where it was published"


@dataclass(frozen=True)
class Edition:
    """The content of `NAME.edition.json`, which is published before anything is run on the edition.

    Attributes:
        name: Small letters and digits, with dots between them.
        version: Version of the code, which draws and mixes.
        rule: Which rule chooses the speech; all other settings are its defaults (`Settings`).
        commitment: SHA-256 of `name|rule|version|seed`, with the 64 hex digits of the seed.
        seed: The 64 hex digits once the edition is revealed; None while it is sealed.
        schema_version: Version of this form.

    Raises:
        ValueError: The name or a field has another form, or commitment, fields and seed do not fit.
    """

    __pydantic_config__ = STRICT

    name: str
    version: str
    rule: RuleName
    commitment: str
    seed: str | None = None
    schema_version: Literal[1] = 1

    def __post_init__(self) -> None:
        """Check name, commitment and seed; no message repeats a seed."""
        check_edition_name(self.name)
        check_sha256("commitment", self.commitment)
        if self.seed is not None:
            self.check_seed(self.seed)

    @property
    def dataset_version(self) -> str:
        """The version of its dataset: that of the code, with the rule's and the edition's name after a plus."""
        return self.version + version_of(Settings(rule=self.rule, edition=self.name)).removeprefix(VERSION)

    def check_seed(self, seed: str) -> None:
        """Raise a ValueError, which does not repeat it, unless the commitment is that of the fields and this seed."""
        if commitment_of(self.name, self.rule, self.version, seed) != self.commitment:
            raise ValueError(
                f"the commitment {self.commitment[:12]}, the fields (name {self.name}, rule {self.rule}, version "
                f"{self.version}) and the seed do not fit: a field was changed, or the seed is another edition's"
            )

    @property
    def state(self) -> Literal["sealed", "revealed"]:
        """Whether the seed is public."""
        return "sealed" if self.seed is None else "revealed"

    def settings(self, seed: str) -> Settings:
        """The build settings, with the edition's seed of 64 hex digits."""
        return Settings(seed=int(seed, 16), rule=self.rule, edition=self.name)

    def to_json(self) -> str:
        """The text of the file; a sealed one has no field `seed`."""
        values = {name: value for name, value in asdict(self).items() if value is not None}
        return json.dumps(values, indent=1) + "\n"


def commitment_of(name: str, rule: RuleName, version: str, seed: str) -> str:
    """SHA-256 of `name|rule|version|seed` in hex, the seed as 64 hex digits.

    Raises:
        ValueError: The seed is no 64 lower-case hex digits; the message does not repeat it.
    """
    if not _SEED.fullmatch(seed):
        if len(seed) != _SEED_DIGITS:
            raise ValueError(f"{len(seed)} characters instead of the {_SEED_DIGITS} hex digits of a seed")
        capital = "is a capital letter; write it in lower case" if _SEED.fullmatch(seed.lower()) else "is no hex digit"
        raise ValueError(f"one of the {_SEED_DIGITS} characters {capital}: a seed has the digits 0 to 9 and a to f")
    return hashlib.sha256(f"{name}|{rule}|{version}|{seed}".encode()).hexdigest()


def new_edition(name: str, folder: str | Path = ".", *, rule: RuleName = "paper") -> tuple[Path, Path]:
    """Draw a secret seed of 256 bits; write the public file with its commitment, and the seed's own.

    Args:
        name: Small letters and digits, with dots between them.
        folder: Where both files are written; made if missing.
        rule: Which rule chooses the speech.

    Returns:
        The public file, `NAME.edition.json`, and the secret one, `NAME.seed`, which only its owner may read.

    Raises:
        ValueError: It is no such name.
        DatasetError: One of the files exists.
        OSError: A file cannot be written.
    """
    seed = secrets.token_hex(_SEED_BYTES)
    edition = Edition(name, VERSION, rule, commitment_of(name, rule, VERSION, seed))
    folder = Path(folder)
    public, secret = folder / f"{name}{ENDING}", folder / f"{name}{SEED_ENDING}"
    folder.mkdir(parents=True, exist_ok=True)
    if there := [path for path in (public, secret) if os.path.lexists(path)]:
        raise DatasetError(f"{there[0]}: there is one already, and nothing is drawn twice; give another name or --out")
    _write_new(secret, seed, 0o600)
    _write_new(public, edition.to_json(), 0o644)
    sync_folder(folder)
    return public, secret


def _write_new(path: Path, text: str, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with open(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def edition_path(named: str | Path) -> Path:
    """The public file of an edition, which is named by it or without its ending.

    Raises:
        DatasetError: There is no such file; the message names one that was probably meant.
    """
    path = Path(named) if str(named).endswith(ENDING) else Path(f"{named}{ENDING}")
    if not path.is_file():
        near = [one.name for one in path.parent.glob(f"*{ENDING}")] if path.parent.is_dir() else []
        meant = did_you_mean(path.name, near)
        raise DatasetError(f"{path}: no such edition; `sseu edition new` makes one, or give the file's path{meant}")
    return path


def read_edition(named: str | Path) -> Edition:
    """Read the public file of an edition.

    Args:
        named: The file, or its name without `.edition.json`.

    Raises:
        DatasetError: There is none, it is invalid, or commitment, fields and seed do not fit.
    """
    path = edition_path(named)
    return parse_json(Edition, path.read_bytes(), str(path), _REMEDY)


def read_seed(path: str | Path, edition: Edition) -> str:
    """The 64 hex digits of an edition's seed from its secret file; blanks, line ends and a byte order mark are ignored.

    Raises:
        DatasetError: There is no such file, or commitment, fields and seed do not fit; the message repeats nothing of
            the seed.
    """
    path = Path(path)
    if not path.is_file():
        raise DatasetError(f"{path}: no such seed file; `sseu edition new` wrote it as {edition.name}{SEED_ENDING}")
    with path.open("rb") as file:
        seed = file.read(_MAX_BYTES).decode("utf-8-sig", "replace").strip()
    try:
        edition.check_seed(seed)
    except ValueError as error:
        remedy = "give the seed file and the edition's file that `sseu edition new` wrote together"
        raise DatasetError(f"{path}: {error}; {remedy}") from None
    return seed


def seed_of(edition: Edition, seed_file: str | Path | None) -> str:
    """The 64 hex digits of an edition's seed: from its secret file, or from the edition once it is revealed.

    Raises:
        DatasetError: As `read_seed`, or the edition is sealed and no file is given.
    """
    if seed_file is not None:
        return read_seed(seed_file, edition)
    if edition.seed is None:
        raise DatasetError(f"the edition {edition.name} is sealed: give its --seed-file, or wait until it is revealed")
    return edition.seed


def settings_of(named: str | Path, seed_file: str | Path | None = None) -> Settings:
    """The settings with which an edition is built.

    Args:
        named: The edition's public file, or its name.
        seed_file: Its secret file, while it is sealed.

    Raises:
        DatasetError: The seed is missing, commitment, fields and seed do not fit, or the edition is of another version
            of the code.
    """
    edition = read_edition(named)
    seed = seed_of(edition, seed_file)
    check_edition_version(edition)
    return edition.settings(seed)


def check_is_of(settings: Settings | None, edition: Edition, source: str) -> None:
    """Refuse a dataset that is not of an edition; of its settings it is told which, but no seed is.

    Args:
        settings: The dataset's build settings; None for an import.
        edition: The edition.
        source: The dataset, which begins the message.

    Raises:
        DatasetError: It is of none, or of another.
    """
    if settings is None or settings.edition is None:
        raise DatasetError(f"{source}: it is of no edition; leave out the file of the edition {edition.name}")
    seed = f"{settings.seed:064x}"
    fits = commitment_of(edition.name, edition.rule, edition.version, seed) == edition.commitment
    if not fits or settings != edition.settings(seed):
        raise DatasetError(
            f"{source}: it is of the edition {settings.edition} (rule {settings.rule}), not of {edition.name} (rule "
            f"{edition.rule}, version {edition.version}, commitment {edition.commitment[:12]}): its seed or "
            "settings do not fit commitment and fields; give the file of its own edition, as it was published"
        )


def refuse_sealed(settings: Settings | None, named: str | Path | None, source: str) -> None:
    """Refuse to make public a dataset of an edition that is still sealed: recipe and manifest hold its seed.

    Args:
        settings: The dataset's build settings; None for an import.
        named: The edition's public file, or its name; None if it was not given.
        source: The dataset, which begins the message.

    Raises:
        DatasetError: It is of an edition whose revealed file is not given, or the file is of another one.
    """
    edition = None if named is None else read_edition(named)
    if edition is not None:
        check_is_of(settings, edition, source)
    if settings is None or settings.edition is None or (edition is not None and edition.seed is not None):
        return
    name = settings.edition
    raise DatasetError(
        f"{source}: it is of the edition {name}, and holds its seed, transcripts and labels; nothing is published "
        f"before `sseu edition reveal {name}`, and then with --edition {name}{ENDING}"
    )


def check_edition_version(edition: Edition) -> None:
    """Raise a DatasetError unless the edition is of the version that this package builds."""
    if edition.version != VERSION:
        raise DatasetError(
            f"the edition {edition.name} is of version {edition.version}, this package is {VERSION}, which may draw "
            f"and mix otherwise; install version {edition.version} of the package"
        )


def reveal_edition(named: str | Path, seed_file: str | Path) -> tuple[Edition, bool]:
    """Write the seed into the public file.

    Args:
        named: The public file, or the edition's name.
        seed_file: The secret file.

    Returns:
        The revealed edition, and whether it was sealed until now.

    Raises:
        DatasetError: One of the files is missing or invalid, or commitment, fields and seed do not fit.
        OSError: The file cannot be written.
    """
    edition = read_edition(named)
    revealed = replace(edition, seed=read_seed(seed_file, edition))
    if edition.seed is None:
        write_atomically(edition_path(named), revealed.to_json())
    return revealed, edition.seed is None
