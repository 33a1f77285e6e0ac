"""One-time codes by which liaisons and staff join from WeChat (contract section 1, `invites`).

Knows who has not joined yet and what a code looks like. Does not judge a code that somebody
typed, and commits nothing: the caller holds the transaction.
"""

import secrets
from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Row, text

GOOD_FOR: Final = timedelta(days=14)
# Without what is mistaken for another when copied by hand: 0 O, 1 I L, 2 Z, 5 S, 8 B, U V.
ALPHABET: Final = "ACDEFGHJKMNPQRTWXY34679"
LENGTH: Final = 8

_INVITING_LOCK: Final = 4_811_504

# A person with several parts has one code; they are shown as a liaison before as staff.
_NOT_JOINED: Final = text(
    """
    select distinct on (person.id)
        person.id, person.name, person.phone, part.role, unit.code as unit,
        invite.code, invite.expires_at > :now and invite.used_at is null as good
    from people person
    join (
        select person_id, unit_id, 'liaison' as role, id from liaisons
        where retired_at is null and status <> '停用'
        union all
        select person_id, unit_id, 'staff', id from staff
        where retired_at is null and status <> '停用'
    ) part on part.person_id = person.id
    join units unit on unit.id = part.unit_id
    left join invites invite on invite.person_id = person.id
    where person.openid is null and person.merged_into is null
    order by person.id, part.role, part.id
    """
)
_KEEP: Final = text(
    """
    insert into invites (person_id, code, made_at, expires_at)
    select person, code, :now, :expires_at
    from unnest(cast(:people as bigint[]), cast(:codes as text[])) as made (person, code)
    on conflict (person_id) do update
    set code = excluded.code, made_at = excluded.made_at, expires_at = excluded.expires_at,
        used_at = null
    """
)


@dataclass(frozen=True, slots=True)
class Invite:
    """Whom to tell which code; `role` is "liaison" or "staff", `unit` the unit's code."""

    name: str
    phone: str
    role: str
    unit: str
    code: str


def make(connection: Connection, now: datetime) -> tuple[Invite, ...]:
    """A good code for everybody of the roster who has not joined, in the roster's order.

    A code stays as it is until it expires or is used; then a new one takes its place.
    """
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _INVITING_LOCK})
    waiting = connection.execute(_NOT_JOINED, {"now": now}).all()
    kept = {row.id: row.code for row in waiting if row.good}
    new = _new_codes(connection, [row.id for row in waiting if not row.good])
    made = {"now": now, "expires_at": now + GOOD_FOR}
    connection.execute(_KEEP, {**made, "people": list(new), "codes": list(new.values())})
    codes = kept | new
    return tuple(_invite(row, codes[row.id]) for row in waiting)


def _invite(row: Row[tuple[object, ...]], code: str) -> Invite:
    return Invite(row.name or "", row.phone or "", row.role, row.unit, code)


def _new_codes(connection: Connection, people: list[int]) -> dict[int, str]:
    taken: set[str] = set(connection.execute(text("select code from invites")).scalars())
    codes: dict[int, str] = {}
    for person in people:
        codes[person] = _code(taken)
        taken.add(codes[person])
    return codes


def _code(taken: Set[str]) -> str:
    """A random code that is not taken and is no bare number, which would be read as an issue's."""
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        if code not in taken and not code.isdigit():
            return code
