"""What each of WeChat's API calls takes and answers.

Knows fields and error codes (platform facts 2). Must not know connections or bad days.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from flask import Response, request

from bot.simulator.faults import SEND
from bot.simulator.menus import check_menu
from bot.simulator.platform import Platform
from bot.simulator.qrcodes import QrCode
from bot.simulator.replies import TEXT_LIMIT

# A \uXXXX that is an escape, not a typed backslash: an even number of backslashes before it.
ESCAPED = re.compile(rb"(?<!\\)(?:\\\\)*\\u[0-9a-fA-F]{4}")

Json = dict[str, Any]
Answer = Json | int | Response
Call = Callable[[Platform, Json], Answer]


class Refused(Exception):
    """The call ends here with this error code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def check_token(platform: Platform) -> None:
    """Raises Refused where the query holds no good access_token."""
    with platform.lock:
        code = platform.tokens.check(request.args.get("access_token"), platform.now())
    if code:
        raise Refused(code)


def _check_credentials(platform: Platform, given: Json) -> None:
    if given.get("grant_type") != "client_credential":
        raise Refused(40002)
    if not given.get("appid"):
        raise Refused(41002)
    if given["appid"] != platform.account.appid:
        raise Refused(40013)
    if not given.get("secret"):
        raise Refused(41004)
    if given["secret"] != platform.account.secret:
        raise Refused(40125)


def _token(platform: Platform, _body: Json) -> Answer:
    _check_credentials(platform, request.args.to_dict())
    with platform.lock:
        token, lasts = platform.tokens.fresh_plain(platform.now())
    return {"access_token": token, "expires_in": lasts}


def _stable_token(platform: Platform, body: Json) -> Answer:
    _check_credentials(platform, body)
    with platform.lock:
        tokens, now = platform.tokens, platform.now()
        forced = body.get("force_refresh") is True
        found = tokens.forced_stable(now) if forced else tokens.current_stable(now)
    if isinstance(found, int):
        return found
    return {"access_token": found[0], "expires_in": found[1]}


def _send(platform: Platform, body: Json) -> Answer:
    if ESCAPED.search(request.get_data()):
        return 40033
    openid = body.get("touser")
    if not openid:
        return 41006 if openid is None else 40003
    match body.get("msgtype"):
        case "text":
            text = _content(body.get("text"))
        case "msgmenu":
            text = _msgmenu(body.get("msgmenu"))
        case _:
            return 40008
    if len(text.encode()) > TEXT_LIMIT:
        return 45002
    return platform.push(str(openid), text)


def _content(text: object) -> str:
    content = text.get("content") if isinstance(text, dict) else None
    if not isinstance(content, str) or not content:
        raise Refused(44004)
    return content


def _msgmenu(menu: object) -> str:
    """The menu as the chat shows it: its lines are links that send text with bizmsgmenuid."""
    lines = menu.get("list") if isinstance(menu, dict) else None
    if not isinstance(menu, dict) or not isinstance(lines, list) or not lines:
        raise Refused(44004)
    if not all(isinstance(line, dict) and line.get("id") and line.get("content") for line in lines):
        raise Refused(47001)
    links = [
        f'<a href="weixin://bizmsgmenu?msgmenucontent={quote(str(line["content"]))}'
        f'&msgmenuid={quote(str(line["id"]))}">{line["content"]}</a>'
        for line in lines
    ]
    parts = [menu.get("head_content"), *links, menu.get("tail_content")]
    return "\n".join(part for part in parts if part)


def _qrcode(platform: Platform, body: Json) -> Answer:
    with platform.lock:
        code = platform.codes.create(body, platform.now())
    if not isinstance(code, QrCode):
        return code
    answer: Json = {"ticket": code.ticket, "url": code.url}
    if code.ends_at:
        answer["expire_seconds"] = round((code.ends_at - platform.now()).total_seconds())
    return answer


def _user_info(platform: Platform, _body: Json) -> Answer:
    phone = platform.phones.get(request.args.get("openid", ""))
    if phone is None:
        return 40003
    if not phone.following or phone.since is None:
        return {"subscribe": 0, "openid": phone.openid}
    scene = phone.scene or ""
    return {
        "subscribe": 1,
        "openid": phone.openid,
        "nickname": "",  # empty since 2021-12-27
        "headimgurl": "",
        "language": "zh_CN",
        "subscribe_time": int(phone.since.timestamp()),
        "remark": "",
        "groupid": 0,
        "tagid_list": [],
        "subscribe_scene": "ADD_SCENE_QR_CODE" if scene else "ADD_SCENE_SEARCH",
        "qr_scene": int(scene) if scene.isdecimal() else 0,
        "qr_scene_str": "" if scene.isdecimal() else scene,
    }


def _menu_create(platform: Platform, body: Json) -> Answer:
    if code := check_menu(body.get("button")):
        return code
    platform.menu = body["button"]
    platform.stirred()
    return 0


def _menu_get(platform: Platform, _body: Json) -> Answer:
    return {"menu": {"button": platform.menu}} if platform.menu else 46003


def _menu_delete(platform: Platform, _body: Json) -> Answer:
    platform.menu = []
    platform.stirred()
    return 0


def _callback_ip(_platform: Platform, _body: Json) -> Answer:
    return {"ip_list": ["127.0.0.1"]}


def _clear_quota(platform: Platform, body: Json) -> Answer:
    return 0 if body.get("appid") == platform.account.appid else 40013


def _not_granted(_platform: Platform, _body: Json) -> Answer:
    """Template messages and subscription notices: this account has no such rights."""
    return 48001


GET, POST, BOTH = ["GET"], ["POST"], ["GET", "POST"]
CALLS: dict[str, tuple[list[str], bool, Call]] = {
    "token": (BOTH, False, _token),
    "stable_token": (POST, False, _stable_token),
    SEND: (POST, True, _send),
    "qrcode/create": (POST, True, _qrcode),
    "user/info": (GET, True, _user_info),
    "menu/create": (POST, True, _menu_create),
    "menu/get": (GET, True, _menu_get),
    "menu/delete": (GET, True, _menu_delete),
    "getcallbackip": (GET, True, _callback_ip),
    "get_api_domain_ip": (GET, True, _callback_ip),
    "clear_quota": (POST, True, _clear_quota),
    "message/template/send": (POST, True, _not_granted),
    "message/subscribe/bizsend": (POST, True, _not_granted),
}
