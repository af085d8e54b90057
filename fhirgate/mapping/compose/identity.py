"""Who a result is: the same patient, cancer, scan, kind and preset always give the same identifier."""

import json
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from uuid import NAMESPACE_URL, uuid5

from fhirgate.mapping.canonical import BASE, BUNDLE_IDENTIFIERS, PLAN_IDENTIFIERS, RESULT_IDENTIFIERS
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.follow_up import primary_of


class Kind(StrEnum):
    """What is identified."""

    RESULT = "result"
    PLAN = "plan"
    BUNDLE = "bundle"


_SYSTEMS = {
    Kind.RESULT: RESULT_IDENTIFIERS,
    Kind.PLAN: PLAN_IDENTIFIERS,
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


def identity(assessment: Assessment, kind: Kind) -> Identity:
    """Who the result of an assessment is.

    The key is a hash of patient, cancer, date of the index scan, kind and preset; rules version, policy and
    date of judgement are left out, so that a re-run supersedes. Without a scan the index date is empty.
    """
    primary = primary_of(assessment.diagnoses)
    now = assessment.current.assessed
    facts = (
        assessment.patient.id,
        primary.id if primary else "",
        str(now.timepoint.date) if now else "",
        kind.value,
        assessment.preset,
    )
    return Identity(kind=kind, key=sha256(json.dumps(facts).encode()).hexdigest())
