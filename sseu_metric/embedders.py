"""Make a text embedder from its name, and compare texts with labels: sim of eq. (1) and (2) of the paper (section 2.2).

The default is `sentence-transformers/all-MiniLM-L6-v2`, pinned by its weights (sentence_embedder.py), so that nobody
needs a key.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from .embedder_protocol import Embedder, check_texts, check_vectors
from .embedding_cache import CachedEmbedder, EmbeddingCache, default_cache_path
from .openai_embedder import OpenAIEmbedder
from .sentence_embedder import SentenceTransformersEmbedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PAPER_MODEL = "text-embedding-3-large"
SPEC_FORMS = (
    "default, paper, exact, openai:<model>, sentence-transformers:<Hub id or folder>[@<revision>] "
    "(a revision is a Hub commit, tag or branch, or sha256:<digest>)"
)


def make_embedder(
    spec: str | Embedder | None = None,
    *,
    base_url: str | None = None,
    api_key_env: str | None = None,
    cache: Path | Literal[False] | None = None,
) -> Embedder:
    """Make the embedder of a name.

    Args:
        spec: `None` or `default` (the pinned local model), `paper` (OpenAI's text-embedding-3-large), `exact`,
            `openai:<model>`, `sentence-transformers:<Hub id or folder>[@<revision>]`; or an embedder, returned as it
            is (wrapped only if `cache` is a path: its id and revision must then change whenever its vectors do).
        base_url: Server of an `openai:` embedder; without it `OPENAI_BASE_URL`, then OpenAI itself.
        api_key_env: Environment variable that holds the key of that server; see `OpenAIEmbedder`.
        cache: SQLite file of stored vectors; None is `embedding_cache.default_cache_path()`, False stores nothing.

    Raises:
        ValueError: The name is of no known form, or a server is named for an embedder that has none.
        ImportError: A package is missing; the message is the line that installs it.
        EmbedderError: The model is neither on this machine nor available from the Hub.
    """
    if spec is not None and not isinstance(spec, str):
        if not isinstance(spec, Embedder):
            raise ValueError(f"embedder is a {type(spec).__name__}; give an embedder or one of: {SPEC_FORMS}")
        return _cached(spec, cache) if isinstance(cache, Path) else spec
    named = {None: "default", "paper": f"openai:{PAPER_MODEL}"}.get(spec, spec or "")
    kind, _, rest = named.partition(":")
    if (base_url is not None or api_key_env is not None) and kind != "openai":
        raise ValueError(f"base_url and api_key_env are for openai:<model>, not for the embedder {spec!r}")
    if named == "exact":
        return ExactEmbedder()
    if named == "default":
        return _cached(SentenceTransformersEmbedder(), cache)
    if kind == "sentence-transformers" and rest:
        model, at, revision = rest.rpartition("@")
        if not at or Path(rest).is_dir():
            model, revision = rest, ""
        return _cached(SentenceTransformersEmbedder(model, revision or None), cache)
    if kind == "openai" and rest:
        return _cached(OpenAIEmbedder(rest, base_url=base_url, api_key_env=api_key_env), cache)
    raise ValueError(f"unknown embedder {spec!r}; it must be one of: {SPEC_FORMS}")


def similarities(embedder: Embedder, texts: Sequence[str], labels: Sequence[str]) -> NDArray[np.float64]:
    """Return the cosine of every text with every label: sim(theta(text), theta(label)) of eq. (1) and (2).

    Each distinct string is embedded once. A row depends on its own text and the labels only: neither the order nor
    the number of the texts changes it.

    Args:
        embedder: From `make_embedder`, or any other that follows the protocol.
        texts: n answers, none blank (an answer that names nothing has confidence 0 and is not embedded).
        labels: The class names as they are to be embedded.

    Returns:
        (n, labels) in [-1, 1], rounded to 1e-6. With `exact`: 1 where text and label are equal, 0 elsewhere.

    Raises:
        ValueError: A text or label is blank, not a string or not valid Unicode; or there are no labels.
        EmbedderError: The embedder gives no vector per string, or vectors that are not finite or have no direction.
    """
    import numpy as np

    check_texts(texts, "text")
    check_texts(labels, "label")
    if not labels:
        raise ValueError("there are no labels to compare with")
    distinct = list(dict.fromkeys([*labels, *texts]))
    row = {text: position for position, text in enumerate(distinct)}
    if isinstance(embedder, ExactEmbedder):  # its vectors would be as long as the list of distinct strings
        folded = [_fold(label) for label in labels]
        cosines = np.array([[_fold(text) == label for label in folded] for text in distinct], dtype=np.float64)
    else:
        vectors = check_vectors(embedder.embed(distinct), len(distinct), embedder.id)
        vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        cosines = _cosines(vectors, vectors[[row[label] for label in labels]])
    return cosines[[row[text] for text in texts]]


def _cosines(vectors: NDArray[np.float64], labels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rounded dot products; one by one, since the last bits of a matrix product depend on its shape."""
    import numpy as np

    cosines: NDArray[np.float64] = np.asarray(np.vecdot(vectors[:, np.newaxis, :], labels))
    return np.clip(np.round(cosines, 6), -1.0, 1.0) + 0.0  # + 0.0 turns -0.0 into 0.0


class ExactEmbedder:
    """Strings are equal (cosine 1) or not (cosine 0): for tests and for answers from a closed set.

    Case and surrounding blanks do not count. No vectors of fixed length can be orthogonal for all strings, so `embed`
    gives one dimension to each distinct string of a call: rows of one call compare, rows of two calls do not.
    """

    id = "exact"
    revision = None
    dimension = None

    def embed(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return one-hot rows, (texts, distinct texts)."""
        import numpy as np

        check_texts(texts)
        folded = [_fold(text) for text in texts]
        column = {text: position for position, text in enumerate(dict.fromkeys(folded))}
        return np.eye(len(column))[[column[text] for text in folded]]


def _cached(embedder: Embedder, cache: Path | Literal[False] | None) -> Embedder:
    path = default_cache_path() if cache is None else cache
    return CachedEmbedder(embedder, EmbeddingCache(path)) if path else embedder


def _fold(text: str) -> str:
    return text.strip().casefold()
