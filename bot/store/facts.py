"""What is known of one thing just said: rows → `Facts`. Decides nothing.

What every act needs is read in one statement (`hearing`), what only few mention afterwards
(`mentioned`).
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import DictRow

from bot.core import addresses
from bot.core.commands import Typed
from bot.core.facts import Facts
from bot.core.people import Awaiting, JoinRequest, Person, Place, Post
from bot.store.hearing import SERVED, Hearing
from bot.store.issues import issue_of, moment, spot_of, sure
from bot.store.mentioned import Mentioned
from bot.store.places import Places, Spot


def facts_of(
    connection: psycopg.Connection[DictRow], hearing: Hearing, typed: Typed, now: datetime
) -> Facts:
    """The facts of what was heard; a further round trip or two where the act names more."""
    there = hearing.places

    def at(row: dict[str, Any]) -> Place:
        return there.at(Spot(row["unit_id"], row["household_id"]))

    fallback = hearing.all("fallback")
    facts = Facts(
        me=_me(hearing, there),
        own=tuple(issue_of(row, there.at(spot_of(row))) for row in hearing.all("own")),
        theirs=tuple(issue_of(row, there.at(spot_of(row))) for row in hearing.all("theirs")),
        more=len(hearing.all("theirs")) >= SERVED,
        requests=tuple(request_of(row, at(row)) for row in hearing.all("requests")),
        fallback=there.at(Spot(fallback[0]["unit_id"])) if fallback else None,
        fresh=hearing.rows["fresh"],
    )
    if typed.command is None and typed.no is None and facts.me.awaiting is None:
        return facts
    return _with_more(facts, Mentioned(connection, hearing, typed, now))


def _with_more(facts: Facts, more: Mentioned) -> Facts:
    address = more.address
    found = more.places(more.found()) if address else ()
    invite = more.invite()
    return replace(
        facts,
        past=more.past({issue.no for issue in facts.own}),
        found=addresses.fitting(address, found) if address else (),
        choices=more.places(more.choices()),
        invite=invite,
        left=more.left(invite),
        asked=more.asked(invite),
        homes=more.homes(),
        listed=more.listed(),
        communities=more.communities(),
        plan=more.plan(),
        unreached=more.unreached(),
        spoken=more.spoken({issue.no for issue in (*facts.own, *facts.theirs)}),
    )


def _me(hearing: Hearing, there: Places) -> Person:
    me, home = hearing.rows["me"], hearing.all("home")
    at_home = home[0] if home else None
    return Person(
        id=me["id"],
        name=me["name"],
        is_liaison=me["is_liaison"],
        posts=tuple(
            Post(row["unit_id"], row["level"], row["post"]) for row in hearing.all("posts")
        ),
        in_roster=me["phone"] is not None,
        home=there.at(Spot(at_home["unit_id"], at_home["household_id"])) if at_home else None,
        pending=bool(at_home and at_home["state"] == "pending"),
        request_no=at_home["no"] if at_home else None,
        door=there.at(Spot(me["door_id"])) if me["door_id"] else None,
        awaiting=Awaiting.from_json(me["awaiting"]) if me["awaiting"] else None,
        claim_failures=me["claim_failures"],
        claim_locked_until=moment(me["claim_locked_until"]),
    )


def request_of(row: dict[str, Any], place: Place) -> JoinRequest:
    return JoinRequest(
        row["no"],
        row["person_id"],
        place,
        row["introduced_as"],
        row["tier"],
        sure(row["asked_at"]),
    )
