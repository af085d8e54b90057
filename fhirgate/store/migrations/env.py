"""Run by Alembic with a connection that `store.upgrade` hands in; the transaction is the caller's."""

from alembic import context

from fhirgate.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
