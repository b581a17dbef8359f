"""Something that cannot be answered comes in; the error that OpenAI's clients read goes out."""

import json
from typing import Any


class RequestError(Exception):
    """A request that cannot be answered.

    Args:
        message: For whoever wrote the client.
        param: The field it is about.
        status: Of HTTP.
        code: A word for programs.
        kind: OpenAI's `type`.
    """

    def __init__(
        self,
        message: str,
        param: str | None = None,
        status: int = 400,
        code: str | None = None,
        kind: str = "invalid_request_error",
    ):
        super().__init__(message)
        self.param, self.status, self.code, self.kind = param, status, code, kind

    @property
    def body(self) -> dict[str, Any]:
        """The error as OpenAI's clients read it."""
        return {"error": {"message": str(self), "type": self.kind, "param": self.param, "code": self.code}}


def show(value: Any) -> str:
    """A value in a message: as JSON, not long, and in characters that any log can hold; it never fails."""
    try:
        text = json.dumps(value[:61] if isinstance(value, str) else value)
    except (RecursionError, TypeError, ValueError):
        text = f"a value of type {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}..."
