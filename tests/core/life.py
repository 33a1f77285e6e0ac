"""A street without a database: decisions of the core are put into memory, and held to the promises.

Two neighbours' households under one subdistrict. Whatever a rule decides is done as the store would
do it. Knows the promises of contract section 6; not who does what next.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from bot.core import commands, conversation, escalation, evening
from bot.core.decision import Decision, Entry, Keep, LeaveHeld, Open, SetPerson, Tell, Update
from bot.core.facts import Facts
from bot.core.issue import Happened, Issue, State
from bot.core.messages import Kind, Said
from bot.core.people import Awaiting, Household, Person, Place, Post, Resident, Role
from bot.core.standing import Terms, not_their_own
from bot.core.workdays import CHINA, is_open
from bot.store.announced import seeded_calendar
from config.tiers import read_ladder
from tests.build import (
    COMMUNITY,
    GRID,
    LIAISON,
    LINE,
    PROPERTY,
    RESIDENT,
    STRANGER,
    SUBDISTRICT,
    a_place,
    a_server,
)

NEIGHBOURS_LIAISON: Final = 21
NEIGHBOUR: Final = 11
COLLEAGUE: Final = 41  # of the community
RESIDENTS: Final = (RESIDENT, NEIGHBOUR, STRANGER)
SERVERS: Final = (
    *(LIAISON, NEIGHBOURS_LIAISON, PROPERTY, GRID, COMMUNITY, COLLEAGUE, SUBDISTRICT),
)
LADDER: Final = read_ladder(Path(__file__).parents[2] / "config" / "tiers.toml")
CALENDAR: Final = seeded_calendar()
BEGINS: Final = datetime(2026, 9, 28, 9, 0, tzinfo=CHINA)  # before the long holiday of October
_COLUMNS: Final = {"place": "tier_place"}
_ISSUE: Final = {one.name for one in fields(Issue)} - {"place", "resident", "no", "version"}
# Words that join people to households are the store's and other tests' matter.
_JOINING: Final = ("绑定", "认领", "认识", "不认识")
WORDS: Final = tuple(one.word for one in commands.COMMANDS if one.word not in _JOINING)


@dataclass
class Life:
    """What is true now, and what must stay true. Acts by `says`, `passes`, `goes_or_comes`
    and `takes_or_ends_duty`."""

    now: datetime = BEGINS
    issues: dict[int, Issue] = field(default_factory=dict)
    history: dict[int, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    away: set[int] = field(default_factory=set)
    duty: set[int] = field(default_factory=set)
    asked: Counter[tuple[int, int, str, int]] = field(default_factory=Counter)
    awaiting: dict[int, Awaiting | None] = field(default_factory=dict)
    numbers: int = 0
    acts: int = 0

    # --- who is where ---

    def place(self, person_id: int | None) -> Place:
        """The place of this resident's issues; a stranger's go to the community."""
        place = self._street()
        if person_id == STRANGER:
            line = LINE[:2]
            staff = tuple(one for one in place.staff if one.unit_id in {unit.id for unit in line})
            return Place(line[-1], line, staff=staff)
        if person_id != NEIGHBOUR:
            return place
        liaison = a_server(
            NEIGHBOURS_LIAISON, None, "联络员", there=NEIGHBOURS_LIAISON not in self.away
        )
        return replace(place, household=Household(2, "A102", "102"), liaison=liaison)

    def _street(self) -> Place:
        place = a_place(away=frozenset(self.away))
        colleague = a_server(COLLEAGUE, "社区", "社工", there=COLLEAGUE not in self.away)
        staff = (*place.staff[:-1], colleague, place.staff[-1])
        on_duty = (replace(one, duty=int(one.person_id in self.duty)) for one in staff)
        return replace(place, staff=tuple(on_duty))

    def home(self, issue: Issue) -> Place:
        household = issue.place.household
        whose = {None: STRANGER, 1: RESIDENT, 2: NEIGHBOUR}
        return self.place(whose[household.id if household else None])

    def person(self, person_id: int) -> Person:
        staff = [one for one in self.place(RESIDENT).staff if one.person_id == person_id]
        return Person(
            id=person_id,
            name=f"人{person_id}",
            posts=tuple(Post(one.unit_id or 0, one.level or "", one.post) for one in staff),
            is_liaison=person_id in (LIAISON, NEIGHBOURS_LIAISON),
            in_roster=person_id in SERVERS,
            home=self.place(person_id) if person_id in (RESIDENT, NEIGHBOUR) else None,
            awaiting=self.awaiting.get(person_id),
        )

    # --- what happens ---

    def says(self, person_id: int, text: str) -> Decision:
        self.away.discard(person_id)  # whoever speaks is there
        decision = self._acts(person_id, text, Kind.TEXT)
        self._is_heard(person_id, text, decision)
        return decision

    def _acts(self, person_id: int, text: str, kind: Kind) -> Decision:
        self.acts += 1
        said = Said(f"act{self.acts}", f"o{person_id}", "gh", kind, text, self.now)
        decision = conversation.said(said, self._facts(person_id), self.terms)
        if decision.needs_number:
            self.numbers += 1
            decision = decision.numbered(self.numbers)
        self._done(decision)
        return decision

    def passes(self, span: timedelta) -> None:
        """Time passes, and the sweep after it runs twice: the second finds nothing."""
        self.now += span
        self.sweep()
        before = dict(self.issues)
        self.sweep()
        assert self.issues == before
        assert all(one.due > self.now for one in self.issues.values() if one.is_open)
        assert all(
            one.day_due_at is None or one.day_due_at > self.now
            for one in self.issues.values()
            if one.is_unresolved
        )
        self._nobody_waits_for_who_is_away()

    def sweep(self) -> None:
        for rule in (escalation.time_ran_out, escalation.remind, evening.day_is_over):
            for no in list(self.issues):
                self._done(rule(self.issue(no), self.terms))

    def goes_or_comes(self, person_id: int) -> None:
        """Unfollows or returns; what is held goes on at the next look."""
        self.away ^= {person_id}
        self._acts(person_id, "", Kind.UNFOLLOW if person_id in self.away else Kind.FOLLOW)

    def takes_or_ends_duty(self, person_id: int) -> None:
        self.duty ^= {person_id}

    # --- how it is put down ---

    @property
    def terms(self) -> Terms:
        return Terms(LADDER, CALENDAR, self.now)

    def issue(self, no: int) -> Issue:
        """As it is read: with its place as it is now."""
        issue = self.issues[no]
        return replace(issue, place=self.home(issue))

    def _facts(self, person_id: int) -> Facts:
        issues = [self.issue(no) for no in sorted(self.issues, reverse=True)]
        week = self.now - timedelta(days=7)
        own = [
            one
            for one in issues
            if one.resident.id == person_id and (one.is_open or (one.closed_at or week) > week)
        ]
        serves = person_id in SERVERS
        return Facts(
            me=self.person(person_id),
            own=tuple(sorted(own, key=lambda one: one.said_at, reverse=True)),
            theirs=tuple(one for one in issues if serves and one.is_open),
            fallback=self.place(STRANGER),
        )

    def _done(self, decision: Decision) -> None:
        for change in decision.changes:
            match change:
                case Open():
                    self.issues[change.no] = self._opened(change)
                case Update(no, version, values):
                    assert self.issues[no].version == version
                    self.issues[no] = self._updated(self.issues[no], values)
                case Entry():
                    self._stepped_once(change)
                    self.history[change.no].append(change)
                case SetPerson(person_id, values) if "awaiting" in values:
                    self.awaiting[person_id] = values["awaiting"]
                case LeaveHeld():
                    self._leaves_held(change.person_id)
        for tell in decision.tells:
            self._is_theirs(tell)
            self._is_asked_once(tell)
        assert len(decision.tells) == len({(t.person_id, t.no, t.notice) for t in decision.tells})
        for change in decision.changes:
            if isinstance(change, Open | Update):
                self._holds(self.issue(change.no))

    def _opened(self, opened: Open) -> Issue:
        whose = {None: STRANGER, 1: RESIDENT, 2: NEIGHBOUR}
        return Issue(
            no=opened.no,
            version=1,
            state=opened.state,
            tier=opened.tier,
            tier_place=opened.place,
            place=self.place(whose[opened.household_id]),
            resident=Resident(opened.resident_id),
            holder_id=opened.holder.person_id,
            holder_role=opened.holder.role,
            holder_name=opened.holder.name,
            holder_post=opened.holder.post or "",
            opened_at=opened.opened_at,
            said_at=opened.opened_at,
            due_at=opened.due_at,
            first_words=opened.first_words,
            past_liaison=opened.past_liaison,
            filed_for=opened.filed_for,
            urgent=opened.urgent,
            day_due_at=opened.day_due_at,
        )

    def _updated(self, issue: Issue, values: Any) -> Issue:
        known = {_COLUMNS.get(name, name): value for name, value in values.items()}
        held = {name: value for name, value in known.items() if name in _ISSUE}
        if "holder_id" in held:
            held |= {
                "holder_name": f"人{held['holder_id']}",
                "holder_role": Role(held["holder_role"]),
            }
            held["holder_post"] = held["holder_post"] or ""
        if "state" in held:
            held["state"] = State(held["state"])
        assert held.get("tier_place", issue.tier_place) >= issue.tier_place, "the tier fell"
        assert held.get("urgent", True) or not issue.urgent, "danger was forgotten"
        return replace(issue, version=issue.version + 1, **held)

    def _leaves_held(self, person_id: int) -> None:
        for no, issue in self.issues.items():
            if issue.holder_id == person_id and issue.is_unresolved:
                self.issues[no] = replace(issue, due_at=self.now, version=issue.version + 1)

    # --- the promises ---

    def _holds(self, issue: Issue) -> None:
        """1 and 6, of an issue that was just written."""
        assert issue.is_open == (issue.due_at is not None), "open without a due time, or over with"
        if not issue.is_open:
            return
        assert issue.holder_id in SERVERS or issue.filed_for
        tier = self.terms.tier_of(issue)
        assert issue.urgent or is_open(issue.due, tier.clock, CALENDAR) or issue.due <= self.now
        above = LADDER.next(tier)
        if issue.handed_over >= 3 and above:
            assert self.terms.settle(issue.place, above, not_their_own(issue)) is None, "for ever"

    def _stepped_once(self, entry: Entry) -> None:
        """3: the tier never falls, and no step is taken twice."""
        places = [tier.key for tier in LADDER.tiers]
        before = [places.index(one.tier) for one in self.history[entry.no]]
        reached = places.index(entry.tier)
        assert reached >= max(before, default=0)
        if entry.kind is Happened.ESCALATED:
            assert reached > max(before, default=-1)

    def _is_theirs(self, tell: Tell) -> None:
        """5: its resident, whoever serves its place, whoever holds it; never who was passed by."""
        if tell.no is None:
            return
        issue = self.issue(tell.no)
        serving = {one.person_id for one in (*issue.place.staff, *issue.place.liaisons)}
        passed = {one.person_id for one in issue.place.liaisons} if issue.past_liaison else set()
        may = (serving - passed) | {issue.resident.id, issue.holder_id}
        assert tell.person_id in may, (tell.person_id, tell.notice.kind)

    def _is_asked_once(self, tell: Tell) -> None:
        """Same day or explain: once each, until it comes back."""
        if tell.no is None or tell.notice.kind not in ("not_done_today", "not_explained"):
            return
        back = sum(one.kind is Happened.REOPENED for one in self.history[tell.no])
        key = (tell.no, tell.person_id, tell.notice.kind, back)
        self.asked[key] += 1
        assert self.asked[key] == 1, key

    def _is_heard(self, person_id: int, text: str, decision: Decision) -> None:
        """2: nobody's words are dropped; whoever types anything is answered."""
        typed = commands.read(text)
        if person_id not in SERVERS and typed.command is None and not commands.is_courtesy(text):
            assert any(isinstance(change, Keep) for change in decision.changes), text
        assert decision != Decision(), text

    def _nobody_waits_for_who_is_away(self) -> None:
        """1: where anybody is there at the tier or above, the holder is."""
        for no in self.issues:
            issue = self.issue(no)
            if issue.is_unresolved and issue.holder_id in self.away:
                tier = self.terms.tier_of(issue)
                standing = self.terms.settle(issue.place, tier, not_their_own(issue))
                assert standing is None, (no, issue.holder_id, self.away)


def texts(numbers: Sequence[int]) -> list[str]:
    """All that may be typed, with these numbers and without."""
    plain = ["电梯坏了", "还没好", "谢谢", "马上到", "明天来人", "楼道冒烟了"]
    owners = [f"转办 #{no} 人{who}" for no in numbers for who in (COMMUNITY, COLLEAGUE)]
    argued = [
        f"{word} {rest}".strip() for word in WORDS for rest in ("", "已经修好了", "3天 等配件")
    ]
    named = [f"{word} #{no} 已经修好了" for word in WORDS for no in numbers]
    later = [f"延期 #{no} {when} 等配件" for no in numbers for when in ("明天", "5天", "1小时")]
    return [
        *plain,
        *plain,
        *argued,
        *named,
        *owners * 6,
        *later,
        *(f"#{no} 马上到" for no in numbers),
    ]
