"""What staff decide: 停用 启用 指派 取消指派 分配 确认 覆盖; and a resident's 换联络员."""

from typing import Any

import pytest

from tests.town import Town

WANG, LI, CHEN = "王联络", "李联络", "陈联络"
GRID, SECRETARY, OFFICER, OTHERS = "张网格", "林书记", "周专员", "何书记"


def makes_room(town: Town, name: str, most: int, least: int = 0) -> None:
    town.rows(
        "update liaisons l set at_most = %(most)s, at_least = %(least)s from people p"
        " where p.id = l.person_id and p.name = %(name)s returning l.id",
        name=name,
        most=most,
        least=least,
    )


@pytest.fixture
def roomy(town: Town) -> Town:
    """A town in which 李联络 may have five."""
    makes_room(town, LI, 5)
    return town


def dealt(town: Town) -> dict[str, str]:
    """Household number → name of its liaison."""
    rows = town.rows(
        "select h.number, p.name from assignments a join households h on h.id = a.household_id"
        " join people p on p.id = a.person_id where a.until is null order by h.number"
    )
    return {row["number"]: row["name"] for row in rows}


def changes_nothing(town: Town, who: str, text: str) -> str:
    before = town.snapshot()
    reply = town.says(who, text)
    after = town.snapshot()
    assert {**after, "people": []} == {**before, "people": []}
    return reply


# --- 停用 and 启用 ---


def test_a_liaison_who_is_stopped_hands_over_and_each_is_told_once(roomy: Town) -> None:
    roomy.binds("甲", "A101", WANG)
    roomy.binds("乙", "A102", WANG)
    no = roomy.opens("甲", "水管漏了")
    due = roomy.issue(no)["due_at"]
    roomy.all_hear()
    assert WANG in roomy.says(SECRETARY, f"停用 {WANG}")
    assert dealt(roomy) == {
        **dict.fromkeys(("A101", "A102", "A201"), LI),
        **dict.fromkeys(("B101", "B201"), CHEN),
    } | {"A301": LI}
    (lost,) = roomy.hears(WANG)
    assert LI in lost
    gained = [words for words in roomy.hears(LI) if "新分给您" in words]
    assert len(gained) == 1
    for resident in ("甲", "乙"):
        (words,) = roomy.hears(resident)
        assert LI in words
    issue = roomy.issue(no)
    assert (issue["holder"], issue["due_at"], issue["state"]) == (LI, due, "waiting")
    row = roomy.one(
        "select why, by, since, until, p.name from assignments a join people p on p.id = by_id"
        " where until is null and household_id = (select id from households where number = 'A101')"
    )
    assert (row["why"], row["name"], row["since"]) == ("left", SECRETARY, roomy.watch.at)


def test_who_was_stopped_may_return_and_what_is_in_hand_stays_nowhere(roomy: Town) -> None:
    roomy.binds("甲", "A101", WANG)
    no = roomy.opens("甲", "水管漏了")
    roomy.says(WANG, f"接单 #{no}")
    roomy.says(SECRETARY, f"停用 {WANG}")
    assert (roomy.issue(no)["holder"], roomy.issue(no)["state"]) == (LI, "in_hand")
    assert "已经停用" in changes_nothing(roomy, SECRETARY, f"停用 {WANG}")
    assert "已启用" in roomy.says(SECRETARY, f"启用 {WANG}")
    assert "正在岗" in changes_nothing(roomy, SECRETARY, f"启用 {WANG}")
    assert roomy.issue(no)["holder"] == LI


def test_without_anybody_else_the_grid_has_the_household_and_its_issues(town: Town) -> None:
    town.binds("丁", "B101", CHEN)
    no = town.opens("丁", "下水堵了")
    town.all_hear()
    reply = town.says(OTHERS, f"停用 {CHEN}")
    assert "2户暂时没有人" in reply
    assert (town.issue(no)["holder"], town.issue(no)["tier"]) == ("郭网格", "grid")
    assert any("由网格直接负责" in words for words in town.hears("丁"))
    assert any("没有联络员" in words and "2户" in words for words in town.hears("郭网格"))
    other = town.opens("丁", "新问题 灯不亮")
    assert town.history(other) == ["opened grid"]


@pytest.mark.parametrize(
    ("who", "text", "says"),
    [
        (SECRETARY, "停用", "请写上姓名"),
        (SECRETARY, "停用 某某", "没找到"),
        (OTHERS, f"停用 {WANG}", "没找到"),
        (GRID, "停用 陈联络", "没找到"),
        (WANG, f"停用 {LI}", "工作人员"),
        ("居民", f"停用 {LI}", "工作人员"),
    ],
)
def test_who_may_not_or_names_nobody_is_answered_and_changes_nothing(
    town: Town, who: str, text: str, says: str
) -> None:
    town.says(who, "帮助")
    assert says in changes_nothing(town, who, text)


def test_of_two_of_one_name_it_is_asked_which(roomy: Town) -> None:
    roomy.rows(
        "update people set name = %(new)s where name = %(old)s returning 1", new=LI, old=WANG
    )
    asked = changes_nothing(roomy, SECRETARY, f"停用 {LI}")
    assert "0001" in asked
    assert "0002" in asked
    assert "已停用" in roomy.says(SECRETARY, f"停用 {LI} 0001")
    (row,) = roomy.rows(
        "select p.phone from liaisons l join people p on p.id = l.person_id where status = '停用'"
    )
    assert row["phone"].endswith("0001")


# --- 指派 ---


def test_a_household_given_by_hand_stays_until_it_is_freed(roomy: Town) -> None:
    roomy.binds("甲", "A101", WANG)
    no = roomy.opens("甲", "水管漏了")
    roomy.all_hear()
    reply = roomy.says(GRID, f"指派 A101 {LI}")
    assert LI in reply
    assert WANG in reply
    assert dealt(roomy)["A101"] == LI
    assert roomy.issue(no)["holder"] == LI
    assert any("转走1户" in words for words in roomy.hears(WANG))
    assert any(LI in words for words in roomy.hears("甲"))
    makes_room(roomy, WANG, 10, 3)
    assert "A101" not in moved_by_plan(roomy)
    assert "下次分配" in roomy.says(GRID, "取消指派 A101")
    assert "不用取消" in roomy.says(GRID, "取消指派 A101")
    makes_room(roomy, WANG, 10, 4)
    assert "A101" in moved_by_plan(roomy)


def moved_by_plan(town: Town) -> set[str]:
    before = dealt(town)
    town.says(SECRETARY, "分配")
    town.says(SECRETARY, "确认")
    after = dealt(town)
    return {number for number in after if before.get(number) != after[number]}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("指派", "请这样写"),
        ("指派 A101", "交给哪位"),
        ("指派 A101 某某", "没找到"),
        (f"指派 A999 {LI}", "没对上"),
        (f"指派 101 {LI}", "最多户数"),
        (f"指派 B101 {LI}", "没对上"),
        (f"指派 A101 {CHEN}", "不在这一户的社区"),
        (f"指派 1号楼1单元101 {LI}", "最多户数"),
        ("取消指派", "请这样写"),
    ],
)
def test_a_giving_that_cannot_be_is_explained_and_changes_nothing(
    town: Town, text: str, says: str
) -> None:
    assert says in changes_nothing(town, GRID, text)


# --- 分配 and 确认 ---


def test_a_plan_is_shown_first_and_done_exactly_at_a_yes(roomy: Town) -> None:
    roomy.binds("甲", "A101", WANG)
    roomy.all_hear()
    makes_room(roomy, WANG, 1)
    shown = changes_nothing(roomy, SECRETARY, "分配")
    assert f"{WANG} → {LI}" in shown
    assert "超过最多户数" in shown
    assert f"无 → {LI}" in shown
    assert roomy.hears(WANG) == []
    assert "换联络员1户" in roomy.says(SECRETARY, "确认")
    assert sorted(dealt(roomy).values()).count(LI) == 3
    assert len(roomy.hears(WANG)) == 1
    assert len(roomy.hears(LI)) == 1


def test_a_plan_is_refused_when_the_facts_have_changed_or_time_has_passed(roomy: Town) -> None:
    assert "分配方案" in roomy.says(SECRETARY, "分配")
    makes_room(roomy, WANG, 1)
    before = dealt(roomy)
    assert "情况有变" in roomy.says(SECRETARY, "确认")
    assert dealt(roomy) == before
    assert "分配方案" in roomy.says(SECRETARY, "分配")
    roomy.wind(minutes=31)
    assert "过期" in roomy.says(SECRETARY, "确认")
    assert dealt(roomy) == before


def test_who_serves_elsewhere_since_the_plan_was_shown_cannot_confirm_it(roomy: Town) -> None:
    assert "分配方案" in roomy.says(SECRETARY, "分配")
    roomy.rows(
        "update staff s set unit_id = (select id from units where code = 'B') from people p"
        " where p.id = s.person_id and p.name = %(name)s returning 1",
        name=SECRETARY,
    )
    before = dealt(roomy)
    assert "情况有变" in roomy.says(SECRETARY, "确认")
    assert dealt(roomy) == before


def test_a_plan_that_changes_nothing_says_so(town: Town) -> None:
    assert "都不用动" in town.says(OTHERS, "分配")


def test_a_plan_that_reaches_beyond_the_askers_units_is_for_others_to_confirm(
    roomy: Town,
) -> None:
    roomy.rows(
        "update units set lineage = array[(select id from units where code = 'S'),"
        " (select id from units where code = 'A'), id] where code = 'A-D3' returning 1"
    )
    assert "请社区的同事" in roomy.says(GRID, "分配")
    before = dealt(roomy)
    roomy.says(GRID, "确认")
    assert dealt(roomy) == before


def test_a_yes_without_a_plan_is_a_residents_words_and_nobody_elses(town: Town) -> None:
    town.binds("甲", "A101", WANG)
    no = town.opens("甲", "水管漏了")
    town.says("甲", "确认")
    (kept,) = town.rows("select issue_no from messages where text = '确认'")
    assert kept["issue_no"] == no
    assert "没有等您确认的方案" in changes_nothing(town, GRID, "确认")


# --- 覆盖 ---


def test_coverage_says_where_somebody_is_lacking_and_who_has_too_few(town: Town) -> None:
    makes_room(town, LI, 10, 5)
    town.rows("update households set retired_at = now() where number = 'A301' returning 1")
    town.rows("update households set retired_at = null where number = 'A301' returning 1")
    said = changes_nothing(town, GRID, "覆盖")
    for part in ("4户，3户有联络员", "甲一网格", "1号楼3单元1户", f"{LI}1户", "至少还要1位联络员"):
        assert part in said
    everywhere = town.says(OFFICER, "覆盖")
    assert "6户" in everywhere
    assert "不缺联络员" in town.says(OTHERS, "覆盖")


def test_leave_stands_in_the_plan_and_in_the_coverage_but_moves_nobody(roomy: Town) -> None:
    roomy.says(WANG, "请假 到12月1日")
    for said in (roomy.says(SECRETARY, "分配"), roomy.says(SECRETARY, "覆盖")):
        assert f"{WANG}到12月1日，{LI}替2户" in said
    roomy.says(SECRETARY, "确认")
    assert dealt(roomy)["A101"] == WANG


def test_coverage_is_for_staff(town: Town) -> None:
    assert "工作人员" in changes_nothing(town, WANG, "覆盖")


# --- 换联络员 ---


def test_a_wish_for_another_liaison_goes_to_the_grid_past_the_liaison(roomy: Town) -> None:
    roomy.binds("甲", "A101", WANG)
    reply = roomy.says("甲", "换联络员 说话不方便")
    no = roomy.newest()
    assert f"#{no}" in reply
    assert roomy.issue(no)["holder"] == GRID
    assert any("说话不方便" in words for words in roomy.hears(GRID))
    assert not any("说话不方便" in words for words in roomy.hears(WANG))
    assert "没有您能办的" in roomy.says(WANG, f"#{no} 怎么了")
    roomy.says(GRID, f"#{no} 好的，给您换")
    roomy.says(GRID, f"指派 A101 {LI}")
    heard: Any = roomy.hears("甲")
    assert any("给您换" in words for words in heard)
    assert any(LI in words for words in heard)
    assert "没有您能办的" in roomy.says(LI, f"#{no} 怎么了")


def test_a_wish_of_somebody_without_a_home_is_answered(town: Town) -> None:
    assert "绑定" in town.says("生", "换联络员")
