"""Clients of OpenAI-compatible servers: the address, the key and where it may go, and what a failure means.

The embedder (openai_embedder.py) and the chat systems both talk to such servers; what they must agree on stands here.

Keys: `OPENAI_API_KEY` is sent to OpenAI alone; another server gets a key only if the user names the environment
variable that holds it, and none over plain http unless it is on this machine. The client adds headers of its own to
every address (`OPENAI_ORG_ID`, `OPENAI_PROJECT_ID`, `OPENAI_CUSTOM_HEADERS`): another server than OpenAI gets none of
them. A key is in no message: foreign words pass through `redacted` first.

Repetition: the `openai` client's own is switched off, since it leaves out answers that cannot be read; the callers
repeat after a retryable `Failure`, with the pauses of http_retries.py.

Redirects: followed within one origin alone (scheme, host and port), since key and audio were meant for the address that
was given.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from .http_retries import MAX_RETRY_AFTER_S, is_retryable, retry_after_s
from .secret_transport import check_encrypted, is_this_machine

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from openai import APIStatusError, AsyncOpenAI, OpenAI

OPENAI_URL = "https://api.openai.com/v1"
OPENAI_KEY_VARIABLE = "OPENAI_API_KEY"

_MAX_REASON_CHARACTERS = 200
_NEEDED_HEADERS = frozenset(
    ("accept", "accept-encoding", "connection", "content-length", "content-type", "cookie", "host", "user-agent")
)
_KEY_LIKE = re.compile(r"\b(sk|Bearer)[-_ ][\w*.-]+")
# Words of an error's `code` or `type`: OpenAI and Azure, Azure's inner error, DashScope.
_FILTER_CODE = re.compile(r"content[_ ]?(filter|policy)|moderation|responsible_?ai|data_?inspection", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a request brought no answer.

    Attributes:
        problem: What happened, with the server's words at most, never a key.
        status: HTTP status; None where no answer came.
        retryable: The same request may succeed later.
        fatal: No other request will succeed either: the key, the account, the model or the server is at fault.
        wait_s: Pause in seconds that the server asks for.
        filtered: A content filter stopped this request; asked again it would stop it again.
    """

    problem: str
    status: int | None = None
    retryable: bool = True
    fatal: bool = False
    wait_s: float | None = None
    filtered: bool = False

    @property
    def rejected(self) -> bool:
        """Whether the server is there and rejects the request: an HTTP status of 4xx."""
        return self.status is not None and 400 <= self.status < 500


class ForeignRedirectError(Exception):
    """A server sends a request on to another one; the message names both."""


def checked_url(url: str) -> str:
    """The base URL of a server, without a slash at its end.

    Raises:
        ValueError: It is not an http(s) address, or holds a user name, password or query (they may be secret, and the
            address stands beside the scores); the message repeats none of them.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https"):
        raise ValueError("the base URL of a server must look like http://localhost:8000/v1")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError(
            f"the base URL at {host} must hold no user name, password or query, since it is written beside the scores; "
            "a key goes into an environment variable"
        )
    return url.rstrip("/")


def is_openai(base_url: str) -> bool:
    """Whether the address is OpenAI's own, reached over https."""
    parts, own = urlsplit(base_url), urlsplit(OPENAI_URL)
    return (parts.scheme, parts.hostname) == (own.scheme, own.hostname)


def key_variable(base_url: str, named: str | None = None) -> str | None:
    """The environment variable whose key a server gets: the one the user names, else OpenAI's for OpenAI alone."""
    return named or (OPENAI_KEY_VARIABLE if is_openai(base_url) else None)


def read_key(base_url: str, named: str | None = None) -> str:
    """The key for a server, "" where none is needed.

    Args:
        base_url: Address of the server.
        named: Environment variable that the user names for this server.

    Raises:
        ValueError: The variable is not set, holds what no key holds, or would travel unencrypted to another machine;
            its value is not shown.
    """
    variable = key_variable(base_url, named)
    if variable is None:
        return ""
    check_encrypted(base_url, f"the key in {variable}")
    key = os.environ.get(variable, "").strip()
    if not key:
        raise ValueError(f"{base_url} needs a key: set the environment variable {variable}")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ValueError(f"{variable} holds blanks or characters that no key has; set it again")
    return key


def redacted(words: str, key: str) -> str:
    """A server's words on one line of at most 200 characters, without the key or anything that looks like one."""
    if key:
        words = words.replace(key, "***")
    words = _KEY_LIKE.sub("***", words[: 10 * _MAX_REASON_CHARACTERS])
    return " ".join(words.split())[:_MAX_REASON_CHARACTERS]


def looks_like_key(word: str) -> bool:
    """Whether a text holds something in the form of a key."""
    return _KEY_LIKE.search(word) is not None


def failure_of(error: Exception, key: str) -> Failure:
    """What an exception of the `openai` client means for this request and the next ones."""
    from openai import APIConnectionError, APIStatusError, APITimeoutError

    if isinstance(error, APIStatusError):
        return _status_failure(error, key)
    if isinstance(error, APITimeoutError):
        return Failure("no answer in time")
    if isinstance(error, APIConnectionError):
        cause = error.__cause__ or error
        for inner in (cause, cause.__cause__):  # some versions of the client put an error of their own around it
            if isinstance(inner, ForeignRedirectError):
                return Failure(str(inner), retryable=False, fatal=True)
        words = redacted(f"{type(cause).__name__}: {cause}", key)
        # By name, since the client's HTTP library changes between its versions.
        nobody_listens = type(cause).__name__ == "ConnectError"
        problem = f"no connection ({words})" if nobody_listens else f"the connection broke ({words})"
        return Failure(problem, fatal=nobody_listens)
    return Failure(f"an answer that cannot be read ({redacted(str(error), key)})")


def _status_failure(error: APIStatusError, key: str) -> Failure:
    status = error.status_code
    if 400 <= status < 500 and _is_filter(error.body):
        problem = f"{status} ({redacted(reason_in(error.body), key)})"
        return Failure(problem, status, retryable=False, filtered=True)
    if status in (401, 403):  # what the server says may hold parts of the key
        return Failure(f"{status}, the key is refused", status, retryable=False, fatal=True)
    reason = redacted(reason_in(error.body) or error.response.text, key)
    problem = f"{status} ({reason})" if reason else str(status)
    if status in (402, 404) or error.code == "insufficient_quota":
        return Failure(problem, status, retryable=False, fatal=True)
    wait_s = retry_after_s(error.response.headers)
    if wait_s is not None and wait_s > MAX_RETRY_AFTER_S:
        return Failure(f"{problem}; the server asks to wait {wait_s:.0f} s", status, retryable=False)
    return Failure(problem, status, retryable=is_retryable(status), wait_s=wait_s)


def _is_filter(body: object) -> bool:
    """Whether the decoded body of an error says that a content filter stopped the request."""
    error = body.get("error", body) if isinstance(body, dict) else None  # the client mostly unwraps it
    inner = error.get("innererror") if isinstance(error, dict) else None
    said = [place.get(name) for place in (error, inner) if isinstance(place, dict) for name in ("code", "type")]
    return any(isinstance(word, str) and _FILTER_CODE.search(word) for word in said)


def reason_in(body: object) -> str:
    """What the decoded body of an error says, in the forms that servers use; "" where it says nothing."""
    if isinstance(body, dict):
        inner = body.get("error")
        source = inner if isinstance(inner, dict) else body
        return str(source.get("message") or source.get("detail") or inner or "")
    return body if isinstance(body, str) else ""


def remedy(failure: Failure, variable: str | None, option: str = "api_key_env") -> str:
    """What the user can do about it.

    Args:
        failure: That of `failure_of`.
        variable: Environment variable of the key; None where no key was sent.
        option: What names it.
    """
    if failure.status in (401, 403):
        return f"check {variable}" if variable else f"name the environment variable that holds the key ({option})"
    if failure.status == 402 or (failure.status == 429 and failure.fatal):
        return "top up the account"
    if failure.status == 429:
        return "try again later, or with fewer requests at a time"
    if failure.status == 404:
        return "check the model's name and the address, which mostly ends in /v1"
    return "is the server up, and the address right?"


def _check_redirect(response: Any) -> None:
    """Refuse to follow a redirect to another origin; the response is the client library's."""
    if not response.has_redirect_location:
        return
    asked = str(response.request.url)
    here, there = (_origin(url) for url in (asked, urljoin(asked, response.headers["location"])))
    if here != there:
        from openai import APIConnectionError

        problem = f"{here} redirects to {there}, which is not followed: the requests were meant for the address given"
        raise APIConnectionError(message=problem, request=response.request) from ForeignRedirectError(problem)


def _origin(url: str) -> str:
    """Scheme, host and port unless it is the scheme's own; no user name and no path, which may be secret."""
    parts = urlsplit(url)
    own_port = ":443" if parts.scheme == "https" else ":80"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower().removesuffix(own_port)}"


async def _check_redirect_async(response: Any) -> None:
    _check_redirect(response)


def open_client(base_url: str, key: str, *, timeout_s: float) -> OpenAI:
    """A client for one request after another."""
    import openai

    def check(request: Any) -> None:
        _set_headers(request.headers, base_url, key)

    return openai.OpenAI(
        base_url=base_url,
        api_key=key or "none",  # it insists on a key
        max_retries=0,
        timeout=timeout_s,
        http_client=openai.DefaultHttpxClient(
            trust_env=_may_use_proxy(base_url), event_hooks={"request": [check], "response": [_check_redirect]}
        ),
    )


def open_async_client(base_url: str, key: str, *, connections: int) -> AsyncOpenAI:
    """A client for many requests at a time.

    Args:
        base_url: Address of the server.
        key: From `read_key`.
        connections: How many are kept open; the client's default of 100 would connect anew for every request beyond.

    Returns:
        A client without a timeout: the caller bounds the whole exchange, the client would bound each read alone.
    """
    import openai

    async def check(request: Any) -> None:
        _set_headers(request.headers, base_url, key)

    limits = type(openai.DEFAULT_CONNECTION_LIMITS)(max_connections=connections, max_keepalive_connections=connections)
    return openai.AsyncOpenAI(
        base_url=base_url,
        api_key=key or "none",
        max_retries=0,
        timeout=None,
        http_client=openai.DefaultAsyncHttpxClient(
            limits=limits,
            trust_env=_may_use_proxy(base_url),
            event_hooks={"request": [check], "response": [_check_redirect_async]},
        ),
    )


def _may_use_proxy(base_url: str) -> bool:
    """Whether a proxy of the environment may stand between: not for this machine, whose plain http it would read."""
    return not is_this_machine(urlsplit(base_url).hostname)


def _set_headers(headers: MutableMapping[str, str], base_url: str, key: str) -> None:
    """Send the key that was read for this server; to another server than OpenAI, nothing else from the environment.

    On the request itself, since the client reads more variables with every version.
    """
    if not is_openai(base_url):
        for name in [*headers]:  # the client itself reads its X-Stainless-..., which state versions
            if name.lower() not in _NEEDED_HEADERS and not name.lower().startswith("x-stainless-"):
                del headers[name]
    headers["Authorization"] = f"Bearer {key or 'none'}"
