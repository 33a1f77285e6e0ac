"""What came from WeChat: kept once under its key, with the reply that a repeat gets again.

Knows in which order one person's acts are taken. Decides nothing.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import psycopg
from psycopg.rows import DictRow

from bot.core.messages import Consent, Ending, Kind, Report, Said
from bot.core.standing import NobodyYet
from bot.store.engine import Stale

NOBODY_YET: Final = "NobodyYet"
FROM_REDIS: Final = "kept in Redis"
BEHIND: Final = "behind an earlier one"
AFTER_REDIS: Final = "behind what Redis may hold"

_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=1)
_MOST_ATTEMPTS = 12

# Behind what waits for the same person already, also where the clock went back meanwhile.
_KEEP_WAITING = """
insert into inbox (key, openid, received_at, state, said, attempts, next_at, why, reply)
select key, openid,
    greatest(%(now)s, (
        select max(received_at) from inbox earlier
        where earlier.openid = x.openid and earlier.state = 'waiting'
    )) + place * interval '1 microsecond',
    'waiting', said, attempts, next_at, why, reply
from jsonb_to_recordset(%(rows)s::jsonb) as x (key text, openid text, place integer, said jsonb,
    attempts integer, next_at timestamptz, why text, reply text)
on conflict (key) do nothing
"""
# What Redis held comes before what was said while it did not answer, and before all behind that.
_AFTER_THESE = f"""
update inbox i set received_at = i.received_at + (later.until - later.since)
from (
    select openid, min(received_at) filter (where why = '{AFTER_REDIS}') as since,
        max(received_at) filter (where why = '{FROM_REDIS}') + interval '1 microsecond' as until
    from inbox where openid = any(%(people)s) and state = 'waiting' group by openid
) later
where i.openid = later.openid and i.state = 'waiting' and i.why <> '{FROM_REDIS}'
    and i.received_at >= later.since and later.until > later.since
"""
# Places are given by what is there already: whoever brings has to see all that others put there.
_BRINGING_LOCK: Final = 4_811_505
_ALONE = f"select pg_advisory_xact_lock({_BRINGING_LOCK})"
_BESIDE_OTHERS = f"select pg_advisory_xact_lock_shared({_BRINGING_LOCK})"
_REPLY = "select reply from inbox where key = %(key)s"
_END_DOUBT = f"""
update inbox set why = '{BEHIND}', next_at = %(now)s
where state = 'waiting' and why = '{AFTER_REDIS}'
"""
# Nobody's later words before earlier ones that nothing was wrong with: only what was tried and
# failed may be overtaken.
_TAKE_WAITING = f"""
select key, said, attempts from inbox i
where state = 'waiting' and next_at <= %(now)s and not exists (
    select 1 from inbox earlier
    where earlier.openid = i.openid and earlier.state = 'waiting'
        and (earlier.attempts = 0 or earlier.why = '{NOBODY_YET}')
        and (earlier.received_at, earlier.key) < (i.received_at, i.key)
)
order by next_at, received_at limit 1 for update skip locked
"""
_HANDLED = """
update inbox set state = 'done', said = null, next_at = null, why = null where key = %(key)s
"""
_FAILED_AGAIN = """
update inbox set attempts = attempts + 1, why = %(why)s, next_at = %(next_at)s,
    state = case when attempts + 1 >= %(most)s::int then 'stuck' else 'waiting' end
where key = %(key)s and state = 'waiting'
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An act that cannot be handled now; `tried`: its rule failed, so that later ones may pass.
    `rest`: how long it waits at least."""

    said: Said
    why: str
    reply: str | None
    tried: bool = False
    rest: timedelta = timedelta(0)


def keep_one(connection: psycopg.Connection[DictRow], act: Waiting, now: datetime) -> str | None:
    """Keep an act until it is brought in; its reply, or that of the time it came before."""
    if act.why == AFTER_REDIS:
        connection.execute(_BESIDE_OTHERS)
    _keep(connection, [act], now)
    (row,) = connection.execute(_REPLY, {"key": act.said.key}).fetchall()
    reply: str | None = row["reply"]
    return reply


def keep_before(
    connection: psycopg.Connection[DictRow], acts: Sequence[Waiting], now: datetime
) -> None:
    """Keep acts that come from Redis, in this order, before their people's that wait for them."""
    connection.execute(_ALONE)
    _keep(connection, acts, now)
    connection.execute(_AFTER_THESE, {"people": list({act.said.openid for act in acts})})


def _keep(connection: psycopg.Connection[DictRow], acts: Sequence[Waiting], now: datetime) -> None:
    rows = [_row(act, place, now) for place, act in enumerate(acts, 1)]
    values = {"rows": json.dumps(rows, ensure_ascii=False), "now": now}
    connection.execute(_KEEP_WAITING, values)


def end_doubt(connection: psycopg.Connection[DictRow], now: datetime) -> None:
    """Redis holds nothing any more: what waited for it is due."""
    connection.execute(_END_DOUBT, {"now": now})


def _row(act: Waiting, place: int, now: datetime) -> dict[str, Any]:
    return {
        "key": act.said.key,
        "openid": act.said.openid,
        "place": place,
        "said": to_json(act.said),
        "attempts": int(act.tried),
        "next_at": (now + (_FIRST_WAIT if act.tried else act.rest)).isoformat(),
        "why": act.why,
        "reply": act.reply,
    }


def take_waiting(
    connection: psycopg.Connection[DictRow],
    now: datetime,
    handle: Callable[[Said], None],
) -> bool:
    """Handle the oldest act whose time has come, in this transaction; False: there is none.

    Raises Stale where others got in its way: no failure of the act, which is due at once again.
    """
    row = connection.execute(_TAKE_WAITING, {"now": now}).fetchone()
    if row is None:
        return False
    said = from_json(row["said"])
    try:
        with connection.transaction():
            handle(said)
            connection.execute(_HANDLED, {"key": said.key})
    except (psycopg.OperationalError, psycopg.errors.FeatureNotSupported, Stale):
        raise
    except Exception as error:
        # A roster still to come is no fault of the words: they wait for as long as it takes, all
        # of a person's equally long.
        nobody = isinstance(error, NobodyYet)
        wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(row["attempts"], _MOST_ATTEMPTS))
        values = {
            "key": said.key,
            "why": NOBODY_YET if nobody else type(error).__name__,
            "most": None if nobody else _MOST_ATTEMPTS,
            "next_at": now + (_FIRST_WAIT if nobody else wait),
        }
        connection.execute(_FAILED_AGAIN, values)
    return True


def to_json(said: Said) -> dict[str, Any]:
    return {
        "key": said.key,
        "openid": said.openid,
        "account": said.account,
        "kind": str(said.kind),
        "text": said.text,
        "said_at": said.said_at.isoformat(),
        "scene": said.scene,
        "carried": dict(said.carried),
        "tapped": said.tapped,
        "by_platform": said.by_platform,
        "reports": [asdict(report) for report in said.reports],
        "consents": [asdict(consent) for consent in said.consents],
    }


def from_json(raw: dict[str, Any]) -> Said:
    return Said(
        key=raw["key"],
        openid=raw["openid"],
        account=raw["account"],
        kind=Kind(raw["kind"]),
        text=raw["text"],
        said_at=datetime.fromisoformat(raw["said_at"]),
        scene=raw["scene"],
        carried=raw["carried"],
        tapped=raw.get("tapped", False),  # what was kept before there were such
        by_platform=raw.get("by_platform", False),
        reports=tuple(_report(report) for report in raw.get("reports", ())),
        consents=tuple(Consent(**consent) for consent in raw.get("consents", ())),
    )


def _report(raw: dict[str, Any]) -> Report:
    return Report(**raw | {"ending": Ending(raw["ending"])})
