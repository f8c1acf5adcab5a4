"""Front ends: the oracles are the stems, the controls hold what they promise, a user's function is checked."""

from __future__ import annotations

import hashlib
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sseu_dataset import DatasetError, load, load_audio, stems
from sseu_models.frontends import BUILT_IN, Frontend, make_frontend, shuffled_partners
from sseu_models.systems.api.wav import wav_bytes

if TYPE_CHECKING:
    from datasets import Dataset
    from numpy.typing import NDArray


@pytest.fixture(scope="module")
def rows(built: Path) -> Dataset:
    return load(built)


def condition(rows: Dataset, row: dict[str, Any]) -> str:
    return str(row["condition"])


def one_pair(rows: Dataset) -> dict[str, Any]:
    return {condition(rows, row): row for row in rows if row["pair_id"] == rows[0]["pair_id"]}


def heard(frontend: Frontend, row: dict[str, Any], task: str = "asr") -> NDArray[np.float32]:
    """What a system gets, with the mixture decoded as the front end asks for it."""
    return frontend(row, load_audio(row) if frontend.hears_mixture else None, task)


def test_none_is_the_mixture(rows: Dataset) -> None:
    frontend = make_frontend("none", rows)
    assert np.array_equal(heard(frontend, rows[3]), load_audio(rows[3]))


def test_silence_is_as_long_and_says_nothing(rows: Dataset) -> None:
    samples = heard(make_frontend("silence", rows), rows[0])
    assert samples.dtype == np.float32
    assert samples.shape == load_audio(rows[0]).shape
    assert not samples.any()


def test_the_oracles_are_the_stems(rows: Dataset) -> None:
    pair = one_pair(rows)
    assert len(pair) == 7
    speech, background = (make_frontend(f"oracle-{name}", rows) for name in ("speech", "background"))
    for name, row in pair.items():
        expected = stems(pair, name)
        for frontend, samples in zip((speech, background), expected, strict=True):
            found = heard(frontend, row, "at")
            assert found.dtype == np.float32
            assert np.array_equal(found, (samples / 32768).astype(np.float32))
        half_steps = 1 + 10 ** (-float(name) / 20) / 2 if name not in ("+inf", "-inf") else 1
        error = np.abs(heard(speech, row) + heard(background, row) - load_audio(row)).max()
        assert error <= (half_steps + 0.1) / 32768
    assert not heard(speech, pair["-inf"]).any()
    assert not heard(background, pair["+inf"]).any()


def test_an_oracle_needs_both_ends_of_the_pair(rows: Dataset) -> None:
    one = rows.select([0])
    with pytest.raises(ValueError, match=r"the pair lacks its row '.inf'"):
        heard(make_frontend("oracle-speech", one), one[0])


# ---- shuffled


def shuffle_order(pair_ids: set[str]) -> list[str]:
    """As DESIGN states it, written again."""
    return sorted(pair_ids, key=lambda pair_id: hashlib.sha256(f"0|shuffle|{pair_id}".encode()).digest())


def varied(rows: Dataset, scenes: list[int], events: list[list[int]], sentences: list[str]) -> Dataset:
    """Rows of pairs p0, p1, ... in two conditions, without audio."""
    import datasets

    table: dict[str, list[Any]] = {key: [] for key in ("id", "pair_id", "condition", "transcript", "scene", "events")}
    for number, (scene, present, sentence) in enumerate(zip(scenes, events, sentences, strict=True)):
        for name in ("+inf", "0"):
            heard = name != "+inf"
            values = (
                f"p{number}_{name}",
                f"p{number}",
                name,
                sentence,
                scene if heard else None,
                present if heard else [],
            )
            for key, value in zip(table, values, strict=True):
                table[key].append(value)
    features = datasets.Features({key: rows.features[key] for key in table})
    return datasets.Dataset.from_dict(table, features=features)


def test_the_next_pair_in_hash_order_that_shares_nothing(rows: Dataset) -> None:
    scenes = [0, 1, 2, 0, 1, 2, 3, 4]
    events = [[0], [1], [2], [0, 1], [4], [5], [0], [7]]
    sentences = ["a", "b", "c", "a", "b", "d", "e", "f"]
    partners = shuffled_partners(varied(rows, scenes, events, sentences))
    order = shuffle_order({f"p{number}" for number in range(8)})
    for pair_id in order:
        one = int(pair_id[1:])
        following = order[order.index(pair_id) + 1 :] + order[: order.index(pair_id)]
        fitting = [
            other
            for other in following
            if scenes[int(other[1:])] != scenes[one]
            and sentences[int(other[1:])] != sentences[one]
            and not {*events[int(other[1:])]} & {*events[one]}
        ]
        assert partners[pair_id] == fitting[0]
    assert any(order[order.index(one) - len(order) + 1] != other for one, other in partners.items())  # some are skipped


def test_pairs_without_a_partner_are_named(rows: Dataset) -> None:
    few = varied(rows, [0, 0, 1], [[0], [1], [2]], ["a", "b", "c"])
    after_p2 = shuffle_order({"p0", "p1", "p2"}) * 2
    expected = next(other for other in after_p2[after_p2.index("p2") + 1 :] if other != "p2")
    assert shuffled_partners(few) == {"p0": "p2", "p1": "p2", "p2": expected}
    message = r"shuffled: 1 of the 3 pairs have no partner with another sentence, another scene and no .*: p2\. This"
    with pytest.raises(ValueError, match=message):
        make_frontend("shuffled", varied(rows, [0, 1, 1], [[0], [1], [0, 1]], ["a", "b", "c"]))


def test_shuffled_gives_the_partners_audio_in_the_same_condition(rows: Dataset) -> None:
    partners = shuffled_partners(rows)
    frontend = make_frontend("shuffled", rows)
    row = rows[0]
    other = next(
        found
        for found in rows
        if found["pair_id"] == partners[row["pair_id"]] and found["condition"] == row["condition"]
    )
    assert np.array_equal(heard(frontend, row), load_audio(other))


# ---- a user's function


def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, parameters: str = "samples, rate_hz") -> str:
    """A module in the current folder; its name is new in each test."""
    name = f"enhancer_{hashlib.sha256(str(tmp_path).encode()).hexdigest()[:12]}"
    (tmp_path / f"{name}.py").write_text(f"import numpy as np\n\ndef enhance({parameters}):\n    {body}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path])
    return f"{name}:enhance"


def test_a_users_function_from_the_current_folder(
    rows: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = user(tmp_path, monkeypatch, "assert rate_hz == 44100; samples *= 0.5; return samples")
    frontend = make_frontend(spec, rows)
    assert (frontend.name, frontend.per_task) == (spec, False)
    source = tmp_path / f"{spec.partition(':')[0]}.py"
    assert frontend.sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
    mixture = load_audio(rows[3])
    for _ in range(2):  # what the function does to its input is not kept
        assert np.array_equal(frontend(rows[3], mixture, "asr"), load_audio(rows[3]) * np.float32(0.5))


def test_a_function_may_read_the_task(rows: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = user(tmp_path, monkeypatch, "return samples * (task == 'asr')", "samples, rate_hz, task")
    frontend = make_frontend(spec, rows)
    assert frontend.per_task
    assert heard(frontend, rows[3], "asr").any()
    assert not heard(frontend, rows[3], "at").any()


def test_a_function_may_use_one_buffer_for_every_clip(
    rows: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = "np.multiply(samples, 0.5, out=buffer); return buffer"
    spec = user(tmp_path, monkeypatch, body, "samples, rate_hz, buffer=np.zeros(441_000, np.float32)")
    frontend = make_frontend(spec, rows)
    first, second = (heard(frontend, rows[number]) for number in (3, 4))
    for found, number in ((first, 3), (second, 4)):
        assert np.array_equal(found, load_audio(rows[number]) * np.float32(0.5))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("return None", r"returned NoneType of object; float32 samples are needed"),
        ("return (samples * 32767).astype('int16')", r"returned ndarray of int16; float32 samples are needed"),
        ("return samples[None]", r"returned the shape \(1, 441000\); one channel is needed"),
        ("return samples[:0]", r"returned 0\.000 s of audio; more than 0 and at most 10\.5 s are allowed"),
        ("return np.zeros(500_000)", r"returned 11\.338 s of audio"),
        ("samples[7] = np.nan; return samples", r"returned 1 samples that are not finite"),
        ("return samples * 32768", r"returned samples up to [0-9.]+; full scale is 1 and less than 2 is allowed"),
        ("samples[7] = -2; return samples", r"returned samples up to 2; full scale is 1 and less than 2 is allowed"),
        ("raise KeyError('gain')", r"failed with KeyError: 'gain'"),
        ("raise SystemExit(3)", r"failed with SystemExit: 3"),
    ],
)
def test_bad_audio_names_function_and_clip(
    rows: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, message: str
) -> None:
    spec = user(tmp_path, monkeypatch, body)
    with pytest.raises(ValueError, match=rf"front end '{spec}', clip {rows[3]['id']}: {message}"):
        heard(make_frontend(spec, rows), rows[3])


def test_what_overshoots_full_scale_a_little_is_taken_and_sent(
    rows: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = heard(make_frontend(user(tmp_path, monkeypatch, "samples[7] = 1.99; return samples"), rows), rows[3])
    assert samples.max() == np.float32(1.99)
    assert len(wav_bytes(samples, 44_100)) == 44 + 2 * len(samples)


def test_a_module_that_ends_the_process_is_named(
    rows: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "leaving_frontend.py").write_text("import sys\nsys.exit('no licence')\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r"'leaving_frontend:f': .* cannot be imported \(SystemExit: no licence\)"):
        make_frontend("leaving_frontend:f", rows)


def test_float64_and_a_short_tail_are_taken(rows: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = user(tmp_path, monkeypatch, "return np.append(samples, np.zeros(100)).astype('float64')[::-1]")
    samples = heard(make_frontend(spec, rows), rows[3])
    assert samples.dtype == np.float32
    assert samples.shape == (441_100,)
    assert samples.flags.c_contiguous


def test_bad_specs(rows: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match=r"unknown front end 'silnce'; did you mean 'silence'\? \(there are none, ora"):
        make_frontend("silnce", rows)
    with pytest.raises(ValueError, match=r"cannot be imported \(ModuleNotFoundError: No module named 'no_such_mod"):
        make_frontend("no_such_module:enhance", rows)
    spec = user(tmp_path, monkeypatch, "return samples", "samples")
    with pytest.raises(
        ValueError, match=r"takes \(samples\); it must take \(samples, rate_hz\) or \(samples, rate_hz, t"
    ):
        make_frontend(spec, rows)
    with pytest.raises(
        ValueError, match=r"has no function 'enhanced'; did you mean 'enhance'\? \(its functions: enhance\)$"
    ):
        make_frontend(f"{spec}d", rows)
    with pytest.raises(ValueError, match=r"os has no function 'xyz' \(its functions: ([a-z]\w+, ){8}\.\.\.\)$"):
        make_frontend("os:xyz", rows)


# ---- all


def test_name_and_hash_tell_them_apart(rows: Dataset) -> None:
    made = [make_frontend(name, rows) for name in BUILT_IN if name != "shuffled"]
    assert len({frontend.sha256 for frontend in made}) == len(made)
    assert not any(frontend.per_task for frontend in made)
    assert [frontend.name for frontend in made if frontend.hears_mixture] == ["none"]


def test_several_threads_get_the_same(rows: Dataset) -> None:
    frontend = make_frontend("oracle-background", rows)
    expected = [heard(frontend, row) for row in rows.select(range(7))]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: heard(frontend, rows[number % 7]), range(56)))
    assert all(np.array_equal(samples, expected[number % 7]) for number, samples in enumerate(found))


def test_making_one_decodes_no_audio(rows: Dataset) -> None:
    broken = rows.map(lambda row: {"audio": {"bytes": b"broken", "path": None}}, features=rows.features)
    frontend = make_frontend("oracle-speech", broken)
    with pytest.raises(DatasetError, match="FLAC bytes cannot be decoded"):
        heard(frontend, broken[0])
