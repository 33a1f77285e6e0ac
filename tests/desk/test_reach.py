"""Whom nothing reaches holds nothing, and those above them are shown who it is."""

from datetime import timedelta

from bot.commands.findings import Level
from bot.commands.reach_words import OutOfReach, checks
from bot.store import unreached
from bot.store.engine import transaction
from tests.town import Town

LIAISON, GRID, OTHER_GRID, COMMUNITY = "王联络", "张网格", "郭网格", "林书记"


def out_of_reach(town: Town, who: str) -> None:
    town.rows(
        "update people set unreachable_since = %(now)s where openid = %(who)s returning id",
        now=town.watch.now(),
        who=who,
    )


def test_those_above_see_who_is_out_of_reach_until_they_write(town: Town) -> None:
    out_of_reach(town, LIAISON)
    assert "联系不上：联络员王联络 13800000001" in town.says(GRID, "待办")
    assert LIAISON in town.says(COMMUNITY, "待办")
    assert "联系不上" not in town.says(OTHER_GRID, "待办")
    town.says(LIAISON, "待办")
    assert "联系不上" not in town.says(GRID, "待办")


def test_an_issue_goes_past_who_is_out_of_reach_and_back_to_them_later(town: Town) -> None:
    town.binds("住户", "A101", LIAISON)
    out_of_reach(town, LIAISON)
    no = town.opens("住户", "楼道灯不亮")
    assert town.issue(no)["holder"] == GRID
    town.says(LIAISON, "待办")
    town.watch.wind(timedelta(minutes=1))
    town.says("住户", "新问题 门坏了")
    assert town.issue(town.newest())["holder"] == LIAISON


def test_the_operator_is_told_whom_to_ring_up_and_which_issues_to_look_at(town: Town) -> None:
    town.binds("住户", "A101", LIAISON)
    no = town.opens("住户", "楼道灯不亮")
    town.rows("update outbox set state = 'stuck' where issue_no = %(no)s returning id", no=no)
    out_of_reach(town, LIAISON)
    with transaction(town.bot.engine) as connection:
        found = OutOfReach(
            unreached.below(connection, None),
            unreached.issues_with(connection, "stuck"),
            unreached.issues_with(connection, "unknown"),
        )
    reach, notices = checks(found)
    assert (reach.level, notices.level) == (Level.WARN, Level.WARN)
    assert "1单元联络员王联络" in reach.text
    assert f"#{no}" in notices.text
    (fine,) = checks(OutOfReach((), (), ()))
    assert fine.level is Level.OK
