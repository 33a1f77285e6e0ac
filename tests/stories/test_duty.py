"""值班: who is on duty holds and is told, at night too; else the order of the sheet."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot import excel
from bot.core.roster import DutyRow
from bot.core.roster.sheets import sheets_of
from bot.core.workdays import CHINA
from bot.desk.rosters import export_roster, load_roster
from bot.desk.sample import Player
from bot.simulator.phones import Phone
from tests.stories.conftest import NewDistrict
from tests.stories.district import Chain, District, number, times_heard
from tests.stories.pace import NIGHT


def on_duty(here: District, who: Player, *days: int) -> None:
    """The roster as it is, but round the clock on these days from today this one is on duty."""
    path = here.folder / "roster.xlsx"
    roster = export_roster(here.bot, path)
    today = datetime.now(UTC).astimezone(CHINA).date()
    row = who.row
    duties = tuple(
        DutyRow(row.unit, row.name, row.phone, today + timedelta(days=day), None, 0, 24 * 60)
        for day in days
    )
    excel.write(path, sheets_of(replace(roster, duties=duties, says_duty=True)))
    assert load_roster(here.bot, path).errors == ()


def at_community(here: District) -> tuple[Chain, Phone, Player, Phone]:
    """Everybody, a resident, and the second of the community's staff with their phone."""
    chain = here.all_join()
    resident = here.moves_in("王秀兰", chain.liaison, here.rooms[0])
    second = here.of_unit(here.people.staff[1].row.unit)[1]
    return chain, resident, second, here.joins(second)


def test_on_duty_they_hold_and_when_away_the_first_of_the_sheet_does(
    district_at_ease: District,
) -> None:
    here = district_at_ease
    chain, resident, worker, phone = at_community(here)
    secretary = here.people.staff[1].row.name

    first = number(resident.says("找社区 楼道堆了杂物"))
    chain.community.hears(f"#{first}", "楼道堆了杂物", "由您负责")
    phone.hears(f"#{first}", "楼道堆了杂物", secretary, "要接手就回复")

    on_duty(here, worker, 0, 1)
    second = number(resident.says("找社区 地下室积水"))
    resident.hears(f"#{second}", worker.row.name, "前答复您")
    phone.hears(f"#{second}", "地下室积水", "由您负责")
    chain.community.hears(f"#{second}", worker.row.name, "要接手就回复")
    assert here.issue(first).entry.holder.name == secretary  # who has it keeps it

    phone.says(f"接单 #{second}")
    phone.says("请假 1天")
    chain.community.hears("同事不在，转到您这里", f"#{second}", "由您负责")
    resident.hears(f"#{second} 现在由", secretary)
    third = number(resident.says("找社区 路灯不亮"))
    resident.hears(f"#{third}", secretary)
    phone.hears_nothing_of("路灯不亮", during=0)


def test_at_night_who_is_on_duty_is_woken_and_nobody_else(new_district: NewDistrict) -> None:
    here = new_district(NIGHT)
    chain, resident, worker, phone = at_community(here)
    on_duty(here, worker, 0, 1)
    here.falls_asleep()
    no = number(resident.says("找社区 楼道堆了杂物"))
    phone.hears(f"#{no}", "楼道堆了杂物", "由您负责")
    chain.community.hears_nothing_of("楼道堆了杂物")
    assert "楼道堆了杂物" in (chain.community.says("待办") or "")  # up by themselves

    resident.says(f"#{no} 冒烟了")
    for woken in (chain.grid, chain.community, phone):
        woken.hears("【紧急】", f"#{no}", "冒烟了")
    chain.liaison.hears_nothing_of("冒烟了", during=0)  # past whom it was said


def test_a_gap_of_the_coming_week_is_told_to_the_unit_once(district_at_ease: District) -> None:
    here = district_at_ease
    community = here.joins(here.people.staff[1])
    worker = here.of_unit(here.people.staff[1].row.unit)[1]
    on_duty(here, worker, *range(-7, 2))
    for _ in range(2):
        here.clock.kill()
        here.clock.begin_again()
        here.clock.waits_until("clock_ready")
        community.says("待办")
    told = community.hears("未来一周有值班空档", "00:00-24:00")
    assert "把「值班」表补上" in told
    community.says("待办")
    assert times_heard(community, "值班空档") == 1
