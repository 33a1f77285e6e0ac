"""Nobody sees words of households not theirs, whoever goes on leave, comes back, is stopped or is
given a household meanwhile; and a household is covered only while its liaison is away."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.desk.test_promises import (
    OF_RESIDENTS,
    OF_SERVERS,
    RESIDENTS,
    SERVERS,
    STAFF_OF,
    Watched,
)
from tests.town import Town

NewTown = Callable[..., Town]

LIAISONS = ("王联络", "李联络", "陈联络")
DECIDED = (
    *("指派 A101 李联络", "指派 A101 王联络", "指派 A201 王联络", "取消指派 A101", "分配", "确认"),
    *(
        "停用 李联络",
        "启用 李联络",
        "停用 王联络",
        "启用 王联络",
        "停用 陈联络",
        "启用 陈联络",
        "覆盖",
    ),
)
DECIDERS = ("张网格", "林书记", "周专员", "郭网格")
KINDS = {"words": 50, "leave": 12, "decide": 12, "look": 12, "wind": 10, "wish": 4}


def some_step(chance: Random) -> tuple[Any, ...]:
    match chance.choices(tuple(KINDS), tuple(KINDS.values()))[0]:
        case "leave":
            text = chance.choice(("请假 1天", "请假 2小时", "请假 3天", "销假", "销假"))
            return ("say", chance.choice((*LIAISONS, *LIAISONS, "张网格", "林书记")), text, 0)
        case "decide":
            return ("say", chance.choice(DECIDERS), chance.choice(DECIDED), 0)
        case "look":
            return ("say", chance.choice(SERVERS), chance.choice(("待办", "我的住户")), 0)
        case "wind":
            return ("wind", chance.choice((1, 61, 121, 24 * 60, 24 * 60 + 1)))
        case "wish":
            return ("say", chance.choice(RESIDENTS), "换联络员 {}", 0)
    who = chance.choice(RESIDENTS + SERVERS)
    text = chance.choice(OF_RESIDENTS if who in RESIDENTS else OF_SERVERS)
    return ("say", who, text, chance.randrange(7))


class Lives(Watched):
    """The same watch, over households that change hands; who is away is kept here by itself."""

    def __init__(self, town: Town) -> None:
        super().__init__(town)
        self.away: dict[str, datetime] = {}

    def say(self, who: str, text: str, pick: int) -> None:
        now = self.town.watch.at
        super().say(who, text, pick)
        reply = self.town.read[who][-1]
        hours = {"请假 2小时": 2, "请假 1天": 24, "请假 3天": 72}
        if text in hours and "请假到" in reply:
            self.away[who] = now + timedelta(hours=hours[text])
        elif text == "销假":
            self.away.pop(who, None)
        elif text.startswith("停用") and "已停用" in reply:
            # Who is stopped has no leave as a liaison any more.
            self.away.pop(text.removeprefix("停用 "), None)

    def is_away(self, who: str) -> bool:
        return who in self.away and self.away[who] > self.town.watch.at

    def past(self, row: dict[str, Any]) -> set[str]:
        if row["past_liaison"]:
            return set()
        if not row["number"]:
            return {row["holder"]}
        own = self.town.rows(
            "select p.openid from assignments a join households h on h.id = a.household_id"
            " join people p on p.id = a.person_id where h.number = %(n)s and a.until is null",
            n=row["number"],
        )
        covers = self.town.rows(
            "select p.openid from covers c join households h on h.id = c.household_id"
            " join people p on p.id = c.person_id where h.number = %(n)s and c.until is null",
            n=row["number"],
        )
        names = {one["openid"] for one in own}
        meanwhile = {one["openid"] for one in covers}
        return names | (meanwhile if any(self.is_away(name) for name in names) else set())

    def people_of(self, row: dict[str, Any]) -> set[str]:
        # Who holds it may know of it, as long as they do.
        return {row["resident"], row["holder"]} | STAFF_OF[row["code"][0]] | self.past(row)

    def holds(self) -> None:
        super().holds()
        for row in self.town.rows(
            "select h.number, own.openid as own, by.openid as by, a.household_id from covers c"
            " join households h on h.id = c.household_id join people by on by.id = c.person_id"
            " left join assignments a on a.household_id = h.id and a.until is null"
            " left join people own on own.id = a.person_id where c.until is null"
        ):
            assert self.is_away(row["own"]), row
            assert not self.is_away(row["by"]), row
        self.nobody_has_more_than_they_take()

    def nobody_has_more_than_they_take(self) -> None:
        over = self.town.rows(
            "select l.person_id from liaisons l where l.at_most < ("
            " select count(*) from assignments a where a.person_id = l.person_id"
            " and a.until is null) + (select count(*) from covers c"
            " where c.person_id = l.person_id and c.until is null)"
        )
        assert over == []


@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32))
def test_whoever_comes_and_goes_the_promises_hold(new_town: NewTown, seed: int) -> None:
    town = new_town()
    town.rows("update liaisons set at_most = 4 returning 1")
    lives = Lives(town)
    chance = Random(seed)
    for _ in range(60):
        lives.act(some_step(chance))
        lives.holds()
    assert town.broken() == {}
    town.close()
