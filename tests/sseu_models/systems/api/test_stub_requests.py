"""The stub server is as strict as a real one."""

from __future__ import annotations

import base64
import re
from typing import Any

import numpy as np
import pytest

from sseu_models.systems.api.wav import wav_bytes
from tests.sseu_models.systems.api.stub_requests import RefusedError, check_request

WAV = wav_bytes((np.random.default_rng(0).standard_normal(8000) * 0.1).astype(np.float32), 16_000)


def good(**changes: Any) -> dict[str, Any]:
    audio = {"type": "input_audio", "input_audio": {"data": base64.b64encode(WAV).decode(), "format": "wav"}}
    content = [audio, {"type": "text", "text": "where?"}]
    return {"model": "stub-audio", "messages": [{"role": "user", "content": content}], **changes}


def with_wav(data: bytes) -> dict[str, Any]:
    body = good()
    body["messages"][0]["content"][0]["input_audio"]["data"] = base64.b64encode(data).decode()
    return body


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (good(model="other"), 404, "The model `other` does not exist."),
        (good(messages=[*good()["messages"] * 2]), 400, "roles are ['user', 'user']"),
        (good(messages=[{"role": "user", "content": "where?"}]), 400, "content parts are []"),
        (good(max_tokens=1.0), 400, "max_tokens=1.0"),
        (good(max_new_tokens=5), 400, "Unrecognized request argument supplied: max_new_tokens"),
        (good(response_format={"type": "json_schema"}), 400, "Invalid schema for response_format"),
        (with_wav(b"fLaC" + WAV[4:]), 400, "not a WAV file"),
        (with_wav(WAV[:24] + (44_100).to_bytes(4, "little") + WAV[28:]), 400, "1 channels, 2 bytes, 44100 Hz"),
        (with_wav(WAV[:-2]), 400, "the header says 16000 bytes of samples, 15998 came"),
    ],
)
def test_bad_requests_are_refused(body: Any, status: int, message: str) -> None:
    with pytest.raises(RefusedError, match=re.escape(message)) as caught:
        check_request(body, "none", models=["stub-audio"], api_key=None, strict=False, max_audio_s=None)
    assert caught.value.status == status


def test_a_good_request_passes() -> None:
    assert check_request(good(), "k", models=["stub-audio"], api_key="k", strict=True, max_audio_s=1).audio_s == 0.5
