"""Words to the user beside the result, on standard error."""

from collections.abc import Sequence

import click

MOST_LINES = 20


def say(words: str) -> None:
    """One message."""
    click.echo(f"fhirgate: {words}", err=True)


def say_all(messages: Sequence[str]) -> None:
    """The first messages of many, and how many more there are."""
    for each in messages[:MOST_LINES]:
        say(each)
    if len(messages) > MOST_LINES:
        say(f"... and {len(messages) - MOST_LINES} more like these")
