"""Carries out orders about who serves whom, in the transaction of the one who ordered.

Rows change, households are dealt or covered, open issues follow, everybody concerned is told. Knows
the order of the steps. Must not know how a deal is found, who is told what, or any sentence.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from secrets import token_hex
from typing import Final, assert_never

import psycopg
from psycopg.rows import DictRow

from bot import flow
from bot.bootstrap import Bot
from bot.core.assignment import deal
from bot.core.deals import Deal, Move, Why
from bot.core.decision import Decision, Tell
from bot.core.leaving import shown
from bot.core.notices.dealing import (
    DealingBusy,
    Freed,
    Given,
    LeaveBegun,
    LeaveOver,
    NotOnLeave,
    PlanDone,
    PlanNothing,
    PlanStale,
    ServesNow,
    ServingSet,
    Share,
)
from bot.core.orders import (
    CarryOutPlan,
    EndLeave,
    FreeHousehold,
    GiveHousehold,
    Order,
    SetServing,
    ShowCoverage,
    ShowPlan,
    TakeLeave,
)
from bot.core.people import Role
from bot.desk import planning
from bot.desk.settle_in import Upheaval, settle_in
from bot.store import arranging, changes, deal_facts, dealing, naming
from bot.store.changes import Source
from bot.store.deal_facts import Facts
from bot.store.engine import as_alchemy

Connection = psycopg.Connection[DictRow]

_NAMED: Final = 5
_PLAN_HOLDS: Final = timedelta(minutes=30)


def carry_out(bot: Bot, connection: Connection, by_id: int, decision: Decision) -> Decision:
    """The decision with all that its order leads to, and the order gone; by the person `by_id`."""
    order = decision.order
    if order is None:
        return decision
    with as_alchemy(bot.engine, connection) as alchemy:
        free = dealing.take_turn(alchemy)
    done = _Orders(bot, connection, by_id).do(order) if free else _reply(DealingBusy())
    return replace(decision, order=None) + done


def bring_back(bot: Bot, connection: Connection) -> int:
    """Put down leaves that have ended by themselves and tell it; how many people are back."""
    if not arranging.is_somebody_back(connection, bot.now()):
        return 0
    with as_alchemy(bot.engine, connection) as alchemy:
        if not dealing.take_turn(alchemy):
            return 0
    people = arranging.end_leaves(connection, bot.now())
    for person in people:
        back = _Orders(bot, connection, person).back(person)
        told = tuple(Tell(person, Role.LIAISON, reply) for reply in back.replies)
        source = Source(f"back:{token_hex(8)}", bot.now())
        changes.write(
            connection, Decision(back.changes, back.tells + told), source, bot.wording.say
        )
    return len(people)


def _reply(notice: planning.Notice) -> Decision:
    return Decision(replies=(notice,))


class _Orders:
    """One person's order, while it is carried out."""

    def __init__(self, bot: Bot, connection: Connection, by_id: int) -> None:
        self.bot, self.connection, self.by_id, self.now = bot, connection, by_id, bot.now()

    def do(self, order: Order) -> Decision:
        match order:
            case TakeLeave():
                return self.leave(order)
            case EndLeave():
                return self.come_back(order)
            case SetServing():
                return self.serve(order)
            case GiveHousehold():
                return self.give(order)
            case FreeHousehold():
                return self.free(order)
            case ShowPlan():
                return self.show_plan(order)
            case CarryOutPlan():
                return self.carry_out_plan(order)
            case ShowCoverage():
                facts = self.facts(order.communities)
                return _reply(planning.coverage_shown(self.connection, facts, order.under))
        assert_never(order)

    def leave(self, order: TakeLeave) -> Decision:
        person = order.person_id
        before = arranging.leave_of(self.connection, person, self.now)
        arranging.set_leave(self.connection, person, order.until)
        facts = self.facts_of(person)
        mine = [one.id for one in facts.households if one.liaison == person]
        news = Upheaval(facts, about=(person,))
        # Who says it once more is not told of by it again.
        followed = self.settled(news) if before != order.until else Decision()
        covered = arranging.covered(self.connection, mine)
        names = arranging.known(self.connection, {one.by for one in covered.values()})
        shares = Counter(names[one.by].name for one in covered.values())
        return followed + _reply(
            LeaveBegun(
                until=shown(order.until),
                homes=len(mine),
                covered=tuple(Share(name, count) for name, count in shares.items()),
                left=len(mine) - len(covered),
            )
        )

    def come_back(self, order: EndLeave) -> Decision:
        if arranging.leave_of(self.connection, order.person_id, self.now) is None:
            return _reply(NotOnLeave())
        arranging.set_leave(self.connection, order.person_id, None)
        return self.back(order.person_id)

    def back(self, person: int) -> Decision:
        """The leave is put down as over; its consequences."""
        facts = self.facts_of(person)
        mine = sum(one.liaison == person for one in facts.households)
        followed = self.settled(Upheaval(facts, about=(person,)))
        return followed + _reply(LeaveOver(mine))

    def serve(self, order: SetServing) -> Decision:
        person = order.person_id
        arranging.set_status(self.connection, person, serving=order.serving)
        told = frozenset[int]() if order.serving else frozenset({person})
        facts = self.facts((order.community,))
        dealt = deal(facts.households, facts.liaisons, flow.solve)
        followed = self.done(facts, dealt, "serving", (person,), told)
        theirs = [move for move in dealt.moved if person in (move.before, move.to)]
        heirs = {move.to for move in theirs if move.to is not None} - {person}
        names = arranging.known(self.connection, heirs | {person})
        alone = sum(move.to is None for move in theirs)
        to = tuple(sorted(names[one].name for one in heirs))[:_NAMED]
        news = Tell(person, Role.LIAISON, ServesNow(order.serving, to))
        noted = _reply(ServingSet(names[person].name, order.serving, len(theirs), alone))
        return Decision(tells=() if person == self.by_id else (news,)) + followed + noted

    def give(self, order: GiveHousehold) -> Decision:
        household, person = order.household_id, order.person_id
        before = self.facts((order.community,))
        was = next((one.liaison for one in before.households if one.id == household), None)
        arranging.give(self.connection, household, person, self.by_id, self.now)
        moved = () if was == person else (Move(household, was, person, Why.CHOSEN),)
        followed = self.settled(Upheaval(self.facts((order.community,)), moved))
        names = arranging.known(self.connection, [one for one in (was, person) if one])
        leave = names[person].leave_until
        given = Given(
            self.door(household),
            names[person].name,
            names[was].name if was and was != person else None,
            away=leave is not None and leave > self.now,
        )
        return followed + _reply(given)

    def free(self, order: FreeHousehold) -> Decision:
        was_fixed = arranging.free(self.connection, order.household_id)
        return _reply(Freed(self.door(order.household_id), was_fixed))

    def show_plan(self, order: ShowPlan) -> Decision:
        facts = self.facts(order.communities)
        dealt = deal(facts.households, facts.liaisons, flow.solve)
        arranging.drop_plan(self.connection, self.by_id)
        if not dealt.moved:
            return _reply(PlanNothing(len(facts.households), len(dealt.uncovered)))
        until = self.now + _PLAN_HOLDS
        plan = planning.plan_shown(self.connection, facts, dealt, order.under, until, self.now)
        if plan.mine:
            mark = planning.fingerprint(facts)
            communities = order.communities
            arranging.keep_plan(self.connection, self.by_id, communities, mark, self.now, until)
        return _reply(plan)

    def carry_out_plan(self, order: CarryOutPlan) -> Decision:
        arranging.drop_plan(self.connection, self.by_id)
        facts = self.facts(order.communities)
        if planning.fingerprint(facts) != order.fingerprint:
            return _reply(PlanStale())
        dealt = deal(facts.households, facts.liaisons, flow.solve)
        moved = [move.household for move in dealt.moved]
        if not naming.all_under(self.connection, moved, order.under):
            return _reply(PlanStale())  # they serve elsewhere since they asked
        followed = self.done(facts, dealt, "plan")
        first = sum(move.before is None for move in dealt.moved)
        done = PlanDone(len(dealt.moved) - first, first, len(dealt.uncovered))
        return followed + _reply(done)

    # --- steps ---

    def facts(self, communities: Collection[str]) -> Facts:
        with as_alchemy(self.bot.engine, self.connection) as alchemy:
            return deal_facts.within(
                alchemy, self.now, deal_facts.communities(alchemy, communities)
            )

    def facts_of(self, person: int) -> Facts:
        """Where this liaison serves or has households; nothing of somebody who is staff only."""
        with as_alchemy(self.bot.engine, self.connection) as alchemy:
            communities = deal_facts.communities_of(alchemy, [person])
            return deal_facts.within(alchemy, self.now, communities)

    def done(
        self,
        facts: Facts,
        dealt: Deal,
        by: str,
        about: tuple[int, ...] = (),
        told: frozenset[int] = frozenset(),
    ) -> Decision:
        """`told`: who hears of it otherwise."""
        with as_alchemy(self.bot.engine, self.connection) as alchemy:
            dealing.write(alchemy, dealt, self.now, by)
        households = [move.household for move in dealt.moved]
        arranging.sign(self.connection, households, self.by_id, self.now)
        return self.settled(Upheaval(facts, dealt.moved, about), told)

    def settled(self, upheaval: Upheaval, told: frozenset[int] = frozenset()) -> Decision:
        but = (frozenset(upheaval.about) & {self.by_id}) | told
        return settle_in(self.bot, self.connection, upheaval, but)

    def door(self, household: int) -> str:
        return arranging.homes(self.connection, [household], self.now)[household].door
