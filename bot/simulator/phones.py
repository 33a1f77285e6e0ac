"""The door for story tests: a platform, its phones, and a server for its API and page.

    platform = Platform()
    served = serve(platform)                      # WECHAT_API_URL = served.url
    platform.webhook = "http://127.0.0.1:8000/wechat"
    resident = platform.phone("王大爷")
    resident.follows(); resident.says("停水了")

Knows how to serve. Must not know what the account's program does.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from bot.simulator.account import Account, Mode
from bot.simulator.api import api
from bot.simulator.bubbles import Bubble, Via
from bot.simulator.clock import Clock
from bot.simulator.handset import NotFollowing, Phone
from bot.simulator.media import BadMedium, Medium
from bot.simulator.noticefields import Lasting, Template
from bot.simulator.platform import Platform
from bot.simulator.transit import MenuIds

__all__ = [
    "Account",
    "BadMedium",
    "Bubble",
    "Clock",
    "Lasting",
    "Medium",
    "MenuIds",
    "Mode",
    "NotFollowing",
    "Phone",
    "Platform",
    "Served",
    "Template",
    "Via",
    "serve",
    "serve_app",
]


@dataclass(frozen=True)
class Served:
    """A running server: `url` without a slash at its end."""

    url: str
    server: Server
    thread: threading.Thread

    def close(self, *, answered_within_s: float = 0.0) -> None:
        """Stops at once, open connections included; what is being answered may end first."""
        self.server.shutdown()
        self.server.server_close()
        self.server.answers(answered_within_s)
        self.thread.join()


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        """Says nothing: requests hold openids and tokens."""


class Server(ThreadedWSGIServer):
    """A threaded server that ends its open connections when it is closed."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, host: str, port: int, app: Flask) -> None:
        self._open: set[socket.socket] = set()
        self._guard = threading.Condition()
        # Bound here, because werkzeug ends the whole process when a port is taken.
        with socket.create_server((host, port), backlog=self.request_queue_size) as bound:
            super().__init__(host, port, app, handler=_Quiet, fd=bound.fileno())

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
            self._guard.notify_all()
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke is the other side's affair."""

    def server_close(self) -> None:
        super().server_close()
        with self._guard:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def answers(self, within_s: float) -> None:
        """Waits until nothing is being answered any more, at most so long."""
        with self._guard:
            self._guard.wait_for(lambda: not self._open, within_s)


def serve_app(app: Flask, port: int = 0) -> Served:
    """Serves a Flask application on loopback; port 0 takes a free one. Raises OSError."""
    server = Server("127.0.0.1", port, app)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    return Served(f"http://127.0.0.1:{server.port}", server, thread)


def serve(platform: Platform, port: int = 0) -> Served:
    """Serves the platform's API on loopback; point WECHAT_API_URL at `.url`."""
    app = Flask(__name__, static_folder=None)
    app.register_blueprint(api(platform))
    served = serve_app(app, port)
    platform.url = served.url
    return served
