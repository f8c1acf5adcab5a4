"""OpenAI's protocol against a local server that answers, refuses, errs and hangs up like the real ones."""

from __future__ import annotations

import base64
import json
import logging
import pickle
import struct
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sseu_metric import openai_embedder
from sseu_metric.embedder_protocol import EmbedderError
from sseu_metric.embedders import make_embedder
from sseu_metric.openai_embedder import OpenAIEmbedder
from sseu_metric.similarity import similarities

pytest.importorskip("openai", reason="openai is not installed")

KEY = "sk-proj-Secret0123456789abcdef"
Reply = Callable[["Handler", dict[str, Any]], None]


def vector(text: str, size: int = 6) -> list[float]:
    """Some numbers that depend on the text, exact in float32 and not of length 1."""
    return [float(np.float32(x)) for x in np.random.default_rng([*text.encode()]).standard_normal(size) * 3]


class Handler(BaseHTTPRequestHandler):
    """Answers with the next scripted reply, or as the API does."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append({"path": self.path, "key": self.headers["Authorization"], **body})
        (self.server.script.pop(0) if self.server.script else good)(self, body)

    def send(self, body: object, status: int = 200, kind: str = "application/json", **headers: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    """A server with a script of replies and a list of requests."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: list[Reply] = []
        self.requests: list[dict[str, Any]] = []
        self.url = f"http://127.0.0.1:{self.server_port}/v1"


def items(body: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for index, text in enumerate(body["input"]):
        numbers: object = vector(text)
        if body.get("encoding_format") == "base64":
            numbers = base64.b64encode(struct.pack("<6f", *vector(text))).decode()
        found.append({"object": "embedding", "index": index, "embedding": numbers})
    return found


def good(handler: Handler, body: dict[str, Any]) -> None:
    handler.send({"object": "list", "data": items(body), "model": body["model"], "usage": {}})


def status(code: int, message: str = "no", **headers: str) -> Reply:
    headers = headers or {"Retry_After_Ms": "10"}
    return lambda handler, body: handler.send({"error": {"message": message}}, code, **headers)


def data(change: Callable[[list[dict[str, Any]]], object]) -> Reply:
    """A reply whose list of embeddings is changed in place, or replaced by what `change` returns."""

    def reply(handler: Handler, body: dict[str, Any]) -> None:
        found = items(body)
        handler.send({"object": "list", "data": change(found) or found})

    return reply


def hang_up(handler: Handler, body: dict[str, Any]) -> None:
    handler.close_connection = True
    handler.connection.close()


def half_an_answer(handler: Handler, body: dict[str, Any]) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"data": [')
    handler.close_connection = True


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with Server() as found:
        thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def embedder(server: Server, **options: Any) -> OpenAIEmbedder:
    settings = {"api_key_env": "OPENAI_API_KEY", "max_retries": 0, **options}
    return OpenAIEmbedder("m", base_url=server.url, **settings)


def official(server: Server, model: str = "m") -> OpenAIEmbedder:
    """An embedder that takes the local server for OpenAI's."""
    found = embedder(server)
    found._official, found._model, found.revision = True, model, None
    return found


def units(texts: list[str]) -> NDArray[np.float64]:
    rows = np.array([vector(text) for text in texts])
    lengths: NDArray[np.float64] = np.sqrt((rows**2).sum(axis=1, keepdims=True))
    return rows / lengths


# --- answers ---


def test_rows_have_length_one_whether_sent_as_numbers_or_base64(server: Server) -> None:
    texts = ["dog", "cat"]
    numbers = embedder(server).embed(texts)
    packed = official(server).embed(texts)
    assert [request["encoding_format"] for request in server.requests] == ["float", "base64"]
    assert np.array_equal(numbers, packed)
    assert np.abs(numbers - units(texts)).max() < 1e-7
    assert server.requests[0]["input"] == texts
    assert server.requests[0]["path"] == "/v1/embeddings"


def test_a_server_that_ignores_the_wanted_encoding_is_understood(server: Server) -> None:
    expected = embedder(server).embed(["dog"])
    other = {"float": "base64", "base64": "float"}
    server.script = [
        lambda handler, body: good(handler, {**body, "encoding_format": other[body["encoding_format"]]})
    ] * 2
    assert np.array_equal(embedder(server).embed(["dog"]), expected)
    assert np.array_equal(official(server).embed(["dog"]), expected)


def test_answers_are_put_in_the_order_of_their_indices(server: Server) -> None:
    texts = [f"t{i}" for i in range(12)]
    server.script = [data(lambda found: found.reverse())]
    assert np.array_equal(embedder(server).embed(texts), embedder(server).embed(texts))


def test_the_dimension_is_known_after_the_first_call(server: Server) -> None:
    found = embedder(server)
    assert found.dimension is None
    found.embed(["dog"])
    assert found.dimension == 6


def set_first(**values: object) -> Reply:
    return data(lambda found: found[0].update(values))


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (data(lambda found: found[:1]), "1 vectors with 1 different indices came for 2 texts; none is used"),
        (data(lambda found: found * 2), "4 vectors with 2 different indices came for 2 texts; none is used"),
        (set_first(index=1), "2 vectors with 1 different indices came for 2 texts"),
        (set_first(index="0"), "2 vectors with 1 different indices came for 2 texts"),
        (set_first(index=None), "2 vectors with 1 different indices came for 2 texts"),
        (data(lambda found: [None, None]), "2 vectors with 0 different indices came for 2 texts"),
        (set_first(embedding=[1.0, 2.0]), r"vectors of \[2, 6\] numbers came, expected one length"),
        (set_first(embedding=None), r"vectors of \[0, 6\] numbers came"),
        (set_first(embedding=[[1.0] * 6]), r"vectors of \[0, 6\] numbers came"),
        (set_first(embedding="not base64!"), r"vectors of \[0, 6\] numbers came"),
        (set_first(embedding=["a"] * 6), r"vectors of \[0, 6\] numbers came"),
        (set_first(embedding=[float("nan")] * 6), "openai:m: the vector of text 0 holds NaN or infinity"),
        (set_first(embedding=[None] * 6), "openai:m: the vector of text 0 holds NaN or infinity"),
        (set_first(embedding=[1e300] * 6), "openai:m: the vector of text 0 holds NaN or infinity"),
        (set_first(embedding=[0] * 6), "openai:m: the vector of text 0 is zero"),
        (lambda handler, body: handler.send({"hello": 1}), "gave no list of embeddings; check the address"),
        (
            lambda handler, body: handler.send(b"<html>", kind="text/html"),
            "gave no list of embeddings; check the address",
        ),
        (lambda handler, body: handler.send(b"{nonsense"), "an answer that cannot be read"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(server: Server, reply: Reply, message: str) -> None:
    server.script = [reply]
    with pytest.raises(EmbedderError, match=message):
        embedder(server).embed(["dog", "cat"])


def test_a_redirect_to_another_server_is_not_followed(server: Server) -> None:
    with Server() as other:
        server.script = [lambda handler, body: handler.send({}, 307, Location=f"{other.url}/embeddings")]
        message = f"redirects to http://127.0.0.1:{other.server_port}, which is not followed"
        with pytest.raises(EmbedderError, match=message):
            embedder(server).embed(["dog"])
        assert not other.requests
    assert len(server.requests) == 1


def test_a_changed_dimension_is_refused(server: Server) -> None:
    found = embedder(server)
    found.embed(["dog"])
    server.script = [set_first(embedding=[1.0, 2.0])]
    with pytest.raises(EmbedderError, match=r"vectors of \[2\] numbers came, expected 6; none is used"):
        found.embed(["cat"])


# --- limits ---


def test_requests_keep_the_limits_of_the_api(server: Server) -> None:
    texts = [f"{i:04d}" for i in range(2049)] + ["é" * 2000] * 100
    rows = official(server).embed(texts)
    sent = [request["input"] for request in server.requests]
    assert [text for inputs in sent for text in inputs] == texts
    assert len(rows) == len(texts)
    assert all(len(inputs) <= 2048 for inputs in sent)
    assert all(sum(len(text.encode()) for text in inputs) <= 300_000 for inputs in sent)
    assert [len(inputs) for inputs in sent] == [2048, 75, 26]


def test_other_servers_get_small_requests(server: Server) -> None:
    embedder(server).embed([f"t{i}" for i in range(70)])
    assert [len(request["input"]) for request in server.requests] == [32, 32, 6]


def test_long_texts_are_cut_at_a_character_and_said(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    embedder(server).embed(["é" * 5000, "dog"])
    assert server.requests[0]["input"] == ["é" * 4095, "dog"]
    assert "openai:m: 1 of 2 texts are longer than 8191 bytes and are cut" in caplog.text


def test_blank_texts_are_never_sent(server: Server) -> None:
    with pytest.raises(ValueError, match="text 1 is blank"):
        embedder(server).embed(["dog", ""])
    assert embedder(server).embed([]).shape == (0, 0)
    assert server.requests == []


# --- failures and repetitions ---


def test_retry_after_is_honoured(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("sseu_metric.openai_embedder.time.sleep", pauses.append)
    server.script = [status(429, Retry_After="1.5")]
    embedder(server, max_retries=1).embed(["dog"])
    assert 1.5 <= pauses[0] <= 1.25 * 1.5
    assert len(pauses) == 1


@pytest.mark.parametrize("reply", [status(409), status(425), status(429), status(503), hang_up, half_an_answer])
def test_retryable_failures_are_repeated(server: Server, reply: Reply) -> None:
    server.script = [reply]
    assert np.array_equal(embedder(server, max_retries=1).embed(["dog"]), embedder(server).embed(["dog"]))
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (status(500, "out of order"), r"openai:m at http://127.0.0.1:.*/v1: 500 \(out of order\); is the server up"),
        (status(429, "slow down"), r"429 \(slow down\); try again later"),
        (hang_up, r"the connection broke \("),
        (half_an_answer, r"the connection broke \("),
    ],
)
def test_repetitions_are_bounded(server: Server, reply: Reply, message: str) -> None:
    server.script = [reply] * 9
    with pytest.raises(EmbedderError, match=message):
        embedder(server, max_retries=1).embed(["dog"])
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (401, "401, the key is refused; check OPENAI_API_KEY"),
        (404, r"404 \(The model `m` does not exist\); check the model's name"),
    ],
)
def test_a_failure_that_no_repetition_fixes_fails_at_once(server: Server, code: int, message: str) -> None:
    server.script = [status(code, "The model `m` does not exist")] * 9
    with pytest.raises(EmbedderError, match=message):
        embedder(server, max_retries=5).embed(["dog"])
    assert len(server.requests) == 1


def test_no_server_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with pytest.raises(EmbedderError, match=r"openai:m at http://127.0.0.1:9/v1: no connection \(.*refused"):
        OpenAIEmbedder("m", base_url="http://127.0.0.1:9/v1", max_retries=0).embed(["dog"])


def test_a_silent_server_is_given_up(server: Server) -> None:
    server.script = [lambda handler, body: time.sleep(1)]
    with pytest.raises(EmbedderError, match="no answer in time"):
        embedder(server, timeout_s=0.2).embed(["dog"])


# --- the key ---


def test_the_key_is_needed_only_when_something_is_sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    paper = make_embedder("paper", cache=tmp_path / "v.sqlite")
    with pytest.raises(
        EmbedderError,
        match=r"openai:text-embedding-3-large: .* needs a key: set the .* OPENAI_API_KEY",
    ):
        paper.embed(["dog"])
    paper.cache.store(paper.id, paper.revision, {"dog": np.ones(3072), "cat": np.ones(3072)})  # type: ignore[attr-defined]
    assert similarities(paper, ["dog"], ["cat"]).tolist() == [[1.0]]


def test_other_servers_get_openais_key_only_when_it_is_named_for_them(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder(server, api_key_env=None).embed(["dog"])
    embedder(server, api_key_env="OPENAI_API_KEY").embed(["dog"])
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)  # names a server, and no key for it
    OpenAIEmbedder("m").embed(["dog"])
    monkeypatch.setenv("SSEU_EMBEDDER_KEY_ENV", "OPENAI_API_KEY")
    OpenAIEmbedder("m").embed(["dog"])
    assert [request["key"] for request in server.requests] == [f"Bearer {key}" for key in ("none", KEY, "none", KEY)]
    server.script = [status(401)]
    monkeypatch.delenv("SSEU_EMBEDDER_KEY_ENV")
    with pytest.raises(EmbedderError, match=r"name the .* holds the key \(api_key_env, or SSEU_EMBEDDER_KEY_ENV where"):
        OpenAIEmbedder("m", max_retries=0).embed(["dog"])


def said(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    return "".join([record.getMessage() for record in caplog.records] + [captured.out, captured.err])


@pytest.mark.parametrize(
    "reply",
    [
        status(400, f"bad {KEY}"),
        status(401, f"Incorrect API key provided: {KEY}"),
        status(401, "Incorrect API key provided: sk-proj-Secr***cdef"),
        status(422, "got header Authorization: Bearer sk-proj-Secr***cdef"),
        status(500, f"internal: {KEY}"),
        hang_up,
        lambda handler, body: handler.send({"hello": KEY}),
        lambda handler, body: handler.send(f"<html>{KEY}".encode(), kind="text/html"),
        lambda handler, body: handler.send(f"{{{KEY}".encode()),
    ],
)
def test_a_failure_shows_the_key_nowhere(
    server: Server, reply: Reply, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    server.script = [reply] * 2
    with pytest.raises(EmbedderError) as caught:
        embedder(server, max_retries=1).embed(["dog"])
    assert server.requests[0]["key"] == f"Bearer {KEY}"
    assert "Secr" not in "".join(traceback.format_exception(caught.value))
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)  # the client's error holds the headers
    assert KEY not in said(caplog, capsys)


def test_a_success_shows_the_key_nowhere(
    server: Server, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    found = embedder(server)
    found.embed(["dog"])
    assert "Secr" not in repr(found) + repr(vars(found)) + said(caplog, capsys)
    assert caplog.records  # the client does log


def test_an_embedder_can_be_sent_to_another_process_without_the_key(server: Server) -> None:
    found = embedder(server)
    found.embed(["dog"])
    assert KEY not in repr(vars(found))
    packed = pickle.dumps(found)
    assert KEY.encode() not in packed
    assert np.array_equal(pickle.loads(packed).embed(["dog"]), found.embed(["dog"]))


# --- addresses ---


def test_the_address_comes_from_the_argument_then_the_environment(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert OpenAIEmbedder("m").revision is None
    assert OpenAIEmbedder("m", base_url="https://api.openai.com/v1/").revision is None
    monkeypatch.setenv("OPENAI_BASE_URL", server.url + "/")
    assert OpenAIEmbedder("m").revision == server.url
    assert OpenAIEmbedder("m", base_url="http://gpu:8080/v1").revision == "http://gpu:8080/v1"
    through = make_embedder("openai:BAAI/bge-m3", base_url=server.url, cache=False)
    assert (through.id, through.revision) == ("openai:BAAI/bge-m3", server.url)
    assert np.array_equal(through.embed(["dog"]), OpenAIEmbedder("m").embed(["dog"]))


def test_only_openais_models_have_a_known_dimension() -> None:
    assert OpenAIEmbedder("text-embedding-3-small").dimension == 1536
    assert OpenAIEmbedder("text-embedding-3-small", base_url="http://localhost:1/v1").dimension is None


def test_an_address_is_checked_at_once() -> None:
    with pytest.raises(ValueError, match="must look like http://localhost:8000/v1"):
        OpenAIEmbedder("m", base_url="localhost:8080")


# --- cost ---


def test_a_large_cost_is_announced_before_the_first_request_to_openai_only(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    model = "text-embedding-3-large"
    official(server, model).embed(["dog"])
    assert not caplog.records
    monkeypatch.setattr(openai_embedder, "_COST_NOTICE_USD", 0.001)
    server.script = [status(401)]
    with pytest.raises(EmbedderError, match="the key is refused"):
        official(server, model).embed(["dog"] * 1000 + ["é" * 10] + ["x" * 100_000])
    assert "1002 texts, at most 11211 tokens, at most 0.00 US dollars (list prices of" in caplog.text
    caplog.clear()
    monkeypatch.setattr(openai_embedder, "_COST_NOTICE_USD", 0.0)
    OpenAIEmbedder(model, base_url=server.url).embed(["dog"])
    official(server, "BAAI/bge-m3").embed(["dog"])  # no price is known
    assert not caplog.records
