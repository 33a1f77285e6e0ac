"""One bundle to its person, by the first channel that takes it, and what came of each attempt.

Knows channels by their protocol, and what goes into one message. Must not know rows of the
database, nor how a channel works.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

import structlog

from bot.bootstrap import Bot
from bot.channels import Channel, Push
from bot.channels.push import BETWEEN
from bot.core.announcement import Announcement
from bot.core.delivery import About, Try, goes_on
from bot.core.outcome import Refused, Sent, Unknown
from bot.core.reach import CHAT, Known, Pushed, Repeat, left
from bot.core.texts import weight
from bot.store.claims import Bundle
from bot.store.settling import Handed
from bot.wechat.words import SAFE_BYTES, clean

log = structlog.get_logger()


def fitting(texts: Sequence[str]) -> int:
    """How many of the texts, from the first on, one message holds; one that is longer goes alone,
    in parts."""
    whole = 0
    for count, text in enumerate(texts):
        whole += weight(clean(text)) + (len(BETWEEN) if count else 0)
        if whole > SAFE_BYTES:
            return max(count, 1)
    return len(texts)


def fitting_for(bot: Bot, texts: Sequence[str], known: Known) -> int:
    """As `fitting`; where nothing more may go into the chat, or one message, it is for all."""
    rest = left(known, bot.now(), Repeat(bot.settings.wechat_allowance))
    return len(texts) if rest is not None and rest <= 1 else fitting(texts)


def hand_over(bot: Bot, bundle: Bundle) -> list[Handed]:
    """One bundle to its person by the first channel that takes it. Never raises."""
    if bundle.openid is None:
        gone = Try(None, Refused("unfollowed", About.PERSON))
        return [Handed(bundle, (gone,))]
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
