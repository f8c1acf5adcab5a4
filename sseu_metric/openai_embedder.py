"""OpenAI's embeddings, and any server that speaks the same protocol (TEI, vLLM, Ollama, gateways).

`openai:text-embedding-3-large` is the embedder of the paper (section 2.2). The key is read when a request is due and is
never kept, shown or logged (openai_client.py says which server gets which); a run whose vectors are all in the cache
needs none. OpenAI's vectors differ by about 1e-4 from call to call; the cache keeps the first ones.

A token is at least one byte of UTF-8 in OpenAI's tokenisers, so the number of bytes bounds the number of tokens: limits
and costs are computed from it without a tokeniser. English text has about four bytes per token.
"""

from __future__ import annotations

import base64
import logging
import os
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from .embedder_protocol import EmbedderError, check_texts, stack, unit_rows
from .extras import require
from .http_retries import pause_s
from .openai_client import (
    OPENAI_URL,
    Failure,
    checked_url,
    failure_of,
    is_openai,
    key_variable,
    open_client,
    read_key,
    remedy,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from openai import OpenAI

# OpenAI's list prices of 2026-05 in US dollars per million tokens; a call that may cost more than the notice is logged.
_PRICES_USD = {"text-embedding-3-large": 0.13, "text-embedding-3-small": 0.02, "text-embedding-ada-002": 0.10}
_COST_NOTICE_USD = 1.0

_DIMENSIONS = {"text-embedding-3-large": 3072, "text-embedding-3-small": 1536, "text-embedding-ada-002": 1536}
# OpenAI's limits per request (inputs, tokens) and per input (tokens).
_REQUEST_INPUTS, _REQUEST_TOKENS, _INPUT_TOKENS = 2048, 300_000, 8191
_OTHER_SERVERS_INPUTS = 32  # the default limit of TEI
KEY_NAMING_VARIABLE = "SSEU_EMBEDDER_KEY_ENV"
"""Names the variable that holds the key of the server of `OPENAI_BASE_URL`, where no argument can."""
_log = logging.getLogger(__name__)


class OpenAIEmbedder:
    """An embedding model behind OpenAI's protocol.

    Requests are made one after another, each repeated after a retryable failure (openai_client.py). Texts of more than
    8,191 bytes are embedded by their first 8,191, and a warning counts them.
    """

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        api_key_env: str | None = None,
        max_retries: int = 5,
        timeout_s: float = 60.0,
    ) -> None:
        """Describe the model; nothing is sent yet.

        Args:
            model: Name of the model on the server.
            base_url: Address up to `/v1`; without it `OPENAI_BASE_URL`, then OpenAI itself. It stands in `revision`
                unless it is OpenAI's, since other servers give other vectors under the same name.
            api_key_env: Environment variable that holds the key of that server; without it, the one that
                `SSEU_EMBEDDER_KEY_ENV` names for the server of `OPENAI_BASE_URL`. OpenAI gets `OPENAI_API_KEY`, any
                other server no key.
            max_retries: Repetitions of one request.
            timeout_s: Seconds to wait for one answer.

        Raises:
            ImportError: openai is not installed; the message is the line that installs it.
            ValueError: The address is not a plain http(s) address.
        """
        require("openai", "openai", f"the embedder openai:{model}")
        from_environment = "" if base_url else os.environ.get("OPENAI_BASE_URL", "")
        self._base_url = checked_url(base_url or from_environment or OPENAI_URL)
        self._official = is_openai(self._base_url)
        self._api_key_env = api_key_env or (os.environ.get(KEY_NAMING_VARIABLE) if from_environment else None)
        self.id = f"openai:{model}"
        self.revision = None if self._official else self._base_url
        self.dimension = _DIMENSIONS.get(model) if self._official else None
        self._model = model
        self._max_retries = max_retries
        self._timeout_s = timeout_s

    def embed(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return (texts, dimension) rows of length 1.

        Raises:
            ValueError: A text is blank.
            EmbedderError: No key, a refused key, no answer after all repetitions, or an answer that does not fit.
        """
        return stack(self.batches(texts), self.dimension)

    def batches(self, texts: Sequence[str]) -> Iterator[NDArray[np.float64]]:
        """Yield the rows of `embed` request by request."""
        check_texts(texts)
        long = sum(len(text.encode()) > _INPUT_TOKENS for text in texts)
        if long:
            _log.warning(
                "%s: %d of %d texts are longer than %d bytes and are cut", self.id, long, len(texts), _INPUT_TOKENS
            )
        tokens = sum(map(_tokens, texts))
        usd = tokens * _PRICES_USD.get(self._model, 0) / 1e6
        if self._official and usd > _COST_NOTICE_USD:
            _log.warning(
                "%s: %d texts, at most %d tokens, at most %.2f US dollars (list prices of 2026-05; prices change)",
                *(self.id, len(texts), tokens, usd),
            )
        if not texts:
            return
        try:
            key = read_key(self._base_url, self._api_key_env)
        except ValueError as error:
            raise EmbedderError(f"{self.id}: {error}; the default embedder needs no key") from None
        with open_client(self._base_url, key, timeout_s=self._timeout_s) as client:
            for inputs in _requests(texts, _REQUEST_INPUTS if self._official else _OTHER_SERVERS_INPUTS):
                rows = unit_rows(self._read(self._ask(client, inputs, key), len(inputs)), self.id)
                self.dimension = rows.shape[1]
                yield rows

    def _ask(self, client: OpenAI, inputs: list[str], key: str) -> object:
        attempt = 0
        while True:
            answer = self._send(client, inputs, key)
            if not isinstance(answer, Failure):
                return answer
            if not answer.retryable or attempt == self._max_retries:
                break
            time.sleep(pause_s(attempt, asked_s=answer.wait_s))
            attempt += 1
        # Raised here: the client's error holds the request's headers and must not be carried along.
        option = f"api_key_env, or {KEY_NAMING_VARIABLE} where OPENAI_BASE_URL names the server"
        what = remedy(answer, key_variable(self._base_url, self._api_key_env), option)
        raise EmbedderError(f"{self.id} at {self._base_url}: {answer.problem}; {what}")

    def _send(self, client: OpenAI, inputs: list[str], key: str) -> object:
        """The decoded answer, or why there is none."""
        from openai import OpenAIError

        try:
            # Base64 is a third of the bytes; servers other than OpenAI's do not all know it.
            return client.embeddings.create(
                model=self._model, input=inputs, encoding_format="base64" if self._official else "float"
            )
        except (OpenAIError, ValueError) as error:
            return failure_of(error, key)

    def _read(self, answer: object, count: int) -> NDArray[Any]:
        """Return the vectors of an answer in the order of the inputs, (count, dimension)."""
        import numpy as np

        items = getattr(answer, "data", None)
        if not isinstance(items, list):
            raise EmbedderError(f"{self.id} at {self._base_url} gave no list of embeddings; check the address")
        indices = [item.index if type(getattr(item, "index", None)) is int else -1 for item in items]
        if sorted(indices) != list(range(count)):
            raise EmbedderError(
                f"{self.id}: {len(items)} vectors with {len(set(indices) - {-1})} different indices came "
                f"for {count} texts; none is used"
            )
        vectors = [_vector(getattr(item, "embedding", None)) for item in sorted(items, key=lambda item: item.index)]
        lengths = {len(vector) for vector in vectors}
        if len(lengths) > 1 or 0 in lengths or (self.dimension and lengths != {self.dimension}):
            expected = self.dimension or "one length"
            raise EmbedderError(
                f"{self.id}: vectors of {sorted(lengths)} numbers came, expected {expected}; none is used"
            )
        return np.stack(vectors)


def _vector(embedding: object) -> NDArray[np.float32]:
    """Return base64 or a list of numbers as float32; an empty array if it is neither."""
    import numpy as np

    try:
        if isinstance(embedding, str):
            return np.frombuffer(base64.b64decode(embedding, validate=True), dtype="<f4")
        with np.errstate(over="ignore"):  # becomes infinity, which is refused later
            return np.array(embedding, dtype=np.float32).reshape(len(embedding) if isinstance(embedding, list) else 0)
    except (ValueError, TypeError):
        return np.empty(0, dtype=np.float32)


def _requests(texts: Sequence[str], max_inputs: int) -> Iterator[list[str]]:
    """Yield the texts, cut where too long, in requests that keep the limits."""
    inputs: list[str] = []
    budget = _REQUEST_TOKENS
    for text in texts:
        tokens = _tokens(text)
        if inputs and (len(inputs) == max_inputs or tokens > budget):
            yield inputs
            inputs, budget = [], _REQUEST_TOKENS
        inputs.append(text.encode()[:_INPUT_TOKENS].decode(errors="ignore"))
        budget -= tokens
    if inputs:
        yield inputs


def _tokens(text: str) -> int:
    """Return an upper bound of the tokens that are sent for a text."""
    return min(len(text.encode()), _INPUT_TOKENS)
