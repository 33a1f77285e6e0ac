"""The one statement that writes decisions: rows as JSON in, all or nothing. Knows no rule.

Some ten kinds of rows go out in a single statement, because on the message path each further one
costs as much as the rest of the work. What is rare has statements of its own in `changes`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

import orjson
import psycopg
from psycopg.rows import DictRow

from bot.store.engine import Json, Stale
from bot.store.prepared import Prepared

_OPENED = """
    no, resident_id, household_id, unit_id, state, tier, opened_tier, place, past_liaison,
    filed_for, holder_id, holder_role, holder_post, opened_at, due_at, said_at, first_words,
    day_due_at, estimated_after, urgent
"""
# What a rule may set on an issue and on a person after they were made.
_SET_ISSUE = """
    household_id = new.household_id, unit_id = new.unit_id, state = new.state, tier = new.tier,
    place = new.place, holder_id = new.holder_id, holder_role = new.holder_role,
    holder_post = new.holder_post, due_at = new.due_at, answered_at = new.answered_at,
    resolved_at = new.resolved_at, closed_at = new.closed_at, said_at = new.said_at,
    urged_at = new.urged_at, reminders = new.reminders, remind_at = new.remind_at,
    verdict = new.verdict, handle_by = new.handle_by, unanswered_at = new.unanswered_at,
    extensions = new.extensions, day_due_at = new.day_due_at, day_asked_at = new.day_asked_at,
    estimated_after = new.estimated_after, urgent = new.urgent,
    handed_over = new.handed_over
"""
_SET_PERSON = """
    unfollowed_at = new.unfollowed_at, awaiting = new.awaiting,
    claim_failures = new.claim_failures, claim_locked_until = new.claim_locked_until
"""

# Each kind of rows with the part of the statement that writes it, in the order in which they go.
_PARTS = {
    "inbox": """
arrived as (
    insert into inbox (key, openid, received_at, state, reply)
    select x.key, x.openid, x.received_at, 'done', x.reply
    from given, jsonb_to_recordset(rows -> 'inbox')
        as x (key text, openid text, received_at timestamptz, reply text)
)""",
    "issues": f"""
opened as (
    insert into issues ({_OPENED})
    select {_OPENED}
    from given, jsonb_populate_recordset(null::issues, rows -> 'issues')
)""",
    "updates": f"""
moved as (
    update issues i set {_SET_ISSUE}, version = i.version + 1
    from (
        select wanted.*, (one ->> 'version')::int as stood_at
        from given, jsonb_array_elements(rows -> 'updates') one
        join issues present on present.no = (one ->> 'no')::bigint
        cross join lateral jsonb_populate_record(present, one -> 'values') wanted
    ) new
    where i.no = new.no and i.version = new.stood_at
    returning i.no
)""",
    "people": f"""
persons as (
    update people p set {_SET_PERSON}
    from (
        select wanted.*
        from given, jsonb_array_elements(rows -> 'people') one
        join people present on present.id = (one ->> 'id')::bigint
        cross join lateral jsonb_populate_record(present, one -> 'values') wanted
    ) new
    where p.id = new.id
)""",
    "messages": """
kept as (
    insert into messages (id, issue_no, author_id, kind, text, carried, at)
    select id, issue_no, author_id, kind, text, carried, at
    from given, jsonb_populate_recordset(null::messages, rows -> 'messages')
)""",
    "history": """
happened as (
    insert into history (issue_no, at, kind, by_id, tier, message_id)
    select issue_no, at, kind, by_id, tier, message_id
    from given, jsonb_populate_recordset(null::history, rows -> 'history')
)""",
    "outbox": """
told as (
    insert into outbox (key, person_id, role, issue_no, kind, text, made_at, state, channel,
        next_at, settled_at, facts)
    select x.key, x.person_id, x.role, x.issue_no, x.kind, x.text, x.made_at, x.state, x.channel,
        -- Whoever spoke within the hour is up: for them nothing rests until the morning.
        case when x.next_at > x.made_at + interval '1 minute'
            and p.last_said_at > x.made_at - interval '1 hour' then x.made_at else x.next_at end,
        x.settled_at, x.facts
    from given, jsonb_populate_recordset(null::outbox, rows -> 'outbox') with ordinality x
    join people p on p.id = x.person_id
    -- Nobody who has not joined is sent anything; they read what they hold when they join.
    where x.state = 'sent' or p.openid is not null
    order by x.ordinality  -- people are told in this order
    on conflict (key) do nothing
)""",
    "media": """
pieces as (
    insert into media (message_id, kind, media_id, media_id_16k, thumb_media_id, received_at,
        expires_at, state, next_at)
    select message_id, kind, media_id, media_id_16k, thumb_media_id, received_at, expires_at,
        'waiting', received_at
    from given, jsonb_populate_recordset(null::media, rows -> 'media')
    on conflict (message_id) do nothing
)""",
    "rode": """
rode as (
    -- What was only announced keeps the channel that announced it. Found by an array, here and
    -- below: a join that is planned while the outbox is small goes through all of it later.
    update outbox set state = 'sent', lease_until = null, why = null, unread = false, facts = null,
        channel = case when unread then channel else 'passive' end,
        settled_at = case when unread then settled_at else (rows ->> 'at')::timestamptz end
    from given
    where id = any(array(
        select jsonb_array_elements_text(rows -> 'rode')::bigint from given
    ))
)""",
    "again": """
again as (
    -- A push window is open again: what was refused everywhere, or only announced, is tried anew.
    update outbox set state = 'pending', next_at = (rows ->> 'at')::timestamptz, lease_until = null,
        settled_at = null, channel = null, unread = false
    from given
    where id = any(array(
            select id from outbox where person_id = any(%(again)s) and state = 'stuck'
            union all select id from outbox where person_id = any(%(again)s) and unread
        )) and not id = any(array(
            select jsonb_array_elements_text(rows -> 'rode')::bigint from given
        ))
),
woken as (
    -- So may the pieces that were held.
    update showings set next_at = (rows ->> 'at')::timestamptz
    from given
    where person_id = any(%(again)s) and state = 'waiting' and lease_until is null
)""",
}
_GIVEN = "with given as materialized (select %(rows)s::jsonb as rows),"
_WHOLE = "select true as whole"
# An issue that has moved on since its facts were read: a division by zero undoes it all.
_WHOLE_OR_NOTHING = """
select 1 / ((select count(*) from moved) = jsonb_array_length(rows -> 'updates'))::int as whole
from given
"""


_AS_THEY_SAY = orjson.OPT_PASSTHROUGH_DATACLASS  # what has a form of its own in JSON keeps it


@cache
def _statement(kinds: tuple[str, ...]) -> Prepared:
    """For these kinds of rows alone: a part that has nothing to write costs as much as one that
    writes a row."""
    end = _WHOLE_OR_NOTHING if "updates" in kinds else _WHOLE
    return Prepared(_GIVEN + ",".join(_PARTS[kind] for kind in kinds) + end)


@dataclass
class Rows:
    """What is to be written, by table; see the statement for the names."""

    inbox: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    people: dict[int, dict[str, Any]] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    media: list[dict[str, Any]] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)
    outbox: list[dict[str, Any]] = field(default_factory=list)
    rode: list[int] = field(default_factory=list)
    again: list[int] = field(default_factory=list)
    at: datetime | None = None

    def set_person(self, person_id: int, values: Mapping[str, Any]) -> None:
        """One row can be updated once in a statement: what comes later wins."""
        self.people.setdefault(person_id, {}).update(values)


def write_rows(connection: psycopg.Connection[DictRow], rows: Rows) -> None:
    """Write all of it. Stale rows are refused by psycopg's DivisionByZero, inside a pipeline when
    it ends; `refusing_stale` gives it its name."""
    people = [{"id": person_id, "values": values} for person_id, values in rows.people.items()]
    given = {**rows.__dict__, "people": people}
    kinds = tuple(kind for kind in _PARTS if given[kind])
    if kinds:
        written = Json(orjson.dumps(given, _plain, _AS_THEY_SAY))
        _statement(kinds).execute(connection, {"rows": written, "again": rows.again})


@contextmanager
def refusing_stale() -> Iterator[None]:
    """Raises Stale where the block's writing met an issue that had moved on."""
    try:
        yield
    except psycopg.errors.DivisionByZero:
        raise Stale from None


def _plain(value: Any) -> Any:
    if isinstance(value, date):  # a moment that is marked as estimated
        return value.isoformat()
    if hasattr(value, "to_json"):
        return value.to_json()
    raise TypeError(type(value).__name__)
