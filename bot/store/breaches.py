"""The promises of contract section 6 held against what the database says; for `doctor` and tests.

One look, a breach for each way in which rows can contradict a promise. Knows which rows those are;
not what to do about them. Writes nothing. What nobody can see from rows is not here: whether a
message that WeChat had taken never came, or a phone showed a notice twice.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

import psycopg
from psycopg.rows import DictRow

from bot.core.issue import Issue
from bot.core.standing import Terms, not_their_own
from bot.core.workdays import is_open
from bot.store import hours, places
from bot.store.engine import UNHURRIED
from bot.store.entitled import WAS_ENTITLED
from bot.store.issues import ISSUE, issue_of, spot_of

GUARDS: Final[Mapping[str, str]] = {
    "pk_inbox": "what WeChat repeats is kept once",
    "pk_messages": "what somebody said is in one issue once",
    "uq_outbox_key": "a notice is made once",
    "ck_issues_due_while_open": "an open issue has a due time",
    "uq_assignments_current": "a household has one liaison",
    "history_append_only": "history is never changed",
}
"""What the database itself refuses to break, as long as it is there."""


class Breach(StrEnum):
    """A promise, by its number in contract section 6, and how rows contradict it."""

    WITHOUT_HOLDER = "1 without holder"
    HOLDER_AWAY = "1 holder away"
    WITHOUT_OPENING = "2 without opening"
    SAID_TWICE = "2 said twice"
    STEPPED_TWICE = "3 stepped twice"
    FELL = "3 fell"
    STUCK_UNMOVED = "4 stuck unmoved"
    NEVER_HANDED_OVER = "4 never handed over"
    NOT_THEIRS = "5 not theirs"
    OUT_OF_HOURS = "6 out of hours"
    UNGUARDED = "unguarded"


Broken = Mapping[Breach, tuple[int | str, ...]]
"""Numbers of issues for each breach; names of constraints where it is UNGUARDED."""

# So many of the newest rows are looked at where a table only grows: what broke earlier was told
# earlier.
_NEWEST: Final = 200_000
_MOST: Final = 5_000
_PATIENCE: Final = "set local statement_timeout = '60s'"
_OPEN: Final = "state in ('waiting', 'in_hand', 'resolved')"
_WITHOUT_HOLDER: Final = f"""
select no from issues left join people on people.id = issues.holder_id
where {_OPEN} and (people.id is null or people.merged_into is not null)
order by no
"""
_RECENT: Final = """
with recent as (
    select distinct issue_no from history
    where id > (select coalesce(max(id), 0) - %(newest)s from history)
)"""
_WITHOUT_OPENING: Final = f"""
{_RECENT}
select issue_no as no from history join recent using (issue_no)
group by issue_no having count(*) filter (where kind = 'opened') <> 1 order by 1
"""
_SAID_TWICE: Final = """
select distinct issue_no as no from history
where message_id in (
    select message_id from history
    where kind in ('opened', 'said') and message_id is not null
        and id > (select coalesce(max(id), 0) - %(newest)s from history)
    group by message_id having count(*) > 1
) order by 1
"""
# A tier never falls and each step is taken once, so none is reached twice; an issue that moved
# house while it waited begins anew.
_STEPS: Final = f"""
{_RECENT}, lives as (
    select h.*, count(*) filter (where kind = 'handed_over' and by_id is null)
        over (partition by issue_no order by h.id) as life
    from history h join recent using (issue_no)
)"""
_STEPPED_TWICE: Final = f"""
{_STEPS}
select distinct issue_no as no from lives
where kind = 'escalated' group by issue_no, life, tier having count(*) > 1 order by 1
"""
_FELL: Final = f"""
{_STEPS}, placed as (
    select issue_no, array_position(%(tiers)s::text[], tier) as place,
        max(array_position(%(tiers)s::text[], tier)) over (
            partition by issue_no, life order by id rows between unbounded preceding and 1 preceding
        ) as reached
    from lives where kind in ('opened', 'escalated', 'reopened', 'reminded', 'handed_over')
)
select distinct issue_no as no from placed where place < reached order by 1
"""
# Whoever holds an issue and was refused by every channel: it went on, or they were heard of since.
_STUCK_UNMOVED: Final = f"""
select distinct i.no from outbox o join issues i on i.no = o.issue_no
where o.state = 'stuck' and o.settled_at < %(before)s and o.kind <> 'told_again'
    and i.holder_id = o.person_id and i.state in ('waiting', 'in_hand') and i.due_at > %(now)s
    and not exists (
        select 1 from history h where h.issue_no = i.no and h.at >= o.settled_at
            and (h.kind in ('escalated', 'reminded') or h.by_id = i.holder_id)
    ) and o.id > (select coalesce(max(id), 0) - {_NEWEST} from outbox)
order by 1
"""
# In somebody's hand long after any lease: whoever put it there died, and nobody took note.
_NEVER_HANDED_OVER: Final = """
select distinct coalesce(issue_no, 0) as no from outbox
where state = 'pending' and lease_until < %(long_ago)s order by 1
"""
_NOT_THEIRS: Final = f"""
select distinct o.issue_no as no
from outbox o join issues i on i.no = o.issue_no join units u on u.id = i.unit_id
where o.state in ('sent', 'unknown') and not {WAS_ENTITLED}
    and o.id > (select coalesce(max(id), 0) - {_NEWEST} from outbox)
order by 1
"""
_AWAY: Final = f"""{ISSUE}
where i.state in ('waiting', 'in_hand') and i.due_at > %(now)s
    and (
        hp.openid is null or hp.unfollowed_at is not null or hp.unreachable_since is not null
        or not exists (
            select 1 from staff s where s.person_id = hp.id and s.retired_at is null
                and s.status = '在岗' and coalesce(s.leave_until <= %(now)s, true)
        ) and not exists (
            select 1 from liaisons l where l.person_id = hp.id and l.retired_at is null
                and l.status <> '停用' and coalesce(l.leave_until <= %(now)s, true)
        )
    )
order by i.no limit {_MOST}
"""
_DUE: Final = f"""
select i.no, i.tier, i.due_at from issues i
where {_OPEN} and not urgent and due_at > %(now)s and %(hours_since)s <= (
    select max(at) from history h where h.issue_no = i.no and h.kind in
        ('opened', 'escalated', 'reminded', 'reopened', 'accepted', 'extended', 'resolved')
)
order by no
"""
_GUARDS: Final = """
select conname as name from pg_constraint where conname = any(%(names)s::text[])
union
select indexname from pg_indexes where indexname = any(%(names)s::text[])
union
select tgname from pg_trigger where tgname = any(%(names)s::text[]) and tgenabled <> 'D'
"""
_BY_ROWS: Final[Mapping[Breach, str]] = {
    Breach.WITHOUT_HOLDER: _WITHOUT_HOLDER,
    Breach.WITHOUT_OPENING: _WITHOUT_OPENING,
    Breach.SAID_TWICE: _SAID_TWICE,
    Breach.STEPPED_TWICE: _STEPPED_TWICE,
    Breach.FELL: _FELL,
    Breach.STUCK_UNMOVED: _STUCK_UNMOVED,
    Breach.NEVER_HANDED_OVER: _NEVER_HANDED_OVER,
    Breach.NOT_THEIRS: _NOT_THEIRS,
}
_LONG: Final = timedelta(minutes=10)
_Connection = psycopg.Connection[DictRow]


def look(connection: _Connection, terms: Terms) -> Broken:
    """What is broken now, by breach; nothing where every promise holds. Whole-table work: seconds
    where the tables are large."""
    connection.execute(f"{UNHURRIED}; {_PATIENCE}")
    return {breach: found for breach, found in _looked(connection, terms) if found}


def _looked(
    connection: _Connection, terms: Terms
) -> Iterator[tuple[Breach, tuple[int | str, ...]]]:
    values = {
        "now": terms.now,
        "before": terms.now - 2 * terms.ladder.tick,
        "long_ago": terms.now - _LONG,
        "newest": _NEWEST,
        "tiers": [tier.key for tier in terms.ladder.tiers],
    }
    for breach, statement in _BY_ROWS.items():
        yield breach, _numbers(connection, statement, values)
    yield Breach.HOLDER_AWAY, tuple(held_by_nobody_there(connection, terms))
    yield Breach.OUT_OF_HOURS, tuple(_out_of_hours(connection, terms))
    yield Breach.UNGUARDED, _unguarded(connection)


def _numbers(connection: _Connection, statement: str, values: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(row["no"] for row in connection.execute(statement, values))


def held_by_nobody_there(connection: _Connection, terms: Terms) -> Iterator[int]:
    """Issues that stay with somebody who is not there although somebody else is."""
    rows = connection.execute(_AWAY, {"now": terms.now}).fetchall()
    there = places.ask(connection, [spot_of(row) for row in rows], terms.now)
    issues = (issue_of(row, there.at(spot_of(row))) for row in rows)
    return (issue.no for issue in issues if _should_move(issue, terms))


def _should_move(issue: Issue, terms: Terms) -> bool:
    place = issue.place
    servers = (*place.liaisons, *place.staff)
    if any(server.person_id == issue.holder_id and server.there for server in servers):
        return False
    return terms.settle(place, terms.tier_of(issue), not_their_own(issue)) is not None


def _out_of_hours(connection: _Connection, terms: Terms) -> Iterator[int]:
    """Due times that were stamped since the hours are what they are, and lie outside them."""
    hours_since = hours.since(connection, terms.ladder)
    if hours_since is None:
        return
    values = {"now": terms.now, "hours_since": hours_since}
    for row in connection.execute(_DUE, values):
        tier = terms.ladder.tier(row["tier"])
        if tier and not is_open(row["due_at"], tier.clock, terms.calendar):
            yield row["no"]


def _unguarded(connection: _Connection) -> tuple[str, ...]:
    found = {row["name"] for row in connection.execute(_GUARDS, {"names": list(GUARDS)})}
    return tuple(name for name in GUARDS if name not in found)
