"""One drawing of the review page: everything it stands on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.follow_up import FollowUp
from fhirgate.services.assess_record import PatientResult
from fhirgate.services.assessment_jobs import WriteBack
from fhirgate.services.decisions import Decided
from fhirgate.services.fetch_record import Fetched
from fhirgate.services.launches import Launch


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Everything one drawing of the review page stands on."""

    launch: Launch
    fetched: Fetched
    result: PatientResult
    """An assessment for each preset that is offered, in the order of the presets."""
    preset: str
    """The one the page speaks of."""
    as_of: date
    follow_up: FollowUp | None
    """What is proposed under the preset; None when nothing is."""
    digest: str
    """Of what a decision on this page would be about: the result and the proposal, whatever the time."""
    decided: Decided | None
    """The decision on this proposal that stands already."""
    decided_before: Decided | None = None
    """The last decision on an earlier version of this proposal; what is drawn here has changed since."""
    why_no_decision: str
    """Why this person cannot decide here, in words; empty when they can, or when there is nothing to decide."""
    written: WriteBack
    """How far the results have come on their way to the EHR."""
    person: Mapping[str, Any] | None = field(repr=False)
    """The FHIR resource of who launched, as received; None when it cannot be read."""

    @property
    def assessment(self) -> Assessment:
        """That of the preset the page speaks of."""
        return next(each for each in self.result.assessments if each.preset == self.preset)
