"""The sample subdistrict: the committed workbook is what its generator makes, and can be dealt."""

from collections import Counter
from pathlib import Path

from bot.core.roster import Level, Present, Roster, Standing, Tree
from bot.core.roster.difference import difference
from bot.core.roster.rows import parse
from bot.core.roster.sheets import remarks, sheets_of
from bot.excel import read, write
from config.sample.make import PATH, sample

SAMPLE = sample()
TREE = Tree(SAMPLE.units)


def read_roster(path: Path) -> Roster:
    found = parse(read(path))
    assert isinstance(found, Roster), found
    return found


def test_the_workbook_is_what_the_generator_makes() -> None:
    roster = read_roster(PATH)
    assert set(roster.staff) == set(SAMPLE.staff)
    assert set(roster.units) == set(SAMPLE.units)
    assert (roster.households, roster.liaisons) == (SAMPLE.households, SAMPLE.liaisons)
    assert remarks(read(PATH)) == []


def test_loading_it_again_or_its_export_changes_nothing(tmp_path: Path) -> None:
    roster = read_roster(PATH)
    assert difference(roster, roster).is_empty
    assert not difference(roster, Present()).is_empty
    write(tmp_path / "export.xlsx", sheets_of(roster))
    assert difference(read_roster(tmp_path / "export.xlsx"), roster).is_empty


def test_it_has_what_a_demonstration_needs() -> None:
    levels = Counter(unit.level for unit in SAMPLE.units)
    assert (levels[Level.SUBDISTRICT], levels[Level.COMMUNITY], levels[Level.GRID]) == (1, 2, 4)
    assert 140 <= len(SAMPLE.households) <= 160
    assert len(SAMPLE.liaisons) == 20
    staffed = {one.unit for one in SAMPLE.staff}
    above = {
        unit.code
        for unit in SAMPLE.units
        if unit.level in (Level.SUBDISTRICT, Level.COMMUNITY, Level.GRID)
    }
    assert staffed == above
    resident = {home.phone for home in SAMPLE.households}
    assert any(one.phone in resident for one in SAMPLE.liaisons)
    assert any(one.phone in resident for one in SAMPLE.staff)


def test_one_community_has_room_for_all_and_the_other_not() -> None:
    homes = Counter(TREE.community(home.unit) for home in SAMPLE.households)
    most: Counter[str | None] = Counter()
    least: Counter[str | None] = Counter()
    for one in SAMPLE.liaisons:
        if one.standing is Standing.SERVING:
            most[TREE.community(one.unit)] += one.most
            least[TREE.community(one.unit)] += one.least
    assert least["LY01"] <= homes["LY01"] <= most["LY01"]
    assert 0 < homes["LY02"] - most["LY02"] <= 10


def test_every_door_of_the_first_community_can_be_served_from_itself() -> None:
    at_home = Counter(home.unit for home in SAMPLE.households if home.unit.startswith("LY01"))
    serving = Counter(one.unit for one in SAMPLE.liaisons if one.unit.startswith("LY01"))
    for unit, households in at_home.items():
        assert 5 * serving[unit] <= households <= 10 * serving[unit]


def test_its_phones_are_nobodys() -> None:
    people = [one.phone for one in SAMPLE.serving] + [home.phone for home in SAMPLE.households]
    assert all(phone is None or phone.startswith("13800000") for phone in people)
