"""One thread's connection to WeChat's API hosts: a request out, an answer or one of three ends.

Knows HTTP and wechatpy's client; not tokens' whereabouts, not what an error code leads to.
wechatpy's own token keeping, retries and waiting without limit are not used.
"""

import json
import logging
import ssl
import time
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError, SSLError
from wechatpy.client import WeChatClient
from wechatpy.exceptions import WeChatClientException

CONNECT_SECONDS = 3.05
IDLE_SECONDS = 15.0
"""A connection unused for longer is not trusted: one that WeChat closes as we write would
leave a message in doubt, a new one costs a handshake."""

# At DEBUG it would write each address with the access token in it.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
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


class Wire(WeChatClient):  # type: ignore[misc]
    """For one thread of one process. Set `token` before any call but `stable_token`."""

    def __init__(self, api_url: str, appid: str, secret: str, timeout: float) -> None:
        self.API_BASE_URL = f"{api_url.rstrip('/')}/cgi-bin/"
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
        """wechatpy hands on what is not JSON; here it is a lost answer.

        A page with status 200 comes from a gateway that stands in for WeChat's servers and
        does not say whether one of them had taken the request.
        """
        if res.is_redirect:
            raise Declined(None, f"HTTP {res.status_code}: the address is not WeChat's API")
        try:
            answer = json.loads(res.content, strict=False)
        except (ValueError, RecursionError):
            raise AnswerLost(f"HTTP {res.status_code} without JSON") from None
        if not isinstance(answer, dict):
            raise AnswerLost("the answer makes no sense")
        return answer

    def _drop_idle_connections(self) -> None:
        now = time.monotonic()
        if now - self._used_at > IDLE_SECONDS:
            self._http.close()
        self._used_at = now


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
    """WeChat's errcode, or an HTTP status that is an error.

    500, 502 and 504 say that the answer was lost on its way through WeChat's gateways: the
    server behind may have taken the message before it fell silent, nothing tells one case
    from the other, and there is no key by which WeChat would notice a repeat. So they are no
    reason to send twice (promise 4: unknown, not silently repeated).
    """
    if error.errcode is not None:
        return Declined(error.errcode, str(error.errmsg or ""))
    status = error.response.status_code
    if status in _NOT_TAKEN:
        return NotTaken(f"HTTP {status}")
    if status >= 500:
        return AnswerLost(f"HTTP {status}")
    return Declined(None, f"HTTP {status}: the address is not WeChat's API")
