"""What a clinician decides about a proposal: the choices there are, who decides, and what was decided.

Values only: `reviews` draws and decides, `mapping.compose.decision` makes resources of it, pages show it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from fhirgate.errors import InvalidRequest, VersionConflict
from fhirgate.services.ports import VersionName


class Act(StrEnum):
    """What is done with a proposal."""

    ACCEPT = "accept"
    """As it stands."""
    AMEND = "amend"
    """With a choice of lesions and of local therapies to discuss."""
    DISMISS = "dismiss"


class LocalTherapy(StrEnum):
    """A local therapy that a tumour board can discuss."""

    STEREOTACTIC = "stereotactic-radiotherapy"
    RADIOTHERAPY = "radiotherapy"
    ABLATION = "ablation"
    SURGERY = "surgery"


class Reason(StrEnum):
    """Why a proposal is dismissed."""

    STATE = "state"
    """The person judges the state otherwise."""
    DATA = "data"
    """What it rests on is wrong or not complete."""
    NOT_SUITABLE = "not-suitable"
    """Local therapy does not suit this patient."""
    WISH = "wish"
    """The patient does not wish it."""
    DONE = "done"
    """Decided or treated already."""
    OTHER = "other"
    """As the comment says, which then must be there."""


LONGEST_COMMENT = 2000
"""Characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person decides, as the form of a page says it."""

    act: Act
    preset: str
    shown: str
    """The digest of what the person saw (`reviews.Drawn.digest`)."""
    lesions: tuple[str, ...] = ()
    """Of `AMEND`: ids of the lesions to take to the board, some of those proposed."""
    therapies: tuple[LocalTherapy, ...] = ()
    """Of `AMEND`: what to discuss for them; empty leaves it open."""
    reason: Reason | None = None
    """Of `DISMISS`."""
    comment: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """The person who decides, as resources refer to them."""

    reference: str = field(default="", repr=False)
    """`Practitioner/7` on the EHR's server, or a whole URL; empty when only the identifier is known."""
    identifier: tuple[str, str] = field(default=("", ""), repr=False)
    """Issuer and subject of the id_token."""
    name: str = field(default="", repr=False)
    """As people read it; empty when the EHR does not let it be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision that stands, read from the resources that hold it."""

    act: Act
    at: datetime
    by: str = field(repr=False)
    """Name, or the reference where no name is known."""
    reason: Reason | None = None
    comment: str = field(default="", repr=False)
    lesions: tuple[str, ...] = ()
    """What an amended plan takes to the board, in words: one for each lesion."""
    proposal: VersionName
    """The proposal as it was closed."""
    plan: VersionName | None = None
    """The person's own plan; None when it was dismissed."""


class DecisionRefused(InvalidRequest):
    """The form cannot be taken as it is; says what to do."""


class DecidedAlready(VersionConflict):
    """Somebody has decided on the same proposal meanwhile."""


class RecordChanged(VersionConflict):
    """The record, or what is concluded from it, is not what the person saw; nothing was decided."""
