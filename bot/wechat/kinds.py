"""Each message type and event of WeChat, how it is read as a Said (KINDS).

Knows WeChat's field names; not signatures, not what a Said causes. To add a type: one entry
in KINDS and one captured XML in tests. Source: developers.weixin.qq.com, receiving messages.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.core.messages import Consent, Kind, Report, Said
from bot.wechat import endings
from bot.wechat.fields import Fields

LONGEST_NAME = 128
"""Characters of an openid or account id; real ones have 28."""

LONGEST_KEY = 128

UNSUPPORTED = "[暂不支持的消息]"

_QR_PREFIX = "qrscene_"
_WECHAT_BEGAN = datetime(2011, 1, 1, tzinfo=UTC)


class NotReadable(Exception):
    """The XML names nobody who could have sent it."""


@dataclass(frozen=True)
class Reading:
    """How one type is read: its kind, its words, its scene, and what is carried along.

    `carries` maps our names to WeChat's fields; fields that are empty are left out, and so is
    a menu id of "0", which is none. `tapped`, `by_platform`, `reports` and
    `consents` are as Said's.
    """

    kind: Kind
    words: Callable[[Fields], str] = lambda _: ""
    carries: Mapping[str, str] = field(default_factory=dict)
    scene: Callable[[Fields], str | None] = lambda _: None
    tapped: Callable[[Fields], bool] = lambda _: False
    by_platform: bool = False
    reports: Callable[[Fields], tuple[Report, ...]] = lambda _: ()
    consents: Callable[[Fields], tuple[Consent, ...]] = lambda _: ()


def _always(_: Fields) -> bool:
    return True


def _shown(placeholder: str, field_name: str = "") -> Callable[[Fields], str]:
    """The placeholder, followed by a field's words where there are any."""

    def words(fields: Fields) -> str:
        return f"{placeholder} {fields.get(field_name) if field_name else ''}".strip()

    return words


def _scene_of_follow(fields: Fields) -> str | None:
    """The scene of the code a new follower scanned; a payment's number is none."""
    key = fields.get("EventKey")
    return key.removeprefix(_QR_PREFIX) or None if key.startswith(_QR_PREFIX) else None


_MENU_LINK = {"event_key": "EventKey", "menu_id": "MenuId"}
_SENT = {"message_id": "MsgID", "status": "Status"}
_VIDEO = Reading(
    Kind.VIDEO, _shown("[视频]"), {"media_id": "MediaId", "thumb_media_id": "ThumbMediaId"}
)
# What was scanned or photographed from a menu: pictures and places follow as messages.
_SCANNED = Reading(
    Kind.EVENT,
    carries={
        "event_key": "EventKey",
        "scan_type": "ScanCodeInfo/ScanType",
        "scanned": "ScanCodeInfo/ScanResult",
    },
    tapped=_always,
)
_PHOTOGRAPHED = Reading(
    Kind.EVENT, carries={"event_key": "EventKey", "count": "SendPicsInfo/Count"}
)
_OF_STAFF = Reading(Kind.EVENT, carries={"staff_account": "KfAccount"}, by_platform=True)
_OF_DATA = Reading(
    Kind.EVENT, carries={"about": "OpenID", "revoked": "RevokeInfo"}, by_platform=True
)

KINDS: Mapping[str, Reading] = {
    "text": Reading(
        Kind.TEXT,
        lambda f: f.words("Content"),
        {"menu_id": "bizmsgmenuid"},
        tapped=lambda f: f.has("bizmsgmenuid"),
    ),
    "image": Reading(
        Kind.PICTURE, _shown("[图片]"), {"media_id": "MediaId", "picture_url": "PicUrl"}
    ),
    "voice": Reading(
        Kind.VOICE,
        _shown("[语音]"),
        {"media_id": "MediaId", "media_id_16k": "MediaId16K", "format": "Format"},
    ),
    "video": _VIDEO,
    "shortvideo": _VIDEO,
    "location": Reading(
        Kind.PLACE,
        _shown("[位置]", "Label"),
        # WeChat's X is the latitude.
        {"latitude": "Location_X", "longitude": "Location_Y", "scale": "Scale", "label": "Label"},
    ),
    "link": Reading(
        Kind.LINK,
        _shown("[链接]", "Title"),
        {"title": "Title", "description": "Description", "url": "Url"},
    ),
    "event/subscribe": Reading(
        Kind.FOLLOW, carries={"event_key": "EventKey"}, scene=_scene_of_follow
    ),
    "event/scan": Reading(Kind.SCAN, scene=lambda f: f.get("EventKey") or None),
    "event/unsubscribe": Reading(Kind.UNFOLLOW),
    # Where the phone is, whenever the chat is opened: nobody meant to tell us, so it is dropped.
    "event/location": Reading(Kind.EVENT),
    "event/click": Reading(
        Kind.MENU, lambda f: f.get("EventKey"), {"menu_id": "MenuId"}, tapped=_always
    ),
    "event/view": Reading(Kind.EVENT, carries=_MENU_LINK),
    "event/view_miniprogram": Reading(Kind.EVENT, carries=_MENU_LINK),
    "event/scancode_push": _SCANNED,
    "event/scancode_waitmsg": _SCANNED,
    "event/pic_sysphoto": _PHOTOGRAPHED,
    "event/pic_photo_or_album": _PHOTOGRAPHED,
    "event/pic_weixin": _PHOTOGRAPHED,
    "event/location_select": Reading(Kind.EVENT, carries={"event_key": "EventKey"}),
    "event/templatesendjobfinish": Reading(
        Kind.EVENT, carries=_SENT, reports=endings.of_template, by_platform=True
    ),
    "event/subscribe_msg_popup_event": Reading(Kind.EVENT, consents=endings.answered),
    "event/subscribe_msg_change_event": Reading(Kind.EVENT, consents=endings.changed),
    "event/subscribe_msg_sent_event": Reading(
        Kind.EVENT, reports=endings.of_subscription, by_platform=True
    ),
    "event/masssendjobfinish": Reading(Kind.EVENT, carries=_SENT, by_platform=True),
    "event/publishjobfinish": Reading(
        Kind.EVENT,
        carries={
            "publish_id": "PublishEventInfo/publish_id",
            "status": "PublishEventInfo/publish_status",
        },
        by_platform=True,
    ),
    "event/kf_create_session": _OF_STAFF,
    "event/kf_close_session": _OF_STAFF,
    "event/kf_switch_session": Reading(
        Kind.EVENT,
        carries={"staff_account": "ToKfAccount", "former_account": "FromKfAccount"},
        by_platform=True,
    ),
    "event/user_info_modified": _OF_DATA,
    "event/user_authorization_revoke": _OF_DATA,
}

# Unknown ones are mostly news of the account itself (annual renewal, verification).
OTHER_EVENT = Reading(Kind.EVENT, carries={"event_key": "EventKey"}, by_platform=True)
OTHER_MESSAGE = Reading(Kind.OTHER, _shown(UNSUPPORTED))


def read(fields: Fields, now: datetime) -> Said:
    """The Said of one decrypted message or event; `now` where it bears no believable time.

    `carried` always holds "type": WeChat's name, as "text" or "event/subscribe".
    Raises NotReadable where no sender is named.
    """
    openid, account = fields.get("FromUserName"), fields.get("ToUserName")
    if not openid or len(openid) > LONGEST_NAME or len(account) > LONGEST_NAME:
        raise NotReadable("names no sender")
    name = _name(fields)
    reading = _reading(name, fields)
    return Said(
        key=_key(name, fields),
        openid=openid,
        account=account,
        kind=reading.kind,
        text=reading.words(fields),
        said_at=_said_at(fields.get("CreateTime"), now),
        scene=reading.scene(fields),
        carried=_carried(name, reading, fields),
        tapped=reading.tapped(fields),
        by_platform=reading.by_platform,
        reports=reading.reports(fields),
        consents=reading.consents(fields),
    )


def _name(fields: Fields) -> str:
    """KINDS' name of the type; events come in mixed case on the wire."""
    kind = fields.get("MsgType").lower()
    return f"event/{fields.get('Event').lower()}" if kind == "event" else kind


def _reading(name: str, fields: Fields) -> Reading:
    other = OTHER_EVENT if name.startswith("event/") else OTHER_MESSAGE
    return KINDS.get(name, other)


def _carried(name: str, reading: Reading, fields: Fields) -> dict[str, str]:
    found = {ours: fields.get(theirs) for ours, theirs in reading.carries.items()}
    if found.get("menu_id") == "0":
        del found["menu_id"]
    return {"type": name[:LONGEST_NAME]} | {ours: text for ours, text in found.items() if text}


def _said_at(create_time: str, now: datetime) -> datetime:
    """CreateTime (seconds), or `now` where it is missing, before WeChat or after tomorrow."""
    if not (create_time.isascii() and create_time.isdigit() and len(create_time) <= 10):
        return now
    at = datetime.fromtimestamp(int(create_time), UTC)
    return at if _WECHAT_BEGAN <= at <= now + timedelta(days=1) else now


def _key(name: str, fields: Fields) -> str:
    """The same for WeChat's repeats of one act, different for different acts.

    MsgId alone has been given to several people at once, and one person may cause two events
    in the same second, so each is joined with what tells them apart.
    """
    sender, time = fields.get("FromUserName"), fields.get("CreateTime")
    if name.startswith("event/"):
        parts = [name, time, sender, *(fields.get(part) for part in _EVENT_PARTS)]
        nested = fields.nested()
        parts += [_digest("\n".join(nested))] if nested else []
    else:
        number = fields.get("MsgId") or _digest(fields.words("Content") + fields.get("MediaId"))
        parts = ["message", number, time, sender]
    key = "|".join(parts)
    return key if len(key) <= LONGEST_KEY else f"{parts[0][:40]}|{_digest(key)}"


_EVENT_PARTS = ("MenuId", "MsgID", "EventKey")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
