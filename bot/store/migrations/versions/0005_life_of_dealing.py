"""Who covers whom on leave, who had a household dealt, plans that wait for a yes.

The version before goes on working beside it: it reads and writes none of this.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_CURRENT = sa.text("until is null")
_ON_LEAVE = sa.text("leave_until is not null")


def upgrade() -> None:
    op.add_column("assignments", sa.Column("by_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_assignments_by_id"), "assignments", "people", ["by_id"], ["id"])
    _create_covers()
    _create_plans()
    for table in ("liaisons", "staff"):
        op.create_index(f"ix_{table}_leave", table, ["leave_until"], postgresql_where=_ON_LEAVE)


def _create_covers() -> None:
    op.create_table(
        "covers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("household_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("for_id", sa.BigInteger(), nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=False),
        sa.Column("until", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["household_id"], ["households.id"], name=op.f("fk_covers_household_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_covers_person_id")),
        sa.ForeignKeyConstraint(["for_id"], ["people.id"], name=op.f("fk_covers_for_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_covers")),
    )
    op.create_index(
        "uq_covers_current", "covers", ["household_id"], unique=True, postgresql_where=_CURRENT
    )
    op.create_index("ix_covers_person", "covers", ["person_id"], postgresql_where=_CURRENT)
    op.create_index("ix_covers_for", "covers", ["for_id"], postgresql_where=_CURRENT)


def _create_plans() -> None:
    op.create_table(
        "plans",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("communities", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_plans_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_plans")),
    )


def downgrade() -> None:
    for table in ("liaisons", "staff"):
        op.drop_index(f"ix_{table}_leave", table)
    op.drop_table("plans")
    op.drop_table("covers")
    op.drop_column("assignments", "by_id")
