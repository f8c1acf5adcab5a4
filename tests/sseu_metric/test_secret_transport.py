"""Which addresses may get a key or token."""

from __future__ import annotations

from pathlib import Path

import pytest

from sseu_metric.secret_transport import check_encrypted, hub_url, is_this_machine


@pytest.mark.parametrize(
    ("host", "is_here"),
    [
        *((host, True) for host in ("localhost", "127.0.0.1", "127.9.9.9", "::1")),
        *((host, False) for host in ("localhost.evil.example", "gpu", "10.0.0.1", "128.0.0.1", "::2", "", None)),
    ],
)
def test_this_machine_is_known_by_its_names(host: str | None, is_here: bool) -> None:
    assert is_this_machine(host) is is_here


@pytest.mark.parametrize("url", ["http://127.1.2.3:8000/v1", "http://[::1]:1/v1", "http://localhost", "https://gpu/v1"])
def test_secrets_go_to_this_machine_and_over_https(url: str) -> None:
    check_encrypted(url, "the key in K")


def test_an_unencrypted_way_to_another_machine_is_refused_with_the_remedy() -> None:
    with pytest.raises(ValueError, match=r"the key in K is not sent to http://gpu:9/v1 unencrypted: .*localhost:9 gpu"):
        check_encrypted("http://gpu:9/v1", "the key in K")


def test_the_token_of_the_hub_stays_off_plain_http(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert hub_url() == "https://huggingface.co"
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9/")
    assert hub_url() == "http://127.0.0.1:9"
    monkeypatch.setenv("HF_ENDPOINT", "http://mirror.example")
    with pytest.raises(ValueError, match=r"the token of the Hub .* is not sent to http://mirror.example") as caught:
        hub_url()
    assert "hf_secret" not in str(caught.value)
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "none"))
    assert hub_url() == "http://mirror.example"  # a mirror without a token is nobody's secret
