"""What people's acts allow to be pushed, consents, and how pushed notices ended.

The version before goes on working beside it: new columns may stay empty, and what it does not
know it leaves alone.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
# What was noted of whoever was there lately; where that is too much, WeChat's refusal corrects it.
_WROTE = """
update people set wrote_at = array[last_said_at]
where last_said_at > now() - interval '48 hours' and unfollowed_at is null
"""


def upgrade() -> None:
    op.add_column("people", sa.Column("wrote_at", postgresql.ARRAY(_MOMENT), nullable=True))
    op.add_column("people", sa.Column("touched", sa.Text(), nullable=True))
    op.add_column("people", sa.Column("touched_at", _MOMENT, nullable=True))
    op.execute(_WROTE)
    op.add_column("outbox", sa.Column("reference", sa.Text(), nullable=True))
    op.add_column(
        "outbox", sa.Column("unread", sa.Boolean(), server_default="false", nullable=False)
    )
    op.create_index(
        "ix_outbox_unread", "outbox", ["person_id", "id"], postgresql_where=sa.text("unread")
    )
    op.create_index(
        "ix_outbox_reference",
        "outbox",
        ["reference"],
        postgresql_where=sa.text("reference is not null"),
    )
    op.add_column("sends", sa.Column("about", sa.Text(), nullable=True))
    op.add_column("sends", sa.Column("messages", sa.Integer(), server_default="1", nullable=False))
    _create_consents()
    _create_endings()


def _create_consents() -> None:
    op.create_table(
        "consents",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("template_id", sa.Text(), nullable=False),
        sa.Column("remaining", sa.Integer(), nullable=False),
        sa.Column("lasting", sa.Boolean(), nullable=True),
        sa.Column("at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_consents_person_id")),
        sa.PrimaryKeyConstraint("person_id", "template_id", name=op.f("pk_consents")),
    )


def _create_endings() -> None:
    op.create_table(
        "endings",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("ending", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("template_id", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_endings_person_id")),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_endings")),
    )
    op.create_index("ix_endings_person_id", "endings", ["person_id"])
