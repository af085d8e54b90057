"""A route: where it is, who may call it, what answers, and what the OpenAPI document says of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import marshmallow as ma
from flask import Response

JSON = "application/json"


class Access(StrEnum):
    """Who may call."""

    OPEN = "open"
    """Anybody who reaches us: it tells nothing of patients and callers, and of servers names alone."""
    CALLER = "caller"
    """Whoever has a token."""
    BROWSER = "browser"
    """The browser session that a launch belongs to, by its cookie; its view looks, since it knows the launch."""


class Reader(StrEnum):
    """Who reads the answers."""

    PROGRAM = "program"
    """Failures are problem details."""
    PERSON = "person"
    """Failures are pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One way a route answers."""

    says: str
    content_type: str = JSON
    schema: type[ma.Schema] | None = None
    """None: its shape is fixed elsewhere."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Each with what it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A header that a route takes."""

    name: str
    says: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One row of the table."""

    rule: str
    """As Flask has it."""
    method: str
    name: str
    access: Access
    view: Callable[..., Response]
    """Given the gate, and the parts of the path by name."""
    summary: str
    answers: Mapping[int, Answer]
    """Those of its own; the ones that any route gives are added."""
    takes: type[ma.Schema] | None = None
    """The body."""
    headers: tuple[Header, ...] = ()
    reader: Reader = Reader.PROGRAM
    waits_for_ehr: bool = False
    """Whether the answer can take as long as an EHR does; so many of them are given at a time and no more."""
