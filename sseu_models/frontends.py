"""Front ends: what changes the audio before a system gets it; a user's enhancer, oracles and controls.

A front end is given the decoded mixture, or puts something else in its place; systems do not know that there is one.
Built in:

`none`: the mixture.
`oracle-speech`, `oracle-background`: one of the two stems, as a perfect separator would give it (`sseu_dataset.stems`).
`silence`: zeros. Whatever a system still answers comes from its prompt.
`shuffled`: the audio of another pair in the same condition, the next in hash order with another sentence, another scene
    and no common event. Whatever a system still gets right does not come from the clip.
`cut-speech`: the mixture without the second half of the utterance (`speech_cut`). Whatever a system still says of that
    half it did not hear.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from sseu_dataset.loading import stems
from sseu_dataset.pairing import draw
from sseu_dataset.records import CLIP_SAMPLES, RATE_HZ
from sseu_dataset.rows.samples import load_audio
from sseu_metric.conditions import BACKGROUND_ALONE, SPEECH_ALONE
from sseu_metric.suggestions import did_you_mean
from sseu_models.kinds import CONTROL_FRONTENDS, NO_FRONTEND, ORACLE_FRONTENDS
from sseu_models.speech_cut import cut_speech, heard_share
from sseu_models.user_modules import import_user_module

if TYPE_CHECKING:
    import numpy as np
    from datasets import Dataset
    from numpy.typing import NDArray

    Samples: TypeAlias = NDArray[np.float32]

__all__ = ["BUILT_IN", "MAX_S", "PEAK", "Frontend", "make_frontend"]

Row: TypeAlias = Mapping[str, Any]

BUILT_IN = (NO_FRONTEND, *ORACLE_FRONTENDS, *CONTROL_FRONTENDS)
MAX_S = 10.5
"""Maximum length of a front end's output: it may add a tail to the 10 seconds."""

PEAK = 2.0
"""Upper bound of the magnitude. A filter may lift a full-scale peak by a few tenths; larger samples are on another
scale and would be clipped by a server that takes 16-bit audio."""

_MAX_SHOWN = 8
_VERSION = 1
"""Increased when a built-in front end gives other samples than before."""


@dataclass(frozen=True, slots=True)
class Frontend:
    """A front end; may be called from several threads.

    Attributes:
        name: A built-in name, or `module:function`.
        sha256: Hash of the source file of the function's module; of name and version for a built-in one.
        per_task: Whether the samples depend on the task.
        hears_mixture: Whether it is given the mixture; the others put something else in its place.
        process: From a row, its mixture and a task to samples.
    """

    name: str
    sha256: str
    per_task: bool
    hears_mixture: bool
    process: Callable[[Row, Samples | None, str], Samples] = field(repr=False)

    def __call__(self, row: Row, mixture: Samples | None, task: str) -> Samples:
        """The samples that a system gets.

        Args:
            row: A dataset row with its audio undecoded (`sseu_dataset.load`).
            mixture: The row's samples (`sseu_dataset.load_audio`), which are not changed; None unless `hears_mixture`.
            task: `asr`, `asc`, `at` or `all`.

        Returns:
            float32, 44,100 Hz, full scale 1, shape (n,); n is 441,000 for the built-in ones.

        Raises:
            DatasetError: The audio of another row, which takes the mixture's place, cannot be read.
            ValueError: A user's function failed or returned something other than audio.
        """
        return self.process(row, mixture, task)


def make_frontend(spec: str, rows: Dataset) -> Frontend:
    """Make a front end.

    Args:
        spec: One of `BUILT_IN`, or `module:function`; the module is looked for in the current folder too. The function
            is `enhance(samples, rate_hz)`, or `enhance(samples, rate_hz, task)` if it reads the task: float32 in and
            out, shape (n,), full scale 1.
        rows: The whole dataset, configuration `all`: the other rows of a pair are taken from it.

    Raises:
        ValueError: There is no such front end, or the dataset does not allow it; the message says why.
    """
    match spec:
        case "none":
            return _built_in(spec, _unchanged)
        case "silence":
            return _built_in(spec, _silence)
        case "oracle-speech" | "oracle-background":
            return _built_in(spec, partial(_stem, rows, _places(rows), ORACLE_FRONTENDS.index(spec)))
        case "cut-speech":
            return _built_in(spec, partial(_half_heard, rows, _places(rows)))
        case "shuffled":
            return _built_in(spec, partial(_partner_audio, rows, _places(rows), shuffled_partners(rows)))
    if ":" not in spec:
        hint = did_you_mean(spec, BUILT_IN)
        raise ValueError(f"unknown front end {spec!r}{hint} (there are {', '.join(BUILT_IN)}, and module:function)")
    return _user_frontend(spec)


def _built_in(name: str, process: Callable[[Row, Samples | None, str], Samples]) -> Frontend:
    sha256 = hashlib.sha256(f"{name} {_VERSION}".encode()).hexdigest()
    return Frontend(name, sha256, per_task=False, hears_mixture=name == NO_FRONTEND, process=process)


# ---- built in

_Places: TypeAlias = Mapping[tuple[str, str], int]


def _places(rows: Dataset) -> _Places:
    """The position of the row of each pair and condition."""
    return {key: place for place, key in enumerate(zip(rows["pair_id"], rows["condition"], strict=True))}


def _unchanged(row: Row, mixture: Samples | None, task: str) -> Samples:
    assert mixture is not None  # `hears_mixture` asks for it
    return mixture


def _silence(row: Row, mixture: Samples | None, task: str) -> Samples:
    import numpy as np

    return np.zeros(CLIP_SAMPLES, dtype=np.float32)


def _stems(rows: Dataset, places: _Places, row: Row) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Speech and background of a row, each as it went into the mixture, in steps of 16 bits."""
    ends = {name: (row["pair_id"], name) for name in (SPEECH_ALONE, BACKGROUND_ALONE)}
    return stems({name: rows[places[key]] for name, key in ends.items() if key in places}, row["condition"])


def _stem(rows: Dataset, places: _Places, which: int, row: Row, mixture: Samples | None, task: str) -> Samples:
    import numpy as np

    return (_stems(rows, places, row)[which] / 32768).astype(np.float32)


def _half_heard(rows: Dataset, places: _Places, row: Row, mixture: Samples | None, task: str) -> Samples:
    import numpy as np

    speech, background = _stems(rows, places, row)
    return ((cut_speech(speech, heard_share(row["pair_id"])) + background) / 32768).astype(np.float32)


def _partner_audio(
    rows: Dataset, places: _Places, partners: Mapping[str, str], row: Row, mixture: Samples | None, task: str
) -> Samples:
    return load_audio(rows[places[partners[row["pair_id"]], row["condition"]]])


def shuffled_partners(rows: Dataset) -> dict[str, str]:
    """For each pair the next one, in the order of SHA-256 of `0|shuffle|pair_id`, that shares nothing with it.

    Raises:
        ValueError: Some pairs have none; the message names them.
    """
    columns = zip(rows["pair_id"], rows["transcript"], rows["scene"], rows["events"], strict=True)
    sentences: dict[str, str] = {}
    scenes: dict[str, int] = {}
    events: dict[str, set[int]] = {}
    for pair_id, transcript, scene, present in columns:
        if transcript:
            sentences[pair_id] = transcript
        if scene is not None:
            scenes[pair_id], events[pair_id] = scene, set(present)
    order = sorted(sentences.keys() & scenes.keys(), key=lambda pair_id: (draw(0, "shuffle", pair_id), pair_id))
    partners = {}
    for place, one in enumerate(order):
        for other in order[place + 1 :] + order[:place]:
            same = sentences[one] == sentences[other] or scenes[one] == scenes[other]
            if not same and events[one].isdisjoint(events[other]):
                partners[one] = other
                break
    alone = sorted(set(rows["pair_id"]) - partners.keys())
    if alone:
        raise ValueError(
            f"shuffled: {len(alone)} of the {len(alone) + len(partners)} pairs have no partner with another sentence, "
            f"another scene and no common event: {', '.join(alone[:3])}{', ...' if len(alone) > 3 else ''}. "
            "This front end needs a larger or more varied dataset"
        )
    return partners


# ---- a user's function


def _user_frontend(spec: str) -> Frontend:
    module_name, _, function_name = spec.partition(":")
    module = import_user_module(module_name, f"front end {spec!r}")
    function = getattr(module, function_name, None)
    if not callable(function):
        public = [name for name, one in vars(module).items() if inspect.isfunction(one) and not name.startswith("_")]
        shown = [*public[:_MAX_SHOWN], *(["..."] if len(public) > _MAX_SHOWN else [])]
        raise ValueError(
            f"front end {spec!r}: {module_name} has no function {function_name!r}{did_you_mean(function_name, public)} "
            f"(its functions: {', '.join(shown) or 'none'})"
        )
    if not module.__file__:
        raise ValueError(f"front end {spec!r}: {module_name} is not one file, so its version cannot be recorded")
    per_task = _reads_task(function, spec)
    source_sha256 = hashlib.sha256(Path(module.__file__).read_bytes()).hexdigest()
    process = partial(_apply, function, spec, per_task)
    return Frontend(spec, source_sha256, per_task=per_task, hears_mixture=True, process=process)


def _reads_task(function: Callable[..., Any], spec: str) -> bool:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError) as error:
        raise ValueError(f"front end {spec!r}: its parameters cannot be read: {error}") from error
    per_task = "task" in signature.parameters
    try:
        signature.bind(None, RATE_HZ, *([""] if per_task else []))
    except TypeError:
        raise ValueError(
            f"front end {spec!r} takes {signature}; it must take (samples, rate_hz) or (samples, rate_hz, task)"
        ) from None
    return per_task


def _apply(
    function: Callable[..., Any], spec: str, per_task: bool, row: Row, mixture: Samples | None, task: str
) -> Samples:
    assert mixture is not None  # `hears_mixture` asks for it
    samples = mixture.copy()  # the other tasks of the clip get the mixture too, and a function may work in place
    where = f"front end {spec!r}, clip {row['id']}"
    try:
        result = function(samples, RATE_HZ, task) if per_task else function(samples, RATE_HZ)
    except (Exception, SystemExit) as error:  # a user's function may raise anything
        raise ValueError(f"{where}: failed with {type(error).__name__}: {error}") from error
    return _checked(result, where)


def _checked(result: Any, where: str) -> Samples:
    import numpy as np

    samples = np.asarray(result)
    if samples.dtype.kind != "f":
        raise ValueError(f"{where}: returned {type(result).__name__} of {samples.dtype}; float32 samples are needed")
    if samples.ndim != 1:
        raise ValueError(f"{where}: returned the shape {samples.shape}; one channel is needed, shape (n,)")
    length_s = len(samples) / RATE_HZ
    if not 0 < length_s <= MAX_S:
        raise ValueError(f"{where}: returned {length_s:.3f} s of audio; more than 0 and at most {MAX_S} s are allowed")
    if not np.isfinite(samples).all():
        raise ValueError(f"{where}: returned {np.count_nonzero(~np.isfinite(samples))} samples that are not finite")
    peak = float(np.abs(samples).max())
    if peak >= PEAK:
        raise ValueError(
            f"{where}: returned samples up to {peak:.6g}; full scale is 1 and less than {PEAK:g} is allowed. Return "
            "them on the scale of the input"
        )
    return np.array(samples, dtype=np.float32, order="C")  # a copy, since a function may use one buffer for all clips
