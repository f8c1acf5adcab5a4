"""Where keys and tokens may travel: to this machine in any way, to another one only over https."""

from __future__ import annotations

import ipaddress
import os
from urllib.parse import urlsplit

HUB_URL = "https://huggingface.co"


def is_this_machine(host: str | None) -> bool:
    """Whether a host is `localhost` or an address of the loopback interface (127.0.0.0/8, ::1)."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def check_encrypted(url: str, secret: str) -> None:
    """Refuse to send a secret where everybody on the way can read it.

    Args:
        url: Address of the server.
        secret: What would be sent, for the message: never its value.

    Raises:
        ValueError: The address is plain http, and not on this machine.
    """
    parts = urlsplit(url)
    if parts.scheme == "http" and not is_this_machine(parts.hostname):
        raise ValueError(
            f"{secret} is not sent to {url} unencrypted: use an https address, or a tunnel "
            f"(`ssh -L 8000:localhost:{parts.port or 80} {parts.hostname}`, then http://localhost:8000)"
        )


def hub_url() -> str:
    """Address of the Hub, where huggingface_hub sends the user's token with every request: `HF_ENDPOINT`, or the Hub.

    Raises:
        ValueError: There is a token, and it would travel unencrypted to another machine.
    """
    url = os.environ.get("HF_ENDPOINT", HUB_URL).rstrip("/")
    if urlsplit(url).scheme != "https":
        from huggingface_hub import get_token

        if get_token():
            check_encrypted(url, "the token of the Hub (HF_TOKEN, or that of `hf auth login`)")
    return url
