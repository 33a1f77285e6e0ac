"""The night on a real database: what rests, whom it does not, and the morning."""

from datetime import timedelta

from tests.conftest import NewTown
from tests.town import Town

LIAISON = "王联络"


def a_night(new_town: NewTown, *, awake: bool = False) -> Town:
    """The shipped tiers at half past eleven; the liaison spoke this morning, or just now."""
    town = new_town(tiers=None)
    town.binds("住户", "A101", LIAISON)
    town.watch.wind(timedelta(hours=13, minutes=30))
    if awake:
        town.says(LIAISON, "待办")
    return town


def due_for(town: Town, who: str) -> list[str]:
    rows = town.rows(
        "select o.kind from outbox o join people p on p.id = o.person_id"
        " where p.openid = %(who)s and o.state = 'pending' and o.next_at <= %(now)s order by o.id",
        who=who,
        now=town.watch.now(),
    )
    return [row["kind"] for row in rows]


def test_a_report_at_night_is_told_in_the_morning_and_its_due_time_stays(
    new_town: NewTown,
) -> None:
    town = a_night(new_town)
    no = town.opens("住户", "楼道灯不亮")
    assert due_for(town, LIAISON) == []
    due_at = town.issue(no)["due_at"]
    town.wind(hours=8, minutes=20)
    assert due_for(town, LIAISON) == []
    town.wind(minutes=20)
    assert "assigned" in due_for(town, LIAISON)
    assert town.issue(no)["due_at"] == due_at


def test_who_spoke_within_the_hour_is_told_at_once(new_town: NewTown) -> None:
    town = a_night(new_town, awake=True)
    town.opens("住户", "楼道灯不亮")
    assert due_for(town, LIAISON) == ["assigned"]


def test_an_answer_at_night_reaches_the_resident_at_night(new_town: NewTown) -> None:
    town = a_night(new_town)
    no = town.opens("住户", "楼道灯不亮")
    town.wind(hours=2)
    town.says(LIAISON, f"#{no} 我来看看")
    assert due_for(town, "住户") == ["relayed"]


def test_at_night_nothing_that_rests_counts_as_late(new_town: NewTown) -> None:
    town = a_night(new_town)
    town.opens("住户", "楼道灯不亮")
    town.wind(hours=3)
    late = town.rows(
        "select id from outbox where state = 'pending' and (next_at <= %(now)s or attempts > 0)",
        now=town.watch.now(),
    )
    assert late == []
