"""Menus and tags over the API.

Knows the JSON of platform facts 2.5 (menus, conditional menus). Must not know the rules: MenuBoard
and Tags decide.
"""

from __future__ import annotations

from bot.simulator.answering import GET, POST, Answer, Json, Routes
from bot.simulator.handset import Phone
from bot.simulator.menuboard import Conditional
from bot.simulator.menus import check_menu
from bot.simulator.platform import Platform

NO_MENU, UNKNOWN_PERSON, NO_MATCH = 46003, 40003, 65302


def _create(platform: Platform, body: Json) -> Answer:
    if code := check_menu(body.get("button")):
        return code
    with platform.lock:
        platform.menu = body["button"]
    return 0


def _get(platform: Platform, _body: Json) -> Answer:
    with platform.lock:
        menus = platform.menus
        if not menus.default:
            return NO_MENU
        found: Json = {"menu": {"button": menus.default}}
        if menus.conditional:
            found["conditionalmenu"] = [_drawn(one) for one in reversed(menus.conditional)]
        return found


def _drawn(one: Conditional) -> Json:
    rule = {"tag_id": str(one.tag) if one.tag else None, "client_platform_type": one.client}
    matchrule = {name: value for name, value in rule.items() if value}
    return {"button": one.buttons, "matchrule": matchrule, "menuid": one.menu_id}


def _delete(platform: Platform, _body: Json) -> Answer:
    with platform.lock:
        platform.menus.clear()
    platform.stirred()
    return 0


def _add_conditional(platform: Platform, body: Json) -> Answer:
    with platform.lock:
        found = platform.menus.add(body, platform.tags.names)
    platform.stirred()
    return {"menuid": str(found)} if found > 0 else -found


def _delete_conditional(platform: Platform, body: Json) -> Answer:
    with platform.lock:
        code = platform.menus.remove(body.get("menuid"))
    platform.stirred()
    return code


def _try_match(platform: Platform, body: Json) -> Answer:
    phone = platform.phones.get(str(body.get("user_id")))
    if phone is None or not phone.following:
        return NO_MATCH
    return {"button": phone.menu}


def _create_tag(platform: Platform, body: Json) -> Answer:
    name = _inside(body).get("name")
    with platform.lock:
        number = platform.tags.create(name)
    return {"tag": {"id": number, "name": name}} if number > 0 else -number


def _tags(platform: Platform, _body: Json) -> Answer:
    with platform.lock:
        return {
            "tags": [
                {"id": number, "name": name, "count": len(_bearers(platform, number))}
                for number, name in platform.tags.names.items()
            ]
        }


def _rename_tag(platform: Platform, body: Json) -> Answer:
    tag = _inside(body)
    with platform.lock:
        return platform.tags.rename(tag.get("id"), tag.get("name"))


def _delete_tag(platform: Platform, body: Json) -> Answer:
    number = _inside(body).get("id")
    with platform.lock:
        if code := platform.tags.trouble(number):
            return code
        for phone in _bearers(platform, number):
            phone.tags.remove(int(str(number)))
        del platform.tags.names[int(str(number))]
    platform.stirred()
    return 0


def _put_on(platform: Platform, body: Json) -> Answer:
    with platform.lock:
        code = platform.tags.put_on(body.get("tagid"), _people(platform, body))
    platform.stirred()
    return code


def _take_off(platform: Platform, body: Json) -> Answer:
    with platform.lock:
        code = platform.tags.take_off(body.get("tagid"), _people(platform, body))
    platform.stirred()
    return code


def _tags_of(platform: Platform, body: Json) -> Answer:
    phone = platform.phones.get(str(body.get("openid")))
    return {"tagid_list": phone.tags} if phone else UNKNOWN_PERSON


def _who_bears(platform: Platform, body: Json) -> Answer:
    openids = [phone.openid for phone in _bearers(platform, body.get("tagid"))]
    last = openids[-1] if openids else ""
    return {"count": len(openids), "data": {"openid": openids}, "next_openid": last}


def _inside(body: Json) -> Json:
    tag = body.get("tag")
    return tag if isinstance(tag, dict) else {}


def _bearers(platform: Platform, number: object) -> list[Phone]:
    return [phone for phone in platform.phones.values() if number in phone.tags]


def _people(platform: Platform, body: Json) -> list[Phone | None]:
    named = body.get("openid_list")
    found = [platform.phones.get(str(one)) for one in named] if isinstance(named, list) else []
    return [phone if phone and phone.following else None for phone in found]


MENU_CALLS: Routes = {
    "menu/create": (POST, True, _create),
    "menu/get": (GET, True, _get),
    "menu/delete": (GET, True, _delete),
    "menu/addconditional": (POST, True, _add_conditional),
    "menu/delconditional": (POST, True, _delete_conditional),
    "menu/trymatch": (POST, True, _try_match),
    "tags/create": (POST, True, _create_tag),
    "tags/get": (GET, True, _tags),
    "tags/update": (POST, True, _rename_tag),
    "tags/delete": (POST, True, _delete_tag),
    "tags/members/batchtagging": (POST, True, _put_on),
    "tags/members/batchuntagging": (POST, True, _take_off),
    "tags/getidlist": (POST, True, _tags_of),
    "user/tag/get": ([*GET, *POST], True, _who_bears),
}
