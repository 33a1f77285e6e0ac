"""A resident's words reach her liaison, his answer reaches her, and she has the last word."""

from bot.simulator.phones import Phone
from tests.stories.district import District, all_heard, number, times_heard


def test_a_resident_is_recognised_heard_answered_and_has_the_last_word(
    district_at_ease: District,
) -> None:
    here = district_at_ease
    liaison = here.all_join().liaison
    resident = _is_recognised(here, liaison)
    him = here.liaison.row.name

    no = number(resident.says("停水了"))
    resident.hears(f"#{no}", him, "前答复您", "转给网格")
    liaison.hears("停水了", f"#{no}", here.rooms[0])
    liaison.says("接单")
    resident.hears(him, "已接手", f"#{no}")
    taken_at = here.issue(no).entry.answered_at
    liaison.says("水厂在修，两点来水")
    liaison.hears("已转给", here.rooms[0])
    resident.hears(him, "水厂在修，两点来水")
    assert here.issue(no).entry.answered_at == taken_at

    resident.says("谢谢")
    resident.says("进度")
    resident.hears(f"#{no}", "停水了", "办理中")
    liaison.says(f"办结 {no} 已经来水")
    resident.hears("已办结", "已经来水", f"满意 #{no}")
    resident.says("满意")
    resident.hears("谢谢", "已结")
    liaison.hears(f"#{no}", "满意")
    _it_is_all_in_the_ledger(here, no)
    assert times_heard(liaison, "停水了") == 1
    assert times_heard(resident, "水厂在修") == 1


def _is_recognised(here: District, liaison: Phone) -> Phone:
    """A stranger at the door becomes a resident; only then is she told a phone number."""
    room = here.rooms[0]
    him, phone_number = here.liaison.row.name, here.liaison.row.phone

    resident = here.stranger("王秀兰")
    resident.scans(here.scene)
    resident.hears("户联网", here.people.address, "绑定")
    resident.says(f"绑定 {room}")
    resident.hears(him, "确认")
    resident.says("我的联络员")
    resident.hears(him)
    assert phone_number not in all_heard(resident)  # still pending

    liaison.hears("有人说住在", room, "认识")
    liaison.says("认识")
    resident.hears("确认好了", him)
    resident.says("我的联络员")
    resident.hears(him, phone_number)
    return resident


def _it_is_all_in_the_ledger(here: District, no: int) -> None:
    issue = here.issue(no).entry
    assert (issue.state, issue.verdict, issue.due_at) == ("closed", "满意", None)
    assert here.steps(no) == [
        "opened liaison",
        "accepted liaison",
        "relayed liaison",
        "said liaison",
        "resolved liaison",
        "verdict liaison",
        "closed liaison",
    ]
