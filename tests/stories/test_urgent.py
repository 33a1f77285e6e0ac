"""紧急: several tiers hear of it at once, and it climbs by the wall clock until it is taken."""

from bot.simulator.phones import Phone
from tests.stories.conftest import NewDistrict
from tests.stories.district import eventually, number, times_heard
from tests.stories.pace import Pace

ALARM = Pace(urgent="1s")
"""Everything else has ten minutes."""
CLIMBED = "【紧急】【没等到答复，转到您这里】"


def heard(phone: Phone, *parts: str) -> None:
    """Several notices may come as one message."""
    eventually(lambda: times_heard(phone, *parts))


def test_made_urgent_it_climbs_every_tier_until_it_is_taken(new_district: NewDistrict) -> None:
    here = new_district(ALARM)
    chain = here.all_join()
    resident = here.moves_in("王秀兰", chain.liaison, here.rooms[0])
    no = number(resident.says("电梯坏了"))
    mark = f"#{no}"
    chain.liaison.hears("电梯坏了")
    chain.liaison.says(f"接单 {mark}")
    assert "只有联络员和工作人员能用" in (resident.says(f"紧急 {mark}") or "")

    said = chain.liaison.says(f"紧急 {mark} 里面有老人") or ""
    assert "119" in said
    for above in (chain.grid, chain.community):
        above.hears("【紧急】【请马上处理】", mark, "电梯坏了", "里面有老人", here.liaison.row.name)
    resident.hears(mark, "按紧急的事处理", here.liaison.row.name, "119")
    chain.grid.hears(CLIMBED, mark, "由您负责")
    resident.hears(mark, "已转到网格")
    chain.community.hears(CLIMBED, mark, "由您负责")
    resident.says("进度")  # and may be told five more things
    chain.subdistrict.hears(CLIMBED, mark, "由您负责")
    chain.subdistrict.hears("又到时限", mark)
    chain.subdistrict.says(f"接单 {mark}")
    resident.hears(here.people.staff[2].row.name, "已接手", mark)
    climbed = [step for step in here.steps(no) if step.startswith("escalated")]
    assert climbed == ["escalated grid", "escalated community", "escalated subdistrict"]
    assert here.issue(no).entry.state == "in_hand"
    chain.subdistrict.says(f"办结 {mark} 人已救出")
    assert "119" in (chain.subdistrict.says(f"紧急 {mark}") or "")
    assert "没有您能办的 #9999" in (chain.subdistrict.says("紧急 #9999") or "")


def test_words_of_danger_are_urgent_also_in_what_is_open_already(
    new_district: NewDistrict,
) -> None:
    here = new_district(ALARM)
    chain = here.all_join()
    wang = here.moves_in("王秀兰", chain.liaison, here.rooms[0])
    li = here.moves_in("李大爷", chain.liaison, here.rooms[1])

    lamp = number(wang.says("楼道灯不亮"))
    chain.liaison.hears(f"#{lamp}", "楼道灯不亮")
    gas = li.says("厨房里好大煤气味") or ""
    assert "先保证安全" in gas
    told = wang.says("灯座冒烟了") or ""
    assert "先保证安全" in told
    for phone in (chain.liaison, chain.grid, chain.community):
        heard(phone, "【紧急】", f"#{number(gas)}", "厨房里好大煤气味")
        heard(phone, "【紧急】", f"#{lamp}", "楼道灯不亮", "灯座冒烟了")
    for no in (number(gas), lamp):
        heard(chain.grid, CLIMBED, f"#{no}")
    chain.grid.says(f"#{lamp} 电工马上到，请离远一点")
    chain.grid.says(f"#{number(gas)} 燃气公司马上到")
    wang.hears("电工马上到")
    li.hears("燃气公司马上到")
    assert here.issue(lamp).entry.urgent
    assert times_heard(chain.liaison, f"#{lamp}", "灯座冒烟了") == 1
