"""`fhirgate db`: set up and upgrade the database that holds results, deliveries and jobs."""

import click

from fhirgate.store.engine import DEFAULT_URL, Database, open_database
from fhirgate.store.upgrade import current_revision, newest_revision, require_current
from fhirgate.store.upgrade import upgrade as upgrade_tables

DATABASE = click.option(
    "--database",
    "url",
    metavar="URL",
    envvar="FHIRGATE_DATABASE_URL",
    default=DEFAULT_URL,
    show_default=True,
    show_envvar=True,
    help="sqlite:///FILE or postgresql://USER@HOST/NAME. A password is safer in the variable than here.",
)


@click.group(name="db", short_help="Set up or upgrade the database.")
def command() -> None:
    """Set up the database, or bring it to this version of fhirgate.

    \b
    fhirgate db upgrade
    fhirgate db current
    """


@command.command(short_help="Create or upgrade the tables.")
@DATABASE
def upgrade(url: str) -> None:
    """Create the tables, or bring them to this version. All of it happens, or nothing."""
    database = open_database(url)
    upgrade_tables(database)
    click.echo(_where(database))
    database.close()


@command.command(short_help="Say which revision the database is at.")
@DATABASE
def current(url: str) -> None:
    """Say which revision the database is at; status 2 if `fhirgate db upgrade` is needed first."""
    database = open_database(url)
    click.echo(_where(database))
    require_current(database)
    database.close()


def _where(database: Database) -> str:
    return f"{database.name}: revision {current_revision(database) or 'none'}, newest {newest_revision()}"
