"""Words to the user beside the result, on standard error."""

from collections.abc import Sequence

import click

MOST_LINES = 20


def say(words: str) -> None:
    """One message; what is in it, such as a file's name, does not steer the terminal."""
    shown = "".join(
        each if each.isprintable() or each == "\n" else "\N{REPLACEMENT CHARACTER}" for each in words
    )
    click.echo(f"fhirgate: {shown}", err=True)


def say_all(messages: Sequence[str]) -> None:
    """The first messages of many, and how many more there are."""
    for each in messages[:MOST_LINES]:
        say(each)
    if len(messages) > MOST_LINES:
        say(f"... and {len(messages) - MOST_LINES} more like these")
