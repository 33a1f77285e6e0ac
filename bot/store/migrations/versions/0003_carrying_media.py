"""The files of pictures, voice and videos, and to whom each was shown.

The version before goes on working beside it: it writes neither table, and what it keeps as a
message meanwhile stays what it was there, words that stand for a picture.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
# What came lately is still to be had at WeChat.
_FETCH_LATE = """
insert into media (message_id, kind, media_id, media_id_16k, thumb_media_id, received_at,
    expires_at, state, next_at)
select id, kind, carried ->> 'media_id', carried ->> 'media_id_16k', carried ->> 'thumb_media_id',
    at, at + interval '72 hours', 'waiting', now()
from messages
where kind in ('picture', 'voice', 'video') and carried ? 'media_id'
    and at > now() - interval '72 hours'
"""


def upgrade() -> None:
    _create_media()
    _create_showings()
    op.execute(_FETCH_LATE)


def _create_media() -> None:
    op.create_table(
        "media",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("media_id", sa.Text(), nullable=False),
        sa.Column("media_id_16k", sa.Text(), nullable=True),
        sa.Column("thumb_media_id", sa.Text(), nullable=True),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stored", sa.Text(), nullable=True),
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", _MOMENT, nullable=True),
        sa.Column("sent_id", sa.Text(), nullable=True),
        sa.Column("sent_until", _MOMENT, nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.CheckConstraint("kind in ('picture', 'voice', 'video')", name=op.f("ck_media_kind")),
        sa.CheckConstraint("state in ('waiting', 'kept', 'failed')", name=op.f("ck_media_state")),
        sa.CheckConstraint(
            "(state = 'kept') = (stored is not null)", name=op.f("ck_media_stored_when_kept")
        ),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_media_message_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_media")),
    )
    for state, column in (("waiting", "next_at"), ("failed", "received_at")):
        where = sa.text(f"state = '{state}'")
        op.create_index(f"ix_media_{state}", "media", [column], postgresql_where=where)


def _create_showings() -> None:
    op.create_table(
        "showings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=True),
        sa.Column("next_at", _MOMENT, nullable=True),
        sa.Column("lease_until", _MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("shown_at", _MOMENT, nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state in ('waiting', 'shown', 'unknown', 'failed')", name=op.f("ck_showings_state")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_showings_message_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_showings_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_showings")),
        sa.UniqueConstraint(
            "message_id", "person_id", name=op.f("uq_showings_message_id_person_id")
        ),
    )
    for name, column in (("waiting", "next_at"), ("person_waiting", "person_id")):
        where = sa.text("state = 'waiting'")
        op.create_index(f"ix_showings_{name}", "showings", [column], postgresql_where=where)
