"""WeChat's API calls: tokens, codes, people; the others are in the files named below.

Knows fields and error codes (platform facts 2). Must not know connections or bad days.
"""

from __future__ import annotations

from flask import request

from bot.simulator.answering import GET, POST, Answer, Json, Refused, Routes
from bot.simulator.mediacalls import MEDIA_CALLS
from bot.simulator.menucalls import MENU_CALLS
from bot.simulator.noticecalls import NOTICE_CALLS
from bot.simulator.platform import Platform
from bot.simulator.qrcodes import QrCode
from bot.simulator.sending import SENDING_CALLS


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
    if platform.whitelist is not None and request.remote_addr not in platform.whitelist:
        here = request.remote_addr
        raise Refused(40164, f"invalid ip {here} ipv6 ::ffff:{here}, not in whitelist")


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
        "tagid_list": phone.tags,
        "subscribe_scene": "ADD_SCENE_QR_CODE" if scene else "ADD_SCENE_SEARCH",
        "qr_scene": int(scene) if scene.isdecimal() else 0,
        "qr_scene_str": "" if scene.isdecimal() else scene,
    }


def _callback_ip(_platform: Platform, _body: Json) -> Answer:
    return {"ip_list": ["127.0.0.1"]}


def _clear_quota(platform: Platform, body: Json) -> Answer:
    if body.get("appid") != platform.account.appid:
        return 40013
    with platform.lock:
        return platform.daily.clear(platform.now())


def _clear_quota_by_secret(platform: Platform, _body: Json) -> Answer:
    given = {
        "grant_type": "client_credential",
        "appid": request.values.get("appid"),
        "secret": request.values.get("appsecret"),
    }
    _check_credentials(platform, given)
    with platform.lock:
        return platform.daily.clear(platform.now())


def _quota(platform: Platform, body: Json) -> Answer:
    path = str(body.get("cgi_path") or "").removeprefix("/cgi-bin/")
    if path not in CALLS:
        return 76021
    with platform.lock:
        told = platform.daily.told(path, platform.now())
    return {"errcode": 0, "errmsg": "ok", "quota": told}


CALLS: Routes = {
    "token": ([*GET, *POST], False, _token),
    "stable_token": (POST, False, _stable_token),
    "qrcode/create": (POST, True, _qrcode),
    "user/info": (GET, True, _user_info),
    "getcallbackip": (GET, True, _callback_ip),
    "get_api_domain_ip": (GET, True, _callback_ip),
    "clear_quota": (POST, True, _clear_quota),
    "clear_quota/v2": (POST, False, _clear_quota_by_secret),
    "openapi/quota/get": (POST, True, _quota),
    **SENDING_CALLS,
    **MEDIA_CALLS,
    **MENU_CALLS,
    **NOTICE_CALLS,
}
