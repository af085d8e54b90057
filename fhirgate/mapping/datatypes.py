"""FHIR data types as they arrive: plain dicts and lists of unknown quality, read without trust."""

from typing import NamedTuple


class Coding(NamedTuple):
    """One code with its system and display; empty strings where the record gives none."""

    system: str
    code: str
    display: str = ""
