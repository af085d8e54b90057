"""What the caller of a job is told, what kind of failure it was, and what a destination did with a message."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Apply."""
    op.add_column("job", sa.Column("category", sa.String(32), nullable=False, server_default=""))
    op.add_column("job", sa.Column("answer", sa.LargeBinary))
    op.add_column("message", sa.Column("fate", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    """Undo."""
    op.drop_column("message", "fate")
    op.drop_column("job", "answer")
    op.drop_column("job", "category")
