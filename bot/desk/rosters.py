"""Loads the roster, deals households to liaisons, makes invites: one transaction each.

Knows the order of the steps: read, compare, write, deal. Must not know the workbook's format, how a
plan or a deal is found, or how people are told of it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from secrets import token_hex

import structlog
from sqlalchemy import Connection

from bot import excel, flow
from bot.bootstrap import Bot
from bot.core.assignment import deal as dealt_by_rule
from bot.core.deals import Deal
from bot.core.roster import Level, Roster
from bot.core.roster.difference import difference
from bot.core.roster.plan import Plan
from bot.core.roster.rows import parse
from bot.core.roster.sheets import RowError, Workbook, remarks, sheets_of
from bot.desk.settle_in import Upheaval, settle_in
from bot.store import changes, deal_facts, dealing, invites, rosters
from bot.store.changes import Source
from bot.store.deal_facts import Facts
from bot.store.engine import as_psycopg
from bot.store.rosters.plans import apply

_log = structlog.get_logger()


class Step(StrEnum):
    """What a load is busy with, in this order."""

    READING = "reading"
    CHECKING = "checking"
    WRITING = "writing"
    DEALING = "dealing"


Told = Callable[[Step, float], object]  # how much of a step is done, from 0 to 1


def _nobody(step: Step, part: float) -> None:
    """Nobody asked."""


@dataclass(frozen=True)
class Dealt:
    """A deal with the facts it was made from and what to call everybody in it."""

    deal: Deal
    facts: Facts
    names: dealing.Names


@dataclass(frozen=True)
class Comparison:
    """What became of a file. With `errors` nothing else is there and nothing was written.

    `refused`: it would retire too many and nobody said that this is meant; nothing was written.
    `dealt` is there only where something was written, for the communities it touched.
    """

    errors: tuple[RowError, ...] = ()
    remarks: tuple[RowError, ...] = ()
    plan: Plan = field(default_factory=Plan)
    refused: bool = False
    dealt: Dealt | None = None


def check_roster(bot: Bot, path: Path, *, retire: bool = False, told: Told = _nobody) -> Comparison:
    """What `load_roster` would do; writes nothing. Raises excel.WorkbookError."""
    workbook = excel.read(path, partial(told, Step.READING))
    with bot.engine.begin() as connection:
        dealing.take_time(connection)
        told(Step.CHECKING, 0)
        comparison, _ = _compared(connection, workbook, retire=retire)
    return comparison


def load_roster(bot: Bot, path: Path, *, retire: bool = False, told: Told = _nobody) -> Comparison:
    """Make what is stored say what the file says, and deal again where that matters.

    All or nothing, and one at a time. Raises excel.WorkbookError.
    """
    workbook = excel.read(path, partial(told, Step.READING))
    with bot.engine.begin() as connection:
        dealing.wait_for_turn(connection)
        told(Step.CHECKING, 0)
        comparison, roster = _compared(connection, workbook, retire=retire)
        del workbook  # larger than all that is left to do
        if comparison.errors or comparison.refused or comparison.plan.is_empty:
            return comparison
        apply(connection, comparison.plan, bot.now(), partial(told, Step.WRITING))
        told(Step.DEALING, 0)
        dealing.end_of_retired(connection, bot.now())
        dealt = _deal(connection, bot, named_communities(roster), by="roster")
        dealing.let_go(connection, bot.now())
    _log.info("roster_loaded", households=len(roster.households), moved=len(dealt.deal.moved))
    return Comparison(remarks=comparison.remarks, plan=comparison.plan, dealt=dealt)


def export_roster(bot: Bot, path: Path) -> Roster:
    """Write what is stored as a workbook. Raises excel.WorkbookError."""
    with bot.engine.begin() as connection:
        dealing.take_time(connection)
        roster = rosters.present(connection)
    excel.write(path, sheets_of(roster))
    return roster


def deal(bot: Bot, *, dry_run: bool = False) -> Dealt:
    """Deal all households again; `dry_run` writes nothing."""
    with bot.engine.begin() as connection:
        if not dry_run:
            dealing.wait_for_turn(connection)
            dealing.end_of_retired(connection, bot.now())
            return _deal(connection, bot, None, by="assign")
        dealing.take_time(connection)
        return _found(connection, bot, None)


def make_invites(bot: Bot) -> tuple[invites.Invite, ...]:
    """A code for everybody who serves and has not joined; unexpired ones stay."""
    with bot.engine.begin() as connection:
        made = invites.make(connection, bot.now())
    _log.info("invites_made", invites=len(made))
    return made


def named_communities(roster: Roster) -> set[str]:
    """The codes of the communities that a roster speaks for."""
    return {unit.code for unit in roster.units if unit.level is Level.COMMUNITY}


def _compared(
    connection: Connection, workbook: Workbook, *, retire: bool = False
) -> tuple[Comparison, Roster]:
    present = rosters.present(connection)
    roster = parse(workbook, present)
    said = tuple(remarks(workbook))
    if not isinstance(roster, Roster):
        return Comparison(errors=tuple(roster), remarks=said), Roster()
    plan = difference(roster, present)
    refused = plan.needs_retire_flag and not retire
    return Comparison(remarks=said, plan=plan, refused=refused), roster


def _deal(connection: Connection, bot: Bot, communities: set[str] | None, by: str) -> Dealt:
    dealt = _found(connection, bot, communities)
    dealing.write(connection, dealt.deal, bot.now(), by)
    with as_psycopg(connection) as raw:
        decision = settle_in(bot, raw, Upheaval(dealt.facts, dealt.deal.moved))
        source = Source(f"{by}:{token_hex(8)}", bot.now())
        changes.write(raw, decision, source, bot.wording.say)
    return dealt


def _found(connection: Connection, bot: Bot, communities: set[str] | None) -> Dealt:
    facts = _facts(connection, bot.now(), communities)
    found = dealt_by_rule(facts.households, facts.liaisons, flow.solve)
    return Dealt(deal=found, facts=facts, names=dealing.names(connection, facts, found))


def _facts(connection: Connection, now: datetime, codes: set[str] | None) -> Facts:
    """Of all communities, or of those with these codes and wherever the deal is out of joint."""
    if codes is None:
        return deal_facts.everywhere(connection, now)
    touched: set[int] = set()
    for community in deal_facts.out_of_joint(connection):
        if community is None:
            return deal_facts.everywhere(connection, now)
        touched.add(community)
    return deal_facts.within(connection, now, touched | deal_facts.communities(connection, codes))
