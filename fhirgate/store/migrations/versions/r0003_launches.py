"""Launches out of an EHR: those that wait for their callback, and those that were let in."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from fhirgate.store.tables import Instant

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "launch_pending",
        sa.Column("state_sha256", sa.String(64), nullable=False),
        sa.Column("ends_at", Instant, nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("state_sha256", name="pk_launch_pending"),
        comment="Launches that wait for their callback, each taken once. Sealed under the key of that name.",
    )
    op.create_table(
        "launch_session",
        sa.Column("id_sha256", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("ends_at", Instant, nullable=False),
        sa.Column("renewing_until", Instant),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id_sha256", name="pk_launch_session"),
        comment="Launches that were let in, with their tokens. Sealed under the key of that name.",
    )
    for table in ("launch_pending", "launch_session"):
        op.create_index(f"ix_{table}_ends_at", table, ["ends_at"])


def downgrade() -> None:
    """Undo."""
    for table in ("launch_session", "launch_pending"):
        op.drop_table(table)
