"""Gaps in the duty roster: each unit is told of those of the coming week, and of each once."""

from collections.abc import Iterator
from datetime import date

import psycopg
from psycopg.rows import DictRow

from bot.bootstrap import Bot
from bot.core.decision import Decision, Tell
from bot.core.duty import Gap, gaps, news
from bot.core.notices import DutyGap, GapLine
from bot.core.people import Server, not_property
from bot.core.quiet import rested
from bot.core.standing import Terms
from bot.core.workdays import CHINA
from bot.desk.nudge import DELIVER, nudge
from bot.store import changes, duties, places
from bot.store.changes import Source
from bot.store.duties import Told, UnitDuties
from bot.store.engine import transaction
from bot.store.places import Spot

_SHOWN = 7


def report_gaps(bot: Bot) -> int:
    """Tell whoever is first there of each unit that has gaps it was not told of; how many units."""
    now = bot.now()
    with transaction(bot.engine) as connection:
        terms = Terms(bot.ladder, bot.calendars.current(connection), now)
        today = now.astimezone(CHINA).date()
        told = [
            (rested(decision, terms), Source(key, now))
            for decision, key in _reports(connection, terms, today)
        ]
        changes.write_all(connection, told, bot.wording.say)
        duties.forget(connection, today)
    if told:
        nudge(bot, DELIVER)
    return len(told)


def _reports(
    connection: psycopg.Connection[DictRow], terms: Terms, today: date
) -> Iterator[tuple[Decision, str]]:
    """What each unit is told, noted as told, with the key that makes it so once."""
    units = duties.by_unit(connection, today)
    before = duties.told(connection, [one.unit_id for one in units])
    fresh = [(one, _news(one, before.get(one.unit_id, Told()), today)) for one in units]
    lacking = [(one, gaps) for one, gaps in fresh if gaps]
    there = places.ask(connection, [Spot(one.unit_id) for one, _ in lacking], terms.now)
    for one, lacks in lacking:
        reader = _reader(one, there.at(Spot(one.unit_id)).staff)
        noted = duties.note(connection, one.unit_id, lacks, today) if reader else ()
        if reader and noted:
            key = f"duty:{one.unit_id}:{noted[0].day}:{noted[0].opens}"
            yield _told(one, noted, reader), key


def _news(one: UnitDuties, before: Told, today: date) -> tuple[Gap, ...]:
    return news(gaps(one.rows, today, one.away), before.gaps, before.on, today)


def _reader(one: UnitDuties, staff: tuple[Server, ...]) -> Server | None:
    own = tuple(server for server in staff if server.unit_id == one.unit_id and server.there)
    return next(iter(not_property(own) or own), None)


def _told(one: UnitDuties, lacks: tuple[Gap, ...], reader: Server) -> Decision:
    lines = tuple(GapLine(gap.day, gap.hours) for gap in lacks[:_SHOWN])
    notice = DutyGap(one.name, lines, max(len(lacks) - _SHOWN, 0))
    return Decision(tells=(Tell(reader.person_id, reader.role, notice),))
