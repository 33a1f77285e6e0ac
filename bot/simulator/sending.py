"""The customer-service message: each kind's fields, and what is wrong with them.

Knows platform facts 2.2. Must not know quotas or phones: Platform.push decides.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from flask import request

from bot.simulator.answering import POST, Answer, Json, Refused, Routes
from bot.simulator.bubbles import SHOWN, Piece, words
from bot.simulator.faults import SEND
from bot.simulator.platform import Platform
from bot.simulator.replies import TEXT_LIMIT, article

# A \uXXXX that is an escape, not a typed backslash: an even number of backslashes before it.
ESCAPED = re.compile(rb"(?<!\\)(?:\\\\)*\\u[0-9a-fA-F]{4}")

BAD_KIND, NO_MEDIA_ID, BAD_MEDIA_ID, BAD_SHAPE = 40008, 41006, 40007, 47001
EMPTY, NO_NEWS, TOO_MANY_ARTICLES, TOO_LONG, BAD_CHARSET = 44004, 44003, 45008, 45002, 40033
PERMANENT = ("mpnews", "mpnewsarticle", "wxcard")
"""Kinds that name things only the console can make; this account has made none."""


def _send(platform: Platform, body: Json) -> Answer:
    check_charset()
    openid = body.get("touser")
    if not openid:
        return 41009 if openid is None else 40003
    piece = _piece(platform, body)
    if len(piece.text.encode()) > TEXT_LIMIT and piece.kind == "text":
        return TOO_LONG
    return platform.push(str(openid), piece)


def check_charset() -> None:
    """Refuses JSON with \\u escapes: people would see them."""
    if ESCAPED.search(request.get_data()):
        raise Refused(BAD_CHARSET)


def _piece(platform: Platform, body: Json) -> Piece:
    kind = str(body.get("msgtype"))
    inside = body.get(kind)
    match kind:
        case "text":
            return words(_content(inside))
        case "image" | "voice" | "video":
            return _medium(platform, kind, inside)
        case "news":
            return _news(inside)
        case "msgmenu":
            return words(_msgmenu(inside))
        case "music" | "miniprogrampage":
            return _titled(platform, kind, inside)
        case _ if kind in PERMANENT:
            raise Refused(BAD_MEDIA_ID)
    raise Refused(BAD_KIND)


def _content(text: object) -> str:
    content = text.get("content") if isinstance(text, dict) else None
    if not isinstance(content, str) or not content:
        raise Refused(EMPTY)
    return content


def _medium(platform: Platform, kind: str, inside: object) -> Piece:
    medium = inside if isinstance(inside, dict) else {}
    media_id = _living(platform, kind, medium.get("media_id"))
    title = str(medium.get("title") or "")
    if kind == "video" and medium.get("thumb_media_id"):
        _living_thumb(platform, medium["thumb_media_id"])
    with platform.lock:
        seconds = platform.media.by_id[media_id].seconds
    more = {"media_id": media_id, "seconds": seconds, "title": title}
    more["description"] = str(medium.get("description") or "")
    return Piece(kind, title or SHOWN[kind], more)


def _living(platform: Platform, kind: str, media_id: object) -> str:
    if not media_id:
        raise Refused(NO_MEDIA_ID)
    if not platform.has_medium(kind, str(media_id)):
        raise Refused(BAD_MEDIA_ID)
    return str(media_id)


def _living_thumb(platform: Platform, media_id: object) -> None:
    """A thumb may be one of its own kind or a picture."""
    if not any(platform.has_medium(kind, str(media_id)) for kind in ("thumb", "image")):
        raise Refused(BAD_MEDIA_ID)


def _news(inside: object) -> Piece:
    articles = inside.get("articles") if isinstance(inside, dict) else None
    if not isinstance(articles, list) or not articles:
        raise Refused(NO_NEWS)
    if len(articles) != 1:
        raise Refused(TOO_MANY_ARTICLES)
    one = articles[0] if isinstance(articles[0], dict) else {}
    if not one.get("title"):
        raise Refused(NO_NEWS)
    return article(str(one["title"]), one.get("description"), one.get("url"), one.get("picurl"))


def _titled(platform: Platform, kind: str, inside: object) -> Piece:
    page: dict[str, Any] = inside if isinstance(inside, dict) else {}
    if not page.get("thumb_media_id"):
        raise Refused(NO_MEDIA_ID)
    _living_thumb(platform, page["thumb_media_id"])
    title = str(page.get("title") or "")
    return Piece(kind, title or SHOWN[kind], {"title": title})


def _msgmenu(menu: object) -> str:
    """The menu as the chat shows it: its lines are links that send text with bizmsgmenuid."""
    lines = menu.get("list") if isinstance(menu, dict) else None
    if not isinstance(menu, dict) or not isinstance(lines, list) or not lines:
        raise Refused(EMPTY)
    if not all(isinstance(line, dict) and line.get("id") and line.get("content") for line in lines):
        raise Refused(BAD_SHAPE)
    links = [
        f'<a href="weixin://bizmsgmenu?msgmenucontent={quote(str(line["content"]))}'
        f'&msgmenuid={quote(str(line["id"]))}">{line["content"]}</a>'
        for line in lines
    ]
    parts = [menu.get("head_content"), *links, menu.get("tail_content")]
    return "\n".join(part for part in parts if part)


def _typing(platform: Platform, body: Json) -> Answer:
    if body.get("command") not in ("Typing", "CancelTyping"):
        return 45072
    return 0 if str(body.get("touser")) in platform.phones else 40003


SENDING_CALLS: Routes = {
    SEND: (POST, True, _send),
    "message/custom/typing": (POST, True, _typing),
}
