"""It cannot be done today: the resident hears until when and why, and may still ask to be heard;
who says nothing is asked in the evening, and spoken of above in the morning."""

from datetime import timedelta

from tests.stories.conftest import NewDistrict
from tests.stories.district import District, Pace, number, times_heard

SOON = Pace(answer="4s", answer_above="10m")


def test_put_off_with_a_reason_and_words_that_nobody_answers_climb(
    new_district: NewDistrict,
) -> None:
    here = new_district(SOON)
    chain = here.all_join()
    resident = here.moves_in("王秀兰", chain.liaison, here.rooms[0])
    no = number(resident.says("电梯坏了"))
    mark = f"#{no}"
    chain.liaison.hears("新诉求", mark)
    chain.liaison.says(f"接单 {mark}")
    resident.hears(mark, "已接手")

    assert "为什么" in (chain.liaison.says(f"延期 {mark} 3天") or "")
    assert mark in (chain.liaison.says(f"延期 {mark} 3天 等配件到货") or "")
    resident.hears(here.liaison.row.name, mark, "等配件到货", "前办好")
    found = here.issue(no)
    assert found.entry.state == "in_hand"
    assert found.entry.due_at is not None
    put_off = found.history[-1]
    assert (put_off.kind, put_off.tier, put_off.by) == (
        "extended",
        "liaison",
        here.liaison.row.name,
    )
    assert put_off.text is not None
    assert "等配件到货" in put_off.text
    apart = found.entry.due_at - put_off.at
    assert abs(apart - timedelta(days=3)) < timedelta(seconds=5)

    resident.says("老人下不了楼，能不能快点")
    chain.liaison.hears("又说", "老人下不了楼", "前答复")
    grid = here.people.staff[0].row.name
    resident.hears(mark, "已转到网格", grid)
    chain.grid.hears("没等到答复", mark, "电梯坏了")
    chain.grid.says(f"{mark} 我们先派人背老人上下楼")
    resident.hears(grid, "我们先派人背老人上下楼")
    assert here.steps(no) == [
        "opened liaison",
        "accepted liaison",
        "extended liaison",
        "said liaison",
        "escalated grid",
        "relayed grid",
        "answered grid",
    ]
    assert times_heard(resident, mark, "等配件到货") == 1


ASKED, TOLD = "今天还没办好", "当天没办好"


def test_same_day_or_explain(district_at_ease: District) -> None:
    here = district_at_ease
    chain = here.all_join()
    resident = here.moves_in("王秀兰", chain.liaison, here.rooms[0])
    lift = number(resident.says("电梯坏了"))
    lamp = number(resident.says("新问题 楼道灯不亮"))
    chain.liaison.says(f"接单 #{lift}")
    chain.liaison.says(f"延期 #{lamp} 明天 等灯泡")
    resident.hears(f"#{lamp}", "等灯泡")

    here.day_goes_on()  # to the evening
    asked = chain.liaison.hears(ASKED, f"#{lift}", "电梯坏了", f"延期 #{lift} 明天 原因")
    assert f"#{lamp}" not in asked
    here.day_goes_on()  # to the next morning
    told = chain.grid.hears(TOLD, f"#{lift}", "电梯坏了", here.liaison.row.name)
    assert f"#{lamp}" not in told
    here.day_goes_on()
    chain.grid.hears_nothing_of(TOLD)
    assert times_heard(chain.liaison, ASKED) == times_heard(chain.grid, TOLD) == 1


def test_who_explains_in_the_evening_is_not_spoken_of_and_what_comes_back_is_asked_about(
    district_at_ease: District,
) -> None:
    here = district_at_ease
    chain = here.all_join()
    resident = here.moves_in("王秀兰", chain.liaison, here.rooms[0])
    no = number(resident.says("电梯坏了"))
    here.day_goes_on()
    chain.liaison.hears(ASKED, f"#{no}")
    chain.liaison.says(f"#{no} 厂家明天上午来换主板")
    resident.hears("厂家明天上午来换主板")
    here.day_goes_on()
    chain.grid.hears_nothing_of(TOLD)

    chain.liaison.says(f"办结 #{no} 换了主板")
    resident.hears("已办结", f"#{no}")
    resident.says(f"没解决 #{no} 又停了")
    chain.grid.hears("居民说没解决", f"#{no}")
    here.day_goes_on()
    chain.grid.hears(ASKED, f"#{no}", "电梯坏了")
    chain.grid.says(f"延期 #{no} 明天 等厂家")
    resident.hears(f"#{no}", "等厂家")
    here.day_goes_on()
    chain.community.hears_nothing_of(TOLD)
