"""The statements that write a roster's rows, many rows each.

Knows the tables only; `plans` knows when each is run and with what. Lists come as arrays of
one length, read side by side in their order.
"""

from typing import Final

from sqlalchemy import text

PEOPLE: Final = text("select phone, id from people where phone = any(cast(:phones as text[]))")
# A number that a known person takes over is taken from whoever had it.
FREE_PHONES: Final = text(
    "update people set phone = null where phone = any(cast(:phones as text[]))"
)
CHANGE_PEOPLE: Final = text(
    """
    update people set phone = given.phone, name = given.name
    from unnest(cast(:ids as bigint[]), cast(:phones as text[]), cast(:names as text[]))
        as given (id, phone, name)
    where people.id = given.id
    """
)
# Who left and whose number has come back under another name is not the same: their WeChat and
# what they were told stay theirs.
FREE_FORMER: Final = text(
    """
    update people set phone = null
    from unnest(cast(:names as text[]), cast(:phones as text[])) as given (name, phone)
    where people.phone = given.phone and people.name <> given.name
        and not exists (
            select from liaisons where person_id = people.id and retired_at is null
        )
        and not exists (select from staff where person_id = people.id and retired_at is null)
    """
)
KEEP_PEOPLE: Final = text(
    """
    insert into people (name, phone)
    select name, phone
    from unnest(cast(:names as text[]), cast(:phones as text[]))
        with ordinality as given (name, phone, place)
    order by place
    on conflict (phone) do update set name = excluded.name
    where people.name is distinct from excluded.name
    """
)
KEEP_UNITS: Final = text(
    """
    insert into units (code, level, name, lineage)
    select code, level, name, '{}'
    from unnest(cast(:codes as text[]), cast(:levels as text[]), cast(:names as text[]))
        with ordinality as given (code, level, name, place)
    order by place
    on conflict (code) do update
    set level = excluded.level, name = excluded.name, retired_at = null
    """
)
HANG_UNITS: Final = text(
    """
    update units set parent_id = parent.id
    from unnest(cast(:codes as text[]), cast(:parents as text[])) as given (code, parent)
    left join units parent on parent.code = given.parent
    where units.code = given.code
    """
)
RETIRE_UNITS: Final = text(
    "update units set retired_at = :now where code = any(cast(:codes as text[]))"
)
DRAW_LINES: Final = text(
    """
    with recursive line (id, lineage) as (
        select id, array[id] from units where parent_id is null
        union all
        select unit.id, line.lineage || unit.id
        from units unit join line on unit.parent_id = line.id
    )
    update units set lineage = line.lineage
    from line
    where units.id = line.id and units.lineage <> line.lineage
    """
)
KEEP_HOUSEHOLDS: Final = text(
    """
    insert into households (number, unit_id, room, contact_name, contact_phone)
    select given.number, unit.id, given.room, given.contact, given.phone
    from unnest(
        cast(:numbers as text[]), cast(:units as text[]), cast(:rooms as text[]),
        cast(:contacts as text[]), cast(:phones as text[])
    ) with ordinality as given (number, unit, room, contact, phone, place)
    join units unit on unit.code = given.unit
    order by given.place
    on conflict (number) do update
    set unit_id = excluded.unit_id, room = excluded.room, contact_name = excluded.contact_name,
        contact_phone = excluded.contact_phone, retired_at = null
    """
)
# What is open, or may be opened again, is where its household lives now. What is closed for good
# is counted where it was.
MOVE_ISSUES: Final = text(
    """
    update issues set unit_id = home.unit_id, version = version + 1
    from households home
    where home.id = issues.household_id and home.number = any(cast(:numbers as text[]))
        and issues.unit_id <> home.unit_id and issues.state <> 'withdrawn'
        and (issues.closed_at is null or issues.closed_at > :lately)
    """
)
# What waits for somebody of the staff who serves its place no more, or for the liaison of a
# household that is gone, goes on at once.
PASS_ISSUES: Final = text(
    """
    update issues set due_at = :now, version = version + 1
    from units place
    where place.id = issues.unit_id and issues.state = 'waiting' and due_at > :now
        and case when holder_role = 'staff' then not exists (
            select from staff
            where staff.person_id = holder_id and staff.retired_at is null
                and staff.unit_id = any(place.lineage)
        ) else exists (
            select from households
            where households.id = issues.household_id and households.retired_at is not null
        ) end
    """
)
RETIRE_HOUSEHOLDS: Final = text(
    "update households set retired_at = :now where number = any(cast(:numbers as text[]))"
)
KEEP_LIAISONS: Final = text(
    """
    insert into liaisons (person_id, unit_id, at_least, at_most, status)
    select person.id, unit.id, given.least, given.most, given.standing
    from unnest(
        cast(:phones as text[]), cast(:units as text[]), cast(:leasts as integer[]),
        cast(:mosts as integer[]), cast(:standings as text[])
    ) with ordinality as given (phone, unit, least, most, standing, place)
    join people person on person.phone = given.phone
    join units unit on unit.code = given.unit
    order by given.place
    on conflict (person_id) do update
    set unit_id = excluded.unit_id, at_least = excluded.at_least, at_most = excluded.at_most,
        status = excluded.status, retired_at = null
    """
)
RETIRE_LIAISONS: Final = text(
    """
    update liaisons set retired_at = :now
    from people
    where people.id = liaisons.person_id and people.phone = any(cast(:phones as text[]))
    """
)
# A post that becomes another keeps its leave and its standing.
KEEP_STAFF: Final = text(
    """
    insert into staff (person_id, unit_id, post, position, status, leave_until)
    select person.id, unit.id, given.post, given.position,
        coalesce(was.status, '在岗'), was.leave_until
    from unnest(
        cast(:phones as text[]), cast(:units as text[]), cast(:posts as text[]),
        cast(:positions as integer[]), cast(:were_units as text[]), cast(:were_posts as text[])
    ) with ordinality as given (phone, unit, post, position, was_unit, was_post, place)
    join people person on person.phone = given.phone
    join units unit on unit.code = given.unit
    left join units before on before.code = given.was_unit
    left join staff was
        on was.person_id = person.id and was.unit_id = before.id and was.post = given.was_post
        and was.retired_at is null
    order by given.place
    on conflict (person_id, unit_id, post) do update
    set position = excluded.position, status = excluded.status,
        leave_until = excluded.leave_until, retired_at = null
    """
)
RETIRE_STAFF: Final = text(
    """
    update staff set retired_at = :now
    from unnest(cast(:phones as text[]), cast(:units as text[]), cast(:posts as text[]))
        as given (phone, unit, post)
    join people person on person.phone = given.phone
    join units unit on unit.code = given.unit
    where staff.person_id = person.id and staff.unit_id = unit.id and staff.post = given.post
    """
)
ADD_DUTIES: Final = text(
    """
    insert into duties (unit_id, person_id, day, weekday, opens, closes)
    select unit.id, person.id, given.day, given.weekday, given.opens, given.closes
    from unnest(
        cast(:units as text[]), cast(:phones as text[]), cast(:days as date[]),
        cast(:weekdays as integer[]), cast(:opens as integer[]), cast(:closes as integer[])
    ) with ordinality as given (unit, phone, day, weekday, opens, closes, place)
    join people person on person.phone = given.phone
    join units unit on unit.code = given.unit
    order by given.place
    """
)
END_DUTIES: Final = text(
    """
    delete from duties
    using unnest(
        cast(:units as text[]), cast(:phones as text[]), cast(:days as date[]),
        cast(:weekdays as integer[]), cast(:opens as integer[]), cast(:closes as integer[])
    ) as given (unit, phone, day, weekday, opens, closes), people person, units unit
    where person.phone = given.phone and unit.code = given.unit
        and duties.person_id = person.id and duties.unit_id = unit.id
        and duties.day is not distinct from given.day
        and duties.weekday is not distinct from given.weekday
        and duties.opens = given.opens and duties.closes = given.closes
    """
)
# Who serves the unit no more is on duty there no more.
END_DUTIES_OF_OTHERS: Final = text(
    """
    delete from duties
    where not exists (
        select from staff
        where staff.person_id = duties.person_id and staff.unit_id = duties.unit_id
            and staff.retired_at is null
    )
    """
)
END_INVITES: Final = text(
    """
    update invites set expires_at = :now
    where expires_at > :now and used_at is null
    and not exists (
        select from liaisons where person_id = invites.person_id and retired_at is null
    )
    and not exists (
        select from staff where person_id = invites.person_id and retired_at is null
    )
    """
)
