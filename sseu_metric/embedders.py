"""Make a text embedder from its name.

The default is `sentence-transformers/all-MiniLM-L6-v2`, pinned by its weights (sentence_embedder.py), so that nobody
needs a key.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from .embedder_protocol import Embedder
from .embedding_cache import CachedEmbedder, EmbeddingCache, default_cache_path
from .exact_embedder import ExactEmbedder
from .openai_embedder import KEY_NAMING_VARIABLE, OpenAIEmbedder
from .sentence_embedder import SentenceTransformersEmbedder
from .suggestions import did_you_mean

SPEC_FORMS = (
    "default, paper, exact, openai:<model>, sentence-transformers:<Hub id or folder>[@<revision>] "
    "(a revision is a Hub commit, tag or branch, or sha256:<digest>)"
)

_NAMES = ("default", "paper", "exact")
_KINDS = ("openai", "sentence-transformers")


def variables_of(spec: str | None) -> tuple[str, ...]:
    """The environment variables that an embedder needs to reach its server, for a process that gets no others."""
    if spec != "paper" and not (spec or "").startswith("openai:"):
        return ()
    return (
        *("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_CUSTOM_HEADERS"),
        *(KEY_NAMING_VARIABLE, os.environ.get(KEY_NAMING_VARIABLE, KEY_NAMING_VARIABLE)),
        *("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy"),
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
        ValueError: The name is of no known form, its folder is missing, or a server is named for an embedder that
            has none.
        ImportError: A package is missing; the message is the line that installs it.
        EmbedderError: The model is neither on this machine nor available from the Hub.
    """
    if spec is not None and not isinstance(spec, str):
        if not isinstance(spec, Embedder):
            raise ValueError(f"embedder is a {type(spec).__name__}; give an embedder or one of: {SPEC_FORMS}")
        return _cached(spec, cache) if isinstance(cache, Path) else spec
    check_spec("default" if spec is None else spec)
    named = {None: "default", "paper": "openai:text-embedding-3-large"}.get(spec, spec or "")
    kind, _, rest = named.partition(":")
    if (base_url is not None or api_key_env is not None) and kind != "openai":
        raise ValueError(f"base_url and api_key_env are for openai:<model>, not for the embedder {spec!r}")
    if named == "exact":
        return ExactEmbedder()
    if named == "default":
        return _cached(SentenceTransformersEmbedder(), cache)
    if kind == "sentence-transformers":
        model, revision = _model_and_revision(rest)
        return _cached(SentenceTransformersEmbedder(model, revision or None), cache)
    return _cached(OpenAIEmbedder(rest, base_url=base_url, api_key_env=api_key_env), cache)


def check_spec(spec: str) -> None:
    """Check the name of an embedder, without loading anything.

    Raises:
        ValueError: The name is of no known form, or the folder in it does not exist.
    """
    kind, _, rest = spec.partition(":")
    if spec not in _NAMES and not (kind in _KINDS and rest):
        hint = did_you_mean(spec, _NAMES) or did_you_mean(kind, _KINDS)
        raise ValueError(f"unknown embedder {spec!r}{hint}; it must be one of: {SPEC_FORMS}")
    if kind == "sentence-transformers":
        model, _ = _model_and_revision(rest)
        if model.startswith(("/", "./", "../", "~")) and not Path(model).is_dir():
            raise ValueError(f"embedder {spec!r}: no such folder: {model}; check the path")


def _model_and_revision(rest: str) -> tuple[str, str]:
    model, at, revision = rest.rpartition("@")
    return (model, revision) if at and not Path(rest).is_dir() else (rest, "")


def _cached(embedder: Embedder, cache: Path | Literal[False] | None) -> Embedder:
    path = default_cache_path() if cache is None else cache
    return CachedEmbedder(embedder, EmbeddingCache(path)) if path else embedder
