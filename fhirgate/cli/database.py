"""The option that says which database, for commands that mostly do without one: it imports no driver."""

import os

import click

from fhirgate.config.database_url import FILE_VARIABLE, URL_VARIABLE, database_url

USUAL = "sqlite:///./fhirgate.db"
"""As `store.engine.DEFAULT_URL`."""

DATABASE = click.option(
    "--database",
    metavar="URL",
    show_default=USUAL,
    help="Where results are kept: sqlite:///FILE or postgresql://USER@HOST/NAME; also by the variable"
    f" {URL_VARIABLE}, or a file that {FILE_VARIABLE} names.",
)


def chosen(option: str | None) -> str:
    """The URL of the option, else of the environment, else the usual one. Raises ConfigurationError."""
    return option or database_url(os.environ) or USUAL
