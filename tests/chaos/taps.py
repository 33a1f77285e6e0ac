"""A tap in the line between two processes: counts what passes, and can hold, freeze or cut it.

What one side says after the other has spoken is a turn. Of PostgreSQL's protocol it knows where a
request ends, because a pipeline's answers come in pieces of any size; of others only directions.
"""

import asyncio
import socket
import threading
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

_CHUNK: Final = 1 << 16


class _Turns:
    """Whoever speaks after having been answered begins a turn."""

    def __init__(self) -> None:
        self._asked = False

    def begun(self, data: bytes) -> int:
        """How many turns these bytes of the client begin."""
        del data
        begins, self._asked = not self._asked, True
        return int(begins)

    def answered(self) -> None:
        self._asked = False


class _Syncs(_Turns):
    """Of PostgreSQL's client (protocol 3.0, "Message Formats"): each Sync, each simple Query."""

    _ENCRYPTED = ((1234 << 16) + 5679, (1234 << 16) + 5680)  # asks for TLS or GSS, then begins

    def __init__(self) -> None:
        super().__init__()
        self._rest, self._introduced = b"", False

    def begun(self, data: bytes) -> int:
        self._rest += data
        found = 0
        while (whole := self._next()) is not None:
            found += whole in (b"S", b"Q")
        return found

    def _next(self) -> bytes | None:
        """The kind of the next whole message, which is taken; None where there is none yet."""
        kind = self._rest[:1] if self._introduced else b""
        head = self._rest[len(kind) : len(kind) + 8]
        if len(head) < (4 if self._introduced else 8):
            return None
        length = int.from_bytes(head[:4], "big") + len(kind)
        if len(self._rest) < length:
            return None
        if not self._introduced:
            self._introduced = int.from_bytes(head[4:8], "big") not in self._ENCRYPTED
        self._rest = self._rest[length:]
        return kind


_End = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(eq=False)
class _Line:
    """One connection. `turn`: the last that its client began."""

    writers: tuple[asyncio.StreamWriter, asyncio.StreamWriter]
    turns: _Turns
    turn: int = 0


@dataclass(eq=False)
class Tap:
    """Listens on a port of its own and passes everything on to `target`."""

    target: tuple[str, int]
    turns: int = 0
    reads: type[_Turns] = _Turns
    port: int = 0
    reached: threading.Event = field(default_factory=threading.Event)
    _hold: tuple[int, bool] | None = None
    _lines: set[_Line] = field(default_factory=set)

    @classmethod
    def before(cls, url: str) -> "Tap":
        """A tap before the server of this URL."""
        parts = urlsplit(url)
        reads = _Syncs if parts.scheme.startswith("postgres") else _Turns
        tap = cls((parts.hostname or "", parts.port or 0), reads=reads)
        tap._run(tap._listen())
        return tap

    def url(self, url: str) -> str:
        """The same URL through the tap."""
        parts = urlsplit(url)
        login, at, _ = parts.netloc.rpartition("@")
        return parts._replace(netloc=f"{login}{at}127.0.0.1:{self.port}").geturl()

    def hold(self, turn: int, *, answer: bool = False) -> None:
        """From now on the turn with this number, counted from 1, is not passed on; or its answer
        is not. `reached` is set when it comes; only `let_go` or the end of the line ends it."""
        self.reached.clear()
        self._hold = (self.turns + turn, answer)

    def let_go(self) -> None:
        """What is held goes on."""
        self._hold = None
        self._run(self._thaw())

    def freeze(self) -> None:
        """Connections stay open and are taken, and nothing passes."""
        self._run(self._freeze())

    def thaw(self) -> None:
        self._run(self._thaw())

    def cut(self) -> None:
        """Every connection breaks and none is taken."""
        self._run(self._cut())

    def mend(self) -> None:
        self._run(self._listen())

    def close(self) -> None:
        self._run(self._cut())

    # --- in the loop ---

    def __post_init__(self) -> None:
        self._loop = _loop()
        self._flows = asyncio.Event()
        self._flows.set()
        self._listening: socket.socket | None = None
        self._taken: set[asyncio.Task[None]] = set()

    def _run(self, does: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(does, self._loop).result(10)

    async def _listen(self) -> None:
        """By hand: an asyncio.Server drops, unclosed, what it took just as it is closed."""
        if self._listening is None:
            self._listening = socket.create_server(("127.0.0.1", self.port), backlog=128)
            self._listening.setblocking(False)
            self.port = self._listening.getsockname()[1]
            self._loop.add_reader(self._listening, self._take, self._listening)

    async def _freeze(self) -> None:
        self._flows.clear()

    async def _thaw(self) -> None:
        self._flows.set()

    async def _cut(self) -> None:
        if self._listening is not None:
            self._loop.remove_reader(self._listening)
            self._listening.close()
            self._listening = None
        for line in list(self._lines):
            for writer in line.writers:
                writer.transport.abort()
        self._flows.set()

    def _take(self, listening: socket.socket) -> None:
        with suppress(OSError):  # who has gone again by now
            client, _ = listening.accept()
            task = self._loop.create_task(self._serve(client, listening))
            self._taken.add(task)
            task.add_done_callback(self._taken.discard)

    async def _serve(self, client: socket.socket, taken_by: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=client)
        try:
            theirs, ours = await asyncio.open_connection(*self.target)
        except OSError:
            writer.transport.abort()
            return
        if self._listening is not taken_by:  # cut meanwhile
            writer.transport.abort()
            ours.transport.abort()
            return
        await self._pass_on((reader, writer), (theirs, ours))

    async def _pass_on(self, client: _End, server: _End) -> None:
        (reader, writer), (theirs, ours) = client, server
        line = _Line((writer, ours), self.reads())
        self._lines.add(line)
        up = asyncio.ensure_future(self._up(line, reader, ours))
        down = asyncio.ensure_future(self._down(line, theirs, writer))
        await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
        self._lines.discard(line)
        for one in (up, down):
            one.cancel()
        for end in line.writers:
            end.transport.abort()
        await asyncio.gather(up, down, return_exceptions=True)

    async def _up(
        self, line: _Line, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(_CHUNK):
                for _ in range(line.turns.begun(data)):
                    self.turns += 1
                    line.turn = self.turns
                    self._held((line.turn, False))
                await self._flows.wait()
                writer.write(data)
                await writer.drain()

    async def _down(
        self, line: _Line, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(_CHUNK):
                line.turns.answered()
                self._held((line.turn, True))
                await self._flows.wait()
                writer.write(data)
                await writer.drain()

    def _held(self, moment: tuple[int, bool]) -> None:
        if self._hold == moment:
            self._flows.clear()
            self.reached.set()


_begun = threading.Lock()
_running: asyncio.AbstractEventLoop | None = None


def _loop() -> asyncio.AbstractEventLoop:
    """One loop in a thread of its own for all taps."""
    global _running  # noqa: PLW0603 — one a process
    with _begun:
        if _running is None:
            _running = asyncio.new_event_loop()
            threading.Thread(target=_running.run_forever, name="taps", daemon=True).start()
        return _running
