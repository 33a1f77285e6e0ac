"""Silence: an issue climbs every tier, each is told once, and the resident knows where it is."""

from itertools import pairwise

from tests.stories.conftest import NewDistrict
from tests.stories.district import HASTY, HASTY_S, ONE_STEP, Chain, District, number, times_heard

CLIMBED = "没等到答复，转到您这里"


def test_silence_climbs_every_tier_and_the_top_is_told_again(new_district: NewDistrict) -> None:
    here = new_district(HASTY)
    chain = here.all_join()
    resident = here.moves_in("王秀兰", chain.liaison, here.rooms[0])
    grid, community, subdistrict = (player.row.name for player in here.people.staff)

    no = number(resident.says("电梯坏了"))
    mark = f"#{no}"
    resident.hears(mark, here.liaison.row.name, "前答复您", "转给网格")
    chain.liaison.hears("新诉求", mark, "电梯坏了")
    chain.grid.hears(CLIMBED, mark, "电梯坏了")
    resident.hears(mark, "已转到网格", grid, "前答复您", "转给社区")
    chain.community.hears(CLIMBED, mark, "电梯坏了")
    resident.hears(mark, "已转到社区", community, "前答复您", "转给街道")
    chain.subdistrict.hears(CLIMBED, mark, "电梯坏了")
    resident.hears(mark, "已转到街道", subdistrict, "前答复您")
    chain.subdistrict.hears("又到时限", mark, "电梯坏了")
    resident.hears(mark, "又催了", subdistrict)

    chain.subdistrict.says("街道已派人，半小时到")
    resident.hears(subdistrict, "街道已派人，半小时到")
    _each_was_told_once(chain, mark)
    assert times_heard(resident, mark, "已转到") == 3
    assert here.issue(no).entry.state == "in_hand"
    _climbed_one_tier_at_a_time(here, no)


def _each_was_told_once(chain: Chain, mark: str) -> None:
    assert times_heard(chain.liaison, "新诉求", mark) == 1
    for phone in (chain.grid, chain.community, chain.subdistrict):
        assert times_heard(phone, CLIMBED, mark) == 1


def _climbed_one_tier_at_a_time(here: District, no: int) -> None:
    assert here.steps(no)[:5] == [
        "opened liaison",
        "escalated grid",
        "escalated community",
        "escalated subdistrict",
        "reminded subdistrict",
    ]
    at = [step.at for step in here.issue(no).history[:5]]
    waits = [(later - earlier).total_seconds() for earlier, later in pairwise(at)]
    assert min(waits) >= HASTY_S, "somebody had less than the time that was promised"


def test_who_has_not_joined_is_passed_over_in_one_step(new_district: NewDistrict) -> None:
    here = new_district(ONE_STEP)
    liaison, subdistrict = here.joins(here.liaison), here.joins(here.people.staff[-1])
    resident = here.moves_in("李大爷", liaison, here.rooms[1])
    no = number(resident.says("楼道灯不亮"))
    resident.hears(f"#{no}", "转给街道")
    subdistrict.hears(CLIMBED, f"#{no}", "楼道灯不亮")
    subdistrict.says("接单")
    resident.hears(f"#{no}", "已接手")
    assert here.steps(no) == ["opened liaison", "escalated subdistrict", "accepted subdistrict"]


def test_the_liaison_may_still_answer_what_has_climbed(new_district: NewDistrict) -> None:
    here = new_district(ONE_STEP)
    chain = here.all_join()
    resident = here.moves_in("赵姐", chain.liaison, here.rooms[0])
    no = number(resident.says("水管漏水"))
    chain.grid.hears(CLIMBED, "水管漏水")
    chain.liaison.says("我刚到家，马上下楼看")
    resident.hears("我刚到家，马上下楼看")
    chain.grid.hears(f"#{no}", "已答复居民")
    issue = here.issue(no).entry
    assert (issue.state, issue.tier, issue.holder.name) == (
        "in_hand",
        "grid",
        here.people.staff[0].row.name,
    )
