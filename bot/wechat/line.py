"""One thread's line to WeChat's API host: a JSON call out, an HTTP answer back.

It leads where requests would go, with its proxies, certificates and connections, but past what that
does around each call: most of a push's work in this process. Does not know what answers mean.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import requests
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse, Timeout
from urllib3.connectionpool import HTTPConnectionPool

_HEADERS = {"Accept": "*/*", "Accept-Encoding": "gzip, deflate", "User-Agent": "hulianwang"}


class Line(HTTPAdapter):
    """To `root`, scheme and host, for this session: files it sends by itself take the same line.

    Not for two threads.
    """

    def __init__(self, session: requests.Session, root: str, patience: tuple[float, float]) -> None:
        super().__init__()
        self._session, self._root, self._patience = session, root, Timeout(*patience)
        self._way: tuple[HTTPConnectionPool, str] | None = None
        session.mount(root, self)

    def call(
        self, method: str, path: str, params: Mapping[str, str], data: Mapping[str, Any] | None
    ) -> BaseHTTPResponse:
        """One attempt, redirects not followed. Raises urllib3's HTTPError; requests' own where the
        way there cannot be told."""
        pool, before = self._way = self._way or self._looked_up()
        query = f"?{urlencode(params)}" if params else ""
        return pool.urlopen(
            method,
            f"{before}{path}{query}",
            None if data is None else json.dumps(data, ensure_ascii=False).encode(),
            _HEADERS,
            retries=False,
            redirect=False,
            assert_same_host=False,  # a proxy is another
            timeout=self._patience,
        )

    def close(self) -> None:
        self._way = None
        super().close()

    def _looked_up(self) -> tuple[HTTPConnectionPool, str]:
        """The connections, and what stands before a path: nothing, or the root for a proxy."""
        way: Any = self  # what is there for subclasses has no types
        asked = self._session.prepare_request(requests.Request("POST", self._root))
        given = self._session.merge_environment_settings(self._root, {}, False, None, None)
        verify, proxies, cert = given["verify"], given["proxies"], given["cert"]
        pool = way.get_connection_with_tls_context(asked, verify, proxies, cert)
        way.cert_verify(pool, self._root, verify, cert)
        return pool, way.request_url(asked, proxies).rstrip("/")
