"""What a tap on a menu's button sends: the event, and what follows it.

Knows the fields of menu events (platform facts 1.5). Must not know phones or quotas.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from bot.simulator.menus import Button

SCANS = ("scancode_push", "scancode_waitmsg")
PICTURES = ("pic_sysphoto", "pic_photo_or_album", "pic_weixin")
PUSHES = ("CLICK", *SCANS)
"""Those after which the account may push (platform facts 0.1)."""

PLACE = {"latitude": 39.902, "longitude": 116.656, "label": "通瑞嘉苑"}
SCANNED = "https://example.com/"

Fields = dict[str, object]


def tapped(button: Button, key: str, menu_id: int | None, given: Mapping[str, object]) -> Fields:
    """The event's fields; `given` as Phone.taps takes it, made up where it is silent."""
    kind = str(button.get("type", "click"))
    event = kind.upper() if kind in ("click", "view") else kind
    fields: Fields = {"MsgType": "event", "Event": event, "EventKey": key}
    if kind in SCANS:
        result = str(given.get("scanned", SCANNED))
        fields["ScanCodeInfo"] = {"ScanType": "qrcode", "ScanResult": result}
    elif kind in PICTURES:
        sums = [{"PicMd5Sum": _sum(given.get("data"))}]
        fields["SendPicsInfo"] = {"Count": 1, "PicList": {"item": list[object](sums)}}
    elif kind == "location_select":
        fields["SendLocationInfo"] = _place_info({**PLACE, **given})
    elif kind in ("view", "miniprogram"):
        fields |= {"Event": "VIEW" if kind == "view" else "view_miniprogram"}
        fields |= {"MenuId": menu_id} if menu_id else {}
    return fields


def follows_tap(button: Button, given: Mapping[str, object]) -> Fields | None:
    """The message a phone sends by itself after the event: a picture's or a place's fields."""
    if button.get("type") == "location_select":
        place = {**PLACE, **given}
        return {
            "Location_X": place["latitude"],
            "Location_Y": place["longitude"],
            "Scale": 16,
            "Label": place["label"],
        }
    return {} if button.get("type") in PICTURES else None


def _sum(data: object) -> str:
    plain = data if isinstance(data, bytes) else b""
    return hashlib.md5(plain, usedforsecurity=False).hexdigest()


def _place_info(place: Mapping[str, object]) -> Fields:
    return {
        "Location_X": str(place["latitude"]),
        "Location_Y": str(place["longitude"]),
        "Scale": "16",
        "Label": place["label"],
        "Poiname": "",
    }
