"""转办: whoever has it names the next owner, who takes it or hands it on; not for ever."""

from dataclasses import dataclass

from bot.simulator.phones import Phone
from tests.stories.district import Chain, District, number, times_heard


@dataclass(frozen=True)
class Community:
    """A community's staff with their phones, and an issue of a resident's that they have."""

    chain: Chain
    resident: Phone
    no: int
    secretary: str
    worker: str
    phone: Phone  # the worker's
    other: str  # has not joined

    @property
    def mark(self) -> str:
        return f"#{self.no}"


def a_community(here: District) -> Community:
    chain = here.all_join()
    resident = here.moves_in("王秀兰", chain.liaison, here.rooms[0])
    secretary, worker, other, *_ = here.of_unit(here.people.staff[1].row.unit)
    phone = here.joins(worker)
    no = number(resident.says("找社区 地下室积水"))
    chain.community.hears(f"#{no}", "由您负责")
    names = (one.row.name for one in (secretary, worker, other))
    first, second, third = names
    return Community(chain, resident, no, first, second, phone, third)


def test_a_named_next_owner_and_nobody_else(district_at_ease: District) -> None:
    here = district_at_ease
    at = a_community(here)
    secretary = at.chain.community
    due_at = here.issue(at.no).entry.due_at

    for name, why in (
        ("", "转给谁"),
        ("没这个人", "这一级没有这个人"),
        (here.people.staff[0].row.name, "这一级没有这个人"),  # the grid's
        (at.other, "收不到消息"),
        (at.secretary, "本来就在对方手上"),
    ):
        assert why in (secretary.says(f"转办 {at.mark} {name}") or ""), name
    assert here.issue(at.no).entry.holder.name == at.secretary
    assert here.steps(at.no) == ["opened community"]
    assert "已经在社区" in (at.chain.grid.says(f"转办 {at.mark} {at.worker}") or "")

    said = secretary.says(f"转办 {at.mark} {at.worker}，归你管") or ""
    assert at.worker in said
    at.phone.hears("转办给您，请接单，或再转", at.mark, "地下室积水", "说明：归你管")
    at.resident.hears(f"{at.mark} 现在由", at.worker, "前答复您")
    issue = here.issue(at.no).entry
    assert (issue.state, issue.tier, issue.holder.name) == ("waiting", "community", at.worker)
    assert issue.due_at == due_at  # nobody has longer for it

    at.phone.says("接单")
    at.resident.hears(at.worker, "已接手", at.mark)
    assert here.steps(at.no)[1:] == ["handed_over community", "accepted community"]
    assert times_heard(at.phone, at.mark, "转办给您") == 1


def test_handed_on_three_times_and_the_subdistrict_decides(district_at_ease: District) -> None:
    here = district_at_ease
    at = a_community(here)
    officer = here.people.staff[2].row.name
    at.chain.community.says(f"转办 {at.mark} {at.worker}")
    at.phone.hears("转办给您", at.mark)
    at.phone.says(f"转办 {at.mark} {at.secretary} 不归我管")
    at.chain.community.hears("转办给您", at.mark, "不归我管")
    said = at.chain.community.says(f"转办 {at.mark} {at.worker}") or ""
    assert "转了三次" in said
    assert officer in said
    at.chain.subdistrict.hears("转了三次还没人接，请您定", at.mark, "地下室积水")
    at.resident.hears(at.mark, "已转到街道", officer)
    issue = here.issue(at.no).entry
    assert (issue.state, issue.tier, issue.holder.name) == ("waiting", "subdistrict", officer)
    assert times_heard(at.phone, "转办给您") == 1

    at.chain.subdistrict.says(f"{at.mark} 街道已联系排水集团")
    at.resident.hears(officer, "街道已联系排水集团")
    assert here.issue(at.no).entry.state == "in_hand"


def test_taken_in_between_the_count_begins_anew(district_at_ease: District) -> None:
    here = district_at_ease
    at = a_community(here)
    at.chain.community.says(f"转办 {at.mark} {at.worker}")
    at.phone.hears("转办给您", at.mark)
    at.phone.says(f"转办 {at.mark} {at.secretary}")
    at.chain.community.hears("转办给您", at.mark)
    at.chain.community.says(f"接单 {at.mark}")
    at.resident.hears(at.secretary, "已接手", at.mark)
    at.chain.community.says(f"转办 {at.mark} {at.worker}")
    at.phone.hears("转办给您", at.mark)
    assert here.issue(at.no).entry.tier == "community"


def test_whoever_is_gone_leaves_it_to_a_colleague(district_at_ease: District) -> None:
    """In hand, and its holder leaves the account: no living holder is passed over."""
    here = district_at_ease
    at = a_community(here)
    at.chain.community.says(f"接单 {at.mark}")
    at.resident.hears(at.secretary, "已接手", at.mark)
    at.chain.community.unfollows()
    at.phone.hears("同事不在，转到您这里", at.mark, "地下室积水", "由您负责")
    at.resident.hears(f"{at.mark} 现在由", at.worker)
    issue = here.issue(at.no).entry
    assert (issue.state, issue.tier, issue.holder.name) == ("waiting", "community", at.worker)

    at.phone.unfollows()
    at.chain.subdistrict.hears("转到您这里", at.mark, "地下室积水")
    at.resident.hears(at.mark, "已转到街道")
    assert here.issue(at.no).entry.tier == "subdistrict"


def test_a_liaison_who_is_stopped_leaves_it_to_who_serves_now(district_at_ease: District) -> None:
    here = district_at_ease
    chain = here.all_join()
    resident = here.moves_in("王秀兰", chain.liaison, here.rooms[0])
    no = number(resident.says("水管漏水"))
    chain.liaison.hears("水管漏水")
    chain.liaison.says(f"接单 #{no}")
    resident.hears("已接手", f"#{no}")
    chain.community.says(f"停用 {here.liaison.row.name}")
    chain.grid.hears("转到您这里", f"#{no}", "水管漏水")  # nobody else of the door has joined
    resident.hears(f"#{no}", "已转到网格", here.people.staff[0].row.name)
    chain.liaison.hears("联络员工作已经停了")
    assert "水管漏水" not in (chain.liaison.says("待办") or "")
    issue = here.issue(no).entry
    assert (issue.state, issue.tier) == ("waiting", "grid")


def test_who_joins_first_gets_what_nobody_could_hold(district_at_ease: District) -> None:
    here = district_at_ease
    resident = here.stranger("王秀兰")
    resident.scans(here.scene)
    no = number(resident.says("楼道堆了杂物"))
    first, second, *_ = here.of_unit(here.people.staff[2].row.unit)
    assert first.row.name in resident.hears(f"#{no}", "已记在")
    phone = here.joins(second)
    phone.hears("转到您这里", f"#{no}", "楼道堆了杂物", "由您负责")
    resident.hears(f"#{no} 现在由", second.row.name)
