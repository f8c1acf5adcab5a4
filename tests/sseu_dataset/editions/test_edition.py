"""The public file of an edition and its secret seed."""

from __future__ import annotations

import json
import stat
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from sseu_dataset import DatasetError, Settings, check_edition, new_edition, read_edition, reveal_edition, settings_of
from sseu_dataset.editions.edition import ENDING, Edition, check_is_of, commitment_of, refuse_sealed
from sseu_dataset.records import VERSION
from tests.sseu_dataset.editions.sealed import SealedEdition


def test_the_commitment_is_checked_without_this_code(tmp_path: Path) -> None:
    public, secret = new_edition("spring.2027", tmp_path / "editions", rule="diverse")
    seed = secret.read_text()
    line = f'printf %s "spring.2027|diverse|{VERSION}|{seed}" | sha256sum'
    printed = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True).stdout
    assert json.loads(public.read_text()) == {
        "name": "spring.2027",
        "version": VERSION,
        "rule": "diverse",
        "commitment": printed.split()[0],
        "schema_version": 1,
    }
    assert settings_of(public, secret) == Settings(seed=int(seed, 16), rule="diverse", edition="spring.2027")


def test_a_seed_has_256_bits_is_never_drawn_twice_and_is_its_owner_s(tmp_path: Path) -> None:
    files = [new_edition(f"e{number}", tmp_path)[1] for number in range(20)]
    seeds = {path.read_text() for path in files}
    assert len(seeds) == 20
    assert all(len(seed) == 64 and int(seed, 16) >= 0 for seed in seeds)
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


@pytest.mark.parametrize("there", [ENDING, ".seed"])
def test_nothing_is_overwritten(tmp_path: Path, there: str) -> None:
    (tmp_path / f"spring{there}").write_text("mine")
    with pytest.raises(DatasetError, match=f"spring{there}: there is one already"):
        new_edition("spring", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [f"spring{there}"]
    assert (tmp_path / f"spring{there}").read_text() == "mine"


@pytest.mark.parametrize(
    "name", ["", ".", "..", "-x", "a/b", "a b", "A", "a..b", "d1", "d1.x", "spring\n", "ä", "x" * 65]
)
def test_a_name_becomes_part_of_file_names(tmp_path: Path, name: str) -> None:
    with pytest.raises(
        ValueError, match=r"an edition named .* give it a name of small letters and digits, which may have dots in it"
    ):
        new_edition(name, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_it_is_revealed_once_and_its_file_is_otherwise_the_same(tmp_path: Path) -> None:
    public, secret = new_edition("spring", tmp_path)
    before = json.loads(public.read_text())
    revealed, was_sealed = reveal_edition(public, secret)
    assert was_sealed
    assert revealed == read_edition(tmp_path / "spring") == replace(read_edition(public), seed=secret.read_text())
    written = public.read_bytes()
    assert json.loads(written) == {**before, "seed": secret.read_text()}
    assert reveal_edition(tmp_path / "spring", secret) == (revealed, False)
    assert public.read_bytes() == written


def test_a_seed_file_that_does_not_fit_is_refused_and_not_repeated(tmp_path: Path) -> None:
    public, _ = new_edition("spring", tmp_path)
    _, other = new_edition("autumn", tmp_path)
    for text, message in (
        (
            other.read_text(),
            "the commitment [0-9a-f]{12}, the fields .name spring, .* and the seed do not fit: a field was",
        ),
        (other.read_text().upper(), "one of the 64 characters is a capital letter; write it in lower case: a seed has"),
        ("x" + other.read_text()[1:], "one of the 64 characters is no hex digit: a seed has the digits 0 to 9 and a"),
        (other.read_text()[:-1], "63 characters instead of the 64 hex digits of a seed; give the seed file"),
        ("\udcff" * 9, "9 characters"),
        ("", "0 characters"),
        ("0" * 10**6, "10000 characters"),
    ):
        given = tmp_path / "given.seed"
        given.write_bytes(text.encode("latin-1", "replace"))
        with pytest.raises(DatasetError, match=rf"given\.seed: {message}") as error:
            settings_of(public, given)
        assert len(text) < 60 or text not in str(error.value)
        with pytest.raises(DatasetError, match=message):
            reveal_edition(public, given)
    assert read_edition(public).seed is None
    with pytest.raises(
        DatasetError, match=r"nothing\.seed: no such seed file; `sseu edition new` wrote it as spring\.seed"
    ):
        settings_of(public, tmp_path / "nothing.seed")


@pytest.mark.parametrize(("before", "after"), [("", "\n"), ("", "\r\n"), ("\ufeff", ""), (" ", "\t\n\n")])
def test_an_editor_may_have_written_signs_around_it(tmp_path: Path, before: str, after: str) -> None:
    public, secret = new_edition("spring", tmp_path)
    secret.write_bytes((before + secret.read_text() + after).encode())
    assert reveal_edition(public, secret)[1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"commitment": "abc"}, "commitment is 'abc' instead of a SHA-256 of 64 hex digits"),
        ({"seed": "0" * 64}, "and the seed do not fit"),
        ({"seed": "secret"}, "6 characters instead of the 64 hex digits of a seed"),
        ({"rule": "other"}, "rule: Input should be 'paper' or 'diverse'"),
        ({"pairs": 3}, "pairs: Unexpected keyword argument"),
        ({"name": "../x"}, "an edition named '../x'"),
        ({"schema_version": 2}, "schema_version: Input should be 1"),
    ],
)
def test_a_changed_file_is_refused(tmp_path: Path, change: dict[str, object], message: str) -> None:
    public, _ = new_edition("spring", tmp_path)
    public.write_text(json.dumps(json.loads(public.read_text()) | change))
    with pytest.raises(DatasetError, match=r"spring\.edition\.json: ") as error:
        read_edition(public)
    assert message in str(error.value)
    assert "fetch the edition's file again" in str(error.value)


def test_an_edition_of_another_version_is_not_built(tmp_path: Path) -> None:
    public, secret = new_edition("spring", tmp_path)
    commitment = commitment_of("spring", "paper", "7.0.0", secret.read_text())
    public.write_text(replace(read_edition(public), version="7.0.0", commitment=commitment).to_json())
    with pytest.raises(DatasetError, match=r"the edition spring is of version 7\.0\.0, .* install version 7\.0\.0"):
        settings_of(public, secret)


def test_a_revealed_edition_is_built_without_its_seed_file(tmp_path: Path) -> None:
    public, secret = new_edition("spring", tmp_path)
    with pytest.raises(DatasetError, match="the edition spring is sealed: give its --seed-file, or wait until it is"):
        settings_of(public)
    reveal_edition(public, secret)
    assert settings_of(public) == settings_of(public, secret)


def test_a_mistyped_edition_is_guessed(tmp_path: Path) -> None:
    new_edition("spring.2027", tmp_path)
    with pytest.raises(
        DatasetError, match=r"sprng.2027\.edition\.json: no such edition.*did you mean 'spring.2027\.ed"
    ):
        read_edition(tmp_path / "sprng.2027")


def test_what_is_sealed_is_not_published(tmp_path: Path) -> None:
    public, secret = new_edition("spring", tmp_path)
    other, _ = new_edition("autumn", tmp_path)
    settings = settings_of(public, secret)
    refuse_sealed(None, None, "there")
    refuse_sealed(Settings(), None, "there")
    for given in (None, public):
        with pytest.raises(
            DatasetError, match=r"there: it is of the edition spring, and holds its seed.*edition reveal"
        ):
            refuse_sealed(settings, given, "there")
    with pytest.raises(DatasetError, match=r"there: it is of the edition spring \(rule paper.*not of autumn"):
        refuse_sealed(settings, other, "there")
    with pytest.raises(DatasetError, match="there: it is of no edition; leave out the file of the edition autumn"):
        refuse_sealed(Settings(), other, "there")
    reveal_edition(public, secret)
    refuse_sealed(settings, public, "there")


def test_a_seed_may_begin_with_zeros() -> None:
    seed = "0" * 10 + "a" * 54
    edition = Edition("x", VERSION, "paper", commitment_of("x", "paper", VERSION, seed))
    assert replace(edition, seed=f"{edition.settings(seed).seed:064x}").seed == seed
    check_is_of(edition.settings(seed), edition, "there")


@pytest.mark.parametrize("change", [{"name": "autumn"}, {"rule": "diverse"}, {"version": "7.0.0"}])
def test_a_field_that_was_edited_is_refused_by_everything_that_reads_the_seed(
    sealed: SealedEdition, tmp_path: Path, change: dict[str, str]
) -> None:
    copy = sealed.copied_to(tmp_path)
    settings = settings_of(copy.public, copy.secret)
    values = json.loads(copy.public.read_text()) | change
    copy.public.write_text(json.dumps(values))
    message = rf"the commitment {values['commitment'][:12]}, the fields .* and the seed do not fit: a field was changed"
    with pytest.raises(DatasetError, match=message):
        settings_of(copy.public, copy.secret)
    with pytest.raises(DatasetError, match=message):
        reveal_edition(copy.public, copy.secret)
    with pytest.raises(DatasetError, match=message):
        check_edition(sealed.folder, copy.public, seed_file=copy.secret)
    with pytest.raises(DatasetError, match="its seed or settings do not fit commitment and fields"):
        check_is_of(settings, read_edition(copy.public), "there")
    copy.public.write_text(json.dumps(values | {"seed": sealed.seed}))
    with pytest.raises(DatasetError, match=message):
        read_edition(copy.public)


def test_a_dataset_of_other_settings_is_not_of_the_edition(tmp_path: Path) -> None:
    public, secret = new_edition("spring", tmp_path)
    with pytest.raises(DatasetError, match="its seed or settings do not fit"):
        check_is_of(replace(settings_of(public, secret), pairs=3), read_edition(public), "there")
