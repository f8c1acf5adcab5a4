"""The stub server is as strict as a real one."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest

from sseu_models.systems.api.messages import ApiSettings, request_of
from sseu_models.systems.api.wav import wav_bytes
from tests.sseu_models.systems.api.asking import noise, question
from tests.sseu_models.systems.api.stub_requests import RefusedError, check_request

GOOD = request_of(question(), "stub-audio", ApiSettings())
WAV = wav_bytes(noise(), 16_000)


def with_wav(data: bytes) -> dict[str, Any]:
    part = {"type": "input_audio", "input_audio": {"data": base64.b64encode(data).decode(), "format": "wav"}}
    return GOOD | {"messages": [{"role": "user", "content": [part, {"type": "text", "text": "where?"}]}]}


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (GOOD | {"model": "other"}, 404, "The model `other` does not exist."),
        (GOOD | {"messages": GOOD["messages"] * 2}, 400, "roles are ['user', 'user']"),
        (GOOD | {"messages": [{"role": "user", "content": "where?"}]}, 400, "content parts are []"),
        (GOOD | {"max_tokens": 1.0}, 400, "max_tokens=1.0"),
        (GOOD | {"max_new_tokens": 5}, 400, "Unrecognized request argument supplied: max_new_tokens"),
        (GOOD | {"response_format": {"type": "json_schema"}}, 400, "Invalid schema for response_format"),
        (with_wav(b"fLaC" + WAV[4:]), 400, "not a WAV file"),
        (with_wav(WAV[:24] + (44_100).to_bytes(4, "little") + WAV[28:]), 400, "1 channels, 2 bytes, 44100 Hz"),
        (with_wav(WAV[:-2]), 400, "the header says 32000 bytes of samples, 31998 came"),
    ],
)
def test_bad_requests_are_refused(body: Any, status: int, message: str) -> None:
    with pytest.raises(RefusedError, match=re.escape(message)) as caught:
        check_request(body, "none", models=["stub-audio"], api_key=None, strict=False, max_audio_s=None)
    assert caught.value.status == status


def test_a_good_request_passes() -> None:
    assert check_request(GOOD, "k", models=["stub-audio"], api_key="k", strict=True, max_audio_s=1).audio_s == 1
