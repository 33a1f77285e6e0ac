"""The same calls from bare sockets, a thread for each connection: what this machine allows anybody.

Nothing is claimed, judged or put down. What is missing to 100 % is the pretend WeChat's own work
and the time in which threads wake.
"""

import socket
import threading
import time
from typing import Final
from urllib.parse import urlsplit

_BODY: Final = b'{"touser": "oResident", "msgtype": "text", "text": {"content": "..."}}'
_ASKED: Final = (
    b"POST /cgi-bin/message/custom/send?access_token=token HTTP/1.1\r\nHost: here\r\n"
    b"Content-Length: " + str(len(_BODY)).encode() + b"\r\n\r\n" + _BODY
)


def bare_sockets(url: str, connections: int, each: int = 100) -> float:
    """`each` calls to this WeChat on every connection; how many a second."""
    threads = [threading.Thread(target=_calls, args=(url, each)) for _ in range(connections)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return each * connections / (time.monotonic() - began)


def _calls(url: str, number: int) -> None:
    here = urlsplit(url)
    with socket.create_connection((str(here.hostname), here.port or 80)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(number):
            line.sendall(_ASKED)
            line.recv(4096)
