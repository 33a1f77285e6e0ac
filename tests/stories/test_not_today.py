"""It cannot be done today: the resident hears until when and why, and may still ask to be heard."""

from datetime import timedelta

from tests.stories.conftest import NewDistrict
from tests.stories.district import Pace, number, times_heard

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
