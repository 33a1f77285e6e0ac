"""`/wechat`: WeChat's URL check, messages and events, answered by contract section 3's statuses.

Knows HTTP and which trouble is which status. Must not know what is inside a message: bot.wechat
opens and seals it, the desk handles it. No line logged here holds any of it.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from flask import Blueprint, Response, request

from bot.bootstrap import Bot
from bot.core.messages import Said
from bot.desk.kept import NotKept
from bot.desk.receive import receive
from bot.web.metrics import Meter, Outcome
from bot.wechat import misfits
from bot.wechat.callback import (
    LARGEST,
    SUCCESS,
    BadSignature,
    Callback,
    NotAnEnvelope,
    Opened,
)

_PLAIN: Final = "text/plain; charset=utf-8"
_XML: Final = "text/xml; charset=utf-8"

log = structlog.get_logger()


@dataclass(frozen=True)
class Answer:
    outcome: Outcome
    status: int = 200
    body: bytes = SUCCESS
    content_type: str = _PLAIN


_FORBIDDEN: Final = Answer(Outcome.FORBIDDEN, 403, b"wrong signature\n")
_NO_ENVELOPE: Final = Answer(Outcome.NO_ENVELOPE, 400, b"no envelope\n")
_NOT_KEPT: Final = Answer(Outcome.NOT_KEPT, 503, b"try again\n")


def routes(bot: Bot, callback: Callback, meter: Meter) -> Blueprint:
    page = Blueprint("wechat", __name__)

    @page.get("/wechat", provide_automatic_options=False)
    def check() -> Response:
        return _sent(checked(callback, request.args), meter)

    @page.post("/wechat", provide_automatic_options=False)
    def post() -> Response:
        began = time.monotonic()
        answer = posted(bot, callback, request.args, _body())
        meter.took(time.monotonic() - began)
        return _sent(answer, meter)

    return page


def checked(callback: Callback, args: Mapping[str, str]) -> Answer:
    """WeChat's URL check: its echostr, as it came."""
    try:
        return Answer(Outcome.CHECKED, body=callback.check_url(args).encode())
    except BadSignature:
        return _FORBIDDEN


def posted(bot: Bot, callback: Callback, args: Mapping[str, str], body: bytes | None) -> Answer:
    """The answer to one post; `body` is None where it was too large to be read. Never raises."""
    try:
        opened = _opened(callback, args, body, bot.now())
    except BadSignature:
        log.info("signature_refused")
        return _FORBIDDEN
    except NotAnEnvelope as error:
        log.info("envelope_refused", why=str(error))
        _misfit(bot, str(error))
        return _NO_ENVELOPE
    except Exception:
        log.exception("envelope_failed")
        return _NO_ENVELOPE
    if opened.said is None:
        log.warning("message_unreadable", why=opened.trouble)
        _misfit(bot, opened.trouble or "")
        return Answer(Outcome.UNREADABLE)
    return _received(bot, callback, opened, opened.said)


def _opened(
    callback: Callback, args: Mapping[str, str], body: bytes | None, now: datetime
) -> Opened:
    if body is None:
        raise NotAnEnvelope("too large")
    return callback.open(args, body, now)


def _received(bot: Bot, callback: Callback, opened: Opened, said: Said) -> Answer:
    """200 only for what is kept: of anything else WeChat is to bring a repeat."""
    try:
        text = receive(bot, said)
    except NotKept:
        return _NOT_KEPT
    except Exception:
        log.exception("receive_failed")
        return _NOT_KEPT
    if text is None:
        return Answer(Outcome.SILENT)
    try:
        reply = callback.reply(opened, text, bot.now())
    except Exception:
        log.exception("reply_failed")
        return Answer(Outcome.SILENT)
    return Answer(Outcome.REPLIED, body=reply, content_type=_XML)


def _misfit(bot: Bot, why: str) -> None:
    misfits.note(bot.redis, bot.settings.wechat_appid or "", why, bot.now())


def _body() -> bytes | None:
    """The body, None where it is longer than LARGEST; what is beyond is not read."""
    if (request.content_length or 0) > LARGEST:
        return None
    body = bytearray()
    while len(body) <= LARGEST and (more := request.stream.read(LARGEST + 1 - len(body))):
        body += more
    return bytes(body) if len(body) <= LARGEST else None


def _sent(answer: Answer, meter: Meter) -> Response:
    meter.count(answer.outcome)
    return Response(answer.body, answer.status, content_type=answer.content_type)
