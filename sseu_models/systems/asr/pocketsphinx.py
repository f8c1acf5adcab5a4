"""`asr:pocketsphinx`: a speech recogniser that ships its model and runs offline, for demonstrations.

Its search does not release the interpreter lock, so it decodes in processes, one decoder each.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from sseu_dataset.parallel import worker_count
from sseu_models.child_environment import child_environment
from sseu_models.records import Capabilities, Json, Question, Reply, SystemDownError
from sseu_models.systems.packages import missing_package
from sseu_models.systems.settings import Settings, read_settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pocketsphinx import Decoder

RATE_HZ = 16_000
"""The rate of the acoustic model."""

_DITHER_SEED, _DITHER_STEPS = 0, 16
_LENGTH_BYTES = 4
_BEAMS: Mapping[str, float] = {"beam": 1e-64, "pbeam": 1e-64, "wbeam": 1e-40}
"""Beam widths with sentences. The package's own (1e-48, 1e-48, 7e-29) prune all of them in some clean clips."""

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


class PocketsphinxSettings(Settings):
    """What `--setting` may set for `asr:pocketsphinx`.

    Attributes:
        grammar: `none` recognises any words with the package's language model; `sentences` chooses among the
            references' own sentences, which is no fair test and meant for demonstrations.
    """

    grammar: Literal["none", "sentences"] = "none"


class PocketsphinxSystem:
    """The recogniser as a `System`. It answers ASR; in `joint` and `cot` with the transcript line alone."""

    id = "asr:pocketsphinx"

    def __init__(self, settings: Mapping[str, Json], jsgf: str | None, processes: int) -> None:
        """Use `make_pocketsphinx`; `jsgf` is the grammar, None for the package's language model."""
        self.settings = settings
        self.capabilities = Capabilities(
            rate_hz=RATE_HZ,
            deterministic=True,
            modes={"independent": ("asr",), "joint": ("all",), "cot": ("all",)},
            in_flight=processes,
        )
        self._jsgf = jsgf
        self._processes: list[asyncio.subprocess.Process] = []
        self._idle: asyncio.Queue[asyncio.subprocess.Process] = asyncio.Queue()
        self._decoding: dict[str, asyncio.Future[str]] = {}

    async def start(self) -> None:
        """Start the processes and decode a moment of silence in each.

        Raises:
            SystemDownError: The recogniser cannot be loaded.
        """
        search_path = os.pathsep.join(filter(None, (str(Path(__file__).parents[3]), os.environ.get("PYTHONPATH"))))
        for _ in range(self.capabilities.in_flight):
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", f"from {__name__} import serve; serve()"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env=child_environment() | {"PYTHONPATH": search_path},
                start_new_session=True,  # Ctrl-C is the caller's
            )
            self._processes.append(process)
            assert process.stdin is not None
            process.stdin.write(json.dumps(self._jsgf).encode() + b"\n")
        for process in self._processes:
            try:
                await self._decode(process, bytes(RATE_HZ))
            except RuntimeError as error:
                raise SystemDownError(f"{self.id} cannot be loaded: {error}") from error
            self._idle.put_nowait(process)

    async def answer(self, questions: Sequence[Question]) -> list[Reply]:
        """Decode each clip; the same audio in another mode is not decoded again.

        Raises:
            SystemDownError: A decoding process was killed.
        """
        return list(await asyncio.gather(*map(self._reply, questions)))

    async def _reply(self, question: Question) -> Reply:
        assert question.audio is not None  # `capabilities` asks for it
        pcm = _pcm16(question.audio)
        key = hashlib.sha256(pcm).hexdigest()
        if key not in self._decoding:
            self._decoding[key] = asyncio.ensure_future(self._transcribe(pcm))
            self._decoding[key].add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            text = await asyncio.shield(self._decoding[key])
        except SystemDownError:
            raise
        except RuntimeError as error:
            return Reply(error=f"{self.id}: clip {question.clip_id} cannot be decoded: {error}")
        return Reply(text=text if question.task == "asr" else f"Transcript: {text}")

    async def _transcribe(self, pcm: bytes) -> str:
        process = await self._idle.get()
        try:
            return await self._decode(process, pcm)
        finally:
            self._idle.put_nowait(process)  # a dead one too: the next clip must not wait for it

    async def _decode(self, process: asyncio.subprocess.Process, pcm: bytes) -> str:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(len(pcm).to_bytes(_LENGTH_BYTES, "little") + pcm)
            await process.stdin.drain()
            line = await process.stdout.readline()
        except ConnectionError:
            line = b""
        if not line:
            raise SystemDownError(
                f"{self.id}: a decoding process has ended (out of memory?); its error output is above"
            )
        reply = json.loads(line)
        if "error" in reply:
            raise RuntimeError(reply["error"])
        return str(reply["text"])

    async def close(self) -> None:
        """End the processes."""
        for process in self._processes:
            with suppress(ProcessLookupError):  # it has ended already
                process.kill()
            await process.wait()
        self._processes.clear()


def make_pocketsphinx(references: Sequence[Mapping[str, Any]] | None = None, **settings: Json) -> PocketsphinxSystem:
    """Make the recogniser.

    Args:
        references: Dataset rows without audio; only `grammar="sentences"` reads them, for their `transcript`.
        settings: The attributes of `PocketsphinxSettings`.

    Raises:
        ValueError: A setting is unknown or has another value, or the grammar has no sentence.
        MissingPackageError: The package is not installed.
    """
    grammar = read_settings("asr:pocketsphinx", PocketsphinxSettings, settings).grammar
    try:
        package = f"pocketsphinx {version('pocketsphinx')}"
    except PackageNotFoundError:
        raise missing_package("asr:pocketsphinx", "pocketsphinx", "demo") from None
    used: dict[str, Json] = {"grammar": grammar, "package": package, "cmn": "batch"}
    used |= {"dither_seed": _DITHER_SEED, "dither_steps": _DITHER_STEPS}
    jsgf = None
    if grammar == "sentences":
        from pocketsphinx import get_model_path

        dictionary = Path(get_model_path("en-us/cmudict-en-us.dict")).read_text(encoding="utf-8").splitlines()
        vocabulary = frozenset(line.partition(" ")[0] for line in dictionary)
        sentences = sorted({row["transcript"] for row in references or () if row["transcript"]})
        jsgf, left_out = sentence_grammar(sentences, vocabulary)
        used |= _BEAMS
        used["sentences"] = len(sentences) - len(left_out)
        used["sentences_sha256"] = hashlib.sha256("\n".join(sentences).encode()).hexdigest()
        used["sentences_left_out"] = left_out
    return PocketsphinxSystem(MappingProxyType(used), jsgf, worker_count(None))


def sentence_grammar(sentences: Sequence[str], vocabulary: frozenset[str]) -> tuple[str, list[str]]:
    """A JSGF grammar that accepts one of the sentences, and the sentences left out for lack of a pronunciation.

    Raises:
        ValueError: No sentence is left.
    """
    words = {sentence: _WORD.findall(sentence.lower().replace("’", "'")) for sentence in sentences}
    known = [sentence for sentence in sentences if words[sentence] and vocabulary.issuperset(words[sentence])]
    if not known:
        raise ValueError(
            f"asr:pocketsphinx: grammar='sentences' needs references whose words are in its dictionary; "
            f"none of the {len(sentences)} sentences is"
        )
    rule = "\n  | ".join(" ".join(words[sentence]) for sentence in known)
    return f"#JSGF V1.0;\ngrammar sentences;\npublic <sentence> =\n    {rule};\n", sorted({*sentences} - {*known})


def _pcm16(samples: NDArray[np.float32]) -> bytes:
    """16-bit samples with uniform dither of -71 dBFS: without it, digital silence breaks the features.

    The package's own dither draws from one generator for all clips: an answer would depend on earlier clips.
    """
    import numpy as np

    noise = np.random.default_rng(_DITHER_SEED).integers(-_DITHER_STEPS, _DITHER_STEPS, len(samples), endpoint=True)
    pcm: NDArray[np.float64] = np.clip(np.rint(samples * np.float32(32768)) + noise, -32768, 32767)
    return pcm.astype("<i2").tobytes()


# ---- in the decoding processes


def serve() -> None:
    """Decode clips from standard input until it closes, which it does however the caller ends.

    Input: a JSON line with the grammar or null; then for each clip its length in bytes (4 bytes, little endian) and its
    16-bit samples. Output: for each clip a JSON line with `text` or `error`.
    """
    stdin = sys.stdin.buffer
    jsgf = json.loads(stdin.readline())
    decoder = None
    while length := stdin.read(_LENGTH_BYTES):
        pcm = stdin.read(int.from_bytes(length, "little"))
        try:
            decoder = decoder or _load(jsgf)
            reply = {"text": _decode(decoder, pcm)}
        except (ImportError, OSError, RuntimeError, ValueError) as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        try:
            sys.stdout.write(json.dumps(reply) + "\n")
            sys.stdout.flush()
        except BrokenPipeError:  # the caller was killed while this clip was decoded
            os._exit(0)


def _load(jsgf: str | None) -> Decoder:
    from pocketsphinx import Decoder

    if jsgf is None:
        return Decoder(samprate=RATE_HZ, cmn="batch", loglevel="FATAL")
    decoder = Decoder(samprate=RATE_HZ, cmn="batch", loglevel="FATAL", lm=None, **_BEAMS)
    decoder.add_jsgf_string("sentences", jsgf)
    decoder.activate_search("sentences")
    return decoder


def _decode(decoder: Decoder, pcm: bytes) -> str:
    """The transcript of 16-bit samples; "" if the search ends without a hypothesis."""
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    found = decoder.hyp()
    return found.hypstr if found else ""
