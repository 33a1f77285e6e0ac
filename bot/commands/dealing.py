"""`assign`: deals households to liaisons and says who moved and why, who is uncovered, what lacks.

Knows the form of contract section 7, `assign --json`. Must not know how a deal is found.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

import click

from bot.commands.opening import opened
from bot.commands.printing import document, json_option
from bot.core.deals import Lack, Load, Move, Why
from bot.core.leaving import shown
from bot.core.workdays import CHINA
from bot.desk import rosters
from bot.desk.rosters import Dealt

_WHYS: Final = {
    Why.FIRST: "第一次分到联络员",
    Why.LEFT: "原联络员不再在岗",
    Why.ELSEWHERE: "与原联络员不在同一个社区",
    Why.FULL: "原联络员超过最多户数",
    Why.CHOSEN: "工作人员指派",
    Why.SHARED: "另一位联络员不足最少户数",
}


_Left = defaultdict[int, Counter[int]]


@click.command()
@click.option("--dry-run", is_flag=True, help="只看结果，不改动。")
@json_option
def assign(dry_run: bool, as_json: bool) -> None:
    """给住户分联络员。"""
    with opened() as bot:
        dealt = rosters.deal(bot, dry_run=dry_run)
    if as_json:
        document(_as_json(dealt))
    else:
        click.echo("\n".join(deal_lines(dealt)))


def deal_lines(dealt: Dealt) -> list[str]:
    """What a deal did or would do: who moved and why, who is uncovered, what is lacking where."""
    deal, names = dealt.deal, dealt.names
    serving = sum(one.serving for one in dealt.facts.liaisons)
    lines = [_moved(dealt, move) for move in deal.moved if move.before is not None]
    first = sum(move.before is None for move in deal.moved)
    lines += _first(dealt)
    lines += [f"新分到联络员：{first} 户。"] if first else []
    lines += _away(dealt)
    lines += [f"没有联络员：{names.households[one]}" for one in deal.uncovered]
    lines += [
        f"{names.units[grid][1]}：{homes} 户没有联络员"
        for grids in _left(dealt)[0].values()
        for grid, homes in grids.items()
    ]
    lines += [f"不足最少户数：{_person(dealt, one)}，{one.households} 户" for one in deal.under]
    lines += [_lack(dealt, lack) for lack in deal.lacking]
    lines.append(
        f"共 {len(dealt.facts.households)} 户、{serving} 位在岗联络员："
        f"已覆盖 {len(deal.assigned)} 户，未覆盖 {len(deal.uncovered)} 户。"
    )
    return lines


def _left(dealt: Dealt) -> tuple[_Left, _Left]:
    """Community → how many households of each grid, and of each door, have nobody."""
    alone = set(dealt.deal.uncovered)
    grids: _Left = defaultdict(Counter)
    doors: _Left = defaultdict(Counter)
    for one in dealt.facts.households:
        if one.id in alone and one.place.community is not None:
            doors[one.place.community][one.place.unit] += 1
            if one.place.grid is not None:
                grids[one.place.community][one.place.grid] += 1
    return grids, doors


def _first(dealt: Dealt) -> list[str]:
    """A first deal, a line for each liaison."""
    given: defaultdict[int, list[str]] = defaultdict(list)
    for move in dealt.deal.moved:
        if move.before is None and move.to is not None:
            given[move.to].append(dealt.names.households[move.household])
    people = dealt.names.people
    return [f"无 → {people[to].name}：{'、'.join(some)}" for to, some in given.items()]


def _away(dealt: Dealt) -> list[str]:
    """Leave moves nobody, but whoever reads the plan should know of it."""
    homes, names = Counter(dealt.deal.assigned.values()), dealt.names
    return [
        f"{names.people[person].name}：联络员请假至{_moment(until)}，{homes[person]} 户仍归其名下，"
        "期间由同社区有余量的联络员或网格替班"
        for person, until in names.leaves.items()
    ]


def _moment(until: datetime) -> str:
    """The last day of a leave that ends at midnight, else the minute."""
    last = shown(until)
    if isinstance(last, datetime):
        return last.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
    return last.isoformat()


def _person(dealt: Dealt, load: Load) -> str:
    person = dealt.names.people[load.person]
    return f"{person.name} {person.phone}"


def _lack(dealt: Dealt, lack: Lack) -> str:
    code, name = dealt.names.units[lack.community]
    where = "，".join(f"{dealt.names.units[one.unit][1]} {one.liaisons} 位" for one in lack.wants)
    return f"{name}（{code}）至少还缺 {lack.liaisons} 位联络员：{where}。"


def _moved(dealt: Dealt, move: Move) -> str:
    people = dealt.names.people
    before = people[move.before].name if move.before is not None else "无"
    to = people[move.to].name if move.to is not None else "无"
    return f"{dealt.names.households[move.household]}：{before} → {to}（{_WHYS[move.why]}）"


def _as_json(dealt: Dealt) -> dict[str, Any]:
    deal, names = dealt.deal, dealt.names
    return {
        "households": len(dealt.facts.households),
        "liaisons": sum(one.serving for one in dealt.facts.liaisons),
        "assigned": len(deal.assigned),
        "deal": [
            {"household": names.households[household], "liaison": asdict(names.people[person])}
            for household, person in deal.assigned.items()
        ],
        "uncovered": [names.households[one] for one in deal.uncovered],
        "under": _loads(dealt, deal.under),
        "over": _loads(dealt, deal.over),
        "moved": [
            {
                "household": names.households[move.household],
                "from": None if move.before is None else asdict(names.people[move.before]),
                "to": asdict(names.people[move.to]),
                "why": _WHYS[move.why],
            }
            for move in deal.moved
            if move.to is not None  # who is left with nobody stands in "uncovered"
        ],
        "lacking": _lacking(dealt),
        "cost": asdict(deal.cost),
    }


def _lacking(dealt: Dealt) -> list[dict[str, Any]]:
    units, (grids, doors) = dealt.names.units, _left(dealt)
    return [
        {
            "unit": units[lack.community][0],
            "liaisons": lack.liaisons,
            "where": [
                {"unit": units[want.unit][0], "liaisons": want.liaisons} for want in lack.wants
            ],
            **{
                kind: [
                    {"unit": units[unit][0], "uncovered": homes}
                    for unit, homes in left[lack.community].items()
                ]
                for kind, left in (("grids", grids), ("doors", doors))
            },
        }
        for lack in dealt.deal.lacking
    ]


def _loads(dealt: Dealt, loads: Iterable[Load]) -> list[dict[str, Any]]:
    return [
        {**asdict(dealt.names.people[one.person]), "households": one.households} for one in loads
    ]
