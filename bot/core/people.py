"""Households, residents, liaisons, staff, units; who serves where and who may act on what.

Knows no database and no wording. An issue is looked at through `Place`: where it is, and everybody
who serves there, from the household's liaison up.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.core.ladder import Tier

# 物业 is told and may act, but holds only what it takes (contract §5).
PROPERTY_POST = "物业"


class Role(StrEnum):
    RESIDENT = "resident"
    LIAISON = "liaison"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Named:
    """How people are spoken of: "网格长" "王芳"; `post` is empty for a resident."""

    name: str
    post: str


@dataclass(frozen=True, slots=True)
class Server:
    """Somebody who serves: a liaison for a household, or a staff member at a unit.

    `there`: joined from WeChat, following, not on leave, not 停用, not found unreachable.
    `duty`: 0 where not on duty now (值班), else the more the closer the duty was named.
    """

    person_id: int
    name: str
    phone: str | None
    role: Role
    post: str
    there: bool
    level: str | None = None
    unit_id: int | None = None
    duty: int = 0

    @property
    def named(self) -> Named:
        return Named(self.name, self.post)


@dataclass(frozen=True, slots=True)
class Unit:
    id: int
    code: str
    level: str
    name: str


@dataclass(frozen=True, slots=True)
class Household:
    id: int
    number: str
    room: str


@dataclass(frozen=True, slots=True)
class Place:
    """A unit, or a household in it, with the line of units above and all who serve there.

    `line` runs from the root to the unit; `staff` are those of every unit of the line, in the
    order of the sheet. `cover` looks after the household while its liaison is on leave.
    """

    unit: Unit
    line: tuple[Unit, ...]
    household: Household | None = None
    liaison: Server | None = None
    staff: tuple[Server, ...] = ()
    cover: Server | None = None

    @property
    def liaisons(self) -> tuple[Server, ...]:
        """The household's own liaison, then who covers meanwhile."""
        return tuple(server for server in (self.liaison, self.cover) if server)

    def liaison_here(self, person_id: int) -> Server | None:
        """This person, where they are the household's liaison or cover for them."""
        return next((one for one in self.liaisons if one.person_id == person_id), None)

    def with_there(self, person_id: int) -> "Place":
        """The same as it is once this person is there."""

        def now(one: Server) -> Server:
            return replace(one, there=True) if one.person_id == person_id else one

        return replace(
            self,
            liaison=self.liaison and now(self.liaison),
            cover=self.cover and now(self.cover),
            staff=tuple(map(now, self.staff)),
        )

    @property
    def community(self) -> Unit | None:
        return next((unit for unit in self.line if unit.level == "社区"), None)

    def serving(self, tier: Tier) -> tuple[Server, ...]:
        """Who serves at `tier`, there or not; the tier without a level is the liaison's."""
        if tier.level is None:
            return self.liaisons
        return tuple(server for server in self.staff if server.level == tier.level)

    @property
    def door(self) -> str:
        """As neighbours say it: "3号楼2单元502"."""
        near = [unit.name for unit in self.line if unit.level in ("楼", "门")]
        room = [self.household.room] if self.household else []
        return "".join(near + room) or self.unit.name

    @property
    def address(self) -> str:
        """As staff further up need it: with the community before the door."""
        community = "".join(unit.name for unit in self.line if unit.level == "社区")
        door = self.door
        return door if door.startswith(community) else community + door


@dataclass(frozen=True, slots=True)
class Post:
    """A place on the staff: 职务 at a unit."""

    unit_id: int
    level: str
    post: str


@dataclass(frozen=True, slots=True)
class Awaiting:
    """What a short question or a lone number left open: what the next words are for.

    `kind` is "relay" (next words go to issue `no`), "which" (kept words look for their issue),
    "about" (the command `word`, with words or without, looks for its issue), "own" (kept words may
    be a report of one's own), "new" and "community" (next words open an issue) or "bind"
    (`choices` are household ids).
    """

    kind: str
    until: datetime
    no: int | None = None
    message_id: str | None = None
    words: str = ""
    choices: tuple[int, ...] = ()
    word: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "until": self.until.isoformat(),
            "no": self.no,
            "message_id": self.message_id,
            "words": self.words,
            "choices": list(self.choices),
            "word": self.word,
        }

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> "Awaiting":
        return cls(
            kind=raw["kind"],
            until=datetime.fromisoformat(raw["until"]),
            no=raw["no"],
            message_id=raw["message_id"],
            words=raw["words"],
            choices=tuple(raw["choices"]),
            word=raw.get("word", ""),  # what was asked before there was such
        )


@dataclass(frozen=True, slots=True)
class Person:
    """The one who speaks. One person may be resident, liaison and staff at once.

    `home` is the household they are recognised in, else the one they asked to join (`pending`).
    `door` is the last door they scanned.
    """

    id: int
    name: str | None = None
    is_liaison: bool = False
    posts: tuple[Post, ...] = ()
    in_roster: bool = False
    home: Place | None = None
    pending: bool = False
    request_no: int | None = None
    door: Place | None = None
    awaiting: Awaiting | None = None
    claim_failures: int = 0
    claim_locked_until: datetime | None = None

    @property
    def serves(self) -> bool:
        return self.is_liaison or bool(self.posts)

    def role_at(self, place: Place) -> Role | None:
        """As what this person serves `place`: as liaison before as staff; None: not at all."""
        if place.liaison_here(self.id):
            return Role.LIAISON
        return Role.STAFF if self.posts_over(place) else None

    def posts_over(self, place: Place) -> tuple[Post, ...]:
        line = {unit.id for unit in place.line}
        return tuple(post for post in self.posts if post.unit_id in line)

    def named_at(self, place: Place) -> Named:
        """How the resident of `place` should hear of this person."""
        liaison = place.liaison_here(self.id)
        if liaison:
            return liaison.named
        over = self.posts_over(place)
        return Named(self.name or "", over[0].post if over else "联络员")


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """A person who asks to join a household, shown as #no until somebody knows them."""

    no: int
    person_id: int
    place: Place
    introduced_as: str | None
    tier: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Past:
    """An own issue that was closed longer ago than it could go on."""

    no: int
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class Invite:
    """A code that was typed: whose it is and whether it is still good.

    `posts` as they are spoken of: "第一网格 网格长". `held`: issues that already wait for them.
    """

    person_id: int
    name: str
    posts: tuple[str, ...]
    expires_at: datetime
    used: bool
    joined: bool
    held: int = 0


@dataclass(frozen=True, slots=True)
class Listed:
    """A liaison as the roster has them, at the place they live or serve; `held` households of at
    most `most` are theirs."""

    person_id: int
    name: str
    phone: str
    place: Place
    serving: bool
    stopped: bool = False
    away: bool = False
    held: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class Community:
    unit: Unit
    households: int


@dataclass(frozen=True, slots=True)
class ShownPlan:
    """A plan that somebody was shown: of these communities' facts, good until then."""

    communities: tuple[str, ...]
    fingerprint: str
    expires_at: datetime


def not_property(servers: Iterable[Server]) -> tuple[Server, ...]:
    return tuple(server for server in servers if server.post != PROPERTY_POST)


@dataclass(frozen=True, slots=True)
class Resident:
    """Whose issue it is, as those who serve see them."""

    id: int
    name: str | None = None
    pending: bool = field(default=False)
    reachable: bool = field(default=True)
