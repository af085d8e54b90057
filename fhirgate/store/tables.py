"""The tables. Their first revision stands in `migrations`; a test holds the two equal on both databases."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeEngine


# All rows of a transaction have the same few.
@lru_cache(maxsize=64)
def _text_of(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


class Instant(TypeDecorator[datetime]):
    """An aware instant, read back in UTC. In SQLite it is text of fixed width, so that it sorts as time does."""

    impl = String(32)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column's own type."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(String(32))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """The value to write. Raises ValueError when it has no time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone cannot be stored")
        return value if dialect.name == "postgresql" else _text_of(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """The instant that was written."""
        if value is None:
            return None
        return (value if isinstance(value, datetime) else datetime.fromisoformat(value)).astimezone(UTC)


Count = BigInteger().with_variant(Integer, "sqlite")
"""In SQLite only a primary key called INTEGER is the row's own number."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

ledger = Table(
    "ledger",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("last_sequence", Count, nullable=False),
    Column("last_at", Instant, nullable=False),
    comment="One row, locked by whoever writes results: the last sequence given out, and when.",
)

resource = Table(
    "resource",
    metadata,
    Column("type", String(64), nullable=False),
    Column("id", String(64), nullable=False),
    Column("identifier_system", Text, nullable=False),
    Column("identifier_value", Text, nullable=False),
    Column("server", Text, nullable=False),
    Column("patient", String(64), nullable=False),
    Column("preset", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sequence", Count, nullable=False),
    Column("state", Text, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("content_sha256", String(64), nullable=False),
    PrimaryKeyConstraint("type", "id"),
    UniqueConstraint("type", "identifier_system", "identifier_value"),
    # Without statistics SQLite takes an index that gives the order before one that only finds the patient.
    Index(None, "server", "patient", "type", "recorded_at", "sequence"),
    Index(None, "type", "recorded_at", "sequence"),
    Index(None, "type", "state", "recorded_at", "sequence"),
    sqlite_with_rowid=False,
    comment="One row per resource: who it is, and which version is current.",
)

resource_version = Table(
    "resource_version",
    metadata,
    Column("sequence", Count, primary_key=True, autoincrement=False),
    Column("type", String(64), nullable=False),
    Column("id", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("type", "id", "version"),
    ForeignKeyConstraint(["type", "id"], ["resource.type", "resource.id"]),
    comment="Every version of every resource, as the exact bytes composed. Only grows.",
)


def _lease_columns() -> tuple[Column[Any], ...]:
    """What `leases` works on."""
    return (
        Column("due_at", Instant),
        Column("worker", Text, nullable=False),
        Column("token", Integer, nullable=False),
    )


channel = Table(
    "channel",
    metadata,
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("last_number", Count, nullable=False),
    Column("next_number", Count, nullable=False),
    *_lease_columns(),
    PrimaryKeyConstraint("name"),
    Index(None, "due_at", "name"),
    sqlite_with_rowid=False,
    comment="A line to one destination: the last number given out, the next one to deliver. Idle: due_at is null.",
)

message = Table(
    "message",
    metadata,
    Column("channel", Text, nullable=False),
    Column("number", Count, nullable=False),
    Column("about", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("settled_at", Instant),
    Column("error", Text, nullable=False),
    Column("fate", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("channel", "number"),
    ForeignKeyConstraint(["channel"], ["channel.name"]),
    CheckConstraint("state IN ('waiting', 'done', 'dead')", name="state"),
    Index(None, "about"),
    Index(
        "ix_message_dead",
        "channel",
        "number",
        sqlite_where=text("state = 'dead'"),
        postgresql_where=text("state = 'dead'"),
    ),
    sqlite_with_rowid=False,
    comment="The outbox. `about` are version names, a space between them.",
)

job = Table(
    "job",
    metadata,
    Column("id", String(64), nullable=False),
    Column("kind", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("stage", Text, nullable=False),
    Column("steps_done", Integer, nullable=False),
    Column("steps", Integer, nullable=False),
    Column("results", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("finished_at", Instant),
    *_lease_columns(),
    Column("category", String(32), nullable=False, server_default=""),
    Column("answer", LargeBinary),
    PrimaryKeyConstraint("id"),
    CheckConstraint("status IN ('queued', 'running', 'done', 'failed')", name="status"),
    Index(None, "due_at", "id"),
    comment="What callers asked for. Finished: due_at is null.",
)

launch_pending = Table(
    "launch_pending",
    metadata,
    Column("state_sha256", String(64), nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("key", String(32), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("state_sha256"),
    Index(None, "ends_at"),
    comment="Launches that wait for their callback, each taken once. Sealed under the key of that name.",
)

launch_session = Table(
    "launch_session",
    metadata,
    Column("id_sha256", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("renewing_until", Instant),
    Column("key", String(32), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("id_sha256"),
    Index(None, "ends_at"),
    comment="Launches that were let in, with their tokens. Sealed under the key of that name.",
)
