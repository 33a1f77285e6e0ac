"""Read-only queries behind screens: the ledger and one issue with all that happened to it.

Knows which rows a screen shows and under which names (contract section 7, `issue NO --json`).
Decides nothing and writes nothing; who may look is the caller's to know.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, text

_ISSUES: Final = """
    select issue.no, issue.state, issue.tier, issue.urgent, issue.category,
        household.number as household, unit.code as unit,
        coalesce(holder.name, '') as holder_name, issue.holder_role, issue.holder_post,
        issue.opened_at, issue.due_at, issue.answered_at, issue.resolved_at, issue.closed_at,
        issue.verdict,
        coalesce(
            (issue.due_at at time zone 'Asia/Shanghai')::date > issue.estimated_after, false
        ) as due_estimated
    from issues issue
    join units unit on unit.id = issue.unit_id
    join people holder on holder.id = issue.holder_id
    left join households household on household.id = issue.household_id
"""
_ALL: Final = text(f"{_ISSUES} order by issue.no")
_OPEN: Final = text(
    f"{_ISSUES} where issue.state in ('waiting', 'in_hand', 'resolved') order by issue.no"
)
_ONE: Final = text(f"{_ISSUES} where issue.no = :no")
# Both go by number, which is the order of opening and has an index.
_NEWEST_OPEN: Final = text(
    f"""
    {_ISSUES} where issue.state in ('waiting', 'in_hand', 'resolved')
    order by issue.no desc limit :most
    """
)
_LATELY_ENDED: Final = text(
    f"""
    {_ISSUES} where issue.state in ('closed', 'withdrawn') and issue.closed_at >= :since
        and issue.no > (select max(no) - :back from issues)
    order by issue.no desc limit :most
    """
)
_BACK: Final = 1000
# Whom the roster does not name is a resident; what nobody did, the service did.
_HISTORY: Final = text(
    """
    select history.at, history.kind, history.tier, message.text,
        case when history.by_id is null then null else coalesce(person.name, '居民') end as by
    from history
    left join people person on person.id = history.by_id
    left join messages message on message.id = history.message_id
    where history.issue_no = :no
    order by history.at, history.id
    """
)
_NOTICES: Final = text(
    """
    select coalesce(outbox.settled_at, outbox.made_at) as at, coalesce(person.name, '居民') as name,
        outbox.role, outbox.kind, outbox.channel, outbox.state, outbox.text
    from outbox join people person on person.id = outbox.person_id
    where outbox.issue_no = :no
    order by at, outbox.id
    """
)


@dataclass(frozen=True, slots=True)
class Holder:
    name: str
    role: str
    post: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the ledger; `due_at` is None only when closed or withdrawn. Moments are UTC.

    `due_estimated`: the due time rests on days that nobody has announced yet.
    """

    no: int
    state: str
    tier: str
    urgent: bool
    category: str | None
    household: str | None
    unit: str
    holder: Holder
    opened_at: datetime
    due_at: datetime | None
    answered_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    verdict: str | None
    due_estimated: bool


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to an issue; `by` is None where time or the service did it."""

    at: datetime
    kind: str
    by: str | None
    tier: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Addressee:
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Told:
    """A notice; `at` is when it was settled, or made while it is not."""

    at: datetime
    to: Addressee
    kind: str
    channel: str | None
    state: str
    text: str


@dataclass(frozen=True, slots=True)
class Whole:
    """One issue with everything, oldest first."""

    entry: Entry
    history: tuple[Step, ...]
    notices: tuple[Told, ...]


def issues(connection: Connection, *, open_only: bool = False) -> tuple[Entry, ...]:
    """The ledger by number."""
    rows = connection.execute(_OPEN if open_only else _ALL).mappings()
    return tuple(_entry(row) for row in rows)


def latest(connection: Connection, since: datetime, most: int) -> tuple[Entry, ...]:
    """At most so many for a wall display: open ones, newest first, then those ended since.

    Among the ended only the thousand numbers last given are looked through.
    """
    found = connection.execute(_NEWEST_OPEN, {"most": most}).mappings().all()
    left = {"since": since, "back": _BACK, "most": most - len(found)}
    ended = connection.execute(_LATELY_ENDED, left).mappings().all()
    return tuple(_entry(row) for row in (*found, *ended))


def issue(connection: Connection, no: int) -> Whole | None:
    """One issue, or None where there is none of this number."""
    row = connection.execute(_ONE, {"no": no}).mappings().first()
    if row is None:
        return None
    history = connection.execute(_HISTORY, {"no": no}).mappings()
    notices = connection.execute(_NOTICES, {"no": no}).mappings()
    return Whole(
        entry=_entry(row),
        history=tuple(Step(**_named(step)) for step in history),
        notices=tuple(_told(notice) for notice in notices),
    )


def _entry(row: RowMapping) -> Entry:
    plain = _named(row)
    names = ("holder_name", "holder_role", "holder_post")
    return Entry(holder=Holder(*(plain.pop(name) for name in names)), **plain)


def _told(row: RowMapping) -> Told:
    plain = _named(row)
    return Told(to=Addressee(plain.pop("name"), plain.pop("role")), **plain)


def _named(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in row.items()}
