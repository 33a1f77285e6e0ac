"""What can be done on the page with one phone, by the JSON that asks for it.

Knows the names of deeds. Must not know HTTP, nor what a deed will cause.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from bot.simulator.handset import NotFollowing, Phone
from bot.simulator.menus import find_button
from bot.simulator.stage import Stage

WORDS = 4000  # characters that can be typed at once
SAMPLES = ("image", "video", "location", "link")

Deed = Callable[[], object]


def deed(stage: Stage, key: str, asked: Mapping[str, Any]) -> Deed | None:
    """What this asks for, not yet done; None where it asks for nothing that can be done."""
    phone, do = stage.phones[key], asked.get("do")
    text = str(asked.get("text", ""))
    words = text.strip()[:WORDS]
    match do:
        case "say" if words:
            return lambda: stage.says(key, words)
        case "click" if words and asked.get("id"):
            return lambda: phone.clicks(words, str(asked["id"]))
        case "tap" if find_button(phone.menu, text):
            return lambda: phone.taps(text, **_given(stage, asked))
        case "send" if text in SAMPLES:
            return lambda: phone.sends(text)
        case "send" if text == "voice":
            return lambda: phone.records(seconds=_seconds(asked.get("seconds")))
        case "scan" if text:
            return lambda: phone.scans(text)
        case "follow":
            return phone.follows
        case "unfollow":
            return phone.unfollows
    return _about_notices(stage, key, asked)


def _about_notices(stage: Stage, key: str, asked: Mapping[str, Any]) -> Deed | None:
    phone, notices = stage.phones[key], stage.platform.notices
    match asked.get("do"):
        case "note":
            return lambda: _hide_note(stage, key)
        case "block":
            return lambda: _block(stage, phone, asked.get("text") == "on")
        case "consent":
            known = {one for one in notices.templates if one in map(str, asked.get("all", ()))}
            accepted = [one for one in known if one in map(str, asked.get("accepted", ()))]
            refused = [one for one in known if one not in accepted]
            return (lambda: phone.consents(*accepted, refusing=refused)) if known else None
        case "revoke" if asked.get("text") in notices.templates:
            return lambda: phone.revokes(str(asked["text"]))
    return None


def begin(deed: Deed) -> None:
    """Does it in another thread: an answer may take its fifteen seconds."""
    threading.Thread(target=_done, args=(deed,), daemon=True).start()


def _done(deed: Deed) -> None:
    try:
        deed()
    except NotFollowing:
        return  # two fingers at once: the phone has just left


def _given(stage: Stage, asked: Mapping[str, Any]) -> dict[str, object]:
    """What a scancode button reads: the poster of this scene."""
    scene, platform = asked.get("scanned"), stage.platform
    if not scene:
        return {}
    with platform.lock:
        return {"scanned": platform.codes.for_scene(str(scene), platform.now()).url}


def _seconds(given: object) -> float:
    return min(60.0, max(1.0, float(given))) if isinstance(given, int | float) else 3.0


def _hide_note(stage: Stage, key: str) -> None:
    stage.marks[key].note_used = True
    stage.platform.stirred()


def _block(stage: Stage, phone: Phone, blocks: bool) -> None:
    blocking = stage.platform.notices.blocking
    (blocking.add if blocks else blocking.discard)(phone.openid)
    stage.platform.stirred()
