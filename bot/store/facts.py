"""What is known about one thing just said: rows → `Facts`. Decides nothing.

Two round trips: what hangs on the speaker and the number typed, then the places it happens in.
"""

from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import DictRow

from bot.core import addresses
from bot.core.carrying import Spoken
from bot.core.commands import BIND, FILE_FOR, MY_HOUSEHOLDS, WHOLE, Typed
from bot.core.facts import Facts
from bot.core.issue import Issue
from bot.core.joining import code_of
from bot.core.messages import Kind
from bot.core.notices import Home
from bot.core.people import Awaiting, Invite, JoinRequest, Person, Place, Post
from bot.store import places
from bot.store.issues import ISSUE, issue_of, spot_of
from bot.store.places import Places, Spot

# One more than is looked at, so that a cut list is seen to be cut.
_SERVED = 30
_REQUESTS = 9
_FOUND = 3000

_HOME = """
select m.no, m.state, m.household_id, h.unit_id
from memberships m join households h on h.id = m.household_id
where m.person_id = %(me)s and m.until is null
order by m.state = 'recognised' desc, m.asked_at desc limit 1
"""

_POSTS = """
select null::bigint as unit_id, '' as level, '联络员' as post
from liaisons where person_id = %(me)s and retired_at is null and status <> '停用'
union all
select * from (
    select s.unit_id, u.level, s.post from staff s join units u on u.id = s.unit_id
    where s.person_id = %(me)s and s.retired_at is null and s.status <> '停用'
    order by s.position
) posts
"""

_OWN = f"""{ISSUE}
where i.resident_id = %(me)s
    and (i.state in ('waiting', 'in_hand', 'resolved') or i.closed_at > %(now)s - interval '7 days')
order by i.no = %(no)s desc nulls last, i.said_at desc, i.no desc limit 20
"""

# What the speaker holds, what their households have open, what lies under their units; and the
# number typed, whatever it is: the core looks whether it is theirs.
_THEIRS = f"""
with mine as (
    (select no, 0 as rank from issues
    where holder_id = %(me)s and state in ('waiting', 'in_hand', 'resolved')
    order by due_at limit {_SERVED})
    union all
    (select i.no, 1 from assignments a join issues i on i.household_id = a.household_id
    where a.person_id = %(me)s and a.until is null and not i.past_liaison
        and i.state in ('waiting', 'in_hand', 'resolved') limit {_SERVED})
    union all
    (select i.no, 2 from units u join issues i on i.unit_id = u.id
    where u.lineage && array(
            select unit_id from staff
            where person_id = %(me)s and retired_at is null and status <> '停用'
        ) and i.state in ('waiting', 'in_hand', 'resolved')
    limit {_SERVED})
    union all
    select no, 3 from issues where no = %(no)s
), ranked as (select no, min(rank) as rank from mine group by no)
select ranked.rank, it.* from ({ISSUE}) it join ranked using (no)
order by ranked.rank, it.due_at
"""

_REQUESTED = f"""
select m.no, m.person_id, m.household_id, m.introduced_as, m.tier, m.asked_at, h.unit_id
from memberships m
join households h on h.id = m.household_id
join units u on u.id = h.unit_id
where m.state = 'pending' and m.until is null and m.person_id <> %(me)s and (
    exists (
        select 1 from assignments a
        where a.household_id = h.id and a.until is null and a.person_id = %(me)s
    ) or (
        (m.tier <> %(own_tier)s or m.no = %(no)s) and u.lineage && array(
            select unit_id from staff
            where person_id = %(me)s and retired_at is null and status <> '停用'
        )
    )
)
order by m.no = %(no)s desc nulls last, m.asked_at, m.no limit {_REQUESTS}
"""

# The only community, else the first subdistrict, else whatever stands highest.
_FALLBACK = """
select id from units where retired_at is null
order by
    (level = '社区' and 1 = (
        select count(*) from units where retired_at is null and level = '社区'
    )) desc,
    cardinality(lineage), id
limit 1
"""

_FOUND_BY_ADDRESS = f"""
select h.id as household_id, h.unit_id from households h join units u on u.id = h.unit_id
where h.retired_at is null
    and (h.number = any(%(numbers)s) or h.room = any(%(rooms)s))
    and (%(door)s::bigint is null or h.number = any(%(numbers)s) or %(door)s = any(u.lineage))
    and (not %(served)s or exists (
        select 1 from assignments a
        where a.household_id = h.id and a.until is null and a.person_id = %(me)s
    ) or u.lineage && array(
        select unit_id from staff
        where person_id = %(me)s and retired_at is null and status <> '停用'
    ))
limit {_FOUND}
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

_MY_HOMES = """
select a.household_id, h.unit_id, h.contact_name, h.contact_phone,
    (select count(*) from memberships m where m.household_id = h.id and m.state = 'recognised'
        and m.until is null) as joined
from assignments a join households h on h.id = a.household_id
where a.person_id = %(me)s and a.until is null
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


class Reading:
    """The statements of one reading, all sent before any answer is read."""

    def __init__(
        self,
        connection: psycopg.Connection[DictRow],
        person: dict[str, Any],
        typed: Typed,
        own_tier: str,
        now: datetime,
    ) -> None:
        self._connection, self._person, self._typed, self._now = connection, person, typed, now
        self._values = {"me": person["id"], "no": typed.no, "now": now, "own_tier": own_tier}
        self._awaiting = Awaiting.from_json(person["awaiting"]) if person["awaiting"] else None

    def facts(self) -> Facts:
        """Two round trips on the connection."""
        with self._connection.pipeline():
            home = self._send(_HOME)
            posts = self._send(_POSTS)
            own = self._send(_OWN)
            theirs = self._send(_THEIRS)
            requests = self._send(_REQUESTED)
            fallback = self._send(_FALLBACK)
            found = self._found()
            choices = self._send(_CHOICES, ids=list(self._offered()))
            invite = self._send(_INVITED, code=code_of(self._typed.text) or None)
            homes = self._send(_MY_HOMES) if self._typed.command == MY_HOUSEHOLDS else None
        answers = {
            "home": home.fetchall(),
            "own": own.fetchall(),
            "theirs": theirs.fetchall(),
            "requests": requests.fetchall(),
            "fallback": fallback.fetchall(),
            "found": found.fetchall() if found else [],
            "choices": choices.fetchall(),
            "homes": homes.fetchall() if homes else [],
        }
        there = self._places(answers)
        answers["spoken"] = self._spoken(answers)
        return self._assemble(answers, posts.fetchall(), invite.fetchall(), there)

    def _spoken(self, answers: dict[str, list[DictRow]]) -> list[DictRow]:
        """A third round trip, only for 全文."""
        if self._typed.command != WHOLE:
            return []
        known = {row["no"] for name in ("own", "theirs") for row in answers[name]}
        wanted = known & {self._typed.no} or known
        return self._send(_SPOKEN, issues=list(wanted)).fetchall()[::-1]

    def _send(self, statement: str, **more: Any) -> psycopg.Cursor[DictRow]:
        return self._connection.cursor().execute(statement, {**self._values, **more})

    def _offered(self) -> tuple[int, ...]:
        return self._awaiting.choices if self._awaiting else ()

    def _found(self) -> psycopg.Cursor[DictRow] | None:
        address = self._address()
        if address is None or not (address.room or address.number):
            return None
        # A scanned door narrows a bare room; a longer address may be anywhere.
        narrow = self._typed.command == BIND and not address.parts
        return self._send(
            _FOUND_BY_ADDRESS,
            numbers=[address.number, address.number.lower()],
            rooms=[address.room, f"{address.room}室", f"{address.room}号"],
            door=self._person["door_id"] if narrow else None,
            served=self._typed.command == FILE_FOR,
        )

    def _address(self) -> addresses.Address | None:
        words = self._typed.words
        if self._typed.command == BIND:
            return addresses.read(words)
        if self._typed.command == FILE_FOR and words:
            return addresses.read(words.split(maxsplit=1)[0])
        return None

    def _places(self, answers: dict[str, list[DictRow]]) -> Places:
        spots = {
            Spot(row["unit_id"], row["household_id"])
            for name in ("home", "own", "theirs", "requests", "found", "choices", "homes")
            for row in answers[name]
        }
        spots |= {Spot(row["id"]) for row in answers["fallback"]}
        if self._person["door_id"]:
            spots.add(Spot(self._person["door_id"]))
        with self._connection.pipeline():
            cursors = (
                self._connection.cursor(),
                self._connection.cursor(),
                self._connection.cursor(),
            )
            return places.ask(spots, cursors, self._now)

    def _assemble(
        self,
        answers: dict[str, list[DictRow]],
        posts: list[DictRow],
        invites: list[DictRow],
        there: Places,
    ) -> Facts:
        def at(row: DictRow) -> Place:
            return there.at(Spot(row["unit_id"], row["household_id"]))

        def issues(name: str) -> tuple[Issue, ...]:
            return tuple(issue_of(row, there.at(spot_of(row))) for row in answers[name])

        address = self._address()
        found = tuple(at(row) for row in answers["found"])
        ordered = tuple(sorted(found, key=lambda place: (place.address, place.unit.code)))
        fallback = answers["fallback"]
        return Facts(
            me=self._me(answers["home"], posts, there),
            own=issues("own"),
            theirs=issues("theirs"),
            more=len(answers["theirs"]) >= _SERVED,
            requests=tuple(_request(row, at(row)) for row in answers["requests"]),
            fallback=there.at(Spot(fallback[0]["id"])) if fallback else None,
            found=addresses.fitting(address, ordered) if address else (),
            choices=tuple(at(row) for row in answers["choices"]),
            invite=_invite(invites[0]) if invites else None,
            homes=tuple(_home(row, at(row)) for row in answers["homes"]),
            spoken=tuple(_said_before(row, self._person["id"]) for row in answers["spoken"]),
        )

    def _me(self, home: list[DictRow], posts: list[DictRow], there: Places) -> Person:
        person, door = self._person, self._person["door_id"]
        at_home = home[0] if home else None
        return Person(
            id=person["id"],
            name=person["name"],
            is_liaison=any(row["unit_id"] is None for row in posts),
            posts=tuple(
                Post(row["unit_id"], row["level"], row["post"]) for row in posts if row["unit_id"]
            ),
            in_roster=person["phone"] is not None,
            home=there.at(Spot(at_home["unit_id"], at_home["household_id"])) if at_home else None,
            pending=bool(at_home and at_home["state"] == "pending"),
            request_no=at_home["no"] if at_home else None,
            door=there.at(Spot(door)) if door else None,
            awaiting=self._awaiting,
            claim_failures=person["claim_failures"],
            claim_locked_until=person["claim_locked_until"],
        )


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


def _request(row: DictRow, place: Place) -> JoinRequest:
    return JoinRequest(
        row["no"], row["person_id"], place, row["introduced_as"], row["tier"], row["asked_at"]
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
    return Home(place.door, row["contact_name"], row["contact_phone"], row["joined"])
