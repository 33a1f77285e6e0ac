"""One thread's connection to WeChat's API hosts: a request out, an answer or one of three ends.

Knows HTTP and wechatpy's client; not tokens' whereabouts, not what an error code leads to.
wechatpy's own token keeping, retries and waiting without limit are not used.
"""

import json
import logging
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError, SSLError
from wechatpy.client import WeChatClient
from wechatpy.exceptions import WeChatClientException

CONNECT_SECONDS = 3.05
IDLE_SECONDS = 15.0
"""A connection unused for longer is not trusted: one that WeChat closes as we write would
leave a message in doubt, a new one costs a handshake."""
FETCH_SECONDS = 60.0  # a file that trickles in for longer is given up

_PIECE = 64 * 1024
_LONGEST_JSON = 64 * 1024

# At DEBUG it would write each address with the access token in it.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
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


@dataclass(frozen=True)
class Received:
    """What a request for a file brought: the file's type and bytes written, or JSON instead."""

    content_type: str
    size: int = 0
    answer: dict[str, Any] | None = None


class Wire(WeChatClient):  # type: ignore[misc]
    """For one thread of one process. Set `token` before any call but `stable_token`."""

    def __init__(self, api_url: str, appid: str, secret: str, timeout: float) -> None:
        self._root = api_url.rstrip("/")
        self.API_BASE_URL = f"{self._root}/cgi-bin/"
        self.token = ""
        self._used_at = time.monotonic()
        patience = (min(timeout, CONNECT_SECONDS), timeout)
        super().__init__(appid, secret, timeout=patience, auto_retry=False)
        # A proxy meant for the world would swallow calls to a simulator beside us.
        self._http.trust_env = urlsplit(api_url).hostname not in _LOOPBACK

    @property
    def access_token(self) -> str:
        """What wechatpy puts into each query."""
        return self.token

    def stable_token(self, force: bool) -> dict[str, Any]:
        """WeChat's `{"access_token", "expires_in"}`; asking again gives the same token.

        A forced one is new; WeChat allows 20 a day, 30 s apart. Raises WeChatError.
        """
        data = {
            "grant_type": "client_credential",
            "appid": self.appid,
            "secret": self.secret,
            "force_refresh": force,
        }
        answer: dict[str, Any] = self.post("stable_token", data=data, params=())
        return answer

    def ask(self, method: str, api: str, **what: Any) -> dict[str, Any]:
        """One call by the API's name, with `data`, `params` or `files`. Raises WeChatError."""
        return self._request(method, self._root + api if api.startswith("/") else api, **what)

    def fetch(self, api: str, into: BinaryIO, most: int, params: dict[str, str]) -> Received:
        """A file, written as it comes; `api` may be a whole address, asked without our token.

        Raises NotTaken, AnswerLost, Declined and, where it is larger than `most`, TooLarge.
        """
        self._drop_idle_connections()
        named = api.startswith(("http://", "https://"))
        try:
            with self._http.get(
                api if named else self.API_BASE_URL + api,
                params={} if named else params | {"access_token": self.token},
                timeout=self.timeout,
                stream=True,
                allow_redirects=named,
            ) as res:
                return self._received(res, into, most)
        except requests.RequestException as error:
            raise _broken(error) from None

    def _received(self, res: requests.Response, into: BinaryIO, most: int) -> Received:
        if res.is_redirect:
            raise Declined(None, _NOT_WECHAT.format(res.status_code))
        if res.status_code >= 400:
            raise _bad_status(res.status_code)
        kind = res.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        pieces = _pieces(res)
        first = next(pieces, b"")
        if kind.startswith("text/") or kind.endswith("json") or first.startswith(b"{"):
            # Errors and the addresses of videos come as JSON, with status 200.
            return Received(kind, answer=_as_json(chain([first], pieces), res.status_code))
        size = 0
        for piece in chain([first], pieces):
            size += len(piece)
            if size > most:
                raise TooLarge(f"the file has more than {most} bytes")
            into.write(piece)
        return Received(kind, size)

    def _request(self, method: str, url_or_endpoint: str, **kwargs: Any) -> dict[str, Any]:
        """One attempt. Raises NotTaken, AnswerLost or Declined, nothing else.

        Causes are cut off: their words hold the query, and with it the token.
        """
        self._drop_idle_connections()
        try:
            answer: dict[str, Any] = super()._request(
                method, url_or_endpoint, allow_redirects=False, **kwargs
            )
        except requests.RequestException as error:
            raise _broken(error) from None
        except WeChatClientException as error:
            raise _refused(error) from None
        except (TypeError, ValueError):  # an errcode that is no number, and the like
            raise AnswerLost("the answer makes no sense") from None
        return answer

    def _decode_result(self, res: requests.Response) -> dict[str, Any]:
        """wechatpy hands on what is not JSON; here it is a lost answer: a page with status 200
        comes from a gateway, which does not say whether a server had taken the request."""
        if res.is_redirect:
            raise Declined(None, _NOT_WECHAT.format(res.status_code))
        return _object(res.content, res.status_code)

    def _drop_idle_connections(self) -> None:
        now = time.monotonic()
        if now - self._used_at > IDLE_SECONDS:
            self._http.close()
        self._used_at = now


def _pieces(res: requests.Response) -> Iterator[bytes]:
    """The body, piece by piece, for as long as FETCH_SECONDS allow."""
    end = time.monotonic() + FETCH_SECONDS
    for piece in res.iter_content(_PIECE):
        if time.monotonic() > end:
            raise AnswerLost("the file came too slowly")
        yield piece


def _as_json(pieces: Iterator[bytes], status: int) -> dict[str, Any]:
    found = b""
    for piece in pieces:
        found += piece
        if len(found) > _LONGEST_JSON:
            raise AnswerLost("a page in place of the file")
    answer = _object(found, status)
    code = answer.get("errcode", 0)
    if not isinstance(code, int):
        raise AnswerLost("the answer makes no sense")
    if code:
        raise Declined(code, str(answer.get("errmsg") or ""))
    return answer


def _object(content: bytes, status: int) -> dict[str, Any]:
    try:
        answer = json.loads(content, strict=False)
    except (ValueError, RecursionError):
        raise AnswerLost(f"HTTP {status} without JSON") from None
    if not isinstance(answer, dict):
        raise AnswerLost("the answer makes no sense")
    return answer


def _broken(error: requests.RequestException) -> WeChatError:
    """No whole HTTP answer came: whether the request had been written decides."""
    if isinstance(error, requests.ConnectTimeout):
        return NotTaken("no connection in time")
    reason = error.args[0] if error.args else None
    if isinstance(reason, MaxRetryError):
        reason = reason.reason
    if isinstance(reason, NewConnectionError | ConnectTimeoutError):
        return NotTaken("no connection")
    if isinstance(reason, SSLError) and isinstance(reason.args[0], ssl.SSLCertVerificationError):
        return NotTaken("the certificate is not WeChat's")
    if isinstance(error, requests.Timeout):
        return AnswerLost("no answer in time")
    return AnswerLost("the connection broke before the answer")


def _refused(error: WeChatClientException) -> WeChatError:
    """WeChat's errcode, or an HTTP status that is an error."""
    if error.errcode is not None:
        return Declined(error.errcode, str(error.errmsg or ""))
    return _bad_status(error.response.status_code)


def _bad_status(status: int) -> WeChatError:
    """An HTTP status that is an error.

    500, 502 and 504 say that the answer was lost on its way through WeChat's gateways: the
    server behind may have taken the message, and nothing tells one case from the other. So
    they are no reason to send twice (promise 4: unknown, not silently repeated).
    """
    if status in _NOT_TAKEN:
        return NotTaken(f"HTTP {status}")
    if status >= 500:
        return AnswerLost(f"HTTP {status}")
    return Declined(None, _NOT_WECHAT.format(status))
