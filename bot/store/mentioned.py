"""What an act mentions beside itself: an address, a code, offered homes, a list; rows → facts.

Each is asked for only by the few acts that mention it, in a further round trip. Decides nothing.
"""

from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import DictRow

from bot.core import addresses, staffing
from bot.core.carrying import Spoken
from bot.core.claiming import code_of
from bot.core.commands import (
    BIND,
    CLAIM,
    CONFIRM,
    COVERAGE,
    DEAL,
    FILE_FOR,
    FREE,
    GIVE,
    MY_HOUSEHOLDS,
    RESTORE,
    STOP,
    TO_DO,
    WHOLE,
    Typed,
)
from bot.core.issue import Issue
from bot.core.messages import Kind
from bot.core.notices import Contact, Home
from bot.core.people import Community, Invite, JoinRequest, Listed, Named, Past, Place, ShownPlan
from bot.store import left, naming, overdue, places, unreached
from bot.store.hearing import Hearing
from bot.store.places import Spot

_FOUND = 3000

_FOUND_BY_ADDRESS = f"""
select h.id as household_id, h.unit_id from households h join units u on u.id = h.unit_id
where h.retired_at is null
    and (h.number = any(%(numbers)s) or h.room = any(%(rooms)s))
    and (%(door)s::bigint is null or h.number = any(%(numbers)s) or %(door)s = any(u.lineage))
    and (not %(served)s or exists (
        select 1 from assignments a
        where a.household_id = h.id and a.until is null and a.person_id = %(me)s
    ) or exists (
        select 1 from covers c
        where c.household_id = h.id and c.until is null and c.ends_at > %(now)s
            and c.person_id = %(me)s
    ) or u.lineage && array(
        select unit_id from staff
        where person_id = %(me)s and retired_at is null and status <> '停用'
    ))
limit {_FOUND}
"""

# Closed too long ago to be among the speaker's own, but theirs, and they typed its number.
_PAST = """
select no, closed_at from issues
where no = %(no)s and resident_id = %(me)s and closed_at is not null
"""

_CHOICES = "select id as household_id, unit_id from households where id = any(%(ids)s)"

_INVITED = """
select i.person_id, i.expires_at, i.used_at is not null as used, coalesce(p.name, '') as name,
    p.openid is not null as joined,
    (select coalesce(json_agg(json_build_array(post, place)), '[]') from (
        select '联络员' as post, u.name as place from liaisons l join units u on u.id = l.unit_id
        where l.person_id = p.id and l.retired_at is null and l.status <> '停用'
        union all
        select s.post, u.name from staff s join units u on u.id = s.unit_id
        where s.person_id = p.id and s.retired_at is null and s.status <> '停用'
    ) posts) as posts,
    (select count(*) from issues where holder_id = p.id and state in ('waiting', 'in_hand')) as held
from invites i join people p on p.id = i.person_id
where i.code = %(code)s
"""

_HOMES_OF = """
select household_id from assignments where person_id = %(person)s and until is null
"""

_MY_HOMES = """
select a.household_id, a.away, h.unit_id, h.contact_name, h.contact_phone,
    (select count(*) from memberships m where m.household_id = h.id and m.state = 'recognised'
        and m.until is null) as joined
from (
    select household_id, null::text as away from assignments
    where person_id = %(me)s and until is null
    union all
    select c.household_id, p.name from covers c join people p on p.id = c.for_id
    where c.person_id = %(me)s and c.until is null and c.ends_at > %(now)s
) a join households h on h.id = a.household_id
"""

# What was said in these issues; where the whole of it was asked for.
_SPOKEN = """
select g.id, g.issue_no, g.author_id, g.kind, coalesce(g.text, '') as text, g.at,
    coalesce(s.shown_at is not null or s.state in ('unknown', 'failed'), false) as given,
    coalesce(m.state = 'failed', false) as lost
from messages g
left join showings s on s.message_id = g.id and s.person_id = %(me)s
left join media m on m.message_id = g.id
where g.issue_no = any(%(issues)s)
order by g.at desc, g.id desc limit 1000
"""


class Mentioned:
    """What the act names beside itself: an address, a code, offered homes; read where it does."""

    def __init__(
        self,
        connection: psycopg.Connection[DictRow],
        hearing: Hearing,
        typed: Typed,
        now: datetime,
    ) -> None:
        self._connection, self._typed, self._now = connection, typed, now
        self._me = hearing.rows["me"]
        self.address = _address(typed)

    def found(self) -> list[DictRow]:
        address = self.address
        if address is None or not (address.room or address.number):
            return []
        # A scanned door narrows a bare room; a longer address may be anywhere.
        narrow = self._typed.command == BIND and not address.parts
        return self._read(
            _FOUND_BY_ADDRESS,
            numbers=[address.number, address.number.lower()],
            rooms=[address.room, f"{address.room}室", f"{address.room}号"],
            door=self._me["door_id"] if narrow else None,
            served=self._typed.command in (FILE_FOR, GIVE, FREE),
        )

    def choices(self) -> list[DictRow]:
        offered = (self._me["awaiting"] or {}).get("choices")
        return self._read(_CHOICES, ids=offered) if offered else []

    def places(self, rows: list[DictRow]) -> tuple[Place, ...]:
        """The homes of these rows, by their address."""
        if not rows:
            return ()
        spots = [Spot(row["unit_id"], row["household_id"]) for row in rows]
        there = places.ask(self._connection, spots, self._now)
        found = [there.at(spot) for spot in spots]
        return tuple(sorted(found, key=lambda place: (place.address, place.unit.code)))

    def past(self, own: set[int]) -> Past | None:
        no = self._typed.no
        rows = self._read(_PAST, no=no) if no is not None and no not in own else []
        return Past(rows[0]["no"], rows[0]["closed_at"]) if rows else None

    def invite(self) -> Invite | None:
        code = code_of(self._typed.text) if self._typed.command == CLAIM else ""
        rows = self._read(_INVITED, code=code) if code else []
        return _invite(rows[0]) if rows else None

    def left(self, invite: Invite | None) -> tuple[Issue, ...]:
        if invite is None or invite.used:
            return ()
        return left.left_to(self._connection, invite.person_id, self._me["id"], self._now)

    def asked(self, invite: Invite | None) -> tuple[JoinRequest, ...]:
        if invite is None or invite.used:
            return ()
        homes = self._read(_HOMES_OF, person=invite.person_id)
        households = [row["household_id"] for row in homes]
        return tuple(overdue.requests_of(self._connection, households, self._now))

    def homes(self) -> tuple[Home, ...]:
        if self._typed.command != MY_HOUSEHOLDS:
            return ()
        rows = self._read(_MY_HOMES)
        there = places.ask(
            self._connection,
            [Spot(row["unit_id"], row["household_id"]) for row in rows],
            self._now,
        )
        homes = [_home(row, there.at(Spot(row["unit_id"], row["household_id"]))) for row in rows]
        return tuple(sorted(homes, key=lambda home: home.address))

    def listed(self) -> tuple[Listed, ...]:
        words = self._typed.words
        match self._typed.command:
            case command if command in (STOP, RESTORE):
                name = staffing.named(words)[0]
            case command if command == GIVE:
                name = staffing.household_and_name(words)[1]
            case _:
                return ()
        return naming.listed(self._connection, [name], self._now) if name else ()

    def communities(self) -> tuple[Community, ...]:
        units = self._me["unit_ids"]
        if self._typed.command not in (COVERAGE, DEAL) or not units:
            return ()
        return naming.communities(self._connection, units)

    def plan(self) -> ShownPlan | None:
        asked = self._typed.command == CONFIRM and self._me["unit_ids"]
        return naming.plan(self._connection, self._me["id"]) if asked else None

    def unreached(self) -> tuple[Contact, ...]:
        units = self._me["unit_ids"]
        if self._typed.command != TO_DO or not units:
            return ()
        found = unreached.below(self._connection, units, self._me["id"])
        return tuple(Contact(Named(one.name, one.post), one.phone) for one in found)

    def spoken(self, known: set[int]) -> tuple[Spoken, ...]:
        if self._typed.command != WHOLE:
            return ()
        named = {self._typed.no} if self._typed.no in known else known
        rows = self._read(_SPOKEN, issues=list(named))
        return tuple(_said_before(row, self._me["id"]) for row in reversed(rows))

    def _read(self, statement: str, **values: Any) -> list[DictRow]:
        values = {"me": self._me["id"], "now": self._now, **values}
        return self._connection.execute(statement, values).fetchall()


def _address(typed: Typed) -> addresses.Address | None:
    if typed.command == BIND:
        return addresses.read(typed.words)
    if typed.command == FILE_FOR and typed.words:
        return addresses.read(typed.words.split(maxsplit=1)[0])
    if typed.command in (GIVE, FREE) and typed.words:
        return addresses.read(staffing.household_and_name(typed.words)[0])
    return None


def _said_before(row: DictRow, me: int) -> Spoken:
    return Spoken(
        message_id=row["id"],
        no=row["issue_no"],
        author_id=row["author_id"],
        kind=Kind(row["kind"]),
        text=row["text"],
        at=row["at"],
        mine=row["author_id"] == me,
        given=row["given"],
        lost=row["lost"],
    )


def _invite(row: DictRow) -> Invite:
    return Invite(
        person_id=row["person_id"],
        name=row["name"],
        posts=tuple(f"{place} {post}" for post, place in row["posts"]),
        expires_at=row["expires_at"],
        used=row["used"],
        joined=row["joined"],
        held=row["held"],
    )


def _home(row: DictRow, place: Place) -> Home:
    return Home(place.door, row["contact_name"], row["contact_phone"], row["joined"], row["away"])
