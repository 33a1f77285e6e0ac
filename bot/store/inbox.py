"""What came from WeChat: kept once under its key, with the reply that a repeat gets again.
Decides nothing.
"""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from bot.core.messages import Consent, Ending, Kind, Report, Said
from bot.core.standing import NobodyYet

_KEEP_WAITING = """
insert into inbox (key, openid, received_at, state, said, next_at, why, reply)
values (%(key)s, %(openid)s, %(now)s, 'waiting', %(said)s, %(next_at)s, %(why)s, %(reply)s)
on conflict (key) do nothing
"""
_TAKE_WAITING = """
select key, said, attempts from inbox
where state = 'waiting' and next_at <= %(now)s
order by received_at limit 1 for update skip locked
"""
_HANDLED = """
update inbox set state = 'done', said = null, next_at = null, why = null where key = %(key)s
"""
_FAILED_AGAIN = """
update inbox set attempts = attempts + 1, why = %(why)s, next_at = %(next_at)s,
    state = case when attempts + 1 >= %(most)s::int then 'stuck' else 'waiting' end
where key = %(key)s and state = 'waiting'
"""
_MOST_ATTEMPTS = 12
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=1)


def keep_waiting(
    connection: psycopg.Connection[DictRow],
    said: Said,
    why: str,
    reply: str | None,
    now: datetime,
    *,
    wait: timedelta = _FIRST_WAIT,
) -> None:
    """Keep an act that could not be handled now; it is brought in when `wait` is over."""
    connection.execute(
        _KEEP_WAITING,
        {
            "key": said.key,
            "openid": said.openid,
            "now": now,
            "said": Jsonb(to_json(said)),
            "next_at": now + wait,
            "why": why,
            "reply": reply,
        },
    )


def take_waiting(
    connection: psycopg.Connection[DictRow],
    now: datetime,
    handle: Callable[[Said], None],
) -> bool:
    """Handle the oldest act whose time has come, in this transaction; False: there is none."""
    row = connection.execute(_TAKE_WAITING, {"now": now}).fetchone()
    if row is None:
        return False
    said = from_json(row["said"])
    try:
        with connection.transaction():
            handle(said)
            connection.execute(_HANDLED, {"key": said.key})
    except psycopg.OperationalError:
        raise
    except Exception as error:
        wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(row["attempts"], _MOST_ATTEMPTS))
        # A roster still to come is no fault of the words: they wait for as long as it takes.
        most = None if isinstance(error, NobodyYet) else _MOST_ATTEMPTS
        values = {"key": said.key, "why": type(error).__name__, "most": most}
        connection.execute(_FAILED_AGAIN, {**values, "next_at": now + wait})
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
