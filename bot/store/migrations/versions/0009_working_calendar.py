"""The working calendar as tables, and which due times were estimated beyond its horizon.

The version before goes on working beside it: it reckons with its package's days and marks nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_years",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_calendar_years")),
    )
    op.create_table(
        "calendar_days",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("off", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["year"], ["calendar_years.year"], name=op.f("fk_calendar_days_year")
        ),
        sa.PrimaryKeyConstraint("year", "day", name=op.f("pk_calendar_days")),
    )
    op.add_column("issues", sa.Column("estimated_after", sa.Date(), nullable=True))
    op.create_index(
        "ix_issues_estimated",
        "issues",
        ["estimated_after"],
        postgresql_where=sa.text("estimated_after is not null"),
    )
