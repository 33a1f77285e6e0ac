"""Loading, dealing and inviting against a real database, whole or not at all."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot import excel
from bot.bootstrap import Bot, build
from bot.core.roster import Roster, Standing
from bot.core.roster.rows import parse
from bot.core.roster.sheets import sheets_of
from bot.desk import rosters
from bot.desk.sample import WORKBOOK, cast, load_sample
from bot.store.invites import ALPHABET, Invite
from config.settings import load


class Watch:
    """A clock that stands until it is wound."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 9, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def wind(self, by: timedelta) -> None:
        self.at += by


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def bot(fresh_database: Callable[[], str], fresh_redis: str, watch: Watch) -> Iterator[Bot]:
    settings = load(env_file=None, database_url=fresh_database(), redis_url=fresh_redis)
    made = build(settings, now=watch.now)
    yield made
    made.engine.dispose()
    made.redis.close()


@pytest.fixture
def sample() -> Roster:
    parsed = parse(excel.read(WORKBOOK))
    assert isinstance(parsed, Roster)
    return parsed


def written(path: Path, roster: Roster) -> Path:
    excel.write(path, sheets_of(roster))
    return path


def rows(bot: Bot, query: str, **values: Any) -> list[Any]:
    with bot.engine.begin() as connection:
        return list(connection.execute(text(query), values))


def now_dealt(bot: Bot) -> dict[str, str]:
    """Household number → phone of its liaison."""
    query = "select number, phone from assignments join people on people.id = person_id"
    query += " join households on households.id = household_id where until is null"
    return {row.number: row.phone for row in rows(bot, query)}


def test_a_first_load_deals_every_household_within_the_limits(bot: Bot, sample: Roster) -> None:
    loaded = rosters.load_roster(bot, WORKBOOK)
    assert loaded.dealt is not None
    dealt = now_dealt(bot)
    assert len(dealt) == len(loaded.dealt.deal.assigned)
    most = {one.phone: one.most for one in sample.liaisons if one.standing is Standing.SERVING}
    assert all(count <= most[phone] for phone, count in Counter(dealt.values()).items())
    assert len(sample.households) - len(dealt) == loaded.dealt.deal.cost.uncovered > 0


def test_loading_twice_and_loading_what_was_exported_change_nothing(
    bot: Bot, tmp_path: Path
) -> None:
    rosters.load_roster(bot, WORKBOOK)
    before = now_dealt(bot)
    assert rosters.load_roster(bot, WORKBOOK).plan.is_empty
    rosters.export_roster(bot, tmp_path / "out.xlsx")
    assert rosters.load_roster(bot, tmp_path / "out.xlsx").plan.is_empty
    assert rosters.deal(bot).deal.moved == ()
    assert now_dealt(bot) == before


def test_a_liaison_who_stops_hands_over_and_history_says_until_when(
    bot: Bot, sample: Roster, watch: Watch, tmp_path: Path
) -> None:
    rosters.load_roster(bot, WORKBOOK)
    before, first = now_dealt(bot), sample.liaisons[0]
    watch.wind(timedelta(days=1))
    stopped = replace(first, standing=Standing.STOPPED)
    path = written(tmp_path / "r.xlsx", replace(sample, liaisons=(stopped, *sample.liaisons[1:])))
    loaded = rosters.load_roster(bot, path)
    theirs = {number for number, phone in before.items() if phone == first.phone}
    assert loaded.dealt is not None
    assert {move.why for move in loaded.dealt.deal.moved if move.before} == {"left"}
    assert first.phone not in now_dealt(bot).values()
    ended = rows(
        bot,
        "select until, number from assignments join households on households.id ="
        " household_id where until is not null",
    )
    assert {row.number for row in ended} == theirs
    assert {row.until for row in ended} == {watch.at}


def test_a_retired_household_has_no_liaison_any_more(
    bot: Bot, sample: Roster, tmp_path: Path
) -> None:
    rosters.load_roster(bot, WORKBOOK)
    gone = sample.households[0].code
    path = written(tmp_path / "r.xlsx", replace(sample, households=sample.households[1:]))
    rosters.load_roster(bot, path)
    assert gone not in now_dealt(bot)


def test_a_file_that_would_retire_many_is_refused_unless_meant(
    bot: Bot, sample: Roster, tmp_path: Path
) -> None:
    rosters.load_roster(bot, WORKBOOK)
    path = written(tmp_path / "r.xlsx", replace(sample, households=sample.households[40:]))
    before = now_dealt(bot)
    assert rosters.check_roster(bot, path).refused
    assert rosters.load_roster(bot, path).refused
    assert now_dealt(bot) == before
    assert not rosters.load_roster(bot, path, retire=True).refused
    assert len(rows(bot, "select 1 from households where retired_at is null")) == 112


def test_a_file_of_one_community_deals_that_one_only(
    bot: Bot, sample: Roster, tmp_path: Path
) -> None:
    rosters.load_roster(bot, WORKBOOK)
    first = Roster(
        units=tuple(unit for unit in sample.units if unit.code.startswith("LY01")),
        households=tuple(home for home in sample.households if home.unit.startswith("LY01")),
        liaisons=tuple(one for one in sample.liaisons[1:] if one.unit.startswith("LY01")),
        staff=tuple(one for one in sample.staff if one.unit.startswith("LY01")),
    )
    loaded = rosters.load_roster(bot, written(tmp_path / "one.xlsx", first))
    assert loaded.errors == ()
    assert loaded.dealt is not None
    assert len(loaded.dealt.facts.households) == len(first.households)
    assert sample.liaisons[0].phone not in now_dealt(bot).values()


def test_nothing_is_written_when_one_row_is_wrong(bot: Bot, sample: Roster, tmp_path: Path) -> None:
    wrong = replace(sample.households[3], unit="NOWHERE")
    households = (*sample.households[:3], wrong, *sample.households[4:])
    path = written(tmp_path / "r.xlsx", replace(sample, households=households))
    loaded = rosters.load_roster(bot, path)
    assert [(error.row, error.column) for error in loaded.errors] == [(5, "单位编号")]
    assert rows(bot, "select 1 from units") == []


def test_a_dry_run_and_a_check_write_nothing(bot: Bot) -> None:
    assert not rosters.check_roster(bot, WORKBOOK).plan.is_empty
    assert rows(bot, "select 1 from units") == []
    rosters.load_roster(bot, WORKBOOK)
    rows_before = rows(bot, "select id, until from assignments order by id")
    with bot.engine.begin() as connection:
        connection.execute(text("update liaisons set status = '停用' where id = 1"))
    assert rosters.deal(bot, dry_run=True).deal.moved
    assert rows(bot, "select id, until from assignments order by id") == rows_before


def test_two_loads_at_once_load_once(bot: Bot, sample: Roster) -> None:
    with ThreadPoolExecutor(2) as threads:
        loads = list(threads.map(lambda _: rosters.load_roster(bot, WORKBOOK), range(2)))
    assert sorted(load.plan.is_empty for load in loads) == [False, True]
    assert len(rows(bot, "select 1 from households")) == len(sample.households)


def test_codes_stay_for_two_weeks_and_are_made_anew_after(bot: Bot, watch: Watch) -> None:
    rosters.load_roster(bot, WORKBOOK)
    first = rosters.make_invites(bot)
    watch.wind(timedelta(days=13))
    assert rosters.make_invites(bot) == first
    watch.wind(timedelta(days=1))
    assert not {one.code for one in rosters.make_invites(bot)} & {one.code for one in first}


def test_codes_are_for_those_who_serve_and_have_not_joined(bot: Bot, sample: Roster) -> None:
    rosters.load_roster(bot, WORKBOOK)
    joined, double = sample.liaisons[1], sample.staff[0]
    with bot.engine.begin() as connection:
        connection.execute(
            text("update people set openid = 'o' where phone = :phone"), {"phone": joined.phone}
        )
    invites = {one.phone: one for one in rosters.make_invites(bot)}
    serving = {one.phone for one in sample.liaisons if one.standing is not Standing.STOPPED}
    serving |= {one.phone for one in sample.staff}
    assert set(invites) == serving - {joined.phone}
    assert {one.role for one in invites.values()} == {"liaison", "staff"}
    given = invites[double.phone]
    assert given == Invite(double.name, double.phone, "staff", double.unit, given.code)
    codes = [one.code for one in invites.values()]
    assert len(set(codes)) == len(codes)
    assert all(set(code) <= set(ALPHABET) and len(code) >= 8 for code in codes)
    assert not any(code.isdigit() for code in codes)


def test_the_sample_is_loaded_into_an_empty_database_only(bot: Bot) -> None:
    assert cast(bot) is None
    assert load_sample(bot) is not None
    assert load_sample(bot) is None


def test_the_cast_are_neighbours_their_liaison_and_one_of_each_tier(bot: Bot) -> None:
    load_sample(bot)
    people = cast(bot)
    assert people is not None
    dealt = now_dealt(bot)
    homes = people.households
    assert {dealt[home.code] for home in homes} == {people.liaison.row.phone}
    assert {home.unit for home in homes} == {people.door}
    assert people.liaison.row.phone not in {home.phone for home in homes}
    assert [player.row.unit for player in people.staff] == ["LY01-G1", "LY01", "LY"]
    codes = {one.phone: one.code for one in rosters.make_invites(bot)}
    for player in (people.liaison, *people.staff):
        assert player.code == codes[player.row.phone]
