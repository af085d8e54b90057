"""Results with their versions, the outbox with its channels, and jobs."""

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from fhirgate.store.tables import Instant

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

COUNT = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Apply."""
    _results()
    _outbox()
    _jobs()


def downgrade() -> None:
    """Undo."""
    for table in ("job", "message", "channel", "resource_version", "resource", "ledger"):
        op.drop_table(table)


def _results() -> None:
    ledger = op.create_table(
        "ledger",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("last_sequence", COUNT, nullable=False),
        sa.Column("last_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_ledger"),
        comment="One row, locked by whoever writes results: the last sequence given out, and when.",
    )
    start = {"name": "results", "last_sequence": 0, "last_at": datetime(1970, 1, 1, tzinfo=UTC)}
    op.bulk_insert(ledger, [start])
    op.create_table(
        "resource",
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("identifier_system", sa.Text, nullable=False),
        sa.Column("identifier_value", sa.Text, nullable=False),
        sa.Column("server", sa.Text, nullable=False),
        sa.Column("patient", sa.String(64), nullable=False),
        sa.Column("preset", sa.Text, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("sequence", COUNT, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("recorded_at", Instant, nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("type", "id", name="pk_resource"),
        sa.UniqueConstraint(
            "type",
            "identifier_system",
            "identifier_value",
            name="uq_resource_type_identifier_system_identifier_value",
        ),
        sqlite_with_rowid=False,
        comment="One row per resource: who it is, and which version is current.",
    )
    for columns in (
        ["server", "patient", "type", "recorded_at", "sequence"],
        ["type", "recorded_at", "sequence"],
        ["type", "state", "recorded_at", "sequence"],
    ):
        op.create_index(f"ix_resource_{'_'.join(columns)}", "resource", columns)
    op.create_table(
        "resource_version",
        sa.Column("sequence", COUNT, autoincrement=False, nullable=False),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("recorded_at", Instant, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_resource_version"),
        sa.UniqueConstraint("type", "id", "version", name="uq_resource_version_type_id_version"),
        sa.ForeignKeyConstraint(
            ["type", "id"], ["resource.type", "resource.id"], name="fk_resource_version_resource"
        ),
        comment="Every version of every resource, as the exact bytes composed. Only grows.",
    )


def _lease_columns() -> tuple[sa.Column[datetime], sa.Column[str], sa.Column[int]]:
    return (
        sa.Column("due_at", Instant),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("token", sa.Integer, nullable=False),
    )


def _outbox() -> None:
    op.create_table(
        "channel",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("last_number", COUNT, nullable=False),
        sa.Column("next_number", COUNT, nullable=False),
        *_lease_columns(),
        sa.PrimaryKeyConstraint("name", name="pk_channel"),
        sqlite_with_rowid=False,
        comment="A line to one destination: the last number given out, the next one to deliver. Idle: due_at is null.",
    )
    op.create_index("ix_channel_due_at_name", "channel", ["due_at", "name"])
    op.create_table(
        "message",
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("number", COUNT, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("settled_at", Instant),
        sa.Column("error", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("channel", "number", name="pk_message"),
        sa.ForeignKeyConstraint(["channel"], ["channel.name"], name="fk_message_channel"),
        sa.CheckConstraint("state IN ('waiting', 'done', 'dead')", name=op.f("ck_message_state")),
        sqlite_with_rowid=False,
        comment="The outbox. `about` are version names, a space between them.",
    )
    op.create_index("ix_message_about", "message", ["about"])
    is_dead = sa.text("state = 'dead'")
    op.create_index(
        "ix_message_dead", "message", ["channel", "number"], sqlite_where=is_dead, postgresql_where=is_dead
    )


def _jobs() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("steps_done", sa.Integer, nullable=False),
        sa.Column("steps", sa.Integer, nullable=False),
        sa.Column("results", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("started_at", Instant),
        sa.Column("finished_at", Instant),
        *_lease_columns(),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sa.CheckConstraint("status IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_job_status")),
        comment="What callers asked for. Finished: due_at is null.",
    )
    op.create_index("ix_job_due_at_id", "job", ["due_at", "id"])
