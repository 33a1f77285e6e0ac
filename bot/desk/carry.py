"""Carry: what people sent as files → our store in time, and on to those who are told of it.

No transaction is open during a call. What goes wrong with one file costs no other; a piece that
may have arrived is never silently sent again.
"""

import io
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from typing import Final, TypeVar

import structlog

from bot.bootstrap import Bot
from bot.core import media
from bot.core.media import Lack, Piece
from bot.core.messages import Kind
from bot.core.outcome import Outcome, Refused, TryLater, Unknown
from bot.core.reach import Repeat
from bot.media import pictures, videos
from bot.media.forms import MP4, form_of
from bot.media.keeping import StoreAway
from bot.media.pictures import NoPicture
from bot.media.videos import NoVideo
from bot.store import fetching, showing
from bot.store.engine import Stale, Unavailable, transaction
from bot.store.fetching import ToFetch
from bot.store.showing import Batch, Done, ToShow
from bot.wechat.client import WeChat
from bot.wechat.errors import Declined, TooLarge, WeChatError
from bot.wechat.media import LARGEST, Medium

_LEASE: Final = timedelta(minutes=3)
_OF_A_PERSON: Final = timedelta(seconds=45)  # their notices wait behind it: renewed with each piece
_AT_ONCE: Final = 4
_PATIENCE_S: Final = 5.0
_WAIT: Final = timedelta(seconds=5)
_DEAD_ID: Final = 40007
_MEDIA: Final = {Kind.PICTURE: Medium.PICTURE, Kind.VOICE: Medium.VOICE, Kind.VIDEO: Medium.VIDEO}
# What comes in may be larger than what WeChat takes from us; pictures are made smaller here.
_LARGEST: Final = {
    Kind.PICTURE: 10 * 1024 * 1024,
    Kind.VOICE: LARGEST[Medium.VOICE],
    Kind.VIDEO: 25 * 1024 * 1024,
}

log = structlog.get_logger()
_Row = TypeVar("_Row")


class _NotHad(Exception):
    """There is no file to keep, and why."""

    def __init__(self, lack: Lack, why: str = "") -> None:
        super().__init__(why)
        self.lack, self.why = lack, why


def carry(bot: Bot, *, until: Callable[[], bool] = lambda: False) -> int:
    """Fetch and show until nothing is due or `until()` says enough; how many were seen to."""
    if bot.wechat is None:
        return 0
    wechat = bot.wechat
    done = _drain(until, lambda: _take(bot), lambda one: _fetch(bot, wechat, one))
    return done + _drain(until, lambda: _claim(bot), lambda one: _show(bot, wechat, one))


def _drain(
    until: Callable[[], bool], take: Callable[[], Sequence[_Row]], see_to: Callable[[_Row], None]
) -> int:
    """Take some and see to them at once, until there are none. What fails is tried again once
    its lease has ended; it keeps none of the others."""
    done = 0
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="carrier") as carriers:
        while not until() and (rows := take()):
            wait(seen_to := [carriers.submit(see_to, row) for row in rows])
            for error in (one.exception() for one in seen_to):
                if isinstance(error, Unavailable | Stale):
                    raise error
                if error is not None:
                    log.error("carrying_failed", exc_info=error)
            done += len(rows)
    return done


# --- into our store ---------------------------------------------------------------------------


def _take(bot: Bot) -> list[ToFetch]:
    with transaction(bot.engine, within_s=_PATIENCE_S) as connection:
        return fetching.take(connection, bot.now(), _LEASE, _AT_ONCE)


def _fetch(bot: Bot, wechat: WeChat, wanted: ToFetch) -> None:
    try:
        content, ending, content_type = _content(wechat, wanted)
        name = bot.files.keep(content, ending, bot.now())
    except (_NotHad, StoreAway) as error:
        _miss(bot, wanted, error)
        return
    with transaction(bot.engine, within_s=_PATIENCE_S) as connection:
        args = (wanted, name, content_type, len(content), bot.now())
        first = fetching.kept(connection, *args)
    if not first:
        bot.files.drop(name)


def _miss(bot: Bot, wanted: ToFetch, error: _NotHad | StoreAway) -> None:
    lack, why = (error.lack, error.why) if isinstance(error, _NotHad) else (Lack.AWAY, str(error))
    missing = media.missed(lack, why, wanted.attempts, bot.now(), wanted.expires_at)
    log.warning("file_not_had", kind=wanted.kind, state=missing.state, why=missing.why)
    with transaction(bot.engine, within_s=_PATIENCE_S) as connection:
        fetching.missed(connection, wanted, missing, bot.now())


def _content(wechat: WeChat, wanted: ToFetch) -> tuple[bytes, str, str]:
    """The file as it is to be kept, its name's ending and its type. Raises _NotHad."""
    content = _downloaded(wechat, wanted)
    form = form_of(content)
    if form is None or form.kind is not wanted.kind:
        raise _NotHad(Lack.NO_SUCH_KIND)
    try:
        if wanted.kind is Kind.PICTURE:
            content, form = pictures.cleaned(content, form)
        if form is MP4:
            content = videos.cleaned(content)
    except (NoPicture, NoVideo) as error:
        raise _NotHad(Lack.NO_SUCH_KIND, str(error)) from error
    return content, form.ending, form.content_type


def _downloaded(wechat: WeChat, wanted: ToFetch) -> bytes:
    into = io.BytesIO()
    try:
        wechat.download(wanted.media_id, into, _LARGEST[wanted.kind])
    except TooLarge as error:
        raise _NotHad(Lack.TOO_LARGE, error.why) from error
    except Declined as error:
        lack = Lack.EXPIRED if error.code == _DEAD_ID else Lack.AWAY
        raise _NotHad(lack, f"{error.code or ''} {error.why}".strip()) from error
    except WeChatError as error:
        raise _NotHad(Lack.AWAY, error.why) from error
    return into.getvalue()


# --- on to people -----------------------------------------------------------------------------


def _claim(bot: Bot) -> list[Batch]:
    repeat = Repeat(bot.settings.wechat_allowance)
    with transaction(bot.engine, within_s=_PATIENCE_S) as connection:
        return showing.claim(connection, bot.now(), _OF_A_PERSON, _AT_ONCE, repeat)


def _show(bot: Bot, wechat: WeChat, batch: Batch) -> None:
    """One person's pieces in their order; the first that does not go stops those behind it."""
    done = list[Done]()
    for one in batch.pieces:
        stopped = _stopping(done)
        if done and not stopped:
            _renew(bot, batch)
        done.append(_put_off(one, stopped, bot) if stopped else _shown(bot, wechat, batch, one))
    with transaction(bot.engine, within_s=_PATIENCE_S) as connection:
        showing.settle(connection, batch, done, bot.now())


def _renew(bot: Bot, batch: Batch) -> None:
    with transaction(bot.engine, within_s=_PATIENCE_S) as connection:
        lease = showing.renew(connection, batch, _OF_A_PERSON)
    batch.lease.move(lease)


def _stopping(done: Sequence[Done]) -> Outcome | None:
    """What keeps the rest from going now: nobody there, no quota, no answer."""
    last = done[-1].outcome if done else None
    about_this = isinstance(last, Refused) and last.about == "message"
    return last if isinstance(last, Refused | TryLater) and not about_this else None


def _put_off(one: ToShow, stopped: Outcome, bot: Bot) -> Done:
    return Done(one, media.after(stopped, one.attempts, bot.now()))


def _shown(bot: Bot, wechat: WeChat, batch: Batch, one: ToShow) -> Done:
    piece, now = one.piece, bot.now()
    media_id = media.living_id(piece, now)
    if media_id is not None:
        outcome = _sent(wechat, batch.openid, piece, media_id)
        dead = isinstance(outcome, Refused) and outcome.code == _DEAD_ID
        if not (dead and piece.stored):
            return Done(one, media.after(outcome, one.attempts, now), outcome)
    if piece.stored is None:
        return Done(one, media.without_file(piece, now))
    found = _sent_up(bot, wechat, piece, piece.stored)
    if not isinstance(found, str):
        return Done(one, media.after(found, one.attempts, now))
    outcome = _sent(wechat, batch.openid, piece, found)
    return Done(one, media.after(outcome, one.attempts, now), outcome)


def _sent_up(bot: Bot, wechat: WeChat, piece: Piece, stored: str) -> str | Outcome:
    """The new id of our copy, or why there is none."""
    try:
        sent_id = wechat.upload(_MEDIA[piece.kind], bot.files.read(stored))
    except TooLarge as error:
        return Refused(error.why, "message")
    except StoreAway as error:
        return TryLater(str(error), _WAIT)
    except WeChatError as error:
        return TryLater(error.why, _WAIT)
    with transaction(bot.engine, within_s=_PATIENCE_S) as connection:
        showing.sent_up(connection, piece.message_id, sent_id, media.sent_up(bot.now()))
    return sent_id


def _sent(wechat: WeChat, openid: str, piece: Piece, media_id: str) -> Outcome:
    """One piece. A bug may strike after the message left: nobody knows."""
    try:
        match piece.kind:
            case Kind.PICTURE:
                return wechat.send_picture(openid, media_id)
            case Kind.VOICE:
                return wechat.send_voice(openid, media_id)
            case _:
                return wechat.send_video(openid, media_id)
    except Exception as error:
        log.exception("piece_failed")
        return Unknown(f"a fault in sending: {type(error).__name__}")
