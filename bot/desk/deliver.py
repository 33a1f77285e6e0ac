"""Deliver: what waits for people → their phones, each once and in order, and what became of it.

Claims a few people, commits, sends to all of them at once, puts each outcome down as it comes;
no transaction is open during a call. Must not know how a channel works nor what words say.
"""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache, partial
from hashlib import sha256
from typing import Final

import structlog

from bot.bootstrap import Bot
from bot.channels import Channel, Push
from bot.channels.push import BETWEEN
from bot.core.announcement import Announcement
from bot.core.delivery import About, Try, goes_on
from bot.core.outcome import Refused, Sent, Unknown
from bot.core.reach import CHAT, Known, Pushed, Repeat, left
from bot.core.texts import weight
from bot.desk.nudge import MEDIA, nudge, tier_queue
from bot.store import claims, settling, showing
from bot.store.claims import Bundle
from bot.store.engine import Stale, Unavailable, transaction
from bot.store.settling import Handed
from bot.wechat.words import SAFE_BYTES, clean

LEASE: Final = timedelta(seconds=20)
_RENEWED_AFTER: Final = timedelta(seconds=5)
_MARGIN: Final = timedelta(seconds=10)  # more than one call takes
_THREADS: Final = 16
_IN_HAND: Final = 3 * _THREADS
_AHEAD: Final = _THREADS  # waiting for a sender, so that no sender waits for us
_TOGETHER_S: Final = 0.01
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
        if trouble is not None or until():
            settled += _settle(bot, _called_back(air), until)
        elif len(air) <= _THREADS + _AHEAD:
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
        fits = partial(_fitting_for, bot)
        bundles = claims.claim(connection, bot.now(), LEASE, fits, most, bot.wording.say)
    return {_senders(os.getpid()).submit(_hand_over, bot, bundle): bundle for bundle in bundles}


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


def fitting(texts: Sequence[str]) -> int:
    """How many of the texts, from the first on, one message holds; one that is longer goes alone,
    in parts."""
    whole = 0
    for count, text in enumerate(texts):
        whole += weight(clean(text)) + (len(BETWEEN) if count else 0)
        if whole > SAFE_BYTES:
            return max(count, 1)
    return len(texts)


def _fitting_for(bot: Bot, texts: Sequence[str], known: Known) -> int:
    """As `fitting`; where nothing more may go into the chat, or one message, it is for all."""
    rest = left(known, bot.now(), Repeat(bot.settings.wechat_allowance))
    return len(texts) if rest is not None and rest <= 1 else fitting(texts)


def _hand_over(bot: Bot, bundle: Bundle) -> list[Handed]:
    """One bundle to its person by the first channel that takes it. Never raises."""
    if bundle.openid is None:
        gone = Try(None, Refused("unfollowed", About.PERSON))
        return [Handed(bundle, (gone,))]
    if bundle.lease.age > LEASE - _MARGIN:
        return [Handed(bundle)]  # it waited so long that the lease might end in the middle
    push = _push(bundle, bundle.openid)
    tries = _tried(bot, push)
    if len(bundle.rows) > 1 and _is_about_words(tries):
        return _one_by_one(bot, bundle, push, tries)
    return _carried(bundle, tries)


def _carried(bundle: Bundle, tries: tuple[Try, ...]) -> list[Handed]:
    """What a message had no room for was announced by it: it is read when they write."""
    last = tries[-1]
    if last.carried is None or last.carried >= len(bundle.rows) or not _went(tries):
        return [Handed(bundle, tries)]
    told = Handed(replace(bundle, rows=bundle.rows[: last.carried]), tries)
    announced = replace(last, asked=False, announces=True)
    left_over = Handed(replace(bundle, rows=bundle.rows[last.carried :]), (announced,))
    # The call itself is put down with the first of them that has rows.
    if not told.bundle.rows:
        return [Handed(bundle, (*tries[:-1], replace(last, announces=True)))]
    return [told, left_over]


def _push(bundle: Bundle, openid: str) -> Push:
    first = bundle.rows[0]
    about = next((row for row in bundle.rows if row.issue_no is not None), first)
    numbers = {row.issue_no for row in bundle.rows if row.issue_no is not None}
    announcement = Announcement(
        count=len(bundle.rows),
        at=first.made_at,
        no=about.issue_no,
        more=len(numbers) > 1,
        place=about.place,
    )
    once = sha256(f"{first.key} {first.reference or ''}".encode()).hexdigest()[:32]
    texts = tuple(row.text for row in bundle.rows)
    return Push(openid, texts, announcement, once, bundle.known)


def _one_by_one(
    bot: Bot, bundle: Bundle, together: Push, refusals: tuple[Try, ...]
) -> list[Handed]:
    """Words were refused, nobody says which: only those are to be stuck, not their neighbours."""
    handed: list[Handed] = []
    stopped: tuple[Try, ...] = ()
    known = together.known
    for row in bundle.rows:
        alone = replace(bundle, rows=(row,), known=known)
        tries = stopped or _tried(bot, _push(alone, together.openid))
        before = () if handed else refusals  # that attempt is counted too
        handed += [replace(one, tries=before + one.tries) for one in _carried(alone, tries)]
        known = _after(known, tries, bot.now())
        if not _went(tries) and not _is_about_words(tries):
            stopped = tuple(replace(one, asked=False) for one in tries)
    return handed


def _after(known: Known, tries: Sequence[Try], now: datetime) -> Known:
    """What is known once these messages went out."""
    gone = sum(one.gone for one in tries if one.channel == CHAT)
    return replace(known, chat=(*known.chat, Pushed(now, gone))) if gone else known


def _went(tries: Sequence[Try]) -> bool:
    return isinstance(tries[-1].outcome, Sent | Unknown)


def _is_about_words(tries: Sequence[Try]) -> bool:
    about = {each.outcome.about for each in tries if isinstance(each.outcome, Refused)}
    refused = all(isinstance(each.outcome, Refused) for each in tries)
    return refused and About.MESSAGE in about and About.ACCOUNT not in about


def _tried(bot: Bot, push: Push) -> tuple[Try, ...]:
    """Channel after channel until one does not refuse."""
    tries: list[Try] = []
    for channel in bot.channels:
        tries.append(_attempt(channel, push, bot.now()))
        if not goes_on(tries[-1].outcome):
            break
    return tuple(tries)


def _attempt(channel: Channel, push: Push, now: datetime) -> Try:
    """A bug in a channel may strike after the message left: nobody knows."""
    try:
        return replace(channel.send(push, now), at=now)
    except Exception as error:
        log.exception("channel_failed", channel=channel.name)
        why = f"a fault in channel {channel.name}: {type(error).__name__}"
        return Try(channel.name, Unknown(why), at=now)


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
