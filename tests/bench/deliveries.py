"""Pushes in a second to a WeChat that takes 50 ms for each, as a share of what it allows.

So many connections, each busy with one push at a time, allow connections / latency.
"""

import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Final

import psycopg

from bot.desk.deliver import deliver
from config.settings import ROOT
from tests.bench.ground import Ground
from tests.bench.table import Line

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


def to_a_slow_wechat(ground: Ground) -> tuple[list[Line], float]:
    """One notice to each of many people. The lines, and the pushes a second."""
    _prepare(ground, ground.residents(_NOTICES))
    wechat = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.slow_wechat", str(_LATENCY_S)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert wechat.stdout
    bot = ground.with_wechat(wechat.stdout.readline().strip())
    began = time.monotonic()
    number = deliver(bot)
    rate = number / (time.monotonic() - began)
    bot.engine.dispose()
    bot.redis.close()
    connections, took_ms = wechat.communicate()[0].split()
    allowed = int(connections) / float(took_ms) * 1000
    beside = f"{rate / allowed:.0%} of what {connections} connections allow at {took_ms} ms each"
    what = f"pushes, WeChat takes {_LATENCY_S * 1000:.0f} ms for each"
    return [Line(what, f"{rate:.0f} /s", beside)], rate


def _prepare(ground: Ground, openids: Sequence[str]) -> None:
    with psycopg.connect(ground.settings.database_url or "") as connection:
        connection.execute(_NOTHING_ELSE)
        connection.execute(_WAIT, {"openids": list(openids)})
