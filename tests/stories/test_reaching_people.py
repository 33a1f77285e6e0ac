"""What cannot be pushed: it waits for the person's next words, and its issue goes on meanwhile."""

from bot.simulator.phones import Phone
from tests.stories.district import District, eventually, number, times_heard

BUSY = -1


def test_what_waits_for_a_person_rides_on_their_next_words(district_at_ease: District) -> None:
    here = district_at_ease
    chain = here.all_join()
    resident = here.moves_in("王秀兰", chain.liaison, here.rooms[0])
    no = number(resident.says("楼顶漏雨"))
    chain.liaison.hears("楼顶漏雨")
    _use_up(resident, chain.liaison)

    resident.says("又漏大了")
    chain.grid.hears("转到您这里", f"#{no}", "楼顶漏雨")  # long before its time
    resident.hears(f"#{no}", "已转到网格")
    assert times_heard(chain.liaison, "又漏大了") == 0
    (stuck,) = [one for one in here.issue(no).notices if one.state == "stuck"]
    assert (stuck.to.role, stuck.channel) == ("liaison", None)
    warned = [one for one in here.asks("doctor")["checks"] if one["level"] == "warn"]
    assert any("1 条通知哪条渠道都送不到" in one["text"] for one in warned), warned

    reply = chain.liaison.says("待办") or ""
    assert "又漏大了" in reply
    chain.liaison.says("待办")
    assert times_heard(chain.liaison, "又漏大了") == 1
    assert {one.state for one in here.issue(no).notices} == {"sent"}


def _use_up(resident: Phone, liaison: Phone) -> None:
    """The resident talks until WeChat carries no more to the liaison."""
    for word in "一二三四五":
        if liaison.quota_left:
            resident.says(f"补充第{word}点")
            liaison.hears(f"补充第{word}点")
    assert liaison.quota_left == 0


def test_a_lost_answer_is_not_repeated_in_silence_but_a_busy_wechat_is_tried_again(
    district_at_ease: District,
) -> None:
    here = district_at_ease
    liaison = here.joins(here.liaison)
    resident = here.moves_in("李大爷", liaison, here.rooms[1])
    here.platform.faults.lose_answer(openid=liaison.openid)
    no = number(resident.says("门禁坏了"))
    liaison.hears("门禁坏了")  # it arrived, only WeChat's answer did not
    eventually(
        lambda: (
            [one.state for one in here.issue(no).notices if one.kind == "assigned"] == ["unknown"]
        )
    )
    liaison.hears_nothing_of("门禁坏了", during=2.0)
    reply = liaison.says("待办") or ""
    assert "可能已经收到过" in reply
    liaison.says("待办")
    assert times_heard(liaison, "可能已经收到过") == 1

    here.platform.faults.errcode(BUSY, openid=liaison.openid)
    resident.says("新问题 路灯不亮")
    liaison.hears("路灯不亮")
    assert times_heard(liaison, "路灯不亮") == 1
