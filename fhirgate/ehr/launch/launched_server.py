"""The EHR of a launch, read with the clinician's token: one patient, and nothing outside the server's own base."""

from dataclasses import dataclass

from fhirgate.ehr.capability import Capability
from fhirgate.ehr.paging import under_base
from fhirgate.ehr.record import ServerRecords
from fhirgate.ehr.rest import FhirServer, Visit
from fhirgate.errors import EhrForbiddenAddress, UnknownResource
from fhirgate.outbound.address import address_of
from fhirgate.outbound.answer import Answer
from fhirgate.outbound.call import Call
from fhirgate.services.fetch_record import Fetched


@dataclass(slots=True, kw_only=True)
class LaunchedServer(FhirServer):
    """A server with a launch's token. What it can do is read once for all launches."""

    common: FhirServer

    def send(self, call: Call, until: float) -> Answer:
        """As `FhirServer.send`, and only under the base: beside it may be another customer of the same host (C2-11)."""
        base = self.entry.base_url
        url = address_of(self.entry.name, base, call.url)
        try:
            under_base(base, base, url)
        except ValueError as error:
            raise EhrForbiddenAddress(
                f"a URL for server {self.entry.name!r} is refused with a launch's token: {error}"
            ) from None
        return FhirServer.send(self, call, until)

    def capability(self, visit: Visit) -> Capability:
        """See `FhirServer.capability`."""
        return self.common.capability(visit)


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchRecords:
    """The record of the patient of one launch, whoever else the clinician may see."""

    server: LaunchedServer
    patient: str

    def fetch(self, patient_id: str) -> Fetched:
        """See `RecordSource.fetch`; any other patient is not there."""
        if patient_id != self.patient:
            raise UnknownResource("this launch is for another patient; launch from the chart of that one")
        return ServerRecords(self.server).fetch(patient_id)
