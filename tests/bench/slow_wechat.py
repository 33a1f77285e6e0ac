"""A WeChat that takes every push, each after a while: `python -m tests.bench.slow_wechat SECONDS`.

Prints its address, and when its input ends the most connections that waited at once and the
milliseconds that an answer really took on average: on a busy machine it wakes late.
"""

import asyncio
import json
import os
import sys
import time

TOKEN = json.dumps({"access_token": "token", "expires_in": 7200}).encode()
TAKEN = json.dumps({"errcode": 0, "errmsg": "ok"}).encode()


class SlowWeChat:
    """Counts who waits for an answer."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.waiting = self.most = self.answered = 0
        self.took_s = 0.0

    async def serve(self) -> None:
        server = await asyncio.start_server(self.talk, "127.0.0.1", 0)
        say(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        await asyncio.to_thread(sys.stdin.read)
        say(f"{self.most} {self.took_s / max(self.answered, 1) * 1000:.2f}")
        os._exit(0)  # the connections that are still open would complain

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = next(
                    int(line[15:])
                    for line in head.split(b"\r\n")
                    if line.startswith(b"content-length:")
                )
                await reader.readexactly(length)
                body = TOKEN if b"stable_token" in head else await self.take()
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                    + f"Content-Length: {len(body)}\r\n\r\n".encode()
                    + body
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def take(self) -> bytes:
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        began = time.monotonic()
        await asyncio.sleep(self.seconds)
        self.took_s += time.monotonic() - began
        self.answered += 1
        self.waiting -= 1
        return TAKEN


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(SlowWeChat(float(sys.argv[1])).serve())
