"""Judges what the account's program answers to a pushed message, as strictly as WeChat may.

Knows the rules for passive replies (platform facts 1.2, 1.6). Must not know phones or HTTP.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.simulator import wire
from bot.simulator.account import Account, Mode
from bot.simulator.bubbles import SHOWN, Piece, words

TEXT_LIMIT = 2048  # bytes of UTF-8; what everybody measured, Tencent does not say
TO_THE_CONSOLE = "transfer_customer_service"  # shows nothing in the chat
MEDIA = {"image": "Image", "voice": "Voice", "video": "Video"}

Known = Callable[[str, str], bool]


class BadReply(Exception):
    """WeChat would show the fault notice; the message says which rule was broken."""


def read_reply(body: bytes, account: Account, openid: str, known: Known) -> Piece | None:
    """What the person sees, None for `success` or an empty answer; raises BadReply."""
    if body in (b"", b"success"):
        return None
    try:
        return _shown(wire.from_xml(_opened(body, account)), account, openid, known)
    except wire.BadEnvelope as error:
        raise BadReply(str(error)) from error


def _opened(body: bytes, account: Account) -> bytes:
    outer = wire.from_xml(body)
    sealed_in = outer.get("Encrypt") is not None
    if account.mode is Mode.PLAIN and sealed_in:
        raise BadReply("the reply is sealed, but the account's mode is plain")
    if account.mode is Mode.PLAIN or (account.mode is Mode.COMPATIBLE and not sealed_in):
        return body
    parts = {name: outer.get(name) for name in ("Encrypt", "MsgSignature", "TimeStamp", "Nonce")}
    if absent := [name for name, value in parts.items() if not value]:
        raise BadReply(f"the reply's envelope lacks {', '.join(absent)}")
    sealed, signed, stamp, nonce = (value or "" for value in parts.values())
    if not stamp.isdecimal():
        raise BadReply("TimeStamp is no number")
    if not wire.same(signed, wire.signature(account.token, stamp, nonce, sealed)):
        raise BadReply("MsgSignature is wrong")
    return wire.decrypt(sealed, account.aes_key, account.appid)


def _shown(reply: wire.Element, account: Account, openid: str, known: Known) -> Piece | None:
    if reply.get("ToUserName") != openid or reply.get("FromUserName") != account.original_id:
        raise BadReply("ToUserName and FromUserName are not swapped")
    if not (reply.get("CreateTime") or "").isdecimal():
        raise BadReply("CreateTime is no number")
    kind = reply.get("MsgType") or ""
    match kind:
        case "text":
            return words(_content(reply.get("Content") or ""))
        case "image" | "voice" | "video":
            return _medium(kind, reply.part(MEDIA[kind]), known)
        case "news":
            return _news(reply)
        case "music":
            return Piece("music", SHOWN["music"], {"title": reply.part("Music").get("Title") or ""})
        case _ if kind == TO_THE_CONSOLE:
            return None
    raise BadReply(f"MsgType {kind[:40]!r} is unknown")


def _content(content: str) -> str:
    if not content.strip():
        raise BadReply("Content is empty")
    if (size := len(content.encode())) > TEXT_LIMIT:
        raise BadReply(f"Content has {size} bytes, {TEXT_LIMIT} are allowed")
    return content


def _medium(kind: str, inside: wire.Element, known: Known) -> Piece:
    media_id = inside.get("MediaId") or ""
    if not known(kind, media_id):
        raise BadReply(f"MediaId names no living {kind}")
    title = inside.get("Title") or ""
    return Piece(kind, title or SHOWN[kind], {"media_id": media_id, "title": title})


def _news(reply: wire.Element) -> Piece:
    items = [one for one in reply.part("Articles").below if one.tag == "item"]
    if len(items) != 1 or reply.get("ArticleCount") != "1":
        raise BadReply(f"news answers a message with 1 article, not {len(items)}")
    title = items[0].get("Title") or ""
    if not title:
        raise BadReply("an article has no Title")
    return article(title, items[0].get("Description"), items[0].get("Url"), items[0].get("PicUrl"))


def article(title: str, description: str | None, url: str | None, picture: str | None) -> Piece:
    """One article of news; its words are title, description and url, a line each."""
    more = {
        "title": title,
        "description": description or "",
        "url": url or "",
        "picture": picture or "",
    }
    return Piece("news", "\n".join(filter(None, (title, description, url))), more)


@dataclass(frozen=True)
class Violation:
    """One broken rule: whose message it answered, what kind that was, what was wrong."""

    openid: str
    kind: str
    what: str
