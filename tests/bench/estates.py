"""Communities of 3,000 households, as many as wanted, as rows in a database.

Ten grids of five buildings of five doors of twelve households, and 394 liaisons who live anywhere
in them: some doors have none, some several. Must not know what is measured on them.
"""

from collections.abc import Iterable, Iterator
from itertools import count
from random import Random
from typing import Any, Final

import psycopg

HOUSEHOLDS: Final = 3_000
LIAISONS: Final = 394
_GRIDS: Final = 10
_BUILDINGS: Final = 5
_DOORS: Final = 5
_HOMES: Final = HOUSEHOLDS // (_GRIDS * _BUILDINGS * _DOORS)

Row = tuple[Any, ...]
Levels = tuple[tuple[str, int], ...]
_LEVELS: Final[Levels] = (("社区", 1), ("网格", _GRIDS), ("楼", _BUILDINGS), ("门", _DOORS))


def settle(url: str, communities: int) -> None:
    """Fill an empty, migrated database with so many communities, nobody dealt to anybody."""
    units = list(_units(communities))
    doors = [row[0] for row in units if row[3] == "门"]
    with psycopg.connect(url) as connection:
        _copy(connection, "units (id, code, parent_id, level, name, lineage)", units)
        _copy(connection, "households (number, unit_id, room)", _households(doors))
        serving = list(_liaisons(doors, communities))
        _copy(connection, "people (id, name, phone)", (row[:3] for row in serving))
        _copy(connection, "liaisons (person_id, unit_id)", ((row[0], row[3]) for row in serving))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("vacuum analyze")


def _units(communities: int) -> Iterator[Row]:
    """(id, code, parent, level, name, lineage), each after those above it."""
    numbers = count(1)
    top = next(numbers)
    yield top, "S", None, "街道", "街道", [top]
    for _ in range(communities):
        yield from _with_all_below(numbers, [top], _LEVELS)


def _with_all_below(numbers: Iterator[int], line: list[int], levels: Levels) -> Iterator[Row]:
    for _ in range(levels[0][1] if levels else 0):
        number = next(numbers)
        own = [*line, number]
        yield number, f"U{number}", line[-1], levels[0][0], f"{number}号", own
        yield from _with_all_below(numbers, own, levels[1:])


def _households(doors: Iterable[int]) -> Iterator[Row]:
    for door in doors:
        for home in range(_HOMES):
            yield f"H{door}-{home}", door, str(101 + home)


def _liaisons(doors: list[int], communities: int) -> Iterator[Row]:
    """(person, name, phone, door)"""
    chance = Random(1)
    here = len(doors) // communities
    for community in range(communities):
        for one in range(LIAISONS):
            person = community * LIAISONS + one + 1
            door = doors[community * here + chance.randrange(here)]
            yield person, "联络", f"1{person:010}", door


def _copy(connection: psycopg.Connection[Any], into: str, rows: Iterable[Row]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"copy {into} from stdin") as copy:
        for row in rows:
            copy.write_row(row)
