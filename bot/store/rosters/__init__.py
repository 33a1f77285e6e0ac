"""The roster as it is stored: a snapshot to compare a file with, and a plan written down.

Knows units, households, people, liaisons and staff as rows. Does not know files, what a difference
means or who gets which household, and commits nothing: the caller holds the transaction.
"""

from typing import Final

from sqlalchemy import Connection, text

from bot.core.roster import (
    DutyRow,
    HouseholdRow,
    Level,
    LiaisonRow,
    Post,
    Present,
    StaffRow,
    Standing,
    UnitRow,
)

_UNITS: Final = text(
    """
    select unit.code, parent.code as parent, unit.level, unit.name
    from units unit left join units parent on parent.id = unit.parent_id
    where unit.retired_at is null
    order by unit.id
    """
)
_HOUSEHOLDS: Final = text(
    """
    select household.number, unit.code as unit, household.room,
        household.contact_name, household.contact_phone
    from households household join units unit on unit.id = household.unit_id
    where household.retired_at is null
    order by household.id
    """
)
_LIAISONS: Final = text(
    """
    select person.name, person.phone, unit.code as unit,
        liaison.at_least, liaison.at_most, liaison.status
    from liaisons liaison
    join people person on person.id = liaison.person_id
    join units unit on unit.id = liaison.unit_id
    where liaison.retired_at is null
    order by liaison.id
    """
)
_STAFF: Final = text(
    """
    select person.name, person.phone, unit.code as unit, staff.post, staff.position
    from staff
    join people person on person.id = staff.person_id
    join units unit on unit.id = staff.unit_id
    where staff.retired_at is null
    order by staff.unit_id, staff.position, staff.id
    """
)


_DUTIES: Final = text(
    """
    select unit.code as unit, person.name, person.phone, duty.day, duty.weekday,
        duty.opens, duty.closes
    from duties duty
    join people person on person.id = duty.person_id
    join units unit on unit.id = duty.unit_id
    where exists (
        select from staff
        where staff.person_id = duty.person_id and staff.unit_id = duty.unit_id
            and staff.retired_at is null
    )
    order by duty.id
    """
)


def is_empty(connection: Connection) -> bool:
    """Whether no roster was ever loaded here: not one unit, retired ones included."""
    return connection.execute(text("select 1 from units limit 1")).first() is None


def present(connection: Connection) -> Present:
    """What is stored and not retired, in the order it came."""
    return Present(
        units=tuple(
            UnitRow(row.code, row.parent, Level(row.level), row.name)
            for row in connection.execute(_UNITS)
        ),
        households=tuple(
            HouseholdRow(row.number, row.unit, row.room, row.contact_name, row.contact_phone)
            for row in connection.execute(_HOUSEHOLDS)
        ),
        liaisons=tuple(
            LiaisonRow(
                row.name or "",
                row.phone or "",
                row.unit,
                row.at_least,
                row.at_most,
                Standing(row.status),
            )
            for row in connection.execute(_LIAISONS)
        ),
        staff=tuple(
            StaffRow(row.name or "", row.phone or "", row.unit, Post(row.post), row.position)
            for row in connection.execute(_STAFF)
        ),
        duties=tuple(
            DutyRow(
                row.unit,
                row.name or "",
                row.phone or "",
                row.day,
                row.weekday,
                row.opens,
                row.closes,
            )
            for row in connection.execute(_DUTIES)
        ),
        says_duty=True,
    )
