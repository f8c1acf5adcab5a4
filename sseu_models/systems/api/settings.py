"""Settings of `api:`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sseu_models.systems.settings import Settings


class ApiSettings(Settings):
    """What `--setting` may set for `api:`. Fields with `exclude=True` cannot change an answer and are not recorded.

    Attributes:
        temperature: Sampling temperature, 0 to 2; None leaves it to the server.
        top_p: Nucleus sampling, over 0 and at most 1; None leaves it to the server.
        top_k: Sent if set; OpenAI does not know it.
        repetition_penalty: Sent if set; OpenAI does not know it.
        max_new_tokens: Maximum length of an answer.
        seed: Send the question's seed.
        order: Order of the two parts of the user message.
        part: Content part that carries the clip: `input_audio`, or `audio_url` (a data URL; vLLM and SGLang).
        json_schema: Request structured output. It changes the task.
        server: Recorded as the server; the host name by default. Give version and flags, such as `vllm 0.33.0`.
        family: Model family whose prompts are used; `*` for the general ones.
        api_key_env: Environment variable that holds the key.
        timeout_s: Maximum time for one answer, from sending the request to its last byte.
        retries: Maximum number of retries of one request.
        in_flight: Maximum number of concurrent requests.
    """

    temperature: float | None = Field(default=0.0, ge=0, le=2)
    top_p: float | None = Field(default=1.0, gt=0, le=1)
    top_k: int | None = Field(default=None, ge=-1)
    repetition_penalty: float | None = Field(default=None, gt=0, le=10)
    max_new_tokens: int = Field(default=512, ge=1)
    seed: bool = True
    order: Literal["audio, text", "text, audio"] = "audio, text"
    part: Literal["input_audio", "audio_url"] = "input_audio"
    json_schema: bool = False
    server: str | None = Field(default=None, min_length=1)
    family: str = Field(default="*", min_length=1, exclude=True)
    # The pattern refuses a key pasted in place of the variable's name.
    api_key_env: str | None = Field(default=None, pattern="^[A-Z_][A-Z0-9_]*$", exclude=True, repr=False)
    timeout_s: float = Field(default=300.0, gt=0, le=86_400, exclude=True)
    retries: int = Field(default=5, ge=0, le=100, exclude=True)
    in_flight: int = Field(default=64, ge=1, le=4096, exclude=True)
