"""What a notice says as facts, so that one that goes out late can be said anew.

The version before writes none and reads none: its notices go out as they were worded.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("facts", postgresql.JSONB(), nullable=True))
