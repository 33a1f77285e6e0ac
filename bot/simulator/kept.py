"""Yesterday's phones: the platform's state as one JSON document, and back.

Knows what must outlive a restart: openids, who follows, screens, quotas, menus, codes, tokens.
The bytes of media lie elsewhere (keptmedia.py).
Must not know when to save.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.simulator.bubbles import Bubble, Via
from bot.simulator.cast import Part
from bot.simulator.handset import Phone
from bot.simulator.keptmedia import described
from bot.simulator.menuboard import Conditional, MenuBoard
from bot.simulator.platform import Platform
from bot.simulator.qrcodes import QrCode
from bot.simulator.quota import Act, Grant
from bot.simulator.tags import Tags
from bot.simulator.tokens import Tokens

BUBBLES = 300  # of each phone

Document = dict[str, Any]


def dump(platform: Platform, phones: dict[str, Phone], marks: dict[str, Any]) -> str:
    """The document; `marks` is whatever else belongs to each phone's key."""
    with platform.lock:
        tokens = platform.tokens
        document = {
            "phones": {key: _phone(platform, phone) for key, phone in phones.items()},
            "marks": marks,
            "menu": platform.menu,
            "conditional": [asdict(one) for one in platform.menus.conditional],
            "menus_made": platform.menus.made,
            "tags": {"names": platform.tags.names, "made": platform.tags.made},
            "consents": [[*key, left] for key, left in platform.notices.consents.items()],
            "media": described(platform.media),
            "ahead": platform.clock.ahead.total_seconds(),
            "codes": [asdict(code) for code in platform.codes.by_ticket.values()],
            "tokens": {"ends": tokens.ends, "plain": tokens.plain, "stable": tokens.stable},
        }
        return json.dumps(document, ensure_ascii=False, default=datetime.isoformat)


def write(path: Path, text: str) -> None:
    """Replaces the file in one step, readable by its owner only."""
    beside = path.with_name(path.name + ".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    beside.replace(path)


def read(path: Path | None) -> Document:
    """The document; an empty one where there is none or it cannot be read as one."""
    if path is None or not path.exists():
        return {}
    try:
        document = json.loads(path.read_text("utf-8"))
    except ValueError:
        path.replace(path.with_name(path.name + ".unreadable"))
        return {}
    return document if isinstance(document, dict) else {}


def restore(platform: Platform, document: Document) -> None:
    """Clock, menus, tags, codes and tokens as they were."""
    platform.clock.advance(seconds=document.get("ahead", 0))
    platform.menus = MenuBoard(
        document.get("menu", []),
        [Conditional(**one) for one in document.get("conditional", [])],
        document.get("menus_made", 0),
    )
    tags = document.get("tags", {"names": {}, "made": 0})
    platform.tags = Tags({int(key): name for key, name in tags["names"].items()}, tags["made"])
    for openid, template_id, left in document.get("consents", []):
        platform.notices.consents[(openid, template_id)] = left
    for code in document.get("codes", []):
        ends_at = _moment(code.pop("ends_at"))
        platform.codes.put(QrCode(**code, ends_at=ends_at))
    if tokens := document.get("tokens"):
        ends = {token: datetime.fromisoformat(at) for token, at in tokens["ends"].items()}
        platform.tokens = Tokens(ends, tokens["plain"], tokens["stable"])


def restore_phone(platform: Platform, part: Part, document: Document) -> Phone:
    """This person's phone as it was, or a new one."""
    was = document.get("phones", {}).get(part.key)
    if was is None or (part.openid and part.openid != was["openid"]):
        phone = platform.phone(part.name, part.openid)
        if part.follows:
            phone.following, phone.since = True, platform.now()
        return phone
    phone = platform.phone(part.name, was["openid"])
    phone.following, phone.scene = was["following"], was["scene"]
    phone.since, phone.tags = _moment(was["since"]), was.get("tags", [])
    phone.bubbles = [
        Bubble(datetime.fromisoformat(at), mine, text, Via(via), *rest)
        for at, mine, text, via, *rest in was["bubbles"]
    ]
    platform.ledgers[phone.openid].grants = [
        Grant(Act(act), left, datetime.fromisoformat(ends)) for act, left, ends in was["grants"]
    ]
    return phone


def _phone(platform: Platform, phone: Phone) -> Document:
    grants = platform.ledgers[phone.openid].grants
    return {
        "openid": phone.openid,
        "following": phone.following,
        "since": phone.since,
        "scene": phone.scene,
        "tags": phone.tags,
        "bubbles": [(b.at, b.mine, b.text, b.via, b.kind, b.more) for b in phone.screen[-BUBBLES:]],
        "grants": [(grant.act, grant.left, grant.ends_at) for grant in grants],
    }


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
