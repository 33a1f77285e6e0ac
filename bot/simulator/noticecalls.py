"""Sending template messages and subscription notices over the API, and listing the templates.

Knows the JSON and the order of checks (platform facts 2.3, 2.4). Must not know what limits are.
"""

from __future__ import annotations

import threading
import time

from bot.simulator.answering import GET, POST, Answer, Json, Refused, Routes
from bot.simulator.bubbles import Bubble, Piece, Via
from bot.simulator.handset import Phone
from bot.simulator.noticefields import Lasting, Template
from bot.simulator.notices import Ended, Ending
from bot.simulator.platform import Platform
from bot.simulator.sending import check_charset

BAD_PERSON, NO_PERSON, BAD_TEMPLATE, BAD_DATA = 40003, 41009, 40037, 47003
NOT_FOLLOWING, NO_CONSENT, AT_ONCE = 43004, 43101, 43108
TYPES = {Lasting.ONE_TIME: 2, Lasting.LONG_TERM: 3}


def _send_template(platform: Platform, body: Json) -> Answer:
    phone, template, piece = _read(platform, body, Lasting.TEMPLATE)
    if not phone.following:
        return NOT_FOLLOWING
    client_id = str(body.get("client_msg_id") or "") or None
    with platform.lock:
        now = platform.now()
        if before := platform.notices.said_before(phone.openid, client_id, now):
            return {"errcode": 0, "errmsg": "ok", "msgid": before}
        number = platform.chance.number()
        platform.notices.remember(phone.openid, client_id, number, now)
        ended = platform.notices.end(number, phone.openid, template)
    if ended.ending is Ending.SUCCESS:
        phone.show(Bubble.of(piece, now, Via.TEMPLATE))
    _tell(platform, phone, _finished(platform, ended))
    return {"errcode": 0, "errmsg": "ok", "msgid": number}


def _send_subscription(platform: Platform, body: Json) -> Answer:
    phone, template, piece = _read(platform, body, Lasting.ONE_TIME, Lasting.LONG_TERM)
    notices = platform.notices
    with platform.lock:
        if phone.openid in notices.busy:
            return AT_ONCE
        if not notices.consented(phone.openid, template):
            return NO_CONSENT
        notices.busy.add(phone.openid)
    try:
        time.sleep(notices.busy_for)
        with platform.lock:
            notices.use_consent(phone.openid, template)
            ended = notices.end(platform.chance.number(), phone.openid, template)
    finally:
        notices.busy.discard(phone.openid)
    if ended.ending is Ending.SUCCESS:
        phone.show(Bubble.of(piece, platform.now(), Via.SUBSCRIPTION))
    _tell(platform, phone, _sent(ended))
    return 0


def _read(platform: Platform, body: Json, *lasting: Lasting) -> tuple[Phone, Template, Piece]:
    check_charset()
    openid = body.get("touser")
    if not openid:
        raise Refused(NO_PERSON)
    phone = platform.phones.get(str(openid))
    if phone is None:
        raise Refused(BAD_PERSON)
    template = platform.notices.of(body.get("template_id"), *lasting)
    if template is None:
        raise Refused(BAD_TEMPLATE)
    rows = template.read(body.get("data"))
    if isinstance(rows, str):
        raise Refused(BAD_DATA, rows)
    url = str(body.get("url") or body.get("page") or "")
    text = "\n".join([template.title, *(f"{label}：{value}" for label, value in rows)])
    more = {"title": template.title, "rows": rows, "url": url}
    return phone, template, Piece("notice", text, more)


def _tell(platform: Platform, phone: Phone, fields: dict[str, object]) -> None:
    """The event comes on its own, after the answer."""
    event = {"MsgType": "event", **fields}
    threading.Thread(target=platform.traffic.carry, args=(phone, event), daemon=True).start()


def _finished(platform: Platform, ended: Ended) -> dict[str, object]:
    blocked = ended.ending is Ending.USER_BLOCK
    status = platform.notices.block_spelling if blocked else str(ended.ending)
    return {"Event": "TEMPLATESENDJOBFINISH", "MsgID": ended.number, "Status": status}


def _sent(ended: Ended) -> dict[str, object]:
    code, status = {
        Ending.SUCCESS: (0, "success"),
        Ending.USER_BLOCK: (NO_CONSENT, "user refuse"),
        Ending.SYSTEM_FAILED: (20002, "system error"),
    }[ended.ending]
    item = {
        "TemplateId": ended.template.template_id,
        "MsgID": ended.number,
        "ErrorCode": code,
        "ErrorStatus": status,
    }
    return {"Event": "subscribe_msg_sent_event", "SubscribeMsgSentEvent": {"List": item}}


def _templates(platform: Platform, _body: Json) -> Answer:
    found = [
        {
            "template_id": one.template_id,
            "title": one.title,
            "primary_industry": "",
            "deputy_industry": "",
            "content": one.content,
            "example": "",
        }
        for one in platform.notices.templates.values()
        if one.lasting is Lasting.TEMPLATE
    ]
    return {"template_list": found}


def _subscriptions(platform: Platform, _body: Json) -> Answer:
    found = [
        {
            "priTmplId": one.template_id,
            "title": one.title,
            "content": one.content,
            "example": "",
            "type": TYPES[one.lasting],
        }
        for one in platform.notices.templates.values()
        if one.lasting in TYPES
    ]
    return {"errcode": 0, "errmsg": "ok", "data": found}


NOTICE_CALLS: Routes = {
    "message/template/send": (POST, True, _send_template),
    "message/subscribe/bizsend": (POST, True, _send_subscription),
    "template/get_all_private_template": (GET, True, _templates),
    "/wxaapi/newtmpl/gettemplate": (GET, True, _subscriptions),
}
