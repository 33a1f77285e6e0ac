"""A made-up district as large as is asked for: 3,000 households a community, a liaison for eight.

Knows how such a place is laid out. Must not know what is measured on it.
"""

from collections.abc import Iterator
from itertools import count
from typing import Final

from bot.core.roster import (
    HouseholdRow,
    Level,
    LiaisonRow,
    Post,
    Roster,
    StaffRow,
    Standing,
    UnitRow,
)

_GRIDS, _BUILDINGS, _DOORS, _HOMES = 5, 10, 4, 15  # 3,000 households in a community
_FOR_EACH: Final = 8  # households to a liaison
_SURNAMES: Final = "王李张刘陈杨赵黄周吴"
_GIVEN: Final = "秀英建国桂兰志强丽华国庆玉梅文军淑珍永福"


def district(households: int) -> Roster:
    """So many households in as many communities as they need, with their liaisons and staff."""
    units = [UnitRow("D", None, Level.SUBDISTRICT, "大街道")]
    homes: list[HouseholdRow] = []
    for unit, is_home in _places():
        units.append(unit)
        if is_home:
            homes += list(_homes(unit, min(_HOMES, households - len(homes)), len(homes)))
            if len(homes) == households:
                break
    return Roster(tuple(units), tuple(homes), tuple(_liaisons(homes)), tuple(_staff(units)))


def _places() -> Iterator[tuple[UnitRow, bool]]:
    """Units from the top down, and whether households live there."""
    for number in count(1):
        at = f"C{number:04}"
        yield UnitRow(at, "D", Level.COMMUNITY, f"第{number}社区"), False
        for grid in (f"{at}-G{one}" for one in range(1, _GRIDS + 1)):
            yield UnitRow(grid, at, Level.GRID, "网格"), False
            for building in (f"{grid}-B{one:02}" for one in range(1, _BUILDINGS + 1)):
                yield UnitRow(building, grid, Level.BUILDING, "楼"), False
                for door in (f"{building}-D{one}" for one in range(1, _DOORS + 1)):
                    yield UnitRow(door, building, Level.DOOR, "单元"), True


def _homes(door: UnitRow, number: int, met: int) -> Iterator[HouseholdRow]:
    for at in range(number):
        room = f"{at // 3 + 1}{at % 3 + 1:02}"
        name, phone = _name(met + at), str(13_000_000_000 + met + at)
        yield HouseholdRow(f"{door.code}-{room}", door.code, room, name, phone)


def _liaisons(homes: list[HouseholdRow]) -> Iterator[LiaisonRow]:
    for at, home in enumerate(homes[::_FOR_EACH]):
        phone = str(15_000_000_000 + at)
        yield LiaisonRow(_name(at), phone, home.unit, 5, 10, Standing.SERVING)


def _staff(units: list[UnitRow]) -> Iterator[StaffRow]:
    posts = {Level.SUBDISTRICT: Post.OFFICER, Level.COMMUNITY: Post.SECRETARY}
    serving = [unit for unit in units if unit.level in {*posts, Level.GRID}]
    for at, unit in enumerate(serving):
        post = posts.get(unit.level, Post.GRID_HEAD)
        yield StaffRow(_name(at), str(18_000_000_000 + at), unit.code, post, 0)


def _name(at: int) -> str:
    turn, given = divmod(at, len(_GIVEN) // 2)
    return _SURNAMES[turn % len(_SURNAMES)] + _GIVEN[2 * given : 2 * given + 2]
