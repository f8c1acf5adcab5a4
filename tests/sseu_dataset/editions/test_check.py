"""What `check_edition` proves of a folder, and what it does not let pass."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from sseu_dataset import Background, DatasetError, Settings, Utterance, check_edition, new_edition, settings_of
from sseu_dataset.editions.edition import commitment_of, read_edition
from sseu_dataset.manifest import FILE_NAME as MANIFEST
from sseu_dataset.pairing import pair_up
from sseu_dataset.planning import speech
from sseu_dataset.recipe import FILE_NAME as RECIPE
from sseu_dataset.recipe import read_recipe
from sseu_dataset.records import VERSION
from tests.sseu_dataset.diverse.signals import RATE_HZ, recording
from tests.sseu_dataset.editions.sealed import NAME, SealedEdition
from tests.sseu_dataset.tiny_corpora import TinyCorpora, build_partial, differing_files, write_audio


def test_without_corpora_it_says_what_they_would_prove(sealed: SealedEdition) -> None:
    found = check_edition(sealed.folder, sealed.public, seed_file=sealed.secret, progress=False)
    commitment = read_edition(sealed.public).commitment
    assert found.faults == ()
    assert found.proved == (
        f"name, rule, version and seed fit the commitment {commitment}",
        f"the folder says that it is the edition {NAME}: its seed, rule paper, {VERSION}+{NAME}",
        "the order of its 9 pairs follows from the seed",
        "its 63 clips agree with recipe and manifest",
    )
    assert [sentence.split(":")[0] for sentence in found.remaining] == [
        "the complete official corpora",
        "which speech lies where on which background, and every text, label and sample",
        "when the commitment was published",
    ]
    assert sealed.seed not in str(found)


def test_with_corpora_everything_is_drawn_and_mixed_again(sealed: SealedEdition, pristine_corpora: TinyCorpora) -> None:
    found = check_edition(
        sealed.folder, sealed.public, seed_file=sealed.secret, progress=False, **pristine_corpora.folders
    )
    assert found.faults == ()
    assert found.proved[-1] == "every pair, text, label and sample is what the seed gives of these corpora"


def test_a_sealed_edition_needs_its_seed(sealed: SealedEdition) -> None:
    with pytest.raises(DatasetError, match=f"the edition {NAME} is sealed: give its --seed-file, or wait until it"):
        check_edition(sealed.folder, sealed.public)


def test_another_edition_or_no_edition_is_not_it(sealed: SealedEdition, built: Path, tmp_path: Path) -> None:
    public, secret = new_edition("autumn", tmp_path)
    found = check_edition(sealed.folder, public, seed_file=secret)
    assert found.faults[:2] == (
        "the recipe has another seed than the edition autumn",
        f"the recipe has another edition than the edition autumn: {NAME} instead of autumn",
    )
    assert check_edition(built, public, seed_file=secret).faults[1].endswith("None instead of autumn")
    assert not re.search(r"[0-9]{60}", str(found.faults))


def test_an_organiser_who_drew_other_pairs_is_found(
    pristine_corpora: TinyCorpora, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder agrees with itself in every hash: only the seed tells."""
    public, secret = new_edition("spring", tmp_path)
    settings = settings_of(public, secret)

    def other_order(
        backgrounds: Iterable[Background], utterances: Iterable[Utterance], most: Mapping[str, int], given: Settings
    ) -> list[tuple[Background, Utterance, int]]:
        return pair_up(backgrounds, utterances, most, given)[::-1]

    def easy_speech(
        backgrounds: Iterable[Background], utterances: Iterable[Utterance], most: Mapping[str, int], given: Settings
    ) -> list[tuple[Background, Utterance, int]]:
        easiest = min(utterances, key=lambda one: most[one.utterance_id])
        return [(background, easiest, 0) for background, _, _ in pair_up(backgrounds, [easiest], most, given)]

    for name, drawn in (("order", other_order), ("speech", easy_speech)):
        with monkeypatch.context() as patch:
            patch.setattr(speech, "pair_up", drawn)
            build_partial(tmp_path / name, pristine_corpora, settings=settings)
    found = check_edition(tmp_path / "order", public, seed_file=secret, progress=False)
    assert found.faults[0].startswith("the order of the pairs does not follow from the seed, from ")
    without = check_edition(tmp_path / "speech", public, seed_file=secret, progress=False)
    assert without.faults == ()
    assert without.remaining[1].startswith("which speech lies where on which background")
    against = check_edition(tmp_path / "speech", public, seed_file=secret, progress=False, **pristine_corpora.folders)
    assert any("utterance_id: the recipe gives it p226_021, the draw " in fault for fault in against.faults)
    assert any("speech_onset_samples" in fault for fault in against.faults)


def test_an_edition_of_the_rule_diverse_is_drawn_again_too(corpora: TinyCorpora, tmp_path: Path) -> None:
    words = ("amber", "basket", "copper", "dragon", "engine", "forest", "garden", "hammer", "island", "jacket")
    for number in range(120):
        name = f"{('p225', 'p226', 'p228')[number % 3]}_{100 + number}"
        text = [words[int(digit)] for digit in f"{number:03}"]
        write_audio(corpora.recording(name), recording(0.3, 2.5 + number % 7 / 10, 0.3, number), RATE_HZ)
        corpora.text(name).write_text(" ".join((*text, words[number % 7], *text[::-1])))
    public, secret = new_edition("spring", tmp_path, rule="diverse")
    build_partial(tmp_path / "out", corpora, settings=settings_of(public, secret))
    found = check_edition(tmp_path / "out", public, seed_file=secret, progress=False, **corpora.folders)
    assert found.faults == ()
    assert f"rule diverse, {VERSION}+d1.spring" in found.proved[1]
    assert found.proved[-1].startswith("every pair, text, label and sample")
    said = read_recipe(tmp_path / "out" / RECIPE).pairs[0].speech[0].utterance.utterance_id
    corpora.text(said).write_text("A sentence that nobody read before.")
    found = check_edition(tmp_path / "out", public, seed_file=secret, progress=False, **corpora.folders)
    assert any("transcript: the recipe says" in fault for fault in found.faults)


def test_pairs_that_were_left_out_are_missed(
    pristine_corpora: TinyCorpora, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    public, secret = new_edition("spring", tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(speech, "pair_up", lambda *given: pair_up(*given)[:5])
        build_partial(tmp_path / "few", pristine_corpora, settings=settings_of(public, secret))
    found = check_edition(tmp_path / "few", public, seed_file=secret, progress=False, **pristine_corpora.folders)
    assert found.faults[0] == "recipe: pairs: its 5 are not the 9 that are drawn, in their order"


def test_another_rule_or_version_under_the_same_seed_is_named(sealed: SealedEdition, tmp_path: Path) -> None:
    copy = sealed.copied_to(tmp_path)
    commitment = commitment_of(NAME, "diverse", VERSION, sealed.seed)
    copy.public.write_text(replace(read_edition(copy.public), rule="diverse", commitment=commitment).to_json())
    found = check_edition(sealed.folder, copy.public, seed_file=copy.secret)
    assert found.faults[0] == f"the recipe has another rule than the edition {NAME}: paper instead of diverse"
    changed = {"version": "7.0.0", "commitment": commitment_of(NAME, "diverse", "7.0.0", sealed.seed)}
    copy.public.write_text(json.dumps(json.loads(copy.public.read_text()) | changed))
    with pytest.raises(DatasetError, match=r"is of version 7\.0\.0, this package is .*; install version 7\.0\.0"):
        check_edition(sealed.folder, copy.public, seed_file=copy.secret)


def test_a_seed_of_256_bits_survives_its_files(sealed: SealedEdition) -> None:
    stored = json.loads((sealed.folder / MANIFEST).read_text())["settings"]
    assert (stored["seed"], stored["edition"]) == (int(sealed.seed, 16), NAME)


def test_two_builds_of_an_edition_are_equal(
    sealed: SealedEdition, pristine_corpora: TinyCorpora, tmp_path: Path
) -> None:
    build_partial(tmp_path / "again", pristine_corpora, settings=settings_of(sealed.public, sealed.secret))
    assert differing_files(sealed.folder, tmp_path / "again") == []
