"""What the page draws, as JSON: every phone, the platform's switches, the troubles on order.

Knows the stage and the platform. Must not know HTTP, HTML or what looks nice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.simulator import kept
from bot.simulator.bubbles import Bubble
from bot.simulator.cast import Part
from bot.simulator.noticefields import Lasting
from bot.simulator.platform import Platform

if TYPE_CHECKING:
    from bot.simulator.stage import Stage

Drawn = dict[str, Any]


def draw(stage: Stage, sent: dict[str, int]) -> Drawn:
    """All the page draws; of each screen only what comes after `sent`, which is moved on."""
    platform = stage.platform
    return {
        "now": platform.now().isoformat(),
        "ahead": platform.clock.ahead.total_seconds(),
        "title": platform.account.title,
        "connected": platform.url_checked,
        "readying": stage.readying,
        "replaying": stage.replaying,
        "ready": stage.ready(),
        "posters": stage.posters(),
        "strip": stage.strip.shown,
        "console": _console(stage),
        "phones": [_phone(stage, part, sent) for part in stage.cast],
    }


def _console(stage: Stage) -> Drawn:
    platform = stage.platform
    return {
        "mode": platform.mode,
        "repeat": platform.repeat,
        "across": platform.across,
        "menu_ids": platform.transit.menu_ids,
        "fail_next": platform.notices.fail_next,
        "violations": [one.what for one in platform.violations[-5:]],
        "counts": {
            "in": len(platform.deliveries),
            "out": platform.counts["message/custom/send"],
            "notices": len(platform.notices.ended),
        },
        "troubles": _troubles(stage),
        "subscriptions": [
            {
                "id": one.template_id,
                "title": one.title,
                "lasting": one.lasting,
                "content": one.content,
            }
            for one in platform.notices.templates.values()
            if one.lasting is not Lasting.TEMPLATE
        ],
    }


def _troubles(stage: Stage) -> list[Drawn]:
    platform, keys = stage.platform, {one.openid: key for key, one in stage.phones.items()}
    coming = [
        {"what": one.mishap, "number": one.seconds, "on": "", "times": one.times, "who": one.openid}
        for one in platform.transit.waiting
    ]
    going = [
        {
            "what": one.trouble,
            "number": one.number,
            "on": one.path,
            "times": one.times,
            "who": one.openid,
        }
        for one in platform.faults.waiting()
    ]
    return [{**one, "who": keys.get(str(one["who"]))} for one in (*coming, *going)]


def _phone(stage: Stage, part: Part, sent: dict[str, int]) -> Drawn:
    platform, phone = stage.platform, stage.phones[part.key]
    screen = phone.screen
    start = sent.get(part.key, max(0, len(screen) - kept.BUBBLES))
    sent[part.key] = len(screen)
    left, total = platform.quota_of(phone.openid)
    return {
        "key": part.key,
        "name": part.name,
        "role": part.role,
        "note": "" if stage.marks[part.key].note_used else part.note,
        "say": _worth_saying(part, screen),
        "scene": part.scene,
        "following": phone.following,
        "menu": phone.menu,
        "left": left if phone.following else 0,
        "total": total if phone.following else 0,
        "blocking": phone.openid in platform.notices.blocking,
        "consents": _consents(platform, phone.openid),
        "from": start,
        "bubbles": [_bubble(platform, one) for one in screen[start:]],
    }


def _worth_saying(part: Part, screen: Sequence[Bubble]) -> list[str]:
    """What is offered to be said: words that got somebody ready come last once they were said."""
    ready = {step.text for step in (*part.setup, *part.setup_later) if step.do == "say"}
    said = ready.intersection(bubble.text for bubble in screen if bubble.mine)
    return sorted(part.say, key=said.__contains__)


def _consents(platform: Platform, openid: str) -> dict[str, int]:
    with platform.lock:
        found = platform.notices.consents.items()
        return {template: left for (who, template), left in found if who == openid and left}


def _bubble(platform: Platform, bubble: Bubble) -> Drawn:
    medium = platform.media.by_id.get(bubble.media_id or "")
    return {
        "at": bubble.at.isoformat(),
        "mine": bubble.mine,
        "text": bubble.text,
        "via": bubble.via,
        "kind": bubble.kind,
        "more": dict(bubble.more),
        "lies": medium is not None,
        "sounds": bool(medium and (medium.played or medium.format.suffix == "mp3")),
    }
