"""Kinds of values on the command line that click does not know."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import click

from fhirgate.oncology.progression.presets import PRESETS

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PICTURES = (".svg", ".png")

PRESET = click.Choice(list(PRESETS), case_sensitive=False)


def day(text: str) -> date:
    """A calendar day; a month alone is refused, because a judgement is made on a day."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise click.BadParameter(f"{text!r} is no day; expected one such as 2026-05-31")


def picture(text: str) -> Path:
    """The file of a picture, which says by its name what kind of picture it is."""
    path = Path(text)
    if path.suffix.lower() not in _PICTURES:
        raise click.BadParameter(f"{text!r} must end with {' or '.join(_PICTURES)}")
    return path


def today() -> str:
    """The calendar day where this computer stands: the only look at the clock."""
    return datetime.now(UTC).astimezone().date().isoformat()
