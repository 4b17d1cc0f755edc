"""What goes wrong: in the Bot API's words for the bot, in the box's words for whoever drives the box."""

from typing import Any


class ApiError(Exception):
    """An unsuccessful Bot API answer: `error_code`, `description` and sometimes `parameters` to react to."""

    def __init__(self, code: int, description: str, parameters: dict[str, Any] | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


class ActError(Exception):
    """A person or a group was asked for something that a real Telegram client would not let happen."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class NotThere(ActError):
    """The person, chat, message or query that an act names does not exist."""

    def __init__(self, message: str) -> None:
        super().__init__(message, 404)


def bad_request(text: str, parameters: dict[str, Any] | None = None) -> ApiError:
    """400, in the words after `Bad Request: `."""
    return ApiError(400, f"Bad Request: {text}", parameters)


def forbidden(text: str) -> ApiError:
    """403, in the words after `Forbidden: `."""
    return ApiError(403, f"Forbidden: {text}")


def too_many_requests(retry_after: int) -> ApiError:
    """429; `retry_after` is in whole seconds, as Telegram has it."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after}", {"retry_after": retry_after})
