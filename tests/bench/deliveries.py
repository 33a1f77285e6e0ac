"""Pushes in a second to a WeChat that takes 50 ms for each, as a share of what it allows.

So many connections, each busy with one push at a time, allow connections / latency; the latency is
what WeChat's answers really took, which on a busy machine is more than was asked for. Everything
else counts against us: the start (connections to PostgreSQL and to WeChat, the token, the first
claim), the end, when fewer than all are busy, and what the pretend WeChat does beside waiting.
One notice a person, so that nobody's second one has to wait for the first. Beside it the same
calls from bare sockets: nobody can have more.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

import psycopg

from bot.desk.deliver import deliver
from config.settings import ROOT
from tests.bench.bare import bare_sockets
from tests.bench.ground import Ground
from tests.bench.table import Line

_Did = TypeVar("_Did")

_LATENCY_S: Final = 0.05
_NOTICES: Final = 3200  # ten seconds of them, so that the beginning counts for little
_NOTHING_ELSE: Final = (
    "update outbox set state = 'sent', settled_at = now() where state = 'pending'"
)
_WAIT: Final = """
insert into outbox (key, person_id, role, kind, text, made_at, state, next_at)
select 'bench:' || id, id, 'resident', 'relayed', '联络员李国强（#12）：师傅十分钟到', now(),
    'pending', now()
from people where openid = any(%(openids)s)
"""


@dataclass(frozen=True)
class _Taken:
    """What WeChat saw."""

    connections: int
    took_ms: float

    @property
    def allowed(self) -> float:
        """Pushes a second."""
        return self.connections / self.took_ms * 1000


def to_a_slow_wechat(ground: Ground) -> tuple[list[Line], float]:
    """One notice to each of many people. The lines, and the pushes a second."""
    _prepare(ground, ground.residents(_NOTICES))
    (rate, cpu_s), taken = _at_wechat(partial(_delivered, ground))
    bare, of_bare = _at_wechat(partial(bare_sockets, connections=taken.connections))
    connections = f"{taken.connections} connections allow at {taken.took_ms} ms each"
    beside = f"{rate / taken.allowed:.0%} of what {connections}; {cpu_s * 1000:.2f} ms of CPU each"
    what = f"pushes, WeChat takes {_LATENCY_S * 1000:.0f} ms for each"
    return [
        Line(what, f"{rate:.0f} /s", beside),
        Line(
            "  the same calls from bare sockets", f"{bare:.0f} /s", f"{bare / of_bare.allowed:.0%}"
        ),
    ], rate


def _at_wechat(act: Callable[[str], _Did]) -> tuple[_Did, _Taken]:
    """What was done to a WeChat of its own, and what that saw."""
    wechat = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.slow_wechat", str(_LATENCY_S)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert wechat.stdout
    did = act(wechat.stdout.readline().strip())
    connections, took_ms = wechat.communicate()[0].split()
    return did, _Taken(int(connections), float(took_ms))


def _delivered(ground: Ground, url: str) -> tuple[float, float]:
    """Pushes a second, and the seconds of CPU that one costs this process."""
    bot = ground.with_wechat(url)
    began, busy = time.monotonic(), time.process_time()
    number = deliver(bot)
    rate, cpu_s = number / (time.monotonic() - began), (time.process_time() - busy) / number
    bot.engine.dispose()
    bot.redis.close()
    return rate, cpu_s


def _prepare(ground: Ground, openids: Sequence[str]) -> None:
    with psycopg.connect(ground.settings.database_url or "") as connection:
        connection.execute(_NOTHING_ELSE)
        connection.execute(_WAIT, {"openids": list(openids)})
