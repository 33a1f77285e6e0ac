"""`doctor` before a WeChat that speaks real HTTP: what an account lacks, in words with a remedy."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from bot.commands.findings import Level
from bot.commands.wechat_words import checks
from bot.wechat import misfits
from bot.wechat.inspection import Finding, Subject, Trouble
from tests.test_commands import Run, command
from tests.wechat.envelopes import APPID, KEY, TOKEN
from tests.wechat.platform import TOKEN as TOKEN_API
from tests.wechat.platform import Platform, answering

QUOTA = {"errcode": 0, "quota": {"daily_limit": 500000, "used": 1, "remain": 499999}}
TEMPLATES = {"template_list": [{"template_id": "TPL", "title": "待办提醒", "content": ""}]}


@pytest.fixture
def platform() -> Iterator[Platform]:
    with answering(Platform()) as platform:
        platform.say("openapi/quota/get", QUOTA)
        platform.say("menu/get", {"menu": {"button": []}})
        platform.say("template/get_all_private_template", TEMPLATES)
        yield platform


@pytest.fixture
def doctor(
    fresh_database: Callable[[], str], fresh_redis: str, tmp_path: Path, platform: Platform
) -> Callable[..., dict[str, Any]]:
    """Call it with further settings for what `doctor --json` says of WeChat, by name."""
    run: Run = command(fresh_database(), fresh_redis, tmp_path)
    account = {
        "WECHAT_TOKEN": TOKEN,
        "WECHAT_APPID": APPID,
        "WECHAT_SECRET": "secret",
        "WECHAT_AES_KEY": KEY,
        "WECHAT_API_URL": platform.url,
    }

    def look(code: int = 0, **settings: str) -> dict[str, Any]:
        done = run("doctor", "--json", **account | settings)
        assert done.returncode == code, done.stdout + done.stderr
        found = json.loads(done.stdout)["checks"]
        return {check["name"]: check for check in found if check["name"].startswith("wechat")}

    return look


def test_an_account_that_has_everything_is_fine(doctor: Callable[..., dict[str, Any]]) -> None:
    found = doctor(WECHAT_TEMPLATE_NOTICE="TPL")
    assert {check["level"] for check in found.values()} == {"ok"}
    assert found.keys() >= {"wechat", "wechat_chat", "wechat_menu", "wechat_qrcode"}
    assert "待办提醒" in found["wechat_template"]["text"]


def test_the_address_that_is_missing_in_the_whitelist_is_named(
    doctor: Callable[..., dict[str, Any]], platform: Platform
) -> None:
    platform.plan(TOKEN_API, {"errcode": 40164, "errmsg": "invalid ip 1.2.3.4 ipv6 ::ffff:1.2.3.4"})
    [check] = doctor(1).values()
    assert (check["name"], check["level"]) == ("wechat", "fail")
    assert "1.2.3.4" in check["text"]
    assert "白名单" in check["text"]


def test_a_template_that_is_not_there_is_a_broken_setting(
    doctor: Callable[..., dict[str, Any]],
) -> None:
    check = doctor(1, WECHAT_TEMPLATE_NOTICE="gone")["wechat_template"]
    assert check["level"] == "fail"
    assert "WECHAT_TEMPLATE_NOTICE" in check["text"]


def test_the_subscription_template_is_looked_for_as_well(
    doctor: Callable[..., dict[str, Any]], platform: Platform
) -> None:
    listed = {"data": [{"priTmplId": "SUB", "title": "服务进度", "content": ""}]}
    platform.say("/wxaapi/newtmpl/gettemplate", listed)
    check = doctor(WECHAT_SUBSCRIPTION_NOTICE="SUB")["wechat_subscription"]
    assert (check["level"], "服务进度" in check["text"]) == ("ok", True)
    check = doctor(1, WECHAT_SUBSCRIPTION_NOTICE="gone")["wechat_subscription"]
    assert check["level"] == "fail"
    assert "WECHAT_SUBSCRIPTION_NOTICE" in check["text"]


@pytest.mark.parametrize("why", sorted(misfits.REASONS))
def test_messages_that_the_settings_do_not_fit_are_told_of(
    doctor: Callable[..., dict[str, Any]], fresh_redis: str, why: str
) -> None:
    with Redis.from_url(fresh_redis) as redis:
        misfits.note(redis, APPID, why, datetime(2026, 11, 3, 2, tzinfo=UTC))
        check = doctor()["wechat_inbound"]
        assert check["level"] == "warn"
        assert "11-03 10:00" in check["text"]
        misfits.forget(redis, APPID)
    assert "wechat_inbound" not in doctor()


def test_what_an_account_may_not_do_is_a_warning(
    doctor: Callable[..., dict[str, Any]], platform: Platform
) -> None:
    unauthorised = {"errcode": 48001, "errmsg": "api unauthorized"}
    for api in ("openapi/quota/get", "menu/get", "qrcode/create"):
        platform.say(api, unauthorised)
    found = doctor()
    for name in ("wechat_chat", "wechat_menu", "wechat_qrcode"):
        assert found[name]["level"] == "warn"
        assert "已认证" in found[name]["text"]
    platform.say("menu/get", {"errcode": 46003, "errmsg": "menu no exist"})
    assert "还没有自定义菜单" in doctor()["wechat_menu"]["text"]


def test_a_wechat_that_knows_only_tokens_breaks_nothing(
    doctor: Callable[..., dict[str, Any]], platform: Platform
) -> None:
    for api in ("openapi/quota/get", "menu/get", "qrcode/create"):
        platform.say(api, {"errcode": 40066, "errmsg": "invalid url"})
    found = doctor()
    assert found["wechat"]["level"] == "ok"
    assert found["wechat_chat"]["level"] == "warn"


def test_plain_mode_needs_no_key_and_is_warned_of(doctor: Callable[..., dict[str, Any]]) -> None:
    found = doctor(WECHAT_MODE="plain", WECHAT_AES_KEY="")
    assert (found["wechat"]["level"], found["wechat_mode"]["level"]) == ("ok", "warn")


@pytest.mark.parametrize(("subject", "trouble"), [*product(Subject, [None, *Trouble])])
def test_every_finding_has_words(subject: Subject, trouble: Trouble | None) -> None:
    if (subject, trouble) == (Subject.STOPPED, None):
        return  # what is not stopped is not found
    [check] = checks([Finding(subject, trouble, 1, "DETAIL")])
    assert "{" not in check.text
    assert re.search("[\u4e00-\u9fff]", check.text)
    assert (check.level is Level.OK) == (trouble is None)
    assert check.text.endswith("。")
    if trouble in (Trouble.OTHER, Trouble.NOT_REACHED):
        assert "DETAIL" in check.text
