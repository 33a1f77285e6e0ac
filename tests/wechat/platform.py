"""A small WeChat API that speaks real HTTP and fails in the ways the real one does.

Answers tokens, messages, templates, media and what the console shows; `plan` lines up what the
next calls of an endpoint get instead, `say` what all get.
"""

import json
import socket
import struct
import threading
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit


class Trouble(Enum):
    HANG = auto()  # the request is read, no answer comes
    RESET = auto()  # the request is read, the connection is reset
    CLOSE = auto()  # the request is read, the connection is closed
    HALF = auto()  # half of the answer comes


@dataclass(frozen=True)
class Page:
    """An answer that is not WeChat's JSON."""

    status: int
    body: bytes = b"<html>Bad Gateway</html>"
    headers: dict[str, str] = field(default_factory=dict)


Planned = Trouble | Page | dict[str, Any]

SEND = "message/custom/send"
TEMPLATE = "message/template/send"
SUBSCRIPTION = "message/subscribe/bizsend"
UPLOAD, DOWNLOAD = "media/upload", "media/get"
TOKEN = "stable_token"


class Platform:
    """The account's state at WeChat; `url` is what stands for its API hosts."""

    def __init__(self) -> None:
        self.calls: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.bodies: list[bytes] = []
        self.heads: list[dict[str, str]] = []
        self.files: dict[str, Page] = {}
        self.texts: list[tuple[str, str]] = []
        self.connections = 0
        self.expires_in: object = 7200
        self.stubborn = False  # goes on handing out a dead token until forced
        self.token_seconds = 0.0
        self._says: dict[str, Planned] = {}
        self._named: set[tuple[str, str]] = set()
        self._plans: dict[str, deque[Planned]] = defaultdict(deque)
        self._number = 1
        self._alive = True
        self._lock = threading.Lock()
        self.ended = threading.Event()
        self.server = _Server(("127.0.0.1", 0), _Handler)
        self.server.platform = self
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def plan(self, endpoint: str, *answers: Planned) -> None:
        self._plans[endpoint].extend(answers)

    def say(self, endpoint: str, answer: Planned) -> None:
        self._says[endpoint] = answer

    def kill_token(self) -> None:
        """From now on the token handed out so far is refused with 40001."""
        with self._lock:
            self._alive = False

    def fetches(self, *, forced: bool | None = None) -> int:
        calls = self.calls[TOKEN]
        return sum(forced is None or call["force_refresh"] is forced for call in calls)

    def answer(self, endpoint: str, query: dict[str, str], body: dict[str, Any]) -> Planned:
        with self._lock:
            self.calls[endpoint].append(body or query)
            if self._plans[endpoint]:
                planned = self._plans[endpoint].popleft()
                if isinstance(planned, Trouble) and endpoint in (SEND, TEMPLATE):
                    self._act(endpoint, query, body)
                return planned
            if endpoint == TOKEN:
                return self._token(body)
            if query.get("access_token") != f"token-{self._number}" or not self._alive:
                return {"errcode": 40001, "errmsg": "invalid credential rid: 1"}
            if endpoint in self._says:
                return self._says[endpoint]
            return self._act(endpoint, query, body)

    def _token(self, body: dict[str, Any]) -> Planned:
        assert body["grant_type"] == "client_credential"
        if body["secret"] != "secret":
            return {"errcode": 40125, "errmsg": "invalid appsecret rid: 1"}
        if body["force_refresh"] or not (self._alive or self.stubborn):
            self._number, self._alive = self._number + 1, True
        return {"access_token": f"token-{self._number}", "expires_in": self.expires_in}

    def _act(self, endpoint: str, query: dict[str, str], body: dict[str, Any]) -> Planned:
        match endpoint:
            case "message/custom/send":
                kind = body["msgtype"]
                words = body[kind]["content" if kind == "text" else "media_id"]
                self.texts.append((body["touser"], words))
                return {"errcode": 0, "errmsg": "ok"}
            case "message/template/send":
                named = (body["touser"], body["client_msg_id"])
                if named in self._named:
                    return {"errcode": 45065, "errmsg": "clientmsgid exist"}
                self._named.add(named)
                return {"errcode": 0, "errmsg": "ok", "msgid": 200163840 + len(self._named)}
            case "message/subscribe/bizsend" | "menu/create":
                return {"errcode": 0, "errmsg": "ok"}
            case "media/upload":
                return {"type": query["type"], "media_id": "M1", "created_at": 1793671200}
            case "media/get":
                missing = {"errcode": 40007, "errmsg": "invalid media_id"}
                return self.files.get(query["media_id"]) or missing
            case "qrcode/create":
                scene = body["action_info"]["scene"]["scene_str"]
                return {"ticket": f"T{scene}", "url": f"http://weixin.qq.com/q/{scene}"}
        return {"errcode": 40066, "errmsg": "invalid url"}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    platform: Platform

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes; else 40 ms lie between them
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.platform.connections += 1

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path in self.server.platform.files:  # a file elsewhere, for which no token is needed
            page = self.server.platform.files[path]
            self.server.platform.heads.append({"path": self.path})
            self._send(page.status, page.body, page.headers)
            return
        self._answer({})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.platform.bodies.append(raw)
        self.server.platform.heads.append(dict(self.headers))
        is_file = self.headers.get_content_type() == "multipart/form-data"
        self._answer({} if is_file else json.loads(raw))

    def _answer(self, body: dict[str, Any]) -> None:
        platform, parts = self.server.platform, urlsplit(self.path)
        endpoint = parts.path.removeprefix("/cgi-bin/")
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if endpoint == TOKEN:
            platform.ended.wait(platform.token_seconds)
        match platform.answer(endpoint, query, body):
            case Trouble() as trouble:
                self._fail(trouble)
            case Page() as page:
                self._send(page.status, page.body, page.headers)
            case answer:
                self._send(200, json.dumps(answer, ensure_ascii=False).encode(), {})

    def _fail(self, trouble: Trouble) -> None:
        self.close_connection = True
        match trouble:
            case Trouble.HANG:
                self.server.platform.ended.wait(30)
            case Trouble.RESET:
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()
            case Trouble.HALF:
                self._send(200, b'{"errcode":0', {"Content-Length": "26"})
            case Trouble.CLOSE:
                pass

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Quiet."""


P = TypeVar("P", bound=Platform)


@contextmanager
def answering(platform: P) -> Iterator[P]:
    """The platform, answering calls until the end of the block."""
    thread = threading.Thread(target=platform.server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield platform
    finally:
        platform.ended.set()
        platform.server.shutdown()
        thread.join()
        platform.server.server_close()
