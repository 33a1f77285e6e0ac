"""WeChat's side of a measurement: safe-mode posts made beforehand, sent over kept connections.

Knows HTTP and the envelope. Must not know who answers.
"""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final
from urllib.parse import urlencode

from bot.simulator import wire
from bot.simulator.account import Account
from bot.simulator.courier import Courier
from tests.bench.ground import WORDS

CONNECTIONS: Final = 16
_message_ids = count(8_000_000_000_000_000)


@dataclass(frozen=True)
class Envelope:
    """One post: its query and body."""

    args: dict[str, str]
    body: bytes

    def request(self) -> bytes:
        """The whole HTTP request."""
        head = (
            f"POST /wechat?{urlencode(self.args)} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Content-Type: text/xml\r\nContent-Length: {len(self.body)}\r\n\r\n"
        )
        return head.encode() + self.body


def envelopes(account: Account, openids: Sequence[str]) -> list[Envelope]:
    """A text of each person, sealed and signed."""
    courier = Courier(account)
    return [Envelope(*courier.envelope(openid, _xml(account, openid))) for openid in openids]


def _xml(account: Account, openid: str) -> str:
    return wire.to_xml(
        {
            "ToUserName": account.original_id,
            "FromUserName": openid,
            "CreateTime": int(time.time()),
            "MsgType": "text",
            "Content": WORDS,
            "MsgId": next(_message_ids),
        }
    )


@dataclass(frozen=True)
class Fired:
    """What came of a volley; `waits` in seconds, sorted, of those answered with 200 and a reply."""

    seconds: float
    waits: tuple[float, ...]
    refused: int

    @property
    def rate(self) -> float:
        return len(self.waits) / self.seconds

    @property
    def p99(self) -> float:
        return self.waits[int(len(self.waits) * 0.99)] if self.waits else 0.0


def fire(port: int, posts: Sequence[Envelope]) -> Fired:
    """All posts, over CONNECTIONS kept connections, each sending when it has its answer."""
    requests = [post.request() for post in posts]
    waits: list[float] = []
    refused: list[int] = []
    waiting = iter(requests)
    lock = threading.Lock()
    threads = [
        threading.Thread(target=_fire_one_by_one, args=(port, waiting, lock, waits, refused))
        for _ in range(CONNECTIONS)
    ]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Fired(time.monotonic() - began, tuple(sorted(waits)), len(refused))


def _fire_one_by_one(
    port: int,
    waiting: Iterator[bytes],
    lock: threading.Lock,
    waits: list[float],
    refused: list[int],
) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            with lock:
                request = next(waiting, None)
            if request is None:
                return
            began = time.monotonic()
            try:
                connection.sendall(request)
                status, body = _answer(connection)
            except OSError:
                refused.append(0)
                return
            if status == 200 and b"<Encrypt>" in body:
                waits.append(time.monotonic() - began)
            else:
                refused.append(status)


def _answer(connection: socket.socket) -> tuple[int, bytes]:
    """Status and body of a response with a Content-Length."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += _more(connection)
    head, _, body = got.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
    while len(body) < length:
        body += _more(connection)
    return int(lines[0].split()[1]), body


def _more(connection: socket.socket) -> bytes:
    part = connection.recv(65536)
    if not part:
        raise ConnectionError("the server hung up")
    return part
