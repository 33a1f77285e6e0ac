"""All that is known of what people just did, in one statement and one round trip for all of them.

Knows which rows those are; makes nothing of them but the places they name, and decides nothing. The
speakers' rows are locked until the transaction ends, so that what one person says is handled one
thing at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
import psycopg
from psycopg.rows import DictRow

from bot.core.ladder import Ladder
from bot.core.messages import Kind, Said
from bot.core.reach import granted_by
from bot.store import places
from bot.store.engine import Json
from bot.store.entitled import ENTITLED, NEWS, STILL_ASKED
from bot.store.issues import ISSUE
from bot.store.leases import LIVES
from bot.store.places import Places, Spot
from bot.store.prepared import Prepared

# One more than is looked at, so that a cut list is seen to be cut.
SERVED = 30
_REQUESTS = 9
_WITHIN = timedelta(seconds=1)

# The acts of a round, in the order of `place`; every other query here is of one of them.
_ACTS = """jsonb_to_recordset(%(acts)s::jsonb) as act (place int, key text, openid text,
    account text, at timestamptz, by_platform boolean, grants text, acted_at timestamptz,
    door text, leaving boolean, late boolean, no bigint, opens text)"""
_NOW = "%(now)s"
# What is told of people and who left, by what the act would insert.
_BY_PLATFORM, _LEAVING = "excluded.last_said_at is null", "excluded.unfollowed_at is not null"

# Whoever speaks can be reached again, unless they left since; a scanned door is remembered, and
# what their act allows to be pushed. What the platform tells of them is no act of theirs. An act
# that was answered before changes nothing of its speaker. A repeat that comes while the first is in
# work waits here until that one has its reply.
_SPEAKER = f"""
insert into people (openid, account, last_said_at, door_id, unfollowed_at, wrote_at, touched,
    touched_at)
select act.openid, act.account, case when not act.by_platform then act.at end,
    (select id from units where code = act.door and retired_at is null),
    case when act.leaving then act.at end,
    case when act.grants = 'words' then array[act.acted_at] end,
    case when act.grants <> 'words' then act.grants end,
    case when act.grants <> 'words' then act.acted_at end
from {_ACTS}
left join lateral (
    -- By itself, or the planner may read every key there is to compare them at once.
    select true as seen from inbox where key = act.key limit 1
) before on true
where act.late or before.seen is null
order by act.openid
on conflict (openid) do update set
    account = excluded.account,
    unreachable_since = case when {_BY_PLATFORM} then people.unreachable_since end,
    last_said_at = greatest(excluded.last_said_at, people.last_said_at),
    unfollowed_at = case
        when {_LEAVING} or {_BY_PLATFORM} or people.unfollowed_at > excluded.last_said_at
        then people.unfollowed_at
    end,
    door_id = coalesce(excluded.door_id, people.door_id),
    wrote_at = case when {_LEAVING} then '{{}}'
        else (excluded.wrote_at || people.wrote_at)[1:10] end,
    touched = case when not {_LEAVING} then coalesce(excluded.touched, people.touched) end,
    touched_at = case when not {_LEAVING} then coalesce(excluded.touched_at, people.touched_at) end
"""

_ME = """
select p.id, p.name, p.phone, p.door_id, p.awaiting, p.claim_failures, p.claim_locked_until,
    exists (
        select 1 from liaisons l
        where l.person_id = p.id and l.retired_at is null and l.status <> '停用'
    ) as is_liaison,
    array(
        select s.unit_id from staff s
        where s.person_id = p.id and s.retired_at is null and s.status <> '停用'
    ) as unit_ids
from people p
where p.openid = act.openid and (act.late or not exists (select 1 from seen))
"""

_POSTS = """
select s.unit_id, u.level, s.post from staff s join units u on u.id = s.unit_id
where s.person_id = (select id from me) and s.retired_at is null and s.status <> '停用'
order by s.position
"""

_HOME = """
select m.no, m.state, m.household_id, h.unit_id
from memberships m join households h on h.id = m.household_id
where m.person_id = (select id from me) and m.until is null
order by m.state = 'recognised' desc, m.asked_at desc limit 1
"""

_OWN = f"""{ISSUE}
where i.resident_id = (select id from me)
    and (i.state in ('waiting', 'in_hand', 'resolved') or i.closed_at > %(now)s - interval '7 days')
order by i.no = act.no desc nulls last, i.said_at desc, i.no desc limit 20
"""

_OPEN = "i.state in ('waiting', 'in_hand', 'resolved')"
_SERVES = "(select is_liaison or unit_ids <> '{}' from me)"
# The speaker's own households, and those they cover for somebody on leave.
_LOOKED_AFTER = """
    select household_id from assignments where person_id = (select id from me) and until is null
    union all
    select household_id from covers
    where person_id = (select id from me) and until is null and ends_at > %(now)s
"""
# What the speaker holds, what their households have open, what lies under their units; and the
# number typed, whatever it is: the core looks whether it is theirs.
_THEIRS = f"""
select ranked.rank, it.* from ({ISSUE}) it join (
    select no, min(rank) as rank from (
        (select i.no, 0 as rank from issues i
        where i.holder_id = (select id from me) and {_OPEN} order by i.due_at limit {SERVED})
        union all
        (select i.no, 1 from ({_LOOKED_AFTER}) a join issues i on i.household_id = a.household_id
        where not i.past_liaison and {_OPEN} and {_SERVES} order by i.due_at limit {SERVED})
        union all
        (select i.no, 2 from units u join issues i on i.unit_id = u.id
        where u.lineage && (select unit_ids from me) and {_OPEN} and {_SERVES}
            and i.due_at is not null
        order by i.due_at limit {SERVED})
        union all
        select i.no, 3 from issues i where i.no = act.no and {_SERVES}
    ) mine group by no
) ranked using (no)
order by ranked.rank, it.due_at
"""

_REQUESTED = f"""
select m.no, m.person_id, m.household_id, m.introduced_as, m.tier, m.asked_at, h.unit_id
from memberships m
join households h on h.id = m.household_id
join units u on u.id = h.unit_id
where {_SERVES} and m.state = 'pending' and m.until is null
    and m.person_id <> (select id from me) and (
        exists (
            select 1 from ({_LOOKED_AFTER}) a where a.household_id = h.id
        ) or (
            (m.tier <> %(own_tier)s or m.no = act.no) and u.lineage && (select unit_ids from me)
        )
    )
order by m.no = act.no desc nulls last, m.asked_at, m.no limit {_REQUESTS}
"""

# The only community, else the first subdistrict, else whatever stands highest, of those that
# anybody serves by a tier there is; looked for only where there is neither a home nor a door.
_FALLBACK = """
select id as unit_id from units
where retired_at is null and level <> '门'
    and not exists (select 1 from home) and (select door_id from me) is null
order by
    (level = '社区' and 1 = (
        select count(*) from units where retired_at is null and level = '社区'
    ) and exists (
        select 1 from staff s join units u on u.id = s.unit_id
        where s.unit_id = any(units.lineage) and u.level = any(%(levels)s::text[])
            and s.retired_at is null and s.status <> '停用'
    )) desc,
    (level = any(%(levels)s::text[]) and exists (
        select 1 from staff s
        where s.unit_id = units.id and s.retired_at is null and s.status <> '停用'
    )) desc,
    cardinality(lineage), id
limit 1
"""

# Not what a sender has in work: that one may already be on its way. What was only announced waits
# to be read as well.
_WAITING = f"""
select o.id, o.text, o.state = 'unknown' or o.lease_until is not null as doubtful,
    case when o.facts is not null and o.made_at < %(now)s - interval '1 minute' then (
        select row_to_json(by_now) from (
            select o.kind, o.facts, o.made_at, o.person_id, i.state, i.due_at,
                i.estimated_after, i.holder_id, i.holder_post, hp.name as holder_name
            from issues i join people hp on hp.id = i.holder_id where i.no = o.issue_no
        ) by_now
    ) end as late
from outbox o
where o.person_id = (select id from me) and (o.state <> 'sent' or o.unread)
    and (o.state <> 'pending' or o.lease_until is null or o.lease_until not {LIVES})
    and {ENTITLED} and {NEWS} and {STILL_ASKED}
order by o.id limit 20 for update of o skip locked
"""

_SPOTS = """
select unit_id, household_id from home
union select unit_id, household_id from own
union select unit_id, household_id from theirs
union select unit_id, household_id from requests
union select unit_id, null from fallback
union select door_id, null from me where door_id is not null
"""

# A number is drawn where the act is likely to open something, so that none is drawn in vain.
_FRESH = """
case when act.opens = 'always'
    or act.opens = 'alone' and not exists (select 1 from own where state <> 'closed')
        and not (select is_liaison or unit_ids <> '{}' from me)
then nextval('numbers') end
"""

# Whether a picture or voice waits for the speaker, whose words may let it go.
_PIECES = "exists (select 1 from showings s where s.person_id = me.id and s.state = 'waiting')"

# Whether something they said before still waits to be brought in: what they say now goes behind it.
_BEHIND = """not act.late and exists (
    select 1 from inbox i where i.openid = act.openid and i.state = 'waiting' and i.attempts = 0
)"""

_ALL = {
    "posts": _POSTS,
    "home": _HOME,
    "own": _OWN,
    "theirs": _THEIRS,
    "requests": _REQUESTED,
    "fallback": _FALLBACK,
    "waiting": _WAITING,
    "spots": _SPOTS,
}
_OF_ONE = (
    "with seen as materialized (select reply from inbox where key = act.key),\n"
    f"me as materialized ({_ME}),\n"
    + ",\n".join(f"{name} as materialized ({query})" for name, query in _ALL.items())
    + "\nselect (select row_to_json(seen) from seen) as seen,\n"
    + "(select row_to_json(me) from me) as me,\n"
    + f"(select {_FRESH} from me) as fresh,\n"
    + f"(select {_PIECES} from me) as pieces,\n"
    + f"{_BEHIND} as behind,\n"
    + "(select at from beats where name = 'calendar') as calendar_at,\n"
    + ", ".join(f"(select json_agg({name}) from {name}) as {name}" for name in _ALL)
)
# The places are read once for all acts: neighbours speak at the same time.
_UNITS, _HOMES = "select unit_id from spots", "select household_id from spots"
_LINES, _STAFF, _HOUSEHOLDS = places.within(_UNITS, _HOMES, _NOW)
_HEARD = f"""
with heard as materialized (
    select act.place, one.* from {_ACTS} cross join lateral ({_OF_ONE}) one
),
spots as materialized (
    select distinct spot.unit_id, spot.household_id from heard
    cross join lateral json_to_recordset(heard.spots) as spot (unit_id bigint, household_id bigint)
),
lines as ({_LINES}), staff as ({_STAFF}), homes as ({_HOUSEHOLDS})
select (select json_agg(heard order by place) from heard) as heard,
    (select json_agg(spots) from spots) as spots, (select json_agg(lines) from lines) as lines,
    (select json_agg(staff) from staff) as staff, (select json_agg(homes) from homes) as homes
"""


_LOCK, _READ = Prepared(_SPEAKER), Prepared(_HEARD)


@dataclass(frozen=True, slots=True)
class Hearing:
    """The rows of one act, by name; moments are still text. `seen`: it was answered before.

    `places`: those that the rows name, and perhaps others.
    """

    rows: dict[str, Any]
    places: Places

    @property
    def seen(self) -> dict[str, Any] | None:
        """`{"reply": …}` of an act that came before."""
        found: dict[str, Any] | None = self.rows["seen"]
        return found

    @property
    def person_id(self) -> int:
        return int(self.rows["me"]["id"])

    def all(self, name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.rows[name] or []
        return found


@dataclass(frozen=True, slots=True)
class Act:
    """What is asked about: one thing said.

    `no`: the number typed, if any. `opens`: "always", "alone" (where the speaker has nothing open)
    or "": when to draw a number. `late`: it is in the inbox already and was said earlier.
    """

    said: Said
    no: int | None = None
    opens: str = ""
    late: bool = False


def hear(
    connection: psycopg.Connection[DictRow], acts: Sequence[Act], ladder: Ladder, now: datetime
) -> list[Hearing]:
    """Lock the speakers and read everything, in their order: one round trip for all.

    No two acts may be of one speaker: neither would know of the other.
    """
    asked = [_asked(act, place, now) for place, act in enumerate(acts)]
    values = {
        "acts": Json(orjson.dumps(asked)),
        "now": now,
        "own_tier": ladder.own.key if ladder.own else "",
        "levels": f"{{{','.join(tier.level for tier in ladder.tiers if tier.level)}}}",
    }
    with connection.pipeline():
        _LOCK.execute(connection, values)
        read = _READ.execute(connection, values)
    [found] = read.fetchall()
    spots = [Spot(row["unit_id"], row["household_id"]) for row in found["spots"] or []]
    there = Places(spots, found["lines"] or [], found["staff"] or [], found["homes"] or [])
    return [Hearing(row, there) for row in found["heard"] or []]


def _asked(act: Act, place: int, now: datetime) -> dict[str, Any]:
    said = act.said
    scene, grants, at = said.scene or "", granted_by(said), said.said_at if act.late else now
    return {
        "place": place,
        "key": said.key,
        "openid": said.openid,
        "account": said.account,
        "at": at,
        "by_platform": said.by_platform,
        "grants": str(grants) if grants else None,
        # WeChat tells whole seconds, so it was up to one later; the earlier of both clocks.
        "acted_at": min(said.said_at + _WITHIN, at),
        "door": scene.removeprefix("door-") if scene.startswith("door-") else None,
        "leaving": said.kind is Kind.UNFOLLOW,
        "late": act.late,
        "no": act.no,
        "opens": act.opens,
    }
