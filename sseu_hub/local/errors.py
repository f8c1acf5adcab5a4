"""What the server answers in place of a result."""

from __future__ import annotations


class HubError(Exception):
    """A refusal.

    Attributes:
        status: HTTP status.
        code: What the real Hub sends as X-Error-Code, which decides the class of the client's error; None where it
            sends none.
    """

    def __init__(self, status: int, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.status, self.code = status, code
