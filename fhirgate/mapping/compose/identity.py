"""Who a result is: the same patient, cancer, scan, kind and preset always give the same identifier."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from uuid import NAMESPACE_URL, uuid5

from fhirgate.mapping.canonical import (
    BASE,
    BUNDLE_IDENTIFIERS,
    PLAN_IDENTIFIERS,
    PROVENANCE_IDENTIFIERS,
    RESULT_IDENTIFIERS,
    STATE_IDENTIFIERS,
)
from fhirgate.mapping.compose.occasion import Occasion
from fhirgate.oncology.assessment import Assessment, TimepointAssessment
from fhirgate.oncology.follow_up import primary_of
from fhirgate.oncology.source import Source


class Kind(StrEnum):
    """What is identified."""

    RESULT = "result"
    PLAN = "plan"
    STATE = "state"
    PROVENANCE = "provenance"
    BUNDLE = "bundle"


_SYSTEMS = {
    Kind.RESULT: RESULT_IDENTIFIERS,
    Kind.PLAN: PLAN_IDENTIFIERS,
    Kind.STATE: STATE_IDENTIFIERS,
    Kind.PROVENANCE: PROVENANCE_IDENTIFIERS,
    Kind.BUNDLE: BUNDLE_IDENTIFIERS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One thing we write: its kind, and the key that a re-run over the same scan meets again."""

    kind: Kind
    key: str

    @property
    def id(self) -> str:
        """The resource's logical id, a UUID made from the key."""
        return str(uuid5(NAMESPACE_URL, f"{BASE}/{self.kind}/{self.key}"))

    @property
    def url(self) -> str:
        """What other entries of a Bundle refer to."""
        return f"urn:uuid:{self.id}"

    @property
    def identifier(self) -> dict[str, str]:
        """The business identifier."""
        return {"system": _SYSTEMS[self.kind], "value": self.key}


def identity(assessment: Assessment, kind: Kind, tenant: str = "") -> Identity:
    """Who the result of an assessment is.

    The key is a hash of tenant (see `Occasion`), patient, cancer, date of the index scan, kind and preset; rules
    version, policy and date of judgement are left out, so that a re-run supersedes. Without a scan the index date
    is empty.
    """
    now = assessment.current.assessed
    return scan_identity(assessment, kind, str(now.timepoint.date) if now else "", tenant)


def state_identity(assessment: Assessment, at: TimepointAssessment, tenant: str = "") -> Identity:
    """Who the state of one timepoint is, in the same way."""
    return scan_identity(assessment, Kind.STATE, str(at.timepoint.date), tenant)


def provenance_identity(of: Identity, assessment: Assessment, occasion: Occasion) -> Identity:
    """Who the Provenance of one writing is: writing the same result at the same moment gives the same one."""
    facts = (of.key, assessment.as_of.isoformat(), occasion.instant, occasion.again)
    return Identity(kind=Kind.PROVENANCE, key=_hash(facts))


def retraction_identity(former: Sequence[Source], occasion: Occasion) -> Identity:
    """Who the Provenance of taking these results back is."""
    facts = ("retraction", occasion.instant, *map(str, former))
    return Identity(kind=Kind.PROVENANCE, key=_hash(facts))


def scan_identity(assessment: Assessment, kind: Kind, day: str, tenant: str = "") -> Identity:
    """Who the result of a scan of this assessment is, given the scan's date."""
    primary = primary_of(assessment.diagnoses)
    server = (tenant,) if tenant else ()
    facts = (
        *server,
        assessment.patient.id,
        primary.id if primary else "",
        day,
        kind.value,
        assessment.preset,
    )
    return Identity(kind=kind, key=_hash(facts))


def _hash(facts: tuple[object, ...]) -> str:
    return sha256(json.dumps(facts).encode()).hexdigest()
