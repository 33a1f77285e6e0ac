"""Tags, conditional menus, and what a tap sends."""

from __future__ import annotations

import pytest

from bot.simulator.menuboard import FIRST_ID
from bot.simulator.phones import Phone, Platform
from tests.simulator.answering import Answering
from tests.simulator.caller import Caller

DEFAULT: list[dict[str, object]] = [{"name": "进度", "type": "click", "key": "progress"}]
FOR_LIAISONS: list[dict[str, object]] = [
    {"name": "待办", "type": "click", "key": "todo"},
    {"name": "网页", "type": "view", "url": "https://example.com/me"},
]


def test_tags_are_made_put_on_and_taken_off(caller: Caller, phone: Phone) -> None:
    tag = caller.call("tags/create", tag={"name": "联络员"})["tag"]
    assert tag == {"id": 100, "name": "联络员"}
    who = {"openid_list": [phone.openid], "tagid": 100}
    assert caller.call("tags/members/batchtagging", **who)["errcode"] == 0
    assert caller.call("tags/getidlist", openid=phone.openid) == {"tagid_list": [100]}
    assert caller.call("user/tag/get", tagid=100)["data"]["openid"] == [phone.openid]
    token = caller.token()
    assert caller.get("tags/get", access_token=token)["tags"][0]["count"] == 1
    info = caller.get("user/info", access_token=token, openid=phone.openid)
    assert info["tagid_list"] == [100]
    assert caller.call("tags/members/batchuntagging", **who)["errcode"] == 0
    assert phone.tags == []
    assert caller.call("tags/update", tag={"id": 100, "name": "网格"})["errcode"] == 0
    assert caller.call("tags/delete", tag={"id": 100})["errcode"] == 0
    assert caller.call("tags/delete", tag={"id": 100})["errcode"] == 45159


def test_tags_that_are_refused(caller: Caller, phone: Phone) -> None:
    caller.call("tags/create", tag={"name": "居民"})
    assert caller.call("tags/create", tag={"name": "居民"})["errcode"] == 45157
    assert caller.call("tags/create", tag={"name": "长" * 11})["errcode"] == 45158
    assert caller.call("tags/update", tag={"id": 2, "name": "星标"})["errcode"] == 45058
    on = "tags/members/batchtagging"
    assert caller.call(on, openid_list=["o-nobody"], tagid=100)["errcode"] == 40003
    assert caller.call(on, openid_list=[phone.openid] * 51, tagid=100)["errcode"] == 40032
    assert caller.call(on, openid_list=[phone.openid], tagid=7)["errcode"] == 45159
    assert phone.tags == []


def test_the_newest_menu_that_fits_the_last_tag_is_seen(
    caller: Caller, phone: Phone, platform: Platform
) -> None:
    platform.menu = DEFAULT
    tags = [caller.call("tags/create", tag={"name": name})["tag"]["id"] for name in "甲乙"]
    add = "menu/addconditional"
    ids = [
        caller.call(add, button=FOR_LIAISONS, matchrule={"tag_id": str(tag)})["menuid"]
        for tag in tags
    ]
    assert phone.menu == DEFAULT
    platform.tags.put_on(tags[0], [phone])
    assert phone.menu == FOR_LIAISONS
    assert caller.call("menu/trymatch", user_id=phone.openid)["button"] == FOR_LIAISONS
    platform.tags.names[200] = "丙"
    platform.tags.put_on(200, [phone])
    assert phone.menu == DEFAULT
    newest = caller.call(add, button=DEFAULT, matchrule={"client_platform_type": "1"})["menuid"]
    phone.client = "1"
    assert platform.menus.seen_by(phone) == (int(newest), DEFAULT)
    listed = caller.get("menu/get", access_token=caller.token())["conditionalmenu"]
    assert [str(one["menuid"]) for one in listed] == [newest, *reversed(ids)]
    assert caller.call("menu/delconditional", menuid=newest)["errcode"] == 0
    assert caller.call("menu/delconditional", menuid=newest)["errcode"] == 65301
    assert caller.get("menu/delete", access_token=caller.token())["errcode"] == 0
    assert platform.menus.conditional == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"matchrule": {}}, 65304),
        ({"matchrule": {"sex": "1", "tag_id": "100"}}, 65320),
        ({"matchrule": {"country": "中国"}}, 65320),
        ({"matchrule": {"tag_id": "999"}}, 45159),
        ({"button": []}, 65307),
        ({"button": [{"name": "无"}]}, 40017),
        (
            {
                "button": [
                    {
                        "name": "网页",
                        "sub_button": [
                            {"name": str(n), "type": "view", "url": f"https://{n}.example.com/"}
                            for n in range(4)
                        ],
                    }
                ]
            },
            65316,
        ),
    ],
)
def test_conditional_menus_that_are_refused(
    caller: Caller, platform: Platform, change: dict[str, object], code: int
) -> None:
    order: dict[str, object] = {"button": DEFAULT, "matchrule": {"tag_id": "100"}, **change}
    caller.call("tags/create", tag={"name": "居民"})
    assert caller.call("menu/addconditional", **order)["errcode"] == 65303
    platform.menu = DEFAULT
    assert caller.call("menu/addconditional", **order)["errcode"] == code


def test_taps_send_what_each_button_asks_for(
    phone: Phone, platform: Platform, program: Answering
) -> None:
    kinds = ("scancode_waitmsg", "pic_sysphoto", "location_select")
    platform.menu = [{"name": kind[:4], "type": kind, "key": kind} for kind in kinds]
    phone.taps("scancode_waitmsg", scanned="http://weixin.qq.com/q/1")
    phone.taps("pic_sysphoto")
    phone.taps("location_select", label="通瑞嘉苑")
    scanned, event, picture, chosen, place = program.got
    assert scanned["Event"] == "scancode_waitmsg"
    assert scanned.fields.part("ScanCodeInfo").get("ScanResult") == "http://weixin.qq.com/q/1"
    assert event.fields.part("SendPicsInfo").get("Count") == "1"
    assert picture["MsgType"] == "image"
    assert chosen.fields.part("SendLocationInfo").get("Label") == "通瑞嘉苑"
    assert (place["MsgType"], place["Label"]) == ("location", "通瑞嘉苑")


def test_a_tap_on_a_conditional_menus_link_bears_its_menus_id(
    phone: Phone, platform: Platform, program: Answering, caller: Caller
) -> None:
    platform.menu = DEFAULT
    caller.call("menu/addconditional", button=FOR_LIAISONS, matchrule={"client_platform_type": "2"})
    phone.taps("https://example.com/me")
    assert (program.got[0]["Event"], program.got[0]["MenuId"]) == ("VIEW", str(FIRST_ID + 1))


def test_only_clicks_and_scans_open_the_minute(phone: Phone, platform: Platform) -> None:
    platform.menu = [
        {"name": "网页", "type": "view", "url": "https://example.com/"},
        {"name": "扫码", "type": "scancode_push", "key": "scan"},
    ]
    platform.ledgers[phone.openid].forget()
    phone.taps("https://example.com/")
    assert phone.quota_left == 0
    phone.taps("scan")
    assert phone.quota_left == 3
