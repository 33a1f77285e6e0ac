"""A million damaged posts, in as many processes as there are processors, a share of them through
the whole web app.

Knows how the work is shared and what is told of it; the damage and what it must lead to are
`tests.wechat.fuzz`'s. An answer outside contract section 3, a slow post or memory that grows ends
the measuring with an error.
"""

import os
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from bot.bootstrap import build
from bot.web.app import create
from bot.wechat.callback import Mode
from tests.bench.ground import Ground
from tests.bench.table import Line
from tests.wechat.envelopes import APPID, KEY, OLD_KEY, TOKEN
from tests.wechat.fuzz import SLOWEST_S, STATUS, Became, Tally, posts, tried

_MANY: Final = 1_000_000
_THROUGH_THE_APP: Final = 1_000
_WARMED: Final = 10_000
_MOST_KEPT: Final = 24 * 1024 * 1024


def damaged(ground: Ground) -> list[Line]:
    """Raises AssertionError where one of them is not met as it must be."""
    workers = os.cpu_count() or 1
    began = time.monotonic()
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        shares = list(pool.map(_tried, range(workers), [_MANY // workers] * workers))
    took = time.monotonic() - began
    slowest = max(tally.slowest_s for tally, _ in shares)
    grown = max(bytes_ for _, bytes_ in shares)
    assert slowest < SLOWEST_S, f"{slowest:.3f} s"
    assert grown < _MOST_KEPT, f"{grown} bytes"
    became = {one: sum(tally.became[one] for tally, _ in shares) for one in Became}
    counts = ", ".join(f"{became[one]} x {status}" for status, one in STATUS.items())
    answered = _through_the_app(ground)
    return [
        Line("damaged posts opened and judged", f"{sum(became.values())}", counts),
        Line("  a second, in all processes", f"{sum(became.values()) / took:.0f} /s"),
        Line("  the slowest", f"{slowest * 1000:.1f} ms", f"memory grew {grown / 1e6:.1f} MB"),
        Line("  through the whole app", f"{answered}", "200, 400 or 403, each as it must"),
    ]


def _tried(seed: int, many: int) -> tuple[Tally, int]:
    """What became of so many, and the bytes this process grew by."""
    tally, stream = Tally(), posts(seed)
    for post in islice(stream, _WARMED):
        tried(post, tally)
    before = _resident_bytes()
    for post in islice(stream, many - _WARMED):
        tried(post, tally)
    return tally, _resident_bytes() - before


def _resident_bytes() -> int:
    pages = Path("/proc/self/statm").read_text("ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _through_the_app(ground: Ground) -> int:
    account = {"wechat_token": TOKEN, "wechat_appid": APPID, "wechat_aes_key": KEY}
    known = ground.settings.model_copy(update=account | {"wechat_aes_key_previous": OLD_KEY})
    apps = {mode: create(build(known.model_copy(update={"wechat_mode": mode}))) for mode in Mode}
    clients = {mode: app.test_client() for mode, app in apps.items()}
    for post in islice(posts(_MANY), _THROUGH_THE_APP):
        query = urlencode(post.args, errors="surrogatepass")
        answer = clients[post.mode].post(f"/wechat?{query}", data=post.body)
        assert STATUS[answer.status_code] in post.may, post
    for app in apps.values():
        app.extensions["questions"].close()
    return _THROUGH_THE_APP
