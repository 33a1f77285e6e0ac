"""Decision → rows: the only writer of issues, messages, history and outbox.

Refuses stale versions whole: a decision made on facts that have changed since writes nothing.
All statements of a decision go out in one pipeline.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from bot.core.decision import (
    AnswerJoin,
    Ask,
    AskToJoin,
    Attach,
    Change,
    ClaimInvite,
    Decision,
    Entry,
    Keep,
    LeaveHeld,
    Open,
    PassJoin,
    SetPerson,
    Tell,
    Update,
)
from bot.core.notices import Notice
from bot.core.people import Awaiting, Role
from bot.store import hanging
from bot.store.engine import Stale

Statement = tuple[str, Mapping[str, Any]]
Word = Callable[[Notice], str]

_AFTER_THE_REPLY = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Source:
    """What caused a decision: `key` makes its notices unique, so that a repeat adds none."""

    key: str
    at: datetime


def number(connection: psycopg.Connection[DictRow], decision: Decision) -> Decision:
    """The decision with a number for what it opens; one round trip, only where it opens."""
    if not decision.needs_number:
        return decision
    row = connection.execute("select nextval('numbers') as no").fetchone()
    return decision.numbered(row["no"] if row else 0)


def write(
    connection: psycopg.Connection[DictRow], decision: Decision, source: Source, word: Word
) -> None:
    """Everything the decision asks for, in the connection's transaction. Raises Stale."""
    write_all(connection, [(decision, source)], word)


def write_all(
    connection: psycopg.Connection[DictRow],
    decisions: list[tuple[Decision, Source]],
    word: Word,
) -> None:
    """Many decisions in one pipeline. Raises Stale where any of them came too late."""
    versioned: list[psycopg.Cursor[DictRow]] = []
    with connection.pipeline():
        for decision, source in decisions:
            for change in decision.changes:
                cursors = [connection.execute(*statement) for statement in _statements(change)]
                if isinstance(change, Update | AnswerJoin | ClaimInvite):
                    versioned.append(cursors[0])
            for statement in _tellings(decision, source, word):
                connection.execute(*statement)
            for statement in hanging.hung(decision, source.at):
                connection.execute(*statement)
    if any(cursor.rowcount != 1 for cursor in versioned):
        raise Stale


def note_reply(
    connection: psycopg.Connection[DictRow],
    person_id: int,
    replies: tuple[Notice, ...],
    source: Source,
    word: Word,
) -> None:
    """What a passive reply said about an issue, so that its record shows what its people read."""
    with connection.pipeline():
        for reply in replies:
            if isinstance(getattr(reply, "no", None), int):
                connection.execute(_SAID_AT_ONCE, _telling(person_id, reply, source, word))


def tell_rest(
    connection: psycopg.Connection[DictRow],
    person_id: int,
    texts: Sequence[str],
    source: Source,
) -> None:
    """What one reply did not hold, in order, each a message of its own; not before the reply."""
    with connection.pipeline():
        for number, rest in enumerate(texts, 1):
            values = {
                "key": f"{source.key}:{person_id}:rest:{number}",
                "person_id": person_id,
                "role": str(Role.RESIDENT),
                "no": None,
                "kind": "rest",
                "text": rest,
                "at": source.at,
                "next_at": source.at + _AFTER_THE_REPLY,
            }
            connection.execute(_TELL, values)


# One statement a kind of change; columns of `Open` and `Keep` are named once, here.
_OPEN = """
insert into issues (no, resident_id, household_id, unit_id, state, tier, opened_tier, place,
    past_liaison, filed_for, holder_id, holder_role, holder_post, opened_at, due_at, said_at,
    first_words)
values (%(no)s, %(resident_id)s, %(household_id)s, %(unit_id)s, %(state)s, %(tier)s,
    %(opened_tier)s, %(place)s, %(past_liaison)s, %(filed_for)s, %(holder_id)s, %(holder_role)s,
    %(holder_post)s, %(opened_at)s, %(due_at)s, %(opened_at)s, %(first_words)s)
"""
_KEEP = """
insert into messages (id, issue_no, author_id, kind, text, carried, at)
values (%(id)s, %(no)s, %(author_id)s, %(kind)s, %(text)s, %(carried)s, %(at)s)
"""
_ATTACH = "update messages set issue_no = %(no)s where id = %(message_id)s and issue_no is null"
_ENTRY = """
insert into history (issue_no, at, kind, by_id, tier, message_id)
values (%(no)s, %(at)s, %(kind)s, %(by_id)s, %(tier)s, %(message_id)s)
"""
_ASK_TO_JOIN = """
insert into memberships (no, person_id, household_id, state, introduced_as, asked_at, tier, due_at)
values (%(no)s, %(person_id)s, %(household_id)s, 'pending', %(introduced_as)s, %(asked_at)s,
    %(tier)s, %(due_at)s)
"""
_DROP_ASKED = """
update memberships set state = 'left', until = %(asked_at)s, due_at = null
where person_id = %(person_id)s and state = 'pending' and until is null
"""
_ASK_NEXT = """
update memberships set tier = %(tier)s, due_at = %(due_at)s where no = %(no)s and state = 'pending'
"""
# The first statement of these shows by its one row that nobody was there before.
_RECOGNISE = """
update memberships set state = 'recognised', since = %(at)s, answered_by = %(by_id)s, due_at = null
where no = %(no)s and state = 'pending'
"""
_LEAVE_OTHERS = """
update memberships set state = 'left', until = %(at)s, due_at = null
where person_id = %(person_id)s and no <> %(no)s and until is null
"""
_REFUSE = """
update memberships set state = 'refused', until = %(at)s, answered_by = %(by_id)s, due_at = null
where no = %(no)s and state = 'pending'
"""
_UNHOUSE = """
update issues set household_id = null, version = version + 1
where resident_id = %(person_id)s and not filed_for
    and household_id = (select household_id from memberships where no = %(no)s)
"""
_LEAVE_HELD = """
update issues set due_at = %(at)s, version = version + 1
where holder_id = %(person_id)s and state in ('waiting', 'in_hand')
"""
_CLAIM: tuple[str, ...] = (
    "update invites set used_at = %(at)s where person_id = %(person_id)s and used_at is null",
    "update people set openid = null, merged_into = %(person_id)s where id = %(from_id)s",
    """
    update people set openid = %(openid)s, joined_at = %(at)s, last_said_at = %(at)s,
        unfollowed_at = null, unreachable_since = null, awaiting = null, claim_failures = 0,
        account = old.account, door_id = coalesce(people.door_id, old.door_id),
        wrote_at = old.wrote_at, touched = old.touched, touched_at = old.touched_at
    from people old where people.id = %(person_id)s and old.id = %(from_id)s
    """,
    "update issues set resident_id = %(person_id)s where resident_id = %(from_id)s",
    "update memberships set person_id = %(person_id)s where person_id = %(from_id)s",
    "update messages set author_id = %(person_id)s where author_id = %(from_id)s",
    "update outbox set person_id = %(person_id)s where person_id = %(from_id)s",
    "update sends set person_id = %(person_id)s where person_id = %(from_id)s",
    # A yes belongs to the WeChat that said it.
    "delete from consents where person_id = %(person_id)s",
    "update consents set person_id = %(person_id)s where person_id = %(from_id)s",
    """
    update showings s set person_id = %(person_id)s where s.person_id = %(from_id)s
        and not exists (select from showings other
            where other.message_id = s.message_id and other.person_id = %(person_id)s)
    """,
)
# Nobody who has not joined is sent anything; they read what they hold when they join.
_TELL = """
insert into outbox (key, person_id, role, issue_no, kind, text, made_at, state, next_at)
select %(key)s, id, %(role)s, %(no)s, %(kind)s, %(text)s, %(at)s, 'pending', %(next_at)s
from people where id = %(person_id)s and openid is not null
on conflict (key) do nothing
"""
_SAID_AT_ONCE = """
insert into outbox (key, person_id, role, issue_no, kind, text, made_at, state, channel, settled_at)
select %(key)s, %(person_id)s, case when i.resident_id = %(person_id)s then 'resident'
        when i.holder_id = %(person_id)s then i.holder_role
        when exists (select 1 from assignments a where a.household_id = i.household_id
            and a.until is null and a.person_id = %(person_id)s) then 'liaison'
        else 'staff' end,
    i.no, %(kind)s, %(text)s, %(at)s, 'sent', 'passive', %(at)s
from issues i where i.no = %(no)s
on conflict (key) do nothing
"""


def _statements(change: Change) -> Iterator[Statement]:
    match change:
        case Open() | Keep() | Attach() | Entry():
            yield _row(change)
            if isinstance(change, Keep):
                yield from hanging.kept(change)
        case Update():
            yield _update(change)
        case SetPerson():
            yield _set_person(change)
        case Ask():
            yield from hanging.asked(change)
        case LeaveHeld(person_id, at):
            yield _LEAVE_HELD, {"person_id": person_id, "at": at}
        case ClaimInvite(person_id, from_id, openid, at):
            values = {"person_id": person_id, "from_id": from_id, "openid": openid, "at": at}
            for statement in _CLAIM:
                yield statement, values
        case AskToJoin() | AnswerJoin() | PassJoin():
            yield from _joining(change)


def _row(change: Open | Keep | Attach | Entry) -> Statement:
    values = _values(change)
    match change:
        case Open():
            holder = change.holder
            return _OPEN, values | {
                "holder_id": holder.person_id,
                "holder_role": str(holder.role),
                "holder_post": holder.post,
            }
        case Keep():
            return _KEEP, values | {"carried": Jsonb(dict(change.carried))}
        case Attach():
            return _ATTACH, values
        case Entry():
            return _ENTRY, values


def _joining(change: AskToJoin | AnswerJoin | PassJoin) -> Iterator[Statement]:
    values = _values(change)
    match change:
        case AskToJoin():
            yield _DROP_ASKED, values
            yield _ASK_TO_JOIN, values
        case PassJoin():
            yield _ASK_NEXT, values
        case AnswerJoin(known=True):
            yield _RECOGNISE, values
            yield _LEAVE_OTHERS, values
        case AnswerJoin():
            yield _REFUSE, values
            yield _UNHOUSE, values


def _update(change: Update) -> Statement:
    sets = ", ".join(f"{column} = %({column})s" for column in change.values)
    statement = f"""
        update issues set {sets}, version = version + 1
        where no = %(no)s and version = %(version)s
    """
    return statement, {**change.values, "no": change.no, "version": change.version}


def _set_person(change: SetPerson) -> Statement:
    values = {
        column: Jsonb(value.to_json()) if isinstance(value, Awaiting) else value
        for column, value in change.values.items()
    }
    sets = ", ".join(f"{column} = %({column})s" for column in values)
    return f"update people set {sets} where id = %(id)s", {**values, "id": change.id}


def _tellings(decision: Decision, source: Source, word: Word) -> Iterator[Statement]:
    seen: set[tuple[int, int | None, str]] = set()
    for tell in decision.tells:
        once = (tell.person_id, tell.no, tell.notice.kind)
        if once not in seen:
            seen.add(once)
            yield _TELL, _tell(tell, source, word)


def _tell(tell: Tell, source: Source, word: Word) -> dict[str, Any]:
    values = _telling(tell.person_id, tell.notice, source, word)
    next_at = source.at + hanging.GATHER if hanging.gathers(tell) else source.at
    return {**values, "role": str(tell.role), "no": tell.no, "next_at": next_at}


def _telling(person_id: int, notice: Notice, source: Source, word: Word) -> dict[str, Any]:
    no = getattr(notice, "no", None)
    return {
        "key": f"{source.key}:{person_id}:{notice.kind}:{no or ''}",
        "person_id": person_id,
        "no": no,
        "kind": notice.kind,
        "text": word(notice),
        "at": source.at,
    }


def _values(change: Any) -> dict[str, Any]:
    """A change's own fields as parameters; enums as their text."""
    return {
        name: str(value) if hasattr(value, "value") else value
        for name, value in ((slot, getattr(change, slot)) for slot in type(change).__slots__)
    }
