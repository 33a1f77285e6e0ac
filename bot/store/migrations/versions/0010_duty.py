"""Who is on duty when, and how often an issue was handed over without being taken.

The version before goes on working beside it: it reads and writes none of this.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "duties",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.CheckConstraint("(day is null) <> (weekday is null)", name=op.f("ck_duties_when")),
        sa.CheckConstraint(
            "0 <= opens and opens < 1440 and opens < closes and closes <= opens + 1440",
            name=op.f("ck_duties_hours"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_duties_unit_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_duties_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duties")),
    )
    op.create_index("ix_duties_person", "duties", ["person_id", "unit_id"])
    op.add_column(
        "issues", sa.Column("handed_over", sa.Integer(), server_default="0", nullable=False)
    )
