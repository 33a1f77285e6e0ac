"""Who holds an issue at which tier, and by when. Knows the ladder and the hour it is handed.

`Terms` is what every rule is given besides the facts: the ladder, the calendar, this moment.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.core.issue import Issue
from bot.core.ladder import Ladder, Tier
from bot.core.people import Person, Place, Server, not_property
from bot.core.workdays import Calendar, WallClock, next_opening

_LEVELS = ("楼", "网格", "社区", "街道")


class NobodyYet(Exception):
    """The roster has nobody at all who could hold an issue; what came is kept until it has."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A tier, who holds there, and all who are told."""

    tier: Tier
    holder: Server
    told: tuple[Server, ...]


@dataclass(frozen=True)
class Terms:
    ladder: Ladder
    calendar: Calendar
    now: datetime

    def tier_of(self, issue: Issue) -> Tier:
        return self.ladder.at_or_above(issue.tier, issue.tier_place)

    def clocked(self, issue: Issue) -> Tier:
        """The tier of the issue with the clock it runs on: danger has no office hours."""
        tier = self.tier_of(issue)
        return replace(tier, clock=WallClock()) if issue.urgent else tier

    def answer_due(self, tier: Tier, *, urgent: bool = False) -> datetime:
        if urgent:
            return self.ladder.urgent_due(self.now)
        return self.ladder.answer_due(tier, self.now, self.calendar)

    def handle_due(self, tier: Tier, *, urgent: bool = False) -> datetime:
        if urgent:
            tier = replace(tier, clock=WallClock())
        return self.ladder.handle_due(tier, self.now, self.calendar)

    def in_hours(self, issue: Issue, moment: datetime) -> datetime:
        """`moment`, or the next at which the issue's clock runs (contract §6 promise 6)."""
        if issue.urgent:
            return moment
        return next_opening(moment, self.tier_of(issue).clock, self.calendar)

    def ask_due(self, tier: Tier) -> datetime:
        return self.ladder.ask_due(tier, self.now, self.calendar)

    def tell_due(self, tier: Tier) -> datetime:
        return self.ladder.tell_due(tier, self.now, self.calendar)

    def extend_limit(self, tier: Tier, ends: datetime) -> datetime:
        return self.ladder.extend_limit(tier, ends, self.calendar)

    def close_due(self, tier: Tier) -> datetime:
        return self.ladder.close_due(tier, self.now, self.calendar)

    def remind_due(self, issue: Issue, given: int) -> datetime | None:
        """When the next reminder after `given` is due on a resolved issue; None: no more.

        Silence counts from 办结, or from the resident's last words since.
        """
        start = max(issue.resolved_at or self.now, issue.said_at)
        dues = self.ladder.remind_dues(self.tier_of(issue), start, self.calendar)
        if given >= len(dues) or dues[given] >= issue.due:
            return None
        return dues[given]

    def at_level(self, level: str) -> Tier:
        """The tier served by `level`, else the nearest above it, else the top."""
        wanted = _LEVELS.index(level)
        for tier in self.ladder.tiers:
            if tier.level is not None and _LEVELS.index(tier.level) >= wanted:
                return tier
        return self.ladder.top

    def start_for(self, place: Place) -> Tier:
        """Where an issue of `place` begins: with its liaison, else with the first staff tier."""
        own = self.ladder.own
        if own is not None and place.liaisons:
            return own
        return next((tier for tier in self.ladder.tiers if tier.level is not None), self.ladder.top)

    def settle(self, place: Place, start: Tier, without: frozenset[int]) -> Standing | None:
        """The first tier from `start` up where somebody is there to hold (contract §6 promise 1):
        who is on duty, else the first who is not 物业 (contract §5). Where nobody else is there
        at any of them, 物业 does: nothing waits for people who are not there while somebody is.

        `without`: people who cannot hold this one, such as the resident themself.
        """
        for tier in self.ladder.tiers[start.place :]:
            there = _there(place.serving(tier), without)
            holders = tuple(s for s in there if s.duty) or not_property(there)
            if holders:
                return Standing(tier, holders[0], there)
        for tier in self.ladder.tiers[start.place :]:
            there = _there(place.serving(tier), without)
            if there:
                return Standing(tier, there[0], there)
        return None

    def opening(self, place: Place, start: Tier, without: frozenset[int]) -> Standing:
        """Where a new issue begins. Nobody there at all: the first of the highest tier that has
        anybody in the roster holds it, one of `without` only for want of others (contract §6
        promise 1). NobodyYet: an empty roster."""
        standing = self.settle(place, start, without)
        if standing is not None:
            return standing
        for barred in (without, frozenset[int]()):
            for tier in reversed(self.ladder.tiers):
                servers = tuple(s for s in place.serving(tier) if s.person_id not in barred)
                if servers:
                    holder = (not_property(servers) or servers)[0]
                    return Standing(tier, holder, ())
        raise NobodyYet

    def alarmed(self, place: Place, reached: Tier, without: frozenset[int]) -> tuple[Server, ...]:
        """Who hears of an urgent issue at once: everybody there of the tiers from the bottom that
        are told, and of the one it has reached (contract §6)."""
        told = self.ladder.tiers[: self.ladder.urgent_tell_tiers]
        tiers = (*(tier for tier in told if tier != reached), reached)
        tiers = tuple(sorted(tiers, key=lambda tier: tier.place))
        return _there(tuple(s for tier in tiers for s in place.serving(tier)), without)

    def next_name(self, place: Place, tier: Tier, without: frozenset[int]) -> str | None:
        """The name of the tier that would have it next; None where nobody above is there."""
        above = self.ladder.next(tier)
        standing = self.settle(place, above, without) if above else None
        return standing.tier.name if standing else None


def not_their_own(issue: Issue) -> frozenset[int]:
    """Who cannot hold an issue: its resident, and the liaison whom they went past.

    What was filed for a household may be held by its filer.
    """
    if issue.filed_for:
        return frozenset()
    past = passed_by(issue.place) if issue.past_liaison else frozenset[int]()
    return past | {issue.resident.id}


def passed_by(place: Place) -> frozenset[int]:
    """The liaison of a place, who is not to hear of what is said past them (找社区), nor is who
    covers for them.

    Also where they serve a tier above: contract §4 names the person, not the part.
    """
    return frozenset(one.person_id for one in place.liaisons)


def takes_over(me: Person, issue: Issue, terms: Terms) -> Server | None:
    """`me` as new holder: only somebody else who serves the present tier (contract §6)."""
    if me.id == issue.holder_id:
        return None
    serving = issue.place.serving(terms.tier_of(issue))
    return next((server for server in serving if server.person_id == me.id), None)


def reaches(me: Person, issue: Issue, terms: Terms) -> bool:
    """Whether `me` serves the present tier of `issue` or one above it."""
    tiers = terms.ladder.tiers[terms.tier_of(issue).place :]
    return me.id == issue.holder_id or any(
        server.person_id == me.id for tier in tiers for server in issue.place.serving(tier)
    )


def _duty_first(server: Server) -> tuple[int, bool]:
    return -server.duty, bool(server.duty and not not_property((server,)))


def _there(servers: tuple[Server, ...], without: frozenset[int]) -> tuple[Server, ...]:
    """Each once; those on duty first, and of them who was named for the very day; 物业 after
    others on duty alike."""
    seen: dict[int, Server] = {}
    for server in sorted(servers, key=_duty_first):
        if server.there and server.person_id not in without:
            seen.setdefault(server.person_id, server)
    return tuple(seen.values())
