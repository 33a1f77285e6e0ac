"""Judges what the account's program answers to a pushed message, as strictly as WeChat may.

Knows the rules for passive replies (platform facts 1.2, 1.6). Must not know phones or HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.simulator import wire
from bot.simulator.account import Account

TEXT_LIMIT = 2048  # bytes of UTF-8; what everybody measured, Tencent does not say
SHOWN_AS = {
    "image": "[图片]",
    "voice": "[语音]",
    "video": "[视频]",
    "music": "[音乐]",
    "news": "[图文]",
    "transfer_customer_service": None,
}


class BadReply(Exception):
    """WeChat would show the fault notice; the message says which rule was broken."""


def read_reply(body: bytes, account: Account, openid: str) -> str | None:
    """The words the person sees, None for `success` or an empty answer; raises BadReply."""
    if body in (b"", b"success"):
        return None
    try:
        return _shown(wire.from_xml(_opened(body, account)), account, openid)
    except wire.BadEnvelope as error:
        raise BadReply(str(error)) from error


def _opened(body: bytes, account: Account) -> bytes:
    outer = wire.from_xml(body)
    parts = {name: outer.get(name) for name in ("Encrypt", "MsgSignature", "TimeStamp", "Nonce")}
    if absent := [name for name, value in parts.items() if not value]:
        raise BadReply(f"the reply's envelope lacks {', '.join(absent)}")
    sealed, signed, stamp, nonce = (value or "" for value in parts.values())
    if not stamp.isdecimal():
        raise BadReply("TimeStamp is no number")
    if not wire.same(signed, wire.signature(account.token, stamp, nonce, sealed)):
        raise BadReply("MsgSignature is wrong")
    return wire.decrypt(sealed, account.aes_key, account.appid)


def _shown(reply: wire.Element, account: Account, openid: str) -> str | None:
    if reply.get("ToUserName") != openid or reply.get("FromUserName") != account.original_id:
        raise BadReply("ToUserName and FromUserName are not swapped")
    if not (reply.get("CreateTime") or "").isdecimal():
        raise BadReply("CreateTime is no number")
    kind = reply.get("MsgType") or ""
    if kind == "text":
        return _words(reply.get("Content") or "")
    if kind not in SHOWN_AS:
        raise BadReply(f"MsgType {kind[:40]!r} is unknown")
    return SHOWN_AS[kind]


def _words(content: str) -> str:
    if not content.strip():
        raise BadReply("Content is empty")
    if (size := len(content.encode())) > TEXT_LIMIT:
        raise BadReply(f"Content has {size} bytes, {TEXT_LIMIT} are allowed")
    return content


@dataclass(frozen=True)
class Violation:
    """One broken rule: whose message it answered, what kind that was, what was wrong."""

    openid: str
    kind: str
    what: str
