"""Residents' messages in a second: through the desk alone, and through the web process.

Knows who is compared with whom. The web process is the Procfile's; beside it, in turns, two echoes
under the same server.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from bot.bootstrap import utc_now
from bot.desk.receive import receive
from bot.embedded.processes import free_port
from bot.wechat.callback import Callback
from tests.bench.ground import WORDS, Ground, middle, said
from tests.bench.posting import CONNECTIONS, Fired, envelopes, fire
from tests.bench.table import Line
from tests.stories.programs import Program

_IN_PROCESS: Final = 400
_WARMING: Final = 100
_VOLLEY: Final = 800
_ROUNDS: Final = 3
OURS, PLAIN, WEROBOT = "ours", "plain", "werobot"
_ALONE: Final = "werobot in one process"


def received_by_the_desk(ground: Ground, openids: list[str]) -> float:
    """Messages a second, one after the other in this process; the first only warm it."""
    for openid in openids[:_WARMING]:
        receive(ground.bot, said(openid, WORDS, f"bench-{openid}"))
    began = time.monotonic()
    for openid in openids[_WARMING:]:
        receive(ground.bot, said(openid, WORDS, f"bench-{openid}"))
    return (len(openids) - _WARMING) / (time.monotonic() - began)


def in_process(ground: Ground) -> list[Line]:
    """One after the other in this process: received by the desk, or only opened and sealed."""
    openids = ground.residents(_WARMING + _IN_PROCESS)
    received = received_by_the_desk(ground, openids)
    opened = _opened_and_sealed(ground, openids)
    return [
        Line("desk.receive, one thread", f"{received:.0f} /s"),
        Line(
            "  envelope opened and sealed only",
            f"{opened:.0f} /s",
            f"the desk takes {opened / received:.1f} x as long",
        ),
    ]


def _opened_and_sealed(ground: Ground, openids: list[str]) -> float:
    account = ground.account
    callback = Callback(account.token, account.appid, (account.aes_key,))
    posts = envelopes(account, openids)
    began = time.monotonic()
    for post in posts:
        opened = callback.open(post.args, post.body, utc_now())
        callback.reply(opened, WORDS, utc_now())
    return len(posts) / (time.monotonic() - began)


def over_http(ground: Ground, folder: Path) -> list[Line]:
    """Three volleys at each; the middle counts.

    WeRoBot's session file is locked most of the time once two processes write it, so it is asked
    in one process too, where it is at its best.
    """
    fired: dict[str, list[Fired]] = {}
    for name in (OURS, PLAIN, WEROBOT, _ALONE):
        with _served(ground, folder, name) as port:
            warming = envelopes(ground.account, ground.residents(_WARMING))
            fire(port, warming[:1])  # WeRoBot makes a session store for each who comes first
            fire(port, warming[1:])
            posts = [envelopes(ground.account, ground.residents(_VOLLEY)) for _ in range(_ROUNDS)]
            fired[name] = [fire(port, volley) for volley in posts]
    ours, plain, werobot, alone = (_middle(volleys) for volleys in fired.values())
    return [
        Line(
            f"web process, {CONNECTIONS} connections, safe mode",
            f"{ours.rate:.0f} /s",
            f"p99 {ours.p99 * 1000:.0f} ms{_refused(fired[OURS])}",
        ),
        _beside("  echo that keeps nothing", ours, plain, fired[PLAIN]),
        _beside("  WeRoBot 1.13 echo, SQLite session", ours, werobot, fired[WEROBOT]),
        _beside("  the same in one process", ours, alone, fired[_ALONE]),
    ]


def _beside(what: str, ours: Fired, other: Fired, all_of_it: list[Fired]) -> Line:
    hardly = len(other.waits) * 2 < _VOLLEY  # no rate to compare with
    ratio = "it hardly answered" if hardly else f"ours is {ours.rate / other.rate:.2f} x"
    beside = f"p99 {other.p99 * 1000:.0f} ms, {ratio}{_refused(all_of_it)}"
    return Line(what, f"{other.rate:.0f} /s", beside)


def _refused(volleys: list[Fired]) -> str:
    refused = sum(one.refused for one in volleys)
    return f", {refused} of {len(volleys) * _VOLLEY} not answered" if refused else ""


def _middle(volleys: list[Fired]) -> Fired:
    rate = middle([one.rate for one in volleys])
    return next(one for one in volleys if one.rate == rate)


@contextmanager
def _served(ground: Ground, folder: Path, name: str) -> Iterator[int]:
    port = free_port()
    echo = ("-m", "tests.bench.echoes", WEROBOT if name == _ALONE else name, str(port))
    arguments = ("-m", "bot", "web") if name == OURS else echo
    with ExitStack() as ending:
        surroundings = {**ground.surroundings(), "PORT": str(port)}
        if name == _ALONE:
            surroundings["WEB_PROCESSES"] = "1"
        program = Program(folder / f"{name}.log", surroundings, *arguments, forked=False)
        ending.callback(program.kill)
        program.waits_until_bound(port)
        yield port
