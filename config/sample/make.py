"""Makes roster.xlsx beside it: an invented subdistrict to try things on. Run as
`python -m config.sample.make`; it gives the same rows each time.

Knows how the invented place is laid out. Must not know how rosters are read or stored. All names
are made up, and the phones are of the 13800000xxx range, which stands for nobody's.

In the first community every household can have a liaison with 5 to 10 households, each from its own
door. The second lacks one liaison, so that some of its households stay uncovered.
"""

from collections.abc import Iterator
from pathlib import Path

from bot.core.roster import (
    DutyRow,
    HouseholdRow,
    Level,
    LiaisonRow,
    Post,
    Roster,
    StaffRow,
    Standing,
    UnitRow,
)
from bot.core.roster.sheets import sheets_of
from bot.excel import write

PATH = Path(__file__).with_name("roster.xlsx")

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
_GIVEN_PAIRS = (
    "秀英建国桂兰志强丽华国庆玉梅文军淑珍永福春燕德明雪琴海涛凤霞"
    "立新素芬卫东晓红振华月娥长青美玲学文桂花宝山慧敏金生翠兰少华"
)
_GIVEN = [_GIVEN_PAIRS[at : at + 2] for at in range(0, len(_GIVEN_PAIRS), 2)]

# Households by door: five storeys with two homes each. Building 4 of the second community has
# no doors: twelve homes in one row of houses.
_STOREYS, _HOMES = 5, 2
_COMMUNITIES = (
    ("LY01", "瑞景苑社区", {"G1": (1, 2), "G2": (3, 4)}, frozenset[int]()),
    ("LY02", "和悦里社区", {"G1": (1, 2), "G2": (3, 4)}, frozenset({4})),
)
_DOORS = (1, 2)
_ROW_OF_HOUSES = 12


def sample() -> Roster:
    units = tuple(_units())
    households = tuple(_households(units))
    staff = tuple(_staff(households))
    return Roster(
        units,
        households,
        tuple(_liaisons(households)),
        staff,
        duties=tuple(_duties(staff)),
        says_duty=True,
    )


def _units() -> Iterator[UnitRow]:
    yield UnitRow("LY", None, Level.SUBDISTRICT, "绿荫街道")
    for code, name, grids, without_doors in _COMMUNITIES:
        yield UnitRow(code, "LY", Level.COMMUNITY, name)
        for at, (grid, buildings) in enumerate(grids.items()):
            yield UnitRow(f"{code}-{grid}", code, Level.GRID, f"第{'一二'[at]}网格")
            for number in buildings:
                building = f"{code}-B{number}"
                yield UnitRow(building, f"{code}-{grid}", Level.BUILDING, f"{number}号楼")
                for door in () if number in without_doors else _DOORS:
                    yield UnitRow(f"{building}-D{door}", building, Level.DOOR, f"{door}单元")


def _households(units: tuple[UnitRow, ...]) -> Iterator[HouseholdRow]:
    parents = {unit.parent for unit in units}
    homes = (
        (unit.code, room)
        for unit in units
        if unit.level in (Level.BUILDING, Level.DOOR) and unit.code not in parents
        for room in _rooms(unit)
    )
    for at, (unit_code, room) in enumerate(homes):
        nobody_known = at % 17 == 16
        contact = None if nobody_known else _name(at)
        phone = None if nobody_known else _phone(201 + at)
        yield HouseholdRow(f"{unit_code}-{room}", unit_code, room, contact, phone)


def _rooms(unit: UnitRow) -> list[str]:
    if unit.level is Level.BUILDING:
        return [str(number) for number in range(1, _ROW_OF_HOUSES + 1)]
    return [
        f"{storey}{home:02}" for storey in range(1, _STOREYS + 1) for home in range(1, _HOMES + 1)
    ]


# Unit, 最少户数, 最多户数, 状态; three doors of the first community have two liaisons each.
_USUAL = (5, 10, Standing.SERVING)
_LIAISONS = (
    *((f"LY01-B{building}-D{door}", *_USUAL) for building in (1, 2, 3, 4) for door in _DOORS),
    ("LY01-B2-D1", *_USUAL),
    ("LY01-B3-D2", *_USUAL),
    ("LY01-B4-D2", *_USUAL),
    *((f"LY02-B{building}-D{door}", *_USUAL) for building in (1, 2, 3) for door in _DOORS),
    ("LY02-B4", 5, 8, Standing.SERVING),
    ("LY02-B4", 5, 10, Standing.EXEMPT),
    ("LY02-G1", 5, 10, Standing.STOPPED),
)


def _liaisons(households: tuple[HouseholdRow, ...]) -> Iterator[LiaisonRow]:
    """The first is also a resident: her own household's contact, under the same phone."""
    at_home = next(home for home in households if home.unit == _LIAISONS[0][0])
    for at, (unit, least, most, standing) in enumerate(_LIAISONS):
        name, phone = _name(400 + at), _phone(1 + at)
        if not at and at_home.contact and at_home.phone:
            name, phone = at_home.contact, at_home.phone
        yield LiaisonRow(name, phone, unit, least, most, standing)


_POSTS = (
    ("LY", Post.OFFICER),
    ("LY", Post.OFFICER),
    ("LY", Post.ADMINISTRATOR),
    *(
        (code, post)
        for code, *_ in _COMMUNITIES
        for post in (Post.SECRETARY, Post.SOCIAL_WORKER, Post.SOCIAL_WORKER, Post.PROPERTY)
    ),
    *(
        (f"{code}-{grid}", post)
        for code, _, grids, _ in _COMMUNITIES
        for grid in grids
        for post in (Post.GRID_HEAD, Post.PROPERTY)
    ),
)


def _staff(households: tuple[HouseholdRow, ...]) -> Iterator[StaffRow]:
    """The second community's last social worker lives there: a resident as well."""
    neighbour = next(home for home in households if home.unit.startswith("LY02"))
    places: dict[str, int] = {}
    for at, (unit, post) in enumerate(_POSTS):
        name, phone = _name(500 + at), _phone(101 + at)
        place = places.get(unit, 0)
        if (unit, place) == ("LY02", 2) and neighbour.contact and neighbour.phone:
            name, phone = neighbour.contact, neighbour.phone
        places[unit] = place + 1
        yield StaffRow(name, phone, unit, post, place)


_NIGHT, _WEEKEND_DAY = (20 * 60, 32 * 60), (8 * 60 + 30, 17 * 60 + 30)


def _duties(staff: tuple[StaffRow, ...]) -> Iterator[DutyRow]:
    """In the first community: its first grid's head every night, its secretary at weekends."""
    head = next(one for one in staff if one.unit == "LY01-G1")
    secretary = next(one for one in staff if one.unit == "LY01")
    for weekday in range(7):
        yield DutyRow(head.unit, head.name, head.phone, None, weekday, *_NIGHT)
    for weekday in (5, 6):
        yield DutyRow(secretary.unit, secretary.name, secretary.phone, None, weekday, *_WEEKEND_DAY)


def _name(at: int) -> str:
    """A different name for each number up to 900: the two lists have no common rhythm."""
    turn, step = divmod(at, len(_GIVEN))
    return _SURNAMES[(step * 7 + turn) % len(_SURNAMES)] + _GIVEN[step]


def _phone(at: int) -> str:
    return f"13800000{at:03}"


if __name__ == "__main__":
    write(PATH, sheets_of(sample()))
