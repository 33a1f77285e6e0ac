"""One thread's connection to WeChat's API hosts: a request out, an answer or one of three ends.

Knows HTTP and wechatpy's client; not tokens' whereabouts, not what an error code leads to.
wechatpy's own token keeping, retries and waiting without limit are not used, and calls in JSON go
past it and requests, which take longer over each than all else that is done for a push.
"""

import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError
from wechatpy.client import WeChatClient
from wechatpy.exceptions import WeChatClientException

from bot.wechat.errors import AnswerLost, TooLarge, answer_of, broken, check_status
from bot.wechat.line import Line

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
        self._line = Line(self._http, self._root, patience)

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
        return self._told("POST", "/cgi-bin/stable_token", {}, data)

    def ask(
        self,
        method: str,
        api: str,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """One call by the API's name. Raises WeChatError."""
        path = api if api.startswith("/") else f"/cgi-bin/{api}"
        return self._told(method, path, {**(params or {}), "access_token": self.token}, data)

    def upload(
        self, api: str, file: tuple[str, bytes, str], params: Mapping[str, str]
    ) -> dict[str, Any]:
        """One file as the form field "media". Raises WeChatError."""
        return self._request("post", api, params=dict(params), files={"media": file})

    def _told(
        self, method: str, path: str, params: Mapping[str, str], data: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        self._drop_idle_connections()
        try:
            res = self._line.call(method, path, params, data)
        except (HTTPError, requests.RequestException) as error:
            raise broken(error) from None
        check_status(res.status, moved=bool(res.get_redirect_location()))
        return answer_of(res.data, res.status)

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
            raise broken(error) from None

    def _received(self, res: requests.Response, into: BinaryIO, most: int) -> Received:
        check_status(res.status_code, moved=res.is_redirect)
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
        """wechatpy's, for files: one attempt. Raises WeChatError, nothing else."""
        self._drop_idle_connections()
        try:
            answer: dict[str, Any] = super()._request(
                method, url_or_endpoint, allow_redirects=False, **kwargs
            )
        except requests.RequestException as error:
            raise broken(error) from None
        except WeChatClientException as error:  # an HTTP status alone: codes are read below
            check_status(error.response.status_code, moved=False)
            raise
        return answer

    def _decode_result(self, res: requests.Response) -> dict[str, Any]:
        check_status(res.status_code, moved=res.is_redirect)
        return answer_of(res.content, res.status_code)

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
    return answer_of(found, status)
