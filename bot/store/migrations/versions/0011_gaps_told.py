"""Which gaps of the duty roster a unit was told of, so that each is told once.

The version before goes on working beside it: it reads and writes none of this.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "duty_gaps",
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_duty_gaps_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "day", "opens", "closes", name=op.f("pk_duty_gaps")),
    )
