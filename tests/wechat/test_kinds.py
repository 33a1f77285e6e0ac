"""Captured messages and events of every type, read as Said."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.core.messages import Consent, Ending, Kind, Report, Said
from bot.store.inbox import from_json, to_json
from bot.wechat.fields import NotXml, read_kindly
from bot.wechat.kinds import KINDS, LONGEST_KEY, NotReadable, read

from .envelopes import HERE, NOW, captured, text_message

MEDIA = {"media_id": "media_id"}
PLACE = {"latitude": "23.134521", "longitude": "113.358803", "scale": "20"}
LINK = {
    "title": "公众平台官网链接",
    "description": "公众平台官网链接",
    "url": "https://example.com/a?b=1&c=2",
}
TEMPLATE = {"type": "event/templatesendjobfinish", "message_id": "200163840"}
MENU = {"event_key": "6"}
PERSON = "ogdotwSc_MmEEsJs9-ABZ1QL_4r4"
ONE, TWO = (
    "VRR0UEO9VJOLs0MHlU0OilqX6MVFDwH3_3gz3Oc0NIc",
    "9nLIlbOQZC5Y89AZteFEux3WCXRRRG5Wfzkpssu4bLI",
)
TRADE = "last_trade_no_4003752001201412075555"

Expected = tuple[Kind, str, str | None, dict[str, str]]


def _event(kind: str, **carried: str) -> Expected:
    """An event that is kept and shows nothing."""
    return (Kind.EVENT, "", None, {"type": f"event/{kind}"} | carried)


EXPECTED: dict[str, Expected] = {
    "text": (Kind.TEXT, "你好", None, {"type": "text"}),
    "text_article": (Kind.TEXT, "this is a test", None, {"type": "text"}),
    "text_sticker": (Kind.TEXT, "【收到不支持的消息类型，暂无法显示】", None, {"type": "text"}),
    "msgmenu": (Kind.TEXT, "满意", None, {"type": "text", "menu_id": "101"}),
    "msgmenu_zero": (Kind.TEXT, "满意｜#12", None, {"type": "text"}),
    "msgmenu_bare": (Kind.TEXT, "满意｜#12", None, {"type": "text"}),
    "emoticon": (Kind.OTHER, "[暂不支持的消息]", None, {"type": "emoticon"}),
    "image": (
        Kind.PICTURE,
        "[图片]",
        None,
        {"type": "image", "picture_url": "http://mmbiz.qpic.cn/mmbiz_jpg/x/0"} | MEDIA,
    ),
    "voice": (
        Kind.VOICE,
        "[语音]",
        None,
        {"type": "voice", "format": "amr", "media_id_16k": "media_id_16k"} | MEDIA,
    ),
    "voice_recognition": (Kind.VOICE, "[语音]", None, {"type": "voice", "format": "amr"} | MEDIA),
    "voice_recognised": (Kind.VOICE, "[语音]", None, {"type": "voice", "format": "amr"} | MEDIA),
    "video": (
        Kind.VIDEO,
        "[视频]",
        None,
        {"type": "video", "thumb_media_id": "thumb_media_id"} | MEDIA,
    ),
    "shortvideo": (
        Kind.VIDEO,
        "[视频]",
        None,
        {"type": "shortvideo", "thumb_media_id": "thumb_media_id"} | MEDIA,
    ),
    "location": (
        Kind.PLACE,
        "[位置] 位置信息",
        None,
        {"type": "location", "label": "位置信息"} | PLACE,
    ),
    "location_bare": (Kind.PLACE, "[位置]", None, {"type": "location"} | PLACE),
    "link": (Kind.LINK, "[链接] 公众平台官网链接", None, {"type": "link"} | LINK),
    "unknown": (Kind.OTHER, "[暂不支持的消息]", None, {"type": "file"}),
    "subscribe": (Kind.FOLLOW, "", None, {"type": "event/subscribe"}),
    "subscribe_empty_key": (Kind.FOLLOW, "", None, {"type": "event/subscribe"}),
    "subscribe_code": (
        Kind.FOLLOW,
        "",
        "door-TR-1-2",
        {"type": "event/subscribe", "event_key": "qrscene_door-TR-1-2"},
    ),
    "subscribe_paid": (Kind.FOLLOW, "", None, {"type": "event/subscribe", "event_key": TRADE}),
    "unsubscribe": (Kind.UNFOLLOW, "", None, {"type": "event/unsubscribe"}),
    "scan": (Kind.SCAN, "", "door-TR-1-2", {"type": "event/scan"}),
    "location_event": _event("location"),
    "click": (Kind.MENU, "my_issues", None, {"type": "event/click"}),
    "view": _event("view", event_key="https://example.com/me/", menu_id="417684191"),
    "view_miniprogram": _event("view_miniprogram", event_key="pages/index/index", menu_id="MENUID"),
    "scancode_push": _event("scancode_push", scan_type="qrcode", scanned="1", **MENU),
    "scancode_waitmsg": _event(
        "scancode_waitmsg", event_key="scan", scan_type="qrcode", scanned="2"
    ),
    "pic_sysphoto": _event("pic_sysphoto", count="1", **MENU),
    "pic_photo_or_album": _event("pic_photo_or_album", count="1", **MENU),
    "pic_weixin": _event("pic_weixin", count="1", **MENU),
    "location_select": _event("location_select", **MENU),
    "template_success": (Kind.EVENT, "", None, TEMPLATE | {"status": "success"}),
    "template_blocked": (Kind.EVENT, "", None, TEMPLATE | {"status": "failed:user block"}),
    "template_blocked_spaced": (Kind.EVENT, "", None, TEMPLATE | {"status": "failed: user block"}),
    "template_failed": (Kind.EVENT, "", None, TEMPLATE | {"status": "failed: system failed"}),
    "template_failed_tight": (Kind.EVENT, "", None, TEMPLATE | {"status": "failed:system failed"}),
    "consent_popup": _event("subscribe_msg_popup_event"),
    "consent_popup_one": _event("subscribe_msg_popup_event"),
    "consent_change": _event("subscribe_msg_change_event"),
    "consent_change_many": _event("subscribe_msg_change_event"),
    "subscription_sent": _event("subscribe_msg_sent_event"),
    "subscription_sent_many": _event("subscribe_msg_sent_event"),
    "mass_finished": _event("masssendjobfinish", message_id="1000001625", status="err(30003)"),
    "publish_finished": _event("publishjobfinish", publish_id="2247503051", status="0"),
    "kf_create_session": _event("kf_create_session", staff_account="test1@test"),
    "kf_close_session": _event("kf_close_session", staff_account="test1@test"),
    "kf_switch_session": _event(
        "kf_switch_session", former_account="test1@test", staff_account="test2@test"
    ),
    "user_info_modified": _event("user_info_modified", about=PERSON, revoked="201"),
    "user_authorization_revoke": _event("user_authorization_revoke", about=PERSON, revoked="202"),
    "qualification_verified": _event("qualification_verify_success"),
    "naming_failed": _event("naming_verify_fail"),
    "annual_renew": _event("annual_renew"),
}

TAPPED = {"msgmenu", "msgmenu_zero", "click", "scancode_push", "scancode_waitmsg"}

# Not the person's own act: template_*, subscription_*, and what follows.
BY_PLATFORM = {name for name in EXPECTED if name.startswith(("template_", "subscription_", "kf_"))}
BY_PLATFORM |= {"mass_finished", "publish_finished", "user_info_modified", "annual_renew"}
BY_PLATFORM |= {"user_authorization_revoke", "qualification_verified", "naming_failed"}

BLOCKED = Report("200163840", Ending.REFUSED, "failed: user block")
SYSTEM_FAILED = Report("200163840", Ending.FAILED, "failed: system failed")
ARRIVED = Report("1700827132819554304", Ending.DELIVERED, "success", ONE)
REPORTS: dict[str, tuple[Report, ...]] = {
    "template_success": (Report("200163840", Ending.DELIVERED, "success"),),
    "template_blocked": (BLOCKED,),
    "template_blocked_spaced": (BLOCKED,),
    "template_failed": (SYSTEM_FAILED,),
    "template_failed_tight": (SYSTEM_FAILED,),
    "subscription_sent": (ARRIVED,),
    "subscription_sent_many": (
        ARRIVED,
        Report("1700827132819554305", Ending.REFUSED, "43101: user refuse to accept the msg", TWO),
        Report("1700827132819554306", Ending.FAILED, "-1: system error", TWO),
    ),
}
CONSENTS: dict[str, tuple[Consent, ...]] = {
    "consent_popup": (Consent(ONE, True, asked=True), Consent(TWO, False, asked=True)),
    "consent_popup_one": (Consent(ONE, True, asked=True),),
    "consent_change": (Consent(ONE, False, asked=False),),
    "consent_change_many": (Consent(ONE, False, asked=False), Consent(TWO, True, asked=False)),
}


def _read(xml: str) -> Said:
    return read(read_kindly(xml.encode()), NOW)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_captured_message_is_read_as_what_it_is(name: str) -> None:
    said = _read(captured(name))
    assert (said.kind, said.text, said.scene, dict(said.carried)) == EXPECTED[name]


@pytest.mark.parametrize("name", EXPECTED)
def test_endings_consents_and_taps_are_read_where_they_are_told(name: str) -> None:
    said = _read(captured(name))
    assert said.reports == REPORTS.get(name, ())
    assert said.consents == CONSENTS.get(name, ())
    assert said.tapped == (name in TAPPED)
    assert said.by_platform == (name in BY_PLATFORM)


@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_kept_for_later_comes_back_as_it_was(name: str) -> None:
    said = _read(captured(name))
    assert from_json(json.loads(json.dumps(to_json(said)))) == said


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<MsgID>200163840</MsgID>", ""),
        ("failed:user block", ""),
        ("failed:user block", "failed : USER BLOCK"),
        ("failed:user block", "x" * 3000),
        ("200163840", "9" * 3000),
    ],
)
def test_an_ending_in_another_form_spoils_nothing(old: str, new: str) -> None:
    said = _read(captured("template_blocked").replace(old, new))
    assert said.kind is Kind.EVENT
    assert all(len(report.reference) <= 128 and len(report.why) <= 128 for report in said.reports)
    if "BLOCK" in new:
        assert said.reports == (BLOCKED,)


def test_consents_without_a_template_or_a_known_word_are_no_yes() -> None:
    xml = captured("consent_popup").replace(f"<![CDATA[{ONE}]]>", "").replace("reject", "ban")
    assert _read(xml).consents == (Consent(TWO, False, asked=True),)
    assert _read(xml.replace("List>", "Other>")).consents == ()


def test_who_and_when_come_from_the_message() -> None:
    said = _read(captured("text"))
    assert said.openid == "ogdotwSc_MmEEsJs9-ABZ1QL_4r4"
    assert said.account == "gh_866835093fea"
    assert said.said_at == datetime(2016, 11, 5, 3, 37, 40, tzinfo=UTC)


def test_every_captured_file_is_expected_and_every_kind_is_captured() -> None:
    files = {Path(path).stem for path in (HERE / "captured").glob("*.xml")}
    assert files == EXPECTED.keys()
    types = {carried["type"] for _, _, _, carried in EXPECTED.values()}
    assert KINDS.keys() <= types


def test_all_captured_acts_have_keys_of_their_own_except_alike_ones() -> None:
    alike = {"text_article", "subscribe_empty_key"}
    alike |= {name for name in EXPECTED if name.startswith("template_")} - {"template_success"}
    events = [name for name in EXPECTED if name not in alike and "<Event>" in captured(name)]
    assert len({_read(captured(name)).key for name in events}) == len(events)


def test_one_msgid_given_to_two_people_makes_two_keys() -> None:
    one, two = text_message("停水了", "oA"), text_message("停水了", "oB")
    assert _read(one).key != _read(two).key
    assert _read(one).key == _read(one).key


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[my_issues]", "[my_liaison]"),
        ("[CLICK]", "[VIEW]"),
        ("ABZ1QL", "abz1ql"),
        ("1478317060", "1478317061"),
        ("</xml>", "<MenuId>2</MenuId></xml>"),
        ("</xml>", "<ScanCodeInfo><ScanResult>3</ScanResult></ScanCodeInfo></xml>"),
    ],
)
def test_two_events_of_one_second_differ(old: str, new: str) -> None:
    xml = captured("click")
    assert old in xml
    assert _read(xml).key != _read(xml.replace(old, new)).key


def test_a_key_is_bounded_whatever_the_event_key_holds() -> None:
    long = [captured("view").replace("/me/", "/" + "长" * 3000 + end) for end in "ab"]
    keys = {_read(xml).key for xml in long}
    assert len(keys) == 2
    assert all(len(key) <= LONGEST_KEY for key in keys)


def test_without_a_msgid_the_words_tell_messages_apart() -> None:
    bare = [text_message(words).replace("1234567890123456", "") for words in ("一", "二")]
    assert _read(bare[0]).key != _read(bare[1]).key


def test_of_repeated_tags_the_first_counts() -> None:
    xml = text_message("真").replace("</xml>", "<FromUserName>oX</FromUserName></xml>")
    assert _read(xml.replace("</xml>", "<Content>假</Content></xml>")).text == "真"
    assert _read(xml).openid == "oResident"


@pytest.mark.parametrize(
    ("words", "read_as"),
    [
        ("", ""),
        ("电梯\x00坏\x01了", "电梯坏了"),
        ("a ]]> b", "a ]]> b"),
        ("a ]]]]><![CDATA[> b", "a ]]> b"),
        ("<!DOCTYPE html> & <b>", "<!DOCTYPE html> & <b>"),
        (" 一\r\n二 ", " 一\n二 "),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
    ],
)
def test_odd_words_are_kept_and_cleaned(words: str, read_as: str) -> None:
    assert _read(text_message(words)).text == read_as


def test_words_that_are_not_utf_8_are_kept_as_far_as_they_go() -> None:
    xml = text_message("停水了").encode().replace("水".encode(), b"\xff")
    assert read(read_kindly(xml), NOW).text == "停�了"


@pytest.mark.parametrize(
    "time", ["", "x", "-1", "0", "1793671200000", "１７９３６７１２００", "9" * 5000]
)
def test_a_time_that_cannot_be_is_now(time: str) -> None:
    assert _read(text_message("好").replace("1793671200", time)).said_at == NOW


def test_a_time_far_in_the_future_is_now() -> None:
    later = NOW + timedelta(days=2)
    xml = text_message("好").replace("1793671200", str(int(later.timestamp())))
    assert _read(xml).said_at == NOW


def test_a_message_without_sender_is_not_readable() -> None:
    with pytest.raises(NotReadable):
        _read(text_message("好", openid=""))


def test_a_message_without_type_is_kept_as_something_else() -> None:
    said = _read("<xml><FromUserName>oA</FromUserName></xml>")
    assert said.kind is Kind.OTHER


@pytest.mark.parametrize("xml", ["<xml>&a;</xml>", "<!DOCTYPE a><xml/>", "<xml>", "<a/>"])
def test_broken_xml_is_named(xml: str) -> None:
    with pytest.raises(NotXml):
        read_kindly(xml.encode())
