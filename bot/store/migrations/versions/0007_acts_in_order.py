"""Finding what of a person's acts still waits to be brought in.

The version before goes on working beside it: it does not look, and brings in what waits.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_inbox_person_waiting",
        "inbox",
        ["openid", "received_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
