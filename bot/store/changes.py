"""Decision → rows: the only writer of issues, messages, history and outbox.

Refuses stale versions whole: a decision made on facts that have changed since writes nothing.
What is common goes out in one statement (`writing`), what is rare in statements of its own before
it; all in one pipeline.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import DictRow

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
from bot.core.late import facts_of
from bot.core.notices import Notice
from bot.core.people import Role
from bot.core.workdays import horizon_of
from bot.store import hanging
from bot.store.engine import Stale
from bot.store.writing import Rows, refusing_stale, write_rows

Statement = tuple[str, Mapping[str, Any]]
Word = Callable[[Notice], str]

_AFTER_THE_REPLY = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Source:
    """What caused a decision: `key` makes its notices unique, so that a repeat adds none."""

    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Replied:
    """A part of an answer that speaks of an issue: its words, and the part the person plays."""

    notice: Notice
    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """How an act was answered, to be kept with what it caused.

    `replies` are put down as sent to `person_id`; `rode` are the notices that went along; `rest` is
    what the answer did not hold, in texts that are messages of their own. `openid` None: the act
    is in the inbox already.
    """

    person_id: int
    openid: str | None
    text: str | None
    replies: tuple[Replied, ...] = ()
    rode: tuple[int, ...] = ()
    rest: tuple[str, ...] = ()
    speaks: bool = True


def number(connection: psycopg.Connection[DictRow], decision: Decision) -> Decision:
    """The decision with a number for what it opens; one round trip, only where it opens."""
    if not decision.needs_number:
        return decision
    row = connection.execute("select nextval('numbers') as no").fetchone()
    return decision.numbered(row["no"] if row else 0)


@dataclass(frozen=True, slots=True)
class Answered:
    """A decision with what caused it and, where somebody waits for one, the answer given."""

    decision: Decision
    source: Source
    answer: Answer | None = None


def write(
    connection: psycopg.Connection[DictRow],
    decision: Decision,
    source: Source,
    word: Word,
    answer: Answer | None = None,
) -> None:
    """Everything the decision asks for, and how it was answered. Raises Stale.

    With an answer the transaction is committed in the same round trip.
    """
    _write(connection, [Answered(decision, source, answer)], word, commit=answer is not None)


def write_all(
    connection: psycopg.Connection[DictRow],
    decisions: Iterable[tuple[Decision, Source]],
    word: Word,
) -> None:
    """Many decisions at once. Raises Stale where any of them came too late."""
    answered = [Answered(decision, source) for decision, source in decisions]
    if answered:
        _write(connection, answered, word)


def write_round(
    connection: psycopg.Connection[DictRow], answered: Sequence[Answered], word: Word
) -> None:
    """Many decisions and how they were answered, committed. Raises Stale, then for all."""
    _write(connection, answered, word, commit=True)


def is_common(decision: Decision, at: datetime) -> bool:
    """Whether nothing is to be written but what `write_round` can write for many at once."""
    return not any(map(_is_rare, decision.changes)) and not any(hanging.hung([(decision, at)]))


def _write(
    connection: psycopg.Connection[DictRow],
    answered: Sequence[Answered],
    word: Word,
    *,
    commit: bool = False,
) -> None:
    rows = _rows(answered, word)
    rare = [change for one in answered for change in one.decision.changes if _is_rare(change)]
    # Words kept from before may go into an issue that is only now opened.
    attached = [change for change in rare if isinstance(change, Attach)]
    rare = [change for change in rare if not isinstance(change, Attach)]
    if any(isinstance(change, AnswerJoin | ClaimInvite) for change in rare):
        _check_first(connection, rare)
        rare = []
    with refusing_stale(), connection.pipeline():
        for change in rare:
            for statement in _statements(change):
                connection.execute(*statement)
        write_rows(connection, rows)
        for change in attached:
            connection.execute(_ATTACH, _values(change))
        for statement in hanging.hung((one.decision, one.source.at) for one in answered):
            connection.execute(*statement)
        if commit:
            connection.commit()


def _check_first(connection: psycopg.Connection[DictRow], rare: list[Change]) -> None:
    """Of these the first statement shows by its one row that nobody was there before."""
    for change in rare:
        cursors = [connection.execute(*statement) for statement in _statements(change)]
        if isinstance(change, AnswerJoin | ClaimInvite) and cursors[0].rowcount != 1:
            raise Stale


_ATTACH = "update messages set issue_no = %(no)s where id = %(message_id)s and issue_no is null"
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


def _is_rare(change: Change) -> bool:
    return not isinstance(change, Open | Update | Keep | Entry | SetPerson)


def _statements(change: Change) -> Iterator[Statement]:
    match change:
        case LeaveHeld():
            yield _LEAVE_HELD, _values(change)
        case Ask():
            yield from hanging.asked(change)
        case ClaimInvite():
            for statement in _CLAIM:
                yield statement, _values(change)
        case AskToJoin() | AnswerJoin() | PassJoin():
            yield from _joining(change)


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


def _rows(answered: Iterable[Answered], word: Word) -> Rows:
    rows = Rows()
    for one in answered:
        for change in one.decision.changes:
            _add(rows, change)
        _told(rows, one, word)
        if one.answer is not None:
            _replied(rows, one.answer, one.source)
    return rows


def _told(rows: Rows, one: Answered, word: Word) -> None:
    seen: set[tuple[int, int | None, str]] = set()
    for tell in one.decision.tells:
        once = (tell.person_id, tell.no, tell.notice.kind)
        if once not in seen:
            seen.add(once)
            rows.outbox.append(_to_be_sent(tell, one.source, word))


def _add(rows: Rows, change: Change) -> None:
    match change:
        case Open():
            rows.issues.append(_opened(change))
        case Update(no, version, values):
            rows.updates.append({"no": no, "version": version, "values": _marked(values)})
        case SetPerson(person_id, values):
            rows.set_person(person_id, values)
        case Keep():
            rows.messages.append(_of_issue(change) | {"carried": dict(change.carried)})
            rows.media += hanging.file_of(change)
        case Entry():
            rows.history.append(_of_issue(change))


def _opened(change: Open) -> dict[str, Any]:
    holder = change.holder
    return _marked(_values(change)) | {
        "holder": None,
        "holder_id": holder.person_id,
        "holder_role": str(holder.role),
        "holder_post": holder.post,
        "said_at": change.opened_at,
    }


def _marked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of an issue; with a due time goes the horizon beyond which it was estimated."""
    if "due_at" not in values:
        return dict(values)
    return {**values, "estimated_after": horizon_of(values["due_at"], values.get("handle_by"))}


def _of_issue(change: Keep | Entry) -> dict[str, Any]:
    return _values(change) | {"issue_no": change.no}


def _replied(rows: Rows, answer: Answer, source: Source) -> None:
    if answer.openid is not None:
        arrived = {"key": source.key, "openid": answer.openid, "reply": answer.text}
        rows.inbox.append(arrived | {"received_at": source.at})
    for reply in answer.replies:
        said = _telling(answer.person_id, reply.notice, source, reply.text)
        rows.outbox.append(
            said
            | {"role": str(reply.role), "issue_no": getattr(reply.notice, "no", None)}
            | {"state": "sent", "channel": "passive", "settled_at": source.at}
        )
    rows.outbox += [
        _rest(answer.person_id, number, text, source) for number, text in enumerate(answer.rest, 1)
    ]
    if answer.speaks:
        rows.rode += answer.rode
        rows.again.append(answer.person_id)
        rows.at = source.at


def _rest(person_id: int, number: int, text: str, source: Source) -> dict[str, Any]:
    """A part of a reply that did not fit into it: not before the reply."""
    return {
        "key": f"{source.key}:{person_id}:rest:{number}",
        "person_id": person_id,
        "role": str(Role.RESIDENT),
        "kind": "rest",
        "text": text,
        "made_at": source.at,
        "state": "pending",
        "next_at": source.at + _AFTER_THE_REPLY,
    }


def _to_be_sent(tell: Tell, source: Source, word: Word) -> dict[str, Any]:
    said = _telling(tell.person_id, tell.notice, source, word(tell.notice))
    return said | {
        "role": str(tell.role),
        "issue_no": tell.no,
        "state": "pending",
        "next_at": tell.rests_until or _soon(tell, source.at),
        "facts": facts_of(tell.notice),
    }


def _soon(tell: Tell, at: datetime) -> datetime:
    return at + hanging.GATHER if hanging.gathers(tell) else at


def _telling(person_id: int, notice: Notice, source: Source, text: str) -> dict[str, Any]:
    return {
        "key": f"{source.key}:{person_id}:{notice.kind}:{getattr(notice, 'no', None) or ''}",
        "person_id": person_id,
        "kind": notice.kind,
        "text": text,
        "made_at": source.at,
    }


def _values(change: Any) -> dict[str, Any]:
    """A change's own fields, by name."""
    return {slot: getattr(change, slot) for slot in type(change).__slots__}
