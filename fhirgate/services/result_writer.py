"""What writing results to an EHR needs from outside, and how each resource fared there."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import msgspec

from fhirgate.services.ports import ResourceName, Stored


class Fate(StrEnum):
    """What became of a resource on the server."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    """The server's copy says the same already; nothing was sent."""
    LEFT = "left"
    """A person has acted on the server's copy since: it is theirs, and was not touched."""
    NOT_TAKEN = "not taken"
    """The server does not take resources of this type; it stays in our store alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One resource of ours, and where it stands on the server."""

    name: ResourceName
    """Ours."""
    fate: Fate
    reference: str = ""
    """The server's copy with its version, such as `RiskAssessment/12/_history/3`; empty when there is none."""
    why: str = ""
    """Why not, or what the server made of it otherwise than written, in words without patient data; mostly empty."""


def fate_text(written: Written) -> str:
    """How one resource fared, as the outbox keeps it."""
    told = (written.name.type, written.name.id, written.fate, written.reference, written.why)
    return msgspec.json.encode(told).decode()


def read_fate(text: str) -> Written:
    """How the resource fared that was told so."""
    kind, logical_id, fate, reference, why = msgspec.json.decode(text, type=tuple[str, str, Fate, str, str])
    return Written(name=ResourceName(kind, logical_id), fate=fate, reference=reference, why=why)


class ResultWriter(Protocol):
    """A server that results can be written to."""

    def write(self, results: Sequence[Stored]) -> tuple[Written, ...]:
        """Make the server hold these versions, one current copy of each, and read them back.

        The results refer to each other by type and id as they do in our store; on the server they refer to
        its own copies. Doing it again changes nothing, also after a crash or a lost reply. Raises EhrError
        when it cannot be told that all of them are there; then it is to be done again.
        """
        ...
