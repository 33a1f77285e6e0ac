"""Gaps in the duty roster: each unit is told of those of the coming week, once in a week."""

from bot.bootstrap import Bot
from bot.core.decision import Decision, Tell
from bot.core.duty import Gap, gaps
from bot.core.notices import DutyGap, GapLine
from bot.core.people import Server, not_property
from bot.core.quiet import rested
from bot.core.standing import Terms
from bot.core.workdays import CHINA
from bot.desk.nudge import DELIVER, nudge
from bot.store import changes, duties, places
from bot.store.changes import Source
from bot.store.duties import UnitDuties
from bot.store.engine import transaction
from bot.store.places import Spot

_SHOWN = 7


def report_gaps(bot: Bot) -> int:
    """Tell whoever is first there of each unit with gaps; how many units have some."""
    now = bot.now()
    today = now.astimezone(CHINA).date()
    with transaction(bot.engine) as connection:
        terms = Terms(bot.ladder, bot.calendars.current(connection), now)
        found = [
            (one, gaps(one.rows, today, one.away)) for one in duties.by_unit(connection, today)
        ]
        lacking = [(one, gap) for one, gap in found if gap]
        there = places.ask(connection, [Spot(one.unit_id) for one, _ in lacking], now)
        told = [
            (rested(_told(one, lacks, there.at(Spot(one.unit_id)).staff), terms), _once(one, lacks))
            for one, lacks in lacking
        ]
        changes.write_all(
            connection,
            [(decision, Source(key, now)) for decision, key in told if decision.tells],
            bot.wording.say,
        )
    if told:
        nudge(bot, DELIVER)
    return len(told)


def _once(one: UnitDuties, lacks: tuple[Gap, ...]) -> str:
    """The outbox keeps one notice for a key: one a unit and week."""
    year, week, _ = lacks[0].day.isocalendar()
    return f"duty:{one.unit_id}:{year}-{week}"


def _told(one: UnitDuties, lacks: tuple[Gap, ...], staff: tuple[Server, ...]) -> Decision:
    own = (server for server in staff if server.unit_id == one.unit_id and server.there)
    first = next(iter(not_property(own)), None)
    if first is None:
        return Decision()
    lines = tuple(GapLine(gap.day, gap.hours) for gap in lacks[:_SHOWN])
    notice = DutyGap(one.name, lines, max(len(lacks) - _SHOWN, 0))
    return Decision(tells=(Tell(first.person_id, first.role, notice),))
