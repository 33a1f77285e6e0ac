"""Which households staff gave to a liaison by hand; the dealer leaves them there.

The version before goes on working beside it: it reads no such column, and what it writes is not
by hand.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "assignments", sa.Column("fixed", sa.Boolean(), nullable=False, server_default="false")
    )
