"""Menu, quota, addresses and templates, and what an inspection makes of them."""

import pytest
from redis import Redis

from bot.wechat.client import WeChat
from bot.wechat.console import Quota, Template
from bot.wechat.errors import AnswerLost, Declined
from bot.wechat.inspection import Finding, Subject, Trouble

from .conftest import APPID
from .platform import SEND, TOKEN, Page, Planned, Platform
from .platform import Trouble as Outage

MENU = {"button": [{"type": "click", "name": "我的诉求", "key": "my_issues"}]}
QUOTA = {"errcode": 0, "quota": {"daily_limit": 500000, "used": 12, "remain": 499988}}
TEMPLATES = {
    "template_list": [
        {"template_id": "TPL", "title": "待办提醒", "content": "{{thing1.DATA}}", "example": "x"}
    ]
}
OWN_TEMPLATES = {
    "errcode": 0,
    "data": [{"priTmplId": "SUB", "title": "进度通知", "content": "{{thing2.DATA}}", "type": 2}],
}
ALL = ("menu/get", "openapi/quota/get", "template/get_all_private_template")


@pytest.fixture
def account(platform: Platform) -> Platform:
    """An account that has everything."""
    platform.say("menu/get", {"menu": MENU})
    platform.say("openapi/quota/get", QUOTA)
    platform.say("template/get_all_private_template", TEMPLATES)
    platform.say("/wxaapi/newtmpl/gettemplate", OWN_TEMPLATES)
    platform.say("getcallbackip", {"ip_list": ["127.0.0.1", "101.226.0.0/16"]})
    return platform


def test_each_of_the_consoles_calls_reads_its_answer(account: Platform, wechat: WeChat) -> None:
    assert wechat.menu() == MENU
    assert wechat.quota(SEND) == Quota(500000, 12, 499988)
    assert account.calls["openapi/quota/get"][-1] == {"cgi_path": f"/cgi-bin/{SEND}"}
    assert wechat.templates() == (Template("TPL", "待办提醒", "{{thing1.DATA}}"),)
    assert wechat.subscription_templates() == (Template("SUB", "进度通知", "{{thing2.DATA}}"),)
    assert wechat.callback_addresses() == ("127.0.0.1", "101.226.0.0/16")


def test_a_menu_is_published_as_it_is_written(account: Platform, wechat: WeChat) -> None:
    wechat.publish_menu(MENU)
    assert account.calls["menu/create"] == [MENU]
    assert "我的诉求".encode() in account.bodies[-1]
    account.plan("menu/create", {"errcode": 40018, "errmsg": "invalid button name size"})
    with pytest.raises(Declined):
        wechat.publish_menu(MENU)


def test_no_menu_is_an_answer(account: Platform, wechat: WeChat) -> None:
    account.plan("menu/get", {"errcode": 46003, "errmsg": "menu no exist"})
    assert wechat.menu() is None


@pytest.mark.parametrize("answer", [{}, {"errcode": 0}, {"quota": {}, "menu": 1}, Page(200)])
def test_an_answer_without_its_part_is_a_lost_one(
    account: Platform, wechat: WeChat, answer: Planned
) -> None:
    for endpoint in (*ALL, "getcallbackip"):
        account.say(endpoint, answer)
    for ask in (
        wechat.menu,
        wechat.templates,
        wechat.callback_addresses,
        lambda: wechat.quota("x"),
    ):
        with pytest.raises(AnswerLost):
            ask()


def test_an_account_that_has_everything_is_found_fine(account: Platform, wechat: WeChat) -> None:
    assert wechat.inspect("TPL") == (
        Finding(Subject.TOKEN, detail="7200"),
        Finding(Subject.CHAT, detail="499988"),
        Finding(Subject.MENU),
        Finding(Subject.QRCODE),
        Finding(Subject.TEMPLATE, detail="待办提醒"),
    )
    assert account.texts == []
    code = account.calls["qrcode/create"][-1]
    assert (code["action_name"], code["expire_seconds"]) == ("QR_STR_SCENE", 60)


@pytest.mark.parametrize(
    ("answer", "trouble", "detail"),
    [
        (
            {
                "errcode": 40164,
                "errmsg": "invalid ip 1.2.3.4 ipv6 ::ffff:1.2.3.4, not in whitelist rid: 6a-1",
            },
            Trouble.WHITELIST,
            "1.2.3.4",
        ),
        (
            {"errcode": 40164, "errmsg": "invalid ip 2408:8456::1:2 not in whitelist"},
            Trouble.WHITELIST,
            "2408:8456::1:2",
        ),
        ({"errcode": 40164, "errmsg": "not in whitelist"}, Trouble.WHITELIST, "not in whitelist"),
        ({"errcode": 40013, "errmsg": "x"}, Trouble.APPID, None),
        ({"errcode": 40125, "errmsg": "x"}, Trouble.SECRET, None),
        ({"errcode": 40001, "errmsg": "x"}, Trouble.SECRET, None),
        ({"errcode": 40243, "errmsg": "x"}, Trouble.SECRET_FROZEN, None),
        ({"errcode": 50007, "errmsg": "x"}, Trouble.OTHER, None),
        (Outage.HANG, Trouble.NOT_REACHED, "no token: no answer in time"),
        (Page(404), Trouble.NOT_REACHED, None),
    ],
)
def test_without_a_token_nothing_else_is_asked(
    account: Platform, impatient: WeChat, answer: Planned, trouble: Trouble, detail: str | None
) -> None:
    account.plan(TOKEN, answer)
    [found] = impatient.inspect("TPL")
    assert (found.subject, found.trouble) == (Subject.TOKEN, trouble)
    assert found.detail if detail is None else found.detail == detail
    assert list(account.calls) == [TOKEN]


def test_what_an_account_lacks_is_named_each_by_itself(account: Platform, wechat: WeChat) -> None:
    account.say("openapi/quota/get", {"errcode": 76022, "errmsg": "no permission"})
    account.say("menu/get", {"errcode": 46003, "errmsg": "menu no exist"})
    account.say("qrcode/create", {"errcode": 48001, "errmsg": "api unauthorized"})
    found = {finding.subject: finding.trouble for finding in wechat.inspect("gone")}
    assert found == {
        Subject.TOKEN: None,
        Subject.CHAT: Trouble.NOT_ALLOWED,
        Subject.MENU: Trouble.MISSING,
        Subject.QRCODE: Trouble.NOT_ALLOWED,
        Subject.TEMPLATE: Trouble.MISSING,
    }
    assert Subject.TEMPLATE not in {finding.subject for finding in wechat.inspect()}


def test_an_api_that_rests_is_found(account: Platform, wechat: WeChat, shared: Redis) -> None:
    account.plan(SEND, {"errcode": 45009, "errmsg": "quota"})
    wechat.send_text("oA", "停水了")
    later = WeChat(account.url, APPID, "secret", shared, timeout=1)
    assert Finding(Subject.STOPPED, Trouble.USED_UP, 45009, SEND) in later.inspect()
    account.say("openapi/quota/get", {"errcode": 0, "quota": QUOTA["quota"] | {"remain": 0}})  # type: ignore[operator]
    chat = later.inspect()[1]
    assert (chat.subject, chat.trouble) == (Subject.CHAT, Trouble.USED_UP)
