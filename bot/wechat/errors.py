"""The ends of a call to WeChat: an answer, or an error that says whether it may have been acted on.

Knows how HTTP and its libraries fail; not what an error code leads to.
"""

import json
import ssl
from typing import Any

import requests
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    MaxRetryError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

_NOT_WECHAT = "HTTP {}: the address is not WeChat's API"
_NOT_TAKEN = {429, 503}  # "not now", said before anything was done


class WeChatError(Exception):
    """No good answer; `why` is fit for logs: no token, no person's words."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class NotTaken(WeChatError):
    """WeChat has certainly not acted on the request."""


class AnswerLost(WeChatError):
    """WeChat may have acted on the request, or not."""


class Declined(WeChatError):
    """WeChat said no. `code` is its errcode, None where the address is not WeChat's API."""

    def __init__(self, code: int | None, why: str) -> None:
        super().__init__(why)
        self.code = code


class TooLarge(WeChatError):
    """A file is larger than we take, or than WeChat does."""


def check_status(status: int, *, moved: bool) -> None:
    """Raises where an HTTP status is an error; `moved`: it sends us elsewhere.

    500, 502 and 504 say that the answer was lost on its way through WeChat's gateways: the
    server behind may have taken the message, and nothing tells one case from the other. So
    they are no reason to send twice (promise 4: unknown, not silently repeated).
    """
    if status in _NOT_TAKEN:
        raise NotTaken(f"HTTP {status}")
    if status >= 500:
        raise AnswerLost(f"HTTP {status}")
    if moved or status >= 400:
        raise Declined(None, _NOT_WECHAT.format(status))


def answer_of(content: bytes, status: int) -> dict[str, Any]:
    """The JSON object of an answer, where it is no refusal.

    A page with status 200 comes from a gateway, which does not say whether a server had taken the
    request.
    """
    try:
        answer = json.loads(content, strict=False)
    except (ValueError, RecursionError):
        raise AnswerLost(f"HTTP {status} without JSON") from None
    try:
        code = int(answer.get("errcode", 0))
    except (AttributeError, TypeError, ValueError):  # no object, or a code that is no number
        raise AnswerLost("the answer makes no sense") from None
    if code:
        raise Declined(code, str(answer.get("errmsg") or ""))
    return dict(answer)


def broken(error: requests.RequestException | HTTPError) -> WeChatError:
    """No whole HTTP answer came: whether the request had been written decides.

    Causes are to be cut off: their words hold the query, and with it the token.
    """
    cause: object = error
    if isinstance(error, requests.RequestException):
        cause = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError):
        cause = cause.reason
    if isinstance(cause, NewConnectionError | ConnectTimeoutError | ProxyError):
        return NotTaken("no connection")
    if isinstance(cause, SSLError) and isinstance(cause.args[0], ssl.SSLCertVerificationError):
        return NotTaken("the certificate is not WeChat's")
    if isinstance(cause, ReadTimeoutError) or isinstance(error, requests.Timeout):
        return AnswerLost("no answer in time")
    return AnswerLost("the connection broke before the answer")
