"""`fhirgate db`: set up and upgrade the database that holds results, deliveries and jobs."""

import click

from fhirgate.cli.database import DATABASE, chosen
from fhirgate.store.engine import Database, open_database
from fhirgate.store.upgrade import current_revision, newest_revision, require_current
from fhirgate.store.upgrade import upgrade as upgrade_tables


@click.group(name="db", short_help="Set up or upgrade the database.")
def command() -> None:
    """Set up the database, or bring it to this version of fhirgate.

    \b
    fhirgate db upgrade
    fhirgate db current
    """


@command.command(short_help="Create or upgrade the tables.")
@DATABASE
def upgrade(database: str | None) -> None:
    """Create the tables, or bring them to this version. All of it happens, or nothing."""
    opened = open_database(chosen(database))
    upgrade_tables(opened)
    click.echo(_where(opened))
    opened.close()


@command.command(short_help="Say which revision the database is at.")
@DATABASE
def current(database: str | None) -> None:
    """Say which revision the database is at; status 2 if `fhirgate db upgrade` is needed first."""
    opened = open_database(chosen(database))
    click.echo(_where(opened))
    require_current(opened)
    opened.close()


def _where(database: Database) -> str:
    return f"{database.name}: revision {current_revision(database) or 'none'}, newest {newest_revision()}"
