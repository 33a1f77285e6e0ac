"""办结 is not the end: the resident judges, disagrees, or says nothing for a while."""

from tests.stories.conftest import NewDistrict
from tests.stories.district import District, Pace, number, times_heard

CLOSES_SOON = Pace(closes="3s", reminds=("1s", "2s"))


def test_who_is_not_satisfied_is_heard_one_tier_higher_each_time(
    district_at_ease: District,
) -> None:
    here = district_at_ease
    chain = here.all_join()
    resident = here.moves_in("王秀兰", chain.liaison, here.rooms[0])
    grid, community, _ = (player.row.name for player in here.people.staff)
    no = number(resident.says("暖气不热"))
    mark = f"#{no}"
    chain.liaison.hears("暖气不热")
    chain.liaison.says("办结 阀门开大了")
    resident.hears(mark, "已办结", "阀门开大了", "不满意")
    begun = here.issue(no).entry

    resident.says("不满意 还是冷")
    resident.hears(mark, "重新办", "网格", grid)
    chain.grid.hears("居民说没解决", mark, "暖气不热", "还是冷")
    chain.grid.says("办结 管道放了气")
    resident.hears(mark, "已办结", "管道放了气")

    resident.says(f"没解决 {no}")
    resident.hears(mark, "重新办", "社区", community)
    chain.community.hears("居民说没解决", mark)
    chain.community.says("办结 换了新阀门")
    resident.hears(mark, "换了新阀门")
    resident.says("基本满意")
    chain.community.hears(mark, "基本满意")
    issue = here.issue(no).entry
    assert (issue.state, issue.tier, issue.verdict) == ("closed", "community", "基本满意")

    resident.says(f"没解决 {no}")  # within seven days
    resident.hears(mark, "重新办", "街道")
    chain.subdistrict.hears("居民说没解决", mark)
    again = here.issue(no).entry
    assert (again.opened_at, again.answered_at) == (begun.opened_at, begun.answered_at)


def test_silence_after_reminders_closes(new_district: NewDistrict) -> None:
    here = new_district(CLOSES_SOON)
    liaison = here.joins(here.liaison)
    resident = here.moves_in("李大爷", liaison, here.rooms[1])
    no = number(resident.says("路灯坏了"))
    mark = f"#{no}"
    liaison.says("办结 换了灯泡")
    resident.hears(mark, "换了灯泡")
    assert here.issue(no).entry.due_at is not None
    resident.hears(mark, "办得怎么样")
    resident.hears(mark, "办得怎么样")
    resident.hears(mark, "没收到您的评价")
    assert times_heard(resident, mark, "办得怎么样") == 2
    issue = here.issue(no).entry
    assert (issue.state, issue.verdict, issue.due_at) == ("closed", None, None)
    assert here.steps(no) == ["opened liaison", "resolved liaison", "closed liaison"]
