"""Opening an issue: where it begins, who has it, who is told. Knows no wording."""

from bot.core.danger import is_dangerous
from bot.core.decision import Decision, Entry, Open, Tell
from bot.core.facts import Heard, Words
from bot.core.issue import Happened
from bot.core.ladder import Tier
from bot.core.notices import Assigned, Notice, Opened
from bot.core.people import Place, Server
from bot.core.standing import NobodyYet, Standing, passed_by

# The tiers that know every door by heart; further up an address starts with the community.
_NEAR = (None, "楼", "网格")


def where_for(server: Server, place: Place) -> str:
    return place.door if server.level in _NEAR else place.address


def resident_place(heard: Heard) -> tuple[Place, Tier] | None:
    """Where the speaker's words belong: home, else the scanned door's grid, else the only
    community, else the subdistrict (contract §4). None: the roster is empty."""
    me, terms = heard.me, heard.terms
    if me.home is not None:
        return me.home, terms.start_for(me.home)
    if me.door is not None:
        return me.door, terms.at_level("网格")
    fallback = heard.facts.fallback
    return (fallback, terms.at_level(fallback.unit.level)) if fallback else None


def open_for_me(heard: Heard, words: Words) -> Decision:
    """The speaker's own issue, from wherever they live."""
    found = resident_place(heard)
    if found is None:
        raise NobodyYet
    place, start = found
    return open_at(heard, words, place, start)


def open_at_community(heard: Heard, words: Words) -> Decision:
    """找社区: starts at the community; the liaison is not told and cannot look."""
    found = resident_place(heard)
    if found is None:
        raise NobodyYet
    return open_at(heard, words, found[0], heard.terms.at_level("社区"), past_liaison=True)


def open_at(
    heard: Heard,
    words: Words,
    place: Place,
    start: Tier,
    *,
    past_liaison: bool = False,
    filed_for: bool = False,
) -> Decision:
    """A new issue at `place`, begun at `start` or the first tier above where somebody is there."""
    me, terms, no = heard.me, heard.terms, heard.no
    without = frozenset[int]() if filed_for else frozenset({me.id})
    if past_liaison:
        without |= passed_by(place)
    standing = terms.opening(place, start, without)
    urgent = is_dangerous(words.text)
    due_at = terms.answer_due(standing.tier, urgent=urgent)
    told = terms.alarmed(place, standing.tier, without) if urgent else standing.told
    entries = [Entry(no, Happened.OPENED, terms.now, start.key, me.id, words.id)]
    if standing.tier != start:
        entries.append(Entry(no, Happened.ESCALATED, terms.now, standing.tier.key))
    issue = Open(
        no=no,
        resident_id=me.id,
        household_id=place.household.id if place.household else None,
        unit_id=place.unit.id,
        tier=standing.tier.key,
        place=standing.tier.place,
        holder=standing.holder,
        opened_at=terms.now,
        due_at=due_at,
        first_words=words.text,
        opened_tier=start.key,
        past_liaison=past_liaison,
        filed_for=filed_for,
        urgent=urgent,
        day_due_at=terms.ask_due(standing.tier),
    )
    reply = Opened(
        no=no,
        holder=standing.holder.named,
        due_at=due_at,
        tier=standing.tier.name,
        next_tier=terms.next_name(place, standing.tier, without),
        bound=me.home is not None or filed_for,
        there=standing.holder.there,
        danger=urgent,
        filed=place.door if filed_for else "",
    )
    return Decision(
        changes=(issue, words.stored(no, me.id, terms), *entries, *heard.nothing_awaited),
        tells=tuple(
            Tell(
                server.person_id,
                server.role,
                _assigned(server, place, standing, issue, pending=me.pending),
                no,
                wakes=bool(server.duty),
            )
            for server in told
            if server.person_id != me.id
        ),
        replies=(reply,),
    )


def _assigned(
    server: Server, place: Place, standing: Standing, issue: Open, *, pending: bool
) -> Notice:
    return Assigned(
        no=issue.no,
        where=where_for(server, place),
        pending=pending,
        words=issue.first_words,
        due_at=issue.due_at,
        why="opened",
        mine=server.person_id == standing.holder.person_id,
        holder=standing.holder.named,
        urgent=issue.urgent,
    )
