"""The JSON-lines protocol of a worker, and the program that a worker file runs in.

A system whose packages contradict ours runs in its own environment, where nothing of ours is installed. So this file
uses the standard library alone (Python 3.8 and later) and is run by its path with the worker file as argument:

    <python of the environment> sseu_models/systems/worker/protocol.py my_worker.py

It makes itself and its folder importable there under their full names. A worker file has `SETTINGS`, a literal dict of
names and defaults (read without running the file), and a class `Worker(settings, labels)` with a `hello` and an
`answer(question)`; `docs/systems/workers.md` shows one. One JSON object per line:

    in    {"protocol": 1, "settings": {...}, "labels": {"asc": [...], "at": [...]}, "scratch": "/folder"}
    out   {"kind": "hello", "protocol": 1, "rate_hz": 16000, ...}            the fields of `Hello`
    out   {"kind": "failed", "error": "..."}                                 instead, and the process ends
    in    {"number": 1, "clip_id": ..., "task": ..., "mode": ..., "system": ..., "user": ..., "seed": ...,
           "rate_hz": 16000, "audio": base64 of little-endian float32, or null}
    out   {"kind": "reply", "number": 1, "text": ..., ...}                   the fields of `Answer`

The end of stdin ends the worker. Its stdout carries nothing but these lines: what libraries print goes to stderr.
"""

from __future__ import annotations

import base64
import contextlib
import importlib.util
import json
import math
import os
import pickle
import platform
import random
import re
import struct
import sys
import tempfile
import traceback
import types
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import BinaryIO

    import numpy as np
    from numpy.typing import NDArray

PROTOCOL = 1
TEXT_MODES = {"independent": ["asr", "asc", "at"], "joint": ["all"], "cot": ["all"]}
"""The modes of a model that writes text."""
CLASSIFIER_MODES = {"independent": ["asc", "at"]}
"""The modes of a model that scores labels."""
WEIGHTS_ONLY = os.environ.get("SSEU_ALLOW_PICKLE") != "1"  # for `torch.load`


@dataclass(frozen=True)
class Hello:
    """What a worker reports about itself, see `sseu_models.records.Capabilities`.

    Attributes:
        rate_hz: Sampling rate of the audio it gets; None if it gets no audio.
        max_audio_s: The longest clip it processes completely; None if there is no limit.
        deterministic: The same question always gets the same answer.
        modes: The modes it can answer, and the tasks of each.
        family: The model family whose prompts it gets.
        facts: Whatever else may change an answer: order of audio and text, versions of packages (`versions`), weights
            from the Hub (`hub_cache.hub_commits`), the device.
    """

    rate_hz: int | None
    deterministic: bool
    max_audio_s: float | None = None
    modes: Mapping[str, Sequence[str]] = field(default_factory=lambda: TEXT_MODES)
    family: str = "*"
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """A text, or a score per label, or an error; see `sseu_models.records.Reply`."""

    text: str | None = None
    scores: Sequence[float] | None = None
    error: str | None = None
    finish_reason: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None


@dataclass(frozen=True)
class Question:
    """One request.

    Attributes:
        clip_id: The mixture's id.
        task: `asr`, `asc`, `at` or `all`.
        mode: `independent`, `joint` or `cot`.
        system: The system message, if any.
        user: The text beside the audio.
        seed: The generators of Python, NumPy, torch and CTranslate2 were seeded with it just before (`seed_all`).
        rate_hz: Sampling rate of the audio.
        audio: Little-endian float32 samples, mono, full scale 1, if any.
        scratch: A folder for temporary files, removed when the run ends.
    """

    clip_id: str
    task: str
    mode: str
    system: str | None
    user: str
    seed: int
    rate_hz: int | None
    audio: bytes | None
    scratch: str

    def samples(self) -> NDArray[np.float32]:
        """The audio, shape (n,), as a new array. Raises ValueError if there is none."""
        import numpy as np

        return np.frombuffer(self._audio(), dtype="<f4").astype(np.float32)

    @contextlib.contextmanager
    def wav_file(self) -> Iterator[str]:
        """The path of the audio as a mono WAV of 32-bit floats, which is removed afterwards.

        Raises:
            ValueError: There is no audio.
        """
        audio = self._audio()
        rate_hz = int(self.rate_hz or 0)
        form = struct.pack("<HHIIHHH", 3, 1, rate_hz, 4 * rate_hz, 4, 32, 0)  # 3: IEEE float
        chunks = b"fmt " + struct.pack("<I", len(form)) + form
        chunks += b"fact" + struct.pack("<II", 4, len(audio) // 4)
        chunks += b"data" + struct.pack("<I", len(audio)) + audio
        handle, path = tempfile.mkstemp(suffix=".wav", dir=self.scratch)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)
            yield path
        finally:
            os.unlink(path)

    def user_with_system(self) -> str:
        """The text for a model without system messages: the system message, an empty line, the user's text."""
        return self.user if self.system is None else self.system + "\n\n" + self.user

    def _audio(self) -> bytes:
        if self.audio is None:
            raise ValueError("clip " + self.clip_id + " has no audio")
        return self.audio


def confidences(cosines: Sequence[float], task: str) -> list[float]:
    """Scores of the labels from cosines of audio and label: softmax for `asc`, sigmoid for `at`.

    Source: the paper, section 3, CLAP-based baselines. No temperature: neither changes the ranking.
    Cosines are rounded to 1e-6 first, so that noise of the arithmetic ranks nothing.
    """
    cosines = [round(cosine, 6) for cosine in cosines]
    if task == "at":
        return [1 / (1 + math.exp(-cosine)) for cosine in cosines]
    powers = [math.exp(cosine) for cosine in cosines]
    return [power / sum(powers) for power in powers]


def label_texts(labels: Mapping[str, Sequence[str]], template: str) -> dict[str, list[str]]:
    """The label texts of each task for a classifier: each label in place of the template's `{}`.

    Raises:
        ValueError: The template has no single `{}`.
    """
    if template.count("{}") != 1:
        raise ValueError(f"template {template!r} must hold {{}} once")
    return {task: [template.replace("{}", name) for name in names] for task, names in labels.items()}


def required(settings: Mapping[str, Any], name: str, what: str) -> str:
    """A path that has no default.

    Raises:
        ValueError: It was not set, or is not there.
    """
    path = settings[name]
    if path is None:
        raise ValueError(f"{name} is not set: --setting {name}=PATH, {what}")
    if not os.path.exists(path):
        raise ValueError(f"{name}={path} does not exist: --setting {name}=PATH, {what}")
    return str(path)


def versions(*packages: str) -> dict[str, str]:
    """Versions of Python and of these packages, as far as they are installed here."""
    from importlib import metadata

    found = {"python": platform.python_version()}
    for package in packages:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[package] = metadata.version(package)
    return found


def seed_all(seed: int) -> None:
    """Seed the generators of Python, and of NumPy, torch and CTranslate2 if they have been imported.

    CTranslate2 makes a generator in each of its threads from the seed in force when that first samples, and never seeds
    it again: there a question's answer depends on the sampled ones before it.
    """
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)
    if "ctranslate2" in sys.modules:
        sys.modules["ctranslate2"].set_random_seed(seed)


def serve(module: Any, lines: BinaryIO, out: BinaryIO) -> None:
    """Load the worker, then answer line by line until the lines end."""

    def send(message: dict[str, Any]) -> None:
        out.write(json.dumps(message, ensure_ascii=True).encode() + b"\n")
        out.flush()

    start = json.loads(lines.readline() or b"{}")
    if start.get("protocol") != PROTOCOL:
        send({"kind": "failed", "error": f"protocol {start.get('protocol')} was asked, this is {PROTOCOL}"})
        return
    if not hasattr(module, "Worker"):
        send({"kind": "failed", "error": "the worker file has no class Worker; it needs one (docs/systems/workers.md)"})
        return
    try:
        worker = module.Worker(start["settings"], start["labels"])
        hello = dict(asdict(worker.hello), kind="hello", protocol=PROTOCOL)
    except Exception as error:  # a third-party model may raise anything; the runner gets it
        traceback.print_exc()
        send({"kind": "failed", "error": _reason(error)})
        return
    send(hello)
    for line in lines:
        asked = json.loads(line)
        number = asked.pop("number")
        if asked["audio"] is not None:
            asked["audio"] = base64.b64decode(asked["audio"])
        seed_all(asked["seed"])
        try:
            answer = worker.answer(Question(scratch=start["scratch"], **asked))
        except Exception as error:  # sent as the reply, and the next question is asked
            # After such an error every later call on the device fails too; a fresh process is the only way out.
            if "CUDA error" in str(error):
                raise
            traceback.print_exc()
            answer = Answer(error=f"{type(error).__name__}: {error}")
        if not isinstance(answer, Answer):
            returned = f"its `answer` returned {type(answer).__name__}"
            answer = Answer(error=f"{returned}; it must return an Answer, such as Answer(text=...)")
        send(dict(asdict(answer), kind="reply", number=number))


def _reason(error: Exception) -> str:
    if not isinstance(error, pickle.UnpicklingError):
        return f"{type(error).__name__}: {error}"
    found = re.search(r"(?:GLOBAL|class) ([\w.]+)", str(error))  # torch's own words advise to load it all the same
    what = f"its file of weights holds more than weights ({found[1] if found else str(error)[:200]}), and loading that "
    return what + "can run code of whoever made it; if you trust its origin: --setting allow_pickle=true"


def main() -> None:
    """Run the worker file named on the command line."""
    # Before anything of the worker is imported: libraries print to stdout, and may read stdin.
    lines, out = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    # Its folder, which the interpreter puts first, must not shadow the environment's modules (`system`, `settings`).
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != here]
    for name, path in (("sseu_models", []), ("sseu_models.systems.worker", [here])):
        package = types.ModuleType(name)
        package.__path__ = path
        sys.modules.setdefault(name, package)
    sys.modules["sseu_models.systems.worker.protocol"] = sys.modules["__main__"]
    spec = importlib.util.spec_from_file_location("sseu_worker", sys.argv[1])
    if spec is None or spec.loader is None:
        raise SystemExit(sys.argv[1] + " is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules["sseu_worker"] = module
    spec.loader.exec_module(module)
    serve(module, lines, out)


if __name__ == "__main__":
    main()
