"""Which pictures, voices and videos hang on what a person is told: statements for `changes`.

Knows the rows of media and showings that a decision causes; not what is in a file nor how it
reaches anybody.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from bot.core.carrying import LIVES, PIECES, is_piece
from bot.core.decision import Ask, Attach, Decision, Keep, Tell

Statement = tuple[str, Mapping[str, Any]]

GATHER: Final = timedelta(seconds=3)
"""A notice that only says "a picture came" waits so long for the next picture: several cost the
one who is told a single push."""

_GATHERED: Final = frozenset({"said_more", "relayed"})

# Everything that others said in each issue with a file, each once for each person.
_HANG = """
insert into showings (message_id, person_id, state, made_at, next_at)
select m.message_id, p.id, 'waiting', told.at, told.at
from unnest(%(persons)s::bigint[], %(issues)s::bigint[], %(moments)s::timestamptz[])
    with ordinality told (person_id, no, at, place)
join messages g on g.issue_no = told.no
join media m on m.message_id = g.id
join people p on p.id = told.person_id
where g.author_id <> p.id and p.openid is not null
order by told.place, g.at, g.id
on conflict (message_id, person_id) do nothing
"""
# Asked for: files go out as soon as they can, again if they did before; words just went.
_ASK_PIECES = """
insert into showings (message_id, person_id, state, made_at, asked_at, next_at)
select m.message_id, %(person_id)s, 'waiting', %(at)s, %(at)s, %(at)s
from media m join messages g on g.id = m.message_id
where m.message_id = any(%(ids)s) order by g.at, g.id
on conflict (message_id, person_id) do update set
    state = 'waiting', asked_at = %(at)s, next_at = %(at)s, why = null
"""
_GIVE_WORDS = """
insert into showings (message_id, person_id, state, made_at, asked_at, shown_at)
select g.id, %(person_id)s, 'shown', %(at)s, %(at)s, %(at)s
from messages g
where g.id = any(%(ids)s) and not exists (select from media where message_id = g.id)
on conflict (message_id, person_id) do update set shown_at = %(at)s
"""


def file_of(change: Keep) -> list[dict[str, Any]]:
    """The row of the file, where what is kept has one."""
    media_id = change.carried.get("media_id")
    if change.kind not in PIECES or not media_id:
        return []
    return [
        {
            "message_id": change.id,
            "kind": change.kind,
            "media_id": media_id,
            "media_id_16k": change.carried.get("media_id_16k"),
            "thumb_media_id": change.carried.get("thumb_media_id"),
            "received_at": change.at,
            "expires_at": change.at + LIVES,
        }
    ]


def asked(change: Ask) -> Iterator[Statement]:
    values = {"person_id": change.person_id, "ids": list(change.message_ids), "at": change.at}
    yield _ASK_PIECES, values
    yield _GIVE_WORDS, values


def hung(decided: Iterable[tuple[Decision, datetime]]) -> Iterator[Statement]:
    """What hangs on the notices of each, decided at its moment: where a file may have come with
    the decision, or where somebody is handed an issue that may hold some. One statement for all:
    for each issue that climbs by itself it would cost as much as the rest of the step."""
    told = [
        (tell.person_id, tell.no, at)
        for decision, at in decided
        if decision.tells
        for tell in _shown(decision)
    ]
    if told:
        persons, issues, moments = map(list, zip(*told, strict=True))
        yield _HANG, {"persons": persons, "issues": issues, "moments": moments}


def _shown(decision: Decision) -> Iterator[Tell]:
    """The notices about an issue that may hold files which their person has not been shown."""
    may_have_come = any(
        isinstance(change, Attach) or (isinstance(change, Keep) and change.kind in PIECES)
        for change in decision.changes
    )
    for tell in decision.tells:
        if tell.no and (may_have_come or _hands_over(tell)):
            yield tell


def gathers(tell: Tell) -> bool:
    """Whether the notice may wait GATHER for its like."""
    words = getattr(tell.notice, "words", "")
    return tell.notice.kind in _GATHERED and is_piece(words)


def _hands_over(tell: Tell) -> bool:
    return tell.notice.kind == "assigned" and getattr(tell.notice, "why", "") != "opened"


def wants_carrying(decision: Decision) -> bool:
    """Whether there is now something to fetch or to show."""
    return any(
        isinstance(change, Ask) or (isinstance(change, Keep) and change.kind in PIECES)
        for change in decision.changes
    )
