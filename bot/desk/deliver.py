"""Deliver: what waits for people → their phones, each once and in order, and what became of it.

Claims a few people, commits, sends to all of them at once, puts each outcome down as it comes;
no transaction is open during a call. Must not know what handing over takes nor what words say.
"""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta
from functools import cache, partial
from typing import Final

import structlog

from bot.bootstrap import Bot
from bot.desk.nudge import MEDIA, nudge, tier_queue
from bot.desk.pushing import fitting_for, hand_over
from bot.store import claims, settling, showing
from bot.store.claims import Bundle
from bot.store.engine import Stale, Unavailable, transaction
from bot.store.settling import Handed

LEASE: Final = timedelta(seconds=20)
_RENEWED_AFTER: Final = timedelta(seconds=5)
_MARGIN: Final = timedelta(seconds=10)  # more than one call takes
_THREADS: Final = 16
_IN_HAND: Final = 4 * _THREADS
_AHEAD: Final = _THREADS  # waiting for a sender, so that no sender waits for us
_TOGETHER_S: Final = 0.02
_PATIENCE_S: Final = 5.0  # of PostgreSQL with one transaction
_KEEP_TRYING_S: Final = 45.0
_KEEP_TRYING_AT_THE_END_S: Final = 4.0

log = structlog.get_logger()

Air = dict[Future[list[Handed]], Bundle]
"""What is being sent right now."""


def deliver(bot: Bot, *, until: Callable[[], bool] = lambda: False) -> int:
    """Send until nothing is due or `until()` says enough; how many notices were settled.

    What is in the air when it says enough is still waited for and put down. Raises Unavailable
    and Stale; what was sent until then is put down all the same.
    """
    if not bot.channels:
        _say_once(os.getpid())
        return 0
    with transaction(bot.engine, within_s=_PATIENCE_S) as connection:
        expired = claims.expire(connection, bot.now())
    if expired:
        log.warning("senders_died", notices=expired)
    return _drain(bot, until)


def _drain(bot: Bot, until: Callable[[], bool]) -> int:
    """Keeps the air full: claims before places come free, never waits for the slowest."""
    air, settled = Air(), 0
    trouble: Exception | None = None
    while True:
        if until():
            settled += _settle(bot, _called_back(air), until)
        elif trouble is None and len(air) <= _THREADS + _AHEAD:
            try:
                air |= _sent_off(bot, _IN_HAND - len(air))
            except (Unavailable, Stale) as error:
                trouble = error
        if not air:
            break
        settled += _settle(bot, _come_back(air), until)
        _renew(bot, list(air.values()))
    if trouble is not None:
        raise trouble
    return settled


def _come_back(air: Air) -> list[Handed]:
    """What has ended, taken out of the air; what ends a moment later is put down along with it."""
    done, going = wait(air, _RENEWED_AFTER.total_seconds(), FIRST_COMPLETED)
    if done and going:
        wait(going, _TOGETHER_S)
    done = {one for one in air if one.done()}
    for one in done:
        del air[one]
    return [handed for one in done for handed in one.result()]


def _called_back(air: Air) -> list[Handed]:
    """What no sender has begun with, taken out of the air: nothing happened to it."""
    return [Handed(air.pop(one)) for one in list(air) if one.cancel()]


def _sent_off(bot: Bot, most: int) -> Air:
    with transaction(bot.engine, within_s=_PATIENCE_S) as connection:
        fits = partial(fitting_for, bot)
        bundles = claims.claim(connection, bot.now(), LEASE, fits, most, bot.wording.say)
    return {_senders(os.getpid()).submit(_sent, bot, bundle): bundle for bundle in bundles}


def _sent(bot: Bot, bundle: Bundle) -> list[Handed]:
    if bundle.lease.age > LEASE - _MARGIN:
        return [Handed(bundle)]  # it waited so long that the lease might end in the middle
    return hand_over(bot, bundle)


def _renew(bot: Bot, bundles: Sequence[Bundle]) -> None:
    """What is in the air stays ours while we live; whoever is killed holds it no longer than a
    lease. A renewal that fails is made at the next look."""
    old = [one for one in bundles if one.lease.age > _RENEWED_AFTER]
    if not old:
        return
    try:
        with transaction(bot.engine, within_s=_PATIENCE_S) as connection:
            renewed, lease = claims.renew(connection, old, LEASE)
    except (Unavailable, Stale) as error:
        log.info("leases_not_renewed", why=str(error))
        return
    for one in renewed:
        one.lease.move(lease)


def _settle(bot: Bot, handed: Sequence[Handed], until: Callable[[], bool]) -> int:
    """Put outcomes down, patiently: what is lost here is `unknown` once the lease ends."""
    began = time.monotonic()
    while handed:
        try:
            return _put_down(bot, handed)
        except (Unavailable, Stale) as error:
            patience = _KEEP_TRYING_AT_THE_END_S if until() else _KEEP_TRYING_S
            if time.monotonic() - began > patience:
                log.error("outcomes_lost", pushes=len(handed), why=str(error))
                return 0
            time.sleep(0.5)
        except Exception:
            log.exception("outcomes_not_put_down", pushes=len(handed))
            if len(handed) == 1:
                return 0
            return sum(_settle(bot, [one], until) for one in handed)
    return 0


def _put_down(bot: Bot, handed: Sequence[Handed]) -> int:
    with transaction(bot.engine, within_s=_PATIENCE_S) as connection:
        settled = settling.settle(connection, handed, bot.now())
        pieces_wait = showing.waits(connection, bot.now())
    for fault in settled.faults:
        log.error("settings_refused", why=fault)
    if settled.stuck:
        log.warning("notices_stuck", notices=settled.stuck, tiers=sorted(settled.tiers))
    for tier in settled.tiers:
        nudge(bot, tier_queue(tier))
    if pieces_wait:
        nudge(bot, MEDIA)
    return settled.rows


@cache
def _senders(pid: int) -> ThreadPoolExecutor:
    """This process's threads, kept: each has a warm connection to WeChat. Not another's after
    a fork."""
    return ThreadPoolExecutor(_THREADS, thread_name_prefix=f"sender-{pid}")


@cache
def _say_once(pid: int) -> None:
    log.warning("nothing_is_sent", why="WECHAT_APPID and WECHAT_SECRET are not set", pid=pid)
