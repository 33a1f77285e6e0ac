"""The duty roster's part of the schema: who of a unit's staff is on duty when, and which gaps
the unit was told of. Knows no rules.

Duty is on a day or every weekday (0: Monday); minutes since midnight, beyond 1440 on the next day.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
)

from bot.store.tables import metadata

duties = Table(
    "duties",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("unit_id", BigInteger, ForeignKey("units.id"), nullable=False),
    Column("person_id", BigInteger, ForeignKey("people.id"), nullable=False),
    Column("day", Date),
    Column("weekday", Integer),
    Column("opens", Integer, nullable=False),
    Column("closes", Integer, nullable=False),
    CheckConstraint("(day is null) <> (weekday is null)", name="when"),
    CheckConstraint(
        "0 <= opens and opens < 1440 and opens < closes and closes <= opens + 1440", name="hours"
    ),
    Index("ix_duties_person", "person_id", "unit_id"),
)

duty_gaps = Table(
    "duty_gaps",
    metadata,
    Column("unit_id", BigInteger, ForeignKey("units.id"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("opens", Integer, primary_key=True),
    Column("closes", Integer, primary_key=True),
    Column("told_on", Date, nullable=False),
)
