"""fhirgate: finds oligoprogression in an EHR's own FHIR data, and says why."""

__version__ = "0.1.0"
