"""Whether a notice that waits is still its person's to know (contract section 6, promise 5).

A notice may wait long: for a push window, for a busy WeChat, for the person's next words. Meanwhile
households are dealt again and people leave. Knows who serves where; not channels, not states.
"""

# `o` is a row of the outbox. What is told to a resident is of their own issue.
ENTITLED = """(
    o.role = 'resident' or o.issue_no is null or exists (
        select 1 from issues i join units u on u.id = i.unit_id
        where i.no = o.issue_no and (
            exists (
                select 1 from assignments a
                where a.household_id = i.household_id and a.person_id = o.person_id
                    and a.until is null
            ) or exists (
                select 1 from covers c
                where c.household_id = i.household_id and c.person_id = o.person_id
                    and c.until is null and c.ends_at > %(now)s
            ) or exists (
                select 1 from staff s
                where s.person_id = o.person_id and s.retired_at is null and s.status <> '停用'
                    and s.unit_id = any(u.lineage)
            ) or (i.holder_id = o.person_id and exists (
                select 1 from liaisons l
                where l.person_id = o.person_id and l.retired_at is null and l.status <> '停用'
            ))
        )
    )
)"""

# Who is asked whether they know somebody: while that is open, and they look after the household.
STILL_ASKED = """(
    o.kind <> 'join_asked' or o.facts is null or exists (
        select 1 from memberships m
        join households h on h.id = m.household_id join units u on u.id = h.unit_id
        where m.no = (o.facts ->> 'no')::bigint and m.state = 'pending' and m.until is null and (
            exists (
                select 1 from assignments a
                where a.household_id = h.id and a.person_id = o.person_id and a.until is null
            ) or exists (
                select 1 from covers c
                where c.household_id = h.id and c.person_id = o.person_id and c.until is null
                    and c.ends_at > %(now)s
            ) or exists (
                select 1 from staff s
                where s.person_id = o.person_id and s.retired_at is null and s.status <> '停用'
                    and s.unit_id = any(u.lineage)
            )
        )
    )
)"""

# The morning's digest is no news in the afternoon.
NEWS = "(o.kind <> 'morning' or o.made_at > %(now)s - interval '6 hours')"

# The same of `o` that went out, at the time it did: `i` is its issue and `u` the unit. What
# was told before an issue moved house is left out, for nobody keeps where it was before.
WAS_ENTITLED = """(
    o.made_at < coalesce(
        (select max(h.at) from history h where h.issue_no = i.no and h.kind = 'handed_over'
            and h.by_id is null),
        '-infinity')
    or case when o.role = 'resident' then o.person_id = i.resident_id else
        exists (
            select 1 from assignments a
            where a.person_id = o.person_id and a.since <= coalesce(o.settled_at, o.made_at)
                and coalesce(a.until, 'infinity') >= o.made_at
                and (a.household_id = i.household_id or i.household_id is null and a.household_id in
                    (select household_id from memberships m where m.person_id = i.resident_id))
        ) or exists (
            select 1 from covers c
            where c.person_id = o.person_id and c.household_id = i.household_id
                and c.since <= coalesce(o.settled_at, o.made_at)
                and least(c.until, c.ends_at) >= o.made_at
        ) or exists (
            select 1 from staff s
            where s.person_id = o.person_id and s.unit_id = any(u.lineage)
                and coalesce(s.retired_at, 'infinity') >= o.made_at
        ) or i.holder_id = o.person_id or i.resident_id = o.person_id
    end
)"""
