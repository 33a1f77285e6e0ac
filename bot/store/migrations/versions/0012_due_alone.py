"""The index of due times serves who asks for due times alone.

With a predicate like the other indexes' of open issues the planner took it for any of them, while
those were few, and went through all that is open to find what one person holds. The version before
asks by `due_at <=`, which this one answers as well.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_OPEN = "state in ('waiting', 'in_hand', 'resolved')"


def upgrade() -> None:
    # Made beside the old one, so that whoever reads is held up only while they change places.
    op.create_index(
        "ix_issues_due_alone",
        "issues",
        ["due_at"],
        postgresql_where=sa.text(f"{_OPEN} and due_at is not null"),
    )
    op.drop_index("ix_issues_due", table_name="issues")
    op.execute("alter index ix_issues_due_alone rename to ix_issues_due")
