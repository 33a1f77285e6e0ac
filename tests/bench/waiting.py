"""Many issues that wait, and many that are over: rows by the hundred thousand, by SQL alone.

Knows what the desk leaves in the tables. Must not know what is measured on it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

import psycopg
from psycopg import sql

_PORTION: Final = 100_000
# Everybody of the roster has joined, and each household has a resident, before these are made.
_ISSUES: Final = """
with homes as (
    select m.person_id, m.household_id, h.unit_id, a.person_id as liaison_id,
        row_number() over (order by m.no) - 1 as at
    from memberships m join households h on h.id = m.household_id
    join assignments a on a.household_id = h.id and a.until is null
    where m.state = 'recognised' and m.until is null
), made as (
    insert into issues (no, resident_id, household_id, unit_id, state, tier, opened_tier, place,
        holder_id, holder_role, opened_at, due_at, closed_at, said_at, first_words)
    select nextval('numbers'), person_id, household_id, unit_id, %(state)s, 'liaison', 'liaison', 0,
        liaison_id, 'liaison', %(opened_at)s,
        case when %(state)s <> 'closed'
            then %(due_at)s::timestamptz + (n - 1) * %(apart_s)s * interval '1 second' end,
        case when %(state)s = 'closed' then %(due_at)s::timestamptz end, %(opened_at)s, '停水了'
    from generate_series(1, %(number)s) n
    join homes on homes.at = n %% (select count(*) from homes)
    returning no
)
insert into history (issue_no, at, kind, tier)
select no, %(opened_at)s, kind, 'liaison'
from made, unnest(array['opened'] || array_fill('said'::text, array[%(said)s])) kind
"""
_INDEXES: Final = """
select indexname as name, indexdef as made from pg_indexes
where tablename in ('issues', 'history') and schemaname = current_schema()
    and indexname not in (select conname from pg_constraint)
"""
_AT_REST: Final = "vacuum (analyze) issues, history, outbox"


def wait(url: str, number: int, due_at: datetime, *, apart_s: float = 0.0) -> None:
    """So many issues wait for liaisons: the first due at `due_at`, the next `apart_s` later …"""
    _fill(url, number, "waiting", due_at, apart_s, said=0)


def lie_behind(url: str, number: int, over_at: datetime, *, history: int) -> None:
    """So many closed issues, with `history` entries each."""
    with _indexed_at_the_end(url):
        for done in range(0, number, _PORTION):
            portion = min(_PORTION, number - done)
            _fill(url, portion, "closed", over_at, 0.0, said=history - 1)


@contextmanager
def _indexed_at_the_end(url: str) -> Iterator[None]:
    """Indexes that are made of many rows at once cost a part of what they cost row by row."""
    with psycopg.connect(url, autocommit=True) as connection:
        indexes = connection.execute(_INDEXES).fetchall()
        for name, _ in indexes:
            connection.execute(sql.SQL("drop index {}").format(sql.Identifier(name)))
        yield
        connection.execute("set maintenance_work_mem = '1GB'")
        for _, made in indexes:
            connection.execute(made)


def _fill(
    url: str, number: int, state: str, due_at: datetime, apart_s: float, *, said: int
) -> None:
    values = {
        "number": number,
        "state": state,
        "opened_at": due_at,
        "due_at": due_at,
        "apart_s": apart_s,
        "said": said,
    }
    with psycopg.connect(url) as connection:
        # References are right by the way the rows are made; checking ten million takes minutes.
        connection.execute("set session_replication_role = replica")
        connection.execute("set synchronous_commit = off")
        connection.execute(_ISSUES, values)


def settle(url: str) -> None:
    """As a table is after a night."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_AT_REST)
