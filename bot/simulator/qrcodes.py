"""The account's QR codes: which ticket stands for which scene, and until when.

Knows platform facts 2.5 (QR). Must not know how a code is drawn or who scans it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

TEMPORARY = ("QR_SCENE", "QR_STR_SCENE")
PERMANENT = ("QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE")
LONGEST = 2_592_000  # seconds, 30 days
UNLESS_TOLD = 60  # seconds
PERMANENT_IN_ALL = 100_000

BAD_ACTION = 40099
BAD_SCENE = 40053
BAD_EXPIRY = 40058
TOO_MANY = 45029


@dataclass(frozen=True)
class QrCode:
    """One code. `ends_at` None: it stays. `url` is what the picture holds."""

    ticket: str
    scene: str
    url: str
    ends_at: datetime | None


@dataclass
class QrCodes:
    """Every code made so far. Not thread-safe: the platform holds its lock."""

    by_ticket: dict[str, QrCode] = field(default_factory=dict)
    forever: dict[str, QrCode] = field(default_factory=dict)  # permanent ones by scene
    passing: dict[str, QrCode] = field(default_factory=dict)  # the latest temporary by scene

    def create(self, order: dict[str, object], now: datetime) -> QrCode | int:
        """Makes a code from the API's JSON, or gives WeChat's error code."""
        action = order.get("action_name")
        if action not in (*TEMPORARY, *PERMANENT):
            return BAD_ACTION
        scene = _scene(order, "STR" in str(action))
        if scene is None:
            return BAD_SCENE
        ends_at = None
        if action in TEMPORARY:
            seconds = order.get("expire_seconds", UNLESS_TOLD)
            if not isinstance(seconds, int) or not 1 <= seconds <= LONGEST:
                return BAD_EXPIRY
            ends_at = now + timedelta(seconds=seconds)
        elif scene in self.forever:
            return self.forever[scene]
        elif len(self.forever) >= PERMANENT_IN_ALL:
            return TOO_MANY
        return self.keep(scene, ends_at)

    def keep(self, scene: str, ends_at: datetime | None) -> QrCode:
        """Registers a code for this scene."""
        url = "http://weixin.qq.com/q/02" + secrets.token_urlsafe(16)
        return self.put(QrCode("gQ" + secrets.token_urlsafe(70), scene, url, ends_at))

    def put(self, code: QrCode) -> QrCode:
        """Registers a code as it is."""
        self.by_ticket[code.ticket] = code
        (self.passing if code.ends_at else self.forever)[code.scene] = code
        return code

    def for_scene(self, scene: str, now: datetime) -> QrCode:
        """A living code for this scene; a printed poster's code is made when first needed."""
        code = self.passing.get(scene)
        if code and code.ends_at and now < code.ends_at:
            return code
        return self.forever.get(scene) or self.keep(scene, None)


def _scene(order: dict[str, object], text: bool) -> str | None:
    info = order.get("action_info")
    inner = info.get("scene") if isinstance(info, dict) else None
    value = inner.get("scene_str" if text else "scene_id") if isinstance(inner, dict) else None
    if text:
        return value if isinstance(value, str) and 1 <= len(value) <= 64 else None
    return str(value) if isinstance(value, int) and value > 0 else None
