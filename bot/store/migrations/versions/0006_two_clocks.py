"""Two clocks on an issue, how often it was put off, and when it is asked why it is not done yet.

The version before goes on working beside it: what it takes in hand has no `handle_by` and ends
at its due time, what it opens is not asked about in the evening.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_MOMENTS = ("handle_by", "unanswered_at", "day_due_at", "day_asked_at")


def upgrade() -> None:
    for name in _MOMENTS:
        op.add_column("issues", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "issues", sa.Column("extensions", sa.Integer(), server_default="0", nullable=False)
    )
    op.create_index(
        "ix_issues_day_due",
        "issues",
        ["day_due_at"],
        postgresql_where=sa.text("state in ('waiting', 'in_hand') and day_due_at is not null"),
    )
